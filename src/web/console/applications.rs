//! Which applications are there, and how is one? The list, and the view with clients and contracts (U24, U25, K37, K38).

use entity::application::ApplicationStatus;
use entity::client::ClientState;
use entity::id::ApplicationId;
use poem::web::Path;
use poem::{Response, handler};

use super::address::{self, APPLICATIONS, Place};
use super::contracts::{self, Side};
use super::desk::{Desk, Posted, identity};
use super::words;
use crate::oidc::client::record::Client;
use crate::portal::application::list::Filter;
use crate::portal::application::{self, Application, archive};
use crate::portal::{Action, Error, client, contract};
use crate::web::page::console::{Act, Cell, Fact, Link, Part, Section, Table, Tone};
use crate::web::shown::Shown;

/// All applications of the tenant; archived ones for those who ask for them.
#[handler]
pub async fn all(desk: Desk) -> Response {
    desk.answer(listed(&desk).await).await
}

async fn listed(desk: &Desk) -> Result<Response, Error> {
    desk.may(Action::ReadApplications)?;
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let archived = desk.asked("status") == Some("archived");
    let status = if archived { ApplicationStatus::Archived } else { ApplicationStatus::Active };
    let search = desk.sought();
    let filter = Filter { status: Some(status), search: search.clone(), ..Filter::default() };
    let listed = application::list::list(app, tenant, &desk.actor, &filter, &desk.wanted()).await?;
    let mut page = desk.page(Place::Applications, desk.say("console-applications")).await?;
    let (other, key) = match archived {
        true => ("", "console-applications-active"),
        false => ("?status=archived", "console-applications-archived"),
    };
    page.links.push(Link { href: desk.path(&format!("{APPLICATIONS}{other}")), words: desk.say(key).into() });
    let more = [("status", if archived { "archived" } else { "" }), ("search", search.as_deref().unwrap_or_default())];
    let table = Table {
        caption: desk.say("console-applications").into(),
        heads: ["console-application", "console-type", "console-source", "console-since"]
            .map(|key| desk.say(key).into())
            .to_vec(),
        rows: listed.items.iter().map(|application| row(desk, application)).collect(),
        empty: desk.nothing("console-applications-none"),
        next: desk.next(APPLICATIONS, &more, listed.next),
    };
    let field = desk.search(APPLICATIONS, "console-applications-search", &more[..1]);
    page.sections.push(Section::plain("applications", vec![field, Part::Table(table)]));
    Ok(desk.show(&page))
}

fn row(desk: &Desk, application: &Application) -> Vec<Cell> {
    let row = &application.row;
    let owner = application.owner.as_ref();
    vec![
        Cell::Named {
            name: Shown::name(&row.name).into(),
            href: Some(desk.path(&address::application(row.id))),
            more: owner.map(|owner| Shown::text(&owner.email).into()).into_iter().collect(),
        },
        Cell::Code(Shown::text(&row.kind)),
        words::source(desk, row.source).into(),
        desk.moment(row.created_at).into(),
    ]
}

/// One application.
#[handler]
pub async fn one(desk: Desk, Path(id): Path<String>) -> Response {
    desk.answer(viewed(&desk, &id).await).await
}

async fn viewed(desk: &Desk, id: &str) -> Result<Response, Error> {
    desk.may(Action::ReadApplications)?;
    let (app, tenant, id) = (&desk.visitor.app, &desk.visitor.tenant, ApplicationId(identity(id)?));
    let application = application::find_any(app, tenant, &desk.actor, id).await?;
    let path = address::application(id);
    let mut page = desk.page(Place::Applications, Shown::name(&application.row.name)).await?;
    page.above = Some(Link { href: desk.path(APPLICATIONS), words: desk.say("console-applications").into() });
    page.sections.push(details(desk, &application, &path));
    if application.row.status == ApplicationStatus::Active {
        let clients = client::list(app, tenant, &desk.actor, id).await?;
        page.sections.push(clients_section(desk, clients.iter().map(AsRef::as_ref)));
    }
    let filter = contract::Filter { application: Some(id), ..contract::Filter::default() };
    let tabs = contracts::tabs(desk, filter, Side::Application, &path).await?;
    page.sections.push(Section::titled("contracts", desk.say("console-service-contracts"), vec![tabs]));
    Ok(desk.show(&page))
}

fn details(desk: &Desk, application: &Application, path: &str) -> Section {
    let row = &application.row;
    let is_active = row.status == ApplicationStatus::Active;
    let status = match is_active {
        true => Cell::Status { tone: Tone::Good, words: desk.say("console-status-active").into() },
        false => Cell::Status { tone: Tone::Plain, words: desk.say("console-status-archived").into() },
    };
    let owner = application.owner.as_ref().map(|owner| Cell::Named {
        name: Shown::name(owner.name.as_deref().unwrap_or(&owner.email)).into(),
        href: None,
        more: vec![Shown::text(&owner.email).into()],
    });
    let facts = vec![
        Fact::new(desk.say("console-description"), words::text(row.description.as_deref())),
        Fact::new(desk.say("console-owner"), owner),
        Fact::new(desk.say("console-type"), Cell::Code(Shown::text(&row.kind))),
        Fact::new(desk.say("console-source"), words::source(desk, row.source)),
        Fact::new(desk.say("console-status"), status),
        Fact::new(desk.say("console-since"), desk.moment(row.created_at)),
        Fact::new(desk.say("console-identity"), Cell::Code(Shown::text(&row.id.to_string()))),
    ];
    let mut section = Section::titled("details", desk.say("console-details"), vec![Part::Facts(facts)]);
    if is_active && desk.actor.can(Action::WriteApplications) {
        let action = desk.path(&format!("{path}/archive"));
        let archive = Act::new(action, desk.say("console-application-archive"), Shown::name(&row.name));
        section.parts.push(Part::Acts(vec![archive.sure(desk.say("console-application-archive-sure"))]));
    }
    section
}

fn clients_section<'c>(desk: &Desk, clients: impl Iterator<Item = &'c Client>) -> Section {
    let row = |client: &Client| {
        let uris = client.metadata.redirect_uris().iter().map(|uri| Shown::text(uri).into());
        let (tone, key) = match client.row.state {
            ClientState::Active => (Tone::Good, "console-status-active"),
            ClientState::Disabled => (Tone::Warn, "console-status-disabled"),
            ClientState::Ended => (Tone::Plain, "console-status-ended"),
        };
        vec![
            Cell::Named {
                name: Shown::name(client.metadata.name(&[]).unwrap_or(client.row.client_id.as_str())).into(),
                href: None,
                more: uris.collect(),
            },
            Cell::Code(Shown::text(&client.row.client_id)),
            Cell::Status { tone, words: desk.say(key).into() },
            client.row.last_used_at.map(|at| desk.moment(at)).into(),
        ]
    };
    let table = Table {
        caption: desk.say("console-clients").into(),
        heads: ["console-client", "console-client-id", "console-status", "console-last-used"]
            .map(|key| desk.say(key).into())
            .to_vec(),
        rows: clients.map(row).collect(),
        empty: desk.say("console-clients-none").into(),
        next: None,
    };
    Section::titled("clients", desk.say("console-clients"), vec![Part::Table(table)])
}

/// Puts an application away.
#[handler]
pub async fn archive_it(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(archived(&posted, &id).await).await
}

async fn archived(posted: &Posted, id: &str) -> Result<Response, Error> {
    let (desk, id) = (&posted.desk, ApplicationId(identity(id)?));
    desk.may(Action::WriteApplications)?;
    archive::archive(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, id).await?;
    Ok(desk.go(APPLICATIONS, "removed"))
}

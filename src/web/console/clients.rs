//! Which clients are there, whoever made them, and what are they let do? (U32)

use entity::client::ClientState;
use poem::web::Path;
use poem::{Response, handler};

use super::address::{self, CLIENTS, Place};
use super::desk::{Desk, Posted};
use super::words;
use crate::oidc::client::rights::Change;
use crate::portal::client::standing::{self, Filter, Known};
use crate::portal::{Action, Error};
use crate::web::page::console::{Act, Cell, Part, Section, Table, Tone};
use crate::web::shown::{Destination, Shown};

/// All clients of the tenant.
#[handler]
pub async fn all(desk: Desk) -> Response {
    desk.answer(listed(&desk).await).await
}

async fn listed(desk: &Desk) -> Result<Response, Error> {
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let filter = Filter { search: desk.sought(), ..Filter::default() };
    let listed = standing::list(app, tenant, &desk.actor, &filter, &desk.wanted()).await?;
    let mut page = desk.page(Place::Clients, desk.say("console-clients")).await?;
    page.lead = Some(desk.say("console-clients-lead").into());
    let table = Table {
        caption: desk.say("console-clients").into(),
        heads: ["console-client", "console-client-id", "console-status", "console-last-used", "console-acts"]
            .map(|key| desk.say(key).into())
            .to_vec(),
        rows: listed.items.iter().map(|known| row(desk, known)).collect(),
        empty: desk.nothing("console-clients-none"),
        next: desk.next(CLIENTS, &[("search", &filter.search.unwrap_or_default())], listed.next),
    };
    let field = desk.search(CLIENTS, "console-clients-search", &[]);
    page.sections.push(Section::plain("clients", vec![field, Part::Table(table)]));
    Ok(desk.show(&page))
}

fn row(desk: &Desk, known: &Known) -> Vec<Cell> {
    let (row, metadata) = (&known.client.row, &known.client.metadata);
    let name = Shown::name(metadata.name(&[]).unwrap_or(&row.client_id));
    let place = metadata.redirect_uris().first().and_then(|uri| Destination::of(uri));
    let place = place.map(|place| place.address().clone().into());
    let source = known.source.map(|source| words::source(desk, source).into());
    let trust = if row.first_party { "console-client-first-party" } else { "console-client-third-party" };
    let (tone, state) = match row.state {
        ClientState::Active => (Tone::Good, "console-status-active"),
        ClientState::Disabled => (Tone::Warn, "console-status-disabled"),
        ClientState::Ended => (Tone::Plain, "console-status-ended"),
    };
    let more = place.into_iter().chain(source).chain([desk.say(trust).into()]);
    vec![
        Cell::Named { name: name.clone().into(), href: None, more: more.collect() },
        Cell::Code(Shown::text(&row.client_id)),
        Cell::Status { tone, words: desk.say(state).into() },
        row.last_used_at.map(|at| desk.moment(at)).into(),
        Some(acts(desk, known, &name)).filter(|acts| !acts.is_empty()).map(Cell::Acts).into(),
    ]
}

fn acts(desk: &Desk, known: &Known, name: &Shown) -> Vec<Act> {
    if !desk.actor.can(Action::WriteClients) {
        return Vec::new();
    }
    let row = &known.client.row;
    let act =
        |act: &str, key| Act::new(desk.path(&address::act(CLIENTS, &row.client_id, act)), desk.say(key), name.clone());
    let standing = match row.state {
        ClientState::Active => act("disable", "console-disable").sure(desk.say("console-client-disable-sure")),
        ClientState::Disabled | ClientState::Ended => act("enable", "console-enable"),
    };
    let trust = match row.first_party {
        true => act("distrust", "console-client-distrust"),
        false => act("trust", "console-client-trust").sure(desk.say("console-client-trust-sure")),
    };
    vec![standing, trust, act("delete", "console-delete").sure(desk.say("console-client-delete-sure"))]
}

/// Decides about a client.
#[handler]
pub async fn decide(posted: Posted, Path((client, act)): Path<(String, String)>) -> Response {
    posted.desk.answer(decided(&posted, &client, &act).await).await
}

async fn decided(posted: &Posted, client: &str, act: &str) -> Result<Response, Error> {
    let desk = &posted.desk;
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let (change, done) = match act {
        "disable" => (Change::Disable, "disabled"),
        "enable" => (Change::Enable, "enabled"),
        "trust" => (Change::Trust, "saved"),
        "distrust" => (Change::Distrust, "saved"),
        "delete" => {
            standing::remove(app, tenant, &desk.actor, client).await?;
            return Ok(desk.go(CLIENTS, "removed"));
        }
        _ => return Err(Error::NotFound),
    };
    standing::change(app, tenant, &desk.actor, client, change).await?;
    Ok(desk.go(CLIENTS, done))
}

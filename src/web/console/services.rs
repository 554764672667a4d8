//! Which services are there, and how is one? The list, the view of one, and its form (U21).

use entity::service::Access;
use http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};

use super::address::{self, Place, SERVICES};
use super::contracts::{self, Side, looks_after_it};
use super::desk::{Desk, Posted};
use super::words::{self, Switch};
use super::{documents, policy};
use crate::oidc::service::Scope;
use crate::portal::service::{self, Change, Filter, Service};
use crate::portal::{Action, Error, Rule, contract, developer};
use crate::web::form::Pairs;
use crate::web::page::console::{Act, Cell, Choice, Fact, Field, Form, Group, Part, Section, Table, Words};
use crate::web::shown::Shown;

/// All services.
#[handler]
pub async fn all(desk: Desk) -> Response {
    desk.answer(listed(&desk).await).await
}

async fn listed(desk: &Desk) -> Result<Response, Error> {
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let filter = Filter { search: desk.sought(), ..Filter::default() };
    let listed = service::list(app, tenant, &desk.actor, &filter, &desk.wanted()).await?;
    let mut page = desk.page(Place::Services, desk.say("console-services")).await?;
    page.lead = Some(desk.say("console-services-lead").into());
    page.links.push(crate::web::page::console::Link {
        href: desk.path(address::NEW_SERVICE),
        words: desk.say("console-service-new").into(),
    });
    let search = filter.search.unwrap_or_default();
    let table = Table {
        caption: desk.say("console-services").into(),
        heads: ["console-service", "console-audience", "console-registration", "console-published", "console-acts"]
            .map(|key| desk.say(key).into())
            .to_vec(),
        rows: listed.items.iter().map(|service| row(desk, service)).collect(),
        empty: desk.nothing("console-services-none"),
        next: desk.next(SERVICES, &[("search", &search)], listed.next),
    };
    page.sections.push(Section::plain(
        "services",
        vec![desk.search(SERVICES, "console-services-search", &[]), Part::Table(table)],
    ));
    Ok(desk.show(&page))
}

fn row(desk: &Desk, service: &Service) -> Vec<Cell> {
    let row = &service.row;
    let href = desk.path(&address::service(row.id, ""));
    let title = service.policy.as_ref().map(|policy| Shown::name(&policy.display_name).into());
    let view = Cell::Named {
        name: desk.say("console-view").with("name", &Shown::name(&row.name)).into(),
        href: Some(href.clone()),
        more: Vec::new(),
    };
    vec![
        Cell::Named { name: Shown::name(&row.name).into(), href: Some(href), more: title.into_iter().collect() },
        Cell::Code(Shown::text(&row.audience)),
        Switch::from(service.policy.as_ref().is_some_and(|policy| policy.enabled)).cell(desk),
        Switch::from(row.published).cell(desk),
        view,
    ]
}

/// One service with all that belongs to it.
#[handler]
pub async fn one(desk: Desk, Path(id): Path<String>) -> Response {
    desk.answer(viewed(&desk, &id).await).await
}

async fn viewed(desk: &Desk, id: &str) -> Result<Response, Error> {
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let service = service::find(app, tenant, &desk.actor, id).await?;
    let path = address::service(service.row.id, "");
    let mut page = desk.page(Place::Services, Shown::name(&service.row.name)).await?;
    page.above = Some(above(desk));
    page.sections.push(details(desk, &service, &path).await?);
    page.sections.push(policy::section(desk, &service)?);
    page.sections.push(documents::section(desk, &service).await?);
    let filter = contract::Filter { service: Some(service.row.id), ..contract::Filter::default() };
    let tabs = contracts::tabs(desk, filter, Side::Service, &path).await?;
    page.sections.push(Section::titled("contracts", desk.say("console-service-contracts"), vec![tabs]));
    Ok(desk.show(&page))
}

async fn details(desk: &Desk, service: &Service, path: &str) -> Result<Section, Error> {
    let row = &service.row;
    let scopes = service.scopes.iter().map(|scope| Cell::Named {
        name: Shown::text(&scope.value).into(),
        href: None,
        more: Some(Shown::text(&scope.description))
            .filter(|text| !text.is_empty())
            .map(Words::from)
            .into_iter()
            .collect(),
    });
    let mut facts = vec![
        Fact::new(desk.say("console-description"), words::text(row.description.as_deref())),
        Fact::new(desk.say("console-audience"), Cell::Code(Shown::text(&row.audience))),
        Fact { label: desk.say("console-scopes").into(), values: scopes.collect() },
        Fact::new(desk.say("console-access"), access_in_words(desk, row.access)),
        Fact::new(desk.say("console-enabled"), Switch::from(row.enabled).cell(desk)),
        Fact::new(desk.say("console-published"), Switch::from(row.published).cell(desk)),
        Fact::new(desk.say("console-identity"), Cell::Code(Shown::text(&row.id.to_string()))),
    ];
    if let Some(publisher) = publisher(desk, service).await? {
        facts.push(Fact::new(desk.say("console-publisher"), Shown::text(&publisher)));
    }
    let mut section = Section::titled("details", desk.say("console-details"), vec![Part::Facts(facts)]);
    if looks_after_it(desk, row) {
        section = section.link(desk.path(&format!("{path}/edit")), desk.say("console-edit"));
        let about = Shown::name(&row.name);
        let delete = Act::new(desk.path(&format!("{path}/delete")), desk.say("console-delete-service"), about)
            .sure(desk.say("console-service-delete-sure"))
            .with("version", row.version.to_string());
        section.parts.push(Part::Acts(vec![delete]));
    }
    Ok(section)
}

/// The address of the publisher who looks after it, for those who may see people.
async fn publisher(desk: &Desk, service: &Service) -> Result<Option<String>, Error> {
    let Some(owner) = service.row.owner_id.filter(|_| desk.actor.can(Action::ReadDevelopers)) else { return Ok(None) };
    let found = developer::find(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, &owner.to_string()).await;
    match found {
        Ok(person) => Ok(Some(person.email)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn access_in_words(desk: &Desk, access: Access) -> crate::web::text::Sentence {
    desk.say(match access {
        Access::Contract => "console-access-contract",
        Access::People => "console-access-people",
        Access::Open => "console-access-open",
    })
}

/// The way back to the list.
pub fn above(desk: &Desk) -> crate::web::page::console::Link {
    crate::web::page::console::Link { href: desk.path(SERVICES), words: desk.say("console-services").into() }
}

/// An empty form.
#[handler]
pub async fn blank(desk: Desk) -> Response {
    let fresh = [("access", "contract"), ("enabled", "on"), ("published", "on")];
    let fresh: Pairs = fresh.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let shown = match desk.may(Action::WriteServices) {
        Ok(()) => form_page(&desk, None, &fresh, Vec::new()).await,
        Err(error) => Err(error),
    };
    desk.answer(shown).await
}

/// Adds a service.
#[handler]
pub async fn add(posted: Posted) -> Response {
    let (desk, pairs) = (&posted.desk, &posted.pairs);
    let outcome = match read(&posted, None).await {
        Ok(wish) => service::create(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, None, wish).await,
        Err(error) => Err(error),
    };
    let answered = match outcome {
        Ok(service) => Ok(desk.go(&address::service(service.row.id, ""), "added")),
        Err(error) => again(desk, None, pairs, error).await,
    };
    desk.answer(answered).await
}

/// The form of a service.
#[handler]
pub async fn edit(desk: Desk, Path(id): Path<String>) -> Response {
    desk.answer(edited(&desk, &id).await).await
}

async fn edited(desk: &Desk, id: &str) -> Result<Response, Error> {
    let service = service::find(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, id).await?;
    service::looks_after(&desk.actor, Action::WriteServices, &service.row)?;
    let pairs = pairs(&service, publisher(desk, &service).await?);
    form_page(desk, Some(&service), &pairs, Vec::new()).await
}

/// Changes a service.
#[handler]
pub async fn change(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(changed(&posted, &id).await).await
}

async fn changed(posted: &Posted, id: &str) -> Result<Response, Error> {
    let desk = &posted.desk;
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let before = service::find(app, tenant, &desk.actor, id).await?;
    let outcome = match read(posted, Some(&before)).await {
        Ok(wish) => service::change(app, tenant, &desk.actor, id, posted.version(), wish).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(service) => Ok(desk.go(&address::service(service.row.id, ""), "saved")),
        Err(error) => again(desk, Some(&before), &posted.pairs, error).await,
    }
}

async fn again(desk: &Desk, service: Option<&Service>, pairs: &Pairs, error: Error) -> Result<Response, Error> {
    let complaints = words::complaints(desk, error)?;
    form_page(desk, service, pairs, complaints).await
}

/// Removes a service.
#[handler]
pub async fn remove(posted: Posted, Path(id): Path<String>) -> Response {
    let desk = &posted.desk;
    let removed = service::remove(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, &id, posted.version()).await;
    desk.answer(removed.map(|()| desk.go(SERVICES, "removed"))).await
}

async fn read(posted: &Posted, before: Option<&Service>) -> Result<Change, Error> {
    let owner_id = match posted.desk.actor.can(Action::ReadDevelopers) {
        true => Some(owner(posted).await?),
        false => None,
    };
    // Descriptions stand behind the scope they describe.
    let scope = |line: String| {
        let (value, description) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
        Scope { value: value.to_owned(), description: description.trim().to_owned() }
    };
    let audience = posted.some("audience").or_else(|| before.map(|before| before.row.audience.clone()));
    Ok(Change {
        name: Some(posted.text("name").to_owned()),
        description: Some(posted.some("description")),
        audience,
        enabled: Some(posted.marked("enabled")),
        access: Some(match posted.text("access") {
            "open" => Access::Open,
            "people" => Access::People,
            _ => Access::Contract,
        }),
        published: Some(posted.marked("published")),
        scopes: Some(posted.lines("scopes").into_iter().map(scope).collect()),
        owner_id,
        ..Change::default()
    })
}

async fn owner(posted: &Posted) -> Result<Option<entity::id::UserId>, Error> {
    let Some(email) = posted.some("owner") else { return Ok(None) };
    let desk = &posted.desk;
    match developer::find(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, &email).await {
        Ok(person) => Ok(Some(person.id)),
        Err(Error::NotFound) => {
            Err(Error::invalid("owner", Rule::Missing, "must be the address of a publisher or admin"))
        }
        Err(error) => Err(error),
    }
}

fn pairs(service: &Service, publisher: Option<String>) -> Pairs {
    let row = &service.row;
    let scopes = service.scopes.iter().map(|scope| format!("{} {}", scope.value, scope.description).trim().to_owned());
    let access = match row.access {
        Access::Open => "open",
        Access::People => "people",
        Access::Contract => "contract",
    };
    let mut pairs = vec![
        ("name", row.name.clone()),
        ("description", row.description.clone().unwrap_or_default()),
        ("audience", row.audience.clone()),
        ("access", access.to_owned()),
        ("scopes", scopes.collect::<Vec<_>>().join("\n")),
        ("owner", publisher.unwrap_or_default()),
        ("version", row.version.to_string()),
    ];
    pairs.extend(row.enabled.then(|| ("enabled", "on".to_owned())));
    pairs.extend(row.published.then(|| ("published", "on".to_owned())));
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn form_page(
    desk: &Desk,
    service: Option<&Service>,
    pairs: &Pairs,
    complaints: Vec<(String, Words)>,
) -> Result<Response, Error> {
    let title = desk.say(if service.is_some() { "console-service-edit" } else { "console-service-new" });
    let status = if complaints.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let (action, cancel) = match service {
        Some(service) => (address::service(service.row.id, "/edit"), address::service(service.row.id, "")),
        None => (address::NEW_SERVICE.to_owned(), SERVICES.to_owned()),
    };
    let choice = |value, key| Choice { value, label: desk.say(key).into() };
    let modes = vec![
        choice("contract", "console-access-contract"),
        choice("people", "console-access-people"),
        choice("open", "console-access-open"),
    ];
    let mut fields = vec![
        Field::line("name", desk.say("console-name-of-service")).hint(desk.say("console-service-name-hint")).required(),
        Field::lines("description", desk.say("console-description")),
        Field::line("audience", desk.say("console-audience")).hint(desk.say("console-audience-hint")),
        Field::lines("scopes", desk.say("console-scopes")).hint(desk.say("console-service-scopes-hint")),
        Field::choice("access", desk.say("console-access"), modes),
        Field::mark("enabled", desk.say("console-enabled")).hint(desk.say("console-enabled-hint")),
        Field::mark("published", desk.say("console-published")).hint(desk.say("console-published-hint")),
    ];
    if desk.actor.can(Action::ReadDevelopers) {
        let owner = Field::typed("owner", "email", desk.say("console-publisher"));
        fields.push(owner.hint(desk.say("console-publisher-hint")));
    }
    let submit = desk.say(if service.is_some() { "console-save" } else { "console-create" });
    let value = |name: &str| crate::web::form::field(pairs, name);
    let form = Form::new(desk.path(&action), submit, vec![Group::plain(fields)])
        .or(desk.path(&cancel))
        .with("version", value("version").unwrap_or_default())
        .filled(value)
        .judged(complaints);
    let mut page = desk.page(Place::Services, title).await?;
    page.above = Some(above(desk));
    page.sections.push(Section::plain("form", vec![Part::Form(form)]));
    Ok(desk.show_with(status, &page))
}

//! Somebody's applications (U15), and making one (U16), in words.

use entity::id::ApplicationId;
use http::StatusCode;
use poem::{Response, handler};

use super::catalog::page_number;
use super::refusal::Shortfall;
use super::visit::{Early, Guest};
use crate::oidc::client::ApplicationType;
use crate::portal::application::{Filter, New, Whose};
use crate::portal::list::Wanted;
use crate::portal::{application, contract};
use crate::web::form::{Pairs, field};
use crate::web::page::portal::application::{
    ApplicationsPage, Listed, NewApplicationPage, NewSecretPage, SecretOf, Values,
};
use crate::web::page::portal::{Done, PlaceKind};
use crate::web::routes;
use crate::web::shown::Shown;
use crate::web::visitor::Visitor;

/// Rows of one page, and contracts that are counted for them.
const ROWS: u64 = 50;
const COUNTED: u64 = 10_000;

/// Lists one's own applications and those one is a member of.
#[handler]
pub async fn list(visitor: Visitor) -> Response {
    listed(&visitor).await.unwrap_or_else(|early| *early)
}

async fn listed(visitor: &Visitor) -> Result<Response, Early> {
    let guest = Guest::enter(visitor).await?;
    let (app, tenant) = (&visitor.app, &visitor.tenant);
    let refused = |error| Box::new(guest.refuse(&error));
    let number = page_number(&visitor.query().unwrap_or_default());
    let wanted = Wanted { after: None, skip: number * ROWS, limit: ROWS };
    let mine = Filter { whose: Whose::Mine, ..Filter::default() };
    let found = application::list(app, tenant, &guest.actor, &mine, &wanted).await.map_err(refused)?;
    let theirs = contract::Filter { whose: Whose::Mine, ..contract::Filter::default() };
    let contracts =
        contract::list(app, tenant, &guest.actor, &theirs, &Wanted::first(COUNTED)).await.map_err(refused)?;
    let services = |id: ApplicationId| {
        let count = contracts.items.iter().filter(|contract| contract.application.id == id).count();
        u64::try_from(count).unwrap_or(u64::MAX)
    };
    let address = |number: u64| format!("{}?page={number}", visitor.path(routes::APPLICATIONS));
    let page = ApplicationsPage {
        frame: guest.frame(PlaceKind::Applications, None),
        total: found.total,
        new: visitor.path(routes::NEW_APPLICATION),
        previous: (number > 0).then(|| address(number - 1)),
        next: found.next.is_some().then(|| address(number + 1)),
        applications: found
            .items
            .iter()
            .map(|item| Listed {
                address: visitor.path(&routes::application(item.row.id)),
                name: Shown::name(&item.row.name),
                kind: ApplicationType::parse(&item.row.kind),
                reach: item.reach,
                services: services(item.row.id),
            })
            .collect(),
    };
    Ok(guest.show(StatusCode::OK, page.render(&guest.layout())))
}

/// Asks what is to be made.
#[handler]
pub async fn ask(visitor: Visitor) -> Response {
    match Guest::enter(&visitor).await {
        Ok(guest) => show(&guest, Values::default(), ApplicationType::Web, None),
        Err(early) => *early,
    }
}

fn show(guest: &Guest<'_>, values: Values, kind: ApplicationType, shortfall: Option<Shortfall>) -> Response {
    let (status, trouble, complaints) = match shortfall {
        Some(shortfall) => (shortfall.status, Some(shortfall.trouble), shortfall.complaints),
        None => (StatusCode::OK, None, Vec::new()),
    };
    let page = NewApplicationPage {
        frame: guest.frame(PlaceKind::Applications, trouble),
        action: guest.visitor.path(routes::NEW_APPLICATION),
        cancel: guest.visitor.path(routes::APPLICATIONS),
        values,
        kind,
        complaints,
    };
    guest.show(status, page.render(&guest.layout()))
}

/// What stands in the form of an application.
pub(super) fn values(pairs: &Pairs) -> Values {
    let value = |name| field(pairs, name).unwrap_or_default().to_owned();
    Values { name: value("name"), redirect_uris: value("redirect_uris"), description: value("description") }
}

/// The redirect URIs of a form: one a line.
pub(super) fn redirect_uris(values: &Values) -> Vec<String> {
    values.redirect_uris.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// What a form says, as rules take it: browsers end lines with CR LF; nothing is none.
pub(super) fn description(values: &Values) -> Option<String> {
    Some(values.description.replace("\r\n", "\n")).filter(|text| !text.trim().is_empty())
}

/// The fields both forms of applications have.
pub(super) const FIELDS: [&str; 4] = ["name", "kind", "redirect_uris", "description"];

/// Makes an application.
#[handler]
pub async fn create(visitor: Visitor) -> Response {
    created(&visitor).await.unwrap_or_else(|early| *early)
}

async fn created(visitor: &Visitor) -> Result<Response, Early> {
    let (guest, pairs) = Guest::enter_with_form(visitor).await?;
    let values = values(&pairs);
    let Some(kind) = field(&pairs, "kind").and_then(ApplicationType::parse) else {
        let shortfall = Shortfall::field(visitor.language(None), "kind", "wrong-required");
        return Ok(show(&guest, values, ApplicationType::Web, Some(shortfall)));
    };
    let new = New {
        description: description(&values),
        redirect_uris: redirect_uris(&values),
        ..New::named(values.name.trim(), kind)
    };
    let made = match application::create(&visitor.app, &visitor.tenant, &guest.actor, new).await {
        Ok(made) => made,
        Err(error) => {
            let shortfall = Shortfall::of(visitor.language(None), error, &FIELDS);
            let shortfall = shortfall.map_err(|error| Box::new(guest.refuse(&error)))?;
            return Ok(show(&guest, values, kind, Some(shortfall)));
        }
    };
    let dashboard = routes::application(made.application.row.id);
    let Some(secret) = made.secret else { return Ok(guest.go_and_tell(&dashboard, Done::Created)) };
    let page = NewSecretPage {
        frame: guest.frame(PlaceKind::Applications, None),
        of: SecretOf::NewApplication,
        client_id: made.client.as_ref().map(|client| Shown::text(client.client_id())),
        secret: secret.expose().to_owned(),
        close: visitor.path(&dashboard),
    };
    Ok(guest.show(StatusCode::OK, page.render(&guest.layout())))
}

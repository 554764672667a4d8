//! Everything about one application (U17, U18), in words.

use entity::contract::ContractState;
use entity::id::{ApplicationId, ContractId};
use http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use uuid::Uuid;

use super::applications::{FIELDS, description, redirect_uris, values};
use super::client::card;
use super::refusal::{Shortfall, not_found};
use super::visit::{Early, Guest};
use crate::oidc::client::ApplicationType;
use crate::portal::application::{Application, Change};
use crate::portal::application_type::Type;
use crate::portal::contract::{self, Contract};
use crate::portal::list::Wanted;
use crate::portal::membership::Reach;
use crate::portal::service::{self, Which};
use crate::portal::{Error, application, client};
use crate::web::form::field;
use crate::web::page::portal::application::{
    Activate, ApplicationPage, Available, ContractRow, EditApplicationPage, Values,
};
use crate::web::page::portal::{Badge, Done, PlaceKind, Trouble, lines};
use crate::web::routes;
use crate::web::shown::Shown;
use crate::web::visitor::Visitor;

/// Contracts and services of one page.
const ROWS: u64 = 500;

/// The application a path names, for whoever may see it.
pub(super) async fn find(guest: &Guest<'_>, id: &str) -> Result<Application, Early> {
    let id = Uuid::parse_str(id).map(ApplicationId).map_err(|_| Box::new(not_found(guest.visitor)))?;
    let found = application::find(&guest.visitor.app, &guest.visitor.tenant, &guest.actor, id).await;
    found.map_err(|error| Box::new(guest.refuse(&error)))
}

/// Shows an application.
#[handler]
pub async fn look(visitor: Visitor, Path(id): Path<String>) -> Response {
    looked(&visitor, &id).await.unwrap_or_else(|early| *early)
}

async fn looked(visitor: &Visitor, id: &str) -> Result<Response, Early> {
    let guest = Guest::enter(visitor).await?;
    let found = find(&guest, id).await?;
    dashboard(&guest, &found, None).await
}

/// The page of an application; after a refusal with what went wrong.
///
/// # Errors
/// The answer, for what no page of an application can show.
pub(super) async fn after(
    guest: &Guest<'_>,
    found: &Application,
    outcome: Result<Response, Error>,
) -> Result<Response, Early> {
    match outcome {
        Ok(response) => Ok(response),
        Err(error) => {
            let shortfall = Shortfall::of(guest.visitor.language(None), error, &[]);
            let shortfall = shortfall.map_err(|error| Box::new(guest.refuse(&error)))?;
            dashboard(guest, found, Some((shortfall.status, shortfall.trouble))).await
        }
    }
}

async fn dashboard(
    guest: &Guest<'_>,
    found: &Application,
    trouble: Option<(StatusCode, Trouble)>,
) -> Result<Response, Early> {
    let (app, tenant, visitor) = (&guest.visitor.app, &guest.visitor.tenant, guest.visitor);
    let refused = |error| Box::new(guest.refuse(&error));
    let (row, changes) = (&found.row, found.reach >= Reach::Change);
    let clients = client::list(app, tenant, &guest.actor, row.id).await.map_err(refused)?;
    let filter = contract::Filter { application: Some(row.id), ..contract::Filter::default() };
    let all = Wanted::first(ROWS);
    let contracts = contract::list(app, tenant, &guest.actor, &filter, &all).await.map_err(refused)?.items;
    let open = service::Filter { which: Which::Registrable, ..service::Filter::default() };
    let services = service::catalog(app, tenant, &guest.actor, &open, &all).await.map_err(refused)?.items;
    let asked = |service: &service::Shown| contracts.iter().any(|contract| contract.service.id == service.id);
    let (status, trouble) = trouble.unzip();
    let page = ApplicationPage {
        frame: guest.frame(PlaceKind::Applications, trouble),
        name: Shown::name(&row.name),
        description: lines(row.description.as_deref().unwrap_or_default()),
        id: row.id.to_string(),
        kind: ApplicationType::parse(&row.kind),
        reach: found.reach,
        owner: found.owner.as_ref().map(|owner| Shown::text(owner.name.as_deref().unwrap_or(&owner.email))),
        created_at: row.created_at,
        edit: changes.then(|| visitor.path(&routes::edit_application(row.id))),
        clients: clients
            .iter()
            .enumerate()
            .map(|(at, client)| card(visitor, found, client, at, clients.len()))
            .collect(),
        add_client: changes.then(|| visitor.path(&routes::clients(row.id))),
        contracts: contracts.iter().map(|contract| contract_row(visitor, contract, found.reach)).collect(),
        available: services.iter().filter(|it| !asked(it)).map(|it| available(visitor, row.id, it)).collect(),
        catalog: visitor.path(routes::CATALOG),
    };
    Ok(guest.show(status.unwrap_or(StatusCode::OK), page.render(&guest.layout())))
}

fn contract_row(visitor: &Visitor, contract: &Contract, reach: Reach) -> ContractRow {
    let (application, row) = (contract.application.id, &contract.row);
    // What was revoked stays until those who decide delete it (D-17).
    let ends = reach >= Reach::Change && row.state != ContractState::Revoked;
    ContractRow {
        address: visitor.path(&routes::service(contract.service.id)),
        service: Shown::name(contract.service.display_name.as_deref().unwrap_or(&contract.service.name)),
        audience: Shown::text(&contract.service.audience),
        badge: Badge { state: row.state, suspended: row.suspended },
        reason: lines(row.reason.as_deref().unwrap_or_default()),
        unregister: ends.then(|| visitor.path(&routes::unregister(application, row.id))),
    }
}

fn available(visitor: &Visitor, application: ApplicationId, service: &service::Shown) -> Available {
    let register = visitor.path(&routes::register(service.id));
    let needs_comment = service.registration.as_ref().is_some_and(|rules| rules.comment_required);
    Available {
        address: visitor.path(&routes::service(service.id)),
        service: Shown::name(&service.title),
        activate: match needs_comment {
            true => Activate::WithComment(format!("{register}?application={application}")),
            false => Activate::AtOnce(register),
        },
    }
}

/// Ends a contract of an application (N13).
#[handler]
pub async fn unregister(visitor: Visitor, Path((id, contract)): Path<(String, String)>) -> Response {
    unregistered(&visitor, &id, &contract).await.unwrap_or_else(|early| *early)
}

async fn unregistered(visitor: &Visitor, id: &str, contract: &str) -> Result<Response, Early> {
    let (guest, _) = Guest::enter_with_form(visitor).await?;
    let found = find(&guest, id).await?;
    let contract = Uuid::parse_str(contract).map(ContractId).map_err(|_| Box::new(not_found(visitor)))?;
    let (app, tenant) = (&visitor.app, &visitor.tenant);
    let of = contract::find(app, tenant, &guest.actor, contract).await.map_err(|e| Box::new(guest.refuse(&e)))?;
    // s.B2: the one below the other.
    if of.application.id != found.row.id {
        return Err(Box::new(not_found(visitor)));
    }
    let ended = contract::unregister(app, tenant, &guest.actor, contract).await;
    let told = ended.map(|()| guest.go_and_tell(&routes::application(found.row.id), Done::Unregistered));
    after(&guest, &found, told).await
}

/// Asks what is to change.
#[handler]
pub async fn edit(visitor: Visitor, Path(id): Path<String>) -> Response {
    edited(&visitor, &id).await.unwrap_or_else(|early| *early)
}

async fn edited(visitor: &Visitor, id: &str) -> Result<Response, Early> {
    let guest = Guest::enter(visitor).await?;
    let found = find(&guest, id).await?;
    show_edit(&guest, &found, None, None).await
}

async fn show_edit(
    guest: &Guest<'_>,
    found: &Application,
    typed: Option<Values>,
    shortfall: Option<Shortfall>,
) -> Result<Response, Early> {
    let (visitor, row) = (guest.visitor, &found.row);
    if found.reach < Reach::Change {
        let action = crate::portal::Action::WriteApplications;
        return Err(Box::new(guest.refuse(&Error::NotAllowed(action))));
    }
    let clients = client::list(&visitor.app, &visitor.tenant, &guest.actor, row.id).await;
    let clients = clients.map_err(|error| Box::new(guest.refuse(&error)))?;
    let stored = || Values {
        name: row.name.clone(),
        redirect_uris: clients.first().map(|first| first.metadata.redirect_uris().join("\n")).unwrap_or_default(),
        description: row.description.clone().unwrap_or_default(),
    };
    let (status, trouble, complaints) = match shortfall {
        Some(shortfall) => (shortfall.status, Some(shortfall.trouble), shortfall.complaints),
        None => (StatusCode::OK, None, Vec::new()),
    };
    let page = EditApplicationPage {
        frame: guest.frame(PlaceKind::Applications, trouble),
        action: visitor.path(&routes::edit_application(row.id)),
        cancel: visitor.path(&routes::application(row.id)),
        name: Shown::name(&row.name),
        version: row.version,
        values: typed.unwrap_or_else(stored),
        redirects: redirects(found) && !clients.is_empty(),
        complaints,
        delete: (found.reach >= Reach::Own).then(|| visitor.path(&routes::delete_application(row.id))),
    };
    Ok(guest.show(status, page.render(&guest.layout())))
}

fn redirects(found: &Application) -> bool {
    !matches!(Type::parse(&found.row.kind), Ok(Type::Simple | Type::BackendToBackend))
}

/// Changes an application.
#[handler]
pub async fn save(visitor: Visitor, Path(id): Path<String>) -> Response {
    changed(&visitor, &id).await.unwrap_or_else(|early| *early)
}

async fn changed(visitor: &Visitor, id: &str) -> Result<Response, Early> {
    let (guest, pairs) = Guest::enter_with_form(visitor).await?;
    let found = find(&guest, id).await?;
    let typed = values(&pairs);
    let change = Change {
        name: Some(typed.name.trim().to_owned()),
        description: Some(description(&typed)),
        redirect_uris: field(&pairs, "redirect_uris").map(|_| redirect_uris(&typed)),
        ..Change::default()
    };
    let expected = field(&pairs, "version").and_then(|version| version.parse().ok());
    let id = found.row.id;
    match application::change(&visitor.app, &visitor.tenant, &guest.actor, id, expected, change).await {
        Ok(_) => Ok(guest.go_and_tell(&routes::application(id), Done::Saved)),
        Err(error) => {
            let shortfall = Shortfall::of(visitor.language(None), error, &FIELDS);
            let shortfall = shortfall.map_err(|error| Box::new(guest.refuse(&error)))?;
            show_edit(&guest, &found, Some(typed), Some(shortfall)).await
        }
    }
}

/// Deletes an application, for those who typed its name.
#[handler]
pub async fn delete(visitor: Visitor, Path(id): Path<String>) -> Response {
    deleted(&visitor, &id).await.unwrap_or_else(|early| *early)
}

async fn deleted(visitor: &Visitor, id: &str) -> Result<Response, Early> {
    let (guest, pairs) = Guest::enter_with_form(visitor).await?;
    let found = find(&guest, id).await?;
    if field(&pairs, "confirm").map(str::trim) != Some(found.row.name.trim()) {
        let mut shortfall = Shortfall::field(visitor.language(None), "confirm", "trouble-name-differs");
        shortfall.trouble = Trouble::NameDiffers;
        return show_edit(&guest, &found, None, Some(shortfall)).await;
    }
    let archived = application::archive(&visitor.app, &visitor.tenant, &guest.actor, found.row.id).await;
    let told = archived.map(|()| guest.go_and_tell(routes::APPLICATIONS, Done::Deleted));
    after(&guest, &found, told).await
}

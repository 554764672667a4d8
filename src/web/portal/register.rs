//! An application asks for a service (U13), and hears that somebody looks at it (U14), in words.

use entity::contract::ContractState;
use entity::id::{ApplicationId, ContractId};
use http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use uuid::Uuid;

use super::refusal::{Shortfall, not_found};
use super::visit::{Early, Guest};
use crate::portal::application::{Filter, Whose};
use crate::portal::contract::{self, Request};
use crate::portal::list::Wanted;
use crate::portal::service::Shown as Service;
use crate::portal::{application, service};
use crate::web::form::field;
use crate::web::page::portal::register::{RegisterPage, UnderReviewPage};
use crate::web::page::portal::{Done, PlaceKind};
use crate::web::routes;
use crate::web::shown::Shown;
use crate::web::visitor::Visitor;

/// So many applications are offered, and so many contracts looked at: as many as there can be.
const ALL: u64 = application::APPLICATIONS_MAX;

/// What was chosen so far.
#[derive(Default)]
struct Chosen {
    application: String,
    comment: String,
}

/// Asks which application is to use the service.
#[handler]
pub async fn ask(visitor: Visitor, Path(id): Path<String>) -> Response {
    asked(&visitor, &id).await.unwrap_or_else(|early| *early)
}

async fn asked(visitor: &Visitor, id: &str) -> Result<Response, Early> {
    let guest = Guest::enter(visitor).await?;
    let of = find(&guest, id).await?;
    let pairs = visitor.query().unwrap_or_default();
    let application = field(&pairs, "application").unwrap_or_default().to_owned();
    show(&guest, &of, Chosen { application, comment: String::new() }, None).await
}

async fn find(guest: &Guest<'_>, id: &str) -> Result<Service, Early> {
    let found = service::shown(&guest.visitor.app, &guest.visitor.tenant, &guest.actor, id).await;
    found.map_err(|error| Box::new(guest.refuse(&error)))
}

async fn show(
    guest: &Guest<'_>,
    of: &Service,
    chosen: Chosen,
    shortfall: Option<Shortfall>,
) -> Result<Response, Early> {
    let (app, tenant, visitor) = (&guest.visitor.app, &guest.visitor.tenant, guest.visitor);
    let mine = Filter { whose: Whose::Mine, ..Filter::default() };
    let wanted = Wanted::first(ALL);
    let refused = |error| Box::new(guest.refuse(&error));
    let applications = application::list(app, tenant, &guest.actor, &mine, &wanted).await.map_err(refused)?;
    let filter = contract::Filter { whose: Whose::Mine, service: Some(of.id), ..contract::Filter::default() };
    let contracts = contract::list(app, tenant, &guest.actor, &filter, &wanted).await.map_err(refused)?;
    let asked = |id: ApplicationId| contracts.items.iter().any(|contract| contract.application.id == id);
    let rules = of.registration.as_ref();
    let (status, trouble, complaints) = match shortfall {
        Some(shortfall) => (shortfall.status, Some(shortfall.trouble), shortfall.complaints),
        None => (StatusCode::OK, None, Vec::new()),
    };
    let page = RegisterPage {
        frame: guest.frame(PlaceKind::Catalog, trouble),
        action: visitor.path(&routes::register(of.id)),
        service: (visitor.path(&routes::service(of.id)), Shown::name(&of.title)),
        is_enabled: rules.is_some(),
        is_approved_at_once: tenant.settings.auto_approve.contracts || rules.is_some_and(|rules| rules.auto_approve),
        needs_comment: rules.is_some_and(|rules| rules.comment_required),
        applications: applications
            .items
            .iter()
            .filter(|item| !asked(item.row.id))
            .map(|item| (item.row.id.to_string(), Shown::name(&item.row.name)))
            .collect(),
        chosen: chosen.application,
        comment: chosen.comment,
        complaints,
        new_application: visitor.path(routes::NEW_APPLICATION),
    };
    Ok(guest.show(status, page.render(&guest.layout())))
}

/// Asks for the contract.
#[handler]
pub async fn request(visitor: Visitor, Path(id): Path<String>) -> Response {
    requested(&visitor, &id).await.unwrap_or_else(|early| *early)
}

async fn requested(visitor: &Visitor, id: &str) -> Result<Response, Early> {
    let (guest, pairs) = Guest::enter_with_form(visitor).await?;
    let of = find(&guest, id).await?;
    let comment = field(&pairs, "comment").unwrap_or_default().to_owned();
    let application = field(&pairs, "application").unwrap_or_default().to_owned();
    let Ok(application_id) = Uuid::parse_str(&application).map(ApplicationId) else {
        let shortfall = Shortfall::field(visitor.language(None), "application", "wrong-application");
        return show(&guest, &of, Chosen { application, comment }, Some(shortfall)).await;
    };
    let wish = Request { comment: Some(comment.clone()), ..Request::new(application_id, of.id) };
    let made = contract::request(&visitor.app, &visitor.tenant, &guest.actor, wish).await;
    let made = match made {
        Ok(made) => made,
        Err(error) => {
            let shortfall = Shortfall::of(visitor.language(None), error, &["application", "comment"]);
            let shortfall = shortfall.map_err(|error| Box::new(guest.refuse(&error)))?;
            return show(&guest, &of, Chosen { application, comment }, Some(shortfall)).await;
        }
    };
    Ok(match made.state() {
        ContractState::Approved => guest.go_and_tell(&routes::application(application_id), Done::Approved),
        _ => guest.go(&routes::request(made.row.id)),
    })
}

/// Says that a request is under review.
#[handler]
pub async fn under_review(visitor: Visitor, Path(id): Path<String>) -> Response {
    reviewed(&visitor, &id).await.unwrap_or_else(|early| *early)
}

async fn reviewed(visitor: &Visitor, id: &str) -> Result<Response, Early> {
    let guest = Guest::enter(visitor).await?;
    let id = Uuid::parse_str(id).map(ContractId).map_err(|_| Box::new(not_found(visitor)))?;
    let found = contract::find(&visitor.app, &visitor.tenant, &guest.actor, id).await;
    let found = found.map_err(|error| Box::new(guest.refuse(&error)))?;
    let application = routes::application(found.application.id);
    if found.state() != ContractState::Pending {
        return Ok(guest.go(&application));
    }
    let page = UnderReviewPage {
        frame: guest.frame(PlaceKind::Applications, None),
        application: Shown::name(&found.application.name),
        service: Shown::name(found.service.display_name.as_deref().unwrap_or(&found.service.name)),
        close: visitor.path(&application),
    };
    Ok(guest.show(StatusCode::OK, page.render(&guest.layout())))
}

//! How does an application get a contract that nobody asked for? Whoever decides about the service gives it (portal.md
//! A36).

use entity::id::{ApplicationId, ServiceId};
use entity::word::Words;

use super::request::{Approval, Request, request};
use super::state::OnRejected;
use super::{Contract, decide::may_decide};
use crate::app::App;
use crate::oidc::service::load;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};

/// Gives an application an approved contract for `scopes` of a service; `None`: for all of them.
///
/// # Errors
/// As [`request`], but `NotFound` for an application only if there is none; `NotAllowed` for those who do not decide
/// about the service.
pub async fn grant(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application_id: ApplicationId,
    service_id: ServiceId,
    scopes: Option<Words>,
) -> Result<Contract, Error> {
    let services = load(app, tenant.id).await?;
    let service = services.into_iter().find(|service| service.row.id == service_id).ok_or(Error::NotFound)?;
    may_decide(actor, service.row.owner_id)?;
    let wanted = Request {
        comment: Some(format!("given by {}", actor.label())),
        scopes,
        on_rejected: OnRejected::Again,
        approval: Approval::AtOnce,
        ..Request::new(application_id, service_id)
    };
    // Who decides need not reach into the application.
    request(app, tenant, &Actor::operator(actor.label()), wanted).await
}

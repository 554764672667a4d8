//! How does a contract end? The developer unregisters, or those who decide delete it (portal.md §8.4 rows 10 to 12).

use entity::id::ContractId;

use super::decide::may_decide;
use super::state::{Event, next};
use super::transition::{Application, Tokens, Transition, processed, standing, told};
use super::{Contract, find};
use crate::app::App;
use crate::oidc::event::Kind;
use crate::oidc::tenant::Tenant;
use crate::portal::application::reached;
use crate::portal::membership::Reach;
use crate::portal::service::write::unchanged;
use crate::portal::{Actor, Error};

/// Unregisters: whoever changes the application does not want the contract any more. Its tokens for the service end.
///
/// # Errors
/// `Conflict(ContractState)` for one that was revoked (D-17); `NotFound` for one that is closed or not theirs;
/// `NotAllowed` for a member who only sees the application.
pub async fn unregister(app: &App, tenant: &Tenant, actor: &Actor, id: ContractId) -> Result<(), Error> {
    unregister_version(app, tenant, actor, id, None).await
}

/// As [`unregister`], if the contract has the version the caller saw; `None`: whichever is there.
///
/// # Errors
/// As [`unregister`]; `Conflict(Changed)` for another version.
pub async fn unregister_version(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ContractId,
    expected: Option<i64>,
) -> Result<(), Error> {
    let contract = find(app, tenant, actor, id).await?;
    reached(app.db.pool(), tenant, actor, contract.application.id, Reach::Change).await?;
    unchanged(expected, contract.row.version)?;
    close(app, tenant, actor, &contract, Event::Unregister).await
}

/// Deletes a contract in whatever state: admins, and the publisher who looks after the service. It is gone from every
/// list (N12), its tokens end, and it may be requested again.
///
/// # Errors
/// `NotFound` for one that is closed or unknown; `NotAllowed`.
pub async fn delete(app: &App, tenant: &Tenant, actor: &Actor, id: ContractId) -> Result<(), Error> {
    delete_version(app, tenant, actor, id, None).await
}

/// As [`delete`], if the contract has the version the caller saw; `None`: whichever is there.
///
/// # Errors
/// As [`delete`]; `Conflict(Changed)` for another version.
pub async fn delete_version(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ContractId,
    expected: Option<i64>,
) -> Result<(), Error> {
    let contract = find(app, tenant, actor, id).await?;
    may_decide(actor, contract.service.owner_id)?;
    unchanged(expected, contract.row.version)?;
    close(app, tenant, actor, &contract, Event::Delete).await
}

async fn close(app: &App, tenant: &Tenant, actor: &Actor, contract: &Contract, event: Event) -> Result<(), Error> {
    let from = standing(&contract.row);
    let to = next(Some(from), event).map_err(Error::Conflict)?;
    let after = processed(&contract.row, to, actor.label(), app.clock.now());
    let told = told(app, tenant, actor, Kind::ContractClosed, Some(from), &after);
    let step = Transition {
        from: Some(from),
        after,
        application: Application::MayBeArchived,
        tokens: Tokens::End { audience: contract.service.audience.clone() },
        told,
        mails: Vec::new(),
    };
    step.store(app).await
}

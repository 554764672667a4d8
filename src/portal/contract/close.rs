//! How does a contract end? The developer unregisters, or those who decide delete it (portal.md §8.4 rows 10 to 12).

use entity::id::ContractId;

use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};

/// Unregisters: whoever changes the application does not want the contract any more. Its tokens for the service end.
///
/// # Errors
/// `Conflict(ContractState)` for one that was revoked (D-17); `NotFound` for one that is closed or not theirs;
/// `NotAllowed` for a member who only sees the application.
pub async fn unregister(app: &App, tenant: &Tenant, actor: &Actor, id: ContractId) -> Result<(), Error> {
    let _ = (app, tenant, actor, id);
    todo!()
}

/// Deletes a contract in whatever state: admins, and the publisher who looks after the service. It is gone from every
/// list (N12), its tokens end, and it may be requested again.
///
/// # Errors
/// `NotFound` for one that is closed or unknown; `NotAllowed`.
pub async fn delete(app: &App, tenant: &Tenant, actor: &Actor, id: ContractId) -> Result<(), Error> {
    let _ = (app, tenant, actor, id);
    todo!()
}

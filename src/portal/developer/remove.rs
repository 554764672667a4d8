//! What goes with a developer? Their applications are archived, their sessions and tokens end.

use entity::id::UserId;

use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};

/// Removes a developer.
///
/// # Errors
/// `Conflict(LastOne)` for oneself and for the last admin; `NotFound`, `NotAllowed`.
pub async fn remove(app: &App, tenant: &Tenant, actor: &Actor, id: UserId) -> Result<(), Error> {
    let _ = (app, tenant, actor, id);
    todo!()
}

//! What goes when an application is put away? Everything it could do; its row and its clients' wait for a restore (D-16).

use entity::id::ApplicationId;

use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};

/// Puts an application away: no primary owner, no members, its contracts closed or rejected (portal.md §8.4 rows 13 and
/// 14), its clients and their tokens ended, all in one transaction.
///
/// # Errors
/// `NotFound`; `NotAllowed` for members (D-8); `Conflict(Archived)` for an admin who archives it twice.
pub async fn archive(app: &App, tenant: &Tenant, actor: &Actor, id: ApplicationId) -> Result<(), Error> {
    let _ = (app, tenant, actor, id);
    todo!()
}

//! How does an application change? One change at a time: whoever saw an older version is told.

use entity::id::ApplicationId;

use super::Application;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};

/// What is to change; `None` stays. The inner `None` of the others clears them.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Name shown to people; its first client is renamed with it if it had the same name.
    pub name: Option<String>,
    /// What it does.
    pub description: Option<Option<String>>,
    /// Where authorization answers of its first client may go.
    pub redirect_uris: Option<Vec<String>>,
    /// What another system calls it.
    pub custom_id: Option<Option<String>>,
    /// The domain it belongs to.
    pub domain: Option<Option<String>>,
}

/// Changes an application. `expected` is the version the caller saw; `None`: whichever is there.
///
/// # Errors
/// `Invalid`, `Taken` as [`super::create()`]; `Conflict(Changed)` for another version; `NotFound`, `NotAllowed` for
/// somebody who reaches less far than [`crate::portal::membership::Reach::Change`].
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ApplicationId,
    expected: Option<i64>,
    change: Change,
) -> Result<Application, Error> {
    let _ = (app, tenant, actor, id, expected, change);
    todo!()
}

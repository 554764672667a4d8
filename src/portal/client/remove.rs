//! How does a client leave its application? At once, with its secrets and tokens; the application stays.

use super::Which;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};

/// Removes a client.
///
/// # Errors
/// `NotFound`, also for the second of two removals; `NotAllowed`.
pub async fn remove(app: &App, tenant: &Tenant, actor: &Actor, which: Which<'_>) -> Result<(), Error> {
    let _ = (app, tenant, actor, which);
    todo!()
}

//! How does a client of an application change? The result is judged like any registration.

use std::sync::Arc;

use super::Which;
use super::add::Grants;
use crate::app::App;
use crate::oidc::client::record::Client;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};

/// What is to change; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Name shown to people.
    pub name: Option<String>,
    /// Where authorization answers may go.
    pub redirect_uris: Option<Vec<String>>,
    /// How it may ask for tokens.
    pub grants: Option<Grants>,
}

/// Changes a client.
///
/// # Errors
/// `Invalid` as registration judges; `Conflict(Changed)` when another change came first; `NotFound`, `NotAllowed`.
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: Which<'_>,
    change: Change,
) -> Result<Arc<Client>, Error> {
    let _ = (app, tenant, actor, which, change);
    todo!()
}

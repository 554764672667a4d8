//! What does a contract allow, and from when to when? Those who decide say so.

use entity::id::ContractId;
use entity::word::Words;

use super::Contract;
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};

/// What is to change; `None` stays. The inner `None` lifts the limit.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The scopes of the service it is for; an inner `None`: all of them.
    pub scopes: Option<Option<Words>>,
    /// Not before, seconds since 1970.
    pub starts_at: Option<Option<Seconds>>,
    /// Not from then on, seconds since 1970.
    pub ends_at: Option<Option<Seconds>>,
}

/// Changes a contract: admins, and the publisher who looks after the service. `expected` is the version the caller saw;
/// `None`: whichever is there.
///
/// # Errors
/// `Invalid` for scopes the service does not know and for an end that is not after the start; `Conflict(Changed)` for
/// another version; `NotFound`, `NotAllowed`.
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ContractId,
    expected: Option<i64>,
    change: Change,
) -> Result<Contract, Error> {
    let _ = (app, tenant, actor, id, expected, change);
    todo!()
}

//! What may be changed about a developer? By admins, and by the developer.

use entity::id::UserId;
use entity::user;
use serde_json::{Map, Value};

use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};

/// What is to change; `None` stays, an inner `None` clears. Whether an address is proven is not among it (s.L17).
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Full name.
    pub name: Option<Option<String>>,
    /// E-mail address; a new one is not proven, and gets a mail with a link.
    pub email: Option<String>,
    /// What is known of them.
    pub meta: Option<Option<Map<String, Value>>>,
    /// What another system calls them; for admins only.
    pub custom_id: Option<Option<String>>,
}

/// Changes a developer.
///
/// # Errors
/// `Invalid`; `Taken` for `email` and `custom_id`; `Conflict(Changed)` when the address changed at the same moment;
/// `NotFound`, `NotAllowed`.
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: UserId,
    change: Change,
) -> Result<user::Model, Error> {
    let _ = (app, tenant, actor, id, change);
    todo!()
}

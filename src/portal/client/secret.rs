//! Which secrets has a client? Several at once, so that one can be exchanged while another is in use (portal.md N25).

use entity::client_secret;
use entity::id::ClientSecretId;

use super::Which;
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};
use crate::secret::Secret;

/// So many secrets a client has, at most (portal.md N30).
pub const SECRETS_MAX: usize = 20;

/// A secret, without its value (s.B14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretInfo {
    /// Identity.
    pub id: ClientSecretId,
    /// What it is for.
    pub name: Option<String>,
    /// Its last four characters.
    pub hint: String,
    /// Seconds since 1970; 0: never.
    pub expires_at: Seconds,
    /// Seconds since 1970.
    pub created_at: Seconds,
}

impl From<&client_secret::Model> for SecretInfo {
    fn from(row: &client_secret::Model) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            hint: row.hint.clone(),
            expires_at: row.expires_at,
            created_at: row.created_at,
        }
    }
}

/// A secret that was made.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// What lists will say of it.
    pub info: SecretInfo,
    /// Its value, shown this once.
    pub value: Secret,
}

/// The secrets of a client, the oldest first.
///
/// # Errors
/// As [`super::find`].
pub async fn list(app: &App, tenant: &Tenant, actor: &Actor, which: Which<'_>) -> Result<Vec<SecretInfo>, Error> {
    let _ = (app, tenant, actor, which);
    todo!()
}

/// Adds a secret: the others stay good. `name` has 1 to 200 characters.
///
/// # Errors
/// `Invalid` for the name, for a public client and beyond [`SECRETS_MAX`]; `NotFound`, `NotAllowed`.
pub async fn add(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: Which<'_>,
    name: Option<String>,
) -> Result<NewSecret, Error> {
    let _ = (app, tenant, actor, which, name);
    todo!()
}

/// Gives a secret another name.
///
/// # Errors
/// As [`add`]; `NotFound` for a secret of another client.
pub async fn rename(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: Which<'_>,
    id: ClientSecretId,
    name: Option<String>,
) -> Result<SecretInfo, Error> {
    let _ = (app, tenant, actor, which, id, name);
    todo!()
}

/// Removes a secret: it is refused from now on.
///
/// # Errors
/// `Conflict(LastOne)` for the only one; `NotFound` for a secret of another client; `NotAllowed`.
pub async fn remove(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: Which<'_>,
    id: ClientSecretId,
) -> Result<(), Error> {
    let _ = (app, tenant, actor, which, id);
    todo!()
}

/// Exchanges the only secret of a client for a fresh one: the old one is refused from now on.
///
/// # Errors
/// `Conflict(SeveralSecrets)` if it has more than one; `Invalid` for a public client; `NotFound`, `NotAllowed`.
pub async fn regenerate(app: &App, tenant: &Tenant, actor: &Actor, which: Which<'_>) -> Result<NewSecret, Error> {
    let _ = (app, tenant, actor, which);
    todo!()
}

/// The value of the newest secret of a client, if a copy was kept: for those who may exchange it anyway (D-4).
///
/// # Errors
/// `NotFound`, `NotAllowed` for those who may only see the application.
pub async fn reveal(app: &App, tenant: &Tenant, actor: &Actor, which: Which<'_>) -> Result<Option<Secret>, Error> {
    let _ = (app, tenant, actor, which);
    todo!()
}

//! How does an application get a client? Judged and made as registration judges and makes every client.

use std::sync::Arc;

use entity::id::ApplicationId;

use crate::app::App;
use crate::oidc::client::GrantType;
use crate::oidc::client::record::Client;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};
use crate::secret::Secret;

/// So many clients an application has, at most.
pub const CLIENTS_MAX: usize = 50;

/// Credentials that another system gave out before.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// 1 to 64 characters of `[A-Za-z0-9._-]`, unique in the tenant; `None`: a fresh one.
    pub client_id: Option<String>,
    /// 32 to 256 printable ASCII characters; `None`: a fresh one.
    pub secret: Option<Secret>,
}

/// How a client may ask for tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Grants {
    /// As clients of its type usually do: every grant of this server that its type can use. The policy of each service
    /// decides which of them work there (portal.md §8.2).
    #[default]
    Usual,
    /// These.
    These(Vec<GrantType>),
}

/// A client to be made.
#[derive(Clone, Debug, Default)]
pub struct New {
    /// Name shown to people; `None`: that of the application.
    pub name: Option<String>,
    /// Where authorization answers may go; `None`: where those of the application's first client may.
    pub redirect_uris: Option<Vec<String>>,
    /// How it may ask for tokens.
    pub grants: Grants,
    /// Credentials it is to have.
    pub given: Given,
}

/// A client that was made.
#[derive(Clone, Debug)]
pub struct Added {
    /// It.
    pub client: Arc<Client>,
    /// Its secret, shown this once; `None` for a public client.
    pub secret: Option<Secret>,
}

/// Adds a client to an application.
///
/// # Errors
/// `Invalid` as registration judges; `Taken` for `client_id`; `Invalid` with no field beyond [`CLIENTS_MAX`];
/// `NotFound`, `NotAllowed`, `NotApproved`.
pub async fn add(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application: ApplicationId,
    new: New,
) -> Result<Added, Error> {
    let _ = (app, tenant, actor, application, new);
    todo!()
}

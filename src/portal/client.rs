//! What is a client to those who look after its application? What it registered, and hints of its secrets.

pub mod add;
pub mod change;
pub mod remove;
pub mod secret;

pub use add::{Added, CLIENTS_MAX, Given, Grants, New, add};
pub use change::{Change, change};
pub use remove::remove;
pub use secret::{NewSecret, SECRETS_MAX, SecretInfo};

use std::sync::Arc;

use entity::id::ApplicationId;

use super::{Actor, Error};
use crate::app::App;
use crate::oidc::client::record::Client;
use crate::oidc::tenant::Tenant;

/// Which client is meant.
#[derive(Clone, Copy, Debug)]
pub struct Which<'a> {
    /// The application it must belong to (s.B2); `None`: whichever.
    pub application: Option<ApplicationId>,
    /// The identity of its row, or its `client_id`.
    pub client: &'a str,
}

impl<'a> Which<'a> {
    /// A client of this application.
    pub fn of(application: ApplicationId, client: &'a str) -> Self {
        Self { application: Some(application), client }
    }

    /// A client of whichever application.
    pub fn anywhere(client: &'a str) -> Self {
        Self { application: None, client }
    }
}

/// The clients of an application that live, the oldest first: its credentials, as some dialects say.
///
/// # Errors
/// As [`super::application::find`].
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application: ApplicationId,
) -> Result<Vec<Arc<Client>>, Error> {
    let _ = (app, tenant, actor, application);
    todo!()
}

/// A client that lives. Those with [`super::Action::ReadClients`] see every client of the tenant.
///
/// # Errors
/// `NotFound`, also for a client of another application than `which` names; `NotApproved`.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, which: Which<'_>) -> Result<Arc<Client>, Error> {
    let _ = (app, tenant, actor, which);
    todo!()
}

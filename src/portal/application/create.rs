//! How does an application come to be? With a client and, where that needs one, a secret, all in one transaction.

use entity::application;
use entity::id::UserId;
use std::sync::Arc;

use super::Application;
use crate::app::App;
use crate::oidc::client::ApplicationType;
use crate::oidc::client::record::Client;
use crate::oidc::tenant::Tenant;
use crate::portal::client::{Given, Grants};
use crate::portal::{Actor, Error};
use crate::secret::Secret;

/// So many applications a developer has, at most (portal.md N30).
pub const APPLICATIONS_MAX: u64 = 500;

/// An application to be made.
#[derive(Clone, Debug)]
pub struct New {
    /// Name shown to people: 1 to 255 characters.
    pub name: String,
    /// What it does: at most 4000 characters.
    pub description: Option<String>,
    /// Its type, which never changes.
    pub kind: ApplicationType,
    /// Where authorization answers of its client may go.
    pub redirect_uris: Vec<String>,
    /// How its client may ask for tokens.
    pub grants: Grants,
    /// What another system calls it: at most 200 characters, unique in the tenant.
    pub custom_id: Option<String>,
    /// The domain it belongs to: at most 255 characters.
    pub domain: Option<String>,
    /// Who answers for it; `None`: the actor. Only admins make applications for others.
    pub owner: Option<UserId>,
    /// Credentials the client is to have; empty: fresh ones.
    pub given: Given,
}

impl New {
    /// An application with nothing but a name and a type.
    pub fn named(name: impl Into<String>, kind: ApplicationType) -> Self {
        Self {
            name: name.into(),
            description: None,
            kind,
            redirect_uris: Vec::new(),
            grants: Grants::Usual,
            custom_id: None,
            domain: None,
            owner: None,
            given: Given::default(),
        }
    }
}

/// An application that was made.
#[derive(Clone, Debug)]
pub struct Created {
    /// It.
    pub application: Application,
    /// Its client.
    pub client: Arc<Client>,
    /// The secret of its client, shown this once; `None` for a public client.
    pub secret: Option<Secret>,
}

/// Makes an application with its client.
///
/// # Errors
/// `Invalid` with every wrong field, `redirect_uris` among them as the registration rules judge them; `Taken` for
/// `custom_id` and `client_id`; `NotAllowed` for an owner other than the actor, `NotApproved`.
pub async fn create(app: &App, tenant: &Tenant, actor: &Actor, new: New) -> Result<Created, Error> {
    let _ = (app, tenant, actor, new, None::<application::Model>);
    todo!()
}

//! How do admins bring developers in? They add them, or invite them by mail.

use entity::user::{self, Approval, Role};
use serde_json::{Map, Value};

use crate::app::App;
use crate::oidc::session::Arrival;
use crate::oidc::session::sign_in::SignedIn;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};
use crate::secret::Secret;

/// A developer to add.
#[derive(Clone, Debug)]
pub struct New {
    /// E-mail address to sign in with; not proven by this.
    pub email: String,
    /// Full name: 1 to 200 characters.
    pub name: Option<String>,
    /// Password; `None`: they ask for a link.
    pub password: Option<Secret>,
    /// What is known of them: at most 8 KiB as JSON.
    pub meta: Option<Map<String, Value>>,
    /// What another system calls them: at most 200 characters, unique in the tenant.
    pub custom_id: Option<String>,
    /// Whether the portal is open to them.
    pub approval: Approval,
    /// What they may do: developer or publisher.
    pub role: Role,
}

/// Somebody to invite.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// E-mail address.
    pub email: String,
    /// Full name.
    pub name: Option<String>,
    /// What they may do: developer or publisher.
    pub role: Role,
}

/// Adds a developer.
///
/// # Errors
/// `Invalid`, `Taken` for `email` and `custom_id`, `NotAllowed`.
pub async fn create(app: &App, tenant: &Tenant, actor: &Actor, new: New) -> Result<user::Model, Error> {
    let _ = (app, tenant, actor, new);
    todo!()
}

/// Invites somebody, who is approved from the start. Inviting somebody who did not accept yet sends another mail.
///
/// # Errors
/// `Invalid`; `Taken` for the address of somebody who has a password; `NotAllowed`.
pub async fn invite(app: &App, tenant: &Tenant, actor: &Actor, invitation: Invitation) -> Result<user::Model, Error> {
    let _ = (app, tenant, actor, invitation);
    todo!()
}

/// Accepts an invitation: sets the password, proves the address, and begins a session.
///
/// # Errors
/// `Invalid` with the field `link` for a link that is spent, too old or not ours (s.B9), with `password` or `name` for
/// what was chosen: the link is still good then.
pub async fn accept_invitation(
    app: &App,
    tenant: &Tenant,
    link: &Secret,
    name: Option<String>,
    password: &Secret,
    arrival: &Arrival<'_>,
) -> Result<SignedIn, Error> {
    let _ = (app, tenant, link, name, password, arrival);
    todo!()
}

//! How does somebody become a developer by themselves? The answer never says who has an account (s.L12).

use std::net::IpAddr;

use entity::user::{self, Approval};
use serde_json::{Map, Value};

use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::Error;
use crate::secret::Secret;

/// Somebody who wants to be a developer.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// E-mail address to sign in with.
    pub email: String,
    /// Full name: 1 to 200 characters.
    pub name: Option<String>,
    /// Password.
    pub password: Secret,
    /// What else the form asked for: at most 8 KiB as JSON.
    pub meta: Option<Map<String, Value>>,
    /// Where the request came from.
    pub from: IpAddr,
}

/// Signs somebody up, and says whether developers are approved at once here: the same answer for an address that has an
/// account, whose owner gets a mail instead (s.L12).
///
/// # Errors
/// `NotAllowed` where signing up is switched off (s.B17); `Invalid` for the address, also of a domain that is not among
/// those allowed, for the password, the name and the meta data; `NotNow` after too many attempts.
pub async fn sign_up(app: &App, tenant: &Tenant, wish: SignUp) -> Result<Approval, Error> {
    let _ = (app, tenant, wish);
    todo!()
}

/// Spends a link that proves an address: the only way to a proven address here (s.L17).
///
/// # Errors
/// `Invalid` with the field `link` for one that is spent, too old, or not ours (s.L15).
pub async fn verify_email(app: &App, tenant: &Tenant, link: &Secret) -> Result<user::Model, Error> {
    let _ = (app, tenant, link);
    todo!()
}

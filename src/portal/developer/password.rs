//! How does somebody who forgot their password get in again? By a link in a mail.

use std::net::IpAddr;

use crate::app::App;
use crate::oidc::session::Arrival;
use crate::oidc::session::sign_in::SignedIn;
use crate::oidc::tenant::Tenant;
use crate::portal::Error;
use crate::secret::Secret;

/// Sends a link to somebody who has an account here; the answer is the same for everybody (s.L12).
///
/// # Errors
/// `NotNow` after too many requests; when the database cannot be asked.
pub async fn request_password_reset(app: &App, tenant: &Tenant, email: &str, from: IpAddr) -> Result<(), Error> {
    let _ = (app, tenant, email, from);
    todo!()
}

/// Spends a link: sets the password, ends all sessions and refresh tokens (s.L22), and begins a session.
///
/// # Errors
/// `Invalid` with the field `link` for one that is spent, too old or not ours (s.L15), with `password` for one that is
/// not taken: the link is still good then.
pub async fn reset(
    app: &App,
    tenant: &Tenant,
    link: &Secret,
    password: &Secret,
    arrival: &Arrival<'_>,
) -> Result<SignedIn, Error> {
    let _ = (app, tenant, link, password, arrival);
    todo!()
}

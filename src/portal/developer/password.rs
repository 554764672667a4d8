//! How does somebody who forgot their password get in again? By a link in a mail.

use std::net::IpAddr;

use entity::user::{self, UserState};
use sea_orm::Value as Bound;
use serde_json::json;

use super::sign_up::let_in;
use super::{link, link_mail, target, throttle, told_with, weak_password};
use crate::app::App;
use crate::oidc::event::{Kind, event as tell};
use crate::oidc::session::Arrival;
use crate::oidc::session::new_password::{NotSet, set_for};
use crate::oidc::session::sign_in::SignedIn;
use crate::oidc::tenant::Tenant;
use crate::oidc::user::find_by_email;
use crate::portal::Error;
use crate::portal::notice::Notice;
use crate::secret::Secret;

/// Sends a link to somebody who has an account here; the answer is the same for everybody (s.L12).
///
/// # Errors
/// `NotNow` after too many requests; when the database cannot be asked.
pub async fn request_password_reset(app: &App, tenant: &Tenant, email: &str, from: IpAddr) -> Result<(), Error> {
    throttle(app, tenant, "password-reset", email, from)?;
    let person = find_by_email(app, tenant, email).await?.filter(|person| person.state == UserState::Active);
    let about = person.as_ref().map_or_else(|| "user".to_owned(), |person| target(person.id));
    let told = tell(app, tenant.id, Kind::PasswordResetRequested, "anonymous", &about, json!({}));
    let told = told.from(from);
    let mails =
        person.map(|person| link_mail(app, tenant, &told, Notice::PasswordReset, &person, link::For::PasswordReset));
    app.db.insert(told_with(told, mails.unwrap_or_default())).await?;
    Ok(())
}

/// Spends a link: sets the password, ends all sessions and refresh tokens (s.L22), and begins a session. Who has the link
/// reads the mail of the address, so it is proven, too, with what follows from that.
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
    let person = link::open(app, tenant, link, link::For::PasswordReset).await?;
    let more = vec![(user::Column::EmailVerified, Bound::from(true))];
    let signed_in = set_for(app, tenant, &person, password, arrival, more).await.map_err(not_set)?;
    let_in(app, tenant, &person).await?;
    Ok(signed_in)
}

/// Why a password was not set, as the portal tells it.
pub(super) fn not_set(why: NotSet) -> Error {
    match why {
        NotSet::LinkSpent => link::spent(),
        NotSet::Weak(weak) => Error::Invalid(vec![weak_password(weak)]),
        NotSet::Failed(error) => error.into(),
    }
}

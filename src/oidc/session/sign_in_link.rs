//! How does somebody sign in who has no password yet? By a link that works once.
//!
//! The link is a sealed value that names the person and when their password was last changed: setting a password makes
//! it void, so no row is needed to spend it.

use entity::user;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::tenant::Tenant;
use crate::oidc::{Error, user as users};
use crate::secret::{Purpose, Secret};
use entity::id::{TenantId, UserId};

/// Where the links lead, below the issuer.
pub const PATH: &str = "/sign-in-link";

#[derive(Serialize, Deserialize)]
struct Link {
    user_id: UserId,
    password_changed_at: Seconds,
    expires_at: Seconds,
}

/// A link for `user`, good for as long as the configuration says.
pub fn make(app: &App, tenant_id: TenantId, issuer: &str, user: &user::Model) -> Secret {
    let link = Link {
        user_id: user.id,
        password_changed_at: user.password_changed_at,
        expires_at: app.clock.now() + app.config.login.sign_in_link_seconds,
    };
    let plain = serde_json::to_vec(&link).unwrap_or_default();
    let sealed = app.sealer.seal_text(Purpose::SignInLink, tenant_id.0.as_bytes(), &plain);
    Secret::new(format!("{issuer}{PATH}?link={sealed}"))
}

/// The person a link is for; `None` once it is spent, too old or not ours.
///
/// # Errors
/// When the database cannot be asked.
pub async fn open(app: &App, tenant: &Tenant, link: &Secret) -> Result<Option<user::Model>, Error> {
    let Ok(plain) = app.sealer.open_text(Purpose::SignInLink, tenant.id.0.as_bytes(), link.expose()) else {
        return Ok(None);
    };
    let Ok(link) = serde_json::from_slice::<Link>(&plain) else { return Ok(None) };
    if link.expires_at <= app.clock.now() {
        return Ok(None);
    }
    app.users.forget(&link.user_id);
    let user = users::find(app, tenant, link.user_id).await?;
    Ok(user.filter(|user| user.password_changed_at == link.password_changed_at).map(|user| (*user).clone()))
}

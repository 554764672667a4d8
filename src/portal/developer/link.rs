//! What does a link in a mail prove? That its holder reads the mail of one person, for one purpose, once (s.L15, s.L16).
//!
//! The link is a sealed value that names the person, the purpose and what its use changes, so no row is needed to spend
//! it. Its address is built from the issuer alone.

use entity::id::UserId;
use entity::user::{self, UserState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::tenant::Tenant;
use crate::portal::notice::page;
use crate::portal::{Error, Rule};
use crate::secret::{Purpose, Secret};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum For {
    /// To prove an address; spent once it is proven.
    VerifyEmail,
    /// To accept an invitation; spent once there is a password.
    Invitation,
    /// To choose a new password; spent once another one was set.
    PasswordReset,
}

impl For {
    fn path(self) -> &'static str {
        match self {
            Self::VerifyEmail => page::VERIFY_EMAIL,
            Self::Invitation => page::INVITATION,
            Self::PasswordReset => page::PASSWORD_RESET,
        }
    }

    /// How long it is good, in seconds.
    fn seconds(self) -> Seconds {
        match self {
            Self::VerifyEmail => 3 * 24 * 3600,
            Self::Invitation => 7 * 24 * 3600,
            // s.L15
            Self::PasswordReset => 15 * 60,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Link {
    what: For,
    user_id: UserId,
    email_key: String,
    password_changed_at: Seconds,
    expires_at: Seconds,
}

/// The address of a page with a link for somebody: `…?link=…`.
pub(super) fn make(app: &App, tenant: &Tenant, person: &user::Model, what: For) -> Secret {
    let link = Link {
        what,
        user_id: person.id,
        email_key: person.email_key.clone(),
        password_changed_at: person.password_changed_at,
        expires_at: app.clock.now() + what.seconds(),
    };
    let plain = serde_json::to_vec(&link).unwrap_or_default();
    let sealed = app.sealer.seal_text(Purpose::MailLink, tenant.id.0.as_bytes(), &plain);
    Secret::new(format!("{}?link={sealed}", tenant.url(what.path())))
}

/// The person a link is for, as the database has them now; a page may look before it asks for anything. `link` is what
/// follows `?link=`.
///
/// # Errors
/// `Invalid` with the field `link` for one that is spent, too old, for another purpose, or not ours.
pub async fn open(app: &App, tenant: &Tenant, link: &Secret, what: For) -> Result<user::Model, Error> {
    let plain = app.sealer.open_text(Purpose::MailLink, tenant.id.0.as_bytes(), link.expose());
    let Ok(plain) = plain else { return Err(spent()) };
    let Ok(link) = serde_json::from_slice::<Link>(&plain) else { return Err(spent()) };
    if link.what != what || link.expires_at <= app.clock.now() {
        return Err(spent());
    }
    let row = user::Entity::find_by_id(link.user_id)
        .filter(user::Column::TenantId.eq(tenant.id))
        .filter(user::Column::State.eq(UserState::Active))
        .one(app.db.pool())
        .await?;
    let person = row.filter(|row| row.email_key == link.email_key).ok_or_else(spent)?;
    let unspent = match what {
        For::VerifyEmail => !person.email_verified,
        For::Invitation => person.password_hash.is_none() && person.password_changed_at == link.password_changed_at,
        For::PasswordReset => person.password_changed_at == link.password_changed_at,
    };
    if unspent { Ok(person) } else { Err(spent()) }
}

/// The one answer to a link that is not good.
pub(super) fn spent() -> Error {
    Error::invalid("link", Rule::Unknown, "was used before, is too old, or is none of ours")
}

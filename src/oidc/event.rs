//! What happened? Rows of the audit log, written with the change they tell of.

use entity::event;
use entity::id::{EventId, TenantId};
use serde_json::Value;

use crate::app::App;
use crate::secret;

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A client was registered.
    ClientRegistered,
    /// Its metadata was replaced or changed.
    ClientUpdated,
    /// Its secret was renewed.
    ClientSecretRenewed,
    /// It is gone.
    ClientDeleted,
    /// Nobody used it, so it is gone.
    ClientExpired,
    /// A registration access token was used on another client (R20).
    RegistrationTokenMisused,
    /// A code was presented twice.
    CodeReplayed,
    /// A refresh token was presented after its successor had been used.
    RefreshTokenReplayed,
    /// Tokens were revoked.
    TokensRevoked,
    /// Somebody signed in.
    SignedIn,
    /// Somebody failed to sign in.
    SignInFailed,
    /// Somebody signed out.
    SignedOut,
    /// Somebody let a client act for them.
    ConsentGiven,
    /// Somebody did not.
    ConsentRefused,
    /// A password was set.
    PasswordSet,
    /// An initial access token was made.
    InitialAccessTokenCreated,
    /// It was revoked.
    InitialAccessTokenRevoked,
    /// An admin changed what the tenant, a user, a service or a client may do.
    Administered,
    /// Signing keys moved on.
    KeysRotated,
}

impl Kind {
    /// As it stands in the row.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientRegistered => "client_registered",
            Self::ClientUpdated => "client_updated",
            Self::ClientSecretRenewed => "client_secret_renewed",
            Self::ClientDeleted => "client_deleted",
            Self::ClientExpired => "client_expired",
            Self::RegistrationTokenMisused => "registration_token_misused",
            Self::CodeReplayed => "code_replayed",
            Self::RefreshTokenReplayed => "refresh_token_replayed",
            Self::TokensRevoked => "tokens_revoked",
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
            Self::ConsentGiven => "consent_given",
            Self::ConsentRefused => "consent_refused",
            Self::PasswordSet => "password_set",
            Self::InitialAccessTokenCreated => "initial_access_token_created",
            Self::InitialAccessTokenRevoked => "initial_access_token_revoked",
            Self::Administered => "administered",
            Self::KeysRotated => "keys_rotated",
        }
    }
}

/// A row that says that `actor` did `kind` to `target`; `data` never holds a secret.
pub fn event(app: &App, tenant_id: TenantId, kind: Kind, actor: &str, target: &str, data: Value) -> event::Model {
    event::Model {
        id: EventId(secret::new_id()),
        tenant_id,
        kind: kind.as_str().to_owned(),
        actor: actor.chars().take(128).collect(),
        target: target.chars().take(128).collect(),
        data,
        address: None,
        at: app.clock.now(),
    }
}

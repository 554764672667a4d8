//! What is an authorization code? (RFC 6749 §4.1.2)
//!
//! A sealed value: everything the token endpoint needs is inside, encrypted and authenticated, so that no row exists
//! before it is used. Using it inserts the row of its family under the identity chosen here, and the database's own
//! uniqueness lets that happen once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::id::{ClientKey, FamilyId, SessionId, UserId};
use entity::word::Words;
use serde::{Deserialize, Serialize};

use super::claims::ClaimsRequest;
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::tenant::Tenant;
use crate::oidc::token::claims::Authentication;
use crate::secret::{self, Purpose, Secret};

/// What was granted, on its way from the authorization endpoint to the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationCode {
    /// The identity of the family it will become.
    #[serde(rename = "i")]
    pub family_id: FamilyId,
    /// The only client that may use it.
    #[serde(rename = "c")]
    pub client_key: ClientKey,
    /// Who signed in.
    #[serde(rename = "u")]
    pub user_id: UserId,
    /// In which session.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// Where it was sent, byte for byte as the request spelled it.
    #[serde(rename = "r")]
    pub redirect_uri: String,
    /// Whether the request named the redirect URI: then the token request must too (RFC 6749 §4.1.3).
    #[serde(rename = "n")]
    pub redirect_uri_named: bool,
    /// The S256 challenge (RFC 7636 §4.2), if the request had one.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// What was granted.
    #[serde(rename = "o")]
    pub scopes: Words,
    /// The resources asked for, canonical; empty if none was.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Whom the tokens may be for: the services the person saw. `None`: whichever know the scopes.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Words>,
    /// The claims asked for one by one.
    #[serde(rename = "l", default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
    /// How and when the person signed in.
    #[serde(rename = "h")]
    pub authentication: Authentication,
    /// Until when it can be used, seconds since 1970.
    #[serde(rename = "e")]
    pub expires_at: Seconds,
}

impl AuthorizationCode {
    /// A fresh identity for a code.
    pub fn new_identity() -> FamilyId {
        FamilyId(secret::new_id())
    }

    /// Seals it for the client to carry.
    pub fn seal(&self, app: &App, tenant: &Tenant) -> Secret {
        // A struct of strings and numbers always serialises.
        let plain = serde_json::to_vec(self).unwrap_or_default();
        Secret::new(app.sealer.seal_text(Purpose::Code, tenant.id.0.as_bytes(), &plain))
    }

    /// Opens what a client presents; `None` for anything that this tenant did not seal as a code.
    pub fn open(app: &App, tenant: &Tenant, presented: &Secret) -> Option<Self> {
        let plain = app.sealer.open_text(Purpose::Code, tenant.id.0.as_bytes(), presented.expose()).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// Whether `verifier` is what the challenge was made of (RFC 7636 §4.6); a code without a challenge takes none.
    pub fn proves(&self, verifier: Option<&Secret>) -> bool {
        match (&self.challenge, verifier) {
            (None, None) => true,
            (Some(challenge), Some(verifier)) if is_verifier(verifier.expose()) => {
                let digest = URL_SAFE_NO_PAD.encode(secret::sha256(verifier.expose().as_bytes()));
                secret::same(digest.as_bytes(), challenge.as_bytes())
            }
            // A verifier without a challenge is a downgrade (s.T9, RFC 9700 §4.8.2).
            _ => false,
        }
    }
}

/// Whether `text` is a code verifier: 43 to 128 unreserved characters (RFC 7636 §4.1).
fn is_verifier(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

/// Whether `text` is an S256 challenge: 43 characters of base64url (RFC 7636 §4.2).
pub fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

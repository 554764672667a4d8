//! Whom does an ID token name that a client sends back? (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2)

use entity::id::SessionId;
use serde::Deserialize;

use crate::clock::Seconds;
use crate::oidc::keys::{Kind, jwt};
use crate::oidc::tenant::Tenant;

/// What an ID token of ours says. It may have expired: a hint is not a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The person, as that client sees them.
    pub sub: String,
    /// The client it was made for.
    pub client_id: String,
    /// The session it came from.
    pub session_id: Option<SessionId>,
}

/// `iat` and `exp` must be there: a signed userinfo answer, which looks alike otherwise, has neither.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    #[serde(rename = "iat")]
    _iat: Seconds,
    #[serde(rename = "exp")]
    _exp: Seconds,
    #[serde(default)]
    sid: Option<SessionId>,
}

/// Reads a hint: signature, kind and issuer hold (s.A46, s.O5). `None` for anything else.
pub fn read(tenant: &Tenant, token: &str) -> Option<Hint> {
    let claims: Claims = jwt::verify(&tenant.keys, Kind::IdToken, token)?;
    (claims.iss == tenant.issuer).then_some(Hint { sub: claims.sub, client_id: claims.aud, session_id: claims.sid })
}

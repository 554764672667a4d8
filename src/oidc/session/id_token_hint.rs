//! Whom does an ID token name that a client sends back? (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2)

use entity::id::SessionId;
use serde::Deserialize;

use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::Error;
use crate::oidc::client::record;
use crate::oidc::keys::{IdTokenAlgorithm, Kind, jwt};
use crate::oidc::registration::credentials;
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
///
/// # Errors
/// When the database cannot be asked for the secret that the token may be signed with.
pub async fn read(app: &App, tenant: &Tenant, token: &str) -> Result<Option<Hint>, Error> {
    let claims = match jwt::verify::<Claims>(&tenant.keys, Kind::IdToken, token) {
        Some(claims) => Some(claims),
        None => signed_with_secret(app, tenant, token).await?,
    };
    let claims = claims.filter(|claims| claims.iss == tenant.issuer);
    Ok(claims.map(|claims| Hint { sub: claims.sub, client_id: claims.aud, session_id: claims.sid }))
}

/// The claims of a token that the client it names had signed with its own secret, as it registered: who lacks that
/// secret cannot make one, and no other client's is tried.
async fn signed_with_secret(app: &App, tenant: &Tenant, token: &str) -> Result<Option<Claims>, Error> {
    let Some(said) = jwt::unverified::<Claims>(token) else { return Ok(None) };
    let Some(client) = record::find(app, tenant, &said.aud).await? else { return Ok(None) };
    if client.metadata.id_token_alg() != IdTokenAlgorithm::Secret {
        return Ok(None);
    }
    let mut secrets = client.live_secrets(app.clock.now()).filter_map(|row| credentials::reveal(app, row));
    Ok(secrets.find_map(|secret| jwt::verify_with_secret(&secret, token)))
}

//! Who signed in, as far as the scopes and the claims asked for let the client know? (OpenID Connect Core §5.3)

use serde_json::{Map, Value};

use super::keys::{Kind, jwt};
use super::scope::{self, OidcScope};
use super::tenant::Tenant;
use super::token::access;
use super::user::claims;
use super::{Code, Error};
use crate::app::App;
use crate::secret::Secret;

/// A userinfo answer.
#[derive(Clone, Debug, PartialEq)]
pub enum UserInfo {
    /// Plain claims.
    Claims(Map<String, Value>),
    /// The claims in a JWT, as the client registered (`userinfo_signed_response_alg`).
    Signed(String),
}

/// Answers with the claims that the scopes of `token` give, and those that its request named (§5.5).
///
/// # Errors
/// `invalid_token` for one that is not good or has no person behind it, `insufficient_scope` without `openid`.
pub async fn userinfo(app: &App, tenant: &Tenant, token: &Secret) -> Result<UserInfo, Error> {
    let refused = || Error::new(Code::InvalidToken, "the access token is unknown, ended or revoked");
    let token = access::find(app, tenant, token.expose()).await?.ok_or_else(refused)?;
    let Some(user) = &token.user else {
        return Err(Error::new(Code::InvalidToken, "nobody signed in for this access token"));
    };
    if !token.scopes.contains(OidcScope::OpenId.as_str()) {
        return Err(Error::new(Code::InsufficientScope, "the access token lacks the scope openid"));
    }
    let mut claims = claims::values(user, scope::claims(&token.scopes));
    claims.append(&mut claims::values(user, token.claims.userinfo.iter()));
    claims.insert("sub".to_owned(), Value::from(token.sub.clone()));
    let Some(alg) = token.client.metadata.userinfo_alg() else { return Ok(UserInfo::Claims(claims)) };
    // A signed answer says who made it and for whom (OpenID Connect Core §5.3.2).
    claims.insert("iss".to_owned(), Value::from(tenant.issuer.clone()));
    claims.insert("aud".to_owned(), Value::from(token.client.client_id()));
    let key = tenant.keys.signing(alg)?;
    jwt::sign(key, Kind::UserInfo, &claims).map(UserInfo::Signed)
}

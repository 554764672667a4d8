//! Who signed in, as far as the scopes let the client know? (OpenID Connect Core §5.3)

use entity::user;
use serde_json::{Map, Value};

use super::keys::{Kind, jwt};
use super::scope::{self, OidcScope};
use super::tenant::Tenant;
use super::token::access;
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

/// Answers with the claims that the scopes of `token` give.
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
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), Value::from(token.sub.clone()));
    for name in scope::claims(&token.scopes).filter(|name| *name != "sub") {
        if let Some(value) = claim(user, name) {
            claims.insert(name.to_owned(), value);
        }
    }
    let Some(alg) = token.client.metadata.userinfo_alg() else { return Ok(UserInfo::Claims(claims)) };
    // A signed answer says who made it and for whom (OpenID Connect Core §5.3.2).
    claims.insert("iss".to_owned(), Value::from(tenant.issuer.clone()));
    claims.insert("aud".to_owned(), Value::from(token.client.client_id()));
    let key = tenant.keys.signing(alg)?;
    jwt::sign(key, Kind::UserInfo, &claims).map(UserInfo::Signed)
}

/// The value of a standard claim (OpenID Connect Core §5.1): some are columns, the others lie in the person's claims.
/// One without a value is left out (§5.3.2), as is an address that is no object (§5.1.1).
fn claim(user: &user::Model, name: &str) -> Option<Value> {
    let value = match name {
        "name" => user.name.clone().map(Value::from),
        "email" => Some(Value::from(user.email.clone())),
        "email_verified" => Some(Value::from(user.email_verified)),
        "updated_at" => Some(Value::from(user.updated_at)),
        _ => user.claims.get(name).cloned(),
    };
    value.filter(|value| match value {
        Value::Null => false,
        Value::Object(members) => !members.is_empty(),
        Value::String(text) => !text.is_empty() && name != "address",
        _ => name != "address",
    })
}

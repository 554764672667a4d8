//! `/user/login`: what does a script get for an e-mail address and a password? A token for an hour.

use poem_openapi::{Object, OpenApi};

use crate::api::gravitee::answer::Told;
use crate::api::gravitee::caller::{Caller, ConsoleCaller, PortalCaller};
use crate::api::gravitee::refusal::Refusal;
use crate::api::gravitee::refused::Refused;
use crate::api::gravitee::voice::{Management, Part, Portal};
use crate::portal::personal_token::{self, Lifetime, New};

/// The way in.
#[derive(Debug)]
pub struct LoginApi;

/// What to present from now on.
#[derive(Debug, Object)]
#[oai(rename = "TokenEntity")]
pub struct Token {
    /// `BEARER`.
    #[oai(rename = "type")]
    kind: String,
    /// It is good for an hour.
    token: String,
}

#[OpenApi(prefix_path = "/management/organizations/:organizationId", tag = "Part::Authentication")]
impl LoginApi {
    /// Get a token for an e-mail address and a password.
    ///
    /// They stand in `Authorization: Basic`. The token is good for an hour, and for all that its person may.
    #[oai(path = "/user/login", method = "post", operation_id = "login")]
    async fn login(&self, caller: ConsoleCaller) -> Result<Told<Token>, Refused<Management>> {
        Ok(Told(token(&caller).await?))
    }
}

/// The way into the portal.
#[derive(Debug)]
pub struct PortalLoginApi;

#[OpenApi(prefix_path = "/portal/environments/:envId", tag = "Part::Authentication")]
impl PortalLoginApi {
    /// Get a token for an e-mail address and a password, in the portal.
    #[oai(path = "/auth/login", method = "post", operation_id = "login_to_portal")]
    async fn login(&self, caller: PortalCaller) -> Result<Told<Token>, Refused<Portal>> {
        Ok(Told(token(&caller).await?))
    }
}

async fn token<V>(caller: &Caller<V>) -> Result<Token, Refusal> {
    let new = New { name: "Gravitee login".to_owned(), scopes: Vec::new(), lifetime: Lifetime::Hour };
    let (_, token) = personal_token::create(&caller.app, &caller.tenant, &caller.actor, new).await?;
    Ok(Token { kind: "BEARER".to_owned(), token: token.expose().to_owned() })
}

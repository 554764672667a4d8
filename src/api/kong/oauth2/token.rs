//! `POST /{service}/oauth2/token` (portal.md K54, K55, K59 to K64).

use http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::param::Path;
use poem_openapi::registry::{MetaMediaType, MetaResponses, Registry};
use poem_openapi::{ApiResponse, OpenApi};
use serde::Serialize;

use super::parameters::Parameters;
use super::{Refused, Visit, answer};
use crate::api::kong::admin::Part;
use crate::api::kong::answer::{Any, Shape, described};
use crate::edge::authorization_header::{self, Authorization};
use crate::oidc::authorization::code::AuthorizationCode;
use crate::oidc::client::GrantType;
use crate::oidc::client::authenticate::{Authenticated, Basic, Presented, authenticate};
use crate::oidc::client::record;
use crate::oidc::token::may_issue::Flow;
use crate::oidc::token::provision::{self, Grant, Word};
use crate::oidc::token::{self, Endpoint, Issued, TokenRequest, refresh_token};
use crate::oidc::{Code, Error};
use crate::secret::Secret;

/// The token endpoint of a service.
#[derive(Debug)]
pub struct TokenApi;

#[OpenApi(tag = "Part::Tokens")]
impl TokenApi {
    /// Issue tokens for a service.
    ///
    /// The grant types `client_credentials` and `password` are taken where the service's policy enables them. With the
    /// `provision_key` its holder vouches for the person called `authenticated_userid`: no password is asked for.
    #[oai(path = "/:service/oauth2/token", method = "post", operation_id = "issue_service_token")]
    async fn token(&self, service: Path<String>, parameters: Parameters<'_>) -> Result<Tokens, Refused> {
        let state = parameters.state();
        let told = |refused: Refused| refused.repeating(state.clone());
        let visit = Visit::of(parameters.request, &service).await?;
        let issued = issue(&visit, &parameters).await.map_err(told)?;
        Ok(Tokens::new(&issued, state.as_deref()))
    }
}

async fn issue(visit: &Visit, parameters: &Parameters<'_>) -> Result<Issued, Refused> {
    let unsupported = || Refused::new("unsupported_grant_type", "Invalid grant_type");
    let grant = parameters.text("grant_type").and_then(GrantType::parse).ok_or_else(unsupported)?;
    let policy = visit.service.policy.as_ref().ok_or_else(Refused::not_found)?;
    // K59: those of a code follow from the code.
    let is_enabled = match grant {
        GrantType::AuthorizationCode | GrantType::RefreshToken => true,
        GrantType::ClientCredentials => policy.enable_client_credentials,
        GrantType::Password => policy.enable_password_grant,
        GrantType::Implicit => false,
    };
    if !is_enabled {
        return Err(unsupported());
    }
    let client = client(visit, parameters).await?;
    match grant {
        GrantType::Password => vouched(visit, parameters, &client, Flow::Password).await,
        GrantType::ClientCredentials if parameters.text("authenticated_userid").is_some() => {
            vouched(visit, parameters, &client, Flow::ClientCredentials).await
        }
        GrantType::ClientCredentials => {
            provision::scopes(&visit.service, parameters.scope().as_deref())?;
            standard(visit, parameters, &client, parameters.scope()).await.map_err(Refused::from)
        }
        GrantType::RefreshToken => {
            let issued = standard(visit, parameters, &client, parameters.scope()).await;
            let sent = parameters.secret("refresh_token").filter(|_| issued.is_err());
            let is_foreign = match &sent {
                Some(sent) => refresh_token::is_of_another(&visit.app, &visit.tenant, &client, sent).await?,
                None => false,
            };
            issued.map_err(|error| match error.code {
                Code::InvalidGrant if is_foreign => Refused::client(false),
                Code::InvalidGrant | Code::InvalidRequest | Code::InvalidTarget => {
                    Refused::new("invalid_request", "Invalid refresh_token")
                }
                Code::InvalidScope => Refused::new("invalid_scope", "Scope mismatch"),
                _ => error.into(),
            })
        }
        GrantType::AuthorizationCode | GrantType::Implicit => by_code(visit, parameters, &client).await,
    }
}

/// K64.
async fn by_code(visit: &Visit, parameters: &Parameters<'_>, client: &Authenticated) -> Result<Issued, Refused> {
    let sent = parameters.secret("code");
    let opened = sent.and_then(|code| AuthorizationCode::open(&visit.app, &visit.tenant, &code));
    let verifier = parameters.secret("code_verifier");
    let mismatch = opened.is_some_and(|code| !code.proves(verifier.as_ref()));
    let issued = standard(visit, parameters, client, None).await;
    issued.map_err(|error| match error.code {
        Code::InvalidGrant if mismatch => error.into(),
        Code::InvalidGrant | Code::InvalidRequest | Code::InvalidTarget => {
            Refused::new("invalid_request", "Invalid code")
        }
        _ => error.into(),
    })
}

async fn standard(
    visit: &Visit,
    parameters: &Parameters<'_>,
    client: &Authenticated,
    scope: Option<String>,
) -> Result<Issued, Error> {
    let request = TokenRequest {
        grant_type: parameters.text("grant_type").map(str::to_owned),
        code: parameters.secret("code"),
        redirect_uri: parameters.text("redirect_uri").map(str::to_owned),
        code_verifier: parameters.secret("code_verifier"),
        refresh_token: parameters.secret("refresh_token"),
        scope,
        resources: vec![visit.service.row.audience.clone()],
        from: Some(visit.from),
        endpoint: Endpoint::OfService,
        ..TokenRequest::default()
    };
    token::answer(&visit.app, &visit.tenant, client, &request).await
}

/// K61.
async fn vouched(
    visit: &Visit,
    parameters: &Parameters<'_>,
    client: &Authenticated,
    flow: Flow,
) -> Result<Issued, Refused> {
    let Visit { app, tenant, service, from } = visit;
    let grant = if flow == Flow::Password { GrantType::Password } else { GrantType::ClientCredentials };
    if !client.client.metadata.may_use(grant) {
        return Err(Refused::new("unauthorized_client", format!("the client did not register the grant type {grant}")));
    }
    let key = parameters.secret("provision_key");
    let authenticated_userid = parameters.text("authenticated_userid");
    let word = Word { key: key.as_ref(), authenticated_userid, from: Some(*from) };
    let scopes = provision::scopes(service, parameters.scope().as_deref());
    let person = provision::vouched(app, tenant, service, word).await?;
    let grant = Grant { service, person: &person, scopes: &scopes?, flow };
    Ok(provision::tokens(app, tenant, &client.client, grant).await?)
}

/// The client of a request (K60).
async fn client(visit: &Visit, parameters: &Parameters<'_>) -> Result<Authenticated, Refused> {
    let basic = match authorization_header::read(parameters.request.headers()) {
        Ok(Some(Authorization::Basic(basic))) => Some(basic),
        Ok(None) => None,
        Ok(Some(Authorization::Bearer(_))) | Err(_) => return Err(Refused::client(true)),
    };
    let by_header = basic.is_some();
    let basic = basic.map(|basic| {
        let mut readings = basic.readings().map(|pair| (pair.id.clone(), pair.secret.clone()));
        let first = readings.next().unwrap_or_else(|| (String::new(), Secret::new("")));
        let raw = readings.next().unwrap_or_else(|| first.clone());
        Basic { decoded: first, raw }
    });
    let client_id = parameters.text("client_id").map(str::to_owned);
    let presented =
        Presented { basic, client_id, client_secret: parameters.secret("client_secret"), from: Some(visit.from) };
    match authenticate(&visit.app, &visit.tenant, &presented).await {
        Ok(client) => Ok(client),
        Err(error) if error.code == Code::InvalidClient => {
            let named = presented.client_id.as_deref().unwrap_or_default();
            let known = record::find(&visit.app, &visit.tenant, named).await?;
            let is_public = known.is_some_and(|client| !client.metadata.auth_method().uses_secret());
            if is_public && presented.client_secret.is_some() {
                let text = "client_secret is disallowed for public clients";
                return Err(Refused::new("invalid_request", text));
            }
            Err(Refused::client(by_header))
        }
        Err(error) => Err(error.into()),
    }
}

/// The tokens (K62).
#[derive(Debug)]
pub struct Tokens(Response);

#[derive(Serialize)]
struct Spelled<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    token_type: &'static str,
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
}

impl Tokens {
    fn new(issued: &Issued, state: Option<&str>) -> Self {
        // Who has a token for ever needs no other one.
        let refresh_token = issued.refresh_token.as_ref().filter(|_| issued.expires_in.is_some());
        Self(answer(
            200,
            &Spelled {
                refresh_token: refresh_token.map(Secret::expose),
                token_type: "bearer",
                access_token: issued.access_token.expose(),
                expires_in: issued.expires_in,
                state,
            },
        ))
    }
}

impl IntoResponse for Tokens {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for Tokens {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "application/json", schema: Any::reference() }];
        let text = "`access_token`, `token_type`, and where they apply `expires_in`, `refresh_token` and `state`.";
        MetaResponses { responses: vec![described(StatusCode::OK.as_u16(), text, content)] }
    }

    fn register(_: &mut Registry) {}
}

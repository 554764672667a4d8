//! `POST /{service}/oauth2/authorize`: the service's own site asks for an answer for somebody it vouches for (portal.md
//! K54 to K58).

use poem::{IntoResponse, Response};
use poem_openapi::param::Path;
use poem_openapi::registry::{MetaMediaType, MetaResponses, Registry};
use poem_openapi::{ApiResponse, OpenApi};
use serde_json::json;

use super::parameters::Parameters;
use super::{Refused, Visit, answer};
use crate::api::kong::admin::Part;
use crate::api::kong::answer::{Any, Shape, described};
use crate::oidc::authorization::answer::{with_fragment, with_query};
use crate::oidc::authorization::code::is_challenge;
use crate::oidc::client::record::{self, Client};
use crate::oidc::client::{GrantType, RegisteredRedirectUri};
use crate::oidc::token::may_issue::Flow;
use crate::oidc::token::provision::{self, Grant, Word};

/// The authorization endpoint of a service.
#[derive(Debug)]
pub struct AuthorizeApi;

#[OpenApi(tag = "Part::Tokens")]
impl AuthorizeApi {
    /// Answer an authorization request for a service.
    ///
    /// For the service's own site: it has asked the person called `authenticated_userid`, and sends the browser to the
    /// `redirect_uri` of the answer.
    #[oai(path = "/:service/oauth2/authorize", method = "post", operation_id = "authorize_for_service")]
    async fn authorize(&self, service: Path<String>, parameters: Parameters<'_>) -> Result<Sent, Refused> {
        let visit = Visit::of(parameters.request, &service).await?;
        let told = |refused: Refused| refused.repeating(parameters.state());
        let vouched = vouched(&visit, &parameters).await.map_err(told)?;
        let client = client(&visit, &parameters).await.map_err(told)?;
        let back = redirect_uri(&client, &parameters).map_err(told)?;
        let flow = Kind::asked(&visit, &client, &parameters);
        let is_fragment = matches!(flow, Ok(Kind::Token));
        let made = match flow {
            Ok(kind) => fields(&visit, &client, &parameters, &vouched, kind, &back).await,
            Err(refused) => Err(refused),
        };
        let (status, mut fields) = match made {
            Ok(fields) => (200, fields),
            Err(refused) if refused.is_ours() => return Err(refused),
            Err(refused) => (400, refused.parameters()),
        };
        fields.extend(parameters.state().map(|state| ("state", state)));
        let uri = if is_fragment { with_fragment(back.as_str(), &fields) } else { with_query(back.as_str(), &fields) };
        Ok(Sent(answer(status, &json!({"redirect_uri": uri}))))
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Code,
    Token,
}

impl Kind {
    /// K57: one that the service's policy enables and the client registered.
    fn asked(visit: &Visit, client: &Client, parameters: &Parameters<'_>) -> Result<Self, Refused> {
        let policy = visit.service.policy.as_ref().ok_or_else(Refused::not_found)?;
        let (kind, grant) = match parameters.text("response_type") {
            Some("code") if policy.enable_authorization_code => (Self::Code, GrantType::AuthorizationCode),
            Some("token") if policy.enable_implicit_grant => (Self::Token, GrantType::Implicit),
            _ => return Err(Refused::new("unsupported_response_type", "Invalid response_type")),
        };
        if client.metadata.may_use(grant) {
            return Ok(kind);
        }
        Err(Refused::new("unauthorized_client", format!("the client did not register the grant type {grant}")))
    }
}

async fn vouched(visit: &Visit, parameters: &Parameters<'_>) -> Result<entity::user::Model, Refused> {
    let Visit { app, tenant, service, from } = visit;
    let key = parameters.secret("provision_key");
    let authenticated_userid = parameters.text("authenticated_userid");
    let word = Word { key: key.as_ref(), authenticated_userid, from: Some(*from) };
    Ok(provision::vouched(app, tenant, service, word).await?)
}

async fn client(visit: &Visit, parameters: &Parameters<'_>) -> Result<std::sync::Arc<Client>, Refused> {
    let named = parameters.text("client_id").unwrap_or_default();
    let found = record::find(&visit.app, &visit.tenant, named).await?;
    found.ok_or_else(|| Refused::client(false))
}

/// K58: without one the first that the client registered.
fn redirect_uri(client: &Client, parameters: &Parameters<'_>) -> Result<RegisteredRedirectUri, Refused> {
    let first = client.metadata.redirect_uris().first().map(String::as_str);
    let asked = parameters.text("redirect_uri").or(first);
    RegisteredRedirectUri::find(&client.metadata, asked, client.profile.loopback_ports).map_err(|_| {
        let text = "Invalid redirect_uri that does not match with any redirect_uri created with the application";
        Refused::new("invalid_request", text)
    })
}

async fn fields(
    visit: &Visit,
    client: &Client,
    parameters: &Parameters<'_>,
    person: &entity::user::Model,
    kind: Kind,
    back: &RegisteredRedirectUri,
) -> Result<Vec<(&'static str, String)>, Refused> {
    let Visit { app, tenant, service, .. } = visit;
    let scopes = provision::scopes(service, parameters.scope().as_deref())?;
    let flow = if kind == Kind::Code { Flow::AuthorizationCode } else { Flow::Implicit };
    let grant = Grant { service, person, scopes: &scopes, flow };
    if kind == Kind::Code {
        let challenge = challenge(client, parameters)?;
        let code = provision::code(app, tenant, client, grant, back, challenge).await?;
        return Ok(vec![("code", code.expose().to_owned())]);
    }
    let issued = provision::tokens(app, tenant, client, grant).await?;
    let mut fields = vec![("access_token", issued.access_token.expose().to_owned())];
    fields.extend(issued.expires_in.map(|seconds| ("expires_in", seconds.to_string())));
    fields.push(("token_type", "bearer".to_owned()));
    Ok(fields)
}

/// K64: S256, which public clients must use.
fn challenge(client: &Client, parameters: &Parameters<'_>) -> Result<Option<String>, Refused> {
    let refuse = |text: &'static str| Err(Refused::new("invalid_request", text));
    match (parameters.text("code_challenge"), parameters.text("code_challenge_method")) {
        (None, None) if client.metadata.auth_method().uses_secret() => Ok(None),
        (None, _) => refuse("code_challenge is required for this client"),
        (Some(challenge), Some("S256")) if is_challenge(challenge) => Ok(Some(challenge.to_owned())),
        (Some(_), Some("S256")) => refuse("code_challenge is not 43 characters of base64url"),
        (Some(_), _) => refuse("code_challenge_method is not supported, must be S256"),
    }
}

/// Where the browser is to be sent.
#[derive(Debug)]
pub struct Sent(Response);

impl IntoResponse for Sent {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for Sent {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "application/json", schema: Any::reference() }];
        MetaResponses { responses: vec![described(200, "`redirect_uri`: where the browser is to be sent.", content)] }
    }

    fn register(_: &mut Registry) {}
}

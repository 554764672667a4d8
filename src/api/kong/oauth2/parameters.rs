//! What does a request at a service's OAuth endpoints say? In its query and in its body, which wins (portal.md K55).

use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, Object};
use serde_json::{Map, Value};

use super::Refused;
use crate::api::kong::body::{self, form};
use crate::secret::Secret;

/// What ends in logs when it stands in an address: taken from the body only (portal.md P-13, RFC 6749 §2.3.1).
const BODY_ONLY: [&str; 2] = ["provision_key", "client_secret"];

/// The parameters, and the request they came with.
#[derive(Debug)]
pub struct Parameters<'r> {
    /// The request.
    pub request: &'r Request,
    members: Map<String, Value>,
}

impl Parameters<'_> {
    /// A parameter; an empty one is left out.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A parameter nobody may see.
    pub fn secret(&self, name: &str) -> Option<Secret> {
        self.text(name).map(Secret::new)
    }

    /// What the caller wants to hear again.
    pub fn state(&self) -> Option<String> {
        self.text("state").map(str::to_owned)
    }

    /// The scopes: separated by spaces, or a list.
    pub fn scope(&self) -> Option<String> {
        match self.members.get("scope")? {
            Value::Array(scopes) => Some(scopes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
            other => other.as_str().map(str::to_owned),
        }
        .filter(|scope| !scope.is_empty())
    }
}

/// The parameters of both endpoints.
#[derive(Debug, Object)]
#[oai(rename = "KongOAuth2Parameters")]
#[allow(dead_code)] // it is only described
struct ParametersDocument {
    /// Token endpoint: `authorization_code`, `refresh_token`, `client_credentials` or `password`.
    grant_type: Option<String>,
    /// Authorization endpoint: `code` or `token`.
    response_type: Option<String>,
    /// The client's identifier, if it is not in the Authorization header.
    client_id: Option<String>,
    /// The client's secret, if it is not in the Authorization header. Only in the body.
    client_secret: Option<String>,
    /// Scopes of the service, separated by spaces.
    scope: Option<String>,
    /// Repeated in the answer.
    state: Option<String>,
    /// The service's provision key. Only in the body.
    provision_key: Option<String>,
    /// Whom its holder vouches for.
    authenticated_userid: Option<String>,
    /// The authorization code.
    code: Option<String>,
    /// What the `code_challenge` was made of.
    code_verifier: Option<String>,
    /// The refresh token.
    refresh_token: Option<String>,
    /// One that the client registered; the first one if none is sent.
    redirect_uri: Option<String>,
    /// RFC 7636 §4.2.
    code_challenge: Option<String>,
    /// `S256`.
    code_challenge_method: Option<String>,
}

impl<'a> ApiExtractor<'a> for Parameters<'a> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        <ParametersDocument as Type>::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let schema = || MetaSchemaRef::Reference("KongOAuth2Parameters".to_owned());
        let content = ["application/x-www-form-urlencoded", "application/json"]
            .map(|content_type| MetaMediaType { content_type, schema: schema() });
        let description = "Parameters may stand in the query, too; those of the body win.";
        Some(MetaRequest { description: Some(description), content: content.into(), required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let unreadable = || Refused::new("invalid_request", "the parameters cannot be read");
        let query = request.uri().query().unwrap_or_default();
        let query = form::pairs(query.as_bytes()).and_then(form::tree).map_err(|_| unreadable())?;
        let mut members = query.members;
        members.retain(|name, _| !BODY_ONLY.contains(&name.as_str()));
        let sent = body::read(request, body).await.map_err(|_| unreadable())?;
        members.extend(sent.members);
        Ok(Self { request, members })
    }
}

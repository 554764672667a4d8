//! `/konnect/dcr`: what does another portal call, that registers its applications here? (portal.md N28)
//!
//! The key in `X-API-KEY` is an initial access token. Refusals are those of OAuth 2.0, as that portal expects.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use poem::error::ResponseError;
use poem::web::Data;
use poem::{Request, RequestBody, Response};
use poem_openapi::param::Path;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSecurityScheme, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions, Object, OpenApi};
use serde_json::{Map, Value};

use super::Part;
use super::answer::{Gone, Told};
use super::member::{names, text};
use super::news::{NewsDocument, told};
use crate::app::App;
use crate::clock::rfc3339;
use crate::edge::Visit;
use crate::edge::answer::{Cause, refusal};
use crate::edge::requests::ClientAddress;
use crate::oidc::registration::admission::Caller;
use crate::oidc::registration::body::Media;
use crate::oidc::registration::bridge::{self, Wish};
use crate::oidc::registration::json::{self, Limits};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::portal;
use crate::secret::Secret;

/// What another portal calls.
#[derive(Debug)]
pub struct BridgeApi;

/// An application to be registered.
#[derive(Debug, Object)]
#[oai(rename = "BridgedApplication")]
struct NewDocument {
    /// Where authorization answers may go.
    redirect_uris: Option<Vec<String>>,
    /// Its name.
    client_name: String,
    /// How it may ask for tokens.
    grant_types: Option<Vec<String>>,
    /// What it may ask for.
    scopes: Option<Vec<String>>,
    /// How it proves who it is: `client_secret_basic`, `client_secret_post` or `client_secret_jwt`.
    token_endpoint_auth_method: Option<String>,
    /// What it does.
    application_description: Option<String>,
    /// What the other portal calls itself.
    portal_id: Option<String>,
    /// What it calls its organization.
    organization_id: Option<String>,
    /// What it calls the developer.
    developer_id: Option<String>,
    /// What it calls its auth strategy.
    auth_strategy_id: Option<String>,
    /// What it calls this server.
    dcr_provider_id: Option<String>,
}

/// A registered application.
#[derive(Debug, Object)]
#[oai(rename = "BridgedClient", skip_serializing_if_is_none)]
pub struct Registered {
    /// Its identifier.
    client_id: String,
    /// Its secret.
    client_secret: Option<String>,
    /// RFC 3339.
    client_id_issued_at: Option<String>,
    /// RFC 3339; absent: never.
    client_secret_expires_at: Option<String>,
}

/// A fresh secret.
#[derive(Debug, Object)]
#[oai(rename = "BridgedSecret", skip_serializing_if_is_none)]
pub struct Renewed {
    /// The identifier of the client.
    client_id: String,
    /// Its secret.
    client_secret: Option<String>,
}

/// The hook was heard.
#[derive(Debug, ApiResponse)]
pub enum Heard {
    /// It was heard.
    #[oai(status = 200)]
    Done,
}

#[OpenApi(tag = "Part::Bridge")]
impl BridgeApi {
    /// Register an application of another portal.
    #[oai(path = "/konnect/dcr", method = "post", operation_id = "bridge_create_application")]
    async fn create(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        from: Data<&ClientAddress>,
        key: Key,
        body: Body<NewDocument>,
    ) -> Result<Told<Registered, 201>, Refused> {
        let wish = wish(body.members()?)?;
        let information = bridge::register(&app, &tenant, key.caller(&from), wish).await?;
        let client_id = information.client_id.unwrap_or_default();
        visit.note_client_id(client_id.as_str());
        Ok(Told(Registered {
            client_id,
            client_secret: information.client_secret.map(|secret| secret.expose().to_owned()),
            client_id_issued_at: information.client_id_issued_at.map(rfc3339),
            client_secret_expires_at: information.client_secret_expires_at.filter(|at| *at != 0).map(rfc3339),
        }))
    }

    /// Remove an application.
    ///
    /// Only one that was registered with this key; also with a key that is used up.
    #[oai(path = "/konnect/dcr/:client_id", method = "delete", operation_id = "bridge_delete_application")]
    async fn delete(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        from: Data<&ClientAddress>,
        key: Key,
        client_id: Path<String>,
    ) -> Result<Gone, Refused> {
        bridge::delete(&app, &tenant, key.caller(&from), &client_id).await?;
        visit.note_client_id(client_id.0);
        Ok(Gone::Done)
    }

    /// Exchange the secret of an application.
    ///
    /// The old one is refused from now on.
    #[oai(path = "/konnect/dcr/:client_id/new-secret", method = "post", operation_id = "bridge_renew_secret")]
    async fn renew(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        from: Data<&ClientAddress>,
        key: Key,
        client_id: Path<String>,
    ) -> Result<Told<Renewed>, Refused> {
        let information = bridge::renew_secret(&app, &tenant, key.caller(&from), &client_id).await?;
        visit.note_client_id(client_id.0.as_str());
        let client_secret = information.client_secret.map(|secret| secret.expose().to_owned());
        Ok(Told(Renewed { client_id: client_id.0, client_secret }))
    }

    /// Hear what happened to an application in the other portal.
    ///
    /// `update_application` changes it here. `add_registration` asks for the API with this audience or identity: where
    /// nobody has to approve it is approved, else it waits here, too. `remove_registration` ends that. An API that is not
    /// known here is written into the audit log.
    #[oai(path = "/konnect/dcr/:client_id/event-hook", method = "post", operation_id = "bridge_event_hook")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn hear(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        from: Data<&ClientAddress>,
        key: Key,
        client_id: Path<String>,
        body: Body<NewsDocument>,
    ) -> Result<Heard, Refused> {
        bridge::find(&app, &tenant, key.caller(&from), &client_id).await?;
        let told = told(body.members()?, &client_id)?;
        portal::bridge::hear(&app, &tenant, key.caller(&from), &client_id, told).await?;
        visit.note_client_id(client_id.0);
        Ok(Heard::Done)
    }
}

fn wish(mut members: Map<String, Value>) -> Result<Wish, Error> {
    let names = names(&mut members)?;
    let description = text(&mut members, "application_description")?;
    if let Some(scopes) = members.shift_remove("scopes") {
        members.insert("scope".to_owned(), scopes);
    }
    Ok(Wish { members, description, names })
}

/// The key in `X-API-KEY`, if one was sent.
#[derive(Debug)]
pub struct Key(Option<Secret>);

const KEY: &str = "X-API-KEY";

impl Key {
    fn caller(&self, from: &ClientAddress) -> Caller<'_> {
        Caller { token: self.0.as_ref(), from: from.0 }
    }
}

impl<'a> ApiExtractor<'a> for Key {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "apiKey",
            description: Some("An initial access token of this server."),
            name: Some(KEY),
            key_in: Some("header"),
            scheme: None,
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme("apiKey", scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec!["apiKey"]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let mut sent = request.headers().get_all(KEY).iter();
        let key = sent.next().filter(|_| sent.next().is_none());
        Ok(Self(key.and_then(|key| key.to_str().ok()).map(Secret::new)))
    }
}

/// A JSON body, documented as `D`, which is looked at only once it is known who calls.
#[derive(Debug)]
pub struct Body<D> {
    media: Media,
    bytes: bytes::Bytes,
    document: std::marker::PhantomData<fn() -> D>,
}

impl<D> Body<D> {
    fn members(&self) -> Result<Map<String, Value>, Error> {
        if self.media != Media::Json {
            let why = "the body must be JSON: send Content-Type: application/json";
            return Err(Error::new(Code::UnsupportedMediaType, why));
        }
        json::object(&self.bytes, Limits::REGISTRATION)
    }
}

impl<'a, D: Type> ApiExtractor<'a> for Body<D> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        D::register(registry);
    }

    fn request_meta() -> Option<poem_openapi::registry::MetaRequest> {
        let content = vec![MetaMediaType { content_type: "application/json", schema: D::schema_ref() }];
        let description = Some("One JSON object of at most 64 KiB.");
        Some(poem_openapi::registry::MetaRequest { description, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let bytes = <bytes::Bytes as poem::FromRequest>::from_request(request, body).await?;
        let mut types = request.headers().get_all(CONTENT_TYPE).iter();
        let media = match (types.next(), types.next()) {
            (Some(said), None) => said.to_str().map_or(Media::Other, Media::of),
            _ => Media::Other,
        };
        Ok(Self { media, bytes, document: std::marker::PhantomData })
    }
}

/// A refusal, in the words of OAuth 2.0.
#[derive(Clone, Debug)]
pub struct Refused(Error);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.description)
    }
}

impl std::error::Error for Refused {}

impl ResponseError for Refused {
    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn as_response(&self) -> Response {
        let mut response = refusal(&self.0, "");
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.0.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(cause) = &self.0.cause {
            response.extensions_mut().insert(Cause(cause.clone()));
        }
        response
    }
}

/// Why a request was refused.
#[derive(Debug, Object)]
#[oai(rename = "BridgeError")]
struct RefusedDocument {
    /// The error code.
    error: String,
    /// One readable sentence: what is wrong and what would be right.
    error_description: String,
}

impl ApiResponse for Refused {
    fn meta() -> MetaResponses {
        let described = [
            (400, "The request is malformed, or what it asks for may not be."),
            (401, "The key is unknown, used up, expired or revoked."),
            (404, "There is no such application, or it was not registered with this key."),
            (409, "Another change came first."),
            (415, "The body is not JSON by its type."),
            (429, "Too many requests: `Retry-After` says when to come back."),
        ];
        let responses = described.map(|(status, description)| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType { content_type: "application/json", schema: RefusedDocument::schema_ref() }],
            headers: Vec::new(),
        });
        MetaResponses { responses: responses.into() }
    }

    fn register(registry: &mut Registry) {
        RefusedDocument::register(registry);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn the_words_of_the_other_portal_become_those_of_registration() {
        // N28
        let body = json!({
            "client_name": "portal app", "scopes": ["read", "write"], "application_description": "",
            "portal_id": "p", "developer_id": null,
        });
        let wish = wish(body.as_object().unwrap().clone()).unwrap();
        assert_eq!(Value::Object(wish.members), json!({"client_name": "portal app", "scope": ["read", "write"]}));
        assert_eq!((wish.description, Value::Object(wish.names)), (None, json!({"portal_id": "p"})));
        let wrong = |body: Value| super::wish(body.as_object().unwrap().clone()).unwrap_err().code;
        assert_eq!(wrong(json!({"portal_id": 1})), Code::InvalidRequest);
        assert_eq!(wrong(json!({"application_description": []})), Code::InvalidRequest);
    }
}

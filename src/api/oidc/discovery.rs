//! `GET /.well-known/…` (OpenID Connect Discovery §4, RFC 8414 §3) and the JWKS.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderValue, StatusCode};
use poem::web::Data;
use poem::{IntoResponse, Request, Response};
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::{ApiResponse, OpenApi};
use serde_json::Value;

use super::Part;
use crate::oidc::discovery::Document;
use crate::oidc::tenant::Tenant;

/// The endpoints that say what the server can do.
#[derive(Debug)]
pub struct DiscoveryApi;

#[OpenApi(tag = "Part::Discovery")]
impl DiscoveryApi {
    /// What the server can do.
    ///
    /// The metadata of the issuer (OpenID Connect Discovery §3). For an issuer with a path it is also found with the
    /// path at the end.
    #[oai(path = "/.well-known/openid-configuration", method = "get", operation_id = "openid_configuration")]
    async fn openid(&self, tenant: Data<&Arc<Tenant>>, request: &Request) -> Prepared {
        Prepared::new(&tenant.documents.metadata, request)
    }

    /// What the server can do, for OAuth clients.
    ///
    /// The same metadata (RFC 8414 §3).
    #[oai(path = "/.well-known/oauth-authorization-server", method = "get", operation_id = "oauth_metadata")]
    async fn oauth(&self, tenant: Data<&Arc<Tenant>>, request: &Request) -> Prepared {
        Prepared::new(&tenant.documents.metadata, request)
    }

    /// The public keys tokens are signed with.
    ///
    /// A key set (RFC 7517 §5). A key stands in it before it signs and until its last token has ended.
    #[oai(path = "/.well-known/jwks.json", method = "get", operation_id = "jwks")]
    async fn jwks(&self, tenant: Data<&Arc<Tenant>>, request: &Request) -> Prepared {
        Prepared::new(&tenant.documents.jwks, request)
    }
}

/// A document that was ready before it was asked for.
#[derive(Debug)]
pub struct Prepared {
    document: Document,
    known: bool,
}

impl Prepared {
    fn new(document: &Document, request: &Request) -> Self {
        let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        // Compared weakly (RFC 9110 §13.1.2): proxies that compress weaken the tag.
        let same = |tag: &str| tag.trim().trim_start_matches("W/") == document.etag;
        let known = known.is_some_and(|tags| tags == "*" || tags.split(',').any(same));
        Self { document: document.clone(), known }
    }
}

impl IntoResponse for Prepared {
    fn into_response(self) -> Response {
        let mut response =
            if self.known { Response::from(StatusCode::NOT_MODIFIED) } else { Response::from(self.document.body) };
        let headers = response.headers_mut();
        if !self.known {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        if let Ok(etag) = HeaderValue::from_str(&self.document.etag) {
            headers.insert(ETAG, etag);
        }
        response
    }
}

impl ApiResponse for Prepared {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "application/json", schema: Json::<Value>::schema_ref() }];
        let answer = |status, description, content| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers: Vec::new(),
        };
        MetaResponses {
            responses: vec![
                answer(200, "The document, good for five minutes.", content),
                answer(304, "It is still the one named by `If-None-Match`.", Vec::new()),
            ],
        }
    }

    fn register(registry: &mut Registry) {
        <Json<Value> as Payload>::register(registry);
    }
}

//! `/verify/{service}`: nginx's `auth_request`, Traefik's `ForwardAuth` and Envoy's `ext_authz` ask here whether a
//! request may pass (portal.md I16, K65, K66).

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use poem::web::{Data, Path};
use poem::{Request, Response, handler};
use serde_json::json;

use crate::app::App;
use crate::edge::answer::Cause;
use crate::edge::routes::Route;
use crate::oidc::service::Service;
use crate::oidc::tenant::Tenant;
use crate::oidc::verify::{self, Verified};
use crate::oidc::{Code, Error};
use crate::secret::Secret;

/// Envoy keeps the method of the request it asks about, and puts its path behind ours.
const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";

/// What the door knows of these addresses.
pub fn addresses() -> Vec<Route> {
    vec![Route::private("/verify/{service}", METHODS), Route::private("/verify/{service}/{path...}", METHODS)]
}

/// Puts the handlers below `router`.
pub fn mount(router: poem::Route) -> poem::Route {
    let every = || poem::get(plain).post(plain).put(plain).patch(plain).delete(plain);
    let below = || poem::get(with_path).post(with_path).put(with_path).patch(with_path).delete(with_path);
    router.at("/verify/:service", every()).at("/verify/:service/*path", below())
}

/// 200 with who it is, or 401 or 403 with why not.
#[handler]
pub async fn plain(
    app: Data<&Arc<App>>,
    tenant: Data<&Arc<Tenant>>,
    Path(service): Path<String>,
    request: &Request,
) -> Response {
    answer(&app, &tenant, &service, request).await
}

/// The same, asked by a proxy that adds the path of the request.
#[handler]
pub async fn with_path(
    app: Data<&Arc<App>>,
    tenant: Data<&Arc<Tenant>>,
    Path((service, _)): Path<(String, String)>,
    request: &Request,
) -> Response {
    answer(&app, &tenant, &service, request).await
}

async fn answer(app: &App, tenant: &Tenant, service: &str, request: &Request) -> Response {
    match decide(app, tenant, service, request).await {
        Ok(verified) => pass(&verified),
        Err(error) => refuse(&error),
    }
}

async fn decide(app: &App, tenant: &Tenant, service: &str, request: &Request) -> Result<Verified, Error> {
    let service = verify::service(app, tenant, service).await?;
    let query: Vec<(String, String)> = request
        .uri()
        .query()
        .map(|query| url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
        .unwrap_or_default();
    let named = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let token = match token(request, &service) {
        Some(token) => Some(token),
        None => named("access_token").map(Secret::new),
    };
    verify::verify(app, tenant, &service, token.as_ref(), &named("scope").unwrap_or_default().into()).await
}

/// The token in the header the policy names: alone, or behind `Bearer` or `token` (K65).
fn token(request: &Request, service: &Service) -> Option<Secret> {
    let header = service.policy.as_ref().map_or("authorization", |policy| policy.auth_header_name.as_str());
    let value = request.headers().get(header)?.to_str().ok()?.trim();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token") => {
            token.trim()
        }
        // Another scheme, such as Basic, is somebody else's business.
        Some(_) => return None,
        None => value,
    };
    (!token.is_empty()).then(|| Secret::new(token))
}

fn pass(verified: &Verified) -> Response {
    let mut response = Response::from(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let id = verified.application_id.map(|id| id.to_string());
    let scopes = verified.scopes.to_string();
    let told = [
        ("x-consumer-id", id.as_deref()),
        ("x-consumer-custom-id", verified.custom_id.as_deref()),
        ("x-consumer-username", Some(verified.name.as_str())),
        ("x-credential-identifier", Some(verified.client_id.as_str())),
        ("x-authenticated-scope", Some(scopes.as_str())),
        ("x-authenticated-userid", verified.user.as_deref()),
    ];
    for (name, value) in told {
        let value =
            value.filter(|value| !value.is_empty()).and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
        if let Some(value) = value {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

fn refuse(error: &Error) -> Response {
    let status = match error.code {
        // A proxy passes on 401 and 403 alone.
        Code::InvalidRequest => StatusCode::UNAUTHORIZED,
        code => StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
    };
    let body = json!({"error": error.code.as_str(), "error_description": error.description});
    let mut response = Response::from(Bytes::from(body.to_string()));
    response.set_status(status);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let challenge = match error.code {
        Code::InvalidRequest => Some("Bearer"),
        Code::InvalidToken => Some("Bearer error=\"invalid_token\""),
        Code::InsufficientScope => Some("Bearer error=\"insufficient_scope\""),
        _ => None,
    };
    if let Some(challenge) = challenge {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if let Some(cause) = &error.cause {
        response.extensions_mut().insert(Cause(cause.clone()));
    }
    response
}

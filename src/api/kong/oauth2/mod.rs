//! The OAuth endpoints of a service, where Kong has them: `/{service}/oauth2/token` and `/{service}/oauth2/authorize`
//! (portal.md K54 to K64).

pub mod authorize;
pub mod parameters;
pub mod refused;
pub mod token;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use http::{HeaderValue, Method};
use poem::{Endpoint, Request, Response};
use poem_openapi::OpenApi;
use serde::Serialize;

use crate::app::App;
use crate::edge::requests::{CameByTls, ClientAddress};
use crate::oidc::service::{self, Service};
use crate::oidc::tenant::Tenant;

pub use refused::{Refused, spelled};

/// All of it.
pub fn apis() -> impl OpenApi {
    (token::TokenApi, authorize::AuthorizeApi)
}

/// The addresses, and the methods that get an answer of Kong's own: all but `POST` are told so (K54).
pub const ADDRESSES: [&str; 2] = ["/{service}/oauth2/token", "/{service}/oauth2/authorize"];
/// See [`ADDRESSES`].
pub const METHODS: &str = "POST, GET, PUT, PATCH, DELETE";

/// The endpoints, which say themselves that they take nothing but `POST` (K54).
#[derive(Debug)]
pub struct PostOnly<E>(pub E);

impl<E: Endpoint<Output = Response>> Endpoint for PostOnly<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let method = request.method().clone();
        if method == Method::POST {
            return self.0.call(request).await;
        }
        let is_token = request.uri().path().trim_end_matches('/').ends_with("/token");
        let place = if is_token { "token endpoint" } else { "authorization endpoint" };
        Ok(Refused::method(&method, place).response())
    }
}

/// A request at a service.
#[derive(Debug)]
pub struct Visit {
    /// The server.
    pub app: Arc<App>,
    /// Whose service it is.
    pub tenant: Arc<Tenant>,
    /// The service; it has a policy.
    pub service: Service,
    /// Where the request came from.
    pub from: IpAddr,
}

impl Visit {
    /// Finds the service that the path names.
    ///
    /// # Errors
    /// 404 for one that is not there, is disabled or has no policy; `access_denied` for a request without TLS (K4).
    pub async fn of(request: &Request, named: &str) -> Result<Self, Refused> {
        let app = request.extensions().get::<Arc<App>>().cloned();
        let tenant = request.extensions().get::<Arc<Tenant>>().cloned();
        let (Some(app), Some(tenant)) = (app, tenant) else { return Err(Refused::not_found()) };
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let from = request.extensions().get::<ClientAddress>().map_or(unknown, |address| address.0);
        // A trusted proxy says it. Where none does, an issuer with https is behind TLS; this machine needs none (K4).
        let said = request.extensions().get::<CameByTls>().map(|came| came.0);
        if !said.unwrap_or_else(|| tenant.is_https()) && !from.to_canonical().is_loopback() {
            return Err(Refused::plain_http());
        }
        let services = service::all(&app, &tenant).await?;
        let usable = |service: &&Service| service.row.enabled && service.policy.is_some() && service.row.name == named;
        let service = services.iter().find(usable).cloned().ok_or_else(Refused::not_found)?;
        Ok(Self { app, tenant, service, from })
    }
}

/// A JSON answer that nobody keeps.
fn answer<T: Serialize>(status: u16, value: &T) -> Response {
    // Our own structs of strings and numbers always serialise.
    let mut response = Response::from(Bytes::from(serde_json::to_vec(value).unwrap_or_default()));
    response.set_status(http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

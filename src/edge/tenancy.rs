//! Whose request is it? The tenant is found by host and path, and the rest of the path is what the router sees.

use std::sync::Arc;

use http::header::HOST;
use http::uri::{Authority, PathAndQuery};
use http::{Uri, Version};
use poem::{Endpoint, Request, Response};

use crate::app::App;
use crate::oidc::endpoint;
use crate::oidc::tenant::Tenant;

/// A router below tenants: it finds [`Arc<App>`] and [`Arc<Tenant>`] in the extensions of every request, and paths
/// without the issuer's own path in front.
#[derive(Debug)]
pub struct Tenancy<E> {
    app: Arc<App>,
    endpoint: E,
}

impl<E> Tenancy<E> {
    /// Puts `endpoint` below the tenants of `app`.
    pub fn new(app: Arc<App>, endpoint: E) -> Self {
        Self { app, endpoint }
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Tenancy<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let host = host(&request).to_ascii_lowercase();
        let path = request.uri().path();
        let found = well_known(&self.app, &host, path).or_else(|| domain(&self.app, path)).or_else(|| {
            let (tenant, prefix) = self.app.tenants.of_path(&host, path)?;
            Some((tenant, path[prefix..].to_owned()))
        });
        if let Some((tenant, rest)) = found {
            rewrite(&mut request, endpoint::canonical(if rest.is_empty() { "/" } else { &rest }));
            request.extensions_mut().insert(tenant);
        }
        request.extensions_mut().insert(self.app.clone());
        self.endpoint.call(request).await
    }
}

/// The host a request is for. HTTP/2 says `:authority` where HTTP/1.1 says `Host`; a whole URL in the request line of
/// HTTP/1.1 is not listened to (s.X3).
fn host(request: &Request) -> &str {
    match request.headers().get(HOST) {
        Some(host) => host.to_str().unwrap_or_default(),
        None if request.version() == Version::HTTP_2 => request.uri().authority().map_or("", Authority::as_str),
        None => "",
    }
}

/// The metadata of an issuer with a path stands at the root, with the path behind the name (RFC 8414 §3.1).
fn well_known(app: &App, host: &str, path: &str) -> Option<(Arc<Tenant>, String)> {
    let names = [endpoint::OPENID_CONFIGURATION, endpoint::OAUTH_METADATA];
    let (name, issuer_path) = names.iter().find_map(|name| Some((name, path.strip_prefix(name)?)))?;
    let issuer_path = issuer_path.strip_suffix('/').unwrap_or(issuer_path);
    if issuer_path.is_empty() {
        return None;
    }
    Some((app.tenants.with_path(host, issuer_path)?, (*name).to_owned()))
}

/// The short name of a tenant in front of an address as other products name it: `/{tenant}/oauth/introspect`
/// (portal.md I5).
fn domain(app: &App, path: &str) -> Option<(Arc<Tenant>, String)> {
    let at = path.get(1..)?.find('/')? + 1;
    let rest = &path[at..];
    if endpoint::canonical(rest) == rest {
        return None;
    }
    Some((app.tenants.by_slug(&path[1..at])?, rest.to_owned()))
}

/// The same request for another path.
pub(super) fn rewrite(request: &mut Request, path: &str) {
    if request.uri().path() == path {
        return;
    }
    let target = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    // What was a part of a valid address is one.
    if let Ok(target) = PathAndQuery::try_from(target) {
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.path_and_query = Some(target);
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    }
}

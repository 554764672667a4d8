//! Who may come in by the address of its own that Kong's scripts use, and which tenant is meant there?
//!
//! The address usually is a loopback one, and a web page on the same machine can reach that too: it is known by the
//! `Host` it asks for and by its `Origin` (security.md s.K2).

use std::net::IpAddr;
use std::sync::Arc;

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use poem::{Endpoint, Request, Response};

use crate::app::App;
use crate::config::Door;
use crate::edge::routes::{Routes, Speller};
use crate::edge::tenancy::rewrite;
use crate::oidc::tenant::{DEFAULT_SLUG, Tenant};
use crate::oidc::{Code, Error};

/// Says, in the extensions of a request, that whoever came in by this address is an administrator.
#[derive(Clone, Copy, Debug)]
pub struct Operator;

/// Below an issuer, `{prefix}/{workspace}/…` is the tenant with that short name, too, as scripts that always name their
/// workspace ask for it. It stands behind [`super::tenancy::Tenancy`].
pub struct Below<E> {
    app: Arc<App>,
    prefix: &'static str,
    routes: Routes,
    endpoint: E,
}

impl<E> Below<E> {
    /// `endpoint` knows `routes`, among them those that begin with `prefix`.
    pub fn new(app: Arc<App>, prefix: &'static str, routes: Routes, endpoint: E) -> Self {
        Self { app, prefix, routes, endpoint }
    }

    /// The tenant a path names, and the path without its name. What the dialect knows wins over a tenant's name; from the
    /// address of a tenant other than the default one nobody gets to any but itself.
    fn find(&self, here: &Tenant, path: &str) -> Option<(Arc<Tenant>, String)> {
        let named = path.strip_prefix(self.prefix)?.strip_prefix('/').filter(|named| !named.is_empty())?;
        if self.routes.find(path).is_some_and(|(_, route)| route.exists()) {
            return None;
        }
        let (slug, rest) = named.split_once('/').unwrap_or((named, ""));
        let tenant =
            self.app.tenants.by_slug(slug).filter(|tenant| here.slug == DEFAULT_SLUG || tenant.id == here.id)?;
        Some((tenant, format!("{}/{rest}", self.prefix)))
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Below<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let here = request.extensions().get::<Arc<Tenant>>().cloned();
        if let Some((tenant, path)) = here.and_then(|here| self.find(&here, request.uri().path())) {
            rewrite(&mut request, without_slash(&path));
            request.extensions_mut().insert(tenant);
        }
        self.endpoint.call(request).await
    }
}

/// One slash at the end makes no difference to the door, but to the router.
fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path)
}

/// An address of its own for what lives at `prefix` elsewhere. `/{workspace}/…` is the tenant with that short name.
pub struct Workspaces<E> {
    app: Arc<App>,
    prefix: &'static str,
    routes: Routes,
    speller: Speller,
    endpoint: E,
}

impl<E> Workspaces<E> {
    /// `endpoint` knows `routes`, which all begin with `prefix`.
    pub fn new(app: Arc<App>, prefix: &'static str, routes: Routes, speller: Speller, endpoint: E) -> Self {
        Self { app, prefix, routes, speller, endpoint }
    }

    /// The tenant a path is for, and the path below the prefix. What the dialect knows wins over a tenant's name.
    fn find(&self, path: &str) -> Option<(Arc<Tenant>, String)> {
        let own = format!("{}{path}", self.prefix);
        let named = || {
            let (slug, rest) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
            let tenant = self.app.tenants.by_slug(slug)?;
            Some((tenant, format!("{}/{rest}", self.prefix)))
        };
        let is_known = self.routes.find(&own).is_some_and(|(_, route)| route.exists());
        let by_name = if is_known || !path.starts_with('/') { None } else { named() };
        by_name.or_else(|| Some((self.app.tenants.by_slug(DEFAULT_SLUG)?, own)))
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Workspaces<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let settings = &self.app.config.kong_admin;
        if let Err(error) = check(&request, &settings.hosts) {
            return Ok((self.speller)(&error, ""));
        }
        if let Some((tenant, path)) = self.find(request.uri().path()) {
            rewrite(&mut request, without_slash(&path));
            request.extensions_mut().insert(tenant);
        }
        request.extensions_mut().insert(self.app.clone());
        if settings.auth == Door::Open {
            request.extensions_mut().insert(Operator);
        }
        self.endpoint.call(request).await
    }
}

/// Refuses what a web page of another origin sends.
fn check(request: &Request, hosts: &[String]) -> Result<(), Error> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(Authority::as_str)).unwrap_or_default();
    let listening = request.local_addr().as_socket_addr().map(|address| address.ip());
    if !is_ours(host, listening, hosts) {
        return Err(Error::new(Code::AccessDenied, "this address is not known by that name"));
    }
    let Some(origin) = request.headers().get(ORIGIN) else { return Ok(()) };
    let same = origin.to_str().is_ok_and(|origin| {
        origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")).is_some_and(|named| named == host)
    });
    if same { Ok(()) } else { Err(Error::new(Code::AccessDenied, "pages of another origin have no access")) }
}

fn is_ours(host: &str, listening: Option<IpAddr>, hosts: &[String]) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    let by_address = name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback() || Some(address) == listening);
    by_address
        || name.eq_ignore_ascii_case("localhost")
        || hosts.iter().any(|known| known.eq_ignore_ascii_case(name) || known.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_the_address_itself_and_what_was_named_are_ours() {
        // s.K2
        let listening = Some(IpAddr::from([10, 0, 0, 5]));
        let hosts = ["admin.example".to_owned()];
        for ours in ["127.0.0.1:8001", "localhost:8001", "[::1]:8001", "10.0.0.5", "ADMIN.example:8001", "127.0.0.2"] {
            assert!(is_ours(ours, listening, &hosts), "{ours}");
        }
        for foreign in ["", "evil.test", "evil.test:8001", "127.0.0.1.evil.test", "localhost.evil.test", "10.0.0.6"] {
            assert!(!is_ours(foreign, listening, &hosts), "{foreign}");
        }
    }

    #[test]
    fn a_page_of_another_origin_is_refused() {
        // s.K2
        let request = |origin: Option<&str>| {
            let request = Request::builder().header("host", "127.0.0.1:8001");
            match origin {
                Some(origin) => request.header("origin", origin).finish(),
                None => request.finish(),
            }
        };
        assert!(check(&request(None), &[]).is_ok());
        assert!(check(&request(Some("http://127.0.0.1:8001")), &[]).is_ok());
        assert!(check(&request(Some("http://evil.test")), &[]).is_err());
        assert!(check(&request(Some("null")), &[]).is_err());
    }
}

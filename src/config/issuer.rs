//! What is an issuer? The URL a tenant is known by (RFC 8414 §2, OpenID Connect Discovery 1.0 §3).

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// An issuer: http or https, in its normal form, without trailing slash, query, fragment or user.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Issuer(String);

/// Where a plain-http issuer is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Http {
    /// On hosts that are this machine: `localhost`, `*.localhost`, 127.0.0.0/8, `[::1]`.
    OnLoopback,
    /// On every host, because the operator said so.
    Everywhere,
}

impl Issuer {
    /// Reads an issuer exactly as it will be compared by clients: nothing is repaired.
    ///
    /// # Errors
    /// A sentence naming the first rule that is broken.
    pub fn parse(text: &str, http: Http) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("{} is not an absolute URL: {error}", quoted(text)))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("{} is neither http nor https", quoted(text)));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("names a user or a password".into());
        }
        if text.contains('?') {
            return Err(format!("{text:?} has a query"));
        }
        if text.contains('#') {
            return Err(format!("{text:?} has a fragment"));
        }
        if text.ends_with('/') {
            return Err(format!("{text:?} ends with a slash"));
        }
        let normal = url.as_str().trim_end_matches('/');
        if normal != text {
            return Err(format!("{text:?} is not in its normal form {normal:?}"));
        }
        if text.contains('%') || url.path().contains("//") {
            return Err(format!("{text:?} has a path with escapes or empty segments"));
        }
        if url.scheme() == "http" && http == Http::OnLoopback && !is_loopback(&url) {
            return Err(format!("{text:?} is http on a host that is not loopback"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The issuer of this machine alone, on a port.
    pub fn localhost(port: u16) -> Self {
        Self(if port == 80 { "http://localhost".to_owned() } else { format!("http://localhost:{port}") })
    }

    /// Byte for byte as clients compare it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether people reach it over TLS, so that cookies may be `Secure`.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Scheme, host and port: what a browser calls the origin.
    pub fn origin(&self) -> &str {
        let host = self.0.find("://").map_or(0, |at| at + 3);
        self.0[host..].find('/').map_or(self.0.as_str(), |end| &self.0[..host + end])
    }

    /// Host and port.
    pub fn authority(&self) -> &str {
        let host = self.0.find("://").map_or(0, |at| at + 3);
        &self.origin()[host..]
    }

    /// What follows the origin: empty, or a slash and at least one segment.
    pub fn path(&self) -> &str {
        &self.0[self.origin().len()..]
    }

    /// The issuer of a tenant that has no host of its own.
    pub fn of_tenant(&self, slug: &str) -> Self {
        Self(format!("{}/t/{slug}", self.0))
    }
}

/// What may hold a password is not repeated.
fn quoted(text: &str) -> String {
    if text.contains('@') { "the value".into() } else { format!("{text:?}") }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_issuer_comes_apart_into_origin_authority_and_path() {
        let issuer = Issuer::parse("https://id.example:8443/auth", Http::OnLoopback).unwrap();
        let parts = (issuer.origin(), issuer.authority(), issuer.path());
        assert_eq!(parts, ("https://id.example:8443", "id.example:8443", "/auth"));
        assert_eq!(issuer.of_tenant("acme").as_str(), "https://id.example:8443/auth/t/acme");
        let plain = Issuer::localhost(8080);
        assert_eq!((plain.origin(), plain.authority(), plain.path()), ("http://localhost:8080", "localhost:8080", ""));
        assert_eq!(Issuer::parse(Issuer::localhost(80).as_str(), Http::OnLoopback), Ok(Issuer::localhost(80)));
    }

    #[test]
    fn http_is_for_this_machine_unless_the_operator_says_otherwise() {
        for host in ["localhost", "id.localhost:8080", "127.0.0.1:1", "127.8.8.8", "[::1]:8080"] {
            let text = format!("http://{host}");
            assert_eq!(Issuer::parse(&text, Http::OnLoopback).map(|issuer| issuer.0), Ok(text));
        }
        assert!(Issuer::parse("http://id.example", Http::OnLoopback).is_err());
        assert!(Issuer::parse("http://localhost.example", Http::OnLoopback).is_err());
        assert!(Issuer::parse("http://id.example", Http::Everywhere).is_ok());
    }
}

//! Which answers may a page of another origin read?

use http::HeaderValue;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderMap,
};

/// Who may read the answers of a route from a page of another origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Every page, never with cookies: discovery, registration, token, userinfo and their like.
    Public,
    /// Pages of our own origin only: authorize, login, consent, portal, console.
    Private,
}

/// Lets every origin read this answer, errors included, without credentials (s.X11).
///
/// The origin is never reflected, so an answer is the same for all and needs no `Vary`.
pub fn share(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "www-authenticate, retry-after, location, dpop-nonce, x-request-id, x-ratelimit-limit, \
             x-ratelimit-remaining, x-ratelimit-reset",
        ),
    );
}

/// Answers a preflight: what a page of another origin may send.
pub fn invite(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS"));
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, content-type, accept, dpop, mcp-protocol-version, x-request-id"),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
}

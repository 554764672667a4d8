//! Which headers protect every answer, and which say how much more may be asked?

use http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderValue, header};

use crate::limit::Rate;

const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// How people reach the issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// The issuer is `https`: browsers are told never to try without.
    Https,
    /// The issuer is `http`, on loopback.
    Http,
}

const X_RATE_LIMIT_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const X_RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const X_RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Says what is left of a limit, and when all of it will be there again: seconds since 1970 (portal.md A28, A35).
pub fn tell_rate(headers: &mut HeaderMap, rate: Rate) {
    headers.insert(X_RATE_LIMIT_LIMIT, HeaderValue::from(rate.limit));
    headers.insert(X_RATE_LIMIT_REMAINING, HeaderValue::from(rate.remaining));
    headers.insert(X_RATE_LIMIT_RESET, HeaderValue::from(rate.full_at));
}

/// Adds what protects an answer and never overwrites what its handler has set (s.X12).
///
/// The content security policy allows nothing at all: pages bring their own.
pub fn protect(headers: &mut HeaderMap, transport: Transport) {
    headers.reserve(10);
    let mut add = |name: HeaderName, value: &'static str| {
        if let header::Entry::Vacant(vacant) = headers.entry(name) {
            vacant.insert(HeaderValue::from_static(value));
        }
    };
    add(X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(REFERRER_POLICY, "no-referrer");
    add(X_FRAME_OPTIONS, "DENY");
    add(CROSS_ORIGIN_OPENER_POLICY, "same-origin");
    add(CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    if transport == Transport::Https {
        add(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_gets_every_protection_and_keeps_its_own() {
        // s.X12
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'self'"));
        protect(&mut headers, Transport::Https);
        let all: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or(""))).collect();
        assert_eq!(
            all,
            [
                ("content-security-policy", "default-src 'self'"),
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("x-frame-options", "DENY"),
                ("cross-origin-opener-policy", "same-origin"),
                ("strict-transport-security", "max-age=31536000"),
            ]
        );
    }

    #[test]
    fn an_issuer_without_tls_does_not_ask_for_it() {
        let mut headers = HeaderMap::new();
        protect(&mut headers, Transport::Http);
        assert!(!headers.contains_key(STRICT_TRANSPORT_SECURITY));
        assert_eq!(headers[CONTENT_SECURITY_POLICY], "default-src 'none'; frame-ancestors 'none'");
    }
}

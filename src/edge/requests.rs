//! Is this a request worth looking at, what is it called, and who sent it?

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use http::header::{HOST, HeaderMap, HeaderName, TRANSFER_ENCODING};
use http::{HeaderValue, Uri, Version};
use ipnet::IpNet;
use poem::Request;

use crate::oidc::{Code, Error};
use crate::secret;

/// Longest path, in bytes.
pub const PATH_BYTES_MAX: usize = 8 * 1024;
/// Longest query, in bytes.
pub const QUERY_BYTES_MAX: usize = 16 * 1024;
/// Most parameters in a query.
pub const PARAMETERS_MAX: usize = 100;
/// The header a request id comes in and goes out with.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What one request is called in our answer and in our log. In the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The name, as a header.
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// The address the request came from, behind whatever proxies the configuration trusts. In the request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Names requests: a random prefix per process and a counter, which is unique and costs no randomness per request.
#[derive(Debug)]
pub struct RequestIds {
    prefix: String,
    next: AtomicU64,
}

impl Default for RequestIds {
    fn default() -> Self {
        Self { prefix: secret::alphanumeric(10), next: AtomicU64::new(1) }
    }
}

impl RequestIds {
    /// The caller's own name for the request if it is harmless in a log and a header, else a fresh one.
    pub fn name(&self, headers: &HeaderMap) -> RequestId {
        match headers.get(X_REQUEST_ID) {
            Some(sent) if is_harmless(sent.as_bytes()) => RequestId(sent.clone()),
            _ => self.fresh(),
        }
    }

    fn fresh(&self) -> RequestId {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number:x}", self.prefix);
        RequestId(HeaderValue::try_from(name).unwrap_or(HeaderValue::from_static("-")))
    }
}

fn is_harmless(id: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:".contains(byte);
    (1..=64).contains(&id.len()) && id.iter().all(allowed)
}

/// The trace id of a W3C `traceparent`, if the request carries a valid one.
pub fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(TRACEPARENT)?.to_str().ok()?;
    let trace_id = value.strip_prefix("00-")?.get(..32)?;
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let valid = value.len() == 55 && trace_id.bytes().all(hex) && trace_id.bytes().any(|byte| byte != b'0');
    valid.then_some(trace_id)
}

/// Refuses what no honest client sends (s.X4, s.X5): no or several `Host` headers, doubled transfer codings, endless
/// addresses, parameters by the hundred. The host itself is never used for anything (s.X1, s.X3).
///
/// The connection must not be used again after a refusal: it may be out of step with what lies in front of us.
///
/// # Errors
/// `invalid_request`, with status 400 or 414.
pub fn check(version: Version, uri: &Uri, headers: &HeaderMap) -> Result<(), Error> {
    check_host(version, uri, headers)?;
    check_framing(headers)?;
    if uri.path().len() > PATH_BYTES_MAX {
        return Err(Error::new(Code::UriTooLong, format!("the path is longer than {PATH_BYTES_MAX} bytes")));
    }
    let query = uri.query().unwrap_or_default();
    if query.len() > QUERY_BYTES_MAX {
        return Err(Error::new(Code::UriTooLong, format!("the query is longer than {QUERY_BYTES_MAX} bytes")));
    }
    if query.contains("%00") || uri.path().contains("%00") {
        // No name or value of ours holds it, and databases differ in what they make of it.
        return Err(Error::new(Code::InvalidRequest, "the address holds the character U+0000"));
    }
    if query.bytes().filter(|byte| *byte == b'&').count() >= PARAMETERS_MAX {
        let reason = format!("the query has more than {PARAMETERS_MAX} parameters");
        return Err(Error::new(Code::InvalidRequest, reason));
    }
    Ok(())
}

/// RFC 9112 §3.2: exactly one valid `Host`; HTTP/2 may say `:authority` instead, HTTP/1.0 nothing.
fn check_host(version: Version, uri: &Uri, headers: &HeaderMap) -> Result<(), Error> {
    let bad = |reason| Err(Error::new(Code::InvalidRequest, reason));
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), Some(_)) => bad("the request has more than one Host header"),
        (Some(host), None) if !is_host(host.as_bytes()) => bad("the Host header is not a host"),
        (Some(_), None) => Ok(()),
        (None, _) if version == Version::HTTP_2 && uri.authority().is_some() => Ok(()),
        (None, _) if version <= Version::HTTP_10 => Ok(()),
        (None, _) => bad("the request has no Host header"),
    }
}

/// RFC 9112 §6.1: a body is either of known length or chunked, once.
fn check_framing(headers: &HeaderMap) -> Result<(), Error> {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(one), None) if one.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") => Ok(()),
        _ => Err(Error::new(Code::InvalidRequest, "the body may be chunked, once, and nothing else")),
    }
}

fn is_host(host: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~:[]%!$&'()*+,;=".contains(byte);
    (1..=255 + 6).contains(&host.len()) && host.iter().all(allowed)
}

/// Which header the trusted proxies write. Only that one is read: proxies pass the other on as the caller sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The proxies whose word about the client's address is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    /// Their networks. Empty: nobody is believed.
    pub networks: Vec<IpNet>,
    /// The header they write.
    pub header: ForwardedHeader,
}

impl TrustedProxies {
    /// Where the request came from: the nearest hop that is not a trusted proxy (s.R57, s.X2).
    pub fn client(&self, request: &Request) -> ClientAddress {
        let unknown = IpAddr::from([0, 0, 0, 0]);
        let peer = request.remote_addr().as_socket_addr().map_or(unknown, |peer| peer.ip().to_canonical());
        if !self.trusts(peer) {
            return ClientAddress(peer);
        }
        ClientAddress(self.walk(peer, request.headers()))
    }

    /// Whether the request reached the outermost trusted proxy by TLS, as the proxies say; `None`: nobody who is trusted
    /// said it. Of several words one that says otherwise counts, because a caller may have sent the others.
    pub fn came_by_tls(&self, request: &Request) -> Option<bool> {
        let peer = request.remote_addr().as_socket_addr()?.ip().to_canonical();
        if !self.trusts(peer) {
            return None;
        }
        let (name, is_pair) = match self.header {
            ForwardedHeader::XForwardedFor => (X_FORWARDED_PROTO, false),
            ForwardedHeader::Forwarded => (http::header::FORWARDED, true),
        };
        let lines = request.headers().get_all(name).iter().map(|line| line.to_str().unwrap_or_default());
        let words = lines.flat_map(|line| line.split(','));
        let said = words.filter_map(|word| if is_pair { forwarded(word, "proto") } else { Some(word) });
        let schemes = said.map(|scheme| scheme.trim().trim_matches('"')).filter(|scheme| !scheme.is_empty());
        schemes.map(|scheme| scheme.eq_ignore_ascii_case("https")).reduce(|all, one| all && one)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// From right to left, because every hop appends: what stands left of the first stranger is only hearsay.
    fn walk(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let name = match self.header {
            ForwardedHeader::XForwardedFor => X_FORWARDED_FOR,
            ForwardedHeader::Forwarded => http::header::FORWARDED,
        };
        let lines: Vec<&str> = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or("unknown")).collect();
        let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        let mut nearest = peer;
        for hop in hops {
            let address = match self.header {
                ForwardedHeader::XForwardedFor => hop_address(hop),
                ForwardedHeader::Forwarded => forwarded(hop, "for").and_then(hop_address),
            };
            match address {
                Some(address) if self.trusts(address) => nearest = address,
                Some(address) => return address,
                None => return nearest,
            }
        }
        nearest
    }
}

fn forwarded<'e>(element: &'e str, wanted: &str) -> Option<&'e str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then_some(value)
    })
}

/// Whether a request came by TLS, as trusted proxies say: in its extensions, if they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CameByTls(pub bool);

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `"[2001:db8::1]:80"`.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim().trim_matches('"');
    let bare = match hop.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None if hop.matches(':').count() == 1 => hop.split_once(':')?.0,
        None => hop,
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use poem::RequestParts;
    use poem::web::{LocalAddr, RemoteAddr};

    use super::*;

    fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn refused(version: Version, uri: &str, lines: &[(HeaderName, &str)]) -> Option<(u16, String)> {
        let error = check(version, &uri.parse().unwrap(), &headers(lines)).err()?;
        Some((error.code.status(), error.description.into_owned()))
    }

    #[test]
    fn a_request_has_exactly_one_host() {
        // s.X4
        let one = [(HOST, "id.example:8443")];
        assert_eq!(refused(Version::HTTP_11, "/", &one), None);
        assert_eq!(refused(Version::HTTP_11, "/", &[(HOST, "[::1]:80")]), None);
        assert_eq!(refused(Version::HTTP_10, "/", &[]), None);
        assert_eq!(refused(Version::HTTP_2, "https://id.example/", &[]), None);
        let told = |text: &str| Some((400, text.to_owned()));
        assert_eq!(refused(Version::HTTP_11, "/", &[]), told("the request has no Host header"));
        let two = [(HOST, "a.example"), (HOST, "a.example")];
        assert_eq!(refused(Version::HTTP_11, "/", &two), told("the request has more than one Host header"));
        for host in ["", "a b", "a/b", "a@b", "é"] {
            let refusal = refused(Version::HTTP_11, "/", &[(HOST, host)]);
            assert_eq!(refusal, told("the Host header is not a host"), "{host}");
        }
    }

    #[test]
    fn a_body_is_chunked_once_or_not_at_all() {
        // s.X5
        let coded = |lines: &[&str]| {
            let mut all = vec![(HOST, "a.example")];
            all.extend(lines.iter().map(|line| (TRANSFER_ENCODING, *line)));
            refused(Version::HTTP_11, "/", &all)
        };
        assert_eq!(coded(&[]), None);
        assert_eq!(coded(&["Chunked"]), None);
        for odd in [&["chunked", "chunked"][..], &["chunked, chunked"], &["gzip, chunked"], &["identity"], &[""]] {
            assert_eq!(
                coded(odd),
                Some((400, "the body may be chunked, once, and nothing else".to_owned())),
                "{odd:?}"
            );
        }
    }

    #[test]
    fn an_address_line_has_bounds() {
        let host = [(HOST, "a.example")];
        let query = |text: String| refused(Version::HTTP_11, &format!("/a?{text}"), &host);
        assert_eq!(query("a".repeat(QUERY_BYTES_MAX)), None);
        let too_long = Some((414, "the query is longer than 16384 bytes".to_owned()));
        assert_eq!(query("a".repeat(QUERY_BYTES_MAX + 1)), too_long);
        assert_eq!(query(vec!["a=1"; 100].join("&")), None);
        let too_many = Some((400, "the query has more than 100 parameters".to_owned()));
        assert_eq!(query(vec!["a=1"; 101].join("&")), too_many);
        let path = refused(Version::HTTP_11, &format!("/{}", "a".repeat(PATH_BYTES_MAX)), &host);
        assert_eq!(path, Some((414, "the path is longer than 8192 bytes".to_owned())));
    }

    #[test]
    fn a_harmless_request_id_is_kept_and_any_other_replaced() {
        let ids = RequestIds::default();
        assert_eq!(ids.name(&headers(&[(X_REQUEST_ID, "a1-B.c_d:e")])).as_str(), "a1-B.c_d:e");
        let long = "a".repeat(65);
        for odd in ["", "a b", "a\"b", "<a>", "a,b", "é", long.as_str()] {
            let named = ids.name(&headers(&[(X_REQUEST_ID, odd)]));
            assert!(named.as_str().starts_with(&ids.prefix), "{odd}");
        }
        assert_ne!(ids.name(&HeaderMap::new()), ids.name(&HeaderMap::new()));
    }

    #[test]
    fn a_trace_id_is_read_only_from_a_valid_traceparent() {
        let trace = |value: &str| trace_id(&headers(&[(TRACEPARENT, value)])).map(str::to_owned);
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(trace(&format!("00-{id}-00f067aa0ba902b7-01")), Some(id.to_owned()));
        for odd in ["", "00-", "00-short-00f067aa0ba902b7-01", &format!("00-{id}")] {
            assert_eq!(trace(odd), None, "{odd}");
        }
        assert_eq!(trace(&format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32))), None);
        assert_eq!(trace(&format!("00-{}-00f067aa0ba902b7-01", "é".repeat(16))), None);
    }

    fn client(proxies: &TrustedProxies, peer: &str, lines: &[(HeaderName, &str)]) -> String {
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.headers = headers(lines);
        let peer: std::net::SocketAddr = peer.parse().unwrap();
        let peer = RemoteAddr(poem::Addr::from(peer));
        let parts = RequestParts::from((parts, LocalAddr::default(), peer, http::uri::Scheme::HTTP));
        proxies.client(&Request::from_parts(parts, poem::Body::empty())).0.to_string()
    }

    #[test]
    fn a_stranger_is_not_believed_about_its_address() {
        // s.R57, s.X2
        let nobody = TrustedProxies::default();
        let lines = [(X_FORWARDED_FOR, "9.9.9.9"), (http::header::FORWARDED, "for=9.9.9.9")];
        assert_eq!(client(&nobody, "192.0.2.1:5000", &lines), "192.0.2.1");
        assert_eq!(client(&nobody, "[::ffff:192.0.2.1]:5000", &[]), "192.0.2.1");
    }

    #[test]
    fn the_chain_is_walked_from_the_right_through_trusted_proxies_only() {
        let networks = vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let proxies = TrustedProxies { networks, header: ForwardedHeader::XForwardedFor };
        let seen = |value: &str| client(&proxies, "10.0.0.1:80", &[(X_FORWARDED_FOR, value)]);
        assert_eq!(seen("203.0.113.9"), "203.0.113.9");
        assert_eq!(seen("9.9.9.9, 203.0.113.9, 10.0.0.2"), "203.0.113.9");
        assert_eq!(seen("203.0.113.9:4711, [fd00::1]:80"), "203.0.113.9");
        assert_eq!(seen("2001:db8::7"), "2001:db8::7");
        assert_eq!(seen("9.9.9.9, unknown, 10.0.0.2"), "10.0.0.2");
        assert_eq!(seen("10.0.0.3, 10.0.0.2"), "10.0.0.3");
        assert_eq!(seen(""), "10.0.0.1");
        let two = [(X_FORWARDED_FOR, "9.9.9.9"), (X_FORWARDED_FOR, "203.0.113.9")];
        assert_eq!(client(&proxies, "10.0.0.1:80", &two), "203.0.113.9");
        assert_eq!(client(&proxies, "10.0.0.1:80", &[(http::header::FORWARDED, "for=9.9.9.9")]), "10.0.0.1");
    }

    #[test]
    fn the_standard_header_is_read_where_it_is_configured() {
        // RFC 7239 §4
        let networks = vec!["10.0.0.0/8".parse().unwrap()];
        let proxies = TrustedProxies { networks, header: ForwardedHeader::Forwarded };
        let seen = |value: &str| client(&proxies, "10.0.0.1:80", &[(http::header::FORWARDED, value)]);
        assert_eq!(seen("for=9.9.9.9, For=\"[2001:db8::7]:4711\";proto=https"), "2001:db8::7");
        assert_eq!(seen("proto=https;for=203.0.113.9;by=10.0.0.1"), "203.0.113.9");
        assert_eq!(seen("for=_hidden"), "10.0.0.1");
        assert_eq!(seen("proto=https"), "10.0.0.1");
    }
}

//! Who does the `Authorization` header say is calling? The one parser of it.
//!
//! A header that is there and cannot be read is an error and never "nobody": a caller that meant to authenticate must
//! not be served as if it had not (s.R47, s.R48, s.T15, s.I15).

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::secret::Secret;

/// Longest header value that is looked at.
pub const HEADER_BYTES_MAX: usize = 16 * 1024;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What the header holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// `Bearer` (RFC 6750 §2.1).
    Bearer(Secret),
    /// `Basic` (RFC 7617, RFC 6749 §2.3.1).
    Basic(Basic),
}

/// A user-id and a password, as sent and as meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basic {
    raw: Pair,
    form_decoded: Option<Pair>,
}

/// A client identifier with its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The part before the first colon.
    pub id: String,
    /// The part behind it.
    pub secret: Secret,
}

impl Basic {
    /// The readings to try, most likely first: form-encoded as RFC 6749 §2.3.1 demands, then as sent, because many
    /// clients leave the encoding out (E6). One reading if both are the same.
    pub fn readings(&self) -> impl Iterator<Item = &Pair> {
        self.form_decoded.iter().chain(std::iter::once(&self.raw))
    }
}

/// The scheme a broken header named, so that the answer can carry the challenge that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Bearer`.
    Bearer,
    /// `Basic`.
    Basic,
    /// Another one, or none.
    Other,
}

/// The header is there and cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the Authorization header {complaint}")]
pub struct Malformed {
    /// The scheme it named.
    pub scheme: Scheme,
    /// What is wrong, as a clause that follows "the Authorization header". Never quotes the header.
    pub complaint: &'static str,
}

/// Reads the `Authorization` header; `None` only if there is none.
///
/// # Errors
/// [`Malformed`] for more than one header, an unknown scheme, and whatever its scheme's grammar does not allow.
pub fn read(headers: &HeaderMap) -> Result<Option<Authorization>, Malformed> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Malformed { scheme: Scheme::Other, complaint: "occurs more than once" });
    }
    parse(value.as_bytes()).map(Some)
}

/// Reads one value of the header.
///
/// # Errors
/// As [`read`].
pub fn parse(value: &[u8]) -> Result<Authorization, Malformed> {
    let other = |complaint| Malformed { scheme: Scheme::Other, complaint };
    if value.len() > HEADER_BYTES_MAX {
        return Err(other("is too long"));
    }
    let value = value.trim_ascii();
    let end = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
    let (scheme, rest) = value.split_at(end);
    let credentials = rest.trim_ascii_start();
    if scheme.eq_ignore_ascii_case(b"Bearer") {
        bearer(credentials).map_err(|complaint| Malformed { scheme: Scheme::Bearer, complaint })
    } else if scheme.eq_ignore_ascii_case(b"Basic") {
        basic(credentials).map_err(|complaint| Malformed { scheme: Scheme::Basic, complaint })
    } else if scheme.is_empty() {
        Err(other("is empty"))
    } else {
        Err(other("names a scheme that is not supported; use Basic or Bearer"))
    }
}

/// b64token (RFC 6750 §2.1): so `Bearer a, b`, `Bearer a b` and `Bearer %00` end here and not in a look-up.
fn bearer(token: &[u8]) -> Result<Authorization, &'static str> {
    let body = token.trim_ascii_end();
    let unpadded = body.len() - body.iter().rev().take_while(|byte| **byte == b'=').count();
    let characters = &body[..unpadded];
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    if characters.is_empty() {
        return Err("names Bearer but holds no token");
    }
    match std::str::from_utf8(body) {
        Ok(token) if characters.iter().all(allowed) => Ok(Authorization::Bearer(Secret::new(token))),
        _ => Err("holds a character that no bearer token has"),
    }
}

fn basic(token: &[u8]) -> Result<Authorization, &'static str> {
    if token.is_empty() {
        return Err("names Basic but holds no credentials");
    }
    let decoded = BASE64.decode(token).map_err(|_| "holds credentials that are not base64")?;
    let text = String::from_utf8(decoded).map_err(|_| "holds credentials that are not UTF-8")?;
    if text.chars().any(char::is_control) {
        return Err("holds credentials with a control character");
    }
    let (id, secret) = text.split_once(':').ok_or("holds credentials without a colon")?;
    if id.is_empty() {
        return Err("holds credentials without a client identifier");
    }
    let form_decoded = if text.contains(['%', '+']) { form_pair(id, secret) } else { None };
    let raw = Pair { id: id.to_owned(), secret: Secret::new(secret) };
    Ok(Authorization::Basic(Basic { raw, form_decoded }))
}

fn form_pair(id: &str, secret: &str) -> Option<Pair> {
    let id = form_decoded(id)?;
    let secret = form_decoded(secret)?;
    (!id.is_empty()).then_some(Pair { id, secret: Secret::from(secret) })
}

/// `application/x-www-form-urlencoded` decoding (RFC 6749 appendix B); `None` for what that encoding never produces.
fn form_decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(out).ok().filter(|text| !text.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use http::HeaderValue;

    use super::*;

    fn encoded(text: &str) -> String {
        format!("Basic {}", BASE64.encode(text))
    }

    fn pairs(value: &str) -> Vec<(String, String)> {
        match parse(value.as_bytes()).unwrap() {
            Authorization::Basic(basic) => {
                basic.readings().map(|pair| (pair.id.clone(), pair.secret.expose().to_owned())).collect()
            }
            Authorization::Bearer(_) => panic!("not Basic"),
        }
    }

    fn complaint(value: &[u8]) -> (Scheme, &'static str) {
        let malformed = parse(value).unwrap_err();
        (malformed.scheme, malformed.complaint)
    }

    #[test]
    fn no_header_is_nobody_and_any_header_is_somebody() {
        assert_eq!(read(&HeaderMap::new()), Ok(None));
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static(""));
        assert_eq!(read(&headers).unwrap_err().complaint, "is empty");
    }

    #[test]
    fn a_bearer_token_is_read_in_any_case_of_its_scheme() {
        for value in ["Bearer abc-._~+/9==", "bearer abc-._~+/9==", "BEARER   abc-._~+/9== "] {
            assert_eq!(parse(value.as_bytes()), Ok(Authorization::Bearer(Secret::new("abc-._~+/9=="))), "{value}");
        }
    }

    #[test]
    fn every_malformed_bearer_header_is_refused_as_bearer() {
        // s.R47, s.R48, s.I15
        let none = (Scheme::Bearer, "names Bearer but holds no token");
        let odd = (Scheme::Bearer, "holds a character that no bearer token has");
        for value in ["Bearer", "Bearer ", "Bearer    ", "Bearer ="] {
            assert_eq!(complaint(value.as_bytes()), none, "{value}");
        }
        for value in ["Bearer a b", "Bearer a,b", "Bearer %", "Bearer ' OR 1=1--", "Bearer a=b", "Bearer \"a\""] {
            assert_eq!(complaint(value.as_bytes()), odd, "{value}");
        }
        assert_eq!(complaint(b"Bearer \xff\xfe"), odd);
        assert_eq!(complaint(b"Bearer a\0"), odd);
        assert_eq!(complaint("Bearer ключ".as_bytes()), odd);
    }

    #[test]
    fn every_malformed_basic_header_is_refused_as_basic() {
        // s.T15
        for (value, wanted) in [
            ("Basic".to_owned(), "names Basic but holds no credentials"),
            ("Basic ".to_owned(), "names Basic but holds no credentials"),
            ("Basic !!!".to_owned(), "holds credentials that are not base64"),
            ("Basic YTpi YTpi".to_owned(), "holds credentials that are not base64"),
            ("Basic YTpi, Bearer x".to_owned(), "holds credentials that are not base64"),
            ("Basic YTpi====".to_owned(), "holds credentials that are not base64"),
            (encoded("no-colon"), "holds credentials without a colon"),
            (encoded(""), "names Basic but holds no credentials"),
            (encoded(":secret"), "holds credentials without a client identifier"),
            (encoded("a:b\0c"), "holds credentials with a control character"),
            (encoded("a\r\nX: y:b"), "holds credentials with a control character"),
        ] {
            assert_eq!(complaint(value.as_bytes()), (Scheme::Basic, wanted), "{value}");
        }
        let not_text = format!("Basic {}", BASE64.encode(b"a:\xff"));
        assert_eq!(complaint(not_text.as_bytes()), (Scheme::Basic, "holds credentials that are not UTF-8"));
    }

    #[test]
    fn an_unknown_scheme_is_refused_and_not_ignored() {
        let unsupported = (Scheme::Other, "names a scheme that is not supported; use Basic or Bearer");
        for value in
            ["Digest a", "Bearer:abc", "Bearer:", "Bearer\tabc", "null", "%", "abc", "Basically YTpi", "\u{e9} x"]
        {
            assert_eq!(complaint(value.as_bytes()), unsupported, "{value}");
        }
        assert_eq!(complaint(b"   "), (Scheme::Other, "is empty"));
        assert_eq!(complaint(&vec![b'a'; HEADER_BYTES_MAX + 1]), (Scheme::Other, "is too long"));
    }

    #[test]
    fn two_headers_are_refused_even_if_both_are_good() {
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        let twice = Malformed { scheme: Scheme::Other, complaint: "occurs more than once" };
        assert_eq!(read(&headers), Err(twice));
    }

    #[test]
    fn basic_credentials_are_read_form_encoded_first_and_then_as_sent() {
        // E6, RFC 6749 §2.3.1
        let pair = |id: &str, secret: &str| (id.to_owned(), secret.to_owned());
        assert_eq!(pairs(&encoded("app:secret")), [pair("app", "secret")]);
        assert_eq!(pairs(&encoded("app:")), [pair("app", "")]);
        assert_eq!(pairs(&encoded("app:a:b")), [pair("app", "a:b")]);
        assert_eq!(pairs(&encoded("a%3Ab:x+y")), [pair("a:b", "x y"), pair("a%3Ab", "x+y")]);
        assert_eq!(pairs(&encoded("a:100%zz")), [pair("a", "100%zz")]);
        assert_eq!(pairs(&encoded("a:b%")), [pair("a", "b%")]);
        assert_eq!(pairs(&encoded("a:%00")), [pair("a", "%00")]);
        assert_eq!(pairs(&encoded("a:%ff")), [pair("a", "%ff")]);
        assert_eq!(pairs("basic YXBwOnNlY3JldA"), [pair("app", "secret")]);
    }

    #[test]
    fn nothing_of_the_header_shows_in_debug_or_in_the_error() {
        // s.Z1, s.Z6
        let shown = format!("{:?}", parse(encoded("app:canary").as_bytes()));
        assert!(!shown.contains("canary"), "{shown}");
        let refused = parse(b"Bearer canary canary").unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("canary"));
    }
}

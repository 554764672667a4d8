//! How is a refusal spelled? (RFC 6749 §5.2, RFC 6750 §3, RFC 7591 §3.2.2)

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use poem::Response;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;

use crate::edge::answer::Cause;
use crate::oidc::{Code, Error, Violation};

/// What a caller that is not let in is told to present (RFC 9110 §11.6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// HTTP Basic: the client tried to authenticate with the header (RFC 6749 §5.2).
    Basic,
    /// A bearer token (RFC 6750 §3).
    Bearer,
    /// A bearer token, of a caller that presented nothing: no error is named (RFC 6750 §3.1).
    BearerMissing,
}

/// A refusal on its way out.
#[derive(Clone, Debug)]
pub struct Refused {
    error: Error,
    challenge: Option<Challenge>,
    allow: Option<&'static str>,
}

impl Refused {
    /// A refused method, with those that are taken here (RFC 9110 §15.5.6).
    pub fn method(description: &'static str, allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::from(Error::new(Code::MethodNotAllowed, description)) }
    }

    /// A refusal with this challenge, if its status takes one.
    pub fn with(error: Error, challenge: Challenge) -> Self {
        Self { error, challenge: Some(challenge), allow: None }
    }

    /// The answer.
    pub fn response(&self) -> Response {
        let error = &self.error;
        let description = printable(&error.description);
        let spelled =
            Spelled { error: error.code.as_str(), error_description: &description, violations: &error.violations };
        let mut response = Response::from(Bytes::from(serde_json::to_vec(&spelled).unwrap_or_default()));
        response.set_status(StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        no_store(headers);
        if let Some(seconds) = error.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self.challenge() {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(cause) = &error.cause {
            response.extensions_mut().insert(Cause(cause.clone()));
        }
        response
    }

    fn challenge(&self) -> Option<HeaderValue> {
        let error = &self.error;
        let bearer = matches!(error.code, Code::InvalidToken | Code::InsufficientScope);
        match self.challenge.or(bearer.then_some(Challenge::Bearer))? {
            Challenge::Basic if error.code == Code::InvalidClient => {
                Some(HeaderValue::from_static("Basic realm=\"registrar\", charset=\"UTF-8\""))
            }
            Challenge::Bearer if bearer => {
                let description = printable(&error.description);
                let code = error.code.as_str();
                let text = format!("Bearer realm=\"registrar\", error=\"{code}\", error_description=\"{description}\"");
                HeaderValue::from_str(&text).ok().or(Some(HeaderValue::from_static("Bearer realm=\"registrar\"")))
            }
            Challenge::Bearer | Challenge::BearerMissing if error.code.status() == 401 => {
                Some(HeaderValue::from_static("Bearer realm=\"registrar\""))
            }
            _ => None,
        }
    }
}

/// A description in the characters it may have: printable ASCII without quotes and backslashes (RFC 6749 §5.2), which
/// also end a parameter of a header. Ours has no others; the words of a caller in it may.
fn printable(description: &str) -> Cow<'_, str> {
    if description.bytes().all(|byte| matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~')) {
        return Cow::Borrowed(description);
    }
    let plain = |character| match character {
        '"' | '\\' | '\u{2018}'..='\u{201f}' => '\'',
        ' '..='~' => character,
        _ => '?',
    };
    Cow::Owned(description.chars().map(plain).collect())
}

/// Marks an answer as one that no cache may keep (RFC 6749 §5.1).
pub fn no_store(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { error, challenge: None, allow: None }
    }
}

impl From<Refused> for poem::Error {
    fn from(refused: Refused) -> Self {
        Self::from_response(refused.response())
    }
}

#[derive(Serialize)]
struct Spelled<'a> {
    error: &'a str,
    error_description: &'a str,
    #[serde(skip_serializing_if = "<[Violation]>::is_empty")]
    violations: &'a [Violation],
}

/// Why a request was refused (RFC 6749 §5.2).
#[derive(Debug, Object)]
#[oai(rename = "Error")]
struct ErrorDocument {
    /// The error code.
    #[oai(validator(min_length = 1))]
    error: String,
    /// One readable sentence: what is wrong and what would be right.
    error_description: String,
    /// Every broken rule of a registration.
    #[oai(skip_serializing_if_is_none)]
    violations: Option<Vec<ViolationDocument>>,
}

/// One broken rule of client registration.
#[derive(Debug, Object)]
#[oai(rename = "Violation")]
struct ViolationDocument {
    /// The metadata member that broke it.
    member: String,
    /// The number of the rule.
    rule: String,
    /// The value that was sent, shortened.
    #[oai(skip_serializing_if_is_none)]
    got: Option<serde_json::Value>,
    /// The values that would be taken.
    #[oai(skip_serializing_if_is_none)]
    allowed: Option<Vec<String>>,
    /// Where the rule is written.
    see: String,
}

impl ApiResponse for Refused {
    fn meta() -> MetaResponses {
        let described = [
            (400, "The request is malformed, or what it asks for may not be."),
            (401, "The client or the token is unknown, or failed to prove itself."),
            (403, "The token is good but does not allow this, or the feature is switched off."),
            (413, "The body is too large."),
            (415, "The body has another media type than the one described."),
            (429, "Too many requests: `Retry-After` says when to come back."),
            (503, "The server cannot answer right now: `Retry-After` says when to come back."),
        ];
        let responses = described.map(|(status, description)| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: "application/json",
                schema: Json::<ErrorDocument>::schema_ref(),
            }],
            headers: Vec::new(),
        });
        MetaResponses { responses: responses.into() }
    }

    fn register(registry: &mut Registry) {
        <Json<ErrorDocument> as Payload>::register(registry);
    }
}

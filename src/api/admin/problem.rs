//! How is a refusal spelled? As a problem document (RFC 9457) with every field that is wrong.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use poem::Response;
use poem::error::ResponseError;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;

use crate::edge::answer::Cause;
use crate::oidc;
use crate::portal::{Conflict, Error, Rule, Wrong};

/// What the names of the kinds of problems begin with.
const KIND: &str = "urn:registrar:problem:";

/// A refusal on its way out.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: &'static str,
    status: StatusCode,
    detail: String,
    errors: Vec<Field>,
    challenge: Option<Box<str>>,
    retry_after: Option<u64>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Field {
    field: String,
    rule: &'static str,
    detail: String,
}

impl From<Wrong> for Field {
    fn from(wrong: Wrong) -> Self {
        let rule = match wrong.rule {
            Rule::Required => "required",
            Rule::Unknown => "unknown",
            Rule::Form => "form",
            Rule::Length => "length",
            Rule::Range { .. } => "range",
            Rule::Fixed => "fixed",
            Rule::NoFlow => "no_flow",
            Rule::Missing => "missing",
            Rule::Contradiction => "contradiction",
            Rule::OfType(_) => "of_type",
        };
        Self { field: wrong.field, rule, detail: wrong.complaint }
    }
}

impl Problem {
    fn new(kind: &'static str, status: StatusCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { kind, status, detail, errors: Vec::new(), challenge: None, retry_after: None, cause: None }
    }

    /// 400 with all that is wrong.
    pub fn invalid(wrong: Vec<Wrong>) -> Self {
        let detail = Error::Invalid(wrong.clone()).describe();
        let errors = wrong.into_iter().map(Field::from).collect();
        Self { errors, ..Self::new("invalid", StatusCode::BAD_REQUEST, detail) }
    }

    /// 400 for one thing that is wrong.
    pub fn wrong(field: &str, rule: Rule, complaint: impl Into<String>) -> Self {
        Self::invalid(vec![Wrong::new(field, rule, complaint)])
    }

    /// 401 for a caller that presented nothing: no error is named (RFC 6750 §3.1).
    pub fn nobody() -> Self {
        let challenge = Some("Bearer realm=\"registrar\"".into());
        let detail = "a bearer token is required: a personal token, or an access token for the management API";
        Self { challenge, ..Self::new("unauthenticated", StatusCode::UNAUTHORIZED, detail) }
    }

    /// 401 for a token that is good for nothing here.
    pub fn bad_token() -> Self {
        let challenge = Some("Bearer realm=\"registrar\", error=\"invalid_token\"".into());
        let detail = "the token is unknown, has ended, or is not for the management API";
        Self { challenge, ..Self::new("unauthenticated", StatusCode::UNAUTHORIZED, detail) }
    }

    /// 404: it is not there, or the caller may not know that it is.
    pub fn not_found() -> Self {
        Error::NotFound.into()
    }

    /// 412: it is not what the caller saw (RFC 9110 §13.1.1).
    pub fn changed() -> Self {
        let detail = "If-Match names another version than the one that is there: read it again";
        Self::new("changed", StatusCode::PRECONDITION_FAILED, detail)
    }

    /// 415: the body is no JSON by its type.
    pub fn unsupported_media_type() -> Self {
        let detail = "the body must be JSON: send Content-Type: application/json";
        Self::new("unsupported_media_type", StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    /// 422: the idempotency key was used for another request.
    pub fn key_reused() -> Self {
        let detail = "this Idempotency-Key was used for another request: choose a fresh one for each";
        Self::new("idempotency_key_reused", StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// 409: a request with the same idempotency key is worked on at this moment.
    pub fn under_way(retry_after: u64) -> Self {
        let detail = "a request with this Idempotency-Key is under way: ask again for its answer";
        let problem = Self::new("under_way", StatusCode::CONFLICT, detail);
        Self { retry_after: Some(retry_after), ..problem }
    }

    /// The answer to the request with this name.
    pub fn response(&self, request_id: &str) -> Response {
        let spelled = Spelled {
            kind: &format!("{KIND}{}", self.kind),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
            request_id: Some(request_id).filter(|id| self.status.is_server_error() && !id.is_empty()),
        };
        let mut response = Response::from(Bytes::from(serde_json::to_vec(&spelled).unwrap_or_default()));
        response.set_status(self.status);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self.challenge.as_deref().and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(cause) = &self.cause {
            response.extensions_mut().insert(Cause(cause.clone()));
        }
        response
    }
}

/// How the door's own refusals are spelled here.
pub fn spelled(error: &oidc::Error, request_id: &str) -> Response {
    Problem::from(error).response(request_id)
}

#[derive(Serialize)]
struct Spelled<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    errors: &'a [Field],
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl From<&oidc::Error> for Problem {
    fn from(error: &oidc::Error) -> Self {
        let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = match status {
            StatusCode::BAD_REQUEST => "invalid",
            StatusCode::UNAUTHORIZED => "unauthenticated",
            StatusCode::FORBIDDEN => "not_allowed",
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::CONFLICT => "conflict",
            StatusCode::PAYLOAD_TOO_LARGE => "too_large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
            StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
            StatusCode::SERVICE_UNAVAILABLE => "unavailable",
            _ => "internal",
        };
        let retry_after = error.retry_after.map(u64::from);
        Self { retry_after, cause: error.cause.clone(), ..Self::new(kind, status, error.description.clone()) }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let told = error.describe();
        match error {
            Error::NotFound => Self::new("not_found", StatusCode::NOT_FOUND, told),
            Error::Invalid(wrong) => Self::invalid(wrong),
            Error::Taken { field, .. } => {
                let errors = vec![Field { field: field.to_owned(), rule: "taken", detail: "is taken".to_owned() }];
                Self { errors, ..Self::new("taken", StatusCode::CONFLICT, told) }
            }
            Error::Conflict(Conflict::Changed) => Self::new("changed", StatusCode::CONFLICT, told),
            Error::Conflict(_) => Self::new("conflict", StatusCode::CONFLICT, told),
            Error::NotAllowed(action) => {
                // RFC 6750 §3.1: the first is our own word for it.
                let scope = action.scopes().first().copied().unwrap_or_default();
                let challenge = format!("Bearer realm=\"registrar\", error=\"insufficient_scope\", scope=\"{scope}\"");
                Self { challenge: Some(challenge.into()), ..Self::new("not_allowed", StatusCode::FORBIDDEN, told) }
            }
            Error::NotApproved => Self::new("not_approved", StatusCode::FORBIDDEN, told),
            Error::NotNow { retry_after, cause } => {
                let (kind, status) = match cause {
                    None => ("too_many_requests", StatusCode::TOO_MANY_REQUESTS),
                    Some(_) => ("unavailable", StatusCode::SERVICE_UNAVAILABLE),
                };
                Self { retry_after: Some(retry_after), cause, ..Self::new(kind, status, told) }
            }
            Error::Internal(cause) => {
                let problem = Self::new("internal", StatusCode::INTERNAL_SERVER_ERROR, told);
                Self { cause: Some(cause), ..problem }
            }
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.status
    }

    fn as_response(&self) -> Response {
        self.response("")
    }
}

/// Why a request was refused (RFC 9457).
#[derive(Debug, Object)]
#[oai(rename = "Problem", skip_serializing_if_is_none)]
struct ProblemDocument {
    /// The kind of problem: `urn:registrar:problem:` and `invalid`, `unauthenticated`, `not_allowed`, `not_approved`,
    /// `not_found`, `method_not_allowed`, `conflict`, `taken`, `changed`, `under_way`, `idempotency_key_reused`,
    /// `too_large`, `unsupported_media_type`, `too_many_requests`, `unavailable` or `internal`.
    #[oai(rename = "type")]
    kind: String,
    /// What the status means.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is wrong and what would be right.
    detail: String,
    /// Every field that is wrong; empty where the request as a whole is refused.
    errors: Vec<FieldDocument>,
    /// The name of the request in the server's log, of a failure of ours.
    request_id: Option<String>,
}

/// A field that is wrong.
#[derive(Debug, Object)]
#[oai(rename = "ProblemField")]
struct FieldDocument {
    /// The field, e.g. `display_name`, `session.idle_hours` or `scopes[0].value`; empty: the body as a whole.
    field: String,
    /// Which rule it broke: `required`, `unknown`, `form`, `length`, `range`, `fixed`, `no_flow`, `missing`,
    /// `contradiction`, `of_type` or `taken`.
    rule: String,
    /// A clause that follows the field's name.
    detail: String,
}

impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        let described = [
            (400, "Something in the request is wrong: `errors` lists every field."),
            (401, "No token, or one that is good for nothing here."),
            (403, "The caller, or the token, may not."),
            (404, "It is not there, or the caller may not know that it is."),
            (409, "What is there does not allow it, or a value is taken."),
            (412, "`If-Match` names another version than the one that is there."),
            (415, "The body is not `application/json`."),
            (422, "The `Idempotency-Key` was used for another request."),
            (429, "Too many requests: `Retry-After` says when to come back."),
            (503, "The server cannot answer right now: `Retry-After` says when to come back."),
        ];
        let responses = described.map(|(status, description)| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: "application/problem+json",
                schema: Json::<ProblemDocument>::schema_ref(),
            }],
            headers: Vec::new(),
        });
        MetaResponses { responses: responses.into() }
    }

    fn register(registry: &mut Registry) {
        <Json<ProblemDocument> as Payload>::register(registry);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;
    use crate::portal::Action;

    async fn spelled(error: Error) -> (u16, String, String, Value) {
        let response = Problem::from(error).response("r1");
        let header =
            |name| response.headers().get(name).map_or("", |value: &HeaderValue| value.to_str().unwrap()).to_owned();
        let (challenge, retry_after) = (header(WWW_AUTHENTICATE), header(RETRY_AFTER));
        let status = response.status().as_u16();
        (
            status,
            challenge,
            retry_after,
            serde_json::from_slice(&response.into_body().into_vec().await.unwrap()).unwrap(),
        )
    }

    #[tokio::test]
    async fn every_wrong_field_is_named_with_its_rule() {
        let wrong = vec![
            Wrong::new("name", Rule::Required, "is required"),
            Wrong::new("days", Rule::Range { least: 1, most: 2 }, "must be 1 to 2"),
        ];
        let body = json!({
            "type": "urn:registrar:problem:invalid", "title": "Bad Request", "status": 400,
            "detail": "name is required; days must be 1 to 2",
            "errors": [
                {"field": "name", "rule": "required", "detail": "is required"},
                {"field": "days", "rule": "range", "detail": "must be 1 to 2"},
            ],
        });
        assert_eq!(spelled(Error::Invalid(wrong)).await, (400, String::new(), String::new(), body));
    }

    #[tokio::test]
    async fn who_may_not_is_told_which_scope_is_missing() {
        // P-15, RFC 6750 §3.1
        let (status, challenge, _, body) = spelled(Error::NotAllowed(Action::WriteSettings)).await;
        let wanted = "Bearer realm=\"registrar\", error=\"insufficient_scope\", scope=\"settings:write\"";
        assert_eq!((status, challenge.as_str()), (403, wanted));
        assert_eq!(body["type"], "urn:registrar:problem:not_allowed");
    }

    #[tokio::test]
    async fn a_failure_of_ours_names_the_request_and_nothing_of_its_cause() {
        let (status, .., body) = spelled(Error::internal(std::io::Error::other("canary"))).await;
        assert_eq!((status, &body["request_id"]), (500, &json!("r1")));
        assert!(!body.to_string().contains("canary"));
        let (status, _, retry_after, _) = spelled(Error::NotNow { retry_after: 7, cause: None }).await;
        assert_eq!((status, retry_after.as_str()), (429, "7"));
    }
}

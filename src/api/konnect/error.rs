//! How is a refusal spelled? As a problem document (RFC 9457) with the fields that are wrong (portal.md C4).

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
use serde_json::Value;

use crate::edge::answer::Cause;
use crate::edge::methods::query_fault;
use crate::oidc;
use crate::portal::{Action, Conflict, Error, Rule, Wrong};

/// Where a wrong field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the body.
    Body,
    /// In the query.
    Query,
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Invalid {
    field: String,
    rule: &'static str,
    reason: String,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choices: Vec<&'static str>,
}

impl Invalid {
    /// `field` broke the rule with this name.
    pub fn new(field: impl Into<String>, rule: &'static str, reason: impl Into<String>, source: Source) -> Self {
        let source = match source {
            Source::Body => "body",
            Source::Query => "query",
        };
        let (field, reason) = (field.into(), reason.into());
        Self { field, rule, reason, source, minimum: None, maximum: None, choices: Vec::new() }
    }

    /// It must be one of these.
    pub fn choice(field: impl Into<String>, choices: &[&'static str], source: Source) -> Self {
        let reason = format!("must be one of {}", choices.join(", "));
        Self { choices: choices.to_vec(), ..Self::new(field, "enum", reason, source) }
    }

    /// It has more than so many characters.
    pub fn too_long(field: impl Into<String>, maximum: usize) -> Self {
        let reason = format!("must not have more than {maximum} characters");
        let maximum = i64::try_from(maximum).ok();
        Self { maximum, ..Self::new(field, "max_length", reason, Source::Body) }
    }

    fn of(wrong: &Wrong) -> Self {
        let rule = match wrong.rule {
            Rule::Required => "required",
            Rule::Missing => "missing_reference",
            Rule::Range { .. } => "max",
            Rule::Unknown
            | Rule::Form
            | Rule::Length
            | Rule::Fixed
            | Rule::NoFlow
            | Rule::Contradiction
            | Rule::OfType(_) => "invalid",
        };
        let maximum = match wrong.rule {
            Rule::Range { most, .. } => Some(most),
            _ => None,
        };
        Self { maximum, ..Self::new(field_of(&wrong.field), rule, wrong.complaint.clone(), Source::Body) }
    }
}

/// How Konnect calls a field of the rules.
fn field_of(field: &str) -> &str {
    match field {
        "redirect_uris" => "redirect_uri",
        "custom_id" => "reference_id",
        "auto_approve.developers" => "auto_approve_developers",
        "auto_approve.contracts" => "auto_approve_applications",
        other => other,
    }
}

/// A refusal on its way out.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    invalid: Vec<Invalid>,
    retry_after: Option<u64>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), invalid: Vec::new(), retry_after: None, cause: None }
    }

    /// 400 with all that is wrong.
    pub fn invalid(invalid: Vec<Invalid>) -> Self {
        Self { invalid, ..Self::new(StatusCode::BAD_REQUEST, "Invalid Parameters") }
    }

    /// 404: it is not there, or the caller may not know that it is.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found")
    }

    /// 401: nobody, or a token that is good for nothing here.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "A valid session or bearer token is required")
    }

    /// 403: the request comes from a page of somebody else's.
    pub fn foreign_origin() -> Self {
        Self::new(StatusCode::FORBIDDEN, "A request with a session must name this origin in its Origin header")
    }

    /// 415: the body is no JSON by its type.
    pub fn unsupported_media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must be JSON: send Content-Type: application/json")
    }

    /// The answer to the request with this name.
    pub fn response(&self, request_id: &str) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let spelled = Spelled {
            status: self.status.as_u16(),
            title,
            kind: &format!("https://httpstatuses.com/{}", self.status.as_u16()),
            instance: &format!("kong:trace:{request_id}"),
            detail: &self.detail,
            invalid_parameters: &self.invalid,
        };
        let mut response = Response::from(Bytes::from(serde_json::to_vec(&spelled).unwrap_or_default()));
        response.set_status(self.status);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"registrar\""));
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
    status: u16,
    title: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    instance: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[Invalid]>::is_empty")]
    invalid_parameters: &'a [Invalid],
}

impl From<&oidc::Error> for Problem {
    fn from(error: &oidc::Error) -> Self {
        let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let unread = match query_fault(error) {
            Some((parameter, complaint)) => Invalid::new(parameter, "invalid", complaint, Source::Query),
            None => Invalid::new("", "invalid", sentence(&error.description), Source::Body),
        };
        let invalid = if status == StatusCode::BAD_REQUEST { vec![unread] } else { Vec::new() };
        let retry_after = error.retry_after.map(u64::from);
        Self { invalid, retry_after, cause: error.cause.clone(), ..Self::new(status, sentence(&error.description)) }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let told = || sentence(&error.describe());
        match &error {
            Error::NotFound => Self::not_found(),
            Error::Invalid(wrong) => Self::invalid(wrong.iter().map(Invalid::of).collect()),
            Error::Taken { field, value } => {
                Self::new(StatusCode::CONFLICT, format!("The {} [{value}] is taken", field_of(field)))
            }
            Error::Conflict(conflict) => Self::new(StatusCode::CONFLICT, refused_as(conflict)),
            Error::NotAllowed(action) => Self::new(StatusCode::FORBIDDEN, needed(*action)),
            Error::NotApproved => Self::new(StatusCode::FORBIDDEN, told()),
            Error::NotNow { retry_after, cause } => {
                let status = cause.as_ref().map_or(StatusCode::TOO_MANY_REQUESTS, |_| StatusCode::SERVICE_UNAVAILABLE);
                Self { retry_after: Some(*retry_after), cause: cause.clone(), ..Self::new(status, told()) }
            }
            Error::Internal(cause) => {
                Self { cause: Some(cause.clone()), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, told()) }
            }
        }
    }
}

fn needed(action: Action) -> String {
    format!("This needs the permission {}", action.scopes().join(" or "))
}

fn refused_as(conflict: &Conflict) -> String {
    match conflict {
        // portal.md N26, to the letter.
        Conflict::AlreadyRequested(_) => "API is already registered to the application".to_owned(),
        other => sentence(&other.describe()),
    }
}

/// With a capital letter in front, for direct use on a page.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
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
    /// The HTTP status.
    status: u16,
    /// What the status means.
    title: String,
    /// What kind of refusal it is.
    #[oai(rename = "type")]
    kind: String,
    /// The name of the request in the log.
    instance: String,
    /// One readable sentence: what is wrong.
    detail: String,
    /// Every field that is wrong.
    invalid_parameters: Option<Vec<InvalidDocument>>,
}

/// A field that is wrong.
#[derive(Debug, Object)]
#[oai(rename = "InvalidParameter", skip_serializing_if_is_none)]
struct InvalidDocument {
    /// Its name; empty: the body as a whole.
    field: String,
    /// The rule it broke: `required`, `unknown_property`, `is_string`, `is_uuid`, `enum`, `max_length`, `invalid` and so on.
    rule: String,
    /// What it must be.
    reason: String,
    /// Where it stands: `body` or `query`.
    source: String,
    /// The least.
    minimum: Option<i64>,
    /// The most.
    maximum: Option<i64>,
    /// What would be taken.
    choices: Option<Vec<Value>>,
}

impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        let described = [
            (400, "The request is malformed, or fields of it are wrong."),
            (401, "Nobody is signed in, and no good token was sent."),
            (403, "The caller may not."),
            (404, "It is not there, or not for this caller to know of."),
            (409, "What is there does not allow it."),
            (415, "The body is not JSON by its type."),
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
    use entity::contract::ContractState;
    use serde_json::json;

    use super::*;

    async fn told(error: Error) -> Value {
        let body = Problem::from(error).response("r1").into_body().into_vec().await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[tokio::test]
    async fn a_refusal_is_a_problem_document() {
        // N14, N26
        assert_eq!(
            told(Error::Conflict(Conflict::RegistrationDisabled)).await,
            json!({
                "status": 409, "title": "Conflict", "type": "https://httpstatuses.com/409",
                "instance": "kong:trace:r1", "detail": "Application registration is not enabled for this Service.",
            })
        );
        let registered = Error::Conflict(Conflict::AlreadyRequested(ContractState::Rejected));
        assert_eq!(told(registered).await["detail"], "API is already registered to the application");
        let wrong = vec![
            Wrong::new("name", Rule::Required, "must be there"),
            Wrong::new("redirect_uris", Rule::Form, "\"x\" is no absolute URI"),
        ];
        assert_eq!(
            told(Error::Invalid(wrong)).await["invalid_parameters"],
            json!([
                {"field": "name", "rule": "required", "reason": "must be there", "source": "body"},
                {"field": "redirect_uri", "rule": "invalid", "reason": "\"x\" is no absolute URI", "source": "body"},
            ])
        );
    }

    #[tokio::test]
    async fn an_internal_cause_is_left_for_the_log_and_not_told() {
        let response = Problem::from(Error::internal(std::io::Error::other("secret"))).response("r1");
        assert!(response.extensions().get::<Cause>().is_some());
        let body = response.into_body().into_string().await.unwrap();
        assert!(!body.contains("secret"), "{body}");
    }
}

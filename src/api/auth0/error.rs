//! How is a refusal spelled? `{"statusCode", "error", "message", "errorCode"}` (portal.md A28).

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use poem::Response;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;

use crate::edge::answer::Cause;
use crate::edge::methods::query_fault;
use crate::oidc;
use crate::portal::{Action, Error, Wrong};

/// How often one may ask, for those who asked too often.
const RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");

/// What a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thing {
    /// As `message` names it.
    pub name: &'static str,
    /// As `errorCode` names it.
    pub code: &'static str,
    /// What the rules call a field, and what it is called here.
    pub fields: &'static [(&'static str, &'static str)],
}

/// A refusal on its way out.
#[derive(Clone, Debug)]
pub struct Refused {
    status: StatusCode,
    code: String,
    message: String,
    retry_after: Option<u64>,
    cause: Option<Cause>,
}

#[derive(Serialize)]
struct Spelled<'a> {
    #[serde(rename = "statusCode")]
    status: u16,
    error: &'a str,
    message: &'a str,
    #[serde(rename = "errorCode")]
    code: &'a str,
}

impl Refused {
    /// A refusal with this status.
    pub fn new(status: StatusCode, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), retry_after: None, cause: None }
    }

    /// A body that is not what is described: all that is wrong with it.
    pub fn body(complaints: &[String]) -> Self {
        let message = format!("Payload validation error: {}.", complaints.join(", "));
        Self::new(StatusCode::BAD_REQUEST, "invalid_body", message)
    }

    /// A body that breaks what is described, as `said`, and rules: all that is wrong with it, each member once.
    pub fn together(thing: &Thing, mut said: Vec<String>, rules: &[Wrong]) -> Self {
        for wrong in rules {
            let own = own_name(thing, &wrong.field);
            let known = |complaint: &String| is_about(complaint, own);
            if own.is_empty() || !said.iter().any(known) {
                said.push(complaint(thing, wrong));
            }
        }
        Self::body(&said)
    }

    /// A query that is not what is described.
    pub fn query(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_query_string", message)
    }

    /// A token that lacks all of these scopes.
    pub fn scope(needed: &[&str]) -> Self {
        let message = format!("Insufficient scope, expected any of: {}", needed.join(","));
        Self::new(StatusCode::FORBIDDEN, "insufficient_scope", message)
    }

    /// Nobody, or nobody who is known.
    pub fn token(message: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_token", message)
    }

    /// What the rules refused about `thing`.
    pub fn about(thing: &Thing) -> impl Fn(Error) -> Self + use<> {
        let thing = *thing;
        move |error| Self::spell(&thing, error)
    }

    fn spell(thing: &Thing, error: Error) -> Self {
        let conflict = |message: String| Self::new(StatusCode::CONFLICT, "conflict", message);
        match error {
            Error::NotFound => {
                let message = format!("The {} does not exist.", thing.name);
                Self::new(StatusCode::NOT_FOUND, format!("inexistent_{}", thing.code), message)
            }
            Error::Invalid(wrong) => Self::body(&wrong.iter().map(|wrong| complaint(thing, wrong)).collect::<Vec<_>>()),
            Error::Taken { field, value } => {
                let field = own_name(thing, field);
                conflict(format!("A {} with the same {field} already exists: {value}", thing.name))
            }
            Error::Conflict(reason) => conflict(sentence(&reason.describe())),
            Error::NotAllowed(action) => Self::scope(&own_scopes(action)),
            Error::NotApproved => {
                Self::new(StatusCode::FORBIDDEN, "access_denied", "The developer account is not approved.")
            }
            Error::NotNow { retry_after, cause } => Self { cause: cause.map(Cause), ..Self::too_many(retry_after) },
            Error::Internal(cause) => {
                let message = "An internal error occurred";
                let refused = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message);
                Self { cause: Some(Cause(cause)), ..refused }
            }
        }
    }

    fn too_many(retry_after: u64) -> Self {
        let refused = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Global limit has been reached");
        Self { retry_after: Some(retry_after), ..refused }
    }

    /// The answer.
    pub fn response(&self) -> Response {
        let spelled = Spelled {
            status: self.status.as_u16(),
            error: self.status.canonical_reason().unwrap_or_default(),
            message: &self.message,
            code: &self.code,
        };
        let mut response = Response::from(Bytes::from(serde_json::to_vec(&spelled).unwrap_or_default()));
        response.set_status(self.status);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"registrar\""));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(RATE_LIMIT_REMAINING, HeaderValue::from_static("0"));
        }
        if let Some(cause) = &self.cause {
            response.extensions_mut().insert(cause.clone());
        }
        response
    }
}

/// The scopes of an action that are words of this dialect; its own where there are none.
pub fn own_scopes(action: Action) -> Vec<&'static str> {
    let own: Vec<&str> = action.scopes().iter().copied().filter(|scope| is_own(scope)).collect();
    if own.is_empty() { action.scopes().to_vec() } else { own }
}

/// Whether a scope is a word of this dialect: `verb:things`.
pub fn is_own(scope: &str) -> bool {
    ["create:", "read:", "update:", "delete:"].iter().any(|verb| scope.starts_with(verb))
}

fn complaint(thing: &Thing, wrong: &Wrong) -> String {
    let complaint = wrong.complaint.replace('\'', "’");
    match own_name(thing, &wrong.field) {
        "" => format!("'{complaint}'"),
        field => format!("'{complaint}' on property {field}"),
    }
}

/// Whether a complaint is about this member, or something in it.
pub(super) fn is_about(complaint: &str, member: &str) -> bool {
    let missing = complaint == format!("'Missing required property: {member}'");
    let behind = complaint.rsplit_once(" on property ").and_then(|(_, path)| path.strip_prefix(member));
    missing || behind.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn own_name<'a>(thing: &Thing, field: &'a str) -> &'a str {
    let known = thing.fields.iter().find(|(rule, _)| *rule == field);
    known.map_or(field, |(_, own)| own)
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", characters.as_str())
}

/// How the door spells its own refusals here.
pub fn spelled(error: &oidc::Error, _: &str) -> Response {
    if let Some((parameter, complaint)) = query_fault(error) {
        let about = if parameter.is_empty() { String::new() } else { format!(" on property {parameter}") };
        let what = if parameter.is_empty() { "query" } else { "parameter" };
        return Refused::query(format!("Query validation error: 'The {what} {complaint}'{about}.")).response();
    }
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let code = match status {
        StatusCode::BAD_REQUEST => "invalid_body",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
        StatusCode::INTERNAL_SERVER_ERROR => "internal_error",
        _ => error.code.as_str(),
    };
    let refused = Refused::new(status, code, sentence(&error.description));
    Refused { retry_after: error.retry_after.map(u64::from), ..refused }.response()
}

impl From<Refused> for poem::Error {
    fn from(refused: Refused) -> Self {
        Self::from_response(refused.response())
    }
}

/// Why a request was refused.
#[derive(Debug, Object)]
#[oai(rename = "Error")]
struct ErrorDocument {
    /// The HTTP status.
    #[oai(rename = "statusCode")]
    status: u16,
    /// Its name.
    error: String,
    /// What is wrong.
    message: String,
    /// Which refusal.
    #[oai(rename = "errorCode")]
    code: String,
}

impl ApiResponse for Refused {
    fn meta() -> MetaResponses {
        let described = [
            (400, "The body or the query is not what is described: all that is wrong is told."),
            (401, "There is no token, or it is good for nothing here."),
            (403, "The token lacks the scope."),
            (404, "There is no such thing."),
            (409, "Something that is there does not allow it."),
            (413, "The body is too large."),
            (415, "The body is not JSON."),
            (429, "Too many requests: `Retry-After` says when to come back."),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::portal::{Conflict, Rule};
    use serde_json::{Value, json};

    const THING: Thing = Thing { name: "client", code: "client", fields: &[("redirect_uris", "callbacks")] };

    async fn told(refused: Refused) -> Value {
        let body = refused.response().into_body().into_bytes().await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[tokio::test]
    async fn every_refusal_of_the_rules_has_its_status_and_its_code() {
        // A28
        let spell = Refused::about(&THING);
        let refused = |status: u16, error: &str, message: &str, code: &str| json!({"statusCode": status, "error": error, "message": message, "errorCode": code});
        let absent = refused(404, "Not Found", "The client does not exist.", "inexistent_client");
        assert_eq!(told(spell(Error::NotFound)).await, absent);
        let wrong =
            vec![Wrong::new("redirect_uris", Rule::Form, "has a fragment"), Wrong::new("", Rule::Form, "is too much")];
        let message = "Payload validation error: 'has a fragment' on property callbacks, 'is too much'.";
        assert_eq!(told(spell(Error::Invalid(wrong))).await, refused(400, "Bad Request", message, "invalid_body"));
        let message = "Insufficient scope, expected any of: update:tenant_settings";
        let scope = refused(403, "Forbidden", message, "insufficient_scope");
        assert_eq!(told(spell(Error::NotAllowed(Action::WriteSettings))).await, scope);
        let message = "The application is archived";
        let conflict = refused(409, "Conflict", message, "conflict");
        assert_eq!(told(spell(Error::Conflict(Conflict::Archived))).await, conflict);
        let limited = spell(Error::NotNow { retry_after: 7, cause: None }).response();
        assert_eq!((limited.status().as_u16(), &limited.headers()["retry-after"]), (429, &HeaderValue::from(7)));
        assert_eq!(limited.headers()["x-ratelimit-remaining"], "0");
        let failed = spell(Error::internal(std::io::Error::other("SELECT secret")));
        let internal = refused(500, "Internal Server Error", "An internal error occurred", "internal_error");
        assert_eq!(told(failed).await, internal);
    }
}

//! How is a refusal spelled? In Kong's envelope (portal.md K44 to K50).

pub mod code;
pub mod portal;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode};
use poem::Response;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;
use serde_json::Value;

pub use code::Code;

use super::body::Malformed;
use super::schema::Complaints;
use super::schema::complaint::{Layout, table};
use crate::edge::answer::Cause;
use crate::edge::methods::query_fault;
use crate::oidc::{Code as OAuthCode, Error};

/// What a caller wanted to do and may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// `POST`.
    Create,
    /// `GET`.
    Read,
    /// `PATCH` and `PUT`.
    Update,
    /// `DELETE`.
    Delete,
}

impl Action {
    /// What a request with this method wants.
    pub fn of(method: &Method) -> Self {
        match *method {
            Method::POST => Self::Create,
            Method::PATCH | Method::PUT => Self::Update,
            Method::DELETE => Self::Delete,
            _ => Self::Read,
        }
    }
}

/// A refusal on its way out.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: u16,
    message: String,
    /// Boxed: a refusal travels in every `Result`.
    coded: Option<Box<Coded>>,
    allow: Option<&'static str>,
    challenge: Option<&'static str>,
    retry_after: Option<u32>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

#[derive(Clone, Debug)]
struct Coded {
    code: Code,
    name: String,
    about: About,
}

/// What a coded refusal speaks of.
#[derive(Clone, Debug)]
enum About {
    Nothing,
    Fields(Value),
    Options(Value),
}

impl Refusal {
    fn plain(status: u16, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, message, coded: None, allow: None, challenge: None, retry_after: None, cause: None }
    }

    fn coded(code: Code, message: impl Into<String>, about: About) -> Self {
        let coded = Coded { code, name: code.name().to_owned(), about };
        Self { coded: Some(Box::new(coded)), ..Self::plain(code.status(), message) }
    }

    /// 404 without more: the path leads nowhere, or to an entity that is not there (K44).
    pub fn not_found() -> Self {
        Self::plain(404, "Not found")
    }

    /// 405: the path takes only the methods `allow` (K44, D-1).
    pub fn method_not_allowed(allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::plain(405, "Method not allowed") }
    }

    /// 415 (K44).
    pub fn unsupported_media_type() -> Self {
        Self::plain(415, "Unsupported media type")
    }

    /// 400 before anything was understood.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::plain(400, message)
    }

    /// 401: the caller presented nothing (s.K1).
    pub fn unauthorized() -> Self {
        Self::plain(401, "Unauthorized")
    }

    /// 401: the caller presented something that is no token of ours.
    pub fn invalid_credentials() -> Self {
        Self::plain(401, "Invalid RBAC credentials")
    }

    /// 401: there is no such account, or its password is another: one answer for both (s.L10).
    pub fn wrong_password() -> Self {
        let challenge = Some("Basic realm=\"registrar\", charset=\"UTF-8\"");
        Self { challenge, ..Self::unauthorized() }
    }

    /// 429: the next attempt is looked at after so many seconds.
    pub fn too_many_attempts(wait_seconds: u32) -> Self {
        Self { retry_after: Some(wait_seconds), ..Self::plain(429, "Too many attempts") }
    }

    /// 403: a page of another origin sent a cookie along (s.B10).
    pub fn foreign_origin() -> Self {
        Self::plain(403, "Pages of another origin have no access")
    }

    /// What the door refused (K44), in Kong's texts where it has them.
    pub fn of_door(error: &Error) -> Self {
        match error.code {
            OAuthCode::NotFound => Self::not_found(),
            OAuthCode::MethodNotAllowed => Self::plain(405, "Method not allowed"),
            OAuthCode::UnsupportedMediaType => Self::unsupported_media_type(),
            _ if query_fault(error).is_some() => {
                let (parameter, complaint) = query_fault(error).unwrap_or_default();
                Self::invalid_option(parameter, complaint)
            }
            _ => Self::from(error.clone()),
        }
    }

    /// 403: the caller is known, and may not do this (K6, s.K4).
    pub fn forbidden(caller: &str, action: Action) -> Self {
        let action = match action {
            Action::Create => "create",
            Action::Read => "read",
            Action::Update => "update",
            Action::Delete => "delete",
        };
        Self::plain(403, format!("{caller}, you do not have permissions to {action} this resource"))
    }

    /// Code 2: all that is wrong with a body (K46 to K49).
    pub fn schema_violation(complaints: &Complaints) -> Self {
        let fields = serde_json::to_value(complaints).unwrap_or_default();
        Self::coded(Code::SchemaViolation, complaints.message(), About::Fields(fields))
    }

    /// Code 1: `key` is no id.
    pub fn invalid_primary_key(key: Value) -> Self {
        let message = format!("invalid primary key: '{}'", table(&key, Layout::Line));
        Self::coded(Code::InvalidPrimaryKey, message, About::Fields(key))
    }

    /// Code 3: an entity with this id exists.
    pub fn primary_key_violation(key: Value) -> Self {
        let message = format!("primary key violation on key '{}'", table(&key, Layout::Line));
        Self::coded(Code::PrimaryKeyViolation, message, About::Fields(key))
    }

    /// Code 4: the field `field` names the entity `key` of `collection`, which is not there.
    pub fn foreign_key_missing(field: &str, key: Value, collection: &str) -> Self {
        let printed = table(&key, Layout::Line);
        let message = format!("the foreign key '{printed}' does not reference an existing '{collection}' entity.");
        Self::coded(Code::ForeignKeyViolation, message, About::Fields(serde_json::json!({field: key})))
    }

    /// Code 4: an entity of `child` still needs this entity of `parent`.
    pub fn foreign_key_restricted(parent: &str, child: &str) -> Self {
        let message = format!("an existing '{child}' entity references this '{parent}' entity");
        Self::coded(Code::ForeignKeyViolation, message, About::Fields(serde_json::json!({"@referenced_by": child})))
    }

    /// Code 5: an entity with the values of `key` exists (K50).
    pub fn unique_violation(key: Value) -> Self {
        let message = format!("UNIQUE violation detected on '{}'", table(&key, Layout::Line));
        Self::coded(Code::UniqueViolation, message, About::Fields(key))
    }

    /// Code 6: an entity with this key is not there, where Kong says more than [`Refusal::not_found`].
    pub fn entity_not_found(key: Value) -> Self {
        let message = format!("could not find the entity with primary key '{}'", table(&key, Layout::Line));
        Self::coded(Code::NotFound, message, About::Fields(key))
    }

    /// Code 7: `offset` was not handed out here.
    pub fn invalid_offset(offset: &str, why: &str) -> Self {
        let message = format!("'{offset}' is not a valid offset: {why}");
        Self::coded(Code::InvalidOffset, message, About::Nothing)
    }

    /// Code 9: the page size is out of bounds.
    pub fn invalid_size(why: impl Into<String>) -> Self {
        Self::coded(Code::InvalidSize, why, About::Nothing)
    }

    /// Code 10: the field `field` cannot have this value.
    pub fn invalid_unique(field: &str, why: impl Into<String>) -> Self {
        let mut refusal = Self::coded(Code::InvalidUnique, why, About::Nothing);
        if let Some(coded) = &mut refusal.coded {
            coded.name = format!("{} {field}", Code::InvalidUnique.name());
        }
        refusal
    }

    /// Code 11: the option `option` of a list cannot be understood.
    pub fn invalid_option(option: &str, why: &str) -> Self {
        let options = serde_json::json!({option: why});
        Self::coded(Code::InvalidOptions, format!("invalid option ({option}: {why})"), About::Options(options))
    }

    /// Code 12: what was asked for cannot be done here.
    pub fn unsupported(why: impl Into<String>) -> Self {
        Self::coded(Code::OperationUnsupported, why, About::Nothing)
    }

    /// Its HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Its body.
    pub fn body(&self) -> Value {
        serde_json::to_value(self.envelope()).unwrap_or_default()
    }

    fn envelope(&self) -> Envelope<'_> {
        let coded = self.coded.as_ref();
        let (fields, options) = match coded.map(|coded| &coded.about) {
            Some(About::Fields(fields)) => (Some(fields), None),
            Some(About::Options(options)) => (None, Some(options)),
            Some(About::Nothing) | None => (None, None),
        };
        let (name, code) = (coded.map(|coded| &*coded.name), coded.map(|coded| coded.code as u8));
        Envelope { message: &self.message, name, fields, options, code }
    }

    /// The answer.
    pub fn response(&self) -> Response {
        let mut response = Response::from(Bytes::from(serde_json::to_vec(&self.envelope()).unwrap_or_default()));
        response.set_status(StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == 401 {
            // RFC 9110 §11.6.1
            let challenge = self.challenge.unwrap_or("Bearer realm=\"registrar\"");
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(cause) = &self.cause {
            response.extensions_mut().insert(Cause(cause.clone()));
        }
        response
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u8>,
}

impl From<&Complaints> for Refusal {
    fn from(complaints: &Complaints) -> Self {
        Self::schema_violation(complaints)
    }
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        Self::bad_request(malformed.message())
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let plain = match error.code {
            // What failed is ours to know.
            OAuthCode::ServerError => Self::plain(500, "An unexpected error occurred"),
            code => Self::plain(code.status(), error.description),
        };
        Self { retry_after: error.retry_after, cause: error.cause, ..plain }
    }
}

impl From<Refusal> for poem::Error {
    fn from(refusal: Refusal) -> Self {
        Self::from_response(refusal.response())
    }
}

/// Why a request was refused.
#[derive(Debug, Object)]
#[oai(rename = "KongError")]
struct ErrorDocument {
    /// One line: what is wrong.
    message: String,
    /// What kind of refusal it is.
    #[oai(skip_serializing_if_is_none)]
    name: Option<String>,
    /// What is wrong with each field, or the values that are taken.
    #[oai(skip_serializing_if_is_none)]
    fields: Option<Value>,
    /// What is wrong with each parameter of a list.
    #[oai(skip_serializing_if_is_none)]
    options: Option<Value>,
    /// The number of the kind.
    #[oai(skip_serializing_if_is_none, validator(minimum(value = "1"), maximum(value = "12")))]
    code: Option<u8>,
}

impl ApiResponse for Refusal {
    fn meta() -> MetaResponses {
        let described = [
            (400, "The request is malformed, or the body does not follow its schema."),
            (401, "There is no token, or none that is known."),
            (403, "The caller may not do this."),
            (404, "There is no such entity."),
            (405, "The path does not take this method."),
            (409, "What may exist once exists already."),
            (413, "The body is too large."),
            (415, "The body is neither a form nor JSON."),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(refusal: &Refusal) -> (u16, Value) {
        (refusal.status(), refusal.body())
    }

    #[test]
    fn plain_refusals_have_a_message_only() {
        // K44, s.K1
        for (refusal, status, message) in [
            (Refusal::not_found(), 404, "Not found"),
            (Refusal::method_not_allowed("GET"), 405, "Method not allowed"),
            (Refusal::unsupported_media_type(), 415, "Unsupported media type"),
            (Malformed::Json.into(), 400, "Cannot parse JSON body"),
            (Refusal::unauthorized(), 401, "Unauthorized"),
            (Refusal::invalid_credentials(), 401, "Invalid RBAC credentials"),
            (
                Refusal::forbidden("ana", Action::Update),
                403,
                "ana, you do not have permissions to update this resource",
            ),
            (Error::internal(std::io::Error::other("x")).into(), 500, "An unexpected error occurred"),
        ] {
            assert_eq!(told(&refusal), (status, json!({"message": message})));
        }
    }

    #[test]
    fn a_broken_schema_is_told_field_by_field() {
        // K46: the literal answer.
        let refusal = Refusal::schema_violation(&Complaints::one("name", "required field missing"));
        assert_eq!(
            serde_json::to_string(&refusal.envelope()).unwrap_or_default(),
            r#"{"message":"schema violation (name: required field missing)","name":"schema violation","fields":{"name":"required field missing"},"code":2}"#
        );
        assert_eq!(refusal.status(), 400);
    }

    #[test]
    fn what_exists_once_conflicts() {
        // K50: the literal answer.
        let key = json!({"consumer": null, "name": "application-registration", "route": null, "service": {"id": "s"}});
        assert_eq!(
            told(&Refusal::unique_violation(key.clone())),
            (
                409,
                json!({"message": "UNIQUE violation detected on '{consumer=null,name=\"application-registration\",route=null,service={id=\"s\"}}'",
                       "name": "unique constraint violation", "fields": key, "code": 5})
            )
        );
    }

    #[test]
    fn every_code_has_its_number_name_and_status() {
        // K45
        let all = [
            (
                Refusal::invalid_primary_key(json!({"id": "x"})),
                1,
                400,
                "invalid primary key",
                "invalid primary key: '{id=\"x\"}'",
            ),
            (
                Refusal::primary_key_violation(json!({"id": "x"})),
                3,
                400,
                "primary key violation",
                "primary key violation on key '{id=\"x\"}'",
            ),
            (
                Refusal::foreign_key_missing("service", json!({"id": "x"}), "services"),
                4,
                400,
                "foreign key violation",
                "the foreign key '{id=\"x\"}' does not reference an existing 'services' entity.",
            ),
            (
                Refusal::foreign_key_restricted("services", "plugins"),
                4,
                400,
                "foreign key violation",
                "an existing 'plugins' entity references this 'services' entity",
            ),
            (
                Refusal::entity_not_found(json!({"id": "x"})),
                6,
                404,
                "not found",
                "could not find the entity with primary key '{id=\"x\"}'",
            ),
            (
                Refusal::invalid_offset("x", "bad offset string"),
                7,
                400,
                "invalid offset",
                "'x' is not a valid offset: bad offset string",
            ),
            (Refusal::invalid_size("size must be a number"), 9, 400, "invalid size", "size must be a number"),
            (Refusal::invalid_unique("name", "bad"), 10, 400, "invalid unique name", "bad"),
            (
                Refusal::invalid_option("tags", "cannot be null"),
                11,
                400,
                "invalid options",
                "invalid option (tags: cannot be null)",
            ),
            (Refusal::unsupported("no"), 12, 405, "operation unsupported", "no"),
        ];
        for (refusal, code, status, name, message) in all {
            let body = refusal.body();
            assert_eq!((refusal.status(), &body["code"], &body["name"]), (status, &json!(code), &json!(name)));
            assert_eq!(body["message"], message);
        }
        assert_eq!((Code::DatabaseError as u8, Code::DatabaseError.status()), (8, 500));
        assert_eq!(Refusal::invalid_option("tags", "x").body()["options"], json!({"tags": "x"}));
        assert_eq!(
            Refusal::foreign_key_missing("service", json!({"id": 1}), "services").body()["fields"],
            json!({"service": {"id": 1}})
        );
    }

    #[test]
    fn answers_say_how_to_go_on() {
        let response = Refusal::method_not_allowed("GET, DELETE").response();
        assert_eq!(response.header(ALLOW), Some("GET, DELETE"));
        assert_eq!(response.header(CACHE_CONTROL), Some("no-store"));
        assert!(Refusal::unauthorized().response().header(WWW_AUTHENTICATE).is_some());
    }
}

//! In which of the two APIs is something said? They differ in how they spell a refusal (portal.md C4).

use bytes::Bytes;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, ToJSON};
use poem_openapi::{Object, Tags};
use serde_json::{Map, Value, json};

use super::refusal::Refusal;

/// One of the two APIs.
pub trait Voice: std::fmt::Debug + Send + Sync + 'static {
    /// The shape of its refusals, for the document.
    type Document: ParseFromJSON + ToJSON + Send + Sync;

    /// Whether the session of our own portal is good here.
    const SESSIONS: Sessions;

    /// A refusal in its words.
    fn spell(refusal: &Refusal) -> Value;
}

/// Whether somebody with a session of our own portal is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// They are.
    Heard,
    /// They are not: scripts alone call here.
    Unheard,
}

/// The parts of the document.
#[derive(Tags)]
pub enum Part {
    /// The way in.
    Authentication,
    /// Where applications are registered, and which there may be.
    Configuration,
    /// What consumers register.
    Applications,
    /// Who works on it.
    Members,
    /// Which APIs applications may use.
    Subscriptions,
    /// What there is to subscribe to.
    Apis,
    /// The portal of consumers.
    Portal,
}

/// The management API.
#[derive(Debug)]
pub struct Management;

/// The portal API.
#[derive(Debug)]
pub struct Portal;

impl Voice for Management {
    type Document = ErrorDocument;

    const SESSIONS: Sessions = Sessions::Unheard;

    fn spell(refusal: &Refusal) -> Value {
        let mut spelled = Map::new();
        spelled.insert("message".to_owned(), refusal.message().into());
        spelled.insert("http_status".to_owned(), refusal.status.as_u16().into());
        if let Some(parameters) = parameters(refusal) {
            spelled.insert("parameters".to_owned(), parameters);
        }
        if let Some(code) = refusal.code {
            spelled.insert("technicalCode".to_owned(), code.into());
        }
        if let Some(first) = refusal.details.first() {
            let detail = |detail: &super::refusal::Detail| json!({"message": detail.message, "location": detail.field});
            spelled.insert("path".to_owned(), first.field.clone().into());
            spelled.insert("details".to_owned(), refusal.details.iter().map(detail).collect());
        }
        spelled.into()
    }
}

impl Voice for Portal {
    type Document = ErrorsDocument;

    const SESSIONS: Sessions = Sessions::Heard;

    fn spell(refusal: &Refusal) -> Value {
        let status = refusal.status.as_str();
        if refusal.code.is_none() && !refusal.details.is_empty() {
            let detail = |detail: &super::refusal::Detail| json!({"status": status, "message": detail.message, "code": detail.field});
            return json!({"errors": refusal.details.iter().map(detail).collect::<Vec<_>>()});
        }
        let code = format!("errors.{}", refusal.code.unwrap_or("unexpected"));
        let mut spelled = json!({"status": status, "message": refusal.message(), "code": code});
        if let Some(parameters) = parameters(refusal) {
            spelled["parameters"] = parameters;
        }
        json!({ "errors": [spelled] })
    }
}

fn parameters(refusal: &Refusal) -> Option<Value> {
    let named = refusal.parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into()));
    (!refusal.parameters.is_empty()).then(|| Value::Object(named.collect()))
}

/// The bytes of a refusal.
pub(super) fn bytes<V: Voice>(refusal: &Refusal) -> Bytes {
    Bytes::from(serde_json::to_vec(&V::spell(refusal)).unwrap_or_default())
}

pub(super) fn schema<V: Voice>() -> MetaSchemaRef {
    Json::<V::Document>::schema_ref()
}

pub(super) fn register<V: Voice>(registry: &mut Registry) {
    <Json<V::Document> as Payload>::register(registry);
}

/// Why a request was refused.
#[derive(Debug, Object)]
#[oai(rename = "ErrorEntity", skip_serializing_if_is_none)]
pub struct ErrorDocument {
    /// One readable sentence: what is wrong.
    message: String,
    /// The HTTP status.
    http_status: u16,
    /// What the sentence is about.
    parameters: Option<Value>,
    /// What a script may compare.
    #[oai(rename = "technicalCode")]
    technical_code: Option<String>,
    /// The first field that is wrong.
    path: Option<String>,
    /// Every field that is wrong.
    details: Option<Vec<DetailDocument>>,
}

/// A field that is wrong.
#[derive(Debug, Object)]
#[oai(rename = "ConstraintViolationDetail")]
struct DetailDocument {
    /// What is wrong with it.
    message: String,
    /// Where it stands, e.g. `settings.oauth.grant_types`.
    location: String,
}

/// Why a request was refused.
#[derive(Debug, Object)]
#[oai(rename = "ErrorResponse")]
pub struct ErrorsDocument {
    /// Everything that is wrong.
    errors: Vec<PortalErrorDocument>,
}

/// Something that is wrong.
#[derive(Debug, Object)]
#[oai(rename = "Error", skip_serializing_if_is_none)]
struct PortalErrorDocument {
    /// The HTTP status.
    status: String,
    /// One readable sentence: what is wrong.
    message: String,
    /// What a script may compare: `errors.` and a technical code, or the field that is wrong.
    code: String,
    /// What the sentence is about.
    parameters: Option<Value>,
}

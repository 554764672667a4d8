//! What does the body of a request hold? JSON, read member by member so that all that is wrong is told at once.

use std::marker::PhantomData;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::error::{Invalid, Problem, Source};
use crate::oidc::registration::body::Media;
use crate::oidc::registration::json::{self, Limits};

/// A body that is documented as `D`. One that is empty, and of no type, counts as an object without members.
#[derive(Debug)]
pub struct Sent<D> {
    fields: Fields,
    document: PhantomData<fn() -> D>,
}

impl<D> Sent<D> {
    /// Its members.
    pub fn fields(self) -> Fields {
        self.fields
    }
}

impl<'a, D: Type> ApiExtractor<'a> for Sent<D> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        D::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: "application/json", schema: D::schema_ref() }];
        Some(MetaRequest { description: Some("One JSON object."), content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let members = members(request, body).await?;
        Ok(Self { fields: Fields { members, wrong: Vec::new() }, document: PhantomData })
    }
}

/// The members of the one JSON object a body must be.
///
/// # Errors
/// 415 for another type, 400 for what is no JSON object or names a member twice, 413 for what is too large.
async fn members(request: &Request, body: &mut RequestBody) -> Result<Map<String, Value>, poem::Error> {
    let bytes = <Bytes as FromRequest>::from_request(request, body).await?;
    let mut types = request.headers().get_all(CONTENT_TYPE).iter();
    match (types.next(), types.next()) {
        (None, _) if bytes.is_empty() => return Ok(Map::new()),
        (Some(said), None) if said.to_str().is_ok_and(|said| Media::of(said) == Media::Json) => {}
        _ => return Err(Problem::unsupported_media_type().into()),
    }
    json::object(&bytes, Limits::REGISTRATION).map_err(|error| Problem::from(&error).into())
}

/// The members of a body while they are read: each is taken once, what is left over is unknown.
#[derive(Debug)]
pub struct Fields {
    members: Map<String, Value>,
    wrong: Vec<Invalid>,
}

impl Fields {
    /// Whether a member was sent.
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Notes that a member is wrong.
    pub fn refuse(&mut self, name: &str, rule: &'static str, reason: &str) {
        self.wrong.push(Invalid::new(name, rule, reason, Source::Body));
    }

    /// Notes that a member that must be there is not.
    pub fn need(&mut self, name: &str) {
        if !self.has(name) {
            self.refuse(name, "required", "is a required field");
        }
    }

    /// A text of at most `most` characters; `None`: it was not sent.
    pub fn text(&mut self, name: &str, most: usize) -> Option<String> {
        match self.members.shift_remove(name)? {
            Value::String(text) if text.chars().count() <= most => Some(text),
            Value::String(_) => {
                self.wrong.push(Invalid::too_long(name, most));
                None
            }
            _ => {
                self.refuse(name, "is_string", "must be a string");
                None
            }
        }
    }

    /// A text or `null`.
    pub fn text_or_null(&mut self, name: &str, most: usize) -> Option<Option<String>> {
        if self.members.get(name).is_some_and(Value::is_null) {
            self.members.shift_remove(name);
            return Some(None);
        }
        self.text(name, most).map(Some)
    }

    /// An identity.
    pub fn id(&mut self, name: &str) -> Option<Uuid> {
        let text = self.text(name, 64)?;
        let id = Uuid::try_parse(&text).ok();
        if id.is_none() {
            self.refuse(name, "is_uuid", "must be a UUID");
        }
        id
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let sent = self.members.shift_remove(name)?;
        if sent.as_bool().is_none() {
            self.refuse(name, "is_boolean", "must be a boolean");
        }
        sent.as_bool()
    }

    /// One of some words.
    pub fn choice(&mut self, name: &str, choices: &[&'static str]) -> Option<&'static str> {
        let sent = self.members.shift_remove(name)?;
        let chosen = choices.iter().find(|choice| sent.as_str() == Some(**choice)).copied();
        if chosen.is_none() {
            self.wrong.push(Invalid::choice(name, choices, Source::Body));
        }
        chosen
    }

    /// Whatever was sent.
    pub fn any(&mut self, name: &str) -> Option<Value> {
        self.members.shift_remove(name)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// 400 with all that is wrong, members that were not asked for among it.
    pub fn done(mut self) -> Result<(), Problem> {
        let unknown: Vec<String> = self.members.keys().cloned().collect();
        for name in unknown {
            self.refuse(&name, "unknown_property", "is not a known property");
        }
        if self.wrong.is_empty() { Ok(()) } else { Err(Problem::invalid(self.wrong)) }
    }
}

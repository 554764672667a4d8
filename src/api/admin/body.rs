//! What does a body say? One JSON object, held against its documented schema, with all that is wrong at once.

use std::sync::LazyLock;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use poem::error::ResponseError;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, OpenApi};
use serde_json::{Map, Value};

use super::caller::Caller;
use super::problem::Problem;
use crate::oidc::registration::json::{self, Limits};
use crate::portal::{Action, Actor, Rule, Wrong};

/// Documents are the largest: their text, escaped.
const LIMITS: Limits = Limits { bytes_max: super::BODY_BYTES_MAX, depth_max: 32 };

/// A body that says `D`. No body at all says `{}`.
#[derive(Debug)]
pub struct Body<D>(pub D);

/// A body whose members are for the rules to judge; documented as `D`.
#[derive(Debug)]
pub struct Members<D> {
    /// What was sent.
    pub value: Value,
    document: std::marker::PhantomData<fn() -> D>,
}

impl<'a, D: ParseFromJSON> ApiExtractor<'a> for Body<D> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        D::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(meta::<D>())
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let read = read(request, body).await.and_then(|members| checked(&SCHEMAS, Value::Object(members)));
        match read {
            Ok(document) => Ok(Self(document)),
            Err(problem) => Err(refused(request, problem).await),
        }
    }
}

impl<'a, D: Type> ApiExtractor<'a> for Members<D> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        D::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(meta::<D>())
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        match read(request, body).await {
            Ok(members) => Ok(Self { value: Value::Object(members), document: std::marker::PhantomData }),
            Err(problem) => Err(refused(request, problem).await),
        }
    }
}

/// A body that is wrong, and whoever sent it: what is wrong is told to those only who may do what they want to.
#[derive(Debug)]
pub struct BadBody {
    problem: Problem,
    actor: Actor,
}

impl BadBody {
    /// What is said to somebody who wants to do one of these.
    pub fn told(&self, needs: &[Action]) -> Problem {
        let mut first = None;
        for action in needs {
            match self.actor.may(*action) {
                Ok(()) => return self.problem.clone(),
                Err(error) => first = first.or(Some(error)),
            }
        }
        first.map_or_else(|| self.problem.clone(), Problem::from)
    }
}

impl std::fmt::Display for BadBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for BadBody {}

impl ResponseError for BadBody {
    fn status(&self) -> http::StatusCode {
        self.problem.status()
    }

    fn as_response(&self) -> poem::Response {
        self.problem.as_response()
    }
}

/// Who sent it is found out once more: wrong bodies may take their time.
async fn refused(request: &Request, problem: Problem) -> poem::Error {
    match Caller::of(request).await {
        Ok(caller) => BadBody { problem, actor: caller.actor }.into(),
        Err(nobody) => nobody.into(),
    }
}

fn meta<D: Type>() -> MetaRequest {
    let content = vec![MetaMediaType { content_type: "application/json", schema: D::schema_ref() }];
    MetaRequest { description: None, content, required: true }
}

async fn read(request: &Request, body: &mut RequestBody) -> Result<Map<String, Value>, Problem> {
    let unreadable = |_| Problem::wrong("", Rule::Form, "cannot be read");
    let bytes = <Bytes as FromRequest>::from_request(request, body).await.map_err(unreadable)?;
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    let mut types = request.headers().get_all(CONTENT_TYPE).iter();
    let is_json = match (types.next(), types.next()) {
        (Some(said), None) => said.to_str().is_ok_and(is_json),
        _ => false,
    };
    if !is_json {
        return Err(Problem::unsupported_media_type());
    }
    json::object(&bytes, LIMITS).map_err(|error| Problem::from(&error))
}

fn is_json(said: &str) -> bool {
    let essence = said.split(';').next().unwrap_or_default().trim();
    ["application/json", "application/merge-patch+json"].iter().any(|known| essence.eq_ignore_ascii_case(known))
}

/// The schemas of all bodies.
static SCHEMAS: LazyLock<Registry> = LazyLock::new(|| {
    let mut registry = Registry::new();
    register(&mut registry, super::apis());
    registry
});

fn register<A: OpenApi>(registry: &mut Registry, _: A) {
    A::register(registry);
}

fn checked<D: ParseFromJSON>(registry: &Registry, value: Value) -> Result<D, Problem> {
    let mut wrong = Vec::new();
    Check { registry, wrong: &mut wrong }.value("", &D::schema_ref(), &value);
    if !wrong.is_empty() {
        return Err(Problem::invalid(wrong));
    }
    // What a schema cannot say: numbers beyond their type.
    D::parse_from_json(Some(value)).map_err(|_| Problem::wrong("", Rule::Form, "holds a number that is too large"))
}

/// Collects what is wrong with a value.
struct Check<'a> {
    registry: &'a Registry,
    wrong: &'a mut Vec<Wrong>,
}

impl Check<'_> {
    fn say(&mut self, field: &str, rule: Rule, complaint: impl Into<String>) {
        self.wrong.push(Wrong::new(field, rule, complaint));
    }

    fn value(&mut self, field: &str, schema: &MetaSchemaRef, value: &Value) {
        let Some(schema) = resolved(self.registry, schema) else { return };
        if value.is_null() && schema.nullable {
            return;
        }
        for part in &schema.all_of {
            // The last one only adds a description to the others.
            if matches!(part, MetaSchemaRef::Reference(_)) {
                self.value(field, part, value);
            }
        }
        match schema.ty {
            "object" => self.object(field, schema, value),
            "array" => self.array(field, schema, value),
            "string" => self.string(field, schema, value),
            "boolean" if !value.is_boolean() => self.say(field, Rule::Form, "must be true or false"),
            "integer" if value.as_i64().is_none() => self.say(field, Rule::Form, "must be a whole number"),
            "integer" if schema.format.is_some_and(|format| format.starts_with('u')) && value.as_u64().is_none() => {
                self.say(field, Rule::Form, "must not be negative");
            }
            _ => {}
        }
    }

    fn object(&mut self, field: &str, schema: &MetaSchema, value: &Value) {
        let Value::Object(members) = value else {
            return self.say(field, Rule::Form, "must be an object");
        };
        let path = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
        for (name, value) in members {
            match (schema.properties.iter().find(|(known, _)| known == name), &schema.additional_properties) {
                (Some((_, schema)), _) => self.value(&path(name), schema, value),
                (None, Some(schema)) => self.value(&path(name), schema, value),
                (None, None) if schema.properties.is_empty() => {}
                (None, None) => {
                    let known: Vec<&str> = schema.properties.iter().map(|(name, _)| *name).collect();
                    self.say(&path(name), Rule::Unknown, format!("is not known here; there are: {}", known.join(", ")));
                }
            }
        }
        for name in schema.required.iter().filter(|name| !members.contains_key(**name)) {
            self.say(&path(name), Rule::Required, "is required");
        }
    }

    fn array(&mut self, field: &str, schema: &MetaSchema, value: &Value) {
        let Value::Array(items) = value else {
            return self.say(field, Rule::Form, "must be a list");
        };
        for (at, item) in items.iter().enumerate() {
            if let Some(schema) = &schema.items {
                self.value(&format!("{field}[{at}]"), schema, item);
            }
        }
    }

    fn string(&mut self, field: &str, schema: &MetaSchema, value: &Value) {
        let Value::String(text) = value else {
            return self.say(field, Rule::Form, "must be a string");
        };
        if !schema.enum_items.is_empty() && !schema.enum_items.contains(value) {
            let words: Vec<&str> = schema.enum_items.iter().filter_map(Value::as_str).collect();
            self.say(field, Rule::Unknown, format!("must be one of {}", words.join(", ")));
        } else if schema.format == Some("uuid") && uuid::Uuid::parse_str(text).is_err() {
            self.say(field, Rule::Form, "must be a UUID");
        }
    }
}

fn resolved<'a>(registry: &'a Registry, schema: &'a MetaSchemaRef) -> Option<&'a MetaSchema> {
    match schema {
        MetaSchemaRef::Inline(schema) => Some(schema),
        MetaSchemaRef::Reference(name) => registry.schemas.get(name),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use poem_openapi::{Enum, Object};
    use serde_json::json;

    use super::*;
    use crate::api::admin::nullable::Nullable;

    #[derive(Debug, PartialEq, Eq, Enum)]
    #[oai(rename_all = "snake_case")]
    enum Colour {
        DarkRed,
        Blue,
    }

    #[derive(Debug, Object)]
    struct Inner {
        /// A number.
        size: i64,
    }

    #[derive(Debug, Object)]
    struct Outer {
        /// A name.
        name: String,
        /// Colours.
        colours: Option<Vec<Colour>>,
        /// Something inside.
        inner: Nullable<Inner>,
        /// A number, or nothing.
        most: Nullable<u32>,
        /// Somebody.
        owner: Option<uuid::Uuid>,
    }

    fn read(value: Value) -> Result<Outer, Value> {
        let mut registry = Registry::new();
        Outer::register(&mut registry);
        checked(&registry, value).map_err(|problem| {
            let body = problem.response("").into_body();
            let bytes = futures_util::FutureExt::now_or_never(body.into_vec()).unwrap().unwrap();
            let body: Value = serde_json::from_slice(&bytes).unwrap();
            let field = |error: &Value| json!([error["field"], error["rule"], error["detail"]]);
            body["errors"].as_array().unwrap().iter().map(field).collect()
        })
    }

    #[test]
    fn all_that_is_wrong_with_a_body_is_said_at_once() {
        let wrong = read(json!({
            "colours": ["blue", "green"], "inner": {"size": "big", "odd": 1}, "most": -1, "owner": "nobody", "nmae": "x",
        }));
        let expected = json!([
            ["colours[1]", "unknown", "must be one of dark_red, blue"],
            ["inner.size", "form", "must be a whole number"],
            ["inner.odd", "unknown", "is not known here; there are: size"],
            ["most", "form", "must not be negative"],
            ["owner", "form", "must be a UUID"],
            ["nmae", "unknown", "is not known here; there are: name, colours, inner, most, owner"],
            ["name", "required", "is required"],
        ]);
        assert_eq!(wrong.unwrap_err(), expected);
    }

    #[test]
    fn null_clears_what_may_be_cleared_and_nothing_else() {
        let fine = read(json!({"name": "a", "most": null, "colours": ["dark_red"]})).unwrap();
        assert_eq!((fine.most, fine.colours), (Nullable::Null, Some(vec![Colour::DarkRed])));
        assert!(matches!(fine.inner, Nullable::Unsaid));
        let wrong = read(json!({"name": null, "owner": null})).unwrap_err();
        assert_eq!(wrong, json!([["name", "form", "must be a string"], ["owner", "form", "must be a string"]]));
        let wrong = read(json!({"name": "a", "most": 5_000_000_000_u64})).unwrap_err();
        assert_eq!(wrong, json!([["", "form", "holds a number that is too large"]]));
    }
}

//! How is a schema shown? As Kong shows it (`GET /schemas/…`), and as OpenAPI does.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use serde_json::{Map, Value, json};

use super::{Extent, Field, Kind, Presence, Preset, Rule};

/// A body that is documented by its schema.
pub trait Documented: Send + Sync + 'static {
    /// Its name in the OpenAPI document.
    const NAME: &'static str;
    /// What it is, in one sentence.
    const ABOUT: &'static str;
    /// Its fields.
    const FIELDS: &'static [Field];
    /// Whether it has all of them, or those that shall change.
    const EXTENT: Extent = Extent::Whole;

    /// Where its schema stands in the document.
    fn reference() -> MetaSchemaRef {
        MetaSchemaRef::Reference(Self::NAME.to_owned())
    }

    /// Writes its schema into the document.
    fn register(registry: &mut Registry)
    where
        Self: Sized,
    {
        registry.create_schema::<Self, _>(Self::NAME.to_owned(), |_| MetaSchema {
            description: Some(Self::ABOUT),
            ..object(Self::FIELDS, Self::EXTENT)
        });
    }
}

/// Whether a new entity cannot be made without the field: a record can be left out if each of its fields can.
fn must_be_sent(field: &Field) -> bool {
    match field.kind {
        Kind::Record(fields) => field.presence == Presence::Required && fields.iter().any(must_be_sent),
        _ => field.presence == Presence::Required && matches!(field.preset, Preset::Nothing),
    }
}

fn object(fields: &'static [Field], extent: Extent) -> MetaSchema {
    let properties = fields.iter().map(|field| (field.name, MetaSchemaRef::Inline(Box::new(property(field, extent)))));
    let required = fields.iter().filter(|field| extent == Extent::Whole && must_be_sent(field));
    let required = required.map(|field| field.name).collect();
    MetaSchema { properties: properties.collect(), required, ..MetaSchema::new("object") }
}

fn property(field: &'static Field, extent: Extent) -> MetaSchema {
    let list = |element: &'static Field| MetaSchema {
        items: Some(Box::new(MetaSchemaRef::Inline(Box::new(property(element, extent))))),
        ..MetaSchema::new("array")
    };
    let mut schema = match field.kind {
        Kind::Text => MetaSchema::new("string"),
        Kind::Boolean => MetaSchema::new("boolean"),
        Kind::Integer => MetaSchema::new_with_format("integer", "int64"),
        Kind::List(element) => list(element),
        Kind::Set(element) => MetaSchema { unique_items: Some(true), ..list(element) },
        Kind::Record(fields) => object(fields, extent),
        Kind::Reference(_) => {
            let text = |format| MetaSchemaRef::Inline(Box::new(MetaSchema { format, ..MetaSchema::new("string") }));
            MetaSchema {
                properties: vec![("id", text(Some("uuid"))), ("name", text(None))],
                ..MetaSchema::new("object")
            }
        }
    };
    schema.description = Some(field.about).filter(|about| !about.is_empty());
    schema.nullable = field.presence == Presence::Optional;
    schema.default = preset(field.preset);
    for rule in field.rules {
        match rule {
            Rule::Null => schema.enum_items = vec![Value::Null],
            Rule::False => schema.enum_items = vec![Value::Bool(false)],
            Rule::OneOf(words) => schema.enum_items = words.iter().map(|word| json!(word)).collect(),
            Rule::Uuid => schema.format = Some("uuid"),
            Rule::LengthMax(most) => schema.max_length = Some(*most),
            #[allow(clippy::cast_precision_loss)] // bounds are small
            Rule::Between(least, most) => {
                (schema.minimum, schema.maximum) = (Some(*least as f64), Some(*most as f64));
            }
            Rule::StartsWith(_) | Rule::Passes(_) => {}
        }
    }
    schema
}

fn preset(preset: Preset) -> Option<Value> {
    match preset {
        Preset::Nothing => None,
        Preset::Text(text) => Some(json!(text)),
        Preset::Boolean(value) => Some(json!(value)),
        Preset::Integer(value) => Some(json!(value)),
        Preset::Words(words) => Some(json!(words)),
    }
}

/// The fields as Kong lists them: `[{"name": {"type": "string", …}}, …]`.
pub fn listed(fields: &[Field]) -> Value {
    fields.iter().map(|field| json!({field.name: described(field)})).collect()
}

fn described(field: &Field) -> Value {
    let mut out = Map::new();
    let kind = match field.kind {
        Kind::Text => "string",
        Kind::Boolean => "boolean",
        Kind::Integer => "integer",
        Kind::List(_) => "array",
        Kind::Set(_) => "set",
        Kind::Record(_) => "record",
        Kind::Reference(_) => "foreign",
    };
    out.insert("type".to_owned(), json!(kind));
    let mut tell = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
    match field.kind {
        Kind::List(element) | Kind::Set(element) => tell("elements", described(element)),
        Kind::Record(fields) => tell("fields", listed(fields)),
        Kind::Reference(collection) => tell("reference", json!(collection)),
        Kind::Text | Kind::Boolean | Kind::Integer => {}
    }
    if !field.about.is_empty() {
        tell("description", json!(field.about));
    }
    match field.presence {
        Presence::Required => tell("required", json!(true)),
        Presence::Generated => tell("auto", json!(true)),
        Presence::Optional => {}
    }
    if let Some(preset) = preset(field.preset) {
        tell("default", preset);
    }
    for rule in field.rules {
        match rule {
            Rule::Null => tell("eq", Value::Null),
            Rule::False => tell("eq", json!(false)),
            Rule::OneOf(words) => tell("one_of", json!(words)),
            Rule::Uuid => tell("uuid", json!(true)),
            Rule::Between(least, most) => tell("between", json!([least, most])),
            Rule::LengthMax(most) => tell("len_max", json!(most)),
            Rule::StartsWith(beginning) => tell("starts_with", json!(beginning)),
            // What only our code can check cannot be shown.
            Rule::Passes(_) => {}
        }
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::api::kong::plugin::fields::{PluginBody, PluginPatch};

    fn shown<D: Documented>() -> Value {
        let mut registry = Registry::new();
        D::register(&mut registry);
        serde_json::to_value(&registry.schemas[D::NAME]).unwrap()
    }

    #[test]
    fn the_openapi_document_asks_for_what_the_schema_asks_for() {
        let whole = shown::<PluginBody>();
        assert_eq!(whole["required"], json!(["name", "config"]));
        assert_eq!(whole["properties"]["config"]["required"], json!(["display_name"]));
        let seconds = &whole["properties"]["config"]["properties"]["token_expiration"];
        assert_eq!((&seconds["type"], &seconds["default"]), (&json!("integer"), &json!(7200)));
        assert_eq!((&seconds["minimum"], &seconds["maximum"]), (&json!(0.0), &json!(100_000_000.0)));
        let part = shown::<PluginPatch>();
        assert_eq!((part.get("required"), part["properties"]["config"].get("required")), (None, None));
    }
}

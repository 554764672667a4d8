//! Does a body follow its schema? What a form can only say as text becomes what the schema wants, then every field is
//! checked, and all that is wrong is said at once (portal.md K46 to K49, K51; s.K3).

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};
use uuid::Uuid;

use super::complaint::{Complaint, Complaints};
use super::sent::Checked;
use super::{Field, Kind, Presence, Preset, Rule};
use crate::api::kong::body::{Origin, Tree};

const MISSING: &str = "required field missing";
const UNKNOWN: &str = "unknown field";

/// The fields by which another entity is named.
const REFERENCE: [Field; 2] = [
    Field::optional("id", Kind::Text, "Its id.").with(&[Rule::Uuid]),
    Field::optional("name", Kind::Text, "Its name."),
];

/// How much of an entity a body describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it (`POST`, `PUT`): what is required must be there.
    Whole,
    /// What shall change (`PATCH`).
    Part,
}

/// Reads a body by `fields`. The fields that are well are of the type their schema says; presets are not filled in.
pub fn read(fields: &[Field], tree: Tree, extent: Extent) -> (Checked, Complaints) {
    let mut members = tree.members;
    settle_record(&mut members, fields, tree.origin);
    let complaints = check_record(&members, fields, extent);
    (Checked(members), complaints)
}

/// Gives values the form their schema wants, where nothing but one thing can be meant.
fn settle(value: Value, kind: Kind, origin: Origin) -> Value {
    let value = match (origin, value) {
        // K51: a form cannot say `null`.
        (Origin::Form, Value::String(text)) if text.is_empty() => return Value::Null,
        (Origin::Form, Value::String(text)) => settle_text(text, kind),
        (_, other) => other,
    };
    match (kind, value) {
        (Kind::Integer, Value::Number(number)) => Value::Number(whole(number)),
        (Kind::List(element) | Kind::Set(element), Value::Array(elements)) => {
            let mut settled: Vec<Value> = elements.into_iter().map(|one| settle(one, element.kind, origin)).collect();
            if matches!(kind, Kind::Set(_)) {
                let mut seen: Vec<Value> = Vec::with_capacity(settled.len());
                settled.retain(|one| {
                    !seen.contains(one) && {
                        seen.push(one.clone());
                        true
                    }
                });
            }
            Value::Array(settled)
        }
        (Kind::Record(fields), Value::Object(mut members)) => {
            settle_record(&mut members, fields, origin);
            Value::Object(members)
        }
        (Kind::Reference(_), Value::Object(mut members)) => {
            settle_record(&mut members, &REFERENCE, origin);
            Value::Object(members)
        }
        (_, other) => other,
    }
}

fn settle_record(members: &mut Map<String, Value>, fields: &[Field], origin: Origin) {
    for field in fields {
        if let Some(value) = members.get_mut(field.name) {
            *value = settle(value.take(), field.kind, origin);
        }
    }
}

/// What a text of a form is as a value of this kind; itself if it is none.
fn settle_text(text: String, kind: Kind) -> Value {
    match (kind, text.as_str()) {
        (Kind::Boolean, "true") => Value::Bool(true),
        (Kind::Boolean, "false") => Value::Bool(false),
        (Kind::Integer, digits) => number(digits).map_or(Value::String(text), Value::Number),
        (Kind::List(_) | Kind::Set(_), _) => Value::Array(vec![Value::String(text)]),
        _ => Value::String(text),
    }
}

fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    // `inf` and `nan` are numbers to the parser, and to nobody else.
    if !text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
        return None;
    }
    text.parse::<i64>().map(Number::from).ok().or_else(|| Number::from_f64(text.parse().ok()?))
}

/// `7200.0` is 7200: JSON knows one kind of number (RFC 8259 §6).
fn whole(number: Number) -> Number {
    const EXACT_MAX: f64 = 9_007_199_254_740_991.0;
    match number.as_f64().filter(|_| number.is_f64()) {
        #[allow(clippy::cast_possible_truncation)] // a whole number that a double holds exactly
        Some(value) if value.fract() == 0.0 && value.abs() <= EXACT_MAX => Number::from(value as i64),
        _ => number,
    }
}

fn check_record(members: &Map<String, Value>, fields: &[Field], extent: Extent) -> Complaints {
    let mut complaints = Complaints::default();
    for (name, value) in members {
        match fields.iter().find(|field| field.name == name) {
            None => complaints.add_named(name, UNKNOWN.into()),
            Some(field) => {
                if let Err(complaint) = check(field, value, extent) {
                    complaints.add_named(name, complaint);
                }
            }
        }
    }
    let absent = fields.iter().filter(|field| !members.contains_key(field.name));
    for field in absent.filter(|_| extent == Extent::Whole) {
        match (field.presence, field.preset, field.kind) {
            // A record that is left out has its own required fields.
            (Presence::Required, _, Kind::Record(inner)) => {
                let missing = check_record(&Map::new(), inner, extent);
                if !missing.is_empty() {
                    complaints.add_named(field.name, Complaint::Fields(missing));
                }
            }
            (Presence::Required, Preset::Nothing, _) => complaints.add_named(field.name, MISSING.into()),
            _ => {}
        }
    }
    complaints
}

fn check(field: &Field, value: &Value, extent: Extent) -> Result<(), Complaint> {
    if value.is_null() {
        return if field.presence == Presence::Optional { Ok(()) } else { Err(MISSING.into()) };
    }
    if field.rules.iter().any(|rule| matches!(rule, Rule::Null)) {
        return Err("value must be null".into());
    }
    match (field.kind, value) {
        (Kind::Text, Value::String(text)) => check_text(field, text),
        (Kind::Text, _) => Err("expected a string".into()),
        (Kind::Boolean, Value::Bool(said)) => match field.rules {
            [Rule::False] if *said => Err("value must be false".into()),
            _ => Ok(()),
        },
        (Kind::Boolean, _) => Err("expected a boolean".into()),
        (Kind::Integer, value) => check_integer(field, value.as_i64().ok_or("expected an integer")?),
        (Kind::List(element) | Kind::Set(element), Value::Array(elements)) => check_elements(element, elements, extent),
        (Kind::List(_), _) => Err("expected an array".into()),
        (Kind::Set(_), _) => Err("expected a set".into()),
        (Kind::Record(fields), Value::Object(members)) => nested(check_record(members, fields, extent)),
        (Kind::Reference(_), Value::Object(members)) => {
            let named = members.values().any(|value| !value.is_null());
            let complaints = check_record(members, &REFERENCE, Extent::Part);
            let missing = || Complaints::one("id", "missing primary key");
            nested(if named { complaints } else { missing() })
        }
        (Kind::Record(_) | Kind::Reference(_), _) => Err("expected a record".into()),
    }
}

fn nested(complaints: Complaints) -> Result<(), Complaint> {
    if complaints.is_empty() { Ok(()) } else { Err(Complaint::Fields(complaints)) }
}

fn check_elements(element: &Field, elements: &[Value], extent: Extent) -> Result<(), Complaint> {
    let checked =
        elements.iter().enumerate().filter_map(|(at, value)| Some((at + 1, check(element, value, extent).err()?)));
    let complaints: BTreeMap<usize, Complaint> = checked.collect();
    if complaints.is_empty() { Ok(()) } else { Err(Complaint::Elements(complaints)) }
}

fn check_integer(field: &Field, value: i64) -> Result<(), Complaint> {
    for rule in field.rules {
        if let Rule::Between(least, most) = rule
            && !(*least..=*most).contains(&value)
        {
            return Err(format!("value should be between {least} and {most}").into());
        }
    }
    Ok(())
}

fn check_text(field: &Field, text: &str) -> Result<(), Complaint> {
    if text.is_empty() {
        return Err("length must be at least 1".into());
    }
    // No database of ours keeps it, and no reader shows it.
    if text.contains('\0') {
        return Err("must not contain a NUL character".into());
    }
    for rule in field.rules {
        match rule {
            Rule::OneOf(words) if !words.contains(&text) => {
                return Err(format!("expected one of: {}", words.join(", ")).into());
            }
            Rule::Uuid if text.len() != 36 || Uuid::try_parse(text).is_err() => {
                return Err("expected a valid UUID".into());
            }
            Rule::LengthMax(most) if text.len() > *most => {
                return Err(format!("length must be at most {most}").into());
            }
            Rule::StartsWith(beginning) if !text.starts_with(beginning) => {
                return Err(format!("should start with: {beginning}").into());
            }
            Rule::Passes(check) => check(text)?,
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COUNT: Field =
        Field::required("count", Kind::Integer, "").or(Preset::Integer(5)).with(&[Rule::Between(0, 9)]);
    const WORD: Field = Field::element(Kind::Text, &[]);
    const NUMBER: Field = Field::element(Kind::Integer, &[]);
    const FIELDS: [Field; 9] = [
        Field::required("name", Kind::Text, ""),
        COUNT,
        Field::optional("on", Kind::Boolean, ""),
        Field::optional("words", Kind::List(&WORD), ""),
        Field::optional("numbers", Kind::Set(&NUMBER), ""),
        Field::optional("owner", Kind::Reference("owners"), ""),
        Field::optional("gone", Kind::Text, "").with(&[Rule::Null]),
        Field::optional("kind", Kind::Text, "").with(&[Rule::OneOf(&["a", "b"])]),
        Field::required("inner", Kind::Record(&[Field::required("depth", Kind::Text, "")]), ""),
    ];

    fn told(members: Value, origin: Origin, extent: Extent) -> (Value, Value) {
        let Value::Object(members) = members else { return Default::default() };
        let (checked, complaints) = read(&FIELDS, Tree { members, origin }, extent);
        (Value::Object(checked.0), serde_json::to_value(complaints).unwrap_or_default())
    }

    #[test]
    fn text_of_a_form_becomes_what_the_schema_wants() {
        // K51
        let form = json!({"name": "7", "count": "7", "on": "true", "words": "a b", "numbers": ["1", "2", "1"],
                          "kind": "", "inner": {"depth": "1"}});
        let (settled, complaints) = told(form, Origin::Form, Extent::Whole);
        assert_eq!(
            settled,
            json!({"name": "7", "count": 7, "on": true, "words": ["a b"], "numbers": [1, 2], "kind": null,
                   "inner": {"depth": "1"}})
        );
        assert_eq!(complaints, json!({}));
    }

    #[test]
    fn text_of_a_form_that_is_nothing_else_stays_text() {
        let form = json!({"count": "many", "on": "TRUE", "numbers": "x"});
        let (_, complaints) = told(form, Origin::Form, Extent::Part);
        assert_eq!(
            complaints,
            json!({"count": "expected an integer", "on": "expected a boolean", "numbers": ["expected an integer"]})
        );
        for odd in ["inf", "nan", "0x10", "1_000", "", "--1", "1e400"] {
            assert_eq!(number(odd), None, "{odd}");
        }
        assert_eq!(number(" 1e3 ").map(whole), Some(1000.into()));
    }

    #[test]
    fn json_says_what_it_means() {
        // K49: nothing is guessed in a JSON body.
        let body = json!({"name": "", "count": "7", "on": "true", "words": "a", "numbers": {}, "inner": "x"});
        let (_, complaints) = told(body, Origin::Json, Extent::Part);
        assert_eq!(
            complaints,
            json!({"name": "length must be at least 1", "count": "expected an integer", "on": "expected a boolean",
                   "words": "expected an array", "numbers": "expected a set", "inner": "expected a record"})
        );
        let (settled, complaints) = told(json!({"count": 7.0}), Origin::Json, Extent::Part);
        assert_eq!((settled, complaints), (json!({"count": 7}), json!({})));
        let (_, complaints) = told(json!({"count": 7.5, "words": [null, 1]}), Origin::Json, Extent::Part);
        assert_eq!(
            complaints,
            json!({"count": "expected an integer", "words": ["required field missing", "expected a string"]})
        );
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        // K49, s.K3
        let body = json!({"count": 10, "gone": "x", "kind": "c", "odd.key": 1, "owner": {"id": "x", "size": 1}});
        let (_, complaints) = told(body, Origin::Json, Extent::Whole);
        assert_eq!(
            complaints,
            json!({"name": "required field missing", "count": "value should be between 0 and 9",
                   "gone": "value must be null", "kind": "expected one of: a, b", "odd.key": "unknown field",
                   "owner": {"id": "expected a valid UUID", "size": "unknown field"},
                   "inner": {"depth": "required field missing"}})
        );
    }

    #[test]
    fn a_change_may_leave_out_but_not_take_away_what_is_required() {
        // K52
        let (_, complaints) = told(json!({}), Origin::Json, Extent::Part);
        assert_eq!(complaints, json!({}));
        let (_, complaints) = told(json!({"name": null, "on": null, "owner": {}}), Origin::Json, Extent::Part);
        assert_eq!(complaints, json!({"name": "required field missing", "owner": {"id": "missing primary key"}}));
        let (_, complaints) = told(json!({"name": "a\u{0}"}), Origin::Json, Extent::Part);
        assert_eq!(complaints, json!({"name": "must not contain a NUL character"}));
    }
}

//! Which members has a body, and of which type is each? Taken one by one; what is left over is nobody's.

use serde_json::{Map, Value};

use super::error::{Refused, is_about};

/// A member that may be left out, or be `null`: `None` is not there, `Some(None)` is `null`.
pub type Sent<T> = Option<Option<T>>;

/// The members of a body that nobody has taken yet, and what is wrong with those that were.
#[derive(Clone, Debug, Default)]
pub struct Members {
    left: Map<String, Value>,
    wrong: Vec<String>,
}

impl Members {
    /// All of them.
    pub fn new(members: Map<String, Value>) -> Self {
        Self { left: members, wrong: Vec::new() }
    }

    /// A string.
    pub fn text(&mut self, name: &str) -> Sent<String> {
        self.take(name, "string", |value| value.as_str().map(str::to_owned))
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str) -> Sent<bool> {
        self.take(name, "boolean", Value::as_bool)
    }

    /// A number.
    pub fn number(&mut self, name: &str) -> Sent<f64> {
        self.take(name, "number", Value::as_f64)
    }

    /// A whole number.
    pub fn integer(&mut self, name: &str) -> Sent<i64> {
        self.take(name, "integer", Value::as_i64)
    }

    /// An array of strings.
    pub fn texts(&mut self, name: &str) -> Sent<Vec<String>> {
        let items = self.array(name)?;
        let Some(items) = items else { return Some(None) };
        let mut texts = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text.clone()),
                other => self.mistyped(&format!("{name}[{at}]"), "string", other),
            }
        }
        Some(Some(texts))
    }

    /// An array.
    pub fn array(&mut self, name: &str) -> Sent<Vec<Value>> {
        self.take(name, "array", |value| value.as_array().cloned())
    }

    /// An object.
    pub fn object(&mut self, name: &str) -> Sent<Map<String, Value>> {
        self.take(name, "object", |value| value.as_object().cloned())
    }

    /// A member as it is, once it is of `kind`: `string`, `boolean`, `number`, `array`, `object`.
    pub fn value(&mut self, name: &str, kind: &'static str) -> Sent<Value> {
        self.take(name, kind, |value| (kind_of(value) == kind || is_number(kind, value)).then(|| value.clone()))
    }

    /// The object `name` as members of its own: what is wrong there is told by its path in [`Members::rejoin`].
    pub fn inner(&mut self, name: &str) -> Option<Self> {
        self.object(name).flatten().map(Self::new)
    }

    /// What was wrong inside `name`, and what was left over there.
    pub fn rejoin(&mut self, name: &str, inner: Self) {
        let own = inner.complaints().into_iter().map(|complaint| match complaint.split_once("on property ") {
            Some((what, property)) => format!("{what}on property {name}.{property}"),
            None => format!("{complaint} on property {name}"),
        });
        self.wrong.extend(own);
    }

    /// Notes what is wrong with a member.
    pub fn complain(&mut self, name: &str, complaint: &str) {
        self.wrong.push(format!("'{complaint}' on property {name}"));
    }

    /// Notes a member that must be there, unless it is there and something is wrong with it.
    pub fn missing(&mut self, name: &str) {
        if self.wrong.iter().any(|complaint| is_about(complaint, name)) {
            return;
        }
        self.wrong.push(format!("'Missing required property: {name}'"));
    }

    /// Ends the reading: nothing is left over and nothing was wrong.
    ///
    /// # Errors
    /// All that is wrong, at once.
    pub fn finish(self) -> Result<(), Refused> {
        let complaints = self.complaints();
        if complaints.is_empty() { Ok(()) } else { Err(Refused::body(&complaints)) }
    }

    /// Ends the reading with all that is wrong, for those who tell it together with what the rules say.
    pub fn complaints(self) -> Vec<String> {
        let names: Vec<String> = self.left.keys().map(|name| shortened(name)).collect();
        let more = (!names.is_empty()).then(|| format!("'Additional properties not allowed: {}'", names.join(",")));
        self.wrong.into_iter().chain(more).collect()
    }

    fn take<T>(&mut self, name: &str, kind: &str, read: impl Fn(&Value) -> Option<T>) -> Sent<T> {
        let value = self.left.shift_remove(name)?;
        if value.is_null() {
            return Some(None);
        }
        let read = read(&value);
        if read.is_none() {
            self.mistyped(name, kind, &value);
        }
        read.map(Some)
    }

    fn mistyped(&mut self, name: &str, kind: &str, value: &Value) {
        self.wrong.push(format!("'Expected type {kind} but found type {}' on property {name}", kind_of(value)));
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn is_number(kind: &str, value: &Value) -> bool {
    kind == "number" && value.is_number()
}

fn shortened(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn members(value: Value) -> Members {
        Members::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn a_member_is_there_or_null_or_not_there() {
        let mut body = members(json!({"a": "x", "b": null, "c": ["x"], "d": 1.5}));
        assert_eq!((body.text("a"), body.text("b"), body.text("e")), (Some(Some("x".into())), Some(None), None));
        assert_eq!((body.texts("c"), body.number("d")), (Some(Some(vec!["x".into()])), Some(Some(1.5))));
        assert!(body.finish().is_ok());
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        // A28
        let mut body = members(json!({"a": 1, "c": ["x", true], "flags": {"f": 1, "g": 2}, "z": 1}));
        body.text("a");
        body.texts("c");
        let mut flags = body.inner("flags").unwrap();
        flags.flag("f");
        body.rejoin("flags", flags);
        body.missing("name");
        assert_eq!(
            body.complaints(),
            [
                "'Expected type string but found type integer' on property a",
                "'Expected type string but found type boolean' on property c[1]",
                "'Expected type boolean but found type integer' on property flags.f",
                "'Additional properties not allowed: g' on property flags",
                "'Missing required property: name'",
                "'Additional properties not allowed: z'",
            ]
        );
    }
}

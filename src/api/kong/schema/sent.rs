//! What did a body say about a field: nothing, "take it away", or a value?

use serde_json::{Map, Value};

/// What a body says about a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sent<T> {
    /// Nothing.
    #[default]
    Absent,
    /// `null`, or an empty value in a form.
    Null,
    /// This value.
    Given(T),
}

impl<T> Sent<T> {
    /// The value, if there is one.
    pub fn given(self) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// What the field holds afterwards, if it may be empty and held `before`.
    pub fn over(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Absent => before,
            Self::Null => None,
            Self::Given(value) => Some(value),
        }
    }

    /// What the field holds afterwards, if it held `before` and `null` means `preset`.
    pub fn over_or(self, before: T, preset: T) -> T {
        match self {
            Self::Absent => before,
            Self::Null => preset,
            Self::Given(value) => value,
        }
    }

    /// What the field holds afterwards, if it cannot be taken away.
    pub fn over_value(self, before: T) -> T {
        self.given().unwrap_or(before)
    }

    /// What shall change: nothing, or to nothing, or to this.
    pub fn patch(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Given(value) => Some(Some(value)),
        }
    }

    /// The same with another value.
    pub fn map<U>(self, to: impl FnOnce(T) -> U) -> Sent<U> {
        match self {
            Self::Absent => Sent::Absent,
            Self::Null => Sent::Null,
            Self::Given(value) => Sent::Given(to(value)),
        }
    }
}

/// The fields of a body that follows its schema. A field is taken out with the type the schema gave it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked(pub(super) Map<String, Value>);

impl Checked {
    /// A string.
    pub fn text(&mut self, name: &str) -> Sent<String> {
        self.take(name, |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        })
    }

    /// A boolean.
    pub fn boolean(&mut self, name: &str) -> Sent<bool> {
        self.take(name, |value| value.as_bool())
    }

    /// A whole number.
    pub fn integer(&mut self, name: &str) -> Sent<i64> {
        self.take(name, |value| value.as_i64())
    }

    /// Several strings.
    pub fn words(&mut self, name: &str) -> Sent<Vec<String>> {
        self.take(name, |value| serde_json::from_value(value).ok())
    }

    /// A record; none if it was left out.
    pub fn record(&mut self, name: &str) -> Self {
        let record = self.take(name, |value| match value {
            Value::Object(fields) => Some(fields),
            _ => None,
        });
        Self(record.given().unwrap_or_default())
    }

    fn take<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Option<T>) -> Sent<T> {
        match self.0.remove(name) {
            None => Sent::Absent,
            Some(Value::Null) => Sent::Null,
            Some(value) => read(value).map_or(Sent::Absent, Sent::Given),
        }
    }
}

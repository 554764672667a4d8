//! What kinds of value may be configured, and how is each read from text?

use std::fmt;

use toml::de::DeValue;

use crate::secret::Secret;

/// A configured value. The kind of each key is the kind of its default.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Any text; empty means not set.
    Text(String),
    /// Text that is never shown.
    Hidden(Secret),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Switch(bool),
    /// Several texts.
    List(Vec<String>),
}

impl Value {
    /// What this kind is called in a sentence.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Hidden(_) => "a text",
            Self::Number(_) => "a whole number",
            Self::Switch(_) => "true or false",
            Self::List(_) => "a list of texts",
        }
    }

    /// Reads `text` as the kind of `self`, which is the default.
    ///
    /// # Errors
    /// A sentence, when the text is of another kind.
    pub fn read_like(&self, text: &str) -> Result<Self, String> {
        match self {
            Self::Text(_) => Ok(Self::Text(text.to_owned())),
            Self::Hidden(_) => Ok(Self::Hidden(Secret::new(text))),
            Self::Number(_) => number(text).map(Self::Number),
            Self::Switch(_) => match text.trim() {
                "true" => Ok(Self::Switch(true)),
                "false" => Ok(Self::Switch(false)),
                other => Err(format!("{other:?} is neither true nor false")),
            },
            Self::List(_) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Ok(Self::List(items.map(str::to_owned).collect()))
            }
        }
    }

    /// Takes a TOML value as the kind of `self`, which is the default.
    ///
    /// # Errors
    /// A sentence, when the value is of another kind.
    pub fn take_like(&self, toml: &DeValue<'_>) -> Result<Self, String> {
        let taken = Self::from_toml(toml)?;
        match (self, taken) {
            (Self::Hidden(_), Self::Text(text)) => Ok(Self::Hidden(Secret::new(text))),
            (wanted, taken) if std::mem::discriminant(wanted) == std::mem::discriminant(&taken) => Ok(taken),
            (_, taken) => Err(format!("is {} in the file", taken.kind())),
        }
    }

    /// Takes a TOML value as what it is.
    ///
    /// # Errors
    /// A sentence, for kinds that nothing is configured with.
    pub fn from_toml(toml: &DeValue<'_>) -> Result<Self, String> {
        match toml {
            DeValue::String(text) => Ok(Self::Text(text.to_string())),
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix())
                .map(Self::Number)
                .map_err(|_| "is out of range".into()),
            DeValue::Boolean(on) => Ok(Self::Switch(*on)),
            DeValue::Array(items) => {
                let texts = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned));
                texts.collect::<Option<_>>().map(Self::List).ok_or_else(|| "lists something other than texts".into())
            }
            other => Err(format!("is of the kind {:?}, which nothing is configured with", other.type_str())),
        }
    }
}

fn number(text: &str) -> Result<i64, String> {
    let digits: String = text.trim().chars().filter(|letter| *letter != '_').collect();
    digits.parse().map_err(|_| format!("{:?} is not a whole number", text.trim()))
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Hidden(secret) if secret.expose().is_empty() => Ok(()),
            Self::Hidden(_) => f.write_str("********"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Switch(on) => write!(f, "{on}"),
            Self::List(items) => f.write_str(&items.join(", ")),
        }
    }
}

impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Hidden(_) => serializer.collect_str(self),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Switch(on) => serializer.serialize_bool(*on),
            Self::List(items) => serializer.collect_seq(items),
        }
    }
}

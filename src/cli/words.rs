//! How are the values of the command line written: durations, claims, scopes, settings?

use std::str::FromStr;

use serde_json::Value;

use crate::clock::Seconds;
use crate::secret::Secret;

/// A time span such as `90s`, `15m`, `12h`, `7d` or `4w`; never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Seconds);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let allowed = || format!("{text:?} is not a time span; allowed: a number and s, m, h, d or w, such as 7d");
        let unit = text.chars().last().ok_or_else(allowed)?;
        let seconds: Seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return Err(allowed()),
        };
        let number: Seconds = text[..text.len() - 1].parse().map_err(|_| allowed())?;
        number.checked_mul(seconds).filter(|span| *span > 0).map(Self).ok_or_else(allowed)
    }
}

/// `name=value`, where a value that is JSON is taken as JSON and any other as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The claim's name.
    pub name: String,
    /// Its value.
    pub value: Value,
}

impl FromStr for Claim {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = pair(text)?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        Ok(Self { name: name.to_owned(), value })
    }
}

/// `section.key=value`, for `--set`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// `section.key`.
    pub key: String,
    /// Not yet read as any type; hidden, since it may be a secret.
    pub value: Secret,
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = pair(text)?;
        Ok(Self { key: key.to_owned(), value: Secret::new(value) })
    }
}

/// `scope` or `scope=what it allows`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeText {
    /// A scope token (RFC 6749 §3.3).
    pub value: String,
    /// What people are told it allows; the scope itself, unless given.
    pub description: String,
}

impl FromStr for ScopeText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (value, description) = text.split_once('=').unwrap_or((text, text));
        let allowed = |letter: char| letter.is_ascii_graphic() && letter != '"' && letter != '\\';
        if value.is_empty() || !value.chars().all(allowed) {
            return Err(format!("{value:?} is not a scope; allowed: printable ASCII without space, \" and \\"));
        }
        Ok(Self { value: value.to_owned(), description: description.to_owned() })
    }
}

/// The name of a tenant in paths: lower-case letters, digits and inner hyphens, at most 63.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slug(pub String);

impl FromStr for Slug {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let letters = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        let inner = !text.starts_with('-') && !text.ends_with('-');
        if (1..=63).contains(&text.len()) && inner && text.chars().all(letters) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("{text:?} is not a tenant's name; allowed: 1 to 63 of a-z, 0-9 and inner hyphens"))
    }
}

fn pair(text: &str) -> Result<(&str, &str), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.ok_or_else(|| format!("{text:?} is not of the form NAME=VALUE"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_span_is_a_number_and_a_unit() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600)] {
            assert_eq!(text.parse(), Ok(Span(seconds)));
        }
        for text in ["", "d", "7", "0d", "-1d", "7y", "1.5h", "7 d", "99999999999999999w", "7é"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_claim_is_json_where_it_can_be() {
        let claim = |name: &str, value| Ok(Claim { name: name.into(), value });
        assert_eq!("groups=[\"a\",\"b\"]".parse(), claim("groups", json!(["a", "b"])));
        assert_eq!("given_name=Ada".parse(), claim("given_name", json!("Ada")));
        assert_eq!("employee=0042".parse(), claim("employee", json!("0042")));
        assert_eq!("note=a=b".parse(), claim("note", json!("a=b")));
        assert!("=x".parse::<Claim>().is_err());
        assert!("x".parse::<Claim>().is_err());
    }

    #[test]
    fn a_scope_may_say_what_it_allows() {
        let scope =
            |value: &str, description: &str| Ok(ScopeText { value: value.into(), description: description.into() });
        assert_eq!("orders:read=Read your orders".parse(), scope("orders:read", "Read your orders"));
        assert_eq!("orders:read".parse(), scope("orders:read", "orders:read"));
        assert!("two words".parse::<ScopeText>().is_err());
    }

    #[test]
    fn a_slug_fits_into_a_path_as_it_is() {
        assert!("acme-2".parse::<Slug>().is_ok());
        for text in ["", "Acme", "-a", "a-", "a/b", "ä", &"a".repeat(64)] {
            assert!(text.parse::<Slug>().is_err(), "{text}");
        }
    }
}

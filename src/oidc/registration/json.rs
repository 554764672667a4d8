//! What does the body of a registration say? One JSON object, read so that no second parser could read another (R1).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::oidc::client::uri::quoted;
use crate::oidc::{Code, Error};

/// What a body may be at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the body.
    pub bytes_max: usize,
    /// Objects and arrays inside each other; the outermost object counts as one. At most 100.
    pub depth_max: usize,
}

impl Limits {
    /// The limits of a registration: 64 KiB, 16 deep.
    pub const REGISTRATION: Self = Self { bytes_max: 64 * 1024, depth_max: 16 };
}

/// Above this no JSON reader needs to be asked to go: serde_json itself stops at 128.
const DEPTH_MAX: usize = 100;

/// Reads one JSON object.
///
/// # Errors
/// `invalid_request` for what is no JSON (RFC 8259), is no object, has a member twice at any depth, is too deep, holds
/// a lone surrogate, invalid UTF-8 or a whole number beyond 64 bits, or goes on after its end; 413 if it is too large.
pub fn object(body: &[u8], limits: Limits) -> Result<Map<String, Value>, Error> {
    if body.len() > limits.bytes_max {
        let description = format!("the body is larger than {} bytes", limits.bytes_max);
        return Err(Error::new(Code::PayloadTooLarge, description));
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::new(Code::InvalidRequest, "the body is empty: it must be one JSON object"));
    }
    match value(body, limits.depth_max.min(DEPTH_MAX)) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Error::new(Code::InvalidRequest, "the body is JSON but not one object")),
        Err(error) => Err(Error::new(Code::InvalidRequest, format!("the body cannot be read as JSON: {error}"))),
    }
}

fn value(body: &[u8], depth: usize) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = Strict { depth }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Builds a value with at most `depth` more levels inside it.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth }),
            None => Err(E::custom("objects and arrays are nested too deeply")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::from).map_err(|_| E::custom("a number is out of range"))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        // Integers that do not fit 64 bits arrive here too: rounding them would change what was said (s.R37).
        let in_range = value.abs() < 9.2e18;
        let number = in_range.then(|| Number::from_f64(value)).flatten();
        number.map(Value::Number).ok_or_else(|| E::custom("a number is out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut out = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut out = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if out.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the member {} stands twice", quoted(&key))));
            }
            let value = members.next_value_seed(inside)?;
            out.insert(key, value);
        }
        Ok(Value::Object(out))
    }
}

/// Reads one JSON array of strings, as sector documents are (OpenID Connect Core §8.1).
///
/// # Errors
/// A clause that says what is wrong with it.
pub fn array_of_strings(body: &[u8], limits: Limits) -> Result<Vec<String>, String> {
    if body.len() > limits.bytes_max {
        return Err(format!("is larger than {} bytes", limits.bytes_max));
    }
    struct Strings;
    impl<'de> Visitor<'de> for Strings {
        type Value = Vec<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array of strings")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<String>, A::Error> {
            let mut out = Vec::new();
            while let Some(item) = items.next_element::<String>()? {
                out.push(item);
            }
            Ok(out)
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = reader.deserialize_seq(Strings).and_then(|strings| reader.end().map(|()| strings));
    read.map_err(|_| "is not one JSON array of strings".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn refusal(body: &[u8]) -> Error {
        object(body, Limits::REGISTRATION).expect_err("the body should be refused")
    }

    #[test]
    fn an_object_is_read_as_it_stands() {
        let body = r#" {"a":[1,-2,0.5,true,null,"x\u00e9\ud83d\ude00"],"b":{"c":{}}} "#.as_bytes();
        let read = Value::Object(object(body, Limits::REGISTRATION).unwrap());
        assert_eq!(read, serde_json::json!({"a": [1, -2, 0.5, true, null, "xé😀"], "b": {"c": {}}}));
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        // R1, s.R35, s.R36, s.R37
        let bodies: [&[u8]; 25] = [
            b"",
            b"  \n",
            b"[]",
            b"null",
            b"1",
            b"\"x\"",
            b"{redirect_uris:",
            b"{",
            b"{}x",
            b"{}{}",
            b"{'a':1}",
            b"{\"a\":1,}",
            b"// c\n{}",
            b"{\"a\":/*c*/1}",
            b"\xef\xbb\xbf{}",
            b"{\0\"\0a\0\"\0",
            b"{\"a\":\"\xff\"}",
            b"{\"a\":\"\\ud800\"}",
            b"{\"a\":\"\\udc00x\"}",
            b"{\"a\":NaN}",
            b"{\"a\":1e400}",
            b"{\"a\":12345678901234567890123456}",
            b"{\"a\":9223372036854775808}",
            b"{\"a\":\"\n\"}",
            b"{\"\\ud800\":1}",
        ];
        for body in bodies {
            let error = refusal(body);
            assert_eq!((error.code, error.code.status()), (Code::InvalidRequest, 400), "{body:?}");
            assert!(!error.description.is_empty());
        }
    }

    #[test]
    fn a_member_that_stands_twice_is_refused_at_any_depth() {
        // R1, s.R39
        for body in [r#"{"a":1,"a":1}"#, r#"{"x":[{"b":{"a":1,"\u0061":2}}]}"#] {
            let error = refusal(body.as_bytes());
            assert!(error.description.contains("the member 'a' stands twice"), "{error}");
        }
        assert!(object(br#"{"a":{"a":1},"b":{"a":1}}"#, Limits::REGISTRATION).is_ok());
    }

    #[test]
    fn depth_is_limited_without_using_up_the_stack() {
        // R1, s.R38
        let nested = |levels: usize| format!("{{\"x\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert!(object(nested(16).as_bytes(), Limits::REGISTRATION).is_ok());
        assert!(refusal(nested(17).as_bytes()).description.contains("nested too deeply"));
        let unbounded = Limits { bytes_max: usize::MAX, depth_max: usize::MAX };
        assert!(object("[".repeat(1_000_000).as_bytes(), unbounded).is_err());
        assert!(object("{\"a\":".repeat(1_000_000).as_bytes(), unbounded).is_err());
    }

    #[test]
    fn a_body_beyond_the_limit_is_413() {
        let error = refusal(&vec![b' '; 64 * 1024 + 1]);
        assert_eq!((error.code, error.code.status()), (Code::PayloadTooLarge, 413));
    }

    #[test]
    fn a_list_of_strings_is_nothing_else() {
        assert_eq!(array_of_strings(br#"["a","b"]"#, Limits::REGISTRATION), Ok(vec!["a".to_owned(), "b".to_owned()]));
        for body in ["{}", "[1]", "[null]", "[\"a\"]x", "\"a\"", "", "[[\"a\"]]"] {
            assert!(array_of_strings(body.as_bytes(), Limits::REGISTRATION).is_err(), "{body}");
        }
    }
}

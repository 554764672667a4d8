//! What tree does a JSON body hold? One object, no name twice, neither too deep nor too large (s.K3).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{DEPTH_MAX, MEMBERS_MAX, Malformed, Origin, Tree};

/// Reads a JSON object.
///
/// # Errors
/// When it is none, names a member twice, is too deep or has too many members.
pub fn tree(bytes: &[u8]) -> Result<Tree, Malformed> {
    let mut spent = Spent::default();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Reading { spent: &mut spent, depth: 0 }.deserialize(&mut reader).and_then(|value| {
        reader.end()?;
        Ok(value)
    });
    match (read, spent.beyond) {
        (_, Some(limit)) => Err(limit),
        (Ok(Value::Object(members)), None) => Ok(Tree { members, origin: Origin::Json }),
        _ => Err(Malformed::Json),
    }
}

#[derive(Default)]
struct Spent {
    members: usize,
    /// The limit that was met.
    beyond: Option<Malformed>,
}

struct Reading<'s> {
    spent: &'s mut Spent,
    depth: usize,
}

impl Reading<'_> {
    fn inner(&mut self) -> Reading<'_> {
        Reading { depth: self.depth + 1, spent: &mut *self.spent }
    }

    /// Pays for one more member or element.
    fn pay<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.spent.members += 1;
        let beyond = match () {
            () if self.spent.members > MEMBERS_MAX => Malformed::TooMany,
            () if self.depth >= DEPTH_MAX => Malformed::TooDeep,
            () => return Ok(()),
        };
        self.spent.beyond = Some(beyond);
        Err(E::custom("a limit was met"))
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element_seed(self.inner())? {
            self.pay()?;
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            self.pay()?;
            let value = map.next_value_seed(self.inner())?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is named twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_kept_as_it_is() {
        let body = json!({"a": [1, -2, 1.5, null, true, "x", {}], "b.c": {"d": ""}});
        let read = tree(body.to_string().as_bytes()).unwrap();
        assert_eq!((Value::Object(read.members), read.origin), (body, Origin::Json));
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        // K44, s.K3
        for text in
            ["", "null", "[]", "1", "{", "{}x", "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":1}}", "{\"a\":\"\\ud800\"}"]
        {
            assert_eq!(tree(text.as_bytes()), Err(Malformed::Json), "{text}");
        }
        assert_eq!(tree(b"{\"a\":\"\xff\"}"), Err(Malformed::Json));
    }

    #[test]
    fn json_has_limits() {
        // s.K3
        let many = |count: usize| json!({"a": vec![0; count - 1]}).to_string();
        assert!(tree(many(MEMBERS_MAX).as_bytes()).is_ok());
        assert_eq!(tree(many(MEMBERS_MAX + 1).as_bytes()), Err(Malformed::TooMany));
        let deep = |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(tree(deep(DEPTH_MAX).as_bytes()).is_ok());
        assert_eq!(tree(deep(DEPTH_MAX + 1).as_bytes()), Err(Malformed::TooDeep));
    }
}

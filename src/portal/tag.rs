//! What becomes another one with each change of a thing that does not count its changes? A short hash of it.

use serde_json::{Map, Value};

use crate::secret;

/// Characters of a tag: 128 bits.
const LENGTH: usize = 22;

/// The tag of what is told about a thing; the order of members makes no difference, as databases choose their own.
pub fn tag(told: Value) -> String {
    secret::hash(ordered(told).to_string().as_bytes()).as_str().chars().take(LENGTH).collect()
}

fn ordered(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members.into_iter().collect();
            members.sort_by(|(left, _), (right, _)| left.cmp(right));
            Value::Object(members.into_iter().map(|(name, value)| (name, ordered(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.into_iter().map(ordered).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tag_is_that_of_the_content() {
        assert_eq!(tag(json!({"a": [{"b": 1, "c": 2}], "d": 3})), tag(json!({"d": 3, "a": [{"c": 2, "b": 1}]})));
        assert_ne!(tag(json!({"a": [1, 2]})), tag(json!({"a": [2, 1]})));
        assert_eq!(tag(json!(null)).len(), LENGTH);
    }
}

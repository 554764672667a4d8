//! Which text can every database keep?

use serde_json::Value;

/// Whether the character U+0000, which PostgreSQL does not store, is somewhere in it.
pub fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_found_in_names_and_values_at_any_depth() {
        assert!(holds_nul(&json!("a\0")));
        assert!(holds_nul(&json!({"a": [1, {"b\0": null}]})));
        assert!(holds_nul(&json!([["\0"]])));
        assert!(!holds_nul(&json!({"a": ["b", 1, null, true], "c": "\u{1}"})));
    }
}

//! Is what somebody typed fit to be stored? Lines, paragraphs, tags, numbers: each complaint names its field.

use serde_json::Value;

use crate::db::text::holds_nul;
use crate::portal::{Rule, Wrong};

/// Characters of a paragraph, at most.
pub const PARAGRAPH_MAX: usize = 4000;
/// Tags of one thing, at most.
pub const TAGS_MAX: usize = 50;
/// Bytes of JSON that is kept for others, at most.
pub const KEPT_MAX: usize = 16 * 1024;

/// One line of 1 to `most` characters.
pub fn line(field: &str, text: &str, most: usize) -> Option<Wrong> {
    let length = text.chars().count();
    if text.trim().is_empty() || length > most {
        return Some(Wrong::new(field, Rule::Length, format!("must have 1 to {most} characters")));
    }
    let control = text.chars().any(char::is_control);
    control.then(|| Wrong::new(field, Rule::Form, "must not have a control character"))
}

/// Some lines, together at most [`PARAGRAPH_MAX`] characters.
pub fn paragraph(field: &str, text: &str) -> Option<Wrong> {
    if text.chars().count() > PARAGRAPH_MAX {
        return Some(Wrong::new(field, Rule::Length, format!("must have at most {PARAGRAPH_MAX} characters")));
    }
    let control = text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c));
    control.then(|| Wrong::new(field, Rule::Form, "must not have a control character but line ends and tabs"))
}

/// Words of at most 128 characters without a comma or a slash, which filters use (portal.md K43).
pub fn tags(field: &str, tags: &[String]) -> Option<Wrong> {
    if tags.len() > TAGS_MAX {
        return Some(Wrong::new(field, Rule::Length, format!("must be at most {TAGS_MAX}")));
    }
    let odd = |c: char| c.is_control() || c == ',' || c == '/';
    let wrong = |tag: &&String| {
        tag.is_empty() || tag.trim() != tag.as_str() || tag.chars().count() > 128 || tag.chars().any(odd)
    };
    if let Some(tag) = tags.iter().find(wrong) {
        let shown: String = tag.chars().take(40).collect();
        let complaint = format!(
            "must not hold {shown:?}: a tag has 1 to 128 characters, none of them a comma, a slash or a control character"
        );
        return Some(Wrong::new(field, Rule::Form, complaint));
    }
    let twice = tags.iter().enumerate().find(|(at, tag)| tags[..*at].contains(tag));
    twice.map(|(_, tag)| Wrong::new(field, Rule::Form, format!("must not hold {tag:?} twice")))
}

/// A number from `least` to `most`.
pub fn range(field: &str, number: i64, least: i64, most: i64) -> Option<Wrong> {
    let complaint = || Wrong::new(field, Rule::Range { least, most }, format!("must be from {least} to {most}"));
    (!(least..=most).contains(&number)).then(complaint)
}

/// A JSON object that is kept for others, of at most [`KEPT_MAX`] bytes.
pub fn kept(field: &str, value: &Value) -> Option<Wrong> {
    if !value.is_object() {
        return Some(Wrong::new(field, Rule::Form, "must be an object"));
    }
    let too_long = value.to_string().len() > KEPT_MAX;
    if too_long {
        return Some(Wrong::new(field, Rule::Length, format!("must have at most {KEPT_MAX} bytes")));
    }
    holds_nul(value).then(|| Wrong::new(field, Rule::Form, "must not hold the character U+0000"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_have_their_length_and_no_control_characters() {
        assert_eq!(line("name", "fine", 4), None);
        assert_eq!(line("name", "  ", 4).map(|wrong| wrong.rule), Some(Rule::Length));
        assert_eq!(line("name", "äöüß!", 4).map(|wrong| wrong.rule), Some(Rule::Length));
        assert_eq!(line("name", "a\u{0}b", 4).map(|wrong| wrong.rule), Some(Rule::Form));
        assert_eq!(paragraph("text", "two\r\n\tlines"), None);
        assert_eq!(paragraph("text", "a\u{1b}b").map(|wrong| wrong.rule), Some(Rule::Form));
        assert_eq!(paragraph("text", &"x".repeat(4001)).map(|wrong| wrong.rule), Some(Rule::Length));
    }

    #[test]
    fn tags_are_short_words_each_once() {
        let check = |list: &[&str]| {
            let list: Vec<String> = list.iter().map(|tag| (*tag).to_owned()).collect();
            tags("tags", &list).map(|wrong| wrong.rule)
        };
        assert_eq!(check(&["a", "two words", "ä"]), None);
        for refused in [["a", "a"], ["a", ""], ["a", "b,c"], ["a", "b/c"], ["a", " b"], ["a", "\u{7}"]] {
            assert_eq!(check(&refused), Some(Rule::Form), "{refused:?}");
        }
        assert_eq!(check(&["x"; 51]), Some(Rule::Length));
    }

    #[test]
    fn what_is_kept_for_others_is_a_small_object() {
        assert_eq!(kept("upstream", &json!({"host": "a", "port": 80})), None);
        assert_eq!(kept("upstream", &json!([1])).map(|wrong| wrong.rule), Some(Rule::Form));
        assert_eq!(kept("upstream", &json!({"a": {"b": ["\u{0}"]}})).map(|wrong| wrong.rule), Some(Rule::Form));
        assert_eq!(kept("upstream", &json!({"a": "x".repeat(KEPT_MAX)})).map(|wrong| wrong.rule), Some(Rule::Length));
    }

    #[test]
    fn a_number_has_its_range() {
        assert_eq!(range("ttl", 0, 0, 100), None);
        let wrong = Wrong::new("ttl", Rule::Range { least: 0, most: 100 }, "must be from 0 to 100");
        assert_eq!(range("ttl", -1, 0, 100), Some(wrong));
    }
}

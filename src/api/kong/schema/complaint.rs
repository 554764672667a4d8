//! What is wrong with a body, and where? A tree of Kong's texts (portal.md K46 to K49).

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeSeq, Serializer};
use serde_json::Value;

/// The name under which complaints about the whole stand beside those about its fields.
const ENTITY: &str = "@entity";

/// The complaints about an entity or a record, by field, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Complaints(BTreeMap<String, Complaint>);

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// With its value.
    Text(String),
    /// With fields of its own.
    Fields(Complaints),
    /// With elements of it, by their place, from 1.
    Elements(BTreeMap<usize, Complaint>),
}

impl From<&str> for Complaint {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Complaint {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Complaints {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One complaint, about the field at `path`: names joined by dots.
    pub fn one(path: &str, complaint: impl Into<Complaint>) -> Self {
        let mut all = Self::default();
        all.add(path, complaint);
        all
    }

    /// Adds a complaint about the field at `path`, names joined by dots; the empty path is the whole. A record with a
    /// complaint about itself keeps that one.
    pub fn add(&mut self, path: &str, complaint: impl Into<Complaint>) {
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        match rest {
            None if name.is_empty() => self.add_about_whole(complaint.into()),
            None => {
                self.0.insert(name.to_owned(), complaint.into());
            }
            Some(rest) => {
                let inner = self.0.entry(name.to_owned()).or_insert_with(|| Complaint::Fields(Self::default()));
                if let Complaint::Fields(fields) = inner {
                    fields.add(rest, complaint);
                }
            }
        }
    }

    /// Adds a complaint about a field whose name is taken as it is, dots and all.
    pub(super) fn add_named(&mut self, name: &str, complaint: Complaint) {
        self.0.insert(name.to_owned(), complaint);
    }

    /// Adds what else was found, field by field: what is known of a field already is said alone.
    pub fn also(&mut self, more: Self) {
        for (name, complaint) in more.0 {
            self.0.entry(name).or_insert(complaint);
        }
    }

    /// Whether something is wrong with the field at `path`, or within it.
    pub fn has(&self, path: &str) -> bool {
        match path.split_once('.') {
            None => self.0.contains_key(path),
            Some((name, rest)) => match self.0.get(name) {
                Some(Complaint::Fields(fields)) => fields.has(rest),
                about => about.is_some(),
            },
        }
    }

    fn add_about_whole(&mut self, complaint: Complaint) {
        let about = self.0.entry(ENTITY.to_owned()).or_insert_with(|| Complaint::Elements(BTreeMap::new()));
        if let Complaint::Elements(texts) = about {
            texts.insert(texts.len() + 1, complaint);
        }
    }

    /// All of them in one line, as Kong says it: `schema violation (name: required field missing)`.
    pub fn message(&self) -> String {
        let mut said: Vec<String> = Vec::new();
        if let Some(Complaint::Elements(texts)) = self.0.get(ENTITY) {
            said.extend(texts.values().map(Complaint::spelled));
        }
        for (name, complaint) in self.0.iter().filter(|(name, _)| *name != ENTITY) {
            match complaint {
                Complaint::Text(text) => said.push(format!("{name}: {text}")),
                Complaint::Fields(fields) => {
                    said.extend(fields.0.iter().map(|(inner, about)| format!("{name}.{inner}: {}", about.spelled())));
                }
                Complaint::Elements(elements) => {
                    said.extend(elements.iter().map(|(at, about)| format!("{name}.{at}: {}", about.spelled())));
                }
            }
        }
        match said.as_slice() {
            [one] => format!("schema violation ({one})"),
            several => format!("{} schema violations ({})", several.len(), several.join("; ")),
        }
    }
}

impl Complaint {
    /// The text, or the tree as Kong prints a table over several lines.
    fn spelled(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            other => table(&serde_json::to_value(other).unwrap_or_default(), Layout::Lines),
        }
    }
}

impl Serialize for Complaints {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
    }
}

impl Serialize for Complaint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Fields(fields) => fields.serialize(serializer),
            Self::Elements(elements) => {
                let last = elements.keys().next_back().copied().unwrap_or_default();
                let mut list = serializer.serialize_seq(Some(last))?;
                // Elements that are well leave a `null` in their place.
                for at in 1..=last {
                    list.serialize_element(&elements.get(&at))?;
                }
                list.end()
            }
        }
    }
}

/// How a table is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// In one line without blanks: `{name="a",route=null}`.
    Line,
    /// One member a line, two blanks deeper each time.
    Lines,
}

/// Prints a value as the tables in Kong's messages are: `{id="…"}`.
pub fn table(value: &Value, layout: Layout) -> String {
    let mut out = String::new();
    write_table(&mut out, value, layout, 1);
    out
}

fn write_table(out: &mut String, value: &Value, layout: Layout, depth: usize) {
    let members: Vec<(Option<String>, &Value)> = match value {
        // Numbered members have no name as long as none is missing.
        Value::Array(list) => {
            let gap = list.iter().position(Value::is_null).unwrap_or(list.len());
            let label = |at: usize| (at > gap).then(|| format!("[{}]", at + 1));
            list.iter().enumerate().filter(|(_, value)| !value.is_null()).map(|(at, v)| (label(at), v)).collect()
        }
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().map(|(name, value)| (Some(label(name)), value)).collect();
            members.sort_by(|(left, _), (right, _)| left.cmp(right));
            members
        }
        Value::String(text) => return quote(out, text),
        plain => return out.push_str(&plain.to_string()),
    };
    if members.is_empty() {
        return out.push_str("{}");
    }
    let (equals, newline) = if layout == Layout::Line { ("=", String::new()) } else { (" = ", "\n".to_owned()) };
    let blanks = |depth: usize| if layout == Layout::Line { String::new() } else { "  ".repeat(depth) };
    out.push('{');
    for (at, (name, value)) in members.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&newline);
        out.push_str(&blanks(depth));
        if let Some(name) = name {
            out.push_str(&name);
            out.push_str(equals);
        }
        write_table(out, value, layout, depth + 1);
    }
    out.push_str(&newline);
    out.push_str(&blanks(depth - 1));
    out.push('}');
}

fn label(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !name.is_empty() && name.bytes().all(plain) && !name.starts_with(|first: char| first.is_ascii_digit()) {
        return name.to_owned();
    }
    let mut quoted = "[".to_owned();
    quote(&mut quoted, name);
    quoted.push(']');
    quoted
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value(complaints: &Complaints) -> Value {
        serde_json::to_value(complaints).unwrap_or_default()
    }

    #[test]
    fn one_complaint_is_said_in_the_singular() {
        // K46
        let one = Complaints::one("name", "required field missing");
        assert_eq!(one.message(), "schema violation (name: required field missing)");
        assert_eq!(value(&one), json!({"name": "required field missing"}));
    }

    #[test]
    fn several_complaints_are_counted_sorted_and_nested() {
        // K46
        let mut several = Complaints::one("name", "required field missing");
        several.add("config.display_name", "required field missing");
        several.add("config.auto_approve", "expected a boolean");
        assert_eq!(
            several.message(),
            "3 schema violations (config.auto_approve: expected a boolean; \
             config.display_name: required field missing; name: required field missing)"
        );
        assert_eq!(
            value(&several),
            json!({"config": {"auto_approve": "expected a boolean", "display_name": "required field missing"},
                   "name": "required field missing"})
        );
    }

    #[test]
    fn a_record_with_a_complaint_about_itself_is_a_string() {
        // K47
        let mut flows = Complaints::one("config", "at least one");
        flows.add("config.scopes", "lost");
        assert_eq!(flows.message(), "schema violation (config: at least one)");
        assert_eq!(value(&flows), json!({"config": "at least one"}));
    }

    #[test]
    fn complaints_about_the_whole_come_first_or_as_a_table() {
        // K48
        let mut all = Complaints::one("path", "value must be null");
        all.add("", "it does not fit");
        all.add("config.", "nor does this");
        all.add("config.scopes", "required field missing");
        assert_eq!(
            all.message(),
            "4 schema violations (it does not fit; config.@entity: {\n  \"nor does this\"\n}; \
             config.scopes: required field missing; path: value must be null)"
        );
        assert_eq!(
            value(&all),
            json!({"@entity": ["it does not fit"], "path": "value must be null",
                   "config": {"@entity": ["nor does this"], "scopes": "required field missing"}})
        );
    }

    #[test]
    fn elements_that_are_well_leave_a_gap() {
        let elements = BTreeMap::from([(2, Complaint::from("expected a string"))]);
        let all = Complaints::one("config.scopes", Complaint::Elements(elements));
        assert_eq!(value(&all), json!({"config": {"scopes": [null, "expected a string"]}}));
        assert_eq!(all.message(), "schema violation (config.scopes: {\n  [2] = \"expected a string\"\n})");
    }

    #[test]
    fn tables_in_one_line_are_sorted() {
        // K50
        let key = json!({"service": {"id": "s"}, "name": "a\"b", "consumer": null, "odd key": [1, true]});
        assert_eq!(table(&key, Layout::Line), r#"{["odd key"]={1,true},consumer=null,name="a\"b",service={id="s"}}"#);
    }
}

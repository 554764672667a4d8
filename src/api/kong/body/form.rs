//! What tree do the names of a form draw? `config.scopes[]=read`, `a[1]=x`, `a[k]=v`, `a.b=c` (portal.md K51).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{DEPTH_MAX, MEMBERS_MAX, Malformed, Origin, Tree};

/// Reads `application/x-www-form-urlencoded` text.
///
/// # Errors
/// When it is not percent-encoded UTF-8, or has too many pairs.
pub fn pairs(text: &[u8]) -> Result<Vec<(String, String)>, Malformed> {
    let mut pairs = Vec::new();
    for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let split = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = (&pair[..split], pair.get(split + 1..).unwrap_or_default());
        if pairs.len() == MEMBERS_MAX {
            return Err(Malformed::TooMany);
        }
        pairs.push((decode(name).ok_or(Malformed::NotText)?, decode(value).ok_or(Malformed::NotText)?));
    }
    Ok(pairs)
}

fn decode(text: &[u8]) -> Option<String> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(*rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            other => *other,
        });
    }
    String::from_utf8(plain).ok()
}

/// Draws the tree of name and value pairs.
///
/// # Errors
/// When a field is given in two ways, or the tree is too deep.
pub fn tree(pairs: Vec<(String, String)>) -> Result<Tree, Malformed> {
    let mut root = Node::default();
    for (name, value) in pairs {
        let path = path(&name);
        if path.len() > DEPTH_MAX {
            return Err(Malformed::TooDeep);
        }
        root.put(&path, value);
    }
    let members = root.keys.into_iter().map(|(name, node)| Ok((name.clone(), node.finish(&name)?)));
    Ok(Tree { members: members.collect::<Result<Map<_, _>, _>>()?, origin: Origin::Form })
}

/// One step down the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// To the member of this name.
    Member(String),
    /// To the element at this place, from 1.
    Element(usize),
    /// To one more element.
    Next,
}

/// The steps of a name. A name that is none of the known notations is one step.
fn path(name: &str) -> Vec<Step> {
    let name = name.replace("%5B", "[").replace("%5b", "[").replace("%5D", "]").replace("%5d", "]");
    let whole = || vec![Step::Member(name.clone())];
    let mut steps = Vec::new();
    for part in dotted(&name) {
        // A bracket in front is part of the name.
        let Some(first) = part.chars().next() else { return whole() };
        let inside = part[first.len_utf8()..].find('[').map_or(part.len(), |at| at + first.len_utf8());
        steps.push(Step::Member(part[..inside].to_owned()));
        let mut rest = &part[inside..];
        while !rest.is_empty() {
            let Some((key, behind)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
                return whole();
            };
            steps.push(match (key, key.parse()) {
                ("", _) => Step::Next,
                (_, Ok(at)) => Step::Element(at),
                _ => Step::Member(key.to_owned()),
            });
            rest = behind;
        }
    }
    steps
}

/// The parts of a name between its dots; a dot in brackets is none.
fn dotted(name: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    name.split(move |character| {
        match character {
            '[' => inside = true,
            ']' => inside = false,
            _ => {}
        }
        character == '.' && !inside
    })
}

#[derive(Default)]
struct Node {
    /// Values given to it, one or, if its name was repeated or ended in `[]`, several.
    texts: Vec<String>,
    is_list: bool,
    elements: BTreeMap<usize, Node>,
    keys: BTreeMap<String, Node>,
}

impl Node {
    fn put(&mut self, path: &[Step], value: String) {
        match path {
            [] => self.texts.push(value),
            [Step::Next] => {
                self.is_list = true;
                self.texts.push(value);
            }
            // `a[].b=x` speaks of the first element.
            [Step::Next, rest @ ..] => self.elements.entry(1).or_default().put(rest, value),
            [Step::Element(at), rest @ ..] => self.elements.entry(*at).or_default().put(rest, value),
            [Step::Member(name), rest @ ..] => self.keys.entry(name.clone()).or_default().put(rest, value),
        }
    }

    fn finish(mut self, name: &str) -> Result<Value, Malformed> {
        let kinds = [!self.texts.is_empty(), !self.keys.is_empty(), !self.elements.is_empty()];
        // Elements may be numbered and appended at once; nothing else goes together.
        if kinds[1] && (kinds[0] || kinds[2]) {
            return Err(Malformed::Ambiguous(name.to_owned()));
        }
        if kinds[1] {
            let members = self.keys.into_iter().map(|(key, node)| Ok((key.clone(), node.finish(&key)?)));
            return Ok(Value::Object(members.collect::<Result<_, _>>()?));
        }
        if kinds[2] {
            let is_sequence = self.elements.keys().copied().eq(1..=self.elements.len());
            let finished = self.elements.into_iter().map(|(at, node)| Ok((at, node.finish(name)?)));
            let finished = finished.collect::<Result<Vec<_>, Malformed>>()?;
            if is_sequence {
                let appended = self.texts.into_iter().map(Value::String);
                return Ok(Value::Array(finished.into_iter().map(|(_, value)| value).chain(appended).collect()));
            }
            // A list with gaps is a table: the schema, which wants a list, will say so.
            return Ok(Value::Object(finished.into_iter().map(|(at, value)| (at.to_string(), value)).collect()));
        }
        match (self.texts.pop(), self.is_list || !self.texts.is_empty()) {
            (Some(only), false) => Ok(Value::String(only)),
            (last, _) => Ok(Value::Array(self.texts.into_iter().chain(last).map(Value::String).collect())),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::json;

    use super::*;

    fn drawn(text: &str) -> Result<Value, Malformed> {
        tree(pairs(text.as_bytes())?).map(|tree| Value::Object(tree.members))
    }

    #[test]
    fn dots_nest_and_text_stays_text() {
        // K51
        assert_eq!(drawn("a.b.c=1&a.b.d=&e=true").unwrap(), json!({"a": {"b": {"c": "1", "d": ""}}, "e": "true"}));
        assert_eq!(drawn("").unwrap(), json!({}));
        assert_eq!(drawn("&a&b=1+2%20%C3%A9&").unwrap(), json!({"a": "", "b": "1 2 é"}));
    }

    #[test]
    fn brackets_append_number_and_name() {
        // K51
        assert_eq!(drawn("a[]=x").unwrap(), json!({"a": ["x"]}));
        assert_eq!(drawn("a[]=x&a[]=y").unwrap(), json!({"a": ["x", "y"]}));
        assert_eq!(drawn("a[2]=y&a[1]=x").unwrap(), json!({"a": ["x", "y"]}));
        assert_eq!(drawn("a[1]=x&a[]=y").unwrap(), json!({"a": ["x", "y"]}));
        assert_eq!(drawn("a[k]=v&a[l.m]=w").unwrap(), json!({"a": {"k": "v", "l.m": "w"}}));
        assert_eq!(drawn("a[][b]=x&a[].c=y").unwrap(), json!({"a": [{"b": "x", "c": "y"}]}));
        let deep = "x.r[1].s[a][2].t[b].u=a&x.r[1].s[a][1]=b";
        assert_eq!(drawn(deep).unwrap(), json!({"x": {"r": [{"s": {"a": ["b", {"t": {"b": {"u": "a"}}}]}}]}}));
    }

    #[test]
    fn a_repeated_name_is_a_list() {
        // K51; s.K3: a schema that wants one value refuses it.
        assert_eq!(drawn("a=x&a=y").unwrap(), json!({"a": ["x", "y"]}));
        assert_eq!(drawn("a=x&a[]=y").unwrap(), json!({"a": ["x", "y"]}));
    }

    #[test]
    fn brackets_may_be_percent_encoded_once_or_twice() {
        // K51: curl's --data-urlencode and a form library, one after the other.
        for name in ["config.scopes%5B%5D", "config.scopes%5b%5d", "config.scopes%255B%255D", "config.scopes[]"] {
            assert_eq!(drawn(&format!("{name}=read write")).unwrap(), json!({"config": {"scopes": ["read write"]}}));
        }
    }

    #[test]
    fn a_list_with_gaps_is_not_a_list() {
        assert_eq!(drawn("a[2]=y").unwrap(), json!({"a": {"2": "y"}}));
        assert_eq!(drawn("a[0]=y&a[1]=x").unwrap(), json!({"a": {"0": "y", "1": "x"}}));
        // s.K3: no memory is spent on the gap.
        assert_eq!(drawn("a[18446744073709551615]=y").unwrap(), json!({"a": {"18446744073709551615": "y"}}));
    }

    #[test]
    fn odd_names_stay_whole() {
        // s.K3: the schema knows none of them.
        for name in [".", ".a", "a.", "a..b", "a[b", "a[b]c", "a]b"] {
            assert_eq!(drawn(&format!("{name}=1")).unwrap(), json!({name: "1"}), "{name}");
        }
        assert_eq!(drawn("[a][b]=1").unwrap(), json!({"[a]": {"b": "1"}}));
        assert_eq!(drawn("é[b]=1&=2").unwrap(), json!({"é": {"b": "1"}, "": "2"}));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        // s.K3
        for text in ["a=1&a.b=2", "a.b=2&a=1", "a[]=1&a.b=2", "a[1]=1&a[k]=2", "x.a[1].b=1&x.a[1]=2"] {
            assert_eq!(drawn(text), Err(Malformed::Ambiguous("a".to_owned())), "{text}");
        }
        assert_eq!(drawn("a[1]=x&a[2]=y&a=z").unwrap(), json!({"a": ["x", "y", "z"]}));
    }

    #[test]
    fn bodies_have_limits() {
        // s.K3
        let many = |count: usize| (0..count).map(|at| format!("k{at}=1&")).collect::<String>();
        assert!(drawn(&many(MEMBERS_MAX)).is_ok());
        assert_eq!(drawn(&many(MEMBERS_MAX + 1)), Err(Malformed::TooMany));
        let deep = |depth: usize| format!("a{}=1", "[b]".repeat(depth - 1));
        assert!(drawn(&deep(DEPTH_MAX)).is_ok());
        assert_eq!(drawn(&deep(DEPTH_MAX + 1)), Err(Malformed::TooDeep));
        for broken in ["a=%", "a=%4", "a=%zz", "%ff=a", "a=%c0%af"] {
            assert_eq!(drawn(broken), Err(Malformed::NotText), "{broken}");
        }
    }
}

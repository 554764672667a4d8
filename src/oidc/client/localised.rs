//! What is a client called in the reader's language? Display members and their `#lang` variants (RFC 7591 §2.2).

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// The members that may have a variant in each language.
pub const LOCALISED_MEMBERS: [&str; 5] = ["client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri"];

const TAG_BYTES_MAX: usize = 35;

/// The display members of a client, keyed as they are written: `client_name`, `client_name#ja`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Localised(BTreeMap<String, String>);

impl Localised {
    /// Keeps the text of `member`, which is spelled with its language where it has one.
    pub(in crate::oidc) fn keep(&mut self, member: &str, text: String) {
        self.0.insert(member.to_owned(), text);
    }

    /// The text written for exactly this member, language included.
    pub fn exact(&self, member: &str) -> Option<&str> {
        self.0.get(member).map(String::as_str)
    }

    /// The text of `member` that suits a reader best who asked for `locales`, most wanted first (`ui_locales`).
    ///
    /// A wanted tag takes its own variant, then that of a shorter tag (RFC 4647 §3.4), then any variant of the same
    /// language; without a match the text without a language stands, else the first there is.
    pub fn best(&self, member: &str, locales: &[&str]) -> Option<&str> {
        for wanted in locales {
            let mut range = *wanted;
            loop {
                if let Some(text) = self.in_language(member, |tag| tag.eq_ignore_ascii_case(range)) {
                    return Some(text);
                }
                match range.rfind('-') {
                    Some(cut) => range = &range[..cut],
                    None => break,
                }
            }
            let same = |tag: &str| tag.split('-').next().is_some_and(|language| language.eq_ignore_ascii_case(range));
            if let Some(text) = self.in_language(member, same) {
                return Some(text);
            }
        }
        self.exact(member).or_else(|| self.in_language(member, |_| true))
    }

    fn in_language(&self, member: &str, suits: impl Fn(&str) -> bool) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| split(key).is_some_and(|(name, tag)| name == member && tag.is_some_and(&suits)))
            .map(|(_, text)| text.as_str())
    }

    /// Takes over each member that is not there in any language from `other`, in all its languages.
    pub(in crate::oidc) fn complete(&mut self, other: &Self) {
        for member in LOCALISED_MEMBERS {
            let is_it = |key: &str| split(key).is_some_and(|(name, _)| name == member);
            if self.0.keys().any(|key| is_it(key)) {
                continue;
            }
            let missing = other.0.iter().filter(|(key, _)| is_it(key));
            self.0.extend(missing.map(|(key, text)| (key.clone(), text.clone())));
        }
    }

    /// Every text with the member it was written for.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(member, text)| (member.as_str(), text.as_str()))
    }
}

/// The display member that `key` spells, and its language tag; `None` if it is no display member.
pub fn split(key: &str) -> Option<(&str, Option<&str>)> {
    let (name, tag) = match key.split_once('#') {
        Some((name, tag)) => (name, Some(tag)),
        None => (key, None),
    };
    let known = LOCALISED_MEMBERS.contains(&name) && tag.is_none_or(is_language_tag);
    known.then_some((name, tag))
}

/// The shape of a language tag (RFC 5646 §2.1): subtags of one to eight letters or digits, the first of letters.
fn is_language_tag(tag: &str) -> bool {
    let subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    tag.len() <= TAG_BYTES_MAX
        && tag.split('-').all(subtag)
        && tag.split('-').next().is_some_and(|first| first.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// Reads the display members out of a larger object and leaves its other members alone, so that a row which a newer
/// release wrote can still be read.
impl<'de> Deserialize<'de> for Localised {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Localised;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("client metadata")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Localised, A::Error> {
                let mut out = Localised::default();
                while let Some(key) = map.next_key::<String>()? {
                    if split(&key).is_some() {
                        out.0.insert(key, map.next_value()?);
                    } else {
                        map.next_value::<serde::de::IgnoredAny>()?;
                    }
                }
                Ok(out)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pairs: &[(&str, &str)]) -> Localised {
        Localised(pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn the_reader_gets_the_name_in_the_language_asked_for() {
        let names = names(&[("client_name", "Shop"), ("client_name#de", "Laden"), ("client_name#ja-Jpan-JP", "店")]);
        assert_eq!(names.best("client_name", &["de-AT", "ja"]), Some("Laden"));
        assert_eq!(names.best("client_name", &["JA"]), Some("店"));
        assert_eq!(names.best("client_name", &["fr", "de"]), Some("Laden"));
        assert_eq!(names.best("client_name", &["fr"]), Some("Shop"));
        assert_eq!(names.best("client_name", &[]), Some("Shop"));
        assert_eq!(names.best("tos_uri", &["de"]), None);
    }

    #[test]
    fn a_name_in_one_language_only_is_better_than_none() {
        assert_eq!(names(&[("client_name#de", "Laden")]).best("client_name", &["fr"]), Some("Laden"));
    }

    #[test]
    fn only_display_members_with_a_language_tag_have_variants() {
        assert_eq!(split("client_name#ja-Jpan-JP"), Some(("client_name", Some("ja-Jpan-JP"))));
        assert_eq!(split("logo_uri"), Some(("logo_uri", None)));
        for other in ["scope", "scope#de", "client_name#", "client_name#a b", "client_name#de#at", "client_name#-de"] {
            assert_eq!(split(other), None, "{other}");
        }
    }
}

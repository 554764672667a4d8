//! In which language, and with which words, does a page speak?

use std::sync::LazyLock;

use super::shown::{self, Shown};
use crate::text::Catalogues;
pub use crate::text::{Language, Sentence};

/// No more languages of one request are looked at.
const LANGUAGES_MAX: usize = 32;

static PAGES: LazyLock<Catalogues> = LazyLock::new(|| Catalogues::read(ENGLISH, GERMAN));

const ENGLISH: &str = concat!(include_str!("texts/en.ftl"), "\n", include_str!("texts/portal.en.ftl"));
const GERMAN: &str = concat!(include_str!("texts/de.ftl"), "\n", include_str!("texts/portal.de.ftl"));

impl Language {
    /// The language of a page: the first known one of `ui_locales` (OpenID Connect Core §3.1.2.1: tags separated by
    /// spaces, best first), else the best of `Accept-Language` (RFC 9110 §12.5.4), else English.
    ///
    /// Both are taken as they came; what cannot be read is passed over.
    pub fn negotiate(ui_locales: Option<&str>, accept_language: Option<&str>) -> Self {
        let asked = ui_locales.unwrap_or_default().split_ascii_whitespace().take(LANGUAGES_MAX).find_map(Self::known);
        asked.or_else(|| Self::accepted(accept_language.unwrap_or_default())).unwrap_or_default()
    }

    /// One sentence of the pages' catalogue.
    pub fn say(self, key: &'static str) -> Sentence {
        PAGES.say(self, key)
    }

    /// The day of a moment, in UTC, in words: `3 November 2026`. `at` is in seconds since 1970.
    pub fn day(self, at: i64) -> Shown {
        let (year, month, day) = shown::civil_day(at);
        let words = self.say("date").number("day", day).number("month", month).number("year", year);
        Shown::text(&words.plain())
    }

    /// A moment in words, to the minute, in UTC. `at` is in seconds since 1970.
    pub fn moment(self, at: i64) -> Shown {
        let minutes = at.div_euclid(60).rem_euclid(1440);
        Shown::text(&format!("{}, {:02}:{:02} UTC", self.day(at).plain(), minutes / 60, minutes % 60))
    }

    fn accepted(header: &str) -> Option<Self> {
        let mut best = None;
        for item in header.split(',').take(LANGUAGES_MAX) {
            let mut parts = item.split(';').map(str::trim);
            let Some(language) = Self::known(parts.next().unwrap_or_default()) else { continue };
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok());
            let weight = weight.filter(|weight| *weight > 0.0 && *weight <= 1.0);
            if let Some(weight) = weight
                && best.is_none_or(|(_, heaviest)| weight > heaviest)
            {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use fluent_bundle::FluentResource;

    use super::*;

    /// The keys of a catalogue, each with the variables its text uses.
    fn keys(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut current = String::new();
        for line in source.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                current = line.split('=').next().unwrap().trim().to_owned();
                assert!(out.insert(current.clone(), BTreeSet::new()).is_none(), "{current} stands twice");
            }
            let variables = line.split('$').skip(1).map(|rest| rest.split([' ', '}']).next().unwrap().to_owned());
            out.get_mut(&current).unwrap().extend(variables);
        }
        out
    }

    fn sources(folder: &Path, out: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, out);
            } else if path.extension().is_some_and(|end| end == "rs" || end == "html") && !path.ends_with("tests.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                out.push_str(text.split("#[cfg(test)]").next().unwrap());
            }
        }
    }

    #[test]
    fn both_catalogues_are_readable_and_have_the_same_keys_and_variables() {
        for source in [ENGLISH, GERMAN] {
            assert!(FluentResource::try_new(source.to_owned()).is_ok());
        }
        assert_eq!(keys(ENGLISH), keys(GERMAN));
    }

    #[test]
    fn every_key_that_is_used_exists_and_every_key_that_exists_is_used() {
        let mut all = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"), &mut all);
        let keys = keys(ENGLISH);
        let said = all.split("say(\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        let unknown: Vec<&str> = said.filter(|key| !keys.contains_key(*key)).collect();
        assert_eq!(unknown, Vec::<&str>::new());
        let unused: Vec<&String> = keys.keys().filter(|key| !all.contains(&format!("\"{key}\""))).collect();
        assert_eq!(unused, Vec::<&String>::new());
    }

    #[test]
    fn ui_locales_come_before_accept_language_and_english_is_the_default() {
        let cases = [
            (None, None, "en"),
            (Some("de"), None, "de"),
            (Some("fr-CA de-AT en"), Some("en"), "de"),
            (Some("xx"), Some("de-CH,en;q=0.5"), "de"),
            (Some(""), Some("fr, en;q=0.3, de;q=0.7"), "de"),
            (None, Some("de;q=0, en"), "en"),
            (None, Some("de;q=nonsense, *"), "en"),
            (None, Some("DE"), "de"),
            (None, Some("de, en"), "de"),
            (Some("deutsch"), Some("german"), "en"),
        ];
        for (ui_locales, accept_language, tag) in cases {
            assert_eq!(
                Language::negotiate(ui_locales, accept_language).tag(),
                tag,
                "{ui_locales:?} {accept_language:?}"
            );
        }
    }

    #[test]
    fn a_value_cannot_leave_its_isolation() {
        // s.R31, s.R33
        let name = Shown::name("a\u{2069}\u{202e}<b>\n{{7*7}}");
        let sentence = Language::English.say("heading-consent").with("application", &name);
        assert_eq!(sentence.to_string(), "“<bdi>a&#60;b&#62; {{7*7}}</bdi>” asks for access");
        assert_eq!(sentence.plain(), "“\u{2068}a<b> {{7*7}}\u{2069}” asks for access");
    }

    #[test]
    fn a_day_is_written_as_the_language_writes_it() {
        assert_eq!(Language::English.day(1_793_664_000).plain(), "3 November 2026");
        assert_eq!(Language::German.day(1_793_664_000).plain(), "3. November 2026");
    }
}

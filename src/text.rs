//! In which language does the house speak, and how does a sentence take up values?

use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::shown::{self, Shown};

/// A language the house speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English: the default, and the source of every string another catalogue lacks.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// Every language, in the order they are listed to people and in `ui_locales_supported`.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The BCP 47 tag, as in `lang` and `ui_locales_supported`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The language a BCP 47 tag begins with; also as in the claim `locale`, with `_` for `-`.
    pub fn known(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

/// The same sentences in every language.
pub struct Catalogues {
    english: Catalogue,
    german: Catalogue,
}

impl Catalogues {
    /// Reads them. What is broken in one is left out, and falls back like a missing string.
    pub fn read(english: &str, german: &str) -> Self {
        Self { english: Catalogue::read("en", english), german: Catalogue::read("de", german) }
    }

    /// One sentence.
    pub fn say(&'static self, language: Language, key: &'static str) -> Sentence {
        Sentence { catalogues: self, language, key, values: Vec::new() }
    }
}

impl fmt::Debug for Catalogues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Catalogues(…)")
    }
}

/// A sentence of a catalogue with its values.
///
/// Inside a template it is HTML: escaped, with each value in a `<bdi>`, so that no value can disturb the words around
/// it. For attributes and titles, [`Sentence::plain`] isolates the values with Unicode's own marks instead.
#[derive(Clone, Debug)]
pub struct Sentence {
    catalogues: &'static Catalogues,
    language: Language,
    key: &'static str,
    values: Vec<(&'static str, FluentValue<'static>)>,
}

impl Sentence {
    /// The same sentence with a value.
    pub fn with(mut self, name: &'static str, value: &Shown) -> Self {
        self.values.push((name, FluentValue::from(value.plain().to_owned())));
        self
    }

    /// The same sentence with a number, which may also choose its plural.
    pub fn number(mut self, name: &'static str, value: impl Into<i64>) -> Self {
        self.values.push((name, FluentValue::from(value.into())));
        self
    }

    /// The sentence without markup; values stand between U+2068 and U+2069.
    pub fn plain(&self) -> String {
        let arguments: FluentArgs<'_> = self.values.iter().map(|(name, value)| (*name, value.clone())).collect();
        let first = match self.language {
            Language::English => &self.catalogues.english,
            Language::German => &self.catalogues.german,
        };
        look_up([first, &self.catalogues.english], self.key, &arguments)
    }

    /// The sentence without markup and without marks, for where one value cannot turn the rest round: a line of its own.
    pub fn bare(&self) -> String {
        self.plain().replace(['\u{2068}', '\u{2069}'], "")
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        shown::write_html(&self.plain(), f)
    }
}

impl askama::filters::HtmlSafe for Sentence {}

struct Catalogue(FluentBundle<FluentResource>);

impl Catalogue {
    fn read(tag: &str, source: &str) -> Self {
        let language: LanguageIdentifier = tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(readable, _)| readable);
        let _ = bundle.add_resource(resource);
        Self(bundle)
    }
}

/// The string of the first catalogue that has it; the key itself if none does.
fn look_up<'a>(
    catalogues: impl IntoIterator<Item = &'a Catalogue>,
    key: &'static str,
    arguments: &FluentArgs<'_>,
) -> String {
    for Catalogue(bundle) in catalogues {
        if let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) {
            return bundle.format_pattern(pattern, Some(arguments), &mut Vec::new()).into_owned();
        }
    }
    key.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_that_one_catalogue_lacks_or_has_broken_comes_from_the_next() {
        let partial = Catalogue::read("de", "here = da\nbroken = { $\n");
        let full = Catalogue::read("en", "here = here\nthere = there\nbroken = whole\n");
        let say = |key| look_up([&partial, &full], key, &FluentArgs::new());
        assert_eq!([say("here"), say("there"), say("broken"), say("none")], ["da", "there", "whole", "none"]);
    }
}

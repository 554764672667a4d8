//! How is a list of words kept in one column? Separated by single spaces, as OAuth writes scopes.

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// A list of words without spaces in them, in order, each once: scopes, audiences, authentication methods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, DeriveValueType)]
#[sea_orm(value_type = "String", column_type = "Text")]
pub struct Words(Vec<String>);

impl Words {
    /// Each word once, in the order given; empty words are left out.
    pub fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        let mut kept: Vec<String> = Vec::new();
        for word in words {
            let word = word.into();
            if !word.is_empty() && !kept.contains(&word) {
                kept.push(word);
            }
        }
        Self(kept)
    }

    /// Whether `word` is among them.
    pub fn contains(&self, word: &str) -> bool {
        self.0.iter().any(|known| known == word)
    }

    /// Whether all of `other` are among them.
    pub fn contains_all(&self, other: &Self) -> bool {
        other.0.iter().all(|word| self.contains(word))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The words as a slice.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// Those of these words that `keep` wants.
    #[must_use]
    pub fn only(&self, mut keep: impl FnMut(&str) -> bool) -> Self {
        Self(self.0.iter().filter(|word| keep(word)).cloned().collect())
    }

    /// These words, then those of `other` that are not among them.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self::new(self.0.iter().chain(&other.0).cloned())
    }
}

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

impl std::str::FromStr for Words {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text.split_ascii_whitespace()))
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self::new(text.split_ascii_whitespace())
    }
}

impl Serialize for Words {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Ok(Self::from(&*text))
    }
}

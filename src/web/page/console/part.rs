//! Which parts do the console's pages have? Facts, tables, tabs, notices, and buttons that do something.

use std::fmt;

use super::form::Form;
use crate::web::shown::Shown;
use crate::web::text::Sentence;

/// Words on a page: ours, from the catalogue, or somebody else's, cleaned.
#[derive(Clone, Debug)]
pub enum Words {
    /// Ours.
    Ours(Sentence),
    /// Theirs.
    Theirs(Shown),
    /// A rule's complaint, in English whatever the language of the page is.
    English(Shown),
}

impl Words {
    /// The words without markup, for attributes and titles; escaped where they are written.
    pub fn bare(&self) -> String {
        match self {
            Self::Ours(sentence) => sentence.bare(),
            Self::Theirs(shown) | Self::English(shown) => shown.plain().to_owned(),
        }
    }
}

impl From<Sentence> for Words {
    fn from(sentence: Sentence) -> Self {
        Self::Ours(sentence)
    }
}

impl From<Shown> for Words {
    fn from(shown: Shown) -> Self {
        Self::Theirs(shown)
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours(sentence) => sentence.fmt(f),
            Self::Theirs(shown) => shown.fmt(f),
            Self::English(shown) => write!(f, "<span lang=\"en\">{shown}</span>"),
        }
    }
}

impl askama::filters::HtmlSafe for Words {}

/// How grave something is. Colour never says it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It is as it should be.
    Good,
    /// Somebody should look.
    Warn,
    /// It is not as it should be.
    Bad,
    /// It is just so.
    Plain,
}

impl Tone {
    /// Its class in the stylesheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Plain => "plain",
        }
    }

    /// The sign before the words.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Warn | Self::Bad => "!",
            Self::Plain => "·",
        }
    }
}

/// A part of a section.
#[derive(Clone, Debug)]
pub enum Part {
    /// A sentence that stands out.
    Notice {
        /// How grave it is.
        tone: Tone,
        /// The sentence.
        words: Words,
    },
    /// What is known of one thing.
    Facts(Vec<Fact>),
    /// Numbers that lead somewhere.
    Counts(Vec<super::Way>),
    /// Ways to parts of a long list.
    Kinds(Vec<super::Way>),
    /// Many things of one kind.
    Table(Table),
    /// Several tables of which one is seen.
    Tabs(Vec<Tab>),
    /// Something to look for in a list.
    Search(Search),
    /// Something to fill in.
    Form(Form),
    /// Buttons.
    Acts(Vec<Act>),
    /// A value that is shown this once.
    Secret {
        /// What it is.
        label: Words,
        /// The value.
        value: String,
    },
    /// A value that is shown to those who ask for it.
    Kept {
        /// What it is.
        label: Words,
        /// The value.
        value: String,
    },
}

/// A form that asks for the same list again, by GET, with what is looked for as `search`.
#[derive(Clone, Debug)]
pub struct Search {
    /// The address of the list.
    pub action: String,
    /// What it looks through.
    pub label: Words,
    /// What was looked for; may be empty.
    pub value: String,
    /// What else the address says.
    pub hidden: Vec<(&'static str, String)>,
    /// The address of the whole list, where something was looked for.
    pub all: Option<String>,
}

/// Something known.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What it is.
    pub label: Words,
    /// What is known.
    pub values: Vec<Cell>,
}

impl Fact {
    /// One value under a label.
    pub fn new(label: impl Into<Words>, value: impl Into<Cell>) -> Self {
        Self { label: label.into(), values: vec![value.into()] }
    }
}

/// What stands in a field of a table.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Words.
    Words(Words),
    /// A name, perhaps one that leads somewhere, and more about it in small letters.
    Named {
        /// The name.
        name: Words,
        /// Where it leads.
        href: Option<String>,
        /// More about it.
        more: Vec<Words>,
    },
    /// Something one copies.
    Code(Shown),
    /// How it stands.
    Status {
        /// How grave that is.
        tone: Tone,
        /// In a word.
        words: Words,
    },
    /// What one may do about it.
    Acts(Vec<Act>),
    /// Nothing.
    Nothing,
}

impl From<Sentence> for Cell {
    fn from(sentence: Sentence) -> Self {
        Self::Words(sentence.into())
    }
}

impl From<Shown> for Cell {
    fn from(shown: Shown) -> Self {
        Self::Words(shown.into())
    }
}

impl From<Words> for Cell {
    fn from(words: Words) -> Self {
        Self::Words(words)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

/// One thing in a table, field by field.
pub type Row = Vec<Cell>;

/// Many things of one kind.
#[derive(Clone, Debug)]
pub struct Table {
    /// What it lists, for those who do not see it.
    pub caption: Words,
    /// What each field is.
    pub heads: Vec<Words>,
    /// The things.
    pub rows: Vec<Row>,
    /// What is said where there are none.
    pub empty: Words,
    /// Where the next part of the list is.
    pub next: Option<String>,
}

impl Table {
    /// The fields of a row with what they are.
    pub fn fields<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = (&'a Words, &'a Cell)> {
        self.heads.iter().zip(row)
    }
}

/// One of several tables.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Its name in addresses, after `#`.
    pub id: &'static str,
    /// Its words.
    pub label: Words,
    /// How many things there are in all.
    pub count: u64,
    /// Whether it is seen where the address names none.
    pub first: super::Here,
    /// The things.
    pub table: Table,
}

impl Tab {
    /// Whether it is seen where the address names none.
    pub fn is_first(&self) -> bool {
        self.first == super::Here::Yes
    }
}

/// A button that does something.
#[derive(Clone, Debug)]
pub struct Act {
    /// Where its form posts to.
    pub action: String,
    /// What it says.
    pub words: Words,
    /// To what it does it, for those who do not see the row it stands in.
    pub about: Words,
    /// Its class in the stylesheet.
    pub look: &'static str,
    /// What its form sends along.
    pub hidden: Vec<(&'static str, String)>,
    /// What is asked before.
    pub ask: Ask,
}

/// What is asked before something is done.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Nothing.
    Nothing,
    /// Whether one is sure, after being told what follows.
    Sure(Words),
    /// Why; sent as `reason`, and may be left empty.
    Reason(Words),
}

impl Act {
    /// A button that asks nothing.
    pub fn new(action: String, words: impl Into<Words>, about: impl Into<Words>) -> Self {
        let (words, about) = (words.into(), about.into());
        Self { action, words, about, look: "secondary", hidden: Vec::new(), ask: Ask::Nothing }
    }

    /// The same, as the one that is expected.
    #[must_use]
    pub fn expected(self) -> Self {
        Self { look: "primary", ..self }
    }

    /// The same, sending a value along.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push((name, value.into()));
        self
    }

    /// The same, after telling what follows.
    #[must_use]
    pub fn sure(self, consequence: impl Into<Words>) -> Self {
        Self { ask: Ask::Sure(consequence.into()), look: "danger", ..self }
    }

    /// The same, after asking why.
    #[must_use]
    pub fn reason(self, label: impl Into<Words>) -> Self {
        Self { ask: Ask::Reason(label.into()), look: "danger", ..self }
    }
}

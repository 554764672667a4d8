//! What is a field of a form? Its label, what stands in it, and what is wrong with that, beside it.

use crate::web::shown::Shown;
use crate::web::text::Sentence;

/// A field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in the form, also its identity on the page.
    pub name: &'static str,
    /// What it is.
    pub label: Sentence,
    /// What may stand in it.
    pub hint: Option<Sentence>,
    /// How it is filled in.
    pub input: Input,
    /// Whether it must be.
    pub is_required: bool,
    /// Whether the keyboard starts in it.
    pub has_focus: bool,
    /// What is wrong with it.
    pub complaints: Vec<Complaint>,
}

/// How a field is filled in.
#[derive(Clone, Debug)]
pub enum Input {
    /// One line.
    Line {
        /// The `type`.
        kind: &'static str,
        /// The `autocomplete` token.
        autocomplete: &'static str,
        /// What stands in it.
        value: String,
        /// Characters, at most.
        characters_max: u32,
    },
    /// Several lines.
    Area {
        /// What stands in it.
        value: String,
        /// Characters, at most.
        characters_max: u32,
    },
    /// One of a list.
    Select(Vec<Choice>),
    /// One of a few that are explained.
    Radio(Vec<Choice>),
    /// Any of a few.
    Checks(Vec<Choice>),
}

/// Something to choose.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: Words,
    /// What it means.
    pub hint: Option<Sentence>,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// What is wrong with a field.
#[derive(Clone, Debug)]
pub struct Complaint {
    /// In the page's language.
    pub words: Sentence,
    /// What the rules say about it, in English, where that says more.
    pub detail: Option<Shown>,
}

/// Words of ours, or somebody else's.
#[derive(Clone, Debug)]
pub enum Words {
    /// From the catalogue.
    Ours(Sentence),
    /// From outside.
    Theirs(Shown),
}

impl Words {
    /// Without markup, for attributes and options.
    pub fn plain(&self) -> String {
        match self {
            Self::Ours(words) => words.plain(),
            Self::Theirs(words) => words.plain().to_owned(),
        }
    }
}

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ours(words) => words.fmt(f),
            Self::Theirs(words) => words.fmt(f),
        }
    }
}

impl askama::filters::HtmlSafe for Words {}

impl Field {
    fn new(name: &'static str, label: Sentence, input: Input) -> Self {
        Self { name, label, hint: None, input, is_required: false, has_focus: false, complaints: Vec::new() }
    }

    /// One line of text.
    pub fn line(name: &'static str, label: Sentence, value: &str, characters_max: u32) -> Self {
        let input = Input::Line { kind: "text", autocomplete: "off", value: value.to_owned(), characters_max };
        Self::new(name, label, input)
    }

    /// One line of text that a browser may know.
    pub fn known(
        name: &'static str,
        label: Sentence,
        value: &str,
        kind: &'static str,
        autocomplete: &'static str,
    ) -> Self {
        let characters_max = if kind == "password" { 1024 } else { 320 };
        Self::new(name, label, Input::Line { kind, autocomplete, value: value.to_owned(), characters_max })
    }

    /// Several lines of text.
    pub fn area(name: &'static str, label: Sentence, value: &str, characters_max: u32) -> Self {
        Self::new(name, label, Input::Area { value: value.to_owned(), characters_max })
    }

    /// One of a list.
    pub fn select(name: &'static str, label: Sentence, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Input::Select(choices))
    }

    /// One of a few.
    pub fn radio(name: &'static str, label: Sentence, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Input::Radio(choices))
    }

    /// Any of a few.
    pub fn checks(name: &'static str, label: Sentence, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Input::Checks(choices))
    }

    /// With a hint.
    #[must_use]
    pub fn hint(self, hint: Sentence) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// That must be filled in.
    #[must_use]
    pub fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    pub(super) fn is_wrong(&self) -> bool {
        !self.complaints.is_empty()
    }

    /// The identities of what describes it, for `aria-describedby`.
    pub(super) fn described_by(&self) -> String {
        let hint = self.hint.is_some().then(|| format!("{}-hint", self.name));
        let wrong = self.is_wrong().then(|| format!("{}-wrong", self.name));
        hint.into_iter().chain(wrong).collect::<Vec<_>>().join(" ")
    }
}

/// What was said about the fields of a form: the rules' own names of fields, and complaints.
pub type Complaints = Vec<(String, Complaint)>;

/// The same fields with what is wrong beside each; the keyboard starts in the first that is.
pub fn with_complaints(mut fields: Vec<Field>, complaints: &Complaints) -> Vec<Field> {
    for field in &mut fields {
        let about = complaints.iter().filter(|(name, _)| name == field.name);
        field.complaints = about.map(|(_, complaint)| complaint.clone()).collect();
    }
    if let Some(wrong) = fields.iter_mut().find(|field| field.is_wrong()) {
        wrong.has_focus = true;
    }
    fields
}

//! How does one fill something in? Fields with what was typed, and beside each what is wrong with it.

use super::part::Words;

/// A form of the console. It posts `csrf`, its hidden values and its fields.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it posts to.
    pub action: String,
    /// Its fields, in groups.
    pub groups: Vec<Group>,
    /// What it sends along.
    pub hidden: Vec<(&'static str, String)>,
    /// The word on its button.
    pub submit: Words,
    /// Where one goes who does not want to.
    pub cancel: Option<String>,
    /// What is wrong with it as a whole.
    pub complaints: Vec<Words>,
}

/// Fields that belong together.
#[derive(Clone, Debug)]
pub struct Group {
    /// What they are about.
    pub legend: Option<Words>,
    /// More about that.
    pub hint: Option<Words>,
    /// A warning that stands before them.
    pub warning: Option<Words>,
    /// The fields.
    pub fields: Vec<Field>,
}

/// A field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in the form.
    pub name: &'static str,
    /// What it is.
    pub label: Words,
    /// What may stand in it.
    pub hint: Option<Words>,
    /// How it is filled in.
    pub input: Input,
    /// Whether it may be left out, as an attribute.
    pub needed: Needed,
    /// What is wrong with it.
    pub complaint: Option<Words>,
    /// The keyboard starts here.
    pub focus: Focus,
}

/// Whether a field may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// It may.
    Optional,
    /// It must be filled in.
    Required,
}

/// Whether the keyboard starts in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// It does.
    Here,
    /// It does not.
    Elsewhere,
}

/// How a field is filled in.
#[derive(Clone, Debug)]
pub enum Input {
    /// With a line.
    Line {
        /// The type of the input element.
        kind: &'static str,
        /// What stands in it.
        value: String,
        /// What is suggested.
        suggested: Vec<String>,
    },
    /// With lines.
    Lines {
        /// What stands in it.
        value: String,
    },
    /// With a mark.
    Mark {
        /// Whether it is there.
        on: Option<&'static str>,
    },
    /// With one of several.
    Choice {
        /// The several.
        choices: Vec<Choice>,
        /// The one.
        chosen: String,
    },
    /// With a file.
    File {
        /// The endings that are taken.
        accept: &'static str,
    },
}

/// One of several values.
#[derive(Clone, Debug)]
pub struct Choice {
    /// As it is sent.
    pub value: &'static str,
    /// What it is.
    pub label: Words,
}

impl Group {
    /// Fields without a legend.
    pub fn plain(fields: Vec<Field>) -> Self {
        Self { legend: None, hint: None, warning: None, fields }
    }

    /// Fields with a legend.
    pub fn titled(legend: impl Into<Words>, fields: Vec<Field>) -> Self {
        Self { legend: Some(legend.into()), ..Self::plain(fields) }
    }

    /// The same, with more about them.
    #[must_use]
    pub fn about(self, hint: impl Into<Words>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same, with a warning before them.
    #[must_use]
    pub fn warn(self, warning: impl Into<Words>) -> Self {
        Self { warning: Some(warning.into()), ..self }
    }
}

impl Field {
    fn new(name: &'static str, label: impl Into<Words>, input: Input) -> Self {
        let (hint, complaint) = (None, None);
        let label = label.into();
        Self { name, label, hint, input, needed: Needed::Optional, complaint, focus: Focus::Elsewhere }
    }

    /// A line of text.
    pub fn line(name: &'static str, label: impl Into<Words>) -> Self {
        Self::new(name, label, Input::Line { kind: "text", value: String::new(), suggested: Vec::new() })
    }

    /// A line of another type.
    pub fn typed(name: &'static str, kind: &'static str, label: impl Into<Words>) -> Self {
        Self::new(name, label, Input::Line { kind, value: String::new(), suggested: Vec::new() })
    }

    /// A line of text for which something is suggested.
    pub fn suggested(name: &'static str, label: impl Into<Words>, suggested: Vec<String>) -> Self {
        Self::new(name, label, Input::Line { kind: "text", value: String::new(), suggested })
    }

    /// Lines of text.
    pub fn lines(name: &'static str, label: impl Into<Words>) -> Self {
        Self::new(name, label, Input::Lines { value: String::new() })
    }

    /// A mark.
    pub fn mark(name: &'static str, label: impl Into<Words>) -> Self {
        Self::new(name, label, Input::Mark { on: None })
    }

    /// One of several.
    pub fn choice(name: &'static str, label: impl Into<Words>, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Input::Choice { choices, chosen: String::new() })
    }

    /// A file.
    pub fn file(name: &'static str, label: impl Into<Words>, accept: &'static str) -> Self {
        Self::new(name, label, Input::File { accept })
    }

    /// The same, with what may stand in it.
    #[must_use]
    pub fn hint(self, hint: impl Into<Words>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same, not to be left out.
    #[must_use]
    pub fn required(self) -> Self {
        Self { needed: Needed::Required, ..self }
    }

    /// Its identity on the page.
    pub fn id(&self) -> String {
        format!("field-{}", self.name)
    }

    /// The identities of what describes it, separated by spaces.
    pub fn described_by(&self) -> String {
        let hint = self.hint.is_some().then(|| format!("{}-hint", self.id()));
        let complaint = self.complaint.is_some().then(|| format!("{}-complaint", self.id()));
        hint.into_iter().chain(complaint).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn is_required(&self) -> bool {
        self.needed == Needed::Required
    }

    pub(super) fn has_focus(&self) -> bool {
        self.focus == Focus::Here
    }

    fn fill(&mut self, sent: Option<&str>) {
        match &mut self.input {
            Input::Line { value, .. } | Input::Lines { value } => sent.unwrap_or_default().clone_into(value),
            Input::Mark { on } => *on = sent.map(|_| "checked"),
            Input::Choice { chosen, .. } => sent.unwrap_or_default().clone_into(chosen),
            Input::File { .. } => {}
        }
    }
}

impl Form {
    /// A form with an empty page behind it.
    pub fn new(action: String, submit: impl Into<Words>, groups: Vec<Group>) -> Self {
        Self { action, groups, hidden: Vec::new(), submit: submit.into(), cancel: None, complaints: Vec::new() }
    }

    /// The same, with a way out.
    #[must_use]
    pub fn or(self, cancel: String) -> Self {
        Self { cancel: Some(cancel), ..self }
    }

    /// The same, sending a value along.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push((name, value.into()));
        self
    }

    /// The same, filled in: `value` says what stands under a name. A mark is there where anything does.
    #[must_use]
    pub fn filled<'v>(mut self, value: impl Fn(&str) -> Option<&'v str>) -> Self {
        for field in self.groups.iter_mut().flat_map(|group| &mut group.fields) {
            field.fill(value(field.name));
        }
        self
    }

    /// The same, with complaints beside the fields they are about, and the others above the form. The keyboard starts
    /// at the first.
    #[must_use]
    pub fn judged(mut self, complaints: impl IntoIterator<Item = (String, Words)>) -> Self {
        for (name, complaint) in complaints {
            let mut fields = self.groups.iter_mut().flat_map(|group| &mut group.fields);
            match fields.find(|field| field.name == name && field.complaint.is_none()) {
                Some(field) => field.complaint = Some(complaint),
                None => self.complaints.push(complaint),
            }
        }
        let mut fields = self.groups.iter_mut().flat_map(|group| &mut group.fields);
        if let Some(first) = fields.find(|field| field.complaint.is_some()) {
            first.focus = Focus::Here;
        }
        self
    }

    /// Whether anything is wrong with it.
    pub fn is_wrong(&self) -> bool {
        !self.complaints.is_empty() || self.fields().any(|field| field.complaint.is_some())
    }

    /// Browsers send files in one encoding only.
    pub(super) fn enctype(&self) -> &'static str {
        let has_file = self.fields().any(|field| matches!(field.input, Input::File { .. }));
        if has_file { "multipart/form-data" } else { "application/x-www-form-urlencoded" }
    }

    fn fields(&self) -> impl Iterator<Item = &Field> {
        self.groups.iter().flat_map(|group| &group.fields)
    }
}

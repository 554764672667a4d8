//! Which fields does an entity of Kong's Admin API have? One declaration, from which bodies are checked, `GET /schemas`
//! is answered and the OpenAPI document is written.

pub mod check;
pub mod complaint;
pub mod describe;
pub mod sent;

pub use check::{Extent, read};
pub use complaint::{Complaint, Complaints};
pub use sent::{Checked, Sent};

/// A field of an entity or of a record.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name; empty for the elements of a list.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub about: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be left empty.
    pub presence: Presence,
    /// What it holds if nothing was said.
    pub preset: Preset,
    /// What its value must be like.
    pub rules: &'static [Rule],
}

/// Whether a field may be `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// `null` is refused, and so is leaving it out of a new entity, unless it has a preset.
    Required,
    /// It may be `null`.
    Optional,
    /// It may be left out of a new entity, which then makes its own; but not be taken away.
    Generated,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A string, not empty.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// Several values in order.
    List(&'static Field),
    /// Several values, none twice.
    Set(&'static Field),
    /// Fields of its own.
    Record(&'static [Field]),
    /// The id or the name of another entity, which is in this collection.
    Reference(&'static str),
}

/// What a field holds if nothing was said.
#[derive(Clone, Copy, Debug)]
pub enum Preset {
    /// Nothing.
    Nothing,
    /// A string.
    Text(&'static str),
    /// A boolean.
    Boolean(bool),
    /// A number.
    Integer(i64),
    /// Several strings.
    Words(&'static [&'static str]),
}

/// What a value must be like, in the order in which rules are asked.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Nothing but `null`: the field is known, and cannot be used here.
    Null,
    /// `false`: what `true` would ask for is not done here.
    False,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A UUID.
    Uuid,
    /// A number within these bounds, both allowed.
    Between(i64, i64),
    /// At most so many bytes.
    LengthMax(usize),
    /// Begins with this.
    StartsWith(&'static str),
    /// Passes this check, which otherwise complains.
    Passes(fn(&str) -> Result<(), String>),
}

impl Field {
    /// A field that may be `null`.
    pub const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, about, kind, presence: Presence::Optional, preset: Preset::Nothing, rules: &[] }
    }

    /// A field that must have a value.
    pub const fn required(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { presence: Presence::Required, ..Self::optional(name, kind, about) }
    }

    /// A field that gets a value of its own if none is given.
    pub const fn generated(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { presence: Presence::Generated, ..Self::optional(name, kind, about) }
    }

    /// What the elements of a list are.
    pub const fn element(kind: Kind, rules: &'static [Rule]) -> Self {
        Self { rules, ..Self::required("", kind, "") }
    }

    /// The same, with what it holds if nothing was said.
    pub const fn or(self, preset: Preset) -> Self {
        Self { preset, ..self }
    }

    /// The same, with what its value must be like.
    pub const fn with(self, rules: &'static [Rule]) -> Self {
        Self { rules, ..self }
    }
}

//! How does the console say what a rule answered? States, refusals and what has been done.

use entity::application::Source;
use entity::contract::{self, ContractState};
use entity::user::{Approval, Role};

use super::desk::Desk;
use crate::portal::{Conflict, Error, Rule, Wrong};
use crate::web::page::console::{Cell, Tone, Words};
use crate::web::shown::Shown;
use crate::web::text::{Language, Sentence};

/// What has been done, by the word that stands in the address of the page that says so.
pub fn done(desk: &Desk, word: &str) -> Option<Sentence> {
    Some(desk.say(match word {
        "added" => "console-done-added",
        "saved" => "console-done-saved",
        "removed" => "console-done-removed",
        "approved" => "console-done-approved",
        "rejected" => "console-done-rejected",
        "revoked" => "console-done-revoked",
        "suspended" => "console-done-suspended",
        "resumed" => "console-done-resumed",
        "enabled" => "console-done-enabled",
        "disabled" => "console-done-disabled",
        "invited" => "console-done-invited",
        "linked" => "console-done-linked",
        "unlinked" => "console-done-unlinked",
        "published" => "console-done-published",
        "hidden" => "console-done-hidden",
        "sent" => "console-done-sent",
        "ended" => "console-done-ended",
        "rotated" => "console-done-rotated",
        "keys-waiting" => "console-keys-waiting",
        _ => return None,
    }))
}

/// Why what is there does not allow it.
pub fn conflict(desk: &Desk, conflict: &Conflict) -> Words {
    let key = match conflict {
        Conflict::Changed => "console-conflict-changed",
        Conflict::ContractState(state) => match state {
            ContractState::Pending => "console-conflict-contract-pending",
            ContractState::Approved => "console-conflict-contract-approved",
            ContractState::Rejected => "console-conflict-contract-rejected",
            ContractState::Revoked => "console-conflict-contract-revoked",
            ContractState::Closed => "console-conflict-contract-closed",
        },
        Conflict::DeveloperState(state) => match state {
            Approval::Approved => "console-conflict-developer-approved",
            Approval::Pending => "console-conflict-developer-pending",
            Approval::Rejected => "console-conflict-developer-rejected",
            Approval::Revoked => "console-conflict-developer-revoked",
        },
        Conflict::PolicyExists => "console-conflict-policy-exists",
        Conflict::Archived => "console-conflict-archived",
        other => return Words::English(Shown::text(&sentence(&other.describe()))),
    };
    desk.say(key).into()
}

/// What is wrong with a form, each complaint with the field it is about; `Err` for what is no complaint about fields.
///
/// # Errors
/// Whatever else went wrong.
pub fn complaints(desk: &Desk, error: Error) -> Result<Vec<(String, Words)>, Error> {
    match error {
        Error::Invalid(wrong) => {
            Ok(wrong.into_iter().map(|wrong| (wrong.field.clone(), complaint(desk, &wrong))).collect())
        }
        Error::Taken { field, .. } => Ok(vec![(field.to_owned(), desk.say("console-wrong-taken").into())]),
        Error::Conflict(what) => Ok(vec![(String::new(), conflict(desk, &what))]),
        other => Err(other),
    }
}

/// One complaint. The rules complain in English; other languages say which kind of rule it is.
fn complaint(desk: &Desk, wrong: &Wrong) -> Words {
    let english = || Words::English(Shown::text(&sentence(&wrong.complaint)));
    match (&wrong.rule, desk.language()) {
        (Rule::NoFlow, _) => desk.say("console-wrong-no-flow").into(),
        (Rule::Required, _) => desk.say("console-wrong-required").into(),
        (Rule::Range { least, most }, _) => {
            desk.say("console-wrong-range").number("least", *least).number("most", *most).into()
        }
        (_, Language::English) => english(),
        (Rule::Length, _) => desk.say("console-wrong-length").into(),
        (Rule::Missing, _) => desk.say("console-wrong-missing").into(),
        (_, Language::German) => english(),
    }
}

fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// How far a contract has come.
pub fn contract_state(desk: &Desk, contract: &contract::Model) -> Cell {
    let (tone, key) = match (contract.state, contract.suspended) {
        (ContractState::Approved, true) => (Tone::Warn, "console-state-suspended"),
        (ContractState::Approved, false) => (Tone::Good, "console-state-approved"),
        (ContractState::Pending, _) => (Tone::Warn, "console-state-requested"),
        (ContractState::Rejected, _) => (Tone::Bad, "console-state-rejected"),
        (ContractState::Revoked, _) => (Tone::Bad, "console-state-revoked"),
        (ContractState::Closed, _) => (Tone::Plain, "console-state-closed"),
    };
    Cell::Status { tone, words: desk.say(key).into() }
}

/// Whether something is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl From<bool> for Switch {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

impl Switch {
    /// In a word.
    pub fn cell(self, desk: &Desk) -> Cell {
        let (tone, key) = match self {
            Self::On => (Tone::Good, "console-on"),
            Self::Off => (Tone::Plain, "console-off"),
        };
        Cell::Status { tone, words: desk.say(key).into() }
    }
}

/// What somebody may do.
pub fn role(desk: &Desk, role: Role) -> Sentence {
    desk.say(match role {
        Role::User => "console-role-user",
        Role::Developer => "console-role-developer",
        Role::Publisher => "console-role-publisher",
        Role::Admin => "console-role-admin",
    })
}

/// How an application came to be.
pub fn source(desk: &Desk, source: Source) -> Sentence {
    desk.say(match source {
        Source::Portal => "console-source-portal",
        Source::Admin => "console-source-admin",
        Source::Open => "console-source-open",
        Source::Iat => "console-source-ticket",
        Source::Delegate => "console-source-delegate",
        Source::Bridge => "console-source-bridge",
    })
}

/// Seconds as people say them; 0 is for ever.
pub fn lifetime(desk: &Desk, seconds: i64) -> Cell {
    match seconds {
        0 => Cell::Status { tone: Tone::Warn, words: desk.say("console-endless").into() },
        seconds => desk.say("console-seconds").number("count", seconds).into(),
    }
}

/// A value somebody chose, if there is any.
pub fn text(value: Option<&str>) -> Cell {
    value.filter(|value| !value.is_empty()).map(Shown::text).into()
}

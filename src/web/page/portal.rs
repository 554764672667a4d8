//! What do the pages of the developer portal share? Their way around, what just happened, and what went wrong.

pub mod account;
pub mod agreed;
pub mod application;
pub mod catalog;
pub mod field;
pub mod profile;
pub mod register;
pub mod token;

use entity::contract::ContractState;
use entity::user::Approval;

use super::{Forms, Layout, page, wait};
use crate::web::shown::Shown;
use crate::web::text::Sentence;

pub use field::{Choice, Complaint, Field, Input, Words};

/// What stands around the content of a page.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The way around; empty for somebody who is not signed in.
    pub places: Vec<Place>,
    /// What just happened.
    pub done: Option<Done>,
    /// What went wrong.
    pub trouble: Option<Trouble>,
}

/// A page the navigation leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its address.
    pub address: String,
    /// Which it is.
    pub kind: PlaceKind,
    /// Whether the page shown is this one, or below it.
    pub is_here: bool,
}

/// The pages the navigation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceKind {
    /// The services.
    Catalog,
    /// One's own applications.
    Applications,
    /// Personal access tokens.
    Tokens,
    /// The admins' pages.
    Console,
    /// What one agreed to.
    Agreed,
    /// Who is signed in.
    Account,
}

/// What just happened, told once after a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// An application was made.
    Created,
    /// A change was stored.
    Saved,
    /// An application was deleted.
    Deleted,
    /// A contract was ended by its developer.
    Unregistered,
    /// A request was approved at once.
    Approved,
    /// A client was added that has no secret.
    ClientAdded,
    /// A client was removed.
    ClientRemoved,
    /// A secret was removed.
    SecretRemoved,
    /// A token was revoked.
    TokenRevoked,
    /// An address was proven.
    EmailVerified,
    /// What an application was let do was taken back.
    Withdrawn,
    /// Another password was set.
    PasswordChanged,
    /// Sessions were ended.
    SessionsEnded,
}

/// What went wrong with what was just sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Some fields are wrong; each says how.
    Fields,
    /// What is wrong is no single field's fault: a clause in English.
    Whole(Shown),
    /// The form was open too long, or did not come from here.
    Stale,
    /// Too many attempts.
    Throttled {
        /// Seconds to wait.
        wait_seconds: u32,
    },
    /// portal.md N14.
    RegistrationDisabled,
    /// There is a contract already.
    AlreadyRequested(ContractState),
    /// The contract is in a state that does not allow it.
    ContractState(ContractState),
    /// Somebody else changed it meanwhile.
    Changed,
    /// A client keeps one secret.
    OnlySecret,
    /// Which of several secrets is to be renewed is not said.
    SeveralSecrets,
    /// The role does not reach so far.
    NotAllowed,
    /// The name typed is not the application's.
    NameDiffers,
}

impl Frame {
    fn width(&self) -> &'static str {
        if self.places.is_empty() { "" } else { " page" }
    }
}

impl Place {
    pub(super) fn word(&self, l: &Layout) -> Sentence {
        l.say(match self.kind {
            PlaceKind::Catalog => "nav-catalog",
            PlaceKind::Applications => "nav-applications",
            PlaceKind::Tokens => "nav-tokens",
            PlaceKind::Console => "nav-console",
            PlaceKind::Agreed => "nav-agreed",
            PlaceKind::Account => "nav-account",
        })
    }
}

impl Done {
    const ALL: [(Self, &'static str); 13] = [
        (Self::Created, "created"),
        (Self::Saved, "saved"),
        (Self::Deleted, "deleted"),
        (Self::Unregistered, "unregistered"),
        (Self::Approved, "approved"),
        (Self::ClientAdded, "client-added"),
        (Self::ClientRemoved, "client-removed"),
        (Self::SecretRemoved, "secret-removed"),
        (Self::TokenRevoked, "token-revoked"),
        (Self::EmailVerified, "email-verified"),
        (Self::Withdrawn, "withdrawn"),
        (Self::PasswordChanged, "password-changed"),
        (Self::SessionsEnded, "sessions-ended"),
    ];

    /// As it stands in a query.
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(done, _)| *done == self).map_or("", |(_, word)| word)
    }

    /// Reads it; anything else is nothing.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(done, _)| done)
    }

    fn words(self, l: &Layout) -> Sentence {
        l.say(match self {
            Self::Created => "done-created",
            Self::Saved => "done-saved",
            Self::Deleted => "done-deleted",
            Self::Unregistered => "done-unregistered",
            Self::Approved => "done-approved",
            Self::ClientAdded => "done-client-added",
            Self::ClientRemoved => "done-client-removed",
            Self::SecretRemoved => "done-secret-removed",
            Self::TokenRevoked => "done-token-revoked",
            Self::EmailVerified => "done-email-verified",
            Self::Withdrawn => "done-withdrawn",
            Self::PasswordChanged => "done-password-changed",
            Self::SessionsEnded => "done-sessions-ended",
        })
    }
}

impl Trouble {
    fn words(&self, l: &Layout) -> Sentence {
        match self {
            Self::Fields => l.say("trouble-fields"),
            Self::Whole(_) => l.say("trouble-whole"),
            Self::Stale => l.say("form-stale"),
            Self::Throttled { wait_seconds } => l.say("login-throttled").with("wait", &wait(l.language, *wait_seconds)),
            Self::RegistrationDisabled => l.say("trouble-registration-disabled"),
            Self::AlreadyRequested(state) => l.say("trouble-already-requested").with("state", &state_word(l, *state)),
            Self::ContractState(state) => l.say("trouble-contract-state").with("state", &state_word(l, *state)),
            Self::Changed => l.say("trouble-changed"),
            Self::OnlySecret => l.say("trouble-only-secret"),
            Self::SeveralSecrets => l.say("trouble-several-secrets"),
            Self::NotAllowed => l.say("problem-not-allowed"),
            Self::NameDiffers => l.say("trouble-name-differs"),
        }
    }

    /// What only the rules can say, in English.
    fn detail(&self) -> Option<&Shown> {
        match self {
            Self::Whole(detail) => Some(detail),
            _ => None,
        }
    }
}

/// How far a contract has come, as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Its state.
    pub state: ContractState,
    /// Approved, but paused.
    pub suspended: bool,
}

impl Badge {
    fn words(self, l: &Layout) -> Sentence {
        if self.suspended { l.say("state-paused") } else { state_sentence(l, self.state) }
    }

    fn look(self) -> &'static str {
        match self.state {
            ContractState::Approved if !self.suspended => "good",
            ContractState::Approved | ContractState::Pending => "warn",
            ContractState::Rejected | ContractState::Revoked | ContractState::Closed => "bad",
        }
    }

    /// Colour is never alone.
    fn glyph(self) -> &'static str {
        match self.look() {
            "good" => "✓",
            "warn" => "…",
            _ => "×",
        }
    }
}

fn state_sentence(l: &Layout, state: ContractState) -> Sentence {
    l.say(match state {
        ContractState::Pending => "state-pending",
        ContractState::Approved => "state-approved",
        ContractState::Rejected => "state-rejected",
        ContractState::Revoked => "state-revoked",
        ContractState::Closed => "state-closed",
    })
}

fn state_word(l: &Layout, state: ContractState) -> Shown {
    Shown::text(&state_sentence(l, state).plain())
}

/// Text of several lines: each line for itself, empty ones left out.
pub fn lines(text: &str) -> Vec<Shown> {
    text.lines().take(200).map(Shown::text).filter(|line| !line.is_empty()).collect()
}

/// Whether the portal is open to somebody who is no developer, or not yet (U7).
#[derive(Clone, Debug)]
pub struct StatusPage {
    /// The way around.
    pub frame: Frame,
    /// Why not.
    pub standing: Standing,
    /// Whom to ask.
    pub support_email: Option<Shown>,
    /// Where to read more.
    pub support: Option<crate::web::shown::WebLink>,
    /// The address of the start page.
    pub home: String,
}

/// Why the portal is not open to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Somebody still has to decide.
    Pending,
    /// Somebody decided against it.
    Rejected,
    /// Not any more.
    Revoked,
    /// They are no developer.
    NoDeveloper,
}

impl Standing {
    /// Why the portal is not open at this approval; `None`: it is.
    pub fn of(approval: Approval) -> Option<Self> {
        match approval {
            Approval::Approved => None,
            Approval::Pending => Some(Self::Pending),
            Approval::Rejected => Some(Self::Rejected),
            Approval::Revoked => Some(Self::Revoked),
        }
    }
}

page!(StatusPage, "portal/status.html", Forms::None);

impl StatusPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say(match self.standing {
            Standing::Pending => "heading-awaiting-approval",
            Standing::Rejected => "heading-developer-rejected",
            Standing::Revoked => "heading-developer-revoked",
            Standing::NoDeveloper => "heading-no-developer",
        })
    }

    fn explanation(&self, l: &Layout) -> Sentence {
        match self.standing {
            Standing::Pending => l.say("awaiting-approval").with("tenant", &l.tenant),
            Standing::Rejected => l.say("developer-rejected").with("tenant", &l.tenant),
            Standing::Revoked => l.say("developer-revoked").with("tenant", &l.tenant),
            Standing::NoDeveloper => l.say("no-developer"),
        }
    }

    fn contact(&self, l: &Layout) -> Sentence {
        match &self.support_email {
            Some(email) => l.say("status-contact").with("email", email),
            None => l.say("status-contact-unknown").with("tenant", &l.tenant),
        }
    }
}

#[cfg(test)]
mod tests;

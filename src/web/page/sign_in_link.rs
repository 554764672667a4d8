//! Which password will you use? The page behind a one-time sign-in link, where a first admin sets one.

use super::{Forms, Layout, page};
use crate::web::shown::Shown;
use crate::web::text::Sentence;

/// Asks for a new password, twice. Its form posts `link`, `csrf`, `password` and `password_repeat`.
#[derive(Clone, Debug)]
pub struct SignInLinkPage {
    /// Where the form posts to.
    pub action: String,
    /// The one-time link's secret, opaque.
    pub link: String,
    /// Whose password it becomes.
    pub email: Shown,
    /// The fewest characters a password may have.
    pub length_min: u32,
    /// Why the last password was not taken.
    pub problem: Option<PasswordProblem>,
}

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// It has fewer characters than it must.
    TooShort,
    /// It has more characters than the server takes.
    TooLong {
        /// The most it takes.
        length_max: u32,
    },
    /// It is one that many people use, or the e-mail address.
    TooEasy,
    /// The two differ.
    Different,
    /// The form was open too long, or did not come from here.
    Stale,
}

page!(SignInLinkPage, "sign_in_link.html", Forms::Stay);

impl SignInLinkPage {
    fn complaint(&self, l: &Layout) -> Option<Sentence> {
        Some(match self.problem? {
            PasswordProblem::TooShort => l.say("password-too-short").number("length", self.length_min),
            PasswordProblem::TooLong { length_max } => l.say("password-too-long").number("length", length_max),
            PasswordProblem::TooEasy => l.say("password-too-easy"),
            PasswordProblem::Different => l.say("password-different"),
            PasswordProblem::Stale => l.say("form-stale"),
        })
    }

    fn rules(&self, l: &Layout) -> Sentence {
        l.say("password-rules").number("length", self.length_min)
    }

    fn password_is_wrong(&self) -> bool {
        matches!(
            self.problem,
            Some(PasswordProblem::TooShort | PasswordProblem::TooLong { .. } | PasswordProblem::TooEasy)
        )
    }

    fn repeat_is_wrong(&self) -> bool {
        self.problem == Some(PasswordProblem::Different)
    }
}

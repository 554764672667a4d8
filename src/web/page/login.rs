//! Who are you? The login page (U1).

use super::{Application, Forms, Layout, page, wait};
use crate::web::shown::{Destination, Shown};
use crate::web::text::Sentence;

/// Asks for an e-mail address and a password. Its form posts `request`, `return`, `csrf`, `email` and `password`.
#[derive(Clone, Debug)]
pub struct LoginPage {
    /// Where the form posts to.
    pub action: String,
    /// The authorization request this login belongs to, opaque; none for a login of its own.
    pub request: Option<String>,
    /// The page of ours this login is for, where there is no request.
    pub return_to: Option<String>,
    /// The application behind the request.
    pub application: Option<Application>,
    /// What stands in the e-mail field already: the `login_hint`, or what was typed before.
    pub email: Option<Shown>,
    /// Why the last attempt did not succeed.
    pub problem: Option<LoginProblem>,
    /// The address of a page that sends or explains one-time sign-in links, if there is one.
    pub sign_in_link: Option<String>,
}

/// Why a login did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginProblem {
    /// The e-mail address is unknown or the password is wrong: one text for both, so that nobody learns which.
    Refused,
    /// Too many attempts: the next one is taken after so many seconds.
    Throttled {
        /// Seconds to wait.
        wait_seconds: u32,
    },
    /// The form was open too long, or did not come from here.
    Stale,
}

page!(LoginPage, "login.html", Forms::Leave);

impl LoginPage {
    fn complaint(&self, l: &Layout) -> Option<Sentence> {
        Some(match self.problem? {
            LoginProblem::Refused => l.say("login-refused"),
            LoginProblem::Throttled { wait_seconds } => {
                l.say("login-throttled").with("wait", &wait(l.language, wait_seconds))
            }
            LoginProblem::Stale => l.say("form-stale"),
        })
    }

    fn email_value(&self) -> &str {
        self.email.as_ref().map_or("", Shown::plain)
    }

    fn email_is_wrong(&self) -> bool {
        self.problem == Some(LoginProblem::Refused)
    }

    /// The keyboard starts in the first field that needs it.
    fn starts_at_password(&self) -> bool {
        !self.email_value().is_empty()
    }
}

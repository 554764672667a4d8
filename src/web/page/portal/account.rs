//! How does somebody come to an account, and back into it? Signing up (U5), links in mails, and a forgotten password (U6).

use super::field::{Complaints, with_complaints};
use super::{Field, Forms, Frame, Input, Layout, page};
use crate::web::shown::Shown;
use crate::web::text::Sentence;

/// Asks who somebody is who wants to be a developer. Its form posts `csrf`, `name`, `email` and `password`.
#[derive(Clone, Debug)]
pub struct SignUpPage {
    /// What went wrong.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// The address of the login page.
    pub sign_in: String,
    /// What stands in the field.
    pub name: String,
    /// What stands in the field.
    pub email: String,
    /// Only addresses of these domains are taken; `None`: of any.
    pub domains: Option<Shown>,
    /// The fewest characters of a password.
    pub length_min: u32,
    /// What is wrong.
    pub complaints: Complaints,
}

page!(SignUpPage, "portal/sign_up.html", Forms::Stay);

impl SignUpPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("heading-sign-up")
    }

    fn fields(&self, l: &Layout) -> Vec<Field> {
        let mut email = Field::known("email", l.say("login-email"), &self.email, "email", "username").required();
        email.hint = self.domains.as_ref().map(|domains| l.say("sign-up-domains").with("domains", domains));
        let fields = vec![
            Field::known("name", l.say("field-name"), &self.name, "text", "name"),
            email,
            password(l, self.length_min),
        ];
        with_complaints(fields, &self.complaints)
    }
}

pub(super) fn password(l: &Layout, length_min: u32) -> Field {
    let rules = l.say("password-rules").number("length", length_min);
    Field::known("password", l.say("login-password"), "", "password", "new-password").required().hint(rules)
}

/// Something to read, and perhaps one thing to do. Its form, if there is one, posts `csrf` and `link`.
#[derive(Clone, Debug)]
pub struct MessagePage {
    /// What went wrong.
    pub frame: Frame,
    /// What it says.
    pub message: Message,
    /// The thing to do.
    pub next: Next,
}

/// What there is to read.
#[derive(Clone, Debug)]
pub enum Message {
    /// Somebody signed up, and is approved.
    SignedUp,
    /// Somebody signed up, and has to wait.
    SignedUpPending,
    /// Nobody signs up here.
    SignUpClosed,
    /// A mail is on its way, if there is such an account.
    ResetSent,
    /// This address is about to be proven.
    VerifyEmail(Shown),
    /// A link in a mail is not good any more.
    LinkSpent,
}

/// What one can do then.
#[derive(Clone, Debug)]
pub enum Next {
    /// Go to the login page.
    SignIn(String),
    /// Ask for another link.
    AskAgain(String),
    /// Say yes.
    Confirm {
        /// Where the form posts to.
        action: String,
        /// The link, opaque.
        link: String,
    },
}

page!(MessagePage, "portal/message.html", by MessagePage::forms);

impl MessagePage {
    fn forms(&self) -> Forms {
        if matches!(self.next, Next::Confirm { .. }) { Forms::Stay } else { Forms::None }
    }

    fn heading(&self, l: &Layout) -> Sentence {
        l.say(match self.message {
            Message::SignedUp | Message::SignedUpPending | Message::ResetSent => "heading-check-mail",
            Message::SignUpClosed => "heading-sign-up-closed",
            Message::VerifyEmail(_) => "heading-verify-email",
            Message::LinkSpent => "heading-link-spent",
        })
    }

    fn explanation(&self, l: &Layout) -> Sentence {
        match &self.message {
            Message::SignedUp => l.say("signed-up"),
            Message::SignedUpPending => l.say("signed-up-pending").with("tenant", &l.tenant),
            Message::SignUpClosed => l.say("sign-up-closed").with("tenant", &l.tenant),
            Message::ResetSent => l.say("reset-sent"),
            Message::VerifyEmail(email) => l.say("verify-email").with("email", email),
            Message::LinkSpent => l.say("mail-link-spent"),
        }
    }
}

/// Asks for the address of an account whose password is forgotten. Its form posts `csrf` and `email`.
#[derive(Clone, Debug)]
pub struct ForgotPasswordPage {
    /// What went wrong.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// What stands in the field.
    pub email: String,
    /// The address of the login page.
    pub sign_in: String,
    /// What is wrong.
    pub complaints: Complaints,
}

page!(ForgotPasswordPage, "portal/forgot_password.html", Forms::Stay);

impl ForgotPasswordPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("heading-forgot-password")
    }

    fn fields(&self, l: &Layout) -> Vec<Field> {
        let email = Field::known("email", l.say("login-email"), &self.email, "email", "username").required();
        with_complaints(vec![email], &self.complaints)
    }
}

/// Asks for a password, behind a link in a mail. Its form posts `csrf`, `link`, `password`, `password_repeat`, and
/// `name` where that is asked for.
#[derive(Clone, Debug)]
pub struct ChoosePasswordPage {
    /// What went wrong.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// The link, opaque.
    pub link: String,
    /// Whose password it becomes.
    pub email: Shown,
    /// Why.
    pub occasion: Occasion,
    /// The fewest characters of a password.
    pub length_min: u32,
    /// What is wrong.
    pub complaints: Complaints,
}

/// Why a password is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// An invitation is accepted; this stands in the field for the name.
    Invitation {
        /// The name.
        name: String,
    },
    /// The old one was forgotten.
    Reset,
}

page!(ChoosePasswordPage, "portal/choose_password.html", Forms::Stay);

impl ChoosePasswordPage {
    fn heading(&self, l: &Layout) -> Sentence {
        match self.occasion {
            Occasion::Invitation { .. } => l.say("heading-invitation").with("tenant", &l.tenant),
            Occasion::Reset => l.say("heading-new-password"),
        }
    }

    fn explanation(&self, l: &Layout) -> Sentence {
        match self.occasion {
            Occasion::Invitation { .. } => l.say("invitation-explained"),
            Occasion::Reset => l.say("reset-explained"),
        }
    }

    fn fields(&self, l: &Layout) -> Vec<Field> {
        let name = match &self.occasion {
            Occasion::Invitation { name } => Some(Field::known("name", l.say("field-name"), name, "text", "name")),
            Occasion::Reset => None,
        };
        let chosen = password(l, self.length_min);
        let repeated = Field::known("password_repeat", l.say("password-repeat"), "", "password", "new-password");
        let fields = name.into_iter().chain([chosen, repeated.required()]).collect();
        with_complaints(fields, &self.complaints)
    }
}

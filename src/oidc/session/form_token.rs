//! Was this form shown to this very browser? (s.L2, s.A26, s.O4)
//!
//! A form carries a tag over what it is for and for whom it was shown. Another site cannot know it: it would need the
//! cookies of the browser. Nothing is stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Session;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::secret::{Purpose, Secret};

/// What a form is for: the token of one is nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Sign in.
    Login,
    /// Choose an account.
    SelectAccount,
    /// Agree, or not.
    Consent,
    /// Set a password.
    NewPassword,
    /// Sign out.
    SignOut,
    /// Something in the developer portal.
    Portal,
    /// Ask to be a developer.
    SignUp,
    /// Prove an address.
    VerifyEmail,
    /// Accept an invitation.
    Invitation,
    /// Ask for a link to a new password.
    ForgotPassword,
    /// Choose a new password in place of a forgotten one.
    PasswordReset,
    /// Look after services, and everything else.
    Console,
}

impl Form {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Login => b"login",
            Self::SelectAccount => b"select account",
            Self::Consent => b"consent",
            Self::NewPassword => b"new password",
            Self::SignOut => b"sign out",
            Self::Portal => b"portal",
            Self::SignUp => b"sign up",
            Self::VerifyEmail => b"verify e-mail",
            Self::Invitation => b"invitation",
            Self::ForgotPassword => b"forgot password",
            Self::PasswordReset => b"password reset",
            Self::Console => b"console",
        }
    }
}

/// For whom a form is shown, and what it decides.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// What it is for.
    pub form: Form,
    /// The identifier of the browser.
    pub browser: &'a Secret,
    /// Who is signed in.
    pub session: Option<&'a Session>,
    /// What is decided: the sealed request, and whatever else the person saw.
    pub about: &'a [&'a str],
}

impl Shown<'_> {
    /// The token that goes into the form.
    pub fn token(&self, app: &App, tenant: &Tenant) -> String {
        URL_SAFE_NO_PAD.encode(self.signed(|parts| app.sealer.sign(Purpose::Form, parts), tenant))
    }

    /// Whether `token` came with this form.
    pub fn fits(&self, app: &App, tenant: &Tenant, token: &str) -> bool {
        let Ok(tag) = URL_SAFE_NO_PAD.decode(token) else { return false };
        self.signed(|parts| app.sealer.verify(Purpose::Form, parts, &tag), tenant)
    }

    fn signed<T>(&self, work: impl FnOnce(&[&[u8]]) -> T, tenant: &Tenant) -> T {
        let session = self.session.map(|session| session.row.hash.as_str()).unwrap_or_default();
        let tenant = tenant.id.0.as_bytes().as_slice();
        let mut parts = vec![b"form".as_slice(), self.form.label(), tenant, self.browser.expose().as_bytes()];
        parts.push(session.as_bytes());
        parts.extend(self.about.iter().map(|about| about.as_bytes()));
        work(&parts)
    }
}

//! Do you want to sign out? The question of OpenID Connect RP-Initiated Logout §2, and what follows.

use super::{Forms, Layout, Person, page};
use crate::web::shown::Shown;
use crate::web::text::Sentence;

/// Asks before signing out. Its form posts `request`, `csrf` and `decision`, which is `sign_out` or `stay`.
#[derive(Clone, Debug)]
pub struct SignOutPage {
    /// Where the form posts to.
    pub action: String,
    /// The logout request, opaque; none for a person who came by herself.
    pub request: Option<String>,
    /// The name the asking application gave itself.
    pub application: Option<Shown>,
    /// Who is signed in.
    pub user: Person,
}

/// Says that the session has ended.
#[derive(Clone, Debug)]
pub struct SignedOutPage {
    /// The address of the login page.
    pub sign_in: String,
}

page!(SignOutPage, "sign_out.html", Forms::Leave);
page!(SignedOutPage, "signed_out.html", Forms::None);

impl SignOutPage {
    fn question(&self, l: &Layout) -> Sentence {
        match self.application.as_ref().filter(|name| !name.is_empty()) {
            Some(name) => l.say("sign-out-asked").with("application", name).with("user", &self.user.email),
            None => l.say("sign-out-question").with("user", &self.user.email),
        }
    }
}

//! Why can this sign-in not go on? The page for errors that must not travel to an unproven address (U4,
//! RFC 6749 §4.1.2.1).

use super::{Forms, Layout, page};
use crate::oidc::error::Code;
use crate::web::shown::Shown;
use crate::web::text::Sentence;

/// Says what went wrong, to the person and to the developer. It has no link: none of the addresses in the request can
/// be trusted.
#[derive(Clone, Debug)]
pub struct AuthorizationErrorPage {
    /// The error code.
    pub code: Code,
    /// The reason, in English, for the developer.
    pub description: Shown,
    /// What the developer can do.
    pub advice: Advice,
    /// Finds the entry in the server's log.
    pub request_id: Shown,
}

/// What the developer of an application can do about an authorization error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// `client_id` names no application: it never registered, or its registration has ended.
    RegisterAgain,
    /// `redirect_uri` is not one of the registered ones.
    FixRedirectUri,
    /// The request breaks another rule, which the description names.
    FixRequest,
    /// The server is at fault.
    TellOperator,
}

page!(AuthorizationErrorPage, "authorization_error.html", Forms::None);

impl AuthorizationErrorPage {
    fn explanation(&self, l: &Layout) -> Sentence {
        match self.advice {
            Advice::RegisterAgain => l.say("authorization-error-unknown-client"),
            Advice::FixRedirectUri => l.say("authorization-error-redirect-uri"),
            Advice::FixRequest => l.say("authorization-error-request"),
            Advice::TellOperator => l.say("authorization-error-server"),
        }
    }

    fn advice_in_words(&self, l: &Layout) -> Sentence {
        match self.advice {
            Advice::RegisterAgain => l.say("advice-register-again"),
            Advice::FixRedirectUri => l.say("advice-fix-redirect-uri"),
            Advice::FixRequest => l.say("advice-fix-request"),
            Advice::TellOperator => l.say("advice-tell-operator"),
        }
    }
}

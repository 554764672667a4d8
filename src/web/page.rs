//! What do all pages share? The layout's data, how a page becomes HTML, and the headers that guard it.
//!
//! A handler fills one of the page structs and calls its `render`. The pages decide nothing and name no route: every
//! address a form posts to is given by the handler.

mod account;
mod authorization_error;
mod consent;
pub mod console;
mod form_post;
mod home;
mod login;
pub mod portal;
mod problem;
mod sign_in_link;
mod sign_out;

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::asset;
use super::shown::{Destination, Shown};
use super::text::{Language, Sentence};
use crate::secret;

pub use account::SelectAccountPage;
pub use authorization_error::{Advice, AuthorizationErrorPage};
pub use consent::{ConsentPage, Permission, PermissionGroup, Resource, Standing};
pub use form_post::FormPostPage;
pub use home::{HomePage, Visitor};
pub use login::{LoginPage, LoginProblem};
pub use problem::{ErrorPage, NotFoundPage, Problem};
pub use sign_in_link::{PasswordProblem, SignInLinkPage};
pub use sign_out::{SignOutPage, SignedOutPage};

/// What every page shows and needs besides its own content.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The tenant's name, at the top of the page and in its title.
    pub tenant: Shown,
    /// The language of all words.
    pub language: Language,
    /// The token of all forms against cross-site requests; opaque.
    pub csrf: String,
    /// The path in front of `/assets/`: empty, or the path of a server that does not live at its host's root.
    pub root: String,
}

impl Layout {
    fn say(&self, key: &'static str) -> Sentence {
        self.language.say(key)
    }

    fn stylesheet(&self) -> String {
        format!("{}{}{}", self.root, asset::FOLDER, asset::stylesheet().name)
    }
}

/// A page ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The document, UTF-8.
    pub html: String,
    /// The value of its `Content-Security-Policy`.
    pub content_security_policy: &'static str,
}

impl Rendered {
    /// The headers the document must be sent with, names in lower case.
    pub fn headers(&self) -> [(&'static str, &'static str); 7] {
        [
            ("content-type", "text/html; charset=utf-8"),
            ("content-security-policy", self.content_security_policy),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            OPENER_POLICY,
        ]
    }
}

/// An application may have opened the page in a window of its own and wait for it: cut off, it would think the window
/// was closed. Framing is refused all the same.
pub const OPENER_POLICY: (&str, &str) = ("cross-origin-opener-policy", "unsafe-none");

/// What the forms of a page may do, which is all that differs between the policies of our pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forms {
    /// The page has no form.
    None,
    /// Its form is answered here.
    Stay,
    /// Its form may end in a redirect to an application. Browsers apply `form-action` to redirects too, and cannot
    /// list the schemes applications claim (RFC 8252 §7.1): the policy leaves it out.
    Leave,
    /// It is posted to an application, which may redirect on; the one script we have submits it. What the form reaches
    /// is bounded by the scheme of the redirect URI.
    SubmitItself(Reach),
}

/// Where a form that submits itself may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Where TLS is.
    Https,
    /// On the person's own computer too, where there is none (RFC 8252 §7.3).
    Http,
    /// At an application that claimed a scheme: a policy cannot list those.
    Claimed,
}

/// The script of the form-post page. The policy names its hash, so nothing else runs.
pub const SUBMIT_SCRIPT: &str = "document.forms[0].submit()";

/// The `Content-Security-Policy` of a page: nothing but our stylesheet and images of our own, and no frame around it.
pub fn content_security_policy(forms: Forms) -> &'static str {
    const STRICT: &str =
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";
    static NONE: LazyLock<String> = LazyLock::new(|| format!("{STRICT}; form-action 'none'"));
    static STAY: LazyLock<String> = LazyLock::new(|| format!("{STRICT}; form-action 'self'"));
    static SUBMIT: LazyLock<[String; 3]> = LazyLock::new(|| {
        let hash = STANDARD.encode(secret::sha256(SUBMIT_SCRIPT.as_bytes()));
        let submit = |action: &str| format!("{STRICT}; script-src 'sha256-{hash}'{action}");
        [submit("; form-action https:"), submit("; form-action https: http:"), submit("")]
    });
    match forms {
        Forms::None => &NONE,
        Forms::Stay => &STAY,
        Forms::Leave => STRICT,
        Forms::SubmitItself(Reach::Https) => &SUBMIT[0],
        Forms::SubmitItself(Reach::Http) => &SUBMIT[1],
        Forms::SubmitItself(Reach::Claimed) => &SUBMIT[2],
    }
}

/// The application that sent the person here, as far as every page may tell.
#[derive(Clone, Debug)]
pub struct Application {
    /// The name it gave itself, if any; always shown in quotes.
    pub name: Option<Shown>,
    /// Where its answer goes.
    pub destination: Destination,
}

impl Application {
    fn initial(&self) -> String {
        self.name.as_ref().map_or_else(|| "?".to_owned(), Shown::initial)
    }

    fn quoted_name(&self, l: &Layout) -> Sentence {
        match self.known_name() {
            Some(name) => l.say("application-name").with("application", name),
            None => l.say("application-nameless"),
        }
    }

    fn known_name(&self) -> Option<&Shown> {
        self.name.as_ref().filter(|name| !name.is_empty())
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// The name, if it is known.
    pub name: Option<Shown>,
    /// The e-mail address the person signs in with.
    pub email: Shown,
}

impl Person {
    fn initial(&self) -> String {
        self.name.as_ref().unwrap_or(&self.email).initial()
    }
}

/// Words for a waiting time: seconds up to two minutes, then minutes, rounded up.
fn wait(language: Language, seconds: u32) -> Shown {
    let words = match seconds {
        0..=120 => language.say("wait-seconds").number("count", seconds),
        _ => language.say("wait-minutes").number("count", seconds.div_ceil(60)),
    };
    Shown::text(&words.plain())
}

/// Gives a page its `render`: the template it fills, and what its forms may do.
macro_rules! page {
    ($page:ident, $path:literal, by $forms:expr) => {
        const _: () = {
            #[derive(askama::Template)]
            #[template(path = $path)]
            struct View<'a> {
                l: &'a $crate::web::page::Layout,
                p: &'a $page,
            }

            impl $page {
                /// The page as HTML.
                ///
                /// # Errors
                /// When the template cannot be written to memory.
                pub fn render(
                    &self,
                    layout: &$crate::web::page::Layout,
                ) -> Result<$crate::web::page::Rendered, askama::Error> {
                    let html = askama::Template::render(&View { l: layout, p: self })?;
                    let forms: fn(&$page) -> $crate::web::page::Forms = $forms;
                    let content_security_policy = $crate::web::page::content_security_policy(forms(self));
                    Ok($crate::web::page::Rendered { html, content_security_policy })
                }
            }
        };
    };
    ($page:ident, $path:literal, $forms:expr) => {
        page!($page, $path, by | _ | $forms);
    };
}
use page;

#[cfg(test)]
mod tests;

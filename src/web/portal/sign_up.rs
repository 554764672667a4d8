//! Somebody becomes a developer (U5), in words. What is shown never says who has an account (s.L12).

use http::StatusCode;
use poem::{Response, handler};

use super::refusal::{Shortfall, page as refusal};
use super::visit::Early;
use crate::oidc::session::form_token::{Form, Shown as ShownForm};
use crate::oidc::session::password::LENGTH_MIN;
use crate::portal::developer::link::{self, For};
use crate::portal::developer::{self, SignUp};
use crate::portal::{Error, Rule, Wrong};
use crate::secret::Secret;
use crate::web::answer::{page_with, problem, see_other};
use crate::web::cookie::Browser;
use crate::web::form::{Pairs, field};
use crate::web::page::portal::account::{Message, MessagePage, Next, SignUpPage};
use crate::web::page::portal::{Done, Frame, Trouble};
use crate::web::routes;
use crate::web::shown::Shown;
use crate::web::visitor::Visitor;

/// The fewest characters of a password, for pages.
pub(super) fn length_min() -> u32 {
    u32::try_from(LENGTH_MIN).unwrap_or(u32::MAX)
}

/// A form of somebody who need not be signed in: bound to the browser, and to what it is about.
pub(super) struct Anonymous<'v> {
    pub visitor: &'v Visitor,
    browser: Browser,
    form: Form,
    about: String,
}

impl<'v> Anonymous<'v> {
    /// A form for this, about this link.
    pub fn new(visitor: &'v Visitor, form: Form, about: &str) -> Self {
        Self { visitor, browser: visitor.browser(), form, about: about.to_owned() }
    }

    /// Whether the form that came back is the one that was shown, and from here.
    pub fn is_ours(&self, pairs: &Pairs) -> bool {
        let token = field(pairs, "csrf").unwrap_or_default();
        let fits = self.shown(|form| form.fits(&self.visitor.app, &self.visitor.tenant, token));
        fits && !self.visitor.is_from_another_site()
    }

    /// The layout of its page.
    pub fn layout(&self) -> crate::web::page::Layout {
        let token = self.shown(|form| form.token(&self.visitor.app, &self.visitor.tenant));
        self.visitor.layout(None, token)
    }

    /// Its page.
    pub fn show(&self, status: StatusCode, drawn: Result<crate::web::page::Rendered, askama::Error>) -> Response {
        let mut response = page_with(status, drawn);
        self.browser.remember(&self.visitor.tenant, response.headers_mut());
        response
    }

    fn shown<T>(&self, work: impl FnOnce(ShownForm<'_>) -> T) -> T {
        let about = [self.about.as_str()];
        work(ShownForm { form: self.form, browser: self.browser.id(), session: None, about: &about })
    }
}

/// A refusal for its form, too many attempts among it; the answer for what no form shows.
pub(super) fn shortfall(visitor: &Visitor, error: Error, fields: &[&str]) -> Result<Shortfall, Early> {
    if let Error::NotNow { retry_after, cause: None } = error {
        let trouble = Trouble::Throttled { wait_seconds: u32::try_from(retry_after).unwrap_or(u32::MAX) };
        return Ok(Shortfall { status: StatusCode::TOO_MANY_REQUESTS, trouble, complaints: Vec::new() });
    }
    Shortfall::of(visitor.language(None), error, fields).map_err(|error| Box::new(refusal(visitor, &error)))
}

/// Something to read.
pub(super) fn message(visitor: &Visitor, status: StatusCode, message: Message, next: Next) -> Response {
    let page = MessagePage { frame: Frame::default(), message, next };
    page_with(status, page.render(&visitor.layout(None, String::new())))
}

/// The way to the login page.
pub(super) fn to_sign_in(visitor: &Visitor) -> Next {
    Next::SignIn(visitor.path(routes::LOGIN))
}

/// The page for a link that is spent, too old or none of ours.
pub(super) fn spent(visitor: &Visitor, next: Next) -> Response {
    message(visitor, StatusCode::BAD_REQUEST, Message::LinkSpent, next)
}

/// Whether a link was refused, and not what came with it.
pub(super) fn is_about_link(error: &Error) -> bool {
    let link = |wrong: &Wrong| wrong.field == "link" && wrong.rule == Rule::Unknown;
    matches!(error, Error::Invalid(wrong) if wrong.iter().any(link))
}

/// Asks who somebody is.
#[handler]
pub async fn ask(visitor: Visitor) -> Response {
    match is_open(&visitor) {
        Ok(()) => show(&Anonymous::new(&visitor, Form::SignUp, ""), "", "", None),
        Err(closed) => *closed,
    }
}

fn is_open(visitor: &Visitor) -> Result<(), Early> {
    match visitor.tenant.settings.portal.sign_up {
        true => Ok(()),
        false => Err(Box::new(message(visitor, StatusCode::FORBIDDEN, Message::SignUpClosed, to_sign_in(visitor)))),
    }
}

fn show(form: &Anonymous<'_>, name: &str, email: &str, shortfall: Option<Shortfall>) -> Response {
    let (status, trouble, complaints) = match shortfall {
        Some(shortfall) => (shortfall.status, Some(shortfall.trouble), shortfall.complaints),
        None => (StatusCode::OK, None, Vec::new()),
    };
    let domains = &form.visitor.tenant.settings.portal.sign_up_domains;
    let page = SignUpPage {
        frame: Frame { trouble, ..Frame::default() },
        action: form.visitor.path(routes::SIGN_UP),
        sign_in: form.visitor.path(routes::LOGIN),
        name: name.to_owned(),
        email: email.to_owned(),
        domains: Some(domains.join(", ")).filter(|domains| !domains.is_empty()).map(|domains| Shown::text(&domains)),
        length_min: length_min(),
        complaints,
    };
    form.show(status, page.render(&form.layout()))
}

/// Signs somebody up.
#[handler]
pub async fn sign_up(visitor: Visitor) -> Response {
    signed_up(&visitor).await.unwrap_or_else(|early| *early)
}

async fn signed_up(visitor: &Visitor) -> Result<Response, Early> {
    let pairs = visitor.form().map_err(|error| Box::new(problem(visitor, &error)))?;
    is_open(visitor)?;
    let form = Anonymous::new(visitor, Form::SignUp, "");
    let name = field(&pairs, "name").unwrap_or_default().trim();
    let email = field(&pairs, "email").unwrap_or_default().trim();
    if !form.is_ours(&pairs) {
        return Ok(show(&form, name, email, Some(Shortfall::stale())));
    }
    let wish = SignUp {
        email: email.to_owned(),
        name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        password: Secret::new(field(&pairs, "password").unwrap_or_default()),
        meta: None,
        from: visitor.arrival().address,
    };
    match developer::sign_up(&visitor.app, &visitor.tenant, wish).await {
        Ok(_) => Ok(see_other(visitor, &visitor.tenant.url(routes::SIGNED_UP))),
        Err(error) => {
            let shortfall = shortfall(visitor, error, &["name", "email", "password"])?;
            Ok(show(&form, name, email, Some(shortfall)))
        }
    }
}

/// Says what comes next: the same to everybody.
#[handler]
pub async fn what_next(visitor: Visitor) -> Response {
    let told = match visitor.tenant.settings.auto_approve.developers {
        true => Message::SignedUp,
        false => Message::SignedUpPending,
    };
    message(&visitor, StatusCode::OK, told, to_sign_in(&visitor))
}

/// Asks whether the address is to be proven. Looking does not spend the link: programs look at mails, too.
#[handler]
pub async fn look_at_link(visitor: Visitor) -> Response {
    let pairs = visitor.query().unwrap_or_default();
    let sent = field(&pairs, "link").unwrap_or_default();
    let person = link::open(&visitor.app, &visitor.tenant, &Secret::new(sent), For::VerifyEmail).await;
    let person = match person {
        Ok(person) => person,
        Err(error) if is_about_link(&error) => return spent(&visitor, to_sign_in(&visitor)),
        Err(error) => return refusal(&visitor, &error),
    };
    let form = Anonymous::new(&visitor, Form::VerifyEmail, sent);
    let page = MessagePage {
        frame: Frame::default(),
        message: Message::VerifyEmail(Shown::text(&person.email)),
        next: Next::Confirm { action: visitor.path(routes::VERIFY_EMAIL), link: sent.to_owned() },
    };
    form.show(StatusCode::OK, page.render(&form.layout()))
}

/// Spends the link.
#[handler]
pub async fn verify(visitor: Visitor) -> Response {
    verified(&visitor).await.unwrap_or_else(|early| *early)
}

async fn verified(visitor: &Visitor) -> Result<Response, Early> {
    let pairs = visitor.form().map_err(|error| Box::new(problem(visitor, &error)))?;
    let sent = field(&pairs, "link").unwrap_or_default();
    if !Anonymous::new(visitor, Form::VerifyEmail, sent).is_ours(&pairs) {
        return Err(Box::new(crate::web::answer::stale(visitor)));
    }
    match developer::verify_email(&visitor.app, &visitor.tenant, &Secret::new(sent)).await {
        // Whoever is signed in goes on at once; everybody else signs in first.
        Ok(_) => {
            let done = Done::EmailVerified.as_str();
            Ok(see_other(visitor, &visitor.tenant.url(&format!("{}?done={done}", routes::CATALOG))))
        }
        Err(error) if is_about_link(&error) => Ok(spent(visitor, to_sign_in(visitor))),
        Err(error) => Err(Box::new(refusal(visitor, &error))),
    }
}

//! The login page, in words (U1).

use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use poem::{Response, handler};

use super::answer::{page_with, problem, refuse, see_other, stale};
use super::authorization::{application, back_to};
use super::cookie::{Browser, Cookie, append};
use super::form::{Pairs, field};
use super::page::{LoginPage, LoginProblem};
use super::return_path::ReturnPath;
use super::routes;
use super::shown::Shown;
use super::visitor::Visitor;
use crate::oidc::authorization::advance::current;
use crate::oidc::authorization::in_flight::InFlight;
use crate::oidc::session::form_token::{Form, Shown as ShownForm};
use crate::oidc::session::sign_in::{Attempt, NotSignedIn, SignedIn, sign_in};
use crate::portal::application::welcome;
use crate::secret::Secret;

/// Shows the page: for a request, or for its own sake.
#[handler]
pub async fn login(visitor: Visitor) -> Response {
    let Ok(pairs) = visitor.query() else { return stale(&visitor) };
    let browser = visitor.browser();
    match Asked::read(&visitor, &pairs, &browser) {
        Some(asked) => asked.show(&visitor, &browser, None, None).await,
        None => stale(&visitor),
    }
}

/// Signs the person in, and records that.
#[handler]
pub async fn sign_in_now(visitor: Visitor) -> Response {
    let pairs = match visitor.form() {
        Ok(pairs) => pairs,
        Err(error) => return problem(&visitor, &error),
    };
    let browser = visitor.browser();
    let Some(asked) = Asked::read(&visitor, &pairs, &browser) else { return stale(&visitor) };
    let email = field(&pairs, "email").unwrap_or_default();
    let token = field(&pairs, "csrf").unwrap_or_default();
    let ours = asked.form(&browser, |form| form.fits(&visitor.app, &visitor.tenant, token));
    if !ours || visitor.is_from_another_site() {
        return asked.show(&visitor, &browser, Some(email), Some(LoginProblem::Stale)).await;
    }
    match attempt(&visitor, &pairs, email).await {
        Ok(signed_in) => asked.done(&visitor, signed_in).await,
        Err(NotSignedIn::Refused) => asked.show(&visitor, &browser, Some(email), Some(LoginProblem::Refused)).await,
        Err(NotSignedIn::Throttled { wait_seconds }) => {
            asked.show(&visitor, &browser, Some(email), Some(LoginProblem::Throttled { wait_seconds })).await
        }
        Err(NotSignedIn::Failed(error)) => problem(&visitor, &error),
    }
}

async fn attempt(visitor: &Visitor, pairs: &Pairs, email: &str) -> Result<SignedIn, NotSignedIn> {
    let password = Secret::new(field(pairs, "password").unwrap_or_default());
    let known_browser = visitor.cookie(Cookie::KnownBrowser);
    let previous = visitor.session().await?;
    let attempt = Attempt {
        email,
        password: &password,
        arrival: visitor.arrival(),
        known_browser: known_browser.as_ref(),
        previous: previous.as_ref(),
    };
    sign_in(&visitor.app, &visitor.tenant, attempt).await
}

/// Welcomes somebody who signed in, and hands out what the browser remembers of it.
pub async fn remember(visitor: &Visitor, response: &mut Response, signed_in: &SignedIn) {
    welcome(&visitor.app, &visitor.tenant, &signed_in.session.user).await;
    let headers = response.headers_mut();
    append(headers, Cookie::Session.set(&visitor.tenant, &signed_in.cookie));
    append(headers, Cookie::KnownBrowser.set(&visitor.tenant, &signed_in.known_browser));
}

/// What the login is for.
struct Asked {
    sealed: Option<String>,
    in_flight: Option<InFlight>,
    return_to: Option<ReturnPath>,
}

impl Asked {
    /// `None` for a request that is too old, or of another browser.
    fn read(visitor: &Visitor, pairs: &Pairs, browser: &Browser) -> Option<Self> {
        let Some(sealed) = field(pairs, "request").filter(|sealed| !sealed.is_empty()) else {
            let return_to = field(pairs, "return").and_then(|sent| ReturnPath::parse(&visitor.tenant, sent));
            return Some(Self { sealed: None, in_flight: None, return_to });
        };
        let in_flight = InFlight::open(&visitor.app, &visitor.tenant, sealed, Some(browser.id()))?;
        Some(Self { sealed: Some(sealed.to_owned()), in_flight: Some(in_flight), return_to: None })
    }

    /// The form is bound to the browser alone: whoever is signed in now, somebody else may sign in.
    fn form<T>(&self, browser: &Browser, work: impl FnOnce(ShownForm<'_>) -> T) -> T {
        let return_to = self.return_to.as_ref().map(ReturnPath::as_str);
        let about = [self.sealed.as_deref().or(return_to).unwrap_or_default()];
        work(ShownForm { form: Form::Login, browser: browser.id(), session: None, about: &about })
    }

    /// Where the form is sent. On the way to a page of ours it names no address: browsers send it to where they are, and
    /// take the fragment along that the page was asked for with (Fetch §4.4, HTML §4.10.22.3). On the way to an
    /// application it names one: what stood behind a `#` must not arrive there as if it were our answer.
    fn action(&self, visitor: &Visitor) -> String {
        if self.return_to.is_some() { String::new() } else { visitor.path(routes::LOGIN) }
    }

    async fn show(
        &self,
        visitor: &Visitor,
        browser: &Browser,
        email: Option<&str>,
        problem: Option<LoginProblem>,
    ) -> Response {
        let request = self.in_flight.as_ref().map(|in_flight| &in_flight.request);
        let ui_locales = request.and_then(|request| request.ui_locales.as_deref());
        let application = match request {
            Some(request) => {
                visitor.note_client(&request.client_id);
                match current(&visitor.app, &visitor.tenant, request).await {
                    Ok(current) => Some(application(&current, ui_locales)),
                    Err(error) => return refuse(visitor, error, ui_locales),
                }
            }
            None => None,
        };
        let hint = request.and_then(|request| request.login_hint.as_deref());
        let page = LoginPage {
            action: self.action(visitor),
            request: self.sealed.clone(),
            return_to: self.return_to.as_ref().map(|page| page.as_str().to_owned()),
            application,
            email: email.or(hint).map(Shown::text),
            problem,
            sign_in_link: None,
            forgot_password: Some(visitor.path(routes::FORGOT_PASSWORD)),
            sign_up: visitor.tenant.settings.portal.sign_up.then(|| visitor.path(routes::SIGN_UP)),
        };
        let token = self.form(browser, |form| form.token(&visitor.app, &visitor.tenant));
        let drawn = page.render(&visitor.layout(ui_locales, token));
        let mut response = page_with(status(problem), drawn);
        if let Some(LoginProblem::Throttled { wait_seconds }) = problem {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait_seconds));
        }
        browser.remember(&visitor.tenant, response.headers_mut());
        response
    }

    async fn done(self, visitor: &Visitor, signed_in: SignedIn) -> Response {
        let session = signed_in.session.row.id;
        let mut response = match self.in_flight {
            Some(in_flight) => back_to(visitor, &in_flight.with(|facts| facts.signed_in = Some(session))),
            None => {
                let page = self.return_to.as_ref().map_or(routes::HOME, ReturnPath::as_str);
                see_other(visitor, &visitor.tenant.url(page))
            }
        };
        remember(visitor, &mut response, &signed_in).await;
        response
    }
}

fn status(problem: Option<LoginProblem>) -> StatusCode {
    match problem {
        None => StatusCode::OK,
        Some(LoginProblem::Throttled { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(LoginProblem::Refused | LoginProblem::Stale) => StatusCode::BAD_REQUEST,
    }
}

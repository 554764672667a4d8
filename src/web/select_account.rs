//! The choice of an account, in words.

use poem::{Response, handler};

use super::answer::{page, problem, refuse, stale};
use super::authorization::{application, back_to};
use super::cookie::Browser;
use super::form::{Pairs, field};
use super::page::SelectAccountPage;
use super::routes;
use super::visitor::{Visitor, person};
use crate::oidc::authorization::advance::current;
use crate::oidc::authorization::in_flight::InFlight;
use crate::oidc::session::Session;
use crate::oidc::session::form_token::{Form, Shown};

/// A page of somebody who is signed in, about a request of this browser.
pub(super) struct Asked {
    /// As it travels.
    pub sealed: String,
    /// What it says.
    pub in_flight: InFlight,
    /// Who is signed in.
    pub session: Session,
    /// Where.
    pub browser: Browser,
}

impl Asked {
    /// # Errors
    /// The answer, if there is no such request or nobody is signed in.
    pub(super) async fn read(visitor: &Visitor, pairs: &Pairs) -> Result<Self, Box<Response>> {
        let browser = visitor.browser();
        let sealed = field(pairs, "request").unwrap_or_default();
        let opened = InFlight::open(&visitor.app, &visitor.tenant, sealed, Some(browser.id()));
        let in_flight = opened.ok_or_else(|| Box::new(stale(visitor)))?;
        visitor.note_client(&in_flight.request.client_id);
        match visitor.session().await {
            Ok(Some(session)) => Ok(Self { sealed: sealed.to_owned(), in_flight, session, browser }),
            Ok(None) => Err(Box::new(back_to(visitor, &in_flight))),
            Err(error) => Err(Box::new(problem(visitor, &error))),
        }
    }

    /// The form that is shown, or came back.
    pub(super) fn form<'a>(&'a self, form: Form, about: &'a [&'a str]) -> Shown<'a> {
        Shown { form, browser: self.browser.id(), session: Some(&self.session), about }
    }

    /// Whether the form that came back is the one that was shown, and from here.
    pub(super) fn is_ours(&self, visitor: &Visitor, pairs: &Pairs, form: Form, about: &[&str]) -> bool {
        let token = field(pairs, "csrf").unwrap_or_default();
        let shown = Shown { form, browser: self.browser.id(), session: Some(&self.session), about };
        shown.fits(&visitor.app, &visitor.tenant, token) && !visitor.is_from_another_site()
    }
}

/// Shows the page.
#[handler]
pub async fn select_account(visitor: Visitor) -> Response {
    let pairs = match visitor.query() {
        Ok(pairs) => pairs,
        Err(error) => return problem(&visitor, &error),
    };
    let asked = match Asked::read(&visitor, &pairs).await {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    let request = &asked.in_flight.request;
    let ui_locales = request.ui_locales.as_deref();
    let current = match current(&visitor.app, &visitor.tenant, request).await {
        Ok(current) => current,
        Err(error) => return refuse(&visitor, error, ui_locales),
    };
    let shown = SelectAccountPage {
        action: visitor.path(routes::SELECT_ACCOUNT),
        request: asked.sealed.clone(),
        application: application(&current, ui_locales),
        user: person(&asked.session),
    };
    let token = asked.form(Form::SelectAccount, &[&asked.sealed]).token(&visitor.app, &visitor.tenant);
    page(shown.render(&visitor.layout(ui_locales, token)))
}

/// Records the choice.
#[handler]
pub async fn choose(visitor: Visitor) -> Response {
    let pairs = match visitor.form() {
        Ok(pairs) => pairs,
        Err(error) => return problem(&visitor, &error),
    };
    let asked = match Asked::read(&visitor, &pairs).await {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    if !asked.is_ours(&visitor, &pairs, Form::SelectAccount, &[&asked.sealed]) {
        return stale(&visitor);
    }
    let session = Some(asked.session.row.id);
    match field(&pairs, "decision") {
        Some("continue") => back_to(&visitor, &asked.in_flight.with(|facts| facts.chosen = session)),
        Some("other_account") => back_to(&visitor, &asked.in_flight.with(|facts| facts.unwanted = session)),
        _ => stale(&visitor),
    }
}

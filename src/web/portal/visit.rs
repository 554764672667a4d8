//! Who comes to a page of the portal, and may they? Whoever is not signed in signs in first and comes back (K5); whoever
//! is no approved developer sees why the portal is closed to them (U7), but has an account all the same (U9, U10).

use entity::user::Role;
use http::StatusCode;
use poem::Response;
use url::form_urlencoded;

use crate::oidc::session::Session;
use crate::oidc::session::form_token::{Form, Shown as ShownForm};
use crate::portal::{Actor, Error};
use crate::web::answer::{page_with, problem, problem_page, see_other};
use crate::web::cookie::Browser;
use crate::web::form::{Pairs, field};
use crate::web::page::portal::{Done, Frame, Place, PlaceKind, Standing, StatusPage, Trouble};
use crate::web::page::{Layout, Problem, Rendered};
use crate::web::routes;
use crate::web::shown::{Shown, WebLink};
use crate::web::visitor::Visitor;

/// An approved developer on a page of the portal, or anybody on a page of their own account.
pub(super) struct Guest<'v> {
    pub visitor: &'v Visitor,
    pub actor: Actor,
    pub session: Session,
    browser: Browser,
}

/// An answer that ends a handler early.
pub(super) type Early = Box<Response>;

impl<'v> Guest<'v> {
    /// Reads who is there, and whether the portal is open to them.
    ///
    /// # Errors
    /// The answer, for whoever is not let in.
    pub async fn enter(visitor: &'v Visitor) -> Result<Self, Early> {
        let guest = Self::enter_account(visitor).await?;
        match guest.shut_out() {
            Some(standing) => Err(Box::new(closed(visitor, standing))),
            None => Ok(guest),
        }
    }

    /// Reads who is there, whoever it is: an account is everybody's own.
    ///
    /// # Errors
    /// The answer, for whoever is not signed in.
    pub async fn enter_account(visitor: &'v Visitor) -> Result<Self, Early> {
        let session = match visitor.session().await {
            Ok(Some(session)) => session,
            Ok(None) => return Err(Box::new(sign_in_first(visitor))),
            Err(error) => return Err(Box::new(problem(visitor, &error))),
        };
        let actor = Actor::person(session.user.clone());
        Ok(Self { visitor, actor, browser: visitor.browser(), session })
    }

    fn shut_out(&self) -> Option<Standing> {
        match self.session.user.role {
            Role::User => Some(Standing::NoDeveloper),
            _ => Standing::of(self.session.user.approval),
        }
    }

    /// As [`Guest::enter`], with the form they sent: one of ours, shown to this very browser and session (s.B10).
    ///
    /// # Errors
    /// The answer, for whoever is not let in and for a form that is not ours.
    pub async fn enter_with_form(visitor: &'v Visitor) -> Result<(Self, Pairs), Early> {
        Self::enter(visitor).await?.with_form()
    }

    /// As [`Guest::enter_account`], with the form they sent.
    ///
    /// # Errors
    /// As [`Guest::enter_with_form`].
    pub async fn enter_account_with_form(visitor: &'v Visitor) -> Result<(Self, Pairs), Early> {
        Self::enter_account(visitor).await?.with_form()
    }

    fn with_form(self) -> Result<(Self, Pairs), Early> {
        let visitor = self.visitor;
        let pairs = visitor.form().map_err(|error| Box::new(problem(visitor, &error)))?;
        let token = field(&pairs, "csrf").unwrap_or_default();
        if visitor.is_from_another_site() || !self.form().fits(&visitor.app, &visitor.tenant, token) {
            return Err(Box::new(problem_page(visitor, StatusCode::FORBIDDEN, Problem::Stale)));
        }
        Ok((self, pairs))
    }

    fn form(&self) -> ShownForm<'_> {
        ShownForm { form: Form::Portal, browser: self.browser.id(), session: Some(&self.session), about: &[] }
    }

    /// What all pages show, with the token of the forms.
    pub fn layout(&self) -> Layout {
        let token = self.form().token(&self.visitor.app, &self.visitor.tenant);
        self.visitor.layout(None, token)
    }

    /// What stands around a page of this part of the portal; what just happened is in the query.
    pub fn frame(&self, here: PlaceKind, trouble: Option<Trouble>) -> Frame {
        let place = |kind, path| Place { address: self.visitor.path(path), kind, is_here: kind == here };
        let mut places = Vec::new();
        if self.shut_out().is_none() {
            places.push(place(PlaceKind::Catalog, routes::CATALOG));
            places.push(place(PlaceKind::Applications, routes::APPLICATIONS));
            places.push(place(PlaceKind::Tokens, routes::TOKENS));
            if self.actor.role() >= Role::Publisher {
                places.push(place(PlaceKind::Console, routes::CONSOLE));
            }
        }
        places.push(place(PlaceKind::Agreed, routes::AGREED));
        places.push(place(PlaceKind::Account, routes::ACCOUNT));
        let pairs = self.visitor.query().unwrap_or_default();
        let done = field(&pairs, "done").and_then(Done::parse).filter(|_| trouble.is_none());
        Frame { places, done, trouble }
    }

    /// A page, with the cookie that the token of its forms is bound to.
    pub fn show(&self, status: StatusCode, drawn: Result<Rendered, askama::Error>) -> Response {
        let mut response = page_with(status, drawn);
        self.browser.remember(&self.visitor.tenant, response.headers_mut());
        response
    }

    /// To another page of ours.
    pub fn go(&self, path: &str) -> Response {
        see_other(self.visitor, &self.visitor.tenant.url(path))
    }

    /// To another page of ours, which tells what just happened.
    pub fn go_and_tell(&self, path: &str, done: Done) -> Response {
        self.go(&format!("{path}?done={}", done.as_str()))
    }

    /// The page for what no form can show.
    pub fn refuse(&self, error: &Error) -> Response {
        super::refusal::page(self.visitor, error)
    }
}

/// To the login page, and back: to the page that was asked for, or for a form to the catalog.
fn sign_in_first(visitor: &Visitor) -> Response {
    let wanted = visitor.wanted().unwrap_or_else(|| routes::CATALOG.to_owned());
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("return", &wanted).finish();
    see_other(visitor, &format!("{}?{query}", visitor.tenant.url(routes::LOGIN)))
}

/// Why the portal is closed to somebody who is signed in.
pub(super) fn closed(visitor: &Visitor, standing: Standing) -> Response {
    let about = &visitor.tenant.settings.about;
    let shown = StatusPage {
        frame: Frame::default(),
        standing,
        support_email: about.support_email.as_deref().map(Shown::text),
        support: about.support_url.as_deref().and_then(WebLink::to),
        home: visitor.path(routes::HOME),
    };
    page_with(StatusCode::FORBIDDEN, shown.render(&visitor.layout(None, String::new())))
}

//! Who comes to a page of the portal, and may they? Whoever is not signed in signs in first and comes back (K5); whoever
//! is no approved developer sees why the portal is closed to them (U7).

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

/// An approved developer, on a page of the portal.
pub(super) struct Guest<'v> {
    pub visitor: &'v Visitor,
    pub actor: Actor,
    browser: Browser,
    session: Session,
}

/// An answer that ends a handler early.
pub(super) type Early = Box<Response>;

impl<'v> Guest<'v> {
    /// Reads who is there.
    ///
    /// # Errors
    /// The answer, for whoever is not let in.
    pub async fn enter(visitor: &'v Visitor) -> Result<Self, Early> {
        let session = match visitor.session().await {
            Ok(Some(session)) => session,
            Ok(None) => return Err(Box::new(sign_in_first(visitor))),
            Err(error) => return Err(Box::new(problem(visitor, &error))),
        };
        let user = &session.user;
        let standing = match user.role {
            Role::User => Some(Standing::NoDeveloper),
            _ => Standing::of(user.approval),
        };
        if let Some(standing) = standing {
            return Err(Box::new(closed(visitor, standing)));
        }
        let actor = Actor::person(user.clone());
        Ok(Self { visitor, actor, browser: visitor.browser(), session })
    }

    /// As [`Guest::enter`], with the form they sent: one of ours, shown to this very browser and session (s.B10).
    ///
    /// # Errors
    /// The answer, for whoever is not let in and for a form that is not ours.
    pub async fn enter_with_form(visitor: &'v Visitor) -> Result<(Self, Pairs), Early> {
        let guest = Self::enter(visitor).await?;
        let pairs = visitor.form().map_err(|error| Box::new(problem(visitor, &error)))?;
        let token = field(&pairs, "csrf").unwrap_or_default();
        if visitor.is_from_another_site() || !guest.form().fits(&visitor.app, &visitor.tenant, token) {
            return Err(Box::new(problem_page(visitor, StatusCode::FORBIDDEN, Problem::Stale)));
        }
        Ok((guest, pairs))
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
        let mut places = vec![
            place(PlaceKind::Catalog, routes::CATALOG),
            place(PlaceKind::Applications, routes::APPLICATIONS),
            place(PlaceKind::Tokens, routes::TOKENS),
        ];
        if self.actor.role() >= Role::Publisher {
            places.push(place(PlaceKind::Console, routes::CONSOLE));
        }
        places.push(place(PlaceKind::Account, routes::HOME));
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

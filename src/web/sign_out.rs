//! Signing out, in words (OpenID Connect RP-Initiated Logout §2).

use poem::{Response, handler};
use url::form_urlencoded;

use super::answer::{page, problem, see_other, show, stale};
use super::cookie::{Browser, Cookie, append};
use super::form::{Pairs, field};
use super::page::{SignOutPage, SignedOutPage};
use super::routes;
use super::shown::Shown;
use super::visitor::{Visitor, person};
use crate::oidc::Error;
use crate::oidc::endpoint::END_SESSION;
use crate::oidc::session::form_token::{Form, Shown as ShownForm};
use crate::oidc::session::sign_out::{Confirmation, SignOut, SignOutRequest, read};
use crate::oidc::session::{Session, session};

/// A logout request: the person is asked, unless the client proves that it knows the session.
#[handler]
pub async fn ask(visitor: Visitor) -> Response {
    let pairs = match visitor.query() {
        Ok(pairs) => pairs,
        Err(error) => return problem(&visitor, &error),
    };
    let ui_locales = field(&pairs, "ui_locales");
    match asked(&visitor, &pairs).await {
        Ok(response) => response,
        Err(error) => show(&visitor, &error, ui_locales),
    }
}

async fn asked(visitor: &Visitor, pairs: &Pairs) -> Result<Response, Error> {
    let asked = read(&visitor.app, &visitor.tenant, pairs).await?;
    let Some(session) = visitor.session().await? else { return leave(visitor, &asked.request).await };
    if asked.confirmation(&session) == Confirmation::NotNeeded {
        return end(visitor, &session, &asked.request).await;
    }
    Ok(confirm(visitor, &session, &asked))
}

fn confirm(visitor: &Visitor, session: &Session, asked: &SignOut) -> Response {
    let browser = visitor.browser();
    let sealed = asked.request.seal(&visitor.app, &visitor.tenant);
    let ui_locales = asked.ui_locales.as_deref();
    let locales: Vec<&str> = ui_locales.unwrap_or_default().split(' ').take(16).filter(|tag| !tag.is_empty()).collect();
    let shown = SignOutPage {
        action: visitor.path(END_SESSION),
        application: asked.client.as_ref().and_then(|client| client.metadata.name(&locales)).map(Shown::name),
        user: person(session),
        request: Some(sealed.clone()),
    };
    let token = token(visitor, &browser, session, &sealed);
    let mut response = page(shown.render(&visitor.layout(ui_locales, token)));
    browser.remember(&visitor.tenant, response.headers_mut());
    response
}

/// The token of a form that signs out; `sealed` is empty for the one of the landing page.
pub(super) fn token(visitor: &Visitor, browser: &Browser, session: &Session, sealed: &str) -> String {
    form(browser, session, &[sealed]).token(&visitor.app, &visitor.tenant)
}

fn form<'a>(browser: &'a Browser, session: &'a Session, about: &'a [&'a str]) -> ShownForm<'a> {
    ShownForm { form: Form::SignOut, browser: browser.id(), session: Some(session), about }
}

/// A confirmation of ours, or a logout request of a client in a form. The latter comes from another site and without
/// our cookies: it goes on as a GET, to which the browser adds them.
#[handler]
pub async fn post(visitor: Visitor) -> Response {
    let pairs = match visitor.form() {
        Ok(pairs) => pairs,
        Err(error) => return problem(&visitor, &error),
    };
    let Some(token) = field(&pairs, "csrf") else {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        return see_other(&visitor, &format!("{}?{query}", visitor.tenant.url(END_SESSION)));
    };
    decided(&visitor, &pairs, token).await.unwrap_or_else(|error| problem(&visitor, &error))
}

async fn decided(visitor: &Visitor, pairs: &Pairs, token: &str) -> Result<Response, Error> {
    let sealed = field(pairs, "request").unwrap_or_default();
    let request = match sealed {
        "" => Some(SignOutRequest::default()),
        sealed => SignOutRequest::open(&visitor.app, &visitor.tenant, sealed),
    };
    let Some(request) = request else { return Ok(stale(visitor)) };
    let Some(session) = visitor.session().await? else { return leave(visitor, &request).await };
    let browser = visitor.browser();
    let ours = form(&browser, &session, &[sealed]).fits(&visitor.app, &visitor.tenant, token);
    if !ours || visitor.is_from_another_site() {
        return Ok(stale(visitor));
    }
    match field(pairs, "decision") {
        Some("stay") => Ok(see_other(visitor, &visitor.tenant.url(routes::HOME))),
        _ => end(visitor, &session, &request).await,
    }
}

async fn end(visitor: &Visitor, ended: &Session, request: &SignOutRequest) -> Result<Response, Error> {
    session::end(&visitor.app, ended, &visitor.arrival()).await?;
    leave(visitor, request).await
}

/// Nobody is signed in any more: to where the client wants, or to our own last page.
async fn leave(visitor: &Visitor, request: &SignOutRequest) -> Result<Response, Error> {
    let back = request.way_back(&visitor.app, &visitor.tenant).await?;
    let address = back.unwrap_or_else(|| visitor.tenant.url(routes::SIGNED_OUT));
    let mut response = see_other(visitor, &address);
    // A form of another site comes without our cookies (SameSite): it must not be able to take them away (s.O3).
    if visitor.cookie(Cookie::Session).is_some() {
        append(response.headers_mut(), Cookie::Session.forget(&visitor.tenant));
    }
    Ok(response)
}

/// Says that nobody is signed in any more.
#[handler]
pub async fn signed_out(visitor: Visitor) -> Response {
    let shown = SignedOutPage { sign_in: visitor.path(routes::LOGIN) };
    page(shown.render(&visitor.layout(None, String::new())))
}

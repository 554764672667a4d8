//! The authorization endpoint, in words (RFC 6749 §3.1, OpenID Connect Core §3.1.2).

use poem::{Response, handler};

use super::answer::{refuse, see_other, send, show, stale};
use super::form::field;
use super::page::Application;
use super::routes;
use super::shown::{Destination, Shown};
use super::visitor::Visitor;
use crate::oidc::authorization::advance::{Current, Next, Page, advance};
use crate::oidc::authorization::in_flight::InFlight;
use crate::oidc::authorization::request;

/// A request in the query.
#[handler]
pub async fn ask(visitor: Visitor) -> Response {
    let visitor = &visitor;
    let pairs = match visitor.query() {
        Ok(pairs) => pairs,
        Err(error) => return show(visitor, &error, None),
    };
    let ui_locales = field(&pairs, "ui_locales");
    let request = match request::read(&visitor.app, &visitor.tenant, &pairs).await {
        Ok(request) => request,
        Err(error) => return refuse(visitor, error, ui_locales),
    };
    let browser = visitor.browser();
    let in_flight = InFlight::begin(&visitor.app, request, browser.id());
    go_on(visitor, &in_flight, &browser).await
}

/// A request in a form. It may come from another site, and then without any cookie of ours (SameSite): the next step is
/// a GET, to which the browser adds them.
#[handler]
pub async fn ask_by_form(visitor: Visitor) -> Response {
    let visitor = &visitor;
    let pairs = match visitor.form() {
        Ok(pairs) => pairs,
        Err(error) => return show(visitor, &error, None),
    };
    let ui_locales = field(&pairs, "ui_locales");
    match request::read(&visitor.app, &visitor.tenant, &pairs).await {
        Ok(request) => back_to(visitor, &InFlight::posted(&visitor.app, request)),
        Err(error) => refuse(visitor, error, ui_locales),
    }
}

/// Goes on with a request after a page recorded a fact.
#[handler]
pub async fn go_on_with(visitor: Visitor) -> Response {
    let browser = visitor.browser();
    let opened = visitor
        .query()
        .ok()
        .and_then(|pairs| InFlight::adopt(&visitor.app, &visitor.tenant, field(&pairs, "request")?, browser.id()));
    match opened {
        Some(in_flight) => go_on(&visitor, &in_flight, &browser).await,
        None => stale(&visitor),
    }
}

async fn go_on(visitor: &Visitor, in_flight: &InFlight, browser: &super::cookie::Browser) -> Response {
    visitor.note_client(&in_flight.request.client_id);
    let ui_locales = in_flight.request.ui_locales.as_deref();
    let session = match visitor.session().await {
        Ok(session) => session,
        Err(error) => return show(visitor, &error, ui_locales),
    };
    let next = advance(&visitor.app, &visitor.tenant, in_flight, session.as_ref()).await;
    let page = match next {
        Ok(Next::Answer(answer)) => return send(visitor, answer, ui_locales),
        Ok(Next::Page(page)) => page,
        Err(error) => return refuse(visitor, error, ui_locales),
    };
    let path = match page {
        Page::Login => routes::LOGIN,
        Page::SelectAccount => routes::SELECT_ACCOUNT,
        Page::Consent => routes::CONSENT,
    };
    let mut response = see_other(visitor, &address(visitor, path, in_flight));
    browser.remember(&visitor.tenant, response.headers_mut());
    response
}

/// Back to the one place that knows what comes next.
pub fn back_to(visitor: &Visitor, in_flight: &InFlight) -> Response {
    see_other(visitor, &address(visitor, routes::CONTINUE, in_flight))
}

fn address(visitor: &Visitor, path: &str, in_flight: &InFlight) -> String {
    let sealed = in_flight.seal(&visitor.app, &visitor.tenant);
    format!("{}?request={sealed}", visitor.tenant.url(path))
}

/// The application behind a request, as pages show it.
pub fn application(current: &Current, ui_locales: Option<&str>) -> Application {
    let locales: Vec<&str> = ui_locales.unwrap_or_default().split(' ').filter(|tag| !tag.is_empty()).collect();
    let to = current.back.to.as_str();
    Application {
        name: current.client.metadata.name(&locales).map(Shown::name),
        destination: Destination::of(to).unwrap_or_else(|| Destination::Scheme(Shown::text(to))),
    }
}

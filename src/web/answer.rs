//! How does an outcome become an answer to a browser?

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use poem::Response;
use serde_json::json;

use super::page::{self, Advice, AuthorizationErrorPage, ErrorPage, FormPostPage, Problem, Rendered};
use super::shown::{Destination, Shown};
use super::visitor::Visitor;
use crate::oidc::authorization::{Answer, AuthorizeError};
use crate::oidc::{Code, Error};

/// What a template could not do.
type Drawn = Result<Rendered, askama::Error>;

/// A page.
pub fn page(drawn: Drawn) -> Response {
    page_with(StatusCode::OK, drawn)
}

/// A page with another status.
pub fn page_with(status: StatusCode, drawn: Drawn) -> Response {
    let Ok(rendered) = drawn else {
        tracing::error!("a template could not be written");
        return Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR).finish();
    };
    let headers = rendered.headers();
    let mut response = Response::from(Bytes::from(rendered.html));
    response.set_status(status);
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// To another address, with GET whatever the method was (s.A34).
pub fn see_other(visitor: &Visitor, address: &str) -> Response {
    let Ok(location) = HeaderValue::try_from(address) else {
        let cause = std::io::Error::other("an address cannot stand in a header");
        return problem(visitor, &Error::internal(cause));
    };
    let mut response = Response::builder().status(StatusCode::SEE_OTHER).finish();
    response.headers_mut().insert(LOCATION, location);
    response.headers_mut().insert(page::OPENER_POLICY.0, HeaderValue::from_static(page::OPENER_POLICY.1));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Sends an answer to its client.
pub fn send(visitor: &Visitor, answer: Answer, ui_locales: Option<&str>) -> Response {
    match answer {
        Answer::Redirect(address) => see_other(visitor, &address),
        Answer::FormPost { action, fields } => {
            let destination = Destination::of(&action).unwrap_or_else(|| Destination::Scheme(Shown::text(&action)));
            let layout = visitor.layout(ui_locales, String::new());
            page(FormPostPage { action, destination, fields }.render(&layout))
        }
    }
}

/// Tells of a refusal, to whom it may be told.
pub fn refuse(visitor: &Visitor, error: AuthorizeError, ui_locales: Option<&str>) -> Response {
    match error {
        AuthorizeError::Redirect { back, error } => send(visitor, back.refuse(&visitor.tenant, &error), ui_locales),
        AuthorizeError::Show(error) => show(visitor, &error, ui_locales),
    }
}

/// Shows a refusal: a page, or JSON to who prefers it (E10). Never a redirect.
pub fn show(visitor: &Visitor, error: &Error, ui_locales: Option<&str>) -> Response {
    log(visitor, error);
    if visitor.prefers_json() {
        return in_json(visitor, error);
    }
    let advice = match error.code {
        Code::InvalidClient => Advice::RegisterAgain,
        Code::InvalidRedirectUri => Advice::FixRedirectUri,
        Code::ServerError | Code::TemporarilyUnavailable => Advice::TellOperator,
        _ => Advice::FixRequest,
    };
    let shown = AuthorizationErrorPage {
        code: error.code,
        description: Shown::text(&error.description),
        advice,
        request_id: Shown::text(visitor.request_id()),
    };
    let response = page_with(status(error), shown.render(&visitor.layout(ui_locales, String::new())));
    with_retry_after(response, error)
}

/// Tells a person why one of our own pages cannot be shown.
pub fn problem(visitor: &Visitor, error: &Error) -> Response {
    log(visitor, error);
    if visitor.prefers_json() {
        return in_json(visitor, error);
    }
    let problem = match error.code {
        Code::TooManyRequests => Problem::TooManyRequests { wait_seconds: error.retry_after.unwrap_or(1) },
        Code::TemporarilyUnavailable => Problem::Unavailable,
        Code::ServerError => Problem::Failed,
        _ => Problem::Unreadable,
    };
    with_retry_after(problem_page(visitor, status(error), problem), error)
}

/// A request or form that was open too long, or began in another browser.
pub fn stale(visitor: &Visitor) -> Response {
    problem_page(visitor, StatusCode::BAD_REQUEST, Problem::Stale)
}

/// A page that says what the problem is.
pub fn problem_page(visitor: &Visitor, status: StatusCode, problem: Problem) -> Response {
    let request_id = Some(Shown::text(visitor.request_id()));
    let shown = ErrorPage { problem, request_id, retry: None };
    page_with(status, shown.render(&visitor.layout(None, String::new())))
}

/// Nobody authenticates at a page, so nobody is told to (RFC 9110 §15.5.2).
fn status(error: &Error) -> StatusCode {
    match StatusCode::from_u16(error.code.status()) {
        Ok(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => StatusCode::BAD_REQUEST,
        Ok(status) => status,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn in_json(visitor: &Visitor, error: &Error) -> Response {
    let body = json!({
        "error": error.code.as_str(),
        "error_description": error.description,
        "request_id": visitor.request_id(),
    });
    let mut response = Response::from(Bytes::from(body.to_string()));
    response.set_status(status(error));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    with_retry_after(response, error)
}

fn with_retry_after(mut response: Response, error: &Error) -> Response {
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn log(visitor: &Visitor, error: &Error) {
    if let Some(cause) = &error.cause {
        tracing::error!(request_id = visitor.request_id(), %cause, "a page failed");
    }
}

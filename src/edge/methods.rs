//! What is said when no handler answers? 404, 405 and the framework's own refusals, in the OAuth shape.

use std::borrow::Cow;

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use poem::Response;
use poem::error::{
    MethodNotAllowedError, NotFoundError, ParseFormError, ParseJsonError, ParsePathError, ParseQueryError,
    ReadBodyError,
};
use poem_openapi::error as openapi;

use crate::edge::answer::refusal;
use crate::edge::cors::{self, Audience};
use crate::edge::routes::{Route, Speller};
use crate::oidc::error::Violation;
use crate::oidc::{Code, Error};

/// What the door answers by itself because of the method; `None` lets the request through.
///
/// `OPTIONS` never reaches a handler and so is never authenticated. `TRACE` and `CONNECT` are refused everywhere (s.X8).
pub fn answer(method: &Method, route: Option<&Route>, request_id: &str) -> Option<Response> {
    let never = *method == Method::TRACE || *method == Method::CONNECT;
    let Some(route) = route else {
        let all = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
        return never.then(|| not_allowed(&all, refusal, request_id));
    };
    if *method == Method::OPTIONS {
        let mut response = Response::from(StatusCode::NO_CONTENT);
        response.headers_mut().insert(ALLOW, route.allow().clone());
        if route.audience() == Audience::Public {
            cors::invite(response.headers_mut());
        }
        return Some(response);
    }
    if !route.exists() {
        return Some(route.speller()(&by_status(StatusCode::NOT_FOUND), request_id));
    }
    (never || !route.takes(method)).then(|| not_allowed(route.allow(), route.speller(), request_id))
}

fn not_allowed(allow: &HeaderValue, speller: Speller, request_id: &str) -> Response {
    let methods = allow.to_str().unwrap_or_default();
    let error = Error::new(Code::MethodNotAllowed, format!("this address takes {methods}"));
    let mut response = speller(&error, request_id);
    response.headers_mut().insert(ALLOW, allow.clone());
    response
}

/// Turns an error that reached the door into an answer. Errors that bring an answer of their own keep it; the
/// framework's get fixed texts, because its own quote the caller and name our types.
pub fn spelled(error: poem::Error, request_id: &str, speller: Speller) -> Response {
    if error.is_from_response() {
        return error.into_response();
    }
    let status = error.status();
    if !status.is_server_error()
        && let Some(known) = framework_error(&error)
    {
        return answered(status, &known, request_id, speller);
    }
    let cause = error.to_string();
    let response = error.into_response();
    let kind = response.headers().get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    // What a dialect spelled says that it is not to be kept; what the framework says does not.
    let is_spelled = response.headers().contains_key(CACHE_CONTROL);
    if !kind.is_empty() && (is_spelled || !kind.starts_with(b"text/plain")) {
        return response;
    }
    if status.is_server_error() {
        tracing::error!(request_id, cause, "a request failed");
    }
    answered(status, &by_status(status), request_id, speller)
}

fn answered(status: StatusCode, error: &Error, request_id: &str, speller: Speller) -> Response {
    let mut response = speller(error, request_id);
    response.set_status(status);
    if status == StatusCode::UNAUTHORIZED && !response.headers().contains_key(WWW_AUTHENTICATE) {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn framework_error(error: &poem::Error) -> Option<Error> {
    let bad = |text: &'static str| Some(Error::new(Code::InvalidRequest, text));
    if error.is::<NotFoundError>() {
        return Some(by_status(StatusCode::NOT_FOUND));
    }
    if error.is::<MethodNotAllowedError>() {
        return Some(by_status(StatusCode::METHOD_NOT_ALLOWED));
    }
    if let Some(refused) = error.downcast_ref::<openapi::ContentTypeError>() {
        let text = match refused {
            openapi::ContentTypeError::NotSupported { .. } => "the Content-Type of the body is not taken here",
            openapi::ContentTypeError::ExpectContentType => "the body has no Content-Type",
        };
        return Some(Error::new(Code::UnsupportedMediaType, text));
    }
    if let Some(refused) = error.downcast_ref::<openapi::ParseParamError>() {
        let text = format!("the parameter {} is missing or not valid", refused.name);
        return Some(in_query(refused.name, text));
    }
    if let Some(refused) = error.downcast_ref::<openapi::ParsePathError>() {
        return Some(Error::new(Code::InvalidRequest, format!("{} in the path is not valid", refused.name)));
    }
    if error.is::<ParsePathError>() {
        return bad("the path is not valid");
    }
    if error.is::<ParseQueryError>() {
        return Some(in_query("", "the query cannot be read"));
    }
    if error.is::<ParseFormError>() {
        return bad("the body cannot be read as a form");
    }
    if error.is::<ParseJsonError>() {
        return bad("the body cannot be read as JSON");
    }
    if error.is::<openapi::ParseRequestPayloadError>() || error.is::<ReadBodyError>() {
        return bad("the body cannot be read as what its Content-Type says, or a member has the wrong type");
    }
    None
}

/// The rule of a violation that is about a parameter of the query, whose name is the member; empty: about all of it.
pub const QUERY: &str = "query";

fn in_query(parameter: &str, text: impl Into<Cow<'static, str>>) -> Error {
    let violation = Violation {
        member: parameter.to_owned(),
        rule: QUERY,
        complaint: if parameter.is_empty() { "cannot be read" } else { "is missing or not valid" }.to_owned(),
        got: None,
        allowed: Vec::new(),
        see: "",
    };
    Error { violations: vec![violation], ..Error::new(Code::InvalidRequest, text) }
}

/// The parameter of the query that an error is about, and what is wrong with it.
pub fn query_fault(error: &Error) -> Option<(&str, &str)> {
    let fault = error.violations.iter().find(|violation| violation.rule == QUERY)?;
    Some((&fault.member, &fault.complaint))
}

fn by_status(status: StatusCode) -> Error {
    let (code, text) = match status {
        StatusCode::UNAUTHORIZED => (Code::InvalidToken, "this needs a valid access token"),
        StatusCode::FORBIDDEN => (Code::AccessDenied, "this is not allowed"),
        StatusCode::NOT_FOUND => (Code::NotFound, "nothing lives at this address"),
        StatusCode::METHOD_NOT_ALLOWED => (Code::MethodNotAllowed, "this address does not take this method"),
        StatusCode::PAYLOAD_TOO_LARGE => (Code::PayloadTooLarge, "the body is too large"),
        StatusCode::URI_TOO_LONG => (Code::UriTooLong, "the address is too long"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            (Code::UnsupportedMediaType, "the Content-Type of the body is not taken here")
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            (Code::TemporarilyUnavailable, "the server cannot answer right now, try again")
        }
        other if other.is_server_error() => {
            (Code::ServerError, "the server failed; the request id names the entry in its log")
        }
        _ => (Code::InvalidRequest, "the request cannot be read"),
    };
    Error::new(code, text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    async fn told(response: Response) -> (u16, String) {
        let status = response.status().as_u16();
        (status, response.into_body().into_string().await.unwrap())
    }

    #[tokio::test]
    async fn an_unknown_address_is_a_404_with_a_string_error() {
        let (status, body) = told(spelled(NotFoundError.into(), "r1", refusal)).await;
        assert_eq!(status, 404);
        assert_eq!(body, r#"{"error":"not_found","error_description":"nothing lives at this address"}"#);
    }

    #[tokio::test]
    async fn a_method_that_is_not_taken_is_a_405_that_says_which_are() {
        let route = Route::public("/token", "POST");
        let response = answer(&Method::PUT, Some(&route), "").unwrap();
        assert_eq!(response.headers()[ALLOW], "POST, OPTIONS");
        let (status, body) = told(response).await;
        assert_eq!(status, 405);
        assert_eq!(body, r#"{"error":"method_not_allowed","error_description":"this address takes POST, OPTIONS"}"#);
        assert!(answer(&Method::POST, Some(&route), "").is_none());
        assert!(answer(&Method::GET, None, "").is_none());
    }

    #[tokio::test]
    async fn trace_and_connect_are_refused_everywhere() {
        // s.X8
        let route = Route::public("/token", "POST, TRACE");
        for method in [Method::TRACE, Method::CONNECT] {
            assert_eq!(answer(&method, Some(&route), "").unwrap().status(), 405);
            assert_eq!(answer(&method, None, "").unwrap().status(), 405);
        }
    }

    #[tokio::test]
    async fn a_framework_error_never_quotes_the_caller() {
        // s.X10, s.X18
        let refused = openapi::ParseRequestPayloadError { reason: "alloc::String <script>".to_owned() };
        let (status, body) = told(spelled(refused.into(), "r1", refusal)).await;
        let text = "the body cannot be read as what its Content-Type says, or a member has the wrong type";
        assert_eq!((status, body), (400, format!(r#"{{"error":"invalid_request","error_description":"{text}"}}"#)));
        let refused = openapi::ContentTypeError::NotSupported { content_type: "<script>".to_owned() };
        let (status, body) = told(spelled(refused.into(), "r1", refusal)).await;
        let text = "the Content-Type of the body is not taken here";
        assert_eq!((status, body), (415, format!(r#"{{"error":"invalid_request","error_description":"{text}"}}"#)));
    }

    #[tokio::test]
    async fn our_own_failure_names_the_request_and_nothing_else() {
        // s.X18
        let failed = poem::Error::new(std::io::Error::other("SELECT secret"), StatusCode::INTERNAL_SERVER_ERROR);
        let (status, body) = told(spelled(failed, "r1", refusal)).await;
        let text = "the server failed; the request id names the entry in its log";
        let wanted = format!(r#"{{"error":"server_error","error_description":"{text}","request_id":"r1"}}"#);
        assert_eq!((status, body), (500, wanted));
    }

    #[tokio::test]
    async fn an_error_with_an_answer_of_its_own_keeps_it() {
        let own = Response::builder().status(StatusCode::CONFLICT).content_type("application/json").body("{}");
        assert_eq!(told(spelled(poem::Error::from_response(own), "r1", refusal)).await, (409, "{}".to_owned()));
    }
}

//! How does the door itself refuse? In the shape of RFC 6749 §5.2, whatever was asked for.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use poem::Response;
use serde::Serialize;

use crate::oidc::{Code, Error};

#[derive(Serialize)]
struct Spelled<'a> {
    error: &'a str,
    error_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// `{"error", "error_description"}` with the status of its code. A failure of ours carries the request id as well, so
/// that the caller can name the log entry it may not read (s.X18).
pub fn refusal(error: &Error, request_id: &str) -> Response {
    let request_id = (error.code == Code::ServerError).then_some(request_id);
    let spelled = Spelled { error: error.code.as_str(), error_description: &error.description, request_id };
    let body = serde_json::to_vec(&spelled).unwrap_or_default();
    let mut response = Response::from(Bytes::from(body));
    response.set_status(StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = error.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Our own failure behind an answer, left in its extensions for the door to log with the request's name.
#[derive(Clone, Debug)]
pub struct Cause(pub std::sync::Arc<dyn std::error::Error + Send + Sync>);

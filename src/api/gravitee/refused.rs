//! How does a refusal leave one of the two APIs? In its words, and described in the document.

use std::marker::PhantomData;

use http::StatusCode;
use poem::Response;
use poem::error::ResponseError;
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};

use super::refusal::Refusal;
use super::voice::{self, Management, Portal, Voice};
use crate::oidc;
use crate::portal::Error;

/// A refusal on its way out of one of the APIs.
#[derive(Debug)]
pub struct Refused<V>(Refusal, PhantomData<V>);

impl<V> From<Refusal> for Refused<V> {
    fn from(refusal: Refusal) -> Self {
        Self(refusal, PhantomData)
    }
}

impl<V> From<Error> for Refused<V> {
    fn from(error: Error) -> Self {
        Self(error.into(), PhantomData)
    }
}

impl<V: Voice> std::fmt::Display for Refused<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.message())
    }
}

impl<V: Voice> std::error::Error for Refused<V> {}

impl<V: Voice> ResponseError for Refused<V> {
    fn status(&self) -> StatusCode {
        self.0.status
    }

    fn as_response(&self) -> Response {
        self.0.response::<V>()
    }
}

impl<V: Voice> ApiResponse for Refused<V> {
    fn meta() -> MetaResponses {
        let described = [
            (400, "The request is malformed, fields of it are wrong, or what is there does not allow it."),
            (401, "Nobody is signed in, and no good token or password was sent."),
            (403, "The caller may not."),
            (404, "It is not there, or not for this caller to know of."),
            (415, "The body is not JSON by its type."),
            (429, "Too many requests: `Retry-After` says when to come back."),
            (503, "The server cannot answer right now: `Retry-After` says when to come back."),
        ];
        let responses = described.map(|(status, description)| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType { content_type: "application/json", schema: voice::schema::<V>() }],
            headers: Vec::new(),
        });
        MetaResponses { responses: responses.into() }
    }

    fn register(registry: &mut Registry) {
        voice::register::<V>(registry);
    }
}

/// How the door's own refusals are spelled in the management API.
pub fn spelled_by_management(error: &oidc::Error, _: &str) -> Response {
    Refusal::from(error).response::<Management>()
}

/// How the door's own refusals are spelled in the portal API.
pub fn spelled_by_portal(error: &oidc::Error, _: &str) -> Response {
    Refusal::from(error).response::<Portal>()
}

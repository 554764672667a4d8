//! How is a JSON answer sent? As `application/json`, straight from the value, never cached.

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use serde::Serialize;

use super::error::no_store;

/// A JSON answer whose document is `D` and whose value is already spelled. `STATUS` is its HTTP status.
#[derive(Debug)]
pub struct Spelled<D, const STATUS: u16 = 200> {
    body: Vec<u8>,
    document: std::marker::PhantomData<fn() -> D>,
}

impl<D, const STATUS: u16> Spelled<D, STATUS> {
    /// Spells `value`.
    pub fn new<T: Serialize>(value: &T) -> Self {
        // Our own structs of strings and numbers always serialise.
        Self { body: serde_json::to_vec(value).unwrap_or_default(), document: std::marker::PhantomData }
    }
}

impl<D: Send, const STATUS: u16> IntoResponse for Spelled<D, STATUS> {
    fn into_response(self) -> Response {
        let mut response = Response::from(self.body);
        response.set_status(http::StatusCode::from_u16(STATUS).unwrap_or_default());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        no_store(response.headers_mut());
        response
    }
}

impl<D: Type, const STATUS: u16> ApiResponse for Spelled<D, STATUS> {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "application/json", schema: D::schema_ref() }];
        let description = "Done.";
        MetaResponses {
            responses: vec![MetaResponse {
                description,
                status: Some(STATUS),
                status_range: None,
                content,
                headers: Vec::new(),
            }],
        }
    }

    fn register(registry: &mut Registry) {
        D::register(registry);
    }
}

//! How is an answer sent? As JSON, never cached; deletions answer nothing.

use std::marker::PhantomData;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use serde_json::Value;

/// A JSON answer that is described by `D`; `STATUS` is its HTTP status.
#[derive(Debug)]
pub struct Told<D, const STATUS: u16 = 200> {
    value: Value,
    document: PhantomData<fn() -> D>,
}

impl<D, const STATUS: u16> From<Value> for Told<D, STATUS> {
    fn from(value: Value) -> Self {
        Self { value, document: PhantomData }
    }
}

impl<D: Send, const STATUS: u16> IntoResponse for Told<D, STATUS> {
    fn into_response(self) -> Response {
        let mut response = Response::from(self.value.to_string());
        response.set_status(StatusCode::from_u16(STATUS).unwrap_or_default());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl<D: Type, const STATUS: u16> ApiResponse for Told<D, STATUS> {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "application/json", schema: D::schema_ref() }];
        let description = "Done.";
        let status = Some(STATUS);
        let response = MetaResponse { description, status, status_range: None, content, headers: Vec::new() };
        MetaResponses { responses: vec![response] }
    }

    fn register(registry: &mut Registry) {
        D::register(registry);
    }
}

/// It is gone.
#[derive(Debug, ApiResponse)]
pub enum Gone {
    /// It is gone.
    #[oai(status = 204)]
    Gone,
}

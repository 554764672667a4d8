//! How is an answer sent? As JSON that no cache keeps, or as nothing.

use std::marker::PhantomData;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use serde::Serialize;

use super::schema::describe::Documented;

/// What an answer looks like.
pub trait Shape: Send + 'static {
    /// Where its schema stands, or the schema itself.
    fn reference() -> MetaSchemaRef;

    /// Writes its schema into the document.
    fn register(registry: &mut Registry);
}

/// An entity that is documented by its fields.
#[derive(Debug)]
pub struct One<D>(PhantomData<fn() -> D>);

impl<D: Documented> Shape for One<D> {
    fn reference() -> MetaSchemaRef {
        D::reference()
    }

    fn register(registry: &mut Registry) {
        D::register(registry);
    }
}

/// A page of them (portal.md K43).
#[derive(Debug)]
pub struct Many<D>(PhantomData<fn() -> D>);

impl<D: Documented> Shape for Many<D> {
    fn reference() -> MetaSchemaRef {
        let inline = |schema| MetaSchemaRef::Inline(Box::new(schema));
        let text = |about| MetaSchema { description: Some(about), nullable: true, ..MetaSchema::new("string") };
        let data = MetaSchema { items: Some(Box::new(D::reference())), ..MetaSchema::new("array") };
        let total = MetaSchema {
            description: Some("How many there are on all pages; told for developers and what is theirs."),
            ..MetaSchema::new_with_format("integer", "int64")
        };
        inline(MetaSchema {
            properties: vec![
                ("data", inline(data)),
                ("next", inline(text("Path and query of the next page, below the address of the API."))),
                ("offset", inline(text("The offset of the next page."))),
                ("total", inline(total)),
            ],
            required: vec!["data", "next"],
            ..MetaSchema::new("object")
        })
    }

    fn register(registry: &mut Registry) {
        D::register(registry);
    }
}

/// Any JSON object.
#[derive(Debug)]
pub enum Any {}

impl Shape for Any {
    fn reference() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new("object")))
    }

    fn register(_: &mut Registry) {}
}

/// An answer in JSON, of the shape `S`; `STATUS` is its HTTP status.
#[derive(Debug)]
pub struct Answer<S, const STATUS: u16 = 200> {
    body: Vec<u8>,
    shape: PhantomData<fn() -> S>,
}

impl<S, const STATUS: u16> Answer<S, STATUS> {
    /// Spells `value`.
    pub fn new<T: Serialize>(value: &T) -> Self {
        // Our own structs of strings and numbers always serialise.
        Self { body: serde_json::to_vec(value).unwrap_or_default(), shape: PhantomData }
    }
}

impl<S: Send, const STATUS: u16> IntoResponse for Answer<S, STATUS> {
    fn into_response(self) -> Response {
        let mut response = Response::from(self.body);
        response.set_status(StatusCode::from_u16(STATUS).unwrap_or_default());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl<S: Shape, const STATUS: u16> ApiResponse for Answer<S, STATUS> {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "application/json", schema: S::reference() }];
        MetaResponses { responses: vec![described(STATUS, "Done.", content)] }
    }

    fn register(registry: &mut Registry) {
        S::register(registry);
    }
}

/// 204: it is gone.
#[derive(Debug)]
pub struct Gone;

impl IntoResponse for Gone {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl ApiResponse for Gone {
    fn meta() -> MetaResponses {
        MetaResponses { responses: vec![described(204, "Gone.", Vec::new())] }
    }

    fn register(_: &mut Registry) {}
}

/// A response for the OpenAPI document.
pub fn described(status: u16, description: &'static str, content: Vec<MetaMediaType>) -> MetaResponse {
    MetaResponse { description, status: Some(status), status_range: None, content, headers: Vec::new() }
}

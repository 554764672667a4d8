//! How is an answer sent? As `application/json`, never cached; a list with its page.

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};
use poem_openapi::{ApiResponse, Object};

/// A JSON answer; `STATUS` is its HTTP status.
#[derive(Debug)]
pub struct Told<T, const STATUS: u16 = 200>(pub T);

impl<T: ToJSON + Send, const STATUS: u16> IntoResponse for Told<T, STATUS> {
    fn into_response(self) -> Response {
        let mut response = Response::from(self.0.to_json_string());
        response.set_status(StatusCode::from_u16(STATUS).unwrap_or_default());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl<T: Type, const STATUS: u16> ApiResponse for Told<T, STATUS> {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }];
        let answer = MetaResponse {
            description: "Done.",
            status: Some(STATUS),
            status_range: None,
            content,
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![answer] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// Nothing is left to say.
#[derive(Debug, ApiResponse)]
pub enum Gone {
    /// It is gone.
    #[oai(status = 204)]
    Done,
}

/// A page of a list.
#[derive(Debug, Object)]
pub struct Page<T: ParseFromJSON + ToJSON + Send + Sync> {
    /// What is on it.
    pub data: Vec<T>,
    /// Which one it is.
    pub meta: Meta,
}

/// Which page it is.
#[derive(Debug, Object)]
#[oai(rename = "PaginatedMeta")]
pub struct Meta {
    /// Which page it is.
    pub page: PageMeta,
}

/// Which page of how many things.
#[derive(Debug, Object)]
pub struct PageMeta {
    /// Its number, from 1 on.
    pub number: u64,
    /// How many things a page has at most.
    pub size: u64,
    /// How many things there are in all.
    pub total: u64,
}

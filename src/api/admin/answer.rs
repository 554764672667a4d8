//! How is an answer sent? As `application/json`, with its version as ETag, never cached.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{ToJSON, Type};
use poem_openapi::{ApiResponse, Object};

/// A JSON answer documented as `T`; `STATUS` is its HTTP status.
#[derive(Debug)]
pub struct Told<T, const STATUS: u16 = 200> {
    body: String,
    tag: Option<HeaderValue>,
    location: Option<HeaderValue>,
    document: std::marker::PhantomData<fn() -> T>,
}

impl<T: ToJSON, const STATUS: u16> Told<T, STATUS> {
    /// Says it.
    pub fn new(told: &T) -> Self {
        Self::spelled(told.to_json_string())
    }
}

impl<T, const STATUS: u16> Told<T, STATUS> {
    /// What is JSON already.
    pub fn spelled(body: String) -> Self {
        Self { body, tag: None, location: None, document: std::marker::PhantomData }
    }

    /// With the version of the thing.
    #[must_use]
    pub fn version(self, version: i64) -> Self {
        self.tag(&format!("v{version}"))
    }

    /// With what becomes another one when the thing changes.
    #[must_use]
    pub fn tag(mut self, tag: &str) -> Self {
        self.tag = HeaderValue::from_str(&format!("\"{tag}\"")).ok();
        self
    }

    /// With the address of the thing.
    #[must_use]
    pub fn at(mut self, url: &str) -> Self {
        self.location = HeaderValue::from_str(url).ok();
        self
    }
}

impl<T: Send, const STATUS: u16> IntoResponse for Told<T, STATUS> {
    fn into_response(self) -> Response {
        let mut response = Response::from(self.body);
        response.set_status(StatusCode::from_u16(STATUS).unwrap_or_default());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(tag) = self.tag {
            headers.insert(ETAG, tag);
        }
        if let Some(location) = self.location {
            headers.insert(LOCATION, location);
        }
        response
    }
}

impl<T: Type, const STATUS: u16> ApiResponse for Told<T, STATUS> {
    fn meta() -> MetaResponses {
        let header = |name: &str, description: &str| MetaHeader {
            name: name.to_owned(),
            description: Some(description.to_owned()),
            required: false,
            deprecated: false,
            schema: String::schema_ref(),
        };
        let tag = header("ETag", "The version of the thing, for `If-Match`, if it has one.");
        let location = header("Location", "Where the thing is.");
        let answer = MetaResponse {
            description: if STATUS == 201 { "It was made." } else { "Done." },
            status: Some(STATUS),
            status_range: None,
            content: vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }],
            headers: if STATUS == 201 { vec![tag, location] } else { vec![tag] },
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

/// What was made, or what took its place.
#[derive(Debug)]
pub enum Put<T> {
    /// There was none.
    Made(Told<T, 201>),
    /// There was one.
    Replaced(Told<T>),
}

impl<T: Send> IntoResponse for Put<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Made(told) => told.into_response(),
            Self::Replaced(told) => told.into_response(),
        }
    }
}

impl<T: Type> ApiResponse for Put<T> {
    fn meta() -> MetaResponses {
        let mut meta = Told::<T>::meta();
        meta.responses.extend(Told::<T, 201>::meta().responses);
        meta
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// A secret, told this once.
#[derive(Debug, Object)]
pub struct ToldSecret {
    /// The value.
    pub secret: String,
}

//! How is an answer sent? As `application/json`, never cached; moments in milliseconds or as RFC 3339 (portal.md C5).

use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{ToJSON, Type};

use crate::clock::Seconds;

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
        MetaResponses { responses: vec![described::<T>(STATUS, "Done.", Vec::new())] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// Something was made: 201, with its address.
#[derive(Debug)]
pub struct Made<T> {
    /// What.
    pub told: T,
    /// Where it is from now on.
    pub at: String,
}

impl<T: ToJSON + Send> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        let mut response = Told::<T, 201>(self.told).into_response();
        if let Ok(at) = HeaderValue::from_str(&self.at) {
            response.headers_mut().insert(LOCATION, at);
        }
        response
    }
}

impl<T: Type> ApiResponse for Made<T> {
    fn meta() -> MetaResponses {
        let location = MetaHeader {
            name: "Location".to_owned(),
            description: Some("Where it is.".to_owned()),
            required: true,
            deprecated: false,
            schema: String::schema_ref(),
        };
        MetaResponses { responses: vec![described::<T>(201, "It was made.", vec![location])] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

fn described<T: Type>(status: u16, description: &'static str, headers: Vec<MetaHeader>) -> MetaResponse {
    let content = vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }];
    MetaResponse { description, status: Some(status), status_range: None, content, headers }
}

/// Nothing is left to say.
#[derive(Debug, ApiResponse)]
pub enum Gone {
    /// It is done.
    #[oai(status = 204)]
    Done,
}

/// Gravitee says nothing here, with 200.
#[derive(Debug, ApiResponse)]
pub enum Quiet {
    /// It is done.
    #[oai(status = 200)]
    Done,
}

/// Gravitee says nothing here, with 201.
#[derive(Debug, ApiResponse)]
pub enum Added {
    /// It was added.
    #[oai(status = 201)]
    Done,
}

/// A moment as the management API tells it: milliseconds since 1970.
pub fn millis(at: Seconds) -> i64 {
    at.saturating_mul(1000)
}

/// A moment as the management API was told it: part of a second is left out.
pub fn seconds(millis: i64) -> Seconds {
    millis.div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_management_api_counts_milliseconds() {
        assert_eq!((millis(1_581_256_457), seconds(1_581_256_457_163)), (1_581_256_457_000, 1_581_256_457));
        assert_eq!((millis(i64::MAX), seconds(-1)), (i64::MAX, -1));
    }
}

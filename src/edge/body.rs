//! How much body is read, and for how long?
//!
//! The door reads the whole body before anything else runs: a handler never waits for a slow sender, and no extractor
//! can read more than its route allows.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use poem::Body;

use crate::oidc::{Code, Error};

/// What one body may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLimit {
    /// The most bytes.
    pub bytes_max: usize,
    /// The longest time from the head of the request to the last byte.
    pub deadline: Duration,
}

impl Default for BodyLimit {
    fn default() -> Self {
        Self { bytes_max: 64 * 1024, deadline: Duration::from_secs(15) }
    }
}

/// Reads a body within its limit (s.R40, s.R41, s.X15).
///
/// # Errors
/// 415 for a `Content-Encoding`: nothing is unpacked here, so there is no bomb. 413 for too many bytes, announced or
/// arriving. 400 for a body that is broken, cut off or late.
pub async fn read(headers: &HeaderMap, body: Body, limit: BodyLimit) -> Result<Bytes, Error> {
    for encoding in headers.get_all(CONTENT_ENCODING) {
        if !encoding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity") {
            let reason = "a body must be sent as it is: Content-Encoding is not taken";
            return Err(Error::new(Code::UnsupportedMediaType, reason));
        }
    }
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit.bytes_max as u64) {
        return Err(too_large(limit));
    }
    match tokio::time::timeout(limit.deadline, collect(body.into_bytes_stream(), limit)).await {
        Ok(outcome) => outcome,
        Err(_) => {
            let seconds = limit.deadline.as_secs();
            Err(Error::new(Code::InvalidRequest, format!("the body did not arrive within {seconds} seconds")))
        }
    }
}

async fn collect(stream: impl Stream<Item = std::io::Result<Bytes>>, limit: BodyLimit) -> Result<Bytes, Error> {
    let mut stream = std::pin::pin!(stream);
    let mut first: Option<Bytes> = None;
    let mut all = BytesMut::new();
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| Error::new(Code::InvalidRequest, "the body is broken or was cut off"))?;
        let so_far = first.as_ref().map_or(all.len(), Bytes::len);
        if so_far + part.len() > limit.bytes_max {
            return Err(too_large(limit));
        }
        // Nearly every body arrives in one piece and is handed on without a copy.
        match first.take() {
            None if all.is_empty() => first = Some(part),
            None => all.extend_from_slice(&part),
            Some(before) => {
                all.reserve(before.len() + part.len());
                all.extend_from_slice(&before);
                all.extend_from_slice(&part);
            }
        }
    }
    Ok(first.unwrap_or_else(|| all.freeze()))
}

fn too_large(limit: BodyLimit) -> Error {
    Error::new(Code::PayloadTooLarge, format!("the body is larger than {} bytes", limit.bytes_max))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use futures_util::stream;
    use http::HeaderValue;

    use super::*;

    const LIMIT: BodyLimit = BodyLimit { bytes_max: 10, deadline: Duration::from_millis(100) };

    fn pieces(parts: &'static [&'static str]) -> Body {
        Body::from_bytes_stream(stream::iter(parts.iter().map(|part| Ok::<_, std::io::Error>(Bytes::from(*part)))))
    }

    async fn outcome(headers: &HeaderMap, body: Body) -> Result<Bytes, (Code, String)> {
        read(headers, body, LIMIT).await.map_err(|error| (error.code, error.description.into_owned()))
    }

    #[tokio::test]
    async fn a_body_within_its_limit_is_read_whole() {
        let none = HeaderMap::new();
        assert_eq!(outcome(&none, pieces(&["abc"])).await, Ok(Bytes::from("abc")));
        assert_eq!(outcome(&none, pieces(&["abc", "def", "", "ghij"])).await, Ok(Bytes::from("abcdefghij")));
        assert_eq!(outcome(&none, Body::empty()).await, Ok(Bytes::new()));
    }

    #[tokio::test]
    async fn a_body_that_grows_beyond_its_limit_is_refused_whatever_it_announced() {
        // s.R40
        let too_large = Err((Code::PayloadTooLarge, "the body is larger than 10 bytes".to_owned()));
        let none = HeaderMap::new();
        assert_eq!(outcome(&none, pieces(&["abcde", "fghij", "k"])).await, too_large);
        assert_eq!(outcome(&none, pieces(&["abcdefghijk"])).await, too_large);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("11"));
        assert_eq!(
            outcome(&headers, Body::from_bytes_stream(stream::pending::<std::io::Result<Bytes>>())).await,
            too_large
        );
    }

    #[tokio::test]
    async fn a_body_that_stops_arriving_is_given_up() {
        // s.X15
        let refused =
            outcome(&HeaderMap::new(), Body::from_bytes_stream(stream::pending::<std::io::Result<Bytes>>())).await;
        assert_eq!(refused, Err((Code::InvalidRequest, "the body did not arrive within 0 seconds".to_owned())));
    }

    #[tokio::test]
    async fn a_packed_body_is_refused_before_it_is_read() {
        // s.R41
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let reason = "a body must be sent as it is: Content-Encoding is not taken".to_owned();
        assert_eq!(outcome(&headers, pieces(&["x"])).await, Err((Code::UnsupportedMediaType, reason)));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("Identity"));
        assert_eq!(outcome(&headers, pieces(&["x"])).await, Ok(Bytes::from("x")));
    }
}

//! What does a body say? One JSON object, read so that no second parser could read another.

use std::marker::PhantomData;

use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::error::Refused;
use super::members::Members;
use crate::oidc::registration::json::{self, Limits};

/// The body of a request; documented by `D`.
#[derive(Debug)]
pub struct Body<D> {
    /// Its members.
    pub members: Members,
    document: PhantomData<fn() -> D>,
}

const JSON: &str = "application/json";

impl<'a, D: Type> ApiExtractor<'a> for Body<D> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        D::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: JSON, schema: D::schema_ref() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(JSON) {
            let message = "The body must be application/json";
            return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_body", message).into());
        }
        let bytes = <Bytes as FromRequest>::from_request(request, body).await?;
        let unreadable = |error: crate::oidc::Error| Refused::body(&[format!("'{}'", error.description)]);
        let members = json::object(&bytes, Limits::REGISTRATION).map_err(unreadable)?;
        Ok(Self { members: Members::new(members), document: PhantomData })
    }
}

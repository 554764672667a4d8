//! What does a token request hold? A form (RFC 6749 §3.2), or the same parameters as one JSON object, as scripts for other
//! products send them (portal.md A29, C7).

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::{Map, Value};

use super::error::Refused;
use super::form::{FromParameters, Parameters, is_form};
use crate::oidc::registration::json::{self, Limits};
use crate::oidc::{Code, Error};

/// A body of type `application/x-www-form-urlencoded` or `application/json`.
#[derive(Debug)]
pub struct FormOrJson<T>(pub T);

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

impl<'a, T: FromParameters> ApiExtractor<'a> for FormOrJson<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = [FORM, JSON].map(|content_type| MetaMediaType { content_type, schema: T::schema_ref() });
        Some(MetaRequest { description: None, content: content.into(), required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let read = match (is_form(request), is_json(request)) {
            (true, _) => Parameters::read,
            (false, true) => from_json,
            (false, false) => {
                let why = "the body must be a form or JSON: Content-Type: application/x-www-form-urlencoded or \
                           application/json";
                return Err(Refused::from(Error::new(Code::UnsupportedMediaType, why)).into());
            }
        };
        let body = <Bytes as FromRequest>::from_request(request, body).await?;
        let parsed = read(&body).and_then(T::from_parameters).map_err(Refused::from)?;
        Ok(Self(parsed))
    }
}

fn is_json(request: &Request) -> bool {
    let mut values = request.headers().get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let kind = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(JSON)
}

/// The members of an object as parameters: strings, and arrays of strings where a form may repeat one.
fn from_json(body: &[u8]) -> Result<Parameters, Error> {
    let members: Map<String, Value> = json::object(body, Limits::REGISTRATION)?;
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &members {
        let refuse = || {
            let plain = name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let shown = if plain { name } else { "a parameter" };
            Error::new(Code::InvalidRequest, format!("{shown} must be a string"))
        };
        match value {
            Value::Null => {}
            Value::String(text) => drop(pairs.append_pair(name, text)),
            Value::Array(items) => {
                for item in items {
                    pairs.append_pair(name, item.as_str().ok_or_else(refuse)?);
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => return Err(refuse()),
        }
    }
    Parameters::read(pairs.finish().as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_object_says_what_a_form_says() {
        // A29, C7
        let body = br#"{"grant_type":"client_credentials","scope":"a b","resource":["r","s"],"x":null,"y":""}"#;
        let mut parameters = from_json(body).unwrap();
        assert_eq!(parameters.take("grant_type").as_deref(), Some("client_credentials"));
        assert_eq!(parameters.take("scope").as_deref(), Some("a b"));
        assert_eq!(parameters.take_resources(), ["r", "s"]);
        assert_eq!((parameters.take("x"), parameters.take("y")), (None, None));
    }

    #[test]
    fn what_no_form_could_say_is_refused() {
        // s.T16
        for body in
            [r#"{"scope":["a","b"]}"#, r#"{"scope":1}"#, r#"{"scope":"a","scope":"b"}"#, "[]", r#"{"a":"\u0000"}"#]
        {
            assert_eq!(from_json(body.as_bytes()).unwrap_err().code, Code::InvalidRequest, "{body}");
        }
    }
}

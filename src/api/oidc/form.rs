//! What does a form hold? Read as RFC 6749 §3.1 and §3.2 want it.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::impl_apirequest_for_payload;
use poem_openapi::payload::{ParsePayload, Payload};
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::Type;

use super::error::Refused;
use crate::oidc::{Code, Error};
use crate::secret::Secret;

/// Parameters that may occur several times (RFC 8707 §2).
const REPEATABLE: [&str; 2] = ["resource", "audience"];
/// More parameters than any request needs.
const PARAMETERS_MAX: usize = 100;

/// The parameters of a request. A parameter without a value counts as left out, and one that is repeated refuses the
/// request (RFC 6749 §3.1).
#[derive(Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads `text`, percent-decoded as UTF-8.
    ///
    /// # Errors
    /// `invalid_request` for a repeated parameter, too many of them, or text that is not UTF-8 or holds NUL.
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let refuse = |why: &'static str| Err(Error::new(Code::InvalidRequest, why));
        let mut kept: Vec<(String, String)> = Vec::new();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let split = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = (&pair[..split], pair.get(split + 1..).unwrap_or_default());
            let (Some(name), Some(value)) = (decode(name), decode(value)) else {
                return refuse("the parameters are not percent-encoded UTF-8");
            };
            if name.contains('\0') || value.contains('\0') {
                return refuse("a parameter holds a NUL character");
            }
            if !REPEATABLE.contains(&&*name) && kept.iter().any(|(known, _)| *known == name) {
                // The name is the caller's own word: quoted only if it is a plain one.
                let plain = name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                let shown = if plain { &*name } else { "a parameter" };
                return Err(Error::new(Code::InvalidRequest, format!("{shown} occurs more than once")));
            }
            if kept.len() == PARAMETERS_MAX {
                return refuse("there are too many parameters");
            }
            kept.push((name.into_owned(), value.into_owned()));
        }
        kept.retain(|(_, value)| !value.is_empty());
        Ok(Self(kept))
    }

    /// Takes the value of a parameter.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    /// Takes the value of a parameter nobody may see.
    pub fn take_secret(&mut self, name: &str) -> Option<Secret> {
        self.take(name).map(Secret::from)
    }

    /// Takes all values of the parameters that name resources.
    pub fn take_resources(&mut self) -> Vec<String> {
        let (named, others) =
            std::mem::take(&mut self.0).into_iter().partition(|(name, _)| REPEATABLE.contains(&&**name));
        self.0 = others;
        let named: Vec<(String, String)> = named;
        named.into_iter().map(|(_, value)| value).collect()
    }
}

fn decode(text: &[u8]) -> Option<Cow<'_, str>> {
    if text.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        let mut plain = Vec::with_capacity(text.len());
        let mut rest = text.iter();
        while let Some(byte) = rest.next() {
            plain.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
                    let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                    u8::try_from(high * 16 + low).ok()?
                }
                other => *other,
            });
        }
        return String::from_utf8(plain).ok().map(Cow::Owned);
    }
    std::str::from_utf8(text).ok().map(Cow::Borrowed)
}

/// A type whose fields are the parameters of a form.
pub trait FromParameters: Type + Sized {
    /// Takes its fields out of `parameters`; those it does not know are ignored (RFC 6749 §3.2).
    ///
    /// # Errors
    /// When a field is missing or malformed.
    fn from_parameters(parameters: Parameters) -> Result<Self, Error>;
}

/// Lets a form be described by another type: the fields of the form hold secrets and proofs, its document plain strings.
macro_rules! documented_by {
    ($form:ty, $document:ty) => {
        impl poem_openapi::types::Type for $form {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> std::borrow::Cow<'static, str> {
                <$document as poem_openapi::types::Type>::name()
            }

            fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
                <$document as poem_openapi::types::Type>::schema_ref()
            }

            fn register(registry: &mut poem_openapi::registry::Registry) {
                <$document as poem_openapi::types::Type>::register(registry);
            }

            fn as_raw_value(&self) -> Option<&Self::RawValueType> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
                Box::new(std::iter::once(self))
            }
        }
    };
}
pub(super) use documented_by;

/// A body of type `application/x-www-form-urlencoded`.
#[derive(Debug)]
pub struct OAuthForm<T>(pub T);

impl<T: Type> Payload for OAuthForm<T> {
    const CONTENT_TYPE: &'static str = "application/x-www-form-urlencoded";

    // The type is checked when the body is read, so that the refusal has our shape.
    fn check_content_type(_: &str) -> bool {
        true
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: FromParameters> ParsePayload for OAuthForm<T> {
    const IS_REQUIRED: bool = true;

    async fn from_request(request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        if !is_form(request) {
            let why = "the body must be a form: Content-Type: application/x-www-form-urlencoded";
            return Err(Refused::from(Error::new(Code::UnsupportedMediaType, why)).into());
        }
        let body = <Bytes as FromRequest>::from_request(request, body).await?;
        let parsed = Parameters::read(&body).and_then(T::from_parameters).map_err(Refused::from)?;
        Ok(Self(parsed))
    }
}

impl_apirequest_for_payload!(OAuthForm<T>, T: FromParameters);

/// Whether the body of a request is a form; parameters of the type make no difference.
pub fn is_form(request: &Request) -> bool {
    let mut values = request.headers().get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let kind = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_parameter_refuses_the_request() {
        // s.T16
        assert_eq!(Parameters::read(b"scope=a&scope=b").unwrap_err().description, "scope occurs more than once");
        assert!(Parameters::read(b"scope=&scope=b").is_err());
        let mut repeated = Parameters::read(b"resource=a&x=1&resource=b&audience=c").unwrap();
        assert_eq!(repeated.take_resources(), ["a", "b", "c"]);
    }

    #[test]
    fn an_empty_parameter_is_left_out() {
        let mut parameters = Parameters::read(b"&a=&b=1+2%20%C3%A9&&c").unwrap();
        assert_eq!(parameters.take("a"), None);
        assert_eq!(parameters.take("b"), Some("1 2 é".to_owned()));
        assert_eq!(parameters.take("c"), None);
    }

    #[test]
    fn what_is_not_percent_encoded_utf8_is_refused() {
        // s.T15, s.A44
        for broken in [&b"a=%"[..], b"a=%4", b"a=%zz", b"a=%ff", b"a=%c0%af", b"a=\xff", b"a=%00"] {
            assert!(Parameters::read(broken).is_err(), "{broken:?}");
        }
        assert!(Parameters::read(&b"&".repeat(5000)).is_ok());
    }
}

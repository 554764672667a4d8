//! How does a caller say who it is? The security schemes of the protocol endpoints.

use std::net::IpAddr;

use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::error::{Challenge, Refused};
use crate::edge::authorization_header::{self, Authorization, Malformed, Scheme};
use crate::edge::requests::ClientAddress;
use crate::oidc::client::authenticate::{Basic, Presented};
use crate::oidc::{Code, Error};
use crate::secret::Secret;

/// The `Authorization` header of a client, if it sent one (RFC 6749 §2.3.1). The form may hold the credentials instead.
#[derive(Debug, Default)]
pub struct ClientHeader {
    basic: Option<Basic>,
    from: Option<IpAddr>,
}

impl ClientHeader {
    /// Puts the header beside what the form holds.
    pub fn with(self, client_id: Option<String>, client_secret: Option<Secret>) -> Presented {
        Presented { basic: self.basic, client_id, client_secret, from: self.from }
    }

    /// Spells a refusal: a client that used the header is told so (RFC 6749 §5.2).
    pub fn refuse(presented: &Presented) -> impl Fn(Error) -> Refused + use<> {
        let used_header = presented.basic.is_some();
        move |error| if used_header { Refused::with(error, Challenge::Basic) } else { Refused::from(error) }
    }
}

const CLIENT_BASIC: &str = "client_secret_basic";

impl<'a> ApiExtractor<'a> for ClientHeader {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let description = "The client's identifier and secret (RFC 6749 §2.3.1). They may be sent in the form instead, \
                           as `client_id` and `client_secret`; a public client sends `client_id` alone.";
        registry.create_security_scheme(CLIENT_BASIC, scheme("basic", description));
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![CLIENT_BASIC]
    }

    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let refuse = |why: String| Refused::with(Error::new(Code::InvalidClient, why), Challenge::Basic);
        let from = request.extensions().get::<ClientAddress>().map(|address| address.0);
        match authorization_header::read(request.headers()) {
            Ok(None) => Ok(Self { basic: None, from }),
            Ok(Some(Authorization::Basic(basic))) => Ok(Self { basic: Some(Basic::from(&basic)), from }),
            Ok(Some(Authorization::Bearer(_))) => {
                Err(refuse("a client authenticates with Basic or in the form, not with Bearer".to_owned()).into())
            }
            Err(malformed) => Err(refuse(malformed.to_string()).into()),
        }
    }
}

impl From<&authorization_header::Basic> for Basic {
    fn from(basic: &authorization_header::Basic) -> Self {
        let mut readings = basic.readings().map(|pair| (pair.id.clone(), pair.secret.clone()));
        let first = readings.next().unwrap_or_else(|| (String::new(), Secret::new("")));
        let raw = readings.next().unwrap_or_else(|| first.clone());
        Self { decoded: first, raw }
    }
}

/// The bearer token of a request, if there is one (RFC 6750 §2.1). Only the header is looked at: a token in an address
/// ends in logs (s.R49, s.I12).
#[derive(Debug)]
pub struct BearerToken(pub Option<Secret>);

const BEARER: &str = "bearer";

impl BearerToken {
    /// The token.
    ///
    /// # Errors
    /// 401 with a challenge that names no error: the caller presented nothing (RFC 6750 §3.1).
    pub fn required(self) -> Result<Secret, Refused> {
        let missing = || {
            let why = "a bearer token is required in the Authorization header";
            Refused::with(Error::new(Code::InvalidToken, why), Challenge::BearerMissing)
        };
        self.0.ok_or_else(missing)
    }
}

impl<'a> ApiExtractor<'a> for BearerToken {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let description = "An access token, initial access token or registration access token in the Authorization \
                           header (RFC 6750 §2.1).";
        registry.create_security_scheme(BEARER, scheme("bearer", description));
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BEARER]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let refuse = |why: String| Refused::with(Error::new(Code::InvalidToken, why), Challenge::Bearer);
        match authorization_header::read(request.headers()) {
            Ok(None) => Ok(Self(None)),
            Ok(Some(Authorization::Bearer(token))) => Ok(Self(Some(token))),
            Ok(Some(Authorization::Basic(_))) => {
                Err(refuse("the Authorization header holds Basic, not Bearer".to_owned()).into())
            }
            Err(Malformed { scheme: Scheme::Bearer | Scheme::Basic | Scheme::Other, complaint }) => {
                Err(refuse(format!("the Authorization header {complaint}")).into())
            }
        }
    }
}

fn scheme(scheme: &'static str, description: &'static str) -> MetaSecurityScheme {
    MetaSecurityScheme {
        ty: "http",
        description: Some(description),
        name: None,
        key_in: None,
        scheme: Some(scheme),
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    }
}

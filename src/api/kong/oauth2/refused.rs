//! How are refusals of a service's OAuth endpoints spelled? As Kong does (portal.md K4, K54, K57, K60).

use std::borrow::Cow;

use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Method};
use poem::Response;
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponses, Registry};
use serde_json::{Map, Value, json};

use super::answer;
use crate::api::kong::answer::{Any, Shape, described};
use crate::edge::answer::Cause;
use crate::oidc::token::provision::NotVouched;
use crate::oidc::{Code, Error};

/// A refusal on its way out.
#[derive(Clone, Debug)]
pub struct Refused {
    status: u16,
    code: &'static str,
    description: Cow<'static, str>,
    state: Option<String>,
    challenge: bool,
    retry_after: Option<u32>,
    cause: Option<std::sync::Arc<dyn std::error::Error + Send + Sync>>,
}

impl Refused {
    /// 400.
    pub fn new(code: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        let description = description.into();
        Self { status: 400, code, description, state: None, challenge: false, retry_after: None, cause: None }
    }

    /// K54.
    pub fn method(method: &Method, place: &str) -> Self {
        let description = format!("The HTTP method {method} is invalid for the {place}");
        Self { status: 405, ..Self::new("invalid_method", description) }
    }

    /// K4.
    pub fn plain_http() -> Self {
        Self::new("access_denied", "You must use HTTPS")
    }

    /// There is no such service, or none that issues tokens.
    pub fn not_found() -> Self {
        Self { status: 404, ..Self::new("not_found", "there is no such service here") }
    }

    /// K60: the client is unknown, or failed to prove itself; `by_header`: with the header.
    pub fn client(by_header: bool) -> Self {
        let refused = Self::new("invalid_client", "Invalid client authentication");
        if by_header { Self { status: 401, challenge: true, ..refused } } else { refused }
    }

    /// The same, with what the caller wants to hear again.
    #[must_use]
    pub fn repeating(self, state: Option<String>) -> Self {
        Self { state, ..self }
    }

    /// The code and what it means, as parameters.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("error", self.code.to_owned()), ("error_description", self.description.to_string())]
    }

    /// Whether the caller could do nothing about it.
    pub fn is_ours(&self) -> bool {
        self.status >= 429
    }

    /// The answer.
    pub fn response(&self) -> Response {
        let mut body = Map::new();
        body.insert("error".to_owned(), json!(self.code));
        body.insert("error_description".to_owned(), json!(self.description));
        if let Some(state) = &self.state {
            body.insert("state".to_owned(), json!(state));
        }
        let mut response = answer(self.status, &Value::Object(body));
        let headers = response.headers_mut();
        if self.challenge {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"OAuth2.0\""));
        }
        if self.status == 405 {
            headers.insert(ALLOW, HeaderValue::from_static("POST, OPTIONS"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(cause) = &self.cause {
            response.extensions_mut().insert(Cause(cause.clone()));
        }
        response
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let status = match error.code {
            // Only a client that used the header hears 401 (K60).
            Code::InvalidClient => 400,
            code => code.status(),
        };
        Self {
            status,
            retry_after: error.retry_after,
            cause: error.cause,
            ..Self::new(error.code.as_str(), error.description)
        }
    }
}

impl From<NotVouched> for Refused {
    fn from(refused: NotVouched) -> Self {
        match refused {
            NotVouched::Key => Self::new("invalid_provision_key", "Invalid provision_key"),
            NotVouched::Person => Self::new("invalid_authenticated_userid", "Missing authenticated_userid parameter"),
            NotVouched::Failed(error) => error.into(),
        }
    }
}

impl From<Refused> for poem::Error {
    fn from(refused: Refused) -> Self {
        Self::from_response(refused.response())
    }
}

impl ApiResponse for Refused {
    fn meta() -> MetaResponses {
        let content = || vec![MetaMediaType { content_type: "application/json", schema: Any::reference() }];
        let responses = [
            (400, "`error` and `error_description`; from the authorization endpoint, `redirect_uri` with both in it."),
            (401, "The client used the Authorization header and failed to prove itself."),
            (404, "There is no such service."),
            (405, "Only POST is taken."),
            (429, "Too many wrong keys or secrets: `Retry-After` says when to come back."),
        ];
        MetaResponses { responses: responses.map(|(status, text)| described(status, text, content())).into() }
    }

    fn register(_: &mut Registry) {}
}

/// What the door refuses at these addresses.
pub fn spelled(error: &Error, _: &str) -> Response {
    Refused::from(error.clone()).response()
}

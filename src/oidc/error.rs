//! Why was a request refused? The codes of OAuth 2.0 and OpenID Connect, and what stands beside them.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

/// An error code of the OAuth 2.0 family of specifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidRequest,
    /// RFC 6749 §5.2: unknown client, or it failed to authenticate.
    InvalidClient,
    /// RFC 6749 §5.2.
    InvalidGrant,
    /// RFC 6749 §4.1.2.1, §5.2.
    UnauthorizedClient,
    /// RFC 6749 §5.2.
    UnsupportedGrantType,
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidScope,
    /// RFC 8707 §2.
    InvalidTarget,
    /// RFC 6749 §4.1.2.1.
    AccessDenied,
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType,
    /// OpenID Connect Core §3.1.2.6.
    LoginRequired,
    /// OpenID Connect Core §3.1.2.6.
    ConsentRequired,
    /// OpenID Connect Core §3.1.2.6.
    InteractionRequired,
    /// OpenID Connect Core §3.1.2.6.
    AccountSelectionRequired,
    /// OpenID Connect Core §3.1.2.6.
    RequestNotSupported,
    /// OpenID Connect Core §3.1.2.6.
    RequestUriNotSupported,
    /// OpenID Connect Core §3.1.2.6.
    RegistrationNotSupported,
    /// OpenID Connect Core Error Code unmet_authentication_requirements §2.
    UnmetAuthenticationRequirements,
    /// RFC 6750 §3.1.
    InvalidToken,
    /// RFC 6750 §3.1.
    InsufficientScope,
    /// RFC 7009 §2.2.1.
    UnsupportedTokenType,
    /// RFC 7591 §3.2.2.
    InvalidRedirectUri,
    /// RFC 7591 §3.2.2.
    InvalidClientMetadata,
    /// RFC 7591 §3.2.2.
    InvalidSoftwareStatement,
    /// RFC 7591 §3.2.2.
    UnapprovedSoftwareStatement,
    /// Registration is switched off, or this caller may not.
    RegistrationForbidden,
    /// Another request changed the same thing first.
    Conflict,
    /// Nothing lives at this address.
    NotFound,
    /// The address exists, the method does not.
    MethodNotAllowed,
    /// The body is larger than the limit.
    PayloadTooLarge,
    /// The address line is longer than the limit.
    UriTooLong,
    /// The body has a media type that is not taken here.
    UnsupportedMediaType,
    /// Too many requests; spelled `temporarily_unavailable`.
    TooManyRequests,
    /// RFC 6749 §4.1.2.1: try again soon.
    TemporarilyUnavailable,
    /// RFC 6749 §4.1.2.1: our own fault.
    ServerError,
}

impl Code {
    /// The code as it is spelled on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::InvalidSoftwareStatement => "invalid_software_statement",
            Self::UnapprovedSoftwareStatement => "unapproved_software_statement",
            Self::RegistrationForbidden => "registration_forbidden",
            Self::Conflict => "conflict",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::PayloadTooLarge | Self::UriTooLong | Self::UnsupportedMediaType => "invalid_request",
            Self::TooManyRequests | Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    /// The HTTP status of an answer with this code. The only place that knows.
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken => 401,
            Self::InsufficientScope | Self::RegistrationForbidden | Self::AccessDenied => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
            Self::PayloadTooLarge => 413,
            Self::UriTooLong => 414,
            Self::UnsupportedMediaType => 415,
            Self::TooManyRequests => 429,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }
}

/// One broken rule of client registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The metadata member that broke it, as the request spelled it.
    pub member: String,
    /// The rule, by its number in the reference, e.g. `R9`.
    pub rule: &'static str,
    /// What is wrong, as a clause that follows the member's name.
    #[serde(skip)]
    pub complaint: String,
    /// The value that was sent, shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub got: Option<serde_json::Value>,
    /// The values that would be taken, where they can be listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    /// Where the rule is written.
    pub see: &'static str,
}

/// A refusal: a code, one readable sentence, and for registrations every broken rule.
#[derive(Clone, Debug)]
pub struct Error {
    /// Which refusal.
    pub code: Code,
    /// One sentence for the developer who reads it. Never holds a secret.
    pub description: Cow<'static, str>,
    /// Every broken rule of a registration; empty elsewhere.
    pub violations: Vec<Violation>,
    /// After how many seconds to ask again, where that is known.
    pub retry_after: Option<u32>,
    /// Our own failure behind it: logged once, never shown.
    pub cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A refusal with its reason.
    pub fn new(code: Code, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into(), violations: Vec::new(), retry_after: None, cause: None }
    }

    /// A refused registration: all its broken rules. The code is `invalid_redirect_uri` iff a redirect URI broke one (R21).
    pub fn violations(violations: Vec<Violation>) -> Self {
        let redirect = violations.iter().any(|violation| violation.member == "redirect_uris");
        let code = if redirect { Code::InvalidRedirectUri } else { Code::InvalidClientMetadata };
        let sentence: Vec<String> =
            violations.iter().map(|violation| format!("{} {}", violation.member, violation.complaint)).collect();
        Self { violations, ..Self::new(code, sentence.join("; ")) }
    }

    /// Too many requests: ask again in `seconds`.
    pub fn too_many_requests(seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(Code::TooManyRequests, "too many requests, try again later") }
    }

    /// The server cannot answer now: ask again in a second.
    pub fn unavailable(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            retry_after: Some(1),
            cause: Some(Arc::new(cause)),
            ..Self::new(Code::TemporarilyUnavailable, "the server cannot answer right now, try again")
        }
    }

    /// Our own fault.
    pub fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            cause: Some(Arc::new(cause)),
            ..Self::new(Code::ServerError, "the server failed; the request id names the entry in its log")
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.description)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}

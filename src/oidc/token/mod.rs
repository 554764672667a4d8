//! Which tokens does this request get? (RFC 6749 §3.2) One file a grant.

pub mod access;
pub mod authorization_code;
pub mod claims;
pub mod client_credentials;
pub mod family;
pub mod issue;
pub mod may_issue;
pub mod password;
pub mod provision;
pub mod refresh_token;
pub mod subject;

use std::net::IpAddr;

use entity::word::Words;

use super::client::GrantType;
use super::client::authenticate::Authenticated;
use super::tenant::Tenant;
use super::{Code, Error};
use crate::app::App;
use crate::secret::Secret;
use crate::telemetry::Outcome;

/// Whose token endpoint was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Endpoint {
    /// The tenant's.
    #[default]
    OfTenant,
    /// A service's own (portal.md K54): a token has the scopes that are named and no others (K57), and a refresh ends the
    /// tokens before (K63).
    OfService,
}

/// The parameters of a token request that are not about who the client is.
#[derive(Clone, Debug, Default)]
pub struct TokenRequest {
    /// RFC 6749 §4.1.3, §4.3.2, §4.4.2, §6.
    pub grant_type: Option<String>,
    /// RFC 6749 §4.1.3.
    pub code: Option<Secret>,
    /// RFC 6749 §4.1.3.
    pub redirect_uri: Option<String>,
    /// RFC 7636 §4.5.
    pub code_verifier: Option<Secret>,
    /// RFC 6749 §6.
    pub refresh_token: Option<Secret>,
    /// RFC 6749 §4.3.2: the e-mail address to sign in with.
    pub username: Option<String>,
    /// RFC 6749 §4.3.2.
    pub password: Option<Secret>,
    /// What vouches for a person in the place of a password (K61).
    pub provision_key: Option<Secret>,
    /// Whom the holder of the provision key vouches for (K61).
    pub authenticated_userid: Option<String>,
    /// RFC 6749 §3.3.
    pub scope: Option<String>,
    /// RFC 8707 §2.2, and `audience`, which means the same.
    pub resources: Vec<String>,
    /// Where the request came from.
    pub from: Option<IpAddr>,
    /// Where it arrived.
    pub endpoint: Endpoint,
}

impl TokenRequest {
    /// The scopes asked for, each once.
    pub fn scopes(&self) -> Option<Words> {
        self.scope.as_deref().map(Words::from).filter(|scopes| !scopes.is_empty())
    }
}

/// What a token request is answered with (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Clone, Debug)]
pub struct Issued {
    /// The access token.
    pub access_token: Secret,
    /// Seconds it lives; `None`: for ever.
    pub expires_in: Option<i64>,
    /// For when it has ended.
    pub refresh_token: Option<Secret>,
    /// Who signed in.
    pub id_token: Option<Secret>,
    /// What was granted.
    pub scope: Words,
}

/// Answers a token request of a client that was authenticated.
///
/// # Errors
/// `unsupported_grant_type`, `unauthorized_client` for a grant the client did not register, and what the grants say.
pub async fn answer(
    app: &App,
    tenant: &Tenant,
    client: &Authenticated,
    request: &TokenRequest,
) -> Result<Issued, Error> {
    let Some(asked) = &request.grant_type else {
        return Err(Error::new(Code::InvalidRequest, "grant_type is missing"));
    };
    let offered = |grant: &GrantType| match grant {
        // It has no token request (RFC 6749 §4.2).
        GrantType::Implicit => false,
        GrantType::Password => password::is_offered(tenant, request),
        GrantType::AuthorizationCode | GrantType::RefreshToken | GrantType::ClientCredentials => true,
    };
    let unsupported = || {
        let known: Vec<&str> = GrantType::ALL.iter().filter(|grant| offered(grant)).map(|it| it.as_str()).collect();
        Error::new(Code::UnsupportedGrantType, format!("grant_type is not one of {}", known.join(", ")))
    };
    let grant = GrantType::parse(asked).filter(offered).ok_or_else(unsupported)?;
    if !client.client.metadata.may_use(grant) {
        let description = format!("the client did not register the grant type {grant}");
        return Err(Error::new(Code::UnauthorizedClient, description));
    }
    if !request.scope.as_deref().is_none_or(is_scope) {
        return Err(Error::new(Code::InvalidScope, "scope holds a character that no scope has (RFC 6749 section 3.3)"));
    }
    let issued = match grant {
        GrantType::AuthorizationCode => authorization_code::answer(app, tenant, client, request).await,
        GrantType::RefreshToken => refresh_token::answer(app, tenant, client, request).await,
        GrantType::ClientCredentials => client_credentials::answer(app, tenant, client, request).await,
        GrantType::Password => password::answer(app, tenant, client, request).await,
        GrantType::Implicit => Err(unsupported()),
    };
    app.metrics.token(grant.as_str(), outcome(&issued));
    if issued.is_ok() {
        app.usage.used(client.client.row.id, app.clock.now());
    }
    issued
}

/// Whether `text` is a list of scopes: printable ASCII without quotes and backslashes, and spaces (RFC 6749 §3.3).
fn is_scope(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~'))
}

fn outcome(issued: &Result<Issued, Error>) -> Outcome {
    match issued {
        Ok(_) => Outcome::Accepted,
        Err(error) if error.code.status() >= 500 => Outcome::Failed,
        Err(_) => Outcome::Refused,
    }
}

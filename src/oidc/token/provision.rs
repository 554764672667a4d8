//! What can the holder of a service's provision key have? Tokens and codes for people it vouches for: it asks them
//! itself, and we take its word (portal.md K56, K61, D-20).
//!
//! The word reaches no further than the service: a token has no other audience and no other scopes, whatever account the
//! person has here (security.md s.K5).

pub mod grant;
pub mod person;

use std::net::IpAddr;

use entity::user;
use entity::word::Words;

pub use grant::{Grant, answer, code, tokens};

use crate::app::App;
use crate::oidc::service::Service;
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret::Secret;

/// Who vouches for whom.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    /// The provision key; only from the body of a request (portal.md P-13).
    pub key: Option<&'a Secret>,
    /// What the holder calls the person.
    pub authenticated_userid: Option<&'a str>,
    /// Where the request came from.
    pub from: Option<IpAddr>,
}

/// Why nobody is vouched for.
#[derive(Clone, Debug)]
pub enum NotVouched {
    /// The provision key is missing, or another.
    Key,
    /// The person is not named, or cannot be the one.
    Person,
    /// Too many wrong keys, or our own fault.
    Failed(Error),
}

impl From<Error> for NotVouched {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<NotVouched> for Error {
    /// As the standard token endpoint says it.
    fn from(refused: NotVouched) -> Self {
        match refused {
            NotVouched::Key => Self::new(Code::InvalidGrant, "the provision_key is not one of a service"),
            NotVouched::Person => Self::new(Code::InvalidGrant, "authenticated_userid is missing, or names nobody"),
            NotVouched::Failed(error) => error,
        }
    }
}

/// The service whose provision key it is. Wrong keys are counted by where they come from.
///
/// # Errors
/// [`NotVouched`].
pub fn service_of<'s>(
    app: &App,
    mut services: impl Iterator<Item = &'s Service>,
    word: Word<'_>,
) -> Result<&'s Service, NotVouched> {
    let key = word.key.ok_or(NotVouched::Key)?;
    if let Some(from) = word.from {
        app.limiter.may_show_credentials(from).map_err(|wait| NotVouched::Failed(wait.into()))?;
    }
    let hash = key.hash();
    let fits = |service: &&Service| {
        service.policy.as_ref().is_some_and(|policy| hash.matches(&policy.provision_key_hash)) && service.row.enabled
    };
    if let Some(service) = services.find(fits) {
        return Ok(service);
    }
    if let Some(from) = word.from {
        app.limiter.wrong_credentials(from);
    }
    Err(NotVouched::Key)
}

/// The person the holder of the service's key vouches for.
///
/// # Errors
/// [`NotVouched`].
pub async fn vouched(app: &App, tenant: &Tenant, service: &Service, word: Word<'_>) -> Result<user::Model, NotVouched> {
    service_of(app, std::iter::once(service), word)?;
    let named = word.authenticated_userid.filter(|named| !named.is_empty()).ok_or(NotVouched::Person)?;
    person::find_or_make(app, tenant, service, named).await
}

/// The scopes a request means at a service: those it names, which must all be the service's.
///
/// # Errors
/// `invalid_scope` (portal.md K57, K15).
pub fn scopes(service: &Service, asked: Option<&str>) -> Result<Words, Error> {
    let asked = Words::from(asked.unwrap_or_default());
    if let Some(unknown) = asked.iter().find(|scope| !service.knows(scope)) {
        return Err(Error::new(Code::InvalidScope, format!("\"{unknown}\" is an invalid scope")));
    }
    if asked.is_empty() && service.policy.as_ref().is_some_and(|policy| policy.mandatory_scope) {
        return Err(Error::new(Code::InvalidScope, "You must specify a scope"));
    }
    Ok(asked)
}

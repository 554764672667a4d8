//! Who calls one of the management APIs? The bearer token of a person's script or of a client that speaks for itself.

use http::header::ORIGIN;
use poem::Request;

use crate::app::App;
use crate::edge::authorization_header::{self, Authorization};
use crate::edge::cookie;
use crate::edge::workspace::Operator;
use crate::oidc::session::session;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};
use crate::secret::Secret;

/// Why nobody was found: each dialect spells it.
#[derive(Debug)]
pub enum Unknown {
    /// Nothing was presented.
    Missing,
    /// What was presented is good for nothing here.
    Invalid,
    /// It could not be looked up.
    Failed(Error),
}

/// Who the `Authorization: Bearer` header says is calling; a dialect's own header, e.g. `Kong-Admin-Token`, may carry
/// the token instead.
///
/// # Errors
/// [`Unknown`].
pub async fn caller(app: &App, tenant: &Tenant, request: &Request, own: Option<&str>) -> Result<Actor, Unknown> {
    let headers = request.headers();
    let token = match own.and_then(|name| headers.get(name)) {
        Some(value) => Secret::new(value.to_str().map_err(|_| Unknown::Invalid)?.trim()),
        None => match authorization_header::read(headers) {
            Ok(Some(Authorization::Bearer(token))) => token,
            // An address where nobody is asked who they are (configuration: kong_admin.auth).
            Ok(None) if request.extensions().get::<Operator>().is_some() => return Ok(Actor::operator("operator")),
            Ok(None) => return Err(Unknown::Missing),
            Ok(Some(Authorization::Basic(_))) | Err(_) => return Err(Unknown::Invalid),
        },
    };
    let found = Actor::of_token(app, tenant, token.expose()).await.map_err(Unknown::Failed)?;
    found.ok_or(Unknown::Invalid)
}

/// Why a session is not listened to: each dialect spells it.
#[derive(Debug)]
pub enum Unheard {
    /// The request would change something, and does not say that it comes from one of our own pages (security.md s.B10).
    Elsewhere,
    /// The session could not be looked up.
    Failed(Error),
}

/// Who is signed in, for APIs that our own pages call: `None` without a session that lives. Browsers add the cookie
/// whoever sends the request, so one that changes something must name our own origin.
///
/// # Errors
/// [`Unheard`].
pub async fn visitor(app: &App, tenant: &Tenant, request: &Request) -> Result<Option<Actor>, Unheard> {
    let headers = request.headers();
    let Some(sent) = cookie::read(tenant, headers, cookie::SESSION, session::PREFIX) else { return Ok(None) };
    let ours = headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes() == tenant.origin().as_bytes());
    if !request.method().is_safe() && !ours {
        return Err(Unheard::Elsewhere);
    }
    let found = session::find(app, tenant, &sent).await.map_err(|error| Unheard::Failed(error.into()))?;
    Ok(found.map(|session| Actor::person(session.user)))
}

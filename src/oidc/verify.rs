//! May a request with this access token pass to this service? Asked by gateways for each request (portal.md I16).

use entity::id::ApplicationId;
use entity::word::Words;

use super::client::standing;
use super::service::Service;
use super::tenant::Tenant;
use super::token::access;
use super::{Code, Error, service};
use crate::app::App;
use crate::secret::Secret;

/// Who a request comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// The application.
    pub application_id: Option<ApplicationId>,
    /// Its name.
    pub name: String,
    /// What another system calls it.
    pub custom_id: Option<String>,
    /// The client.
    pub client_id: String,
    /// What was granted.
    pub scopes: Words,
    /// The person, as another system or else as the client knows them.
    pub user: Option<String>,
}

/// The enabled service with this name or identity.
///
/// # Errors
/// `not_found` when there is none.
pub async fn service(app: &App, tenant: &Tenant, reference: &str) -> Result<Service, Error> {
    let services = service::all(app, tenant).await?;
    let id = reference.parse::<uuid::Uuid>().ok();
    let meant = |service: &&Service| service.row.name == reference || id.is_some_and(|id| service.row.id.0 == id);
    let found = services.iter().find(meant).filter(|service| service.row.enabled).cloned();
    found.ok_or_else(|| Error::new(Code::NotFound, "there is no such service"))
}

/// Says who a request with `token` comes from, if it may pass.
///
/// # Errors
/// `invalid_request` without a token, `invalid_token` for one that is not good or not for this service,
/// `insufficient_scope` for one that lacks one of `wanted`.
pub async fn verify(
    app: &App,
    tenant: &Tenant,
    service: &Service,
    token: Option<&Secret>,
    wanted: &Words,
) -> Result<Verified, Error> {
    let token = token.ok_or_else(|| Error::new(Code::InvalidRequest, "The access token is missing"))?;
    let found = access::find(app, tenant, token.expose()).await?;
    let invalid = || Error::new(Code::InvalidToken, "The access token is invalid or has expired");
    let found = found.filter(|found| found.audience.contains(&service.row.audience)).ok_or_else(invalid)?;
    if !found.scopes.contains_all(wanted) {
        let missing = wanted.only(|scope| !found.scopes.contains(scope));
        return Err(Error::new(Code::InsufficientScope, format!("this needs the scope {missing}")));
    }
    let standing = standing::of(app, &found.client).await?;
    let user = found.user.as_ref().map(|user| user.custom_id.clone().unwrap_or_else(|| found.sub.clone()));
    Ok(Verified {
        application_id: found.client.row.application_id,
        name: standing.name.clone(),
        custom_id: standing.custom_id.clone(),
        client_id: found.client.client_id().to_owned(),
        scopes: found.scopes,
        user,
    })
}

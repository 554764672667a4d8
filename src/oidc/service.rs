//! Which resource is a token for, and which scopes has it? (RFC 8707, RFC 9068 §3)

pub mod form;

use std::collections::HashMap;
use std::sync::Arc;

use entity::id::TenantId;
use entity::policy;
use entity::service::{self, TokenFormat};
use entity::word::Words;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use url::Url;

use super::scope::{OidcScope, REGISTRATION_SCOPES};
use super::tenant::Tenant;
use super::{Code, Error, endpoint};
use crate::app::App;

/// A protected resource of a tenant.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its row.
    pub row: service::Model,
    /// The scopes it knows.
    pub scopes: Vec<Scope>,
    /// Its registration and token rules, where it has any.
    pub policy: Option<policy::Model>,
}

/// A scope of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// As it stands in requests and tokens.
    pub value: String,
    /// What it lets a client do, in words for people.
    #[serde(default)]
    pub description: String,
}

impl Service {
    /// Puts the rows together.
    ///
    /// # Errors
    /// `server_error` when a row holds what this release cannot read.
    pub fn new(policy: Option<policy::Model>, row: service::Model) -> Result<Self, Error> {
        let scopes = serde_json::from_value(row.scopes.clone()).map_err(Error::internal)?;
        Ok(Self { row, scopes, policy })
    }

    fn knows(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known.value == scope)
    }
}

/// The services of a tenant, at most a second old.
///
/// # Errors
/// When the database cannot be asked.
pub async fn all(app: &App, tenant: &Tenant) -> Result<Arc<Vec<Service>>, Error> {
    let found = app.services.get(tenant.id, async |id| load(app, *id).await.map(|all| Some(Arc::new(all)))).await?;
    Ok(found.unwrap_or_default())
}

/// The services of a tenant as the database has them now.
///
/// # Errors
/// When the database cannot be asked.
pub async fn load(app: &App, tenant_id: TenantId) -> Result<Vec<Service>, Error> {
    let rows = service::Entity::find()
        .filter(service::Column::TenantId.eq(tenant_id))
        .order_by_asc(service::Column::Id)
        .all(app.db.pool())
        .await?;
    let policies = policy::Entity::find().filter(policy::Column::TenantId.eq(tenant_id)).all(app.db.pool()).await?;
    let mut policies: HashMap<_, _> = policies.into_iter().map(|policy| (policy.service_id, policy)).collect();
    rows.into_iter().map(|row| Service::new(policies.remove(&row.id), row)).collect()
}

/// What a token is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Its `aud` values.
    pub audience: Words,
    /// Its scopes: those asked for that exist there.
    pub scopes: Words,
    /// What it looks like.
    pub format: TokenFormat,
    /// How long it lives, in seconds; 0: for ever. `None`: the default.
    pub seconds: Option<i64>,
}

/// Finds what the resources and scopes of a request mean.
///
/// Scopes nobody knows are dropped (OpenID Connect Core §3.1.2.1). Without a resource the services that know the scopes
/// are meant (RFC 9068 §3).
///
/// # Errors
/// `invalid_target` for a resource that is not one of the tenant's enabled services.
pub fn resolve(tenant: &Tenant, services: &[Service], resources: &[String], scopes: &Words) -> Result<Target, Error> {
    let named = resources.iter().map(|resource| find(tenant, services, resource)).collect::<Result<Vec<_>, _>>()?;
    let meant: Vec<&Service> = if resources.is_empty() {
        let knows = |service: &&Service| service.row.enabled && scopes.iter().any(|scope| service.knows(scope));
        services.iter().filter(knows).collect()
    } else {
        named.into_iter().flatten().collect()
    };
    let exists = |scope: &str| {
        OidcScope::parse(scope).is_some()
            || REGISTRATION_SCOPES.contains(&scope)
            || meant.iter().any(|service| service.knows(scope))
    };
    let scopes = scopes.only(exists);
    let mut audience: Vec<String> = meant.iter().map(|service| service.row.audience.clone()).collect();
    if scopes.iter().any(|scope| REGISTRATION_SCOPES.contains(&scope)) {
        audience.push(tenant.url(endpoint::REGISTRATION));
    }
    if audience.is_empty() || scopes.contains(OidcScope::OpenId.as_str()) {
        audience.push(tenant.url(endpoint::USERINFO));
    }
    let opaque = meant.iter().any(|service| service.row.token_format == TokenFormat::Opaque);
    let seconds = meant.iter().filter_map(|service| service.row.access_token_seconds);
    Ok(Target {
        audience: Words::new(audience),
        scopes,
        format: if opaque { TokenFormat::Opaque } else { TokenFormat::Jwt },
        // The shortest of several; 0 stands for ever and is the longest.
        seconds: seconds.min_by_key(|seconds| if *seconds == 0 { i64::MAX } else { *seconds }),
    })
}

/// The service a resource names; `None` for this server's own userinfo endpoint and issuer.
fn find<'s>(tenant: &Tenant, services: &'s [Service], resource: &str) -> Result<Option<&'s Service>, Error> {
    let mut enabled = services.iter().filter(|service| service.row.enabled);
    // A plain name is no URI, but may be asked for as `audience` by those who gave it.
    if let Some(named) = enabled.clone().find(|service| service.row.audience == resource) {
        return Ok(Some(named));
    }
    let Some(wanted) = canonical(resource) else {
        let complaint = format!("resource {resource} is not an absolute URI without a fragment");
        return Err(Error::new(Code::InvalidTarget, complaint));
    };
    let own = [tenant.issuer.clone(), tenant.url(endpoint::USERINFO), tenant.url(endpoint::REGISTRATION)];
    if own.iter().any(|own| canonical(own).as_ref() == Some(&wanted)) {
        return Ok(None);
    }
    match enabled.find(|service| canonical(&service.row.audience).as_ref() == Some(&wanted)) {
        Some(service) => Ok(Some(service)),
        None => Err(Error::new(Code::InvalidTarget, format!("resource {resource} is not known here"))),
    }
}

/// One spelling for resources that mean the same: case of scheme and host, default port, one trailing slash (E12).
/// Audiences that are no URLs stay as they are.
fn canonical(resource: &str) -> Option<String> {
    if resource.contains('#') || resource.is_empty() || resource.len() > 2000 {
        return None;
    }
    let url = Url::parse(resource).ok()?;
    Some(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_that_mean_the_same_are_one() {
        // E12
        let canonical = |resource| canonical(resource).unwrap_or_default();
        assert_eq!(canonical("https://API.example/mcp/"), canonical("https://api.example:443/mcp"));
        assert_ne!(canonical("https://api.example/mcp"), canonical("https://api.example/MCP"));
        assert_eq!(super::canonical("https://api.example/#x"), None);
        assert_eq!(super::canonical("/relative"), None);
    }
}

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

use super::scope::{MANAGEMENT_SCOPES, OidcScope, REGISTRATION_SCOPES};
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

    /// Whether this is one of its scopes.
    pub fn knows(&self, scope: &str) -> bool {
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
    /// The audiences that were asked for by name.
    pub named: Words,
    /// How long it lives.
    pub life: Life,
}

/// How long tokens live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// The shortest time a service wants for access tokens, in seconds; 0: for ever. `None`: no service says.
    pub access: Option<i64>,
    /// A service says nothing, so the default must not be exceeded either.
    pub at_most_default: bool,
    /// The shortest time a service wants for refresh tokens, in seconds; 0: for ever. `None`: no service says.
    pub refresh: Option<i64>,
}

impl Life {
    /// The shortest of what `services` want.
    fn of<'s>(services: impl Iterator<Item = &'s Service> + Clone) -> Self {
        let access = |service: &Service| match &service.policy {
            Some(policy) => Some(policy.token_expiration),
            None => service.row.access_token_seconds,
        };
        let refresh = |service: &'s Service| service.policy.as_ref().map(|policy| policy.refresh_token_ttl);
        Self {
            access: services.clone().filter_map(access).min_by_key(length),
            at_most_default: services.clone().any(|service| access(service).is_none()),
            refresh: services.filter_map(refresh).min_by_key(length),
        }
    }

    /// Seconds an access token lives, 0 for ever, where the default is `default`.
    pub fn access_seconds(self, default: i64) -> i64 {
        let wanted = self.access.into_iter().chain((self.at_most_default || self.access.is_none()).then_some(default));
        wanted.min_by_key(length).unwrap_or(default)
    }
}

/// 0 stands for ever and is the longest.
fn length(seconds: &i64) -> i64 {
    if *seconds == 0 { i64::MAX } else { *seconds }
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
    let meant = meant(tenant, services, &named, scopes);
    let exists = |scope: &str| {
        OidcScope::parse(scope).is_some()
            || REGISTRATION_SCOPES.contains(&scope)
            || MANAGEMENT_SCOPES.contains(&scope)
            || meant.iter().any(|service| service.knows(scope))
    };
    let scopes = scopes.only(exists);
    let mut audience: Vec<String> = meant.iter().map(|service| service.row.audience.clone()).collect();
    if scopes.iter().any(|scope| REGISTRATION_SCOPES.contains(&scope)) {
        audience.push(tenant.url(endpoint::REGISTRATION));
    }
    let manages = named.iter().any(|named| matches!(named, Named::Management))
        || scopes.iter().any(|scope| MANAGEMENT_SCOPES.contains(&scope));
    if manages {
        audience.push(tenant.url(endpoint::MANAGEMENT));
    }
    if audience.is_empty() || scopes.contains(OidcScope::OpenId.as_str()) {
        audience.push(tenant.url(endpoint::USERINFO));
    }
    let opaque = meant.iter().any(|service| service.row.token_format == TokenFormat::Opaque);
    let mut life = Life::of(meant.iter().copied());
    if manages {
        life.access = life.access.into_iter().chain([MANAGEMENT_SECONDS]).min_by_key(length);
    }
    Ok(Target {
        audience: Words::new(audience),
        scopes,
        format: if opaque { TokenFormat::Opaque } else { TokenFormat::Jwt },
        named: Words::new(named.iter().filter_map(Named::audience)),
        life,
    })
}

/// How long tokens for the management API live, in seconds (portal.md A29).
pub const MANAGEMENT_SECONDS: i64 = 86_400;

/// The services that are meant: those named; else those that know the scopes; else the tenant's default.
fn meant<'s>(tenant: &Tenant, services: &'s [Service], named: &[Named<'s>], scopes: &Words) -> Vec<&'s Service> {
    if !named.is_empty() {
        return named.iter().filter_map(Named::service).collect();
    }
    let enabled = services.iter().filter(|service| service.row.enabled);
    let known: Vec<_> = enabled.clone().filter(|service| scopes.iter().any(|scope| names(service, scope))).collect();
    let Some(default) = tenant.settings.default_audience.as_ref().filter(|_| known.is_empty()) else { return known };
    enabled.filter(|service| service.row.audience == *default).collect()
}

/// Whether a scope alone means this service. One that OpenID Connect gave a meaning does not: a service may have it
/// too, but has to be named then.
fn names(service: &Service, scope: &str) -> bool {
    service.knows(scope) && OidcScope::parse(scope).is_none()
}

/// What a resource names.
enum Named<'s> {
    /// A service.
    Service(&'s Service),
    /// The management API of this server.
    Management,
    /// This server's userinfo endpoint or registration, or its issuer.
    Own,
}

impl<'s> Named<'s> {
    fn service(&self) -> Option<&'s Service> {
        match self {
            Self::Service(service) => Some(service),
            Self::Management | Self::Own => None,
        }
    }

    fn audience(&self) -> Option<String> {
        self.service().map(|service| service.row.audience.clone())
    }
}

fn find<'s>(tenant: &Tenant, services: &'s [Service], resource: &str) -> Result<Named<'s>, Error> {
    let mut enabled = services.iter().filter(|service| service.row.enabled);
    // A plain name is no URI, but may be asked for as `audience` by those who gave it.
    if let Some(named) = enabled.clone().find(|service| service.row.audience == resource) {
        return Ok(Named::Service(named));
    }
    let Some(wanted) = canonical(resource) else {
        let complaint = format!("resource {resource} is not an absolute URI without a fragment");
        return Err(Error::new(Code::InvalidTarget, complaint));
    };
    let own = [tenant.issuer.clone(), tenant.url(endpoint::USERINFO), tenant.url(endpoint::REGISTRATION)];
    if own.iter().any(|own| canonical(own).as_ref() == Some(&wanted)) {
        return Ok(Named::Own);
    }
    if is_management(tenant, resource) {
        return Ok(Named::Management);
    }
    match enabled.find(|service| canonical(&service.row.audience).as_ref() == Some(&wanted)) {
        Some(service) => Ok(Named::Service(service)),
        None => Err(Error::new(Code::InvalidTarget, format!("resource {resource} is not known here"))),
    }
}

/// Whether a resource names the management API of this server.
pub fn is_management(tenant: &Tenant, resource: &str) -> bool {
    canonical(resource).is_some_and(|resource| canonical(&tenant.url(endpoint::MANAGEMENT)) == Some(resource))
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

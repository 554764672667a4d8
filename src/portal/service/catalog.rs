//! What do developers see of the services? Those that are published, and nothing that is none of their business.

use entity::id::{PolicyId, ServiceId};
use entity::policy;

use super::find::{Filter, Reference, Which, tags};
use super::{Scope, Service};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::service;
use crate::oidc::tenant::Tenant;
use crate::portal::list::{Listed, Wanted, part};
use crate::portal::{Action, Actor, Error};

/// A service as developers see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Identity.
    pub id: ServiceId,
    /// Its name, as paths name it.
    pub name: String,
    /// Its name in the portal: the policy's display name, or else its name.
    pub title: String,
    /// What it is: the policy's description (portal.md K11), or else the service's.
    pub description: Option<String>,
    /// What requests name as `audience` or `resource`.
    pub audience: String,
    /// What one may ask for.
    pub scopes: Vec<Scope>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Every client gets tokens; or only those of applications with a contract.
    pub access: entity::service::Access,
    /// How an application comes to a contract; `None`: it cannot (portal.md K7, N6, N22).
    pub registration: Option<Registration>,
    /// Seconds since 1970.
    pub created_at: Seconds,
    /// Seconds since 1970.
    pub updated_at: Seconds,
}

/// How an application comes to a contract for a service, and what it gets then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The policy.
    pub policy_id: PolicyId,
    /// Name in the portal.
    pub display_name: String,
    /// Shown with it.
    pub description: Option<String>,
    /// Requests skip the queue; the tenant's own switch stands above it (portal.md N21).
    pub auto_approve: bool,
    /// A request must say what it is for.
    pub comment_required: bool,
    /// Kept for those who sent it.
    pub show_issuer: Option<bool>,
    /// RFC 6749 §4.1.
    pub authorization_code: bool,
    /// RFC 6749 §4.4.
    pub client_credentials: bool,
    /// RFC 6749 §4.2.
    pub implicit_grant: bool,
    /// RFC 6749 §4.3.
    pub password_grant: bool,
    /// At least one scope must be asked for.
    pub mandatory_scope: bool,
    /// The header that carries the access token, in lower case.
    pub auth_header_name: String,
    /// Seconds an access token lives; 0: for ever.
    pub token_expiration: Seconds,
    /// Seconds a refresh token lives; 0: for ever.
    pub refresh_token_ttl: Seconds,
}

impl Shown {
    /// What is shown of a service.
    pub fn of(service: &Service) -> Self {
        let Service { row, scopes, policy } = service;
        let described = policy.as_ref().and_then(|policy| policy.description.clone());
        Self {
            id: row.id,
            name: row.name.clone(),
            title: policy.as_ref().map_or_else(|| row.name.clone(), |policy| policy.display_name.clone()),
            description: described.or_else(|| row.description.clone()),
            audience: row.audience.clone(),
            scopes: scopes.clone(),
            tags: tags(row.tags.as_ref()),
            access: row.access,
            registration: policy.as_ref().filter(|policy| policy.enabled).map(Registration::of),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl Registration {
    fn of(policy: &policy::Model) -> Self {
        Self {
            policy_id: policy.id,
            display_name: policy.display_name.clone(),
            description: policy.description.clone(),
            auto_approve: policy.auto_approve,
            comment_required: policy.comment_required,
            show_issuer: policy.show_issuer,
            authorization_code: policy.enable_authorization_code,
            client_credentials: policy.enable_client_credentials,
            implicit_grant: policy.enable_implicit_grant,
            password_grant: policy.enable_password_grant,
            mandatory_scope: policy.mandatory_scope,
            auth_header_name: policy.auth_header_name.clone(),
            token_expiration: policy.token_expiration,
            refresh_token_ttl: policy.refresh_token_ttl,
        }
    }
}

/// The services a developer sees, at most a second old (portal.md K30, N5). [`Which::All`] means all that are published.
///
/// # Errors
/// `NotApproved` and `NotAllowed` for those who are no developers; when the database cannot be asked.
pub async fn catalog(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<Shown>, Error> {
    actor.may(Action::ReadOwn)?;
    let all = service::all(app, tenant).await?;
    let visible = all.iter().filter(|service| Which::Published.fits(service) && filter.fits(service));
    Ok(part(visible.map(Shown::of).collect(), wanted, |shown| shown.id.0))
}

/// One of them.
///
/// # Errors
/// `NotFound` also for one that is not published; otherwise as [`catalog`].
pub async fn shown(app: &App, tenant: &Tenant, actor: &Actor, reference: &str) -> Result<Shown, Error> {
    actor.may(Action::ReadOwn)?;
    let reference = Reference::parse(reference);
    let all = service::all(app, tenant).await?;
    let found = all.iter().find(|service| reference.fits(service) && Which::Published.fits(service));
    found.map(Shown::of).ok_or(Error::NotFound)
}

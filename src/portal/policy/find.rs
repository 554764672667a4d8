//! Where are the policies that whoever looks after services asks for?

use entity::id::PolicyId;

use super::Policy;
use crate::app::App;
use crate::oidc::service::load;
use crate::oidc::tenant::Tenant;
use crate::portal::list::{Listed, Wanted, part};
use crate::portal::service::find::tags;
use crate::portal::service::{Reference, Service, Tags};
use crate::portal::{Action, Actor, Error};

/// The policies of the tenant.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    wanted_tags: &Tags,
    wanted: &Wanted,
) -> Result<Listed<Policy>, Error> {
    actor.may(Action::ReadServices)?;
    let mut all: Vec<Policy> = load(app, tenant.id).await?.into_iter().filter_map(policy).collect();
    all.retain(|policy| wanted_tags.fit(&tags(policy.row.tags.as_ref())));
    all.sort_by_key(|policy| policy.row.id);
    Ok(part(all, wanted, |policy| policy.row.id.0))
}

/// One policy, as the database has it now.
///
/// # Errors
/// `NotFound`, `NotAllowed`; when the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, id: PolicyId) -> Result<Policy, Error> {
    actor.may(Action::ReadServices)?;
    load_one(app, tenant, id).await
}

/// The policy of a service.
///
/// # Errors
/// `NotFound` for a service that is not there or has none; otherwise as [`find`].
pub async fn of_service(app: &App, tenant: &Tenant, actor: &Actor, service: &str) -> Result<Policy, Error> {
    let service = crate::portal::service::find(app, tenant, actor, service).await?;
    policy(service).ok_or(Error::NotFound)
}

/// A service with its policy, if it has one, for those who write policies.
///
/// # Errors
/// `NotFound` for a service that is not there, `NotAllowed`; when the database cannot be asked.
pub async fn for_writing(app: &App, tenant: &Tenant, actor: &Actor, service: &str) -> Result<Service, Error> {
    actor.may(Action::WritePolicies)?;
    crate::portal::service::find::load_one(app, tenant, &Reference::parse(service)).await
}

/// One policy, whoever asks.
pub(super) async fn load_one(app: &App, tenant: &Tenant, id: PolicyId) -> Result<Policy, Error> {
    let all = load(app, tenant.id).await?;
    all.into_iter().filter_map(policy).find(|policy| policy.row.id == id).ok_or(Error::NotFound)
}

fn policy(service: Service) -> Option<Policy> {
    service.policy.map(|row| Policy { row, service: service.row })
}

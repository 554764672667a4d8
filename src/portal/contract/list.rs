//! Which contracts are there, for the one who asks? Closed ones only for those who ask for them.

use std::collections::HashMap;

use entity::contract::{self, ContractState};
use entity::id::{ApplicationId, ContractId, ServiceId};
use entity::user::Role;
use entity::{application, policy, service};
use sea_orm::sea_query::{ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::state::Standing;
use super::{Contract, OfApplication, OfService};
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::application::Whose;
use crate::portal::list::{Listed, Wanted};
use crate::portal::membership::reached_by;
use crate::portal::{Action, Actor, Error, person};

/// Which contracts are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Whose.
    pub whose: Whose,
    /// Of this application.
    pub application: Option<ApplicationId>,
    /// For this service.
    pub service: Option<ServiceId>,
    /// In one of these states; empty: in any but closed.
    pub states: Vec<ContractState>,
    /// With one of these standings, for those who tell paused ones apart; empty: as `states` says.
    pub standings: Vec<Standing>,
}

/// The contracts this actor may see: all for admins, for publishers those for the services they look after, and for
/// everybody those of applications they reach. What they may not see is not there, nor counted (s.B3).
///
/// # Errors
/// `NotApproved`, `NotAllowed`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<Contract>, Error> {
    let pool = app.db.pool();
    let mut condition = visible(tenant, actor, filter.whose)?;
    if let Some(application) = filter.application {
        condition = condition.add(contract::Column::ApplicationId.eq(application));
    }
    if let Some(service) = filter.service {
        condition = condition.add(contract::Column::ServiceId.eq(service));
    }
    condition = match filter.states.as_slice() {
        _ if !filter.standings.is_empty() => {
            condition.add(filter.standings.iter().fold(Condition::any(), |any, one| {
                let state = contract::Column::State.eq(one.state);
                any.add(state.and(contract::Column::Suspended.eq(one.suspended)))
            }))
        }
        [] => condition.add(contract::Column::State.ne(ContractState::Closed)),
        states => condition.add(contract::Column::State.is_in(states.iter().copied())),
    };
    let mut query = contract::Entity::find().filter(condition);
    let total = query.clone().count(pool).await?;
    if let Some(after) = wanted.after {
        query = query.filter(contract::Column::Id.gt(ContractId(after)));
    }
    let rows = query
        .order_by_asc(contract::Column::Id)
        .offset(wanted.skip)
        .limit(wanted.limit.saturating_add(1))
        .all(pool)
        .await?;
    let listed = Listed::of(rows, wanted, total, |row| row.id.0);
    let items = joined(pool, listed.items).await?;
    Ok(Listed { items, total: listed.total, next: listed.next })
}

/// A contract that is not closed.
///
/// # Errors
/// `NotFound` for one that is closed, unknown or nobody's business of this actor; `NotApproved`.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, id: ContractId) -> Result<Contract, Error> {
    let found = find_any(app, tenant, actor, id).await?;
    if found.row.state == ContractState::Closed { Err(Error::NotFound) } else { Ok(found) }
}

/// A contract, also a closed one.
///
/// # Errors
/// As [`find`].
pub async fn find_any(app: &App, tenant: &Tenant, actor: &Actor, id: ContractId) -> Result<Contract, Error> {
    let condition = visible(tenant, actor, Whose::Reachable)?.add(contract::Column::Id.eq(id));
    one(app, condition).await
}

/// The contract of this application for this service, unless it is closed.
///
/// # Errors
/// As [`find`].
pub async fn find_between(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application: ApplicationId,
    service: ServiceId,
) -> Result<Contract, Error> {
    let condition = visible(tenant, actor, Whose::Reachable)?
        .add(contract::Column::ApplicationId.eq(application))
        .add(contract::Column::ServiceId.eq(service))
        .add(contract::Column::State.ne(ContractState::Closed));
    one(app, condition).await
}

/// How many contracts each of these applications has, which the caller was shown; closed ones do not count.
///
/// # Errors
/// When the database cannot be asked.
pub async fn count_of(
    app: &App,
    tenant: &Tenant,
    applications: &[ApplicationId],
) -> Result<HashMap<ApplicationId, i64>, Error> {
    let counted = contract::Entity::find()
        .select_only()
        .column(contract::Column::ApplicationId)
        .column_as(contract::Column::Id.count(), "contracts")
        .filter(contract::Column::TenantId.eq(tenant.id))
        .filter(contract::Column::ApplicationId.is_in(applications.iter().copied()))
        .filter(contract::Column::State.ne(ContractState::Closed))
        .group_by(contract::Column::ApplicationId)
        .into_tuple::<(ApplicationId, i64)>()
        .all(app.db.pool())
        .await?;
    Ok(counted.into_iter().collect())
}

/// The scopes that an application, which the caller was shown, has by its approved contracts; each once, in order.
///
/// # Errors
/// When the database cannot be asked.
pub async fn granted_scopes(app: &App, tenant: &Tenant, application: ApplicationId) -> Result<Vec<String>, Error> {
    let approved = contract::Entity::find()
        .filter(contract::Column::TenantId.eq(tenant.id))
        .filter(contract::Column::ApplicationId.eq(application))
        .filter(contract::Column::State.eq(ContractState::Approved))
        .filter(contract::Column::Suspended.eq(false))
        .all(app.db.pool())
        .await?;
    let services = crate::oidc::service::all(app, tenant).await?;
    let mut scopes = std::collections::BTreeSet::new();
    for row in approved {
        let Some(service) = services.iter().find(|service| service.row.id == row.service_id) else { continue };
        let granted = |scope: &str| row.scopes.as_ref().is_none_or(|scopes| scopes.contains(scope));
        scopes.extend(service.scopes.iter().map(|scope| scope.value.clone()).filter(|scope| granted(scope)));
    }
    Ok(scopes.into_iter().collect())
}

async fn one(app: &App, condition: Condition) -> Result<Contract, Error> {
    let row = contract::Entity::find().filter(condition).one(app.db.pool()).await?;
    joined(app.db.pool(), row.into_iter().collect()).await?.pop().ok_or(Error::NotFound)
}

/// Which contracts this actor may know of.
fn visible(tenant: &Tenant, actor: &Actor, whose: Whose) -> Result<Condition, Error> {
    let in_tenant = Condition::all().add(contract::Column::TenantId.eq(tenant.id));
    let looks_after = actor.can(Action::ReadContracts);
    if looks_after && actor.role() == Role::Admin && whose == Whose::Reachable {
        return Ok(in_tenant);
    }
    if !looks_after {
        actor.may(Action::ReadOwn)?;
    }
    let Some(user) = actor.user_id() else {
        // A client that speaks for itself has nothing of its own.
        return Ok(in_tenant.add(contract::Column::Id.is_null()));
    };
    let mut reached = Condition::any();
    if actor.can(Action::ReadOwn) {
        reached = reached.add(contract::Column::ApplicationId.in_subquery(reached_by(user)));
    }
    if looks_after && whose == Whose::Reachable {
        let mut services = Query::select();
        services.column(service::Column::Id).from(service::Entity).and_where(service::Column::OwnerId.eq(user));
        reached = reached.add(contract::Column::ServiceId.in_subquery(services));
    }
    if reached.is_empty() {
        return Ok(in_tenant.add(contract::Column::Id.is_null()));
    }
    Ok(in_tenant.add(reached))
}

/// Contracts with the names of their two sides, in the same order.
pub(super) async fn joined<C: ConnectionTrait>(
    connection: &C,
    rows: Vec<contract::Model>,
) -> Result<Vec<Contract>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let applications = crate::portal::application::rows()
        .filter(application::Column::Id.is_in(rows.iter().map(|row| row.application_id)))
        .all(connection)
        .await?;
    let services = service::Entity::find()
        .filter(service::Column::Id.is_in(rows.iter().map(|row| row.service_id)))
        .all(connection)
        .await?;
    let policies = policy::Entity::find()
        .filter(policy::Column::ServiceId.is_in(rows.iter().map(|row| row.service_id)))
        .all(connection)
        .await?;
    let owners = person::named(connection, applications.iter().filter_map(|row| row.primary_owner_id)).await?;
    let applications: HashMap<_, _> = applications.into_iter().map(|row| (row.id, row)).collect();
    let services: HashMap<_, _> = services.into_iter().map(|row| (row.id, row)).collect();
    let names: HashMap<_, _> = policies.into_iter().map(|row| (row.service_id, row.display_name)).collect();
    let with_names = |row: contract::Model| {
        let application = applications.get(&row.application_id)?;
        let service = services.get(&row.service_id)?;
        Some(Contract {
            application: OfApplication {
                id: application.id,
                name: application.name.clone(),
                owner: application.primary_owner_id.and_then(|id| owners.get(&id).cloned()),
            },
            service: OfService {
                id: service.id,
                name: service.name.clone(),
                display_name: names.get(&service.id).cloned(),
                audience: service.audience.clone(),
                owner_id: service.owner_id,
            },
            row,
        })
    };
    // One whose side was removed between two reads is about to go, too.
    Ok(rows.into_iter().filter_map(with_names).collect())
}

//! How does a service get a policy, and how does the policy change?

use entity::id::{PolicyId, TenantId};
use entity::policy::{self, Model};
use entity::service;
use entity::user::Role;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::Value;

use super::change::{self as words, Change, apply, blank, cleared, needs_admin, told};
use super::provision_key::{self, Kept};
use super::{Policy, find, scopes};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::tenant::{PolicySettings, Tenant};
use crate::portal::service::find::Reference;
use crate::portal::service::looks_after;
use crate::portal::service::store as services;
use crate::portal::service::write::{Duplicate, Failure, Line, lock, lock_tenant, tell, touched, unchanged, write};
use crate::portal::{Action, Actor, Conflict, Error, Wrong};
use crate::secret;

/// What is wrong with a policy that is to be made, for those who tell it together with what else is wrong. The provision
/// key and what others have is looked at when it is stored.
pub fn complaints(tenant: &Tenant, service: Option<&service::Model>, change: &Change) -> Vec<Wrong> {
    let nil = uuid::Uuid::nil();
    let blank = blank(nil.into(), tenant.id, nil.into(), 0);
    let after = apply(blank.clone(), change);
    let none = Value::Array(Vec::new());
    let known = service.map_or(&none, |service| &service.scopes);
    let scopes = scopes::rewritten(known, None, after.scope_elements.as_ref());
    words::complaints(&tenant.settings.policies, &blank, &after, &scopes)
}

/// Gives a service its policy; with an `id` for those who choose it themselves. Afterwards applications may be
/// registered for the service (portal.md K7).
///
/// # Errors
/// `NotFound` for the service; `NotAllowed`, also for another publisher's and for what only an admin may
/// (security.md s.K4); `Invalid` with all that is wrong; `Conflict::PolicyExists`; `Taken` for a `display_name`, a
/// `provision_key` or an `id` that is; when the database cannot be asked.
pub async fn create(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    service: &str,
    id: Option<PolicyId>,
    change: Change,
) -> Result<Policy, Error> {
    actor.may(Action::WritePolicies)?;
    let id = id.unwrap_or_else(|| secret::new_id().into());
    let kept = Kept::new(app, id, change.provision_key.as_ref());
    let (reference, judge) = (Reference::parse(service), Judge::new(tenant, actor));
    let (line, now) = (Line::new(app, tenant.id, actor, "policy_created"), app.clock.now());
    let (again, known) = (change.clone(), crate::portal::service::find::load_one(app, tenant, &reference).await?);
    let written = write(app, move |transaction| {
        let (judge, line, reference, kept, change) =
            (judge.clone(), line.clone(), reference.clone(), kept.clone(), change.clone());
        Box::pin(async move {
            if change.provision_key.is_some() {
                lock_tenant(transaction, judge.tenant_id).await?;
            }
            let (service, policy) = lock(transaction, judge.tenant_id, &reference).await?;
            looks_after(&judge.actor, Action::WritePolicies, &service)?;
            let blank = blank(id, judge.tenant_id, service.id, now);
            let (row, service) = judge.settle(&blank, apply(blank.clone(), &change), &change, service)?;
            if policy.is_some() {
                return Err(Error::Conflict(Conflict::PolicyExists).into());
            }
            kept.is_free(transaction, &row).await?;
            let row = kept.put_into(row);
            policy::Entity::insert(row.clone().into_active_model()).exec_without_returning(transaction).await?;
            let service = service.store(transaction, now).await?;
            tell(transaction, line.of(target(&row), &Value::Null, &told(&row))).await?;
            Ok(Policy { row, service })
        })
    })
    .await?;
    app.services.forget(&tenant.id);
    match written {
        Ok(policy) => Ok(policy),
        Err(Duplicate) => Err(taken(app, &apply(blank(id, tenant.id, known.row.id, now), &again)).await?),
    }
}

/// Changes a policy: what `change` does not name stays (portal.md K28, K52). With `expected` only if it still has that
/// version. Contracts that are there already stay as they are (K10).
///
/// # Errors
/// As [`create`], and `Conflict::Changed`.
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: PolicyId,
    expected: Option<i64>,
    change: Change,
) -> Result<Policy, Error> {
    let line = Line::new(app, tenant.id, actor, "policy_changed");
    Amendment::of(app, tenant, actor, id, expected, change, Rest::Stays).store(app, tenant, line).await
}

/// Replaces a policy: what `change` does not name goes back to its default, but the provision key stays.
///
/// # Errors
/// As [`change`].
pub async fn replace(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: PolicyId,
    expected: Option<i64>,
    change: Change,
) -> Result<Policy, Error> {
    let line = Line::new(app, tenant.id, actor, "policy_replaced");
    Amendment::of(app, tenant, actor, id, expected, change, Rest::GoesBack).store(app, tenant, line).await
}

/// Changes nothing but the provision key.
pub(super) async fn rotate(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: PolicyId,
    expected: Option<i64>,
    change: Change,
) -> Result<Policy, Error> {
    let line = Line::new(app, tenant.id, actor, "provision_key_renewed");
    Amendment::of(app, tenant, actor, id, expected, change, Rest::Stays).store(app, tenant, line).await
}

/// What happens to what a change does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    Stays,
    GoesBack,
}

#[derive(Clone, Debug)]
struct Amendment {
    judge: Judge,
    id: PolicyId,
    expected: Option<i64>,
    change: Change,
    rest: Rest,
    key: Option<Kept>,
}

impl Amendment {
    fn of(
        app: &App,
        tenant: &Tenant,
        actor: &Actor,
        id: PolicyId,
        expected: Option<i64>,
        change: Change,
        rest: Rest,
    ) -> Self {
        let key = change.provision_key.as_ref().map(|key| Kept::new(app, id, Some(key)));
        Self { judge: Judge::new(tenant, actor), id, expected, change, rest, key }
    }

    async fn store(self, app: &App, tenant: &Tenant, line: Line) -> Result<Policy, Error> {
        self.judge.actor.may(Action::WritePolicies)?;
        // A policy never moves to another service.
        let known = find::load_one(app, tenant, self.id).await?;
        let (service, now) = (Reference::Id(known.service.id), app.clock.now());
        let after = apply(known.row, &self.change);
        let written = write(app, move |transaction| {
            let (this, line, service) = (self.clone(), line.clone(), service.clone());
            Box::pin(async move { this.run(transaction, line, &service, now).await })
        })
        .await?;
        app.services.forget(&tenant.id);
        match written {
            Ok(policy) => Ok(policy),
            Err(Duplicate) => Err(taken(app, &after).await?),
        }
    }

    async fn run(
        self,
        transaction: &DatabaseTransaction,
        line: Line,
        service: &Reference,
        now: Seconds,
    ) -> Result<Policy, Failure> {
        let Self { judge, id, expected, change, rest, key } = self;
        if key.is_some() {
            lock_tenant(transaction, judge.tenant_id).await?;
        }
        let (service, policy) = lock(transaction, judge.tenant_id, service).await?;
        let before = policy.filter(|policy| policy.id == id).ok_or(Error::NotFound)?;
        looks_after(&judge.actor, Action::WritePolicies, &service)?;
        unchanged(expected, before.version)?;
        let start = if rest == Rest::GoesBack { cleared(before.clone()) } else { before.clone() };
        let (after, service) = judge.settle(&before, apply(start, &change), &change, service)?;
        let after = match key {
            Some(key) => {
                key.is_free(transaction, &after).await?;
                key.put_into(after)
            }
            None => after,
        };
        let after = Model { version: before.version + 1, updated_at: now, ..after };
        let stored = policy::Entity::update_many()
            .set(after.clone().into_active_model().reset_all())
            .filter(policy::Column::Id.eq(before.id))
            .filter(policy::Column::Version.eq(before.version))
            .exec(transaction)
            .await?;
        touched(stored.rows_affected)?;
        let service = service.store(transaction, now).await?;
        tell(transaction, line.of(target(&after), &told(&before), &told(&after))).await?;
        Ok(Policy { row: after, service })
    }
}

/// What a decision about a policy depends on.
#[derive(Clone, Debug)]
struct Judge {
    tenant_id: TenantId,
    actor: Actor,
    settings: PolicySettings,
}

impl Judge {
    fn new(tenant: &Tenant, actor: &Actor) -> Self {
        Self { tenant_id: tenant.id, actor: actor.clone(), settings: tenant.settings.policies.clone() }
    }

    /// The policy as it may be stored, and the service whose scopes follow it.
    fn settle(
        &self,
        before: &Model,
        after: Model,
        change: &Change,
        service: service::Model,
    ) -> Result<(Model, Following), Error> {
        let elements = (before.scope_elements.as_ref(), after.scope_elements.as_ref());
        let scopes = scopes::rewritten(&service.scopes, elements.0, elements.1);
        let mut wrong = words::complaints(&self.settings, before, &after, &scopes);
        wrong.extend(provision_key::complaint(change.provision_key.as_ref()));
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        let wide = needs_admin(before, &after) || change.provision_key.is_some();
        if wide && self.actor.role() != Role::Admin {
            return Err(Error::NotAllowed(Action::WritePolicies));
        }
        Ok((after, Following { scopes, service }))
    }
}

/// A service whose scopes follow its policy (portal.md §8.2, D-25).
pub(super) struct Following {
    pub(super) scopes: Value,
    pub(super) service: service::Model,
}

impl Following {
    /// Stores the scopes, if they are others.
    pub(super) async fn store(
        self,
        transaction: &DatabaseTransaction,
        now: Seconds,
    ) -> Result<service::Model, Failure> {
        let Self { scopes, service: before } = self;
        if before.scopes == scopes {
            return Ok(before);
        }
        let after = service::Model { scopes, version: before.version + 1, updated_at: now, ..before.clone() };
        services::update(transaction, &before, &after).await?;
        Ok(after)
    }
}

/// Which of its values another policy has. The index that refused it said so in words that differ between databases.
async fn taken(app: &App, row: &Model) -> Result<Error, Error> {
    let of_tenant = policy::Entity::find().filter(policy::Column::TenantId.eq(row.tenant_id));
    let all = of_tenant.all(app.db.pool()).await?;
    let others = || all.iter().filter(|other| other.id != row.id);
    if others().any(|other| other.service_id == row.service_id) {
        return Ok(Error::Conflict(Conflict::PolicyExists));
    }
    if others().any(|other| other.display_name_key == row.display_name_key) {
        return Ok(Error::Taken { field: "display_name", value: row.display_name.clone() });
    }
    match policy::Entity::find_by_id(row.id).one(app.db.pool()).await? {
        Some(known) if known.service_id != row.service_id => {
            Ok(Error::Taken { field: "id", value: row.id.to_string() })
        }
        _ => Ok(Error::Conflict(Conflict::Changed)),
    }
}

pub(super) fn target(row: &Model) -> String {
    format!("policy:{}", row.id)
}

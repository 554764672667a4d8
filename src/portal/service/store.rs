//! How does a service come to be, and how does it change?

use entity::id::{FamilyId, ServiceId};
use entity::policy;
use entity::service::{self, Model};
use entity::user::Role;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::Value;

use super::change::{Change, apply, blank, cleared, told};
use super::find::Reference;
use super::judge::{Judge, free, looks_after};
use super::write::{Duplicate, Failure, Line, lock, lock_tenant, tell, touched, unchanged, write};
use super::{Service, tokens};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::service::form;
use crate::oidc::tenant::Tenant;
use crate::portal::policy::scopes;
use crate::portal::{Action, Actor, Conflict, Error, Wrong};
use crate::secret;

/// What is wrong with a service that is to be made, or with a change of the one there is, for those who tell it together
/// with what else is wrong. What others have is looked at when it is stored.
///
/// # Errors
/// Our own fault alone.
pub fn complaints(tenant: &Tenant, before: Option<&Model>, change: Change) -> Result<Vec<Wrong>, Error> {
    let blank = || blank(uuid::Uuid::nil().into(), tenant.id, None, 0);
    let before = before.cloned().unwrap_or_else(blank);
    let after = apply(before.clone(), change)?;
    Ok(super::change::complaints(&form::own_audiences(tenant), &before, &after))
}

/// Adds a service; with an `id` for those who choose it themselves.
///
/// # Errors
/// `NotAllowed`; `Invalid` with all that is wrong; `Taken` for an `id`, a `name` or an `audience` that is; when the
/// database cannot be asked.
pub async fn create(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: Option<ServiceId>,
    change: Change,
) -> Result<Service, Error> {
    actor.may(Action::WriteServices)?;
    let publisher = actor.user_id().filter(|_| actor.role() != Role::Admin);
    let id = id.unwrap_or_else(|| secret::new_id().into());
    let blank = blank(id, tenant.id, publisher, app.clock.now());
    let wanted = apply(blank.clone(), change)?;
    let (judge, line) = (Judge::new(tenant, actor), Line::new(app, tenant.id, actor, "service_created"));
    let again = wanted.clone();
    let written = write(app, move |transaction| {
        let (judge, line, blank, mut row) = (judge.clone(), line.clone(), blank.clone(), wanted.clone());
        Box::pin(async move {
            lock_tenant(transaction, judge.tenant_id).await?;
            let others = judge.others(transaction, &row).await?;
            if row.audience.is_empty() {
                row.audience = judge.default_audience(&row, &others);
            }
            judge.check(transaction, &blank, &row, None).await?;
            free(&row, &others)?;
            service::Entity::insert(row.clone().into_active_model()).exec_without_returning(transaction).await?;
            tell(transaction, line.of(target(&row), &Value::Null, &told(&row))).await?;
            Ok(row)
        })
    })
    .await?;
    app.services.forget(&tenant.id);
    match written {
        Ok(row) => Ok(Service::new(None, row)?),
        Err(Duplicate) => Err(taken(app, &again).await?),
    }
}

/// Changes a service: what `change` does not name stays. With `expected` only if it still has that version.
///
/// # Errors
/// `NotFound`; `NotAllowed`, also for another publisher's; `Invalid` with all that is wrong; `Taken` for a `name` or an
/// `audience` that is; `Conflict::Changed`; `Conflict::StillUsed` for the audience that is the tenant's default; when the
/// database cannot be asked.
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    reference: &str,
    expected: Option<i64>,
    change: Change,
) -> Result<Service, Error> {
    let wanted = Amendment::of(tenant, actor, reference, expected, change, Rest::Stays);
    wanted.store(app, tenant, Line::new(app, tenant.id, actor, "service_changed")).await
}

/// Replaces a service: what `change` does not name goes back to its default, but the audience, the scopes, the format of
/// tokens and the owner stay.
///
/// # Errors
/// As [`change`].
pub async fn replace(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    reference: &str,
    expected: Option<i64>,
    change: Change,
) -> Result<Service, Error> {
    let wanted = Amendment::of(tenant, actor, reference, expected, change, Rest::GoesBack);
    wanted.store(app, tenant, Line::new(app, tenant.id, actor, "service_replaced")).await
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
    reference: Reference,
    expected: Option<i64>,
    change: Change,
    rest: Rest,
}

impl Amendment {
    fn of(tenant: &Tenant, actor: &Actor, reference: &str, expected: Option<i64>, change: Change, rest: Rest) -> Self {
        let reference = Reference::parse(reference);
        Self { judge: Judge::new(tenant, actor), reference, expected, change, rest }
    }

    async fn store(self, app: &App, tenant: &Tenant, line: Line) -> Result<Service, Error> {
        self.judge.actor.may(Action::WriteServices)?;
        let families = self.families(app, tenant).await?;
        let ends_tokens = self.change.audience.is_some();
        let (again, now) = (self.clone(), app.clock.now());
        let written = write(app, move |transaction| {
            let (this, line, families) = (self.clone(), line.clone(), families.clone());
            Box::pin(async move { this.run(transaction, line, &families, now).await })
        })
        .await?;
        app.services.forget(&tenant.id);
        if ends_tokens {
            app.families.forget_all();
        }
        match written {
            Ok((row, policy)) => Ok(Service::new(policy, row)?),
            Err(Duplicate) => {
                let known = super::find::load_one(app, tenant, &again.reference).await?;
                Err(taken(app, &apply(known.row, again.change)?).await?)
            }
        }
    }

    /// Only a new audience ends tokens.
    async fn families(&self, app: &App, tenant: &Tenant) -> Result<Vec<FamilyId>, Error> {
        let Some(audience) = &self.change.audience else { return Ok(Vec::new()) };
        let known = super::find::load_one(app, tenant, &self.reference).await?;
        if known.row.audience == *audience {
            return Ok(Vec::new());
        }
        Ok(tokens::families(app, tenant, &known).await?)
    }

    async fn run(
        self,
        transaction: &DatabaseTransaction,
        line: Line,
        families: &[FamilyId],
        now: Seconds,
    ) -> Result<(Model, Option<policy::Model>), Failure> {
        let Self { judge, reference, expected, change, rest } = self;
        let unique = change.audience.is_some() || change.name.is_some();
        if unique {
            lock_tenant(transaction, judge.tenant_id).await?;
        }
        let (before, policy) = lock(transaction, judge.tenant_id, &reference).await?;
        looks_after(&judge.actor, Action::WriteServices, &before)?;
        unchanged(expected, before.version)?;
        let start = if rest == Rest::GoesBack { cleared(before.clone()) } else { before.clone() };
        let after = apply(start, change)?;
        judge.check(transaction, &before, &after, policy.as_ref()).await?;
        if unique {
            free(&after, &judge.others(transaction, &after).await?)?;
        }
        if before.audience != after.audience {
            judge.gives_up_audience(&before)?;
            tokens::end(transaction, &before, families, now).await?;
        }
        let after = Model { version: before.version + 1, updated_at: now, ..after };
        update(transaction, &before, &after).await?;
        let policy = follow(transaction, policy, &before, &after, now).await?;
        tell(transaction, line.of(target(&after), &told(&before), &told(&after))).await?;
        Ok((after, policy))
    }
}

/// Stores what a service has become, if it is still what it was.
pub(in crate::portal) async fn update(
    transaction: &DatabaseTransaction,
    before: &Model,
    after: &Model,
) -> Result<(), Failure> {
    let stored = service::Entity::update_many()
        .set(after.clone().into_active_model().reset_all())
        .filter(service::Column::Id.eq(before.id))
        .filter(service::Column::Version.eq(before.version))
        .exec(transaction)
        .await?;
    Ok(touched(stored.rows_affected)?)
}

/// A policy that lists scopes lists those of its service (portal.md §8.2).
async fn follow(
    transaction: &DatabaseTransaction,
    policy: Option<policy::Model>,
    before: &Model,
    after: &Model,
    now: Seconds,
) -> Result<Option<policy::Model>, Failure> {
    let Some(policy) = policy else { return Ok(None) };
    if before.scopes == after.scopes || policy.scope_elements.is_none() {
        return Ok(Some(policy));
    }
    let elements = scopes::followed(policy.scope_elements.as_ref(), &after.scopes);
    let stored = policy::Entity::update_many()
        .col_expr(policy::Column::ScopeElements, Expr::value(elements.clone()))
        .col_expr(policy::Column::Version, Expr::value(policy.version + 1))
        .col_expr(policy::Column::UpdatedAt, Expr::value(now))
        .filter(policy::Column::Id.eq(policy.id))
        .filter(policy::Column::Version.eq(policy.version))
        .exec(transaction)
        .await?;
    touched(stored.rows_affected)?;
    Ok(Some(policy::Model { scope_elements: elements, version: policy.version + 1, updated_at: now, ..policy }))
}

/// Which of its values another service has. The index that refused it said so in words that differ between databases.
async fn taken(app: &App, row: &Model) -> Result<Error, Error> {
    let by_id = service::Entity::find_by_id(row.id).one(app.db.pool()).await?;
    let others = service::Entity::find().filter(service::Column::TenantId.eq(row.tenant_id)).all(app.db.pool()).await?;
    let others: Vec<Model> = others.into_iter().filter(|other| other.id != row.id).collect();
    if let Err(error) = free(row, &others) {
        return Ok(error);
    }
    match by_id {
        Some(_) => Ok(Error::Taken { field: "id", value: row.id.to_string() }),
        None => Ok(Error::Conflict(Conflict::Changed)),
    }
}

pub(super) fn target(row: &Model) -> String {
    format!("service:{}", row.id)
}

//! What goes when a service goes? Its policy, its contracts, its documents, and every token for it (security.md s.K6).

use entity::service;
use entity::{contract, document, policy};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::Value;

use super::change::told;
use super::find::{Reference, load_one};
use super::judge::{Judge, looks_after};
use super::store::target;
use super::tokens;
use super::write::{Failure, Line, lock, tell, touched, unchanged, write};
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Action, Actor, Conflict, Error};

/// Removes a service with everything that is about it. Tokens for it are not good from then on.
///
/// # Errors
/// `NotFound`; `NotAllowed`, also for another publisher's; `Conflict::Changed`; `Conflict::StillUsed` for the one that has
/// the tenant's default audience; when the database cannot be asked.
pub async fn remove(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    reference: &str,
    expected: Option<i64>,
) -> Result<(), Error> {
    actor.may(Action::WriteServices)?;
    let reference = Reference::parse(reference);
    let known = load_one(app, tenant, &reference).await?;
    looks_after(actor, Action::WriteServices, &known.row)?;
    let families = tokens::families(app, tenant, &known).await?;
    let judge = Judge::new(tenant, actor);
    let (line, now) = (Line::new(app, tenant.id, actor, "service_removed"), app.clock.now());
    let written = write(app, move |transaction| {
        let (judge, line, reference, families) = (judge.clone(), line.clone(), reference.clone(), families.clone());
        Box::pin(async move {
            let (row, _) = lock(transaction, judge.tenant_id, &reference).await?;
            looks_after(&judge.actor, Action::WriteServices, &row)?;
            unchanged(expected, row.version)?;
            judge.gives_up_audience(&row)?;
            tokens::end(transaction, &row, &families, now).await?;
            delete(transaction, &row).await?;
            tell(transaction, line.of(target(&row), &told(&row), &Value::Null)).await
        })
    })
    .await?;
    app.services.forget(&tenant.id);
    app.families.forget_all();
    written.map_err(|_| Error::Conflict(Conflict::Changed))
}

async fn delete(transaction: &DatabaseTransaction, row: &service::Model) -> Result<(), Failure> {
    contract::Entity::delete_many().filter(contract::Column::ServiceId.eq(row.id)).exec(transaction).await?;
    document::Entity::delete_many().filter(document::Column::ServiceId.eq(row.id)).exec(transaction).await?;
    policy::Entity::delete_many().filter(policy::Column::ServiceId.eq(row.id)).exec(transaction).await?;
    let gone = service::Entity::delete_many()
        .filter(service::Column::Id.eq(row.id))
        .filter(service::Column::Version.eq(row.version))
        .exec(transaction)
        .await?;
    Ok(touched(gone.rows_affected)?)
}

//! What happens to a service that loses its policy? It fails closed (portal.md D-26).
//!
//! Nobody can be registered for it any more, no flow is on, and where a contract is needed no token is issued or good.
//! The contracts stay: they count again when there is a policy again.

use entity::id::PolicyId;
use entity::policy;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use super::change::told;
use super::store::{Following, target};
use super::{find, scopes};
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::service::find::Reference;
use crate::portal::service::looks_after;
use crate::portal::service::write::{Line, lock, tell, touched, unchanged, write};
use crate::portal::{Action, Actor, Conflict, Error};

/// Removes a policy; the scopes it brought go with it.
///
/// # Errors
/// `NotFound`; `NotAllowed`, also for another publisher's service; `Conflict::Changed`; when the database cannot be asked.
pub async fn remove(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: PolicyId,
    expected: Option<i64>,
) -> Result<(), Error> {
    actor.may(Action::WritePolicies)?;
    let known = find::load_one(app, tenant, id).await?;
    let (reference, actor, tenant_id) = (Reference::Id(known.service.id), actor.clone(), tenant.id);
    let (line, now) = (Line::new(app, tenant_id, &actor, "policy_removed"), app.clock.now());
    let written = write(app, move |transaction| {
        let (actor, line, reference) = (actor.clone(), line.clone(), reference.clone());
        Box::pin(async move {
            let (service, policy) = lock(transaction, tenant_id, &reference).await?;
            let row = policy.filter(|policy| policy.id == id).ok_or(Error::NotFound)?;
            looks_after(&actor, Action::WritePolicies, &service)?;
            unchanged(expected, row.version)?;
            let gone = policy::Entity::delete_many()
                .filter(policy::Column::Id.eq(row.id))
                .filter(policy::Column::Version.eq(row.version))
                .exec(transaction)
                .await?;
            touched(gone.rows_affected)?;
            let scopes = scopes::rewritten(&service.scopes, row.scope_elements.as_ref(), None);
            Following { scopes, service }.store(transaction, now).await?;
            tell(transaction, line.of(target(&row), &told(&row), &Value::Null)).await
        })
    })
    .await?;
    app.services.forget(&tenant.id);
    written.map_err(|_| Error::Conflict(Conflict::Changed))
}

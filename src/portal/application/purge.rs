//! When is an archived application gone for good? After the days its tenant keeps it (portal.md D-16), with all its rows.

use entity::application::{self, ApplicationStatus};
use entity::client::{self, ClientKind};
use entity::id::{ApplicationId, RemoteCallId};
use entity::remote_call::{self, CallKind};
use entity::{consent, contract, token, token_family};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::{forget_application, target};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told};
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::portal::{Conflict, Error};
use crate::secret;

/// How many applications are looked for at once.
const BATCH: u64 = 100;
const DAY: Seconds = 86_400;

/// Removes the applications of all tenants that were put away long enough ago, each in its own transaction, and says how
/// many. Clients that live at a provider are still to be deleted there: that is written down with it (portal.md D-5).
/// Safe to run on several replicas at once.
///
/// # Errors
/// When the database cannot be asked; those that were removed before are gone.
pub async fn purge_archived(app: &App) -> Result<u64, Error> {
    let mut purged = 0;
    for tenant in app.tenants.all().iter() {
        let kept = tenant.settings.retention_days.map(Seconds::from).map(|days| days * DAY);
        let until = app.clock.now() - kept.unwrap_or(app.config.registration.retention_seconds);
        loop {
            let old = due(app, tenant, until).await?;
            let found = old.len() as u64;
            for row in old {
                purged += u64::from(purge(app, tenant, row, until).await?);
            }
            if found < BATCH {
                break;
            }
        }
    }
    Ok(purged)
}

async fn due(app: &App, tenant: &Tenant, until: Seconds) -> Result<Vec<application::Model>, Error> {
    let due = super::rows()
        .filter(application::Column::TenantId.eq(tenant.id))
        .filter(application::Column::Status.eq(ApplicationStatus::Archived))
        .filter(application::Column::ArchivedAt.lte(until))
        .order_by_asc(application::Column::Id)
        .limit(BATCH);
    Ok(due.all(app.db.pool()).await?)
}

/// `false`: it came back, or another replica was faster.
async fn purge(app: &App, tenant: &Tenant, row: application::Model, until: Seconds) -> Result<bool, Error> {
    let data = json!({"name": row.name, "archived_at": row.archived_at});
    let told = event(app, tenant.id, Kind::ApplicationPurged, "system", &target(row.id), data);
    let (id, now) = (row.id, app.clock.now());
    let done = app
        .db
        .transaction(move |transaction| {
            let told = told.clone();
            Box::pin(async move { remove(transaction, id, until, now, told).await })
        })
        .await;
    forget_application(app, id);
    match done {
        Ok(()) => Ok(true),
        Err(Error::NotFound | Error::Conflict(Conflict::Active)) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn remove(
    transaction: &DatabaseTransaction,
    id: ApplicationId,
    until: Seconds,
    now: Seconds,
    told: Told,
) -> Result<(), Error> {
    let row = application::Entity::find_by_id(id).lock_exclusive().one(transaction).await?.ok_or(Error::NotFound)?;
    let is_due = row.status == ApplicationStatus::Archived && row.archived_at.is_some_and(|at| at <= until);
    if !is_due {
        return Err(Error::Conflict(Conflict::Active));
    }
    let clients = client::Entity::find().filter(client::Column::ApplicationId.eq(id)).all(transaction).await?;
    let calls: Vec<remote_call::Model> = clients.iter().filter_map(|client| end_at_provider(client, now)).collect();
    for call in calls {
        remote_call::Entity::insert(call.into_active_model()).exec_without_returning(transaction).await?;
    }
    for client in clients {
        token::Entity::delete_many().filter(token::Column::ClientKey.eq(client.id)).exec(transaction).await?;
        let families = token_family::Entity::delete_many().filter(token_family::Column::ClientKey.eq(client.id));
        families.exec(transaction).await?;
        consent::Entity::delete_many().filter(consent::Column::ClientKey.eq(client.id)).exec(transaction).await?;
        // Its secrets go with it.
        client::Entity::delete_by_id(client.id).exec(transaction).await?;
    }
    contract::Entity::delete_many().filter(contract::Column::ApplicationId.eq(id)).exec(transaction).await?;
    application::Entity::delete_by_id(id).exec(transaction).await?;
    Ok(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
}

/// What a provider is still to be asked for, so that its client does not outlive ours (RFC 7592 §2.3); `None`: nothing.
fn end_at_provider(client: &client::Model, now: Seconds) -> Option<remote_call::Model> {
    let (ClientKind::External, Some(provider_id)) = (client.kind, client.provider_id) else { return None };
    // Without a management address there is nothing to ask.
    let request_sealed = client.remote_sealed.clone()?;
    Some(remote_call::Model {
        id: RemoteCallId(secret::new_id()),
        tenant_id: client.tenant_id,
        provider_id,
        client_key: Some(client.id),
        kind: CallKind::Delete,
        request_sealed,
        attempts: 0,
        next_try_at: now,
        failure: None,
        created_at: now,
        updated_at: now,
    })
}

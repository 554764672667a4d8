//! How does a client leave its application? At once, with its secrets and tokens; the application stays.

use entity::client;
use sea_orm::{ColumnTrait, Condition};
use serde_json::json;

use super::{Which, forget, reached, target};
use crate::app::App;
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::end::{End, Reason};
use crate::oidc::tenant::Tenant;
use crate::portal::membership::Reach;
use crate::portal::{Actor, Conflict, Error, provider};

/// Removes a client. Its identifier is never given to another by this server.
///
/// # Errors
/// `NotFound`, also for the second of two removals; `NotAllowed`.
pub async fn remove(app: &App, tenant: &Tenant, actor: &Actor, which: Which<'_>) -> Result<(), Error> {
    remove_version(app, tenant, actor, which, None).await
}

/// As [`remove`], if the metadata of the client has the version the caller saw; `None`: whichever is there.
///
/// # Errors
/// As [`remove`]; `Conflict(Changed)` for another version.
pub async fn remove_version(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: Which<'_>,
    expected: Option<i64>,
) -> Result<(), Error> {
    let client = reached(app, tenant, actor, which, Reach::Change).await?;
    if expected.is_some_and(|expected| expected != client.row.metadata_version) {
        return Err(Error::Conflict(Conflict::Changed));
    }
    let data = json!({"client_name": client.row.name});
    let end = End {
        client: client.row.id,
        application: None,
        reason: Reason::Deleted,
        condition: match expected {
            Some(version) => Condition::all().add(client::Column::MetadataVersion.eq(version)),
            None => Condition::all(),
        },
        told: event(app, tenant.id, Kind::ClientDeleted, actor.label(), &target(&client.row), data),
        at: app.clock.now(),
    };
    let there = provider::enqueue(app, &client.row)?;
    let ended = app
        .db
        .transaction(move |transaction| {
            let (end, there) = (end.clone(), there.clone());
            Box::pin(async move {
                let ended = end.store_in(transaction).await?;
                if let (true, Some(there)) = (ended, there) {
                    provider::enqueue_in(transaction, there).await?;
                }
                Ok::<_, Error>(ended)
            })
        })
        .await;
    forget(app, &client.row);
    match (ended?, expected) {
        (true, _) => Ok(()),
        (false, None) => Err(Error::NotFound),
        // It is gone, or it is another version.
        (false, Some(_)) => Err(Error::Conflict(Conflict::Changed)),
    }
}

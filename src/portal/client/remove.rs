//! How does a client leave its application? At once, with its secrets and tokens; the application stays.

use sea_orm::Condition;
use serde_json::json;

use super::{Which, forget, reached, target};
use crate::app::App;
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::end::{End, Reason};
use crate::oidc::tenant::Tenant;
use crate::portal::membership::Reach;
use crate::portal::{Actor, Error};

/// Removes a client. Its identifier is never given to another by this server.
///
/// # Errors
/// `NotFound`, also for the second of two removals; `NotAllowed`.
pub async fn remove(app: &App, tenant: &Tenant, actor: &Actor, which: Which<'_>) -> Result<(), Error> {
    let client = reached(app, tenant, actor, which, Reach::Change).await?;
    let data = json!({"client_name": client.row.name});
    let end = End {
        client: client.row.id,
        application: None,
        reason: Reason::Deleted,
        condition: Condition::all(),
        told: event(app, tenant.id, Kind::ClientDeleted, actor.label(), &target(&client.row), data),
        at: app.clock.now(),
    };
    let ended = app
        .db
        .transaction(move |transaction| {
            let end = end.clone();
            Box::pin(async move { Ok::<_, Error>(end.store_in(transaction).await?) })
        })
        .await;
    forget(app, &client.row);
    if ended? { Ok(()) } else { Err(Error::NotFound) }
}

//! How does a client leave? (RFC 7592 §2.3)

use sea_orm::{ColumnTrait, Condition};
use serde_json::json;

use entity::client;

use super::admission::Caller;
use super::end::{End, Reason};
use super::manage::{Authority, Managed, authorise, not_yours};
use crate::app::App;
use crate::oidc::client::record;
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};

/// Deletes a client with all it could do, in one transaction. Its identifier is never given to another.
///
/// # Errors
/// `invalid_token`, `insufficient_scope` and 429 for a caller that may not; of several deletions at once all but one get
/// `invalid_token`, as there is no such client any more (s.M14).
pub async fn delete(app: &App, tenant: &Tenant, caller: Caller<'_>, client_id: &str) -> Result<(), Error> {
    let managed = authorise(app, tenant, caller, client_id).await?;
    if ended(app, tenant, caller, &managed).await? { Ok(()) } else { Err(not_yours()) }
}

/// Deletes a client that the caller manages; `false`: it went meanwhile.
///
/// # Errors
/// When the database cannot be asked.
pub(super) async fn ended(app: &App, tenant: &Tenant, caller: Caller<'_>, managed: &Managed) -> Result<bool, Error> {
    let row = &managed.client.row;
    let condition = match &managed.by {
        Authority::Admin(_) | Authority::Ticket(_) => Condition::all(),
        Authority::Itself(token) => {
            let shown = token.hash();
            Condition::any()
                .add(client::Column::RegistrationTokenHash.eq(shown.as_str()))
                .add(client::Column::RegistrationTokenPreviousHash.eq(shown.as_str()))
        }
    };
    let end = End {
        client: row.id,
        application: row.application_id,
        reason: Reason::Deleted,
        condition,
        told: managed.event(app, tenant, caller, Kind::ClientDeleted),
        at: app.clock.now(),
    };
    end_now(app, tenant, managed.client.client_id(), end).await
}

/// Deletes a client for an admin, also one that was taken out of service. `actor` is who does it, as the audit log
/// writes it.
///
/// # Errors
/// `not_found` for a client that is unknown or gone; when the database cannot be asked.
pub async fn by_admin(app: &App, tenant: &Tenant, actor: &str, client_id: &str) -> Result<(), Error> {
    let unknown = || Error::new(Code::NotFound, format!("there is no client {client_id:?}"));
    if !record::is_client_id(client_id) {
        return Err(unknown());
    }
    let client = record::load(app, tenant, client_id).await?.ok_or_else(unknown)?;
    let data = json!({"client_name": client.row.name});
    let end = End {
        client: client.row.id,
        application: client.row.application_id,
        reason: Reason::Deleted,
        condition: Condition::all(),
        told: event(app, tenant.id, Kind::ClientDeleted, actor, &format!("client:{client_id}"), data),
        at: app.clock.now(),
    };
    if end_now(app, tenant, client_id, end).await? { Ok(()) } else { Err(unknown()) }
}

/// Whether it was there to end.
async fn end_now(app: &App, tenant: &Tenant, client_id: &str, end: End) -> Result<bool, Error> {
    let ended = app
        .db
        .transaction(move |transaction| {
            let end = end.clone();
            Box::pin(async move { Ok::<_, Error>(end.store_in(transaction).await?) })
        })
        .await?;
    app.clients.forget(&(tenant.id, client_id.to_owned()));
    app.families.forget_all();
    Ok(ended)
}

//! How does a client leave? (RFC 7592 §2.3)

use sea_orm::{ColumnTrait, Condition};

use entity::client;

use super::admission::Caller;
use super::end::{End, Reason};
use super::manage::{Authority, authorise, not_yours};
use crate::app::App;
use crate::oidc::Error;
use crate::oidc::event::Kind;
use crate::oidc::tenant::Tenant;

/// Deletes a client with all it could do, in one transaction. Its identifier is never given to another.
///
/// # Errors
/// `invalid_token`, `insufficient_scope` and 429 for a caller that may not; of several deletions at once all but one get
/// `invalid_token`, as there is no such client any more (s.M14).
pub async fn delete(app: &App, tenant: &Tenant, caller: Caller<'_>, client_id: &str) -> Result<(), Error> {
    let managed = authorise(app, tenant, caller, client_id).await?;
    let row = &managed.client.row;
    let condition = match &managed.by {
        Authority::Admin(_) => Condition::all(),
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
    let ended = app
        .db
        .transaction(move |transaction| {
            let end = end.clone();
            Box::pin(async move { Ok::<_, Error>(end.store_in(transaction).await?) })
        })
        .await?;
    app.clients.forget(&(tenant.id, client_id.to_owned()));
    app.families.forget_all();
    if ended { Ok(()) } else { Err(not_yours()) }
}

//! How does a client leave its provider? A call for its end is written down with its end here, and made until it is
//! confirmed (RFC 7592 §2.3, D-5).

use entity::client::{self, ClientState};
use entity::remote_call::{self, CallKind};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Map;

use super::reconcile::tell_left;
use super::register::{Asked, Ending, call_row};
use super::remote::{Managed, is_elsewhere};
use crate::app::App;
use crate::clock::Seconds;
use crate::portal::Error;

/// Clients looked at together.
const BATCH: u64 = 100;

/// The end of a client at its provider, ready to be stored with its end here; `None`: it lives here, or nobody said where
/// it is managed.
///
/// # Errors
/// Our own fault.
pub fn enqueue(app: &App, row: &client::Model) -> Result<Option<remote_call::Model>, Error> {
    let Some(provider) = row.provider_id.filter(|_| is_elsewhere(row)) else { return Ok(None) };
    let Some(managed) = Managed::of(app, row) else { return Ok(None) };
    let Some((uri, token)) = managed.access() else { return Ok(None) };
    let ending = Ending { uri: uri.to_owned(), token: token.expose().to_owned(), client_id: row.client_id.clone() };
    let name = row.name.clone().unwrap_or_default();
    let asked = Asked { body: Map::new(), name, end: Some(ending) };
    let due = app.clock.now();
    call_row(app, provider, row.tenant_id, CallKind::Delete, Some(row.id), &asked, due).map(Some)
}

/// Stores what [`enqueue`] made; the client's token there is not kept twice.
///
/// # Errors
/// When the database cannot be asked.
pub async fn enqueue_in(transaction: &DatabaseTransaction, call: remote_call::Model) -> Result<(), Error> {
    let forgotten = client::Entity::update_many()
        .col_expr(client::Column::RemoteSealed, Expr::value(Option::<String>::None))
        .filter(client::Column::Id.eq(call.client_key))
        .filter(client::Column::RemoteSealed.is_not_null())
        .exec(transaction)
        .await?;
    if forgotten.rows_affected > 0 {
        remote_call::Entity::insert(call.into_active_model()).exec_without_returning(transaction).await?;
    }
    Ok(())
}

/// Has those clients ended at their providers that ended here until `ended_until` and whose application did not come
/// back: they are about to be forgotten (D-5). Returns how many.
///
/// # Errors
/// When the database cannot be asked.
pub async fn purge(app: &App, ended_until: Seconds) -> Result<u64, Error> {
    let mut purged = 0;
    loop {
        let rows = client::Entity::find()
            .filter(client::Column::State.eq(ClientState::Ended))
            .filter(client::Column::EndedAt.lte(ended_until))
            .filter(client::Column::RemoteSealed.is_not_null())
            .order_by_asc(client::Column::Id)
            .limit(BATCH)
            .all(app.db.pool())
            .await?;
        for row in &rows {
            end(app, row).await?;
        }
        purged += rows.len() as u64;
        if (rows.len() as u64) < BATCH {
            return Ok(purged);
        }
    }
}

async fn end(app: &App, row: &client::Model) -> Result<(), Error> {
    let call = enqueue(app, row)?;
    if let (None, Some(provider)) = (&call, row.provider_id) {
        let name = row.name.clone().unwrap_or_default();
        tell_left(app, row.tenant_id, provider, &name, "nobody said where it is managed").await?;
    }
    let id = row.id;
    app.db
        .transaction(move |transaction| {
            let call = call.clone();
            Box::pin(async move {
                if let Some(call) = call {
                    return enqueue_in(transaction, call).await;
                }
                client::Entity::update_many()
                    .col_expr(client::Column::RemoteSealed, Expr::value(Option::<String>::None))
                    .filter(client::Column::Id.eq(id))
                    .exec(transaction)
                    .await?;
                Ok(())
            })
        })
        .await
}

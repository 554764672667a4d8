//! Which clients did nobody ever use? Those that registered themselves without a token and then never came back end, so
//! that open registration cannot fill the database (registration.md §6).

use entity::application::{self, ApplicationStatus, Source};
use entity::client::{self, ClientState};
use entity::client_secret;
use entity::event;
use entity::id::{ApplicationId, ClientKey};
use entity::token_family;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::json;

use crate::app::App;
use crate::clock::Seconds;
use crate::db::Rows;
use crate::oidc::Error;
use crate::oidc::event::{Kind, event};

/// What stands in the tombstone.
pub const REASON: &str = "unused";

/// Ends at most `limit` clients that registered at or before `registered_until` (seconds since 1970) without a token,
/// were never used and hold no live grant. Says how many.
///
/// Each is one conditional update, so a client that is used at this moment stays.
///
/// # Errors
/// When the database cannot be asked; those ended before stay ended.
pub async fn end(app: &App, registered_until: Seconds, limit: u64) -> Result<u64, Error> {
    let now = app.clock.now();
    let found = candidates(registered_until, now).limit(limit).all(app.db.pool()).await?;
    if found.is_empty() {
        return Ok(0);
    }
    let ending: Vec<(client::Model, event::Model)> = found
        .into_iter()
        .map(|client| {
            let data = json!({"reason": REASON, "name": client.name, "issued_at": client.issued_at});
            let target = format!("client:{}", client.client_id);
            let told = event(app, client.tenant_id, Kind::ClientExpired, "system", &target, data);
            (client, told)
        })
        .collect();
    let keys: Vec<_> = ending.iter().map(|(client, _)| (client.tenant_id, client.client_id.clone())).collect();
    let ended = app
        .db
        .transaction(move |transaction| {
            let ending = ending.clone();
            Box::pin(async move {
                let mut ended = 0;
                for (client, told) in ending {
                    if end_one(transaction, &client, now).await? {
                        Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?;
                        ended += 1;
                    }
                }
                Ok::<u64, Error>(ended)
            })
        })
        .await?;
    for key in &keys {
        app.clients.forget(key);
    }
    Ok(ended)
}

fn candidates(registered_until: Seconds, now: Seconds) -> Select<client::Entity> {
    let open = Query::select()
        .expr(Expr::val(1))
        .from(application::Entity)
        .and_where(
            Expr::col((application::Entity, application::Column::Id))
                .equals((client::Entity, client::Column::ApplicationId)),
        )
        .and_where(application::Column::Source.eq(Source::Open))
        .to_owned();
    let live_family = Query::select()
        .expr(Expr::val(1))
        .from(token_family::Entity)
        .and_where(
            Expr::col((token_family::Entity, token_family::Column::ClientKey))
                .equals((client::Entity, client::Column::Id)),
        )
        .and_where(token_family::Column::RevokedAt.is_null())
        .and_where(token_family::Column::ExpiresAt.gt(now))
        .to_owned();
    client::Entity::find()
        .filter(client::Column::State.eq(ClientState::Active))
        .filter(client::Column::LastUsedAt.is_null())
        .filter(client::Column::IssuedAt.lte(registered_until))
        .filter(Expr::exists(open))
        .filter(Expr::not_exists(live_family))
        .order_by_asc(client::Column::Id)
}

async fn end_one(transaction: &DatabaseTransaction, client: &client::Model, now: Seconds) -> Result<bool, DbErr> {
    let none: Option<String> = None;
    let ended = client::Entity::update_many()
        .col_expr(client::Column::State, Expr::value(ClientState::Ended))
        .col_expr(client::Column::LiveKey, Expr::value(none.clone()))
        .col_expr(client::Column::RegistrationTokenHash, Expr::value(none.clone()))
        .col_expr(client::Column::RegistrationTokenPreviousHash, Expr::value(none))
        .col_expr(client::Column::EndedAt, Expr::value(now))
        .col_expr(client::Column::EndedReason, Expr::value(REASON))
        .col_expr(client::Column::UpdatedAt, Expr::value(now))
        .filter(client::Column::Id.eq(client.id))
        .filter(client::Column::State.eq(ClientState::Active))
        .filter(client::Column::LastUsedAt.is_null())
        .exec(transaction)
        .await?;
    if ended.rows_affected == 0 {
        return Ok(false);
    }
    forget_secrets(transaction, client.id).await?;
    if let Some(application) = client.application_id {
        archive(transaction, application, now).await?;
    }
    Ok(true)
}

async fn forget_secrets(transaction: &DatabaseTransaction, client: ClientKey) -> Result<(), DbErr> {
    client_secret::Entity::delete_many()
        .filter(client_secret::Column::ClientKey.eq(client))
        .exec(transaction)
        .await
        .map(drop)
}

/// An application that registered itself has one client, and is nothing without it.
async fn archive(transaction: &DatabaseTransaction, id: ApplicationId, now: Seconds) -> Result<(), DbErr> {
    application::Entity::update_many()
        .col_expr(application::Column::Status, Expr::value(ApplicationStatus::Archived))
        .col_expr(application::Column::ArchivedAt, Expr::value(now))
        .col_expr(application::Column::UpdatedAt, Expr::value(now))
        .filter(application::Column::Id.eq(id))
        .filter(application::Column::Status.eq(ApplicationStatus::Active))
        .exec(transaction)
        .await
        .map(drop)
}

//! Which clients may go because nobody ever used them? (registration.md §6, s.R60, s.R61)
//!
//! Only clients that registered without a token: whoever was given a ticket stays. A client younger than a quarter of an
//! hour is never touched, since a person may be signing in for it at this moment (E15), nor is one with live tokens.

use entity::application::{self, Source};
use entity::client::{self, ClientState};
use entity::id::TenantId;
use entity::token_family;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::end::{End, Reason};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::Error;
use crate::oidc::client::usage;
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;

/// How long a client is safe after its registration, in seconds.
const SAFE_SECONDS: Seconds = 900;
/// How many clients one transaction ends.
const BATCH: u64 = 50;

/// Ends the oldest clients of a tenant that registered without a token and were never used, `wanted` at most, and says
/// how many.
pub(super) async fn make_room(app: &App, tenant: &Tenant, wanted: u64) -> Result<u64, Error> {
    retire(app, tenant.id, SAFE_SECONDS, Ord::min(wanted, BATCH)).await
}

/// Ends the clients of all tenants that registered without a token and were not used within the time the configuration
/// gives them, and says how many. Safe to run on several replicas at once.
///
/// # Errors
/// When the database cannot be asked; those that were ended before stay ended.
pub async fn retire_unused(app: &App) -> Result<u64, Error> {
    let Some(ttl) = app.config.registration.unused_ttl_seconds else { return Ok(0) };
    let mut ended = 0;
    for tenant in app.tenants.all().iter() {
        loop {
            let batch = retire(app, tenant.id, Ord::max(ttl, SAFE_SECONDS), BATCH).await?;
            ended += batch;
            if batch < BATCH {
                break;
            }
        }
    }
    Ok(ended)
}

async fn retire(app: &App, tenant_id: TenantId, age: Seconds, wanted: u64) -> Result<u64, Error> {
    usage::write_down(app).await?;
    let now = app.clock.now();
    let candidates = unused(app, tenant_id, now - age, wanted).await?;
    let keys: Vec<(TenantId, String)> = candidates.iter().map(|client| (tenant_id, client.client_id.clone())).collect();
    let ends: Vec<End> = candidates.into_iter().map(|client| end(app, client, now)).collect();
    if ends.is_empty() {
        return Ok(0);
    }
    let ended = app
        .db
        .transaction(move |transaction| {
            let ends = ends.clone();
            Box::pin(async move {
                let mut ended = 0;
                for end in ends {
                    ended += u64::from(end.store_in(transaction).await?);
                }
                Ok::<_, DbErr>(ended)
            })
        })
        .await?;
    for key in &keys {
        app.clients.forget(key);
    }
    Ok(ended)
}

fn end(app: &App, client: client::Model, now: Seconds) -> End {
    let target = format!("client:{}", client.client_id);
    let data = json!({"reason": "unused", "client_name": client.name});
    End {
        client: client.id,
        application: client.application_id,
        reason: Reason::Unused,
        condition: Condition::all()
            .add(client::Column::LastUsedAt.is_null())
            .add(client::Column::State.eq(ClientState::Active)),
        told: event(app, client.tenant_id, Kind::ClientExpired, "system", &target, data),
        at: now,
    }
}

async fn unused(app: &App, tenant_id: TenantId, before: Seconds, max: u64) -> Result<Vec<client::Model>, DbErr> {
    let mut open = Query::select();
    open.expr(Expr::value(1))
        .from(application::Entity)
        .and_where(
            Expr::col((application::Entity, application::Column::Id))
                .equals((client::Entity, client::Column::ApplicationId)),
        )
        .and_where(application::Column::Source.eq(Source::Open));
    let mut living = Query::select();
    living
        .expr(Expr::value(1))
        .from(token_family::Entity)
        .and_where(
            Expr::col((token_family::Entity, token_family::Column::ClientKey))
                .equals((client::Entity, client::Column::Id)),
        )
        .and_where(token_family::Column::RevokedAt.is_null());
    client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant_id))
        .filter(client::Column::State.eq(ClientState::Active))
        .filter(client::Column::LastUsedAt.is_null())
        .filter(client::Column::IssuedAt.lte(before))
        .filter(Expr::exists(open))
        .filter(Expr::exists(living).not())
        .order_by_asc(client::Column::IssuedAt)
        .order_by_asc(client::Column::Id)
        .limit(max)
        .all(app.db.pool())
        .await
}

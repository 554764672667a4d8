//! Which rows are of no use any more? Removed in small batches, never one that is live; events stay for ever.
//!
//! [`run`], each minute, looks for what an index finds. [`sweep`], each hour, looks through whole tables.

use std::time::Duration;

use entity::client::{self, ClientState};
use entity::signing_key::{self, KeyState};
use entity::{
    consent, delivery, idempotency, initial_access_token, personal_token, policy, revocation, service, session, token,
    token_family, webhook,
};
use sea_orm::sea_query::{Cond, Expr, ExprTrait as _, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoSimpleExpr as _, ModelTrait, PrimaryKeyToColumn, PrimaryKeyTrait, QueryFilter,
    QuerySelect, QueryTrait, Value,
};

use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::Error;
use crate::oidc::registration::end::Reason;
use crate::oidc::service::MANAGEMENT_SECONDS;
use crate::portal::idempotency::KEPT_SECONDS;

/// Rows one statement removes at most, so that nobody waits long for its locks.
const BATCH: u64 = 500;
/// Between two batches others get their turn.
const PAUSE: Duration = Duration::from_millis(20);
/// Tombstones of clients and of initial access tokens explain what happened, for so long.
const TOMBSTONE_SECONDS: Seconds = 90 * 86_400;
/// What was delivered is listed for so long.
const DELIVERED_SECONDS: Seconds = 30 * 86_400;
/// Clocks of replicas may differ: what protects something is kept this much longer.
const MARGIN_SECONDS: Seconds = 300;

/// Removes sessions, token families, opaque tokens, revocations, keys and kept answers that have ended.
///
/// # Errors
/// When the database cannot be asked; what was removed is gone.
pub async fn run(app: &App) -> Result<(), Error> {
    let now = app.clock.now();
    let sessions = remove::<session::Entity>(app, session::Column::Id, session::Column::IdleAt.lte(now)).await?;
    let tokens = remove::<token::Entity>(app, token::Column::Id, token::Column::ExpiresAt.lte(now)).await?;
    let idle = token_family::Column::IdleAt.lte(now - access_token_seconds_max(app).await?);
    let families = remove_families(app, idle, now).await?;
    let revocations = revocation::Column::ExpiresAt.lte(now - MARGIN_SECONDS);
    let revocations = remove::<revocation::Entity>(app, revocation::Column::Jti, revocations).await?;
    let retired = signing_key::Column::RetiresAt.lte(now).and(signing_key::Column::State.eq(KeyState::Retiring));
    let keys = remove::<signing_key::Entity>(app, signing_key::Column::Id, retired).await?;
    let old = idempotency::Column::CreatedAt.lte(now - KEPT_SECONDS - MARGIN_SECONDS);
    let answers = remove::<idempotency::Entity>(app, idempotency::Column::KeyHash, old).await?;
    if sessions + tokens + families + revocations + keys + answers > 0 {
        tracing::info!(sessions, tokens, families, revocations, keys, answers, "rows that had ended are removed");
    }
    Ok(())
}

/// Removes what has ended before its time, and the tombstones that are old enough.
///
/// # Errors
/// When the database cannot be asked; what was removed is gone.
pub async fn sweep(app: &App) -> Result<(), Error> {
    let now = app.clock.now();
    let long_ago = now - TOMBSTONE_SECONDS;
    let ended = session::Column::ExpiresAt.lte(now).or(session::Column::EndedAt.lte(now));
    let sessions = remove::<session::Entity>(app, session::Column::Id, ended).await?;
    let tokens = remove::<token::Entity>(app, token::Column::Id, token::Column::RevokedAt.lte(now)).await?;
    let keep = access_token_seconds_max(app).await?;
    let ended = token_family::Column::ExpiresAt.lte(now - keep).or(token_family::Column::RevokedAt.lte(now - keep));
    let families = remove_families(app, ended, now).await?;
    let clients = remove_tombstones(app, long_ago).await?;
    let spent = initial_access_token::Column::ExpiresAt
        .lte(long_ago)
        .or(initial_access_token::Column::RevokedAt.lte(long_ago))
        .or(used_up(long_ago));
    let tickets = remove::<initial_access_token::Entity>(app, initial_access_token::Column::Id, spent).await?;
    let messages = sweep_outbox(app, now).await?;
    let ended = personal_token::Column::ExpiresAt.lte(long_ago).or(personal_token::Column::RevokedAt.lte(long_ago));
    let scripts = remove::<personal_token::Entity>(app, personal_token::Column::Id, ended).await?;
    if sessions + tokens + families + clients + tickets + messages + scripts > 0 {
        tracing::info!(
            sessions,
            tokens,
            families,
            clients,
            tickets,
            messages,
            personal_tokens = scripts,
            "the remains of the ended are removed"
        );
    }
    Ok(())
}

/// Messages that were delivered or given up long ago, and webhooks that were removed, with what was for them.
async fn sweep_outbox(app: &App, now: Seconds) -> Result<u64, Error> {
    let old = delivery::Column::DoneAt
        .lte(now - DELIVERED_SECONDS)
        .or(delivery::Column::FailedAt.lte(now - TOMBSTONE_SECONDS));
    let messages = remove::<delivery::Entity>(app, delivery::Column::Id, old).await?;
    // Every replica has long seen that it is gone: none adds a message for it that the foreign key would refuse.
    let gone = webhook::Column::Url.eq("").and(webhook::Column::UpdatedAt.lte(now - MARGIN_SECONDS));
    Ok(messages + remove::<webhook::Entity>(app, webhook::Column::Id, gone).await?)
}

/// How long an access token may outlive the last thing its family did, and a spent code its family: families stay as
/// long, since a token whose family is not there is refused, and a code whose family is not there is good.
async fn access_token_seconds_max(app: &App) -> Result<Seconds, Error> {
    let tokens = &app.config.tokens;
    let services = service::Entity::find()
        .select_only()
        .column_as(service::Column::AccessTokenSeconds.max(), "seconds")
        .into_tuple::<Option<Seconds>>()
        .one(app.db.pool())
        .await?;
    let policies = policy::Entity::find()
        .select_only()
        .column_as(policy::Column::TokenExpiration.max(), "seconds")
        .into_tuple::<Option<Seconds>>()
        .one(app.db.pool())
        .await?;
    let chosen = [services, policies].into_iter().filter_map(Option::flatten);
    let ours = [tokens.access_token_seconds, tokens.code_seconds, MANAGEMENT_SECONDS];
    let longest = ours.into_iter().chain(chosen).max().unwrap_or_default();
    Ok(longest + MARGIN_SECONDS)
}

/// Families of which `ended` is true, unless one of their opaque tokens lives: that may be for ever.
async fn remove_families(app: &App, ended: SimpleExpr, now: Seconds) -> Result<u64, Error> {
    let live_token = Query::select()
        .expr(Expr::val(1))
        .from(token::Entity)
        .and_where(
            Expr::col((token::Entity, token::Column::FamilyId))
                .equals((token_family::Entity, token_family::Column::Id)),
        )
        .and_where(token::Column::RevokedAt.is_null())
        .cond_where(Cond::any().add(token::Column::ExpiresAt.is_null()).add(token::Column::ExpiresAt.gt(now)))
        .to_owned();
    // A revoked family's tokens are refused because it is revoked: they must not come back to life without it.
    let condition = ended.and(Expr::not_exists(live_token));
    remove::<token_family::Entity>(app, token_family::Column::Id, condition).await
}

/// Clients that ended long ago, with whatever still points at them.
async fn remove_tombstones(app: &App, ended_until: Seconds) -> Result<u64, Error> {
    // What ended with its application goes with it, or comes back with it.
    let old = client::Column::State
        .eq(ClientState::Ended)
        .and(client::Column::EndedAt.lte(ended_until))
        .and(client::Column::EndedReason.is_null().or(client::Column::EndedReason.ne(Reason::Archived.as_str())));
    let mut removed = 0;
    loop {
        let found: Vec<entity::id::ClientKey> = client::Entity::find()
            .select_only()
            .column(client::Column::Id)
            .filter(old.clone())
            .limit(BATCH)
            .into_tuple()
            .all(app.db.pool())
            .await?;
        let Some(_) = found.first() else { return Ok(removed) };
        let of = |column: SimpleExpr| column.is_in(found.iter().map(|id| Value::from(*id)));
        remove::<token::Entity>(app, token::Column::Id, of(token::Column::ClientKey.into_simple_expr())).await?;
        let families = of(token_family::Column::ClientKey.into_simple_expr());
        remove::<token_family::Entity>(app, token_family::Column::Id, families).await?;
        remove::<consent::Entity>(app, consent::Column::Id, of(consent::Column::ClientKey.into_simple_expr())).await?;
        let ids = of(client::Column::Id.into_simple_expr()).and(old.clone());
        removed += remove::<client::Entity>(app, client::Column::Id, ids).await?;
    }
}

/// Nobody writes down when the last use was; it was after the token was made.
fn used_up(created_until: Seconds) -> SimpleExpr {
    let uses = Expr::col((initial_access_token::Entity, initial_access_token::Column::Uses));
    let max = Expr::col((initial_access_token::Entity, initial_access_token::Column::MaxUses));
    uses.gte(max).and(initial_access_token::Column::CreatedAt.lte(created_until))
}

/// Removes the rows of which `condition` is true: finds some by it, then deletes those of them of which it is still
/// true, and so on. Two statements, because not every database deletes with a limit.
async fn remove<E>(app: &App, id: E::Column, condition: SimpleExpr) -> Result<u64, Error>
where
    E: EntityTrait,
    E::Column: Copy,
    E::PrimaryKey: PrimaryKeyTrait + PrimaryKeyToColumn<Column = E::Column>,
    E::Model: ModelTrait<Entity = E>,
{
    let mut removed = 0;
    loop {
        let found = E::find().filter(condition.clone()).limit(BATCH).all(app.db.pool()).await?;
        if found.is_empty() {
            return Ok(removed);
        }
        let ids: Vec<Value> = found.iter().map(|row| row.get(id)).collect();
        let delete = E::delete_many().filter(id.is_in(ids)).filter(condition.clone());
        let deleted = app.db.execute(delete.build(app.db.backend())).await?;
        removed += deleted;
        // What was found and not deleted came back to life: looking again would find the next ones.
        if (found.len() as u64) < BATCH || deleted == 0 {
            return Ok(removed);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

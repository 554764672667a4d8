//! Does a provider answer as it should? One that does not is left alone for a while, and says so at once (s.N11).

use entity::provider::{Column, Entity, Model, Place};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};

use super::discovery::{self, Metadata};
use super::line::{Line, noted};
use super::refusal::Why;
use crate::app::App;
use crate::clock::Seconds;
use crate::portal::Error;

/// So many failures in a row, and it is left alone.
pub(super) const FAILURES_MAX: i64 = 3;
/// For so many seconds.
pub(super) const PAUSE_SECONDS: Seconds = 30;

/// Notes that a provider failed.
pub(super) async fn failed(app: &App, provider: &Model, why: &Why) -> Result<(), Error> {
    let now = app.clock.now();
    let next = Expr::col(Column::Failures).add(1);
    let since = Expr::case(Column::FailedAt.is_null(), now).finally(Expr::col(Column::FailedAt));
    let update = Entity::update_many()
        .col_expr(Column::FailedAt, since.into())
        .col_expr(Column::Failure, Expr::value(why.describe()))
        .col_expr(Column::Failures, next)
        .filter(Column::Id.eq(provider.id));
    app.db.execute(update.build(app.db.backend())).await?;
    let pause = Entity::update_many()
        .col_expr(Column::PausedUntil, Expr::value(now + PAUSE_SECONDS))
        .filter(Column::Id.eq(provider.id))
        .filter(Column::Failures.gte(FAILURES_MAX));
    app.db.execute(pause.build(app.db.backend())).await?;
    Ok(())
}

/// Notes that a provider is well, if that is news.
pub(super) async fn well(app: &App, provider: &Model) -> Result<(), Error> {
    if provider.failed_at.is_none() && provider.failures == 0 {
        return Ok(());
    }
    let update = Entity::update_many()
        .col_expr(Column::FailedAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::Failure, Expr::value(Option::<String>::None))
        .col_expr(Column::Failures, Expr::value(0_i64))
        .col_expr(Column::PausedUntil, Expr::value(Option::<i64>::None))
        .filter(Column::Id.eq(provider.id));
    app.db.execute(update.build(app.db.backend())).await?;
    Ok(())
}

/// Looks at the metadata of every provider elsewhere: whether it is there, and still what it was when it was set up.
///
/// # Errors
/// When the database cannot be asked.
pub async fn look_at_all(app: &App) -> Result<(), Error> {
    for provider in Entity::find().filter(Column::Place.eq(Place::Elsewhere)).all(app.db.pool()).await? {
        look_at(app, &provider).await?;
    }
    Ok(())
}

async fn look_at(app: &App, provider: &Model) -> Result<(), Error> {
    let line = Line::try_open(app, provider)?;
    let fetched = discovery::fetch(&line, &provider.discovery_endpoint, &provider.endpoints_elsewhere).await;
    // Whatever is wrong with it now was not when it was set up.
    let outcome = match (fetched, Metadata::kept(provider)) {
        (Ok(now), Ok(then)) if moved(&now, &then) => {
            Err(Why::Answer("its endpoints moved since it was set up: look at them and save it again".to_owned()))
        }
        (fetched, _) => fetched,
    };
    match outcome {
        Err(why) if !why.is_outage() => failed_quietly(app, provider, &why).await,
        outcome => noted(app, provider, outcome).await.map(drop),
    }
}

/// Says what is wrong without leaving the provider alone: what is known of it may still work.
async fn failed_quietly(app: &App, provider: &Model, why: &Why) -> Result<(), Error> {
    let update = Entity::update_many()
        .col_expr(Column::FailedAt, Expr::value(provider.failed_at.unwrap_or_else(|| app.clock.now())))
        .col_expr(Column::Failure, Expr::value(why.describe()))
        .filter(Column::Id.eq(provider.id));
    app.db.execute(update.build(app.db.backend())).await?;
    Ok(())
}

fn moved(now: &Metadata, then: &Metadata) -> bool {
    now.registration_endpoint != then.registration_endpoint || now.token_endpoint != then.token_endpoint
}

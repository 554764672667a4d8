//! What is still to be sent? The rows of the outbox, each at its time, by mail or to a webhook (security.md Q23).
//!
//! A row is claimed by one conditional update that also says when it is tried again: of two replicas one sends it, and if
//! that one dies before it notes the end, the row is due once more. So everything is sent at least once, and what arrives
//! twice has the same `Message-ID` or `webhook-id`.

mod mail;
mod webhook;

use entity::delivery::{self, Channel};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::Error;
use crate::telemetry::Sending;

#[cfg(test)]
pub use webhook::signature;

/// Rows looked at together.
const BATCH: u64 = 32;
/// Rows sent at the same time.
const AT_ONCE: usize = 8;
/// Seconds until the next try, after the first, the second … one. After the last there is one more.
const BACK_OFF: [Seconds; 6] = [60, 5 * 60, 30 * 60, 2 * 3600, 12 * 3600, 24 * 3600];
/// Mails look so often whether there is a mail server by now.
const WITHOUT_SERVER: Seconds = 300;
const NO_SERVER: &str = "no mail server is configured (mail.host)";

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tried {
    /// It is there.
    Done,
    /// It is not; another try may help.
    NotNow(String),
    /// It never will be.
    Refused(String),
}

/// Sends the mails that are due. Without a mail server they wait.
///
/// # Errors
/// When the database cannot be asked; what was sent is not sent again, what was claimed is tried again later.
pub async fn mails(app: &App) -> Result<(), Error> {
    if app.mailer.is_none() {
        return Ok(wait_for_server(app).await?);
    }
    run(app, Channel::Mail).await
}

/// Sends the requests to webhooks that are due.
///
/// # Errors
/// When the database cannot be asked; what was sent is not sent again, what was claimed is tried again later.
pub async fn webhooks(app: &App) -> Result<(), Error> {
    run(app, Channel::Webhook).await
}

/// Counts what waits.
///
/// # Errors
/// When the database cannot be asked.
pub async fn count(app: &App) -> Result<(), Error> {
    let counted: Vec<(Channel, i64)> = delivery::Entity::find()
        .select_only()
        .column(delivery::Column::Channel)
        .column_as(delivery::Column::Id.count(), "waiting")
        .filter(delivery::Column::NextTryAt.is_not_null())
        .group_by(delivery::Column::Channel)
        .into_tuple()
        .all(app.db.pool())
        .await?;
    for channel in [Channel::Mail, Channel::Webhook] {
        let waiting = counted.iter().find(|(known, _)| *known == channel).map_or(0, |(_, waiting)| *waiting);
        app.metrics.deliveries_waiting(name(channel), waiting);
    }
    Ok(())
}

async fn run(app: &App, channel: Channel) -> Result<(), Error> {
    loop {
        let due = due(app, channel).await?;
        let is_last = (due.len() as u64) < BATCH;
        stream::iter(due).map(|row| attempt(app, row)).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        if is_last {
            return Ok(());
        }
    }
}

async fn due(app: &App, channel: Channel) -> Result<Vec<delivery::Model>, DbErr> {
    delivery::Entity::find()
        .filter(delivery::Column::NextTryAt.lte(app.clock.now()))
        .filter(delivery::Column::Channel.eq(channel))
        .order_by_asc(delivery::Column::NextTryAt)
        .limit(BATCH)
        .all(app.db.pool())
        .await
}

async fn attempt(app: &App, row: delivery::Model) -> Result<(), Error> {
    let Some(row) = claim(app, row).await? else { return Ok(()) };
    let tried = match row.channel {
        _ if is_beyond_last(row.attempts) => Tried::Refused("every try ended without a result".to_owned()),
        Channel::Mail => mail::send(app, &row).await?,
        Channel::Webhook => webhook::send(app, &row).await?,
    };
    settle(app, &row, tried).await
}

/// The row as it is from now on, unless somebody else has it.
async fn claim(app: &App, row: delivery::Model) -> Result<Option<delivery::Model>, DbErr> {
    let (tries, next) = (row.attempts + 1, app.clock.now() + back_off(row.attempts + 1));
    let update = delivery::Entity::update_many()
        .col_expr(delivery::Column::Attempts, Expr::value(tries))
        .col_expr(delivery::Column::NextTryAt, Expr::value(next))
        .filter(delivery::Column::Id.eq(row.id))
        .filter(delivery::Column::Attempts.eq(row.attempts))
        .filter(delivery::Column::NextTryAt.eq(row.next_try_at));
    let claimed = app.db.execute(update.build(app.db.backend())).await? == 1;
    Ok(claimed.then_some(delivery::Model { attempts: tries, next_try_at: Some(next), ..row }))
}

/// Notes how the try ended, unless another one has begun since.
async fn settle(app: &App, row: &delivery::Model, tried: Tried) -> Result<(), Error> {
    let now = app.clock.now();
    let mut update = delivery::Entity::update_many()
        .filter(delivery::Column::Id.eq(row.id))
        .filter(delivery::Column::Attempts.eq(row.attempts))
        .filter(delivery::Column::DoneAt.is_null());
    let never = || Expr::value(Option::<Seconds>::None);
    let (is_final, error) = match tried {
        Tried::Done => (false, None),
        Tried::NotNow(error) => (row.attempts > BACK_OFF.len() as i64, Some(error)),
        Tried::Refused(error) => (true, Some(error)),
    };
    let outcome = match &error {
        None => Sending::Sent,
        Some(_) if is_final => Sending::Failed,
        Some(_) => Sending::Delayed,
    };
    app.metrics.delivery(name(row.channel), outcome);
    match outcome {
        Sending::Sent => {
            update = update
                .col_expr(delivery::Column::DoneAt, Expr::value(now))
                .col_expr(delivery::Column::NextTryAt, never());
        }
        Sending::Failed => {
            tracing::warn!(delivery = %row.id, kind = row.kind, error, "a message could not be delivered");
            update = update
                .col_expr(delivery::Column::FailedAt, Expr::value(now))
                .col_expr(delivery::Column::NextTryAt, never());
        }
        Sending::Delayed => {}
    }
    update = update.col_expr(delivery::Column::LastError, Expr::value(error));
    app.db.execute(update.build(app.db.backend())).await?;
    Ok(())
}

/// Seconds to the next try after so many.
fn back_off(tries: i64) -> Seconds {
    let at = usize::try_from(tries - 1).unwrap_or_default().min(BACK_OFF.len() - 1);
    BACK_OFF[at]
}

/// Whether there was a last try already, whose end nobody noted.
fn is_beyond_last(tries: i64) -> bool {
    tries > BACK_OFF.len() as i64 + 1
}

fn name(channel: Channel) -> &'static str {
    match channel {
        Channel::Mail => "mail",
        Channel::Webhook => "webhook",
    }
}

/// Says in each mail that is due why it waits.
async fn wait_for_server(app: &App) -> Result<(), DbErr> {
    if due(app, Channel::Mail).await?.is_empty() {
        return Ok(());
    }
    let now = app.clock.now();
    let update = delivery::Entity::update_many()
        .col_expr(delivery::Column::NextTryAt, Expr::value(now + WITHOUT_SERVER))
        .col_expr(delivery::Column::LastError, Expr::value(NO_SERVER))
        .filter(delivery::Column::Channel.eq(Channel::Mail))
        .filter(delivery::Column::NextTryAt.lte(now));
    app.db.execute(update.build(app.db.backend())).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_tried_seven_times_in_two_days() {
        let waits: Vec<Seconds> = (1..=7).map(back_off).collect();
        assert_eq!(waits, [60, 300, 1800, 7200, 43_200, 86_400, 86_400]);
        assert!(!is_beyond_last(7) && is_beyond_last(8));
    }
}

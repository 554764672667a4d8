//! Where is somebody signed in, and how does that end from elsewhere?

use entity::id::{SessionId, UserId};
use entity::session;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::Arrival;
use super::session::Lifetimes;
use crate::app::App;
use crate::clock::Seconds;
use crate::db::Rows;
use crate::oidc::Error;
use crate::oidc::event::{Kind, Teller};
use crate::oidc::tenant::Tenant;

/// No more sessions of one person are listed; all of them can be ended.
pub const LISTED_MAX: u64 = 100;

/// Which sessions of somebody are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// This one.
    One(SessionId),
    /// All but this one.
    AllBut(SessionId),
    /// All.
    All,
}

/// The sessions of somebody that live, the one used last first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(app: &App, tenant: &Tenant, person: UserId) -> Result<Vec<session::Model>, Error> {
    let rows = session::Entity::find().filter(living(app, tenant, person)).order_by_desc(session::Column::IdleAt);
    Ok(rows.limit(LISTED_MAX).all(app.db.pool()).await?)
}

/// How many sessions live, for each of these people who has one.
///
/// # Errors
/// When the database cannot be asked.
pub async fn count(
    app: &App,
    tenant: &Tenant,
    people: impl IntoIterator<Item = UserId>,
) -> Result<std::collections::HashMap<UserId, i64>, Error> {
    let now = app.clock.now();
    let rows: Vec<(UserId, i64)> = session::Entity::find()
        .select_only()
        .column(session::Column::UserId)
        .column_as(session::Column::Id.count(), "sessions")
        .filter(session::Column::UserId.is_in(people))
        .filter(alive(app, tenant, now))
        .group_by(session::Column::UserId)
        .into_tuple()
        .all(app.db.pool())
        .await?;
    Ok(rows.into_iter().collect())
}

/// When a session was last used, seconds since 1970, as precisely as it is written down: see [`super::session::find`].
pub fn last_used(row: &session::Model) -> Seconds {
    row.used_at.unwrap_or(row.created_at)
}

/// Ends those of somebody's sessions that are meant: their cookies are nothing from now on (s.O6). How many there were;
/// `actor` is who does it, as the audit log writes it.
///
/// # Errors
/// When the database cannot be asked: nothing has changed then.
pub async fn end(
    app: &App,
    tenant: &Tenant,
    actor: &str,
    person: UserId,
    which: Which,
    arrival: &Arrival<'_>,
) -> Result<u64, Error> {
    let meant = match which {
        Which::One(id) => Condition::all().add(session::Column::Id.eq(id)),
        Which::AllBut(id) => Condition::all().add(session::Column::Id.ne(id)),
        Which::All => Condition::all(),
    };
    let (meant, now, address) = (meant.add(living(app, tenant, person)), app.clock.now(), arrival.address);
    let teller = Teller::new(app, tenant.id, actor);
    app.db
        .transaction(move |transaction| {
            let (meant, teller) = (meant.clone(), teller.clone());
            Box::pin(async move {
                let rows = session::Entity::find().filter(meant).all(transaction).await?;
                let mut told = Vec::new();
                for row in &rows {
                    let ended = session::Entity::update_many()
                        .col_expr(session::Column::EndedAt, Expr::value(now))
                        .filter(session::Column::Id.eq(row.id))
                        .filter(session::Column::EndedAt.is_null())
                        .exec(transaction)
                        .await?;
                    // Two who end the same session at once tell it once.
                    if ended.rows_affected > 0 {
                        let target = format!("session:{}", row.id);
                        told.push(teller.tell(Kind::SignedOut, &target, json!({"user": row.user_id})).from(address));
                    }
                }
                let ended = u64::try_from(told.len()).unwrap_or(u64::MAX);
                Rows { events: told, ..Rows::default() }.insert(transaction).await?;
                Ok(ended)
            })
        })
        .await
        .map_err(|error: DbErr| Error::from(error))
}

fn living(app: &App, tenant: &Tenant, person: UserId) -> Condition {
    alive(app, tenant, app.clock.now()).add(session::Column::UserId.eq(person))
}

/// What [`super::session::find`] takes for a session that lives, as a condition.
fn alive(app: &App, tenant: &Tenant, now: Seconds) -> Condition {
    Condition::all()
        .add(session::Column::TenantId.eq(tenant.id))
        .add(session::Column::EndedAt.is_null())
        .add(session::Column::IdleAt.gt(now))
        .add(session::Column::ExpiresAt.gt(now))
        .add(session::Column::CreatedAt.gt(now - Lifetimes::of(app, tenant).max))
}

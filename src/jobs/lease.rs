//! Which replica does a job that one is to do? The one whose conditional update of the job's row hits it.

use entity::lease;
use sea_orm::sea_query::{Cond, Expr};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryTrait};

use crate::app::App;
use crate::clock::Seconds;
use crate::db::is_duplicate;

/// The right to do a job, until it ends by itself. A holder that dies keeps others waiting no longer than that.
#[derive(Debug)]
#[must_use]
pub struct Lease {
    name: String,
    holder: String,
}

/// Takes the job called `name` for `held_for` seconds, if nobody does it and it last succeeded at least `every` seconds
/// ago; 0: whenever that was. `None`: not now.
///
/// # Errors
/// Whatever the database says.
pub async fn take(
    app: &App,
    name: &str,
    holder: &str,
    held_for: Seconds,
    every: Seconds,
) -> Result<Option<Lease>, DbErr> {
    let now = app.clock.now();
    let due = Cond::any().add(lease::Column::SucceededAt.is_null()).add(lease::Column::SucceededAt.lte(now - every));
    let update = lease::Entity::update_many()
        .col_expr(lease::Column::Holder, Expr::value(holder))
        .col_expr(lease::Column::Until, Expr::value(now + held_for))
        .filter(lease::Column::Name.eq(name))
        .filter(lease::Column::Until.lte(now))
        .filter(due);
    let taken = app.db.execute(update.build(app.db.backend())).await? == 1;
    if taken || first(app, name, holder, now + held_for).await? {
        return Ok(Some(Lease { name: name.to_owned(), holder: holder.to_owned() }));
    }
    Ok(None)
}

/// The first run ever makes the row; of two replicas one finds it made.
async fn first(app: &App, name: &str, holder: &str, until: Seconds) -> Result<bool, DbErr> {
    if lease::Entity::find_by_id(name.to_owned()).one(app.db.pool()).await?.is_some() {
        return Ok(false);
    }
    let row = lease::ActiveModel {
        name: Set(name.to_owned()),
        holder: Set(holder.to_owned()),
        until: Set(until),
        succeeded_at: Set(None),
    };
    let insert = lease::Entity::insert(row);
    match app.db.execute(insert.build(app.db.backend())).await {
        Ok(_) => Ok(true),
        Err(error) if is_duplicate(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

impl Lease {
    /// The job is done: the next is due an interval from now.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn succeeded(self, app: &App) -> Result<(), DbErr> {
        self.leave(app, Some(app.clock.now())).await
    }

    /// The job is not done: anybody may try again.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn failed(self, app: &App) -> Result<(), DbErr> {
        self.leave(app, None).await
    }

    async fn leave(self, app: &App, succeeded_at: Option<Seconds>) -> Result<(), DbErr> {
        let mut update = lease::Entity::update_many()
            .col_expr(lease::Column::Until, Expr::value(app.clock.now()))
            .filter(lease::Column::Name.eq(self.name))
            .filter(lease::Column::Holder.eq(self.holder));
        if succeeded_at.is_some() {
            update = update.col_expr(lease::Column::SucceededAt, Expr::value(succeeded_at));
        }
        app.db.execute(update.build(app.db.backend())).await.map(drop)
    }
}

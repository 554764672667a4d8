//! Is somebody signed in, and since when?

use std::net::IpAddr;
use std::sync::Arc;

use entity::id::{SessionId, UserId};
use entity::word::Words;
use entity::{session, user};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait, UpdateMany,
};
use serde_json::json;

use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told};
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Error, user as users};
use crate::secret::{self, Secret};

/// How the values of session cookies begin.
pub const PREFIX: &str = "s_";

/// A session is written to at most this often while it is used, in seconds.
const TOUCH_SECONDS: Seconds = 60;

/// The authentication method of a password (RFC 8176 §2).
pub const PASSWORD: &str = "pwd";
/// How well a password proves somebody: the lowest level that says anything (ISO/IEC 29115).
pub const ACR_PASSWORD: &str = "1";

/// A session that lives, and whose it is.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its row.
    pub row: session::Model,
    /// The person, who may sign in.
    pub user: Arc<user::Model>,
}

/// Where a request came from, for rows that people read later.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The address.
    pub address: IpAddr,
    /// What the browser calls itself.
    pub agent: Option<&'a str>,
}

impl Session {
    /// How well the person proved who they are (`acr`).
    pub fn acr(&self) -> &'static str {
        ACR_PASSWORD
    }
}

/// The session a cookie stands for, if it lives and its person may still sign in (s.L21). Being asked for keeps it alive.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, cookie: &Secret) -> Result<Option<Session>, Error> {
    let row = session::Entity::find()
        .filter(session::Column::Hash.eq(cookie.hash().as_str()))
        .filter(session::Column::TenantId.eq(tenant.id))
        .one(app.db.pool())
        .await?;
    let now = app.clock.now();
    let life = Lifetimes::of(app, tenant);
    let lives = |row: &session::Model| {
        // Admins who shorten sessions shorten those there are.
        let ends = row.expires_at.min(row.created_at + life.max);
        row.ended_at.is_none() && row.idle_at > now && ends > now
    };
    let Some(row) = row.filter(lives) else { return Ok(None) };
    let Some(user) = users::find(app, tenant, row.user_id).await? else { return Ok(None) };
    let idle_at = now + life.idle;
    if (idle_at - row.idle_at).abs() >= TOUCH_SECONDS {
        let touch = session::Entity::update_many()
            .col_expr(session::Column::IdleAt, Expr::value(idle_at))
            .col_expr(session::Column::UsedAt, Expr::value(now))
            .filter(session::Column::Id.eq(row.id))
            .filter(session::Column::EndedAt.is_null());
        app.db.execute(touch.build(app.db.backend())).await?;
    }
    Ok(Some(Session { row, user }))
}

/// How long sessions of a tenant live, in seconds: as its admins say, else as configured (portal.md A26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lifetimes {
    /// Without being used.
    idle: Seconds,
    /// In any case.
    pub(super) max: Seconds,
}

impl Lifetimes {
    pub(super) fn of(app: &App, tenant: &Tenant) -> Self {
        let (chosen, configured) = (&tenant.settings.session, &app.config.sessions);
        let seconds = |hours: Option<u32>| hours.map(|hours| Seconds::from(hours) * 3600);
        Self {
            idle: seconds(chosen.idle_hours).unwrap_or(configured.idle_seconds),
            max: seconds(chosen.max_hours).unwrap_or(configured.max_seconds),
        }
    }
}

/// A row for a session that begins now, and the value of its cookie. [`store`] writes it down.
pub(super) fn begin(app: &App, tenant: &Tenant, user: &user::Model, arrival: &Arrival<'_>) -> (Secret, session::Model) {
    let now = app.clock.now();
    let cookie = Secret::token(PREFIX);
    let life = Lifetimes::of(app, tenant);
    let row = session::Model {
        id: SessionId(secret::new_id()),
        tenant_id: user.tenant_id,
        user_id: user.id,
        hash: cookie.hash().into(),
        auth_time: now,
        amr: Words::from(PASSWORD),
        idle_at: now + life.idle,
        used_at: Some(now),
        expires_at: now + life.max,
        ended_at: None,
        address: Some(arrival.address.to_string()),
        agent: arrival.agent.map(|agent| agent.chars().filter(|c| !c.is_control()).take(300).collect()),
        created_at: now,
    };
    (cookie, row)
}

/// Begins a session for somebody who just signed in, and ends the one the browser had before (s.L1).
///
/// # Errors
/// When the database cannot be asked: nothing has changed then.
pub(super) async fn start(
    app: &App,
    tenant: &Tenant,
    user: Arc<user::Model>,
    previous: Option<&Session>,
    arrival: &Arrival<'_>,
) -> Result<(Secret, Session), Error> {
    let (cookie, row) = begin(app, tenant, &user, arrival);
    let actor = format!("user:{}", user.id);
    let told =
        at(event(app, user.tenant_id, Kind::SignedIn, &actor, &format!("session:{}", row.id), json!({})), arrival);
    let (stored, previous, now) = (row.clone(), previous.map(|session| session.row.id), app.clock.now());
    app.db
        .transaction(move |transaction| {
            let (stored, told) = (stored.clone(), told.clone());
            Box::pin(async move {
                if let Some(previous) = previous {
                    ended(now).filter(session::Column::Id.eq(previous)).exec(transaction).await?;
                }
                store(transaction, stored, told).await
            })
        })
        .await
        .map_err(|error: DbErr| Error::from(error))?;
    app.users.forget(&user.id);
    Ok((cookie, Session { row, user }))
}

/// Writes a session down, with the event that tells of it, and notes the first one of its person. Afterwards
/// [`App::users`] must be forgotten.
pub(in crate::oidc) async fn store(
    transaction: &DatabaseTransaction,
    row: session::Model,
    told: Told,
) -> Result<(), DbErr> {
    user::Entity::update_many()
        .col_expr(user::Column::FirstLoginAt, Expr::value(row.created_at))
        .filter(user::Column::Id.eq(row.user_id))
        .filter(user::Column::FirstLoginAt.is_null())
        .exec(transaction)
        .await?;
    session::Entity::insert(row.into_active_model()).exec_without_returning(transaction).await?;
    Rows { events: vec![told], ..Rows::default() }.insert(transaction).await
}

/// Ends all sessions of somebody, inside a transaction.
///
/// # Errors
/// When the database cannot be asked.
pub(crate) async fn end_all(transaction: &DatabaseTransaction, user_id: UserId, now: Seconds) -> Result<(), DbErr> {
    ended(now).filter(session::Column::UserId.eq(user_id)).exec(transaction).await.map(drop)
}

/// Ends a session: its cookie is nothing from now on (s.O6).
///
/// # Errors
/// When the database cannot be asked: the session lives on then.
pub async fn end(app: &App, session: &Session, arrival: &Arrival<'_>) -> Result<(), Error> {
    let actor = format!("user:{}", session.row.user_id);
    let target = format!("session:{}", session.row.id);
    let told = at(event(app, session.row.tenant_id, Kind::SignedOut, &actor, &target, json!({})), arrival);
    let (id, now) = (session.row.id, app.clock.now());
    app.db
        .transaction(move |transaction| {
            let told = told.clone();
            Box::pin(async move {
                let done = ended(now).filter(session::Column::Id.eq(id)).exec(transaction).await?;
                let events = if done.rows_affected > 0 { vec![told] } else { Vec::new() };
                Rows { events, ..Rows::default() }.insert(transaction).await
            })
        })
        .await
        .map_err(|error: DbErr| Error::from(error))
}

fn ended(now: Seconds) -> UpdateMany<session::Entity> {
    session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(now))
        .filter(session::Column::EndedAt.is_null())
}

/// The same event, and where it came from.
pub(super) fn at(told: Told, arrival: &Arrival<'_>) -> Told {
    told.from(arrival.address)
}

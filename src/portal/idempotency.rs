//! Was this request made before? A caller that heard no answer asks again under the same key and gets the first answer.
//!
//! The first request of a key stores a row before it does anything, and the unique key decides between two at once. A
//! row under way that nobody ended, because the process died, is taken over by a request that comes late enough.

use entity::idempotency::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait};
use serde::{Deserialize, Serialize};

use super::{Actor, Error};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::is_duplicate;
pub use crate::oidc::repetition::{KEPT_SECONDS, KEY_MAX};
use crate::oidc::repetition::{digest, is_key};
use crate::oidc::tenant::Tenant;
use crate::secret::Purpose;

/// Seconds after which a request that never ended may be made again: longer than any request is worked on.
pub const ABANDONED_SECONDS: Seconds = 60;
/// Bytes of an answer that is kept, at most.
pub const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// A key of one caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    hash: String,
    request: String,
}

impl Key {
    /// The key `text` of this caller for `request`: method, address and body. Another caller has other keys, and so has
    /// the same one with another token that reaches less far: an answer may hold what only the first may see.
    ///
    /// `None` for what is no key: it has 1 to [`KEY_MAX`] printable ASCII characters.
    pub fn new(tenant: &Tenant, actor: &Actor, text: &str, request: [&[u8]; 3]) -> Option<Self> {
        let caller = actor.standing();
        is_key(text).then(|| Self {
            hash: digest(&[tenant.id.0.as_bytes(), actor.label().as_bytes(), caller.as_bytes(), text.as_bytes()]),
            request: digest(&request),
        })
    }
}

/// An answer as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Its status.
    #[serde(skip)]
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

/// What a request with a key is.
#[derive(Debug)]
pub enum Begun {
    /// The first, or the first that comes to an end: it is to be worked on, and [`finish`] or [`release`] to be called.
    First(UnderWay),
    /// A repetition: this was the answer.
    Again(Answer),
    /// A repetition of one that is worked on at this moment.
    Running {
        /// Seconds after which it is worth asking again.
        retry_after: u64,
    },
    /// The key was used for another request.
    Other,
}

/// A request that is worked on.
#[derive(Debug)]
pub struct UnderWay {
    hash: String,
    since: Seconds,
}

/// Begins a request.
///
/// # Errors
/// When the database cannot be asked.
pub async fn begin(app: &App, tenant: &Tenant, key: &Key) -> Result<Begun, Error> {
    let now = app.clock.now();
    let row = Model {
        key_hash: key.hash.clone(),
        tenant_id: tenant.id,
        request_hash: key.request.clone(),
        status: None,
        answer_sealed: None,
        created_at: now,
    };
    let insert = Entity::insert(row.into_active_model()).build(app.db.backend());
    match app.db.execute(insert).await {
        Ok(_) => return Ok(Begun::First(UnderWay { hash: key.hash.clone(), since: now })),
        Err(error) if is_duplicate(&error) => {}
        Err(error) => return Err(error.into()),
    }
    let Some(known) = Entity::find_by_id(key.hash.as_str()).one(app.db.pool()).await? else {
        // It was given back, or removed, at this very moment.
        return Ok(Begun::Running { retry_after: 1 });
    };
    let age = now - known.created_at;
    if age >= KEPT_SECONDS || (known.status.is_none() && age >= ABANDONED_SECONDS) {
        return take_over(app, key, &known, now).await;
    }
    if known.request_hash != key.request {
        return Ok(Begun::Other);
    }
    match (known.status, known.answer_sealed) {
        (Some(status), Some(sealed)) => Ok(Begun::Again(open(app, &known.key_hash, status, &sealed)?)),
        _ => Ok(Begun::Running { retry_after: 1 }),
    }
}

/// Of two who take over a row at once, one finds it as it was.
async fn take_over(app: &App, key: &Key, known: &Model, now: Seconds) -> Result<Begun, Error> {
    let update = Entity::update_many()
        .col_expr(Column::RequestHash, Expr::value(key.request.as_str()))
        .col_expr(Column::Status, Expr::value(Option::<i64>::None))
        .col_expr(Column::AnswerSealed, Expr::value(Option::<String>::None))
        .col_expr(Column::CreatedAt, Expr::value(now))
        .filter(Column::KeyHash.eq(key.hash.as_str()))
        .filter(Column::CreatedAt.eq(known.created_at));
    match app.db.execute(update.build(app.db.backend())).await? {
        0 => Ok(Begun::Running { retry_after: 1 }),
        _ => Ok(Begun::First(UnderWay { hash: key.hash.clone(), since: now })),
    }
}

/// Keeps the answer for those who ask again. It is sealed: it may hold a secret that is shown once.
///
/// # Errors
/// When the database cannot be asked.
pub async fn finish(app: &App, under_way: &UnderWay, answer: &Answer) -> Result<(), Error> {
    let plain = serde_json::to_vec(answer).map_err(Error::internal)?;
    let sealed = app.sealer.seal_text(Purpose::Answer, under_way.hash.as_bytes(), &plain);
    let update = Entity::update_many()
        .col_expr(Column::Status, Expr::value(i64::from(answer.status)))
        .col_expr(Column::AnswerSealed, Expr::value(sealed))
        .filter(Column::KeyHash.eq(under_way.hash.as_str()))
        .filter(Column::CreatedAt.eq(under_way.since));
    app.db.execute(update.build(app.db.backend())).await?;
    Ok(())
}

/// Gives the key back: the request changed nothing, and is judged anew when it comes again.
///
/// # Errors
/// When the database cannot be asked.
pub async fn release(app: &App, under_way: &UnderWay) -> Result<(), Error> {
    let delete = Entity::delete_many()
        .filter(Column::KeyHash.eq(under_way.hash.as_str()))
        .filter(Column::CreatedAt.eq(under_way.since))
        .filter(Column::Status.is_null());
    app.db.execute(delete.build(app.db.backend())).await?;
    Ok(())
}

fn open(app: &App, hash: &str, status: i64, sealed: &str) -> Result<Answer, Error> {
    let plain = app.sealer.open_text(Purpose::Answer, hash.as_bytes(), sealed).map_err(Error::internal)?;
    let answer: Answer = serde_json::from_slice(&plain).map_err(Error::internal)?;
    Ok(Answer { status: u16::try_from(status).map_err(Error::internal)?, ..answer })
}

//! What else happens when a password is set? Everything that got in with the old one is out (s.L22).

use entity::id::UserId;
use entity::personal_token;
use entity::session;
use entity::user::{self, UserState};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, Value, sea_query::Expr};
use serde_json::json;

use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told, TransactionError};
use crate::oidc::event::{Kind, event as tell};
use crate::oidc::session::password::{Weak, check};
use crate::oidc::session::session as sessions;
use crate::oidc::tenant::Tenant;
use crate::oidc::token::family;
use crate::oidc::{Code, Error};
use crate::secret::Secret;

/// Why a password was not set.
#[derive(Debug)]
pub(crate) enum NotSet {
    /// Another one was set since the person was looked at, or the person may not sign in any more.
    Overtaken,
    /// It is not taken.
    Weak(Weak),
    /// We failed.
    Failed(Error),
}

impl From<DbErr> for NotSet {
    fn from(error: DbErr) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for NotSet {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl TransactionError for NotSet {
    fn database(&self) -> Option<&DbErr> {
        match self {
            Self::Failed(error) => error.database(),
            Self::Overtaken | Self::Weak(_) => None,
        }
    }
}

/// What comes with a new password, at the same moment.
#[derive(Clone, Debug)]
pub(crate) struct With {
    /// A session that begins; the person must be active then.
    pub(crate) session: Option<session::Model>,
    /// What else is set about the person.
    pub(crate) more: Vec<(user::Column, Value)>,
    /// The entry of the audit log.
    pub(crate) told: Told,
}

/// Sets the password of `person`, ends their sessions, refresh tokens and personal tokens, and thereby makes every sign-in link void.
///
/// # Errors
/// `invalid_request` for a password that is not taken, `conflict` when another one was set at the same moment.
pub async fn set(
    app: &App,
    tenant: &Tenant,
    actor: &str,
    person: &user::Model,
    password: &Secret,
) -> Result<(), Error> {
    let told = tell(app, tenant.id, Kind::PasswordSet, actor, &format!("user:{}", person.id), json!({}));
    match set_with(app, person, password, With { session: None, more: Vec::new(), told }).await {
        Ok(_) => Ok(()),
        Err(NotSet::Overtaken) => Err(Error::new(Code::Conflict, "another password was set at the same moment")),
        Err(NotSet::Weak(weak)) => Err(Error::new(Code::InvalidRequest, weak.describe())),
        Err(NotSet::Failed(error)) => Err(error),
    }
}

/// The one way to set a password. Returns the person as they are now.
///
/// The `UPDATE` is the gate: of two changes that began from the same password one finds no row to change.
///
/// # Errors
/// [`NotSet`].
pub(crate) async fn set_with(
    app: &App,
    person: &user::Model,
    password: &Secret,
    with: With,
) -> Result<user::Model, NotSet> {
    check(password, &person.email).map_err(NotSet::Weak)?;
    let hash = app.passwords.hash(password).await?;
    let (id, before, now) = (person.id, person.password_changed_at, app.clock.now());
    // Links name the second of the last change: two changes in one second must differ.
    let changed_at = now.max(before + 1);
    let changed = app
        .db
        .transaction(move |transaction| {
            let (hash, with) = (hash.clone(), with.clone());
            Box::pin(async move {
                let mut set = user::Entity::update_many()
                    .col_expr(user::Column::PasswordHash, Expr::value(hash))
                    .col_expr(user::Column::PasswordChangedAt, Expr::value(changed_at))
                    .col_expr(user::Column::UpdatedAt, Expr::value(now))
                    .filter(user::Column::Id.eq(id))
                    .filter(user::Column::PasswordChangedAt.eq(before));
                for (column, value) in with.more {
                    set = set.col_expr(column, Expr::value(value));
                }
                if with.session.is_some() {
                    set = set.filter(user::Column::State.eq(UserState::Active));
                }
                if set.exec(transaction).await?.rows_affected == 0 {
                    return Err(NotSet::Overtaken);
                }
                sessions::end_all(transaction, id, now).await?;
                family::revoke_all_of(transaction, id, family::Reason::PasswordSet, now).await?;
                revoke_personal_tokens(transaction, id, now).await?;
                match with.session {
                    Some(session) => sessions::store(transaction, session, with.told).await?,
                    None => Rows { events: vec![with.told], ..Rows::default() }.insert(transaction).await?,
                }
                user::Entity::find_by_id(id).one(transaction).await?.ok_or(NotSet::Overtaken)
            })
        })
        .await;
    app.users.forget(&id);
    app.families.forget_all();
    changed
}

/// Whoever knew the old password may have made some.
async fn revoke_personal_tokens(transaction: &DatabaseTransaction, id: UserId, now: Seconds) -> Result<(), DbErr> {
    personal_token::Entity::update_many()
        .col_expr(personal_token::Column::RevokedAt, Expr::value(now))
        .filter(personal_token::Column::UserId.eq(id))
        .filter(personal_token::Column::RevokedAt.is_null())
        .exec(transaction)
        .await?;
    Ok(())
}

//! Is everything issued at one moment still good? A family is what one grant of a person gave: a redeemed code, an answer
//! of the authorization endpoint or a password, with its refresh token and its access tokens.

use std::sync::Arc;

use entity::id::{ApplicationId, FamilyId, SessionId, UserId};
use entity::word::Words;
use entity::{client, token, token_family};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryFilter,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::claims::Authentication;
use super::may_issue::Flow;
use crate::app::App;
use crate::clock::Seconds;
use crate::db::Rows;
use crate::oidc::Error;
use crate::oidc::authorization::claims::ClaimsRequest;
use crate::oidc::client::record::Client;
use crate::oidc::event::{Kind, event};
use crate::oidc::service::Life;
use crate::oidc::tenant::Tenant;

/// Why a family ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its code was presented twice (RFC 6749 §4.1.2).
    CodeReplayed,
    /// A refresh token was presented after its successor had been used (RFC 9700 §4.14.2).
    RefreshReplayed,
    /// Its client asked (RFC 7009).
    Revoked,
    /// The code came with the wrong verifier: it is spent, and nothing was issued (s.T10).
    WrongVerifier,
    /// The person has a new password: what was got with the old one ends.
    PasswordSet,
    /// The application's contract for the service ended.
    ContractEnded,
    /// The person is gone.
    PersonRemoved,
    /// The person took back what they had agreed to (portal.md A33).
    ConsentRevoked,
}

impl Reason {
    /// As it stands in the row.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CodeReplayed => "code_replayed",
            Self::RefreshReplayed => "refresh_replayed",
            Self::Revoked => "revoked",
            Self::WrongVerifier => "wrong_verifier",
            Self::PasswordSet => "password_set",
            Self::ContractEnded => "contract_ended",
            Self::PersonRemoved => "person_removed",
            Self::ConsentRevoked => "consent_revoked",
        }
    }

    fn event(self) -> Kind {
        match self {
            Self::CodeReplayed => Kind::CodeReplayed,
            Self::RefreshReplayed => Kind::RefreshTokenReplayed,
            Self::Revoked
            | Self::WrongVerifier
            | Self::PasswordSet
            | Self::ContractEnded
            | Self::PersonRemoved
            | Self::ConsentRevoked => Kind::TokensRevoked,
        }
    }
}

/// The end of what never ends, in seconds since 1970: the last second of the year 9999.
pub const NEVER: Seconds = 253_402_300_799;

/// Until when a refresh token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// Unless used before, seconds since 1970.
    pub idle_at: Seconds,
    /// In any case, seconds since 1970.
    pub expires_at: Seconds,
}

impl Ends {
    /// Of a refresh token issued at `now`: as the services want it, or else as configured. A service's time is counted
    /// from each refresh anew, so that the absolute end moves along (portal.md K17).
    pub fn of(app: &App, life: Life, now: Seconds) -> Self {
        let tokens = &app.config.tokens;
        match life.refresh {
            None => {
                Self { idle_at: now + tokens.refresh_idle_seconds, expires_at: now + tokens.refresh_absolute_seconds }
            }
            Some(0) => Self { idle_at: NEVER, expires_at: NEVER },
            Some(seconds) => Self { idle_at: now + seconds, expires_at: now + seconds },
        }
    }

    /// After a refresh at `now` of what was to end at `before`.
    pub fn again(app: &App, life: Life, before: Seconds, now: Seconds) -> Self {
        match life.refresh {
            None => Self { idle_at: now + app.config.tokens.refresh_idle_seconds, expires_at: before },
            Some(_) => Self::of(app, life, now),
        }
    }
}

/// What a family goes on knowing of how it began.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Detail {
    /// How it came about; `None`: nobody noted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<Flow>,
    /// Access tokens of earlier generations have ended; 0: none has.
    #[serde(default, skip_serializing_if = "is_first")]
    pub live_from: u32,
    /// How and when the person signed in.
    #[serde(flatten)]
    pub authentication: Authentication,
    /// The services the person saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Words>,
    /// The claims that were asked for one by one.
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde wants it
fn is_first(generation: &u32) -> bool {
    *generation == 0
}

/// Whether a refresh token goes with a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// How a family begins.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// Its identity.
    pub id: FamilyId,
    /// The person.
    pub user_id: UserId,
    /// Where they signed in.
    pub session_id: Option<SessionId>,
    /// What was granted.
    pub scopes: Words,
    /// The resources asked for, canonical; empty if none was.
    pub resources: Vec<String>,
    /// What it goes on knowing.
    pub detail: Detail,
    /// Whether it can be refreshed.
    pub refresh: Refresh,
    /// How long.
    pub life: Life,
}

impl Beginning {
    /// The row of a family of `client` that begins now.
    ///
    /// # Errors
    /// `server_error` when what it goes on knowing cannot be written.
    pub fn row(self, app: &App, client: &Client) -> Result<token_family::Model, Error> {
        let now = app.clock.now();
        // What nobody refreshes is kept no longer than its access tokens, which silent sign-ins make many of.
        let ends = match self.refresh {
            Refresh::Yes => Ends::of(app, self.life, now),
            Refresh::No => Ends { idle_at: now, expires_at: now },
        };
        Ok(token_family::Model {
            id: self.id,
            tenant_id: client.row.tenant_id,
            client_key: client.row.id,
            user_id: self.user_id,
            session_id: self.session_id,
            scopes: self.scopes,
            audience: Words::new(self.resources),
            detail: serde_json::to_value(self.detail).map_err(Error::internal)?,
            refreshable: self.refresh == Refresh::Yes,
            generation: 0,
            rotated_at: now,
            idle_at: ends.idle_at,
            expires_at: ends.expires_at,
            revoked_at: None,
            revoked_reason: None,
            created_at: now,
        })
    }
}

/// The family as the database has it now.
///
/// # Errors
/// When the database cannot be asked.
pub async fn load(app: &App, tenant: &Tenant, id: FamilyId) -> Result<Option<token_family::Model>, Error> {
    let row = token_family::Entity::find_by_id(id).one(app.db.pool()).await?;
    Ok(row.filter(|family| family.tenant_id == tenant.id))
}

/// The family, at most a second old.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, id: FamilyId) -> Result<Option<Arc<token_family::Model>>, Error> {
    app.families.get(id, async |id| Ok(load(app, tenant, *id).await?.map(Arc::new))).await
}

/// Ends a family with all its tokens. Ending one that has ended changes nothing.
///
/// # Errors
/// When the database cannot be asked: the tokens are still good then, and the caller must not say otherwise.
pub async fn revoke(app: &App, tenant: &Tenant, id: FamilyId, reason: Reason) -> Result<(), Error> {
    let update = token_family::Entity::update_many()
        .col_expr(token_family::Column::RevokedAt, Expr::value(app.clock.now()))
        .col_expr(token_family::Column::RevokedReason, Expr::value(reason.as_str()))
        .filter(token_family::Column::Id.eq(id))
        .filter(token_family::Column::TenantId.eq(tenant.id))
        .filter(token_family::Column::RevokedAt.is_null());
    let data = json!({"reason": reason.as_str()});
    let told = event(app, tenant.id, reason.event(), "client", &format!("family:{id}"), data);
    let ended = app
        .db
        .transaction(move |transaction| {
            let (update, told) = (update.clone(), told.clone());
            Box::pin(async move {
                if update.exec(transaction).await?.rows_affected == 0 {
                    return Ok(());
                }
                Rows { events: vec![told], ..Rows::default() }.insert(transaction).await
            })
        })
        .await;
    app.families.forget(&id);
    ended.map_err(|error: DbErr| error.into())
}

/// Ends every family of a person, inside a transaction. Afterwards [`App::families`] must be forgotten.
///
/// # Errors
/// When the database cannot be asked.
pub async fn revoke_all_of(
    transaction: &DatabaseTransaction,
    user_id: UserId,
    reason: Reason,
    now: Seconds,
) -> Result<(), DbErr> {
    token_family::Entity::update_many()
        .col_expr(token_family::Column::RevokedAt, Expr::value(now))
        .col_expr(token_family::Column::RevokedReason, Expr::value(reason.as_str()))
        .filter(token_family::Column::UserId.eq(user_id))
        .filter(token_family::Column::RevokedAt.is_null())
        .exec(transaction)
        .await
        .map(drop)
}

/// Ends what the clients of an application were given for an audience, inside a transaction: families whose person agreed
/// to it, and opaque tokens of clients alone. Two statements, however many there are. Afterwards [`App::families`] must be
/// forgotten.
///
/// # Errors
/// When the database cannot be asked.
pub async fn revoke_for(
    transaction: &DatabaseTransaction,
    application: ApplicationId,
    audience: &str,
    now: Seconds,
) -> Result<(), DbErr> {
    let mut clients = Query::select();
    clients.column(client::Column::Id).from(client::Entity).and_where(client::Column::ApplicationId.eq(application));
    let backend = transaction.get_database_backend();
    let seen = seen(backend);
    // Families that named no resource are for what the person saw, and those that noted nothing for whatever there is.
    let by_what_was_seen = Condition::all()
        .add(token_family::Column::Audience.eq(""))
        .add(Condition::any().add(seen.clone().is_null()).add(holds(backend, seen, audience)));
    let named = holds(backend, Expr::col(token_family::Column::Audience), audience);
    token_family::Entity::update_many()
        .col_expr(token_family::Column::RevokedAt, Expr::value(now))
        .col_expr(token_family::Column::RevokedReason, Expr::value(Reason::ContractEnded.as_str()))
        .filter(token_family::Column::ClientKey.in_subquery(clients.clone()))
        .filter(token_family::Column::RevokedAt.is_null())
        .filter(Condition::any().add(named).add(by_what_was_seen))
        .exec(transaction)
        .await?;
    token::Entity::update_many()
        .col_expr(token::Column::RevokedAt, Expr::value(now))
        .filter(token::Column::ClientKey.in_subquery(clients))
        .filter(token::Column::RevokedAt.is_null())
        .filter(holds(backend, Expr::col(token::Column::Audience), audience))
        .exec(transaction)
        .await
        .map(drop)
}

/// What the person saw, as [`Detail`] has it: words, or nothing.
fn seen(backend: DbBackend) -> Expr {
    Expr::cust(match backend {
        DbBackend::Postgres => "detail ->> 'audience'",
        DbBackend::MySql => "JSON_UNQUOTE(JSON_EXTRACT(detail, '$.audience'))",
        _ => "json_extract(detail, '$.audience')",
    })
}

/// Whether a list of words holds `word`, byte for byte: `LIKE` would take some letters for others.
fn holds(backend: DbBackend, list: Expr, word: &str) -> Expr {
    let position = match backend {
        DbBackend::Postgres => "STRPOS",
        _ => "INSTR",
    };
    let padded = Func::cust("CONCAT").arg(Expr::cust("' '")).arg(list).arg(Expr::cust("' '"));
    Expr::expr(Func::cust(position).arg(padded).arg(format!(" {word} "))).gt(0)
}

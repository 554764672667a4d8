//! Which tickets to register are there? Initial access tokens: made, listed, revoked, spent (RFC 7591 §3, registration.md §4)

use entity::id::{ClientKey, InitialAccessTokenId};
use entity::initial_access_token::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use serde_json::json;

use super::credentials::{INITIAL_TOKEN_PREFIX, hint};
use super::policy::Policy;
use super::profile::Profile;
use crate::app::App;
use crate::clock::Seconds;
use crate::db::Rows;
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret::{self, Secret};

/// Characters behind the prefix: 256 random bits. Letters and digits alone, so that a portal that takes no others in a key
/// takes a ticket (portal.md N28).
const TOKEN_LETTERS: usize = 43;
/// Characters of a name.
const NAME_LETTERS_MAX: usize = 200;

/// A ticket to be made.
#[derive(Clone, Debug)]
pub struct New {
    /// What it is for, in at most 200 characters.
    pub name: String,
    /// The profile of its clients; `None`: the tenant's.
    pub profile: Option<&'static Profile>,
    /// The rules its clients are bound to.
    pub policy: Policy,
    /// The template its clients follow.
    pub template: Option<ClientKey>,
    /// How many clients it registers at most; `None`: without limit.
    pub max_uses: Option<i64>,
    /// Seconds since 1970; `None`: it does not end.
    pub expires_at: Option<Seconds>,
    /// Who makes it, as the audit log writes it.
    pub created_by: String,
}

/// Makes a ticket. Only its hash is stored: the value is shown this once.
///
/// # Errors
/// `invalid_request` for a name, an end or a number of uses that makes no sense; when the database cannot be asked.
pub async fn create(app: &App, tenant: &Tenant, new: New) -> Result<(Secret, Model), Error> {
    let now = app.clock.now();
    check(&new, now)?;
    let value = Secret::new(format!("{INITIAL_TOKEN_PREFIX}{}", secret::alphanumeric(TOKEN_LETTERS)));
    let row = Model {
        id: InitialAccessTokenId(secret::new_id()),
        tenant_id: tenant.id,
        name: new.name,
        hash: value.hash().into(),
        hint: hint(&value),
        profile: new.profile.map(|profile| profile.name.to_owned()),
        policy: serde_json::to_value(&new.policy).map_err(Error::internal)?,
        template_id: new.template,
        max_uses: new.max_uses,
        uses: 0,
        expires_at: new.expires_at,
        revoked_at: None,
        created_by: new.created_by,
        created_at: now,
    };
    let target = format!("initial_access_token:{}", row.id);
    let data = json!({"name": row.name, "max_uses": row.max_uses, "expires_at": row.expires_at});
    let told = event(app, tenant.id, Kind::InitialAccessTokenCreated, &row.created_by, &target, data);
    let stored = row.clone();
    app.db
        .transaction(move |transaction| {
            let (row, told) = (stored.clone(), told.clone());
            Box::pin(async move {
                Entity::insert(row.into_active_model()).exec_without_returning(transaction).await?;
                Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?;
                Ok::<_, Error>(())
            })
        })
        .await?;
    Ok((value, row))
}

fn check(new: &New, now: Seconds) -> Result<(), Error> {
    let wrong = |why: String| Err(Error::new(Code::InvalidRequest, why));
    if new.name.trim().is_empty() || new.name.chars().count() > NAME_LETTERS_MAX {
        return wrong(format!("the name must have 1 to {NAME_LETTERS_MAX} characters"));
    }
    if new.max_uses.is_some_and(|uses| uses < 1) {
        return wrong("the number of uses must be at least 1".to_owned());
    }
    if new.expires_at.is_some_and(|ends| ends <= now) {
        return wrong("the end must lie in the future".to_owned());
    }
    Ok(())
}

/// The tickets of a tenant, newest first, used up and revoked ones included.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(app: &App, tenant: &Tenant) -> Result<Vec<Model>, Error> {
    let mine = Entity::find().filter(Column::TenantId.eq(tenant.id)).order_by_desc(Column::Id);
    Ok(mine.all(app.db.pool()).await?)
}

/// Revokes a ticket; clients it registered stay. `actor` is who does it, as the audit log writes it.
///
/// # Errors
/// `not_found` for a ticket that is not there or was revoked before; when the database cannot be asked.
pub async fn revoke(app: &App, tenant: &Tenant, id: InitialAccessTokenId, actor: &str) -> Result<(), Error> {
    let now = app.clock.now();
    let tenant_id = tenant.id;
    let target = format!("initial_access_token:{id}");
    let told = event(app, tenant_id, Kind::InitialAccessTokenRevoked, actor, &target, json!({}));
    app.db
        .transaction(move |transaction| {
            let told = told.clone();
            Box::pin(async move {
                let revoked = Entity::update_many()
                    .col_expr(Column::RevokedAt, Expr::value(now))
                    .filter(Column::Id.eq(id))
                    .filter(Column::TenantId.eq(tenant_id))
                    .filter(Column::RevokedAt.is_null())
                    .exec(transaction)
                    .await?;
                if revoked.rows_affected == 0 {
                    return Err(Error::new(Code::NotFound, "there is no such initial access token, or it was revoked"));
                }
                Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?;
                Ok(())
            })
        })
        .await
}

/// The ticket `token` is, if it can be used at this moment. Whether it still can when its client is stored is for
/// [`spend`] to say.
///
/// # Errors
/// When the database cannot be asked.
pub(super) async fn find_usable(app: &App, tenant: &Tenant, token: &Secret) -> Result<Option<Model>, Error> {
    let usable = |row: &Model| row.max_uses.is_none_or(|uses| row.uses < uses);
    Ok(find_living(app, tenant, token).await?.filter(usable))
}

/// The ticket `token` is, also one that is used up, if it did not end and was not revoked: what it registered may still be
/// looked after with it.
///
/// # Errors
/// When the database cannot be asked.
pub(super) async fn find_living(app: &App, tenant: &Tenant, token: &Secret) -> Result<Option<Model>, Error> {
    let hash = token.hash();
    let row = Entity::find().filter(Column::Hash.eq(hash.as_str())).one(app.db.pool()).await?;
    let now = app.clock.now();
    let lives = |row: &Model| {
        // The row was found by this hash; compared again, so that no collation decides who gets in (s.R51).
        hash.matches(&row.hash)
            && row.tenant_id == tenant.id
            && row.revoked_at.is_none()
            && row.expires_at.is_none_or(|ends| ends > now)
    };
    Ok(row.filter(lives))
}

/// Uses a ticket once, inside the transaction that stores its client: of N registrations at the same moment with a
/// ticket for one, one finds a row to change (s.R52, s.R53). `false`: it cannot be used.
///
/// # Errors
/// When the database cannot be asked.
pub(super) async fn spend<C: ConnectionTrait>(
    connection: &C,
    id: InitialAccessTokenId,
    now: Seconds,
) -> Result<bool, DbErr> {
    let left = Expr::col(Column::Uses).lt(Expr::col(Column::MaxUses));
    let spent = Entity::update_many()
        .col_expr(Column::Uses, Expr::col(Column::Uses).add(1))
        .filter(Column::Id.eq(id))
        .filter(Condition::any().add(Column::MaxUses.is_null()).add(left))
        .filter(Column::RevokedAt.is_null())
        .filter(Condition::any().add(Column::ExpiresAt.is_null()).add(Column::ExpiresAt.gt(now)))
        .exec(connection)
        .await?;
    Ok(spent.rows_affected > 0)
}

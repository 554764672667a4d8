//! Who is there at all, and what does an admin decide about them? Everybody of a tenant, developer or not (U34).

use std::net::IpAddr;

use entity::id::UserId;
use entity::session;
use entity::user::{self, Role};
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::application::list::containing;
use super::developer::remove::check_not_last;
use super::list::{Listed, Wanted};
use super::service::write::lock_tenant;
use super::{Action, Actor, Conflict, Error};
use crate::app::App;
use crate::db::Rows;
use crate::oidc::event::{Kind, event};
use crate::oidc::session::Arrival;
use crate::oidc::session::open::{self, Which};
use crate::oidc::tenant::Tenant;

/// Somebody, and at how many browsers they are signed in.
#[derive(Clone, Debug)]
pub struct Known {
    /// Their row.
    pub row: user::Model,
    /// Sessions that live.
    pub sessions: i64,
}

/// The people of a tenant, the oldest first; with `search`, those who have it in their address or name.
///
/// # Errors
/// `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    search: Option<&str>,
    wanted: &Wanted,
) -> Result<Listed<Known>, Error> {
    actor.may(Action::ReadDevelopers)?;
    let mut query = user::Entity::find().filter(user::Column::TenantId.eq(tenant.id));
    if let Some(search) = search.map(str::trim).filter(|search| !search.is_empty()) {
        let name = Expr::expr(Func::lower(Expr::col((user::Entity, user::Column::Name))));
        let address = Expr::col((user::Entity, user::Column::EmailKey));
        query = query.filter(Condition::any().add(name.like(containing(search))).add(address.like(containing(search))));
    }
    let total = query.clone().count(app.db.pool()).await?;
    if let Some(after) = wanted.after {
        query = query.filter(user::Column::Id.gt(UserId(after)));
    }
    let part = query.order_by_asc(user::Column::Id).offset(wanted.skip).limit(wanted.limit.saturating_add(1));
    let rows = part.all(app.db.pool()).await?;
    let sessions = open::count(app, tenant, rows.iter().map(|row| row.id)).await?;
    let known = |row: user::Model| Known { sessions: sessions.get(&row.id).copied().unwrap_or_default(), row };
    Ok(Listed::of(rows, wanted, total, |row| row.id.0).map(known))
}

/// Somebody, and the sessions they have, the one used last first.
///
/// # Errors
/// `NotFound`, `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn find(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: UserId,
) -> Result<(user::Model, Vec<session::Model>), Error> {
    actor.may(Action::ReadDevelopers)?;
    let row = user::Entity::find_by_id(id).filter(user::Column::TenantId.eq(tenant.id)).one(app.db.pool()).await?;
    let row = row.ok_or(Error::NotFound)?;
    Ok((row, open::list(app, tenant, id).await?))
}

/// Gives somebody another role. What they made stays as it is; the role they have now decides what they may do, at once.
///
/// # Errors
/// `Conflict(LastOne)` for oneself, and for the last admin; `Conflict(Changed)` when somebody else gave them another one
/// at the same moment; `NotFound`; `NotAllowed`, also for a token with scopes, which must not reach what its scopes do
/// not.
pub async fn change_role(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: UserId,
    role: Role,
) -> Result<user::Model, Error> {
    actor.may(Action::WriteDevelopers)?;
    if actor.is_limited() {
        return Err(Error::NotAllowed(Action::WriteDevelopers));
    }
    if actor.user_id() == Some(id) {
        return Err(Error::Conflict(Conflict::LastOne("nobody changes their own role")));
    }
    let (before, _) = find(app, tenant, actor, id).await?;
    if before.role == role {
        return Ok(before);
    }
    let now = app.clock.now();
    let data = json!({"change": "role_changed", "from": before.role, "to": role});
    let told = event(app, tenant.id, Kind::Administered, actor.label(), &format!("user:{id}"), data);
    let after = user::Model { role, updated_at: now, ..before.clone() };
    let stored = app
        .db
        .transaction(move |transaction| {
            let (before, told) = (before.clone(), told.clone());
            Box::pin(async move {
                // Of two admins who take each other's role at once one stays.
                lock_tenant(transaction, before.tenant_id).await?;
                if before.role == Role::Admin {
                    check_not_last(transaction, &before, "the last admin stays one").await?;
                }
                let changed = user::Entity::update_many()
                    .col_expr(user::Column::Role, Expr::value(role))
                    .col_expr(user::Column::UpdatedAt, Expr::value(now))
                    .filter(user::Column::Id.eq(id))
                    .filter(user::Column::Role.eq(before.role))
                    .exec(transaction)
                    .await?;
                if changed.rows_affected == 0 {
                    return Err(Error::Conflict(Conflict::Changed));
                }
                Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?;
                Ok::<_, Error>(())
            })
        })
        .await;
    app.users.forget(&id);
    app.families.forget_all();
    stored.map(|()| after)
}

/// Signs somebody out, where it is meant. How many sessions ended; `from` is where the admin is.
///
/// # Errors
/// `NotFound`, `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn end_sessions(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: UserId,
    which: Which,
    from: IpAddr,
) -> Result<u64, Error> {
    actor.may(Action::WriteDevelopers)?;
    find(app, tenant, actor, id).await?;
    let arrival = Arrival { address: from, agent: None };
    Ok(open::end(app, tenant, actor.label(), id, which, &arrival).await?)
}

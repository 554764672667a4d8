//! Which developers are there?

use entity::id::UserId;
use entity::user::{self, Approval, Role};
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::oidc::user::find_by_email;
use crate::portal::application::list::containing;
use crate::portal::list::{Listed, Wanted};
use crate::portal::{Action, Actor, Error};

/// Which developers are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this state; `None`: in any.
    pub approval: Option<Approval>,
    /// With this in their address or name, whatever the case.
    pub search: Option<String>,
    /// What another system calls them.
    pub custom_id: Option<String>,
}

/// The developers of a tenant, publishers and admins among them.
///
/// # Errors
/// `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<user::Model>, Error> {
    actor.may(Action::ReadDevelopers)?;
    let pool = app.db.pool();
    let mut query = user::Entity::find().filter(condition(tenant, filter));
    let total = query.clone().count(pool).await?;
    if let Some(after) = wanted.after {
        query = query.filter(user::Column::Id.gt(UserId(after)));
    }
    let rows = query
        .order_by_asc(user::Column::Id)
        .offset(wanted.skip)
        .limit(wanted.limit.saturating_add(1))
        .all(pool)
        .await?;
    Ok(Listed::of(rows, wanted, total, |row| row.id.0))
}

fn condition(tenant: &Tenant, filter: &Filter) -> Condition {
    let mut condition = Condition::all().add(user::Column::TenantId.eq(tenant.id)).add(user::Column::Role.is_in([
        Role::Developer,
        Role::Publisher,
        Role::Admin,
    ]));
    if let Some(approval) = filter.approval {
        condition = condition.add(user::Column::Approval.eq(approval));
    }
    if let Some(custom_id) = &filter.custom_id {
        condition = condition.add(user::Column::CustomId.eq(custom_id.as_str()));
    }
    if let Some(search) = filter.search.as_deref().map(str::trim).filter(|search| !search.is_empty()) {
        let name = Expr::expr(Func::lower(Expr::col((user::Entity, user::Column::Name))));
        let address = Expr::col((user::Entity, user::Column::EmailKey));
        let found = Condition::any().add(name.like(containing(search))).add(address.like(containing(search)));
        condition = condition.add(found);
    }
    condition
}

/// The developer with this identity or e-mail address. Everybody may see themselves, approved or not.
///
/// # Errors
/// `NotFound` for somebody unknown or who is no developer; `NotAllowed`.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, which: &str) -> Result<user::Model, Error> {
    let row = match Uuid::parse_str(which) {
        Ok(id) => {
            let with_id = user::Entity::find_by_id(UserId(id)).filter(user::Column::TenantId.eq(tenant.id));
            with_id.one(app.db.pool()).await?
        }
        Err(_) => find_by_email(app, tenant, which).await?,
    };
    let themselves = row.as_ref().is_some_and(|row| actor.user_id() == Some(row.id));
    if !themselves {
        actor.may(Action::ReadDevelopers)?;
    }
    row.filter(|row| row.role >= Role::Developer).ok_or(Error::NotFound)
}

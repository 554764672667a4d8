//! Which applications are there, for the one who asks?

use entity::application::{self, ApplicationStatus};
use entity::id::{ApplicationId, UserId};
use entity::membership::{self as membership_row, MemberRole};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::Application;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::list::{Listed, Wanted};
use crate::portal::membership::{Reach, reached_by};
use crate::portal::person;
use crate::portal::{Action, Actor, Error};

/// Whose things are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// All that the actor may see.
    #[default]
    Reachable,
    /// Only the actor's own, and those they are a member of; for an admin's own page.
    Mine,
}

/// Which applications are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Whose.
    pub whose: Whose,
    /// In this state; `None`: whatever state. Only admins see archived ones, whatever is asked for (G58).
    pub status: Option<ApplicationStatus>,
    /// Of this primary owner.
    pub owner: Option<UserId>,
    /// With this in their name, whatever the case.
    pub search: Option<String>,
    /// In which order.
    pub order: Order,
}

/// In which order things are listed. A part of a list begins after an identity only in the order of their creation; in
/// any other, pages are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The oldest first.
    #[default]
    Created,
    /// The newest first.
    Newest,
    /// By name, whatever its case.
    Name,
    /// By name, the other way round.
    NameDescending,
    /// What was changed longest ago first.
    Updated,
    /// What was changed last first.
    LastUpdated,
}

impl Default for Filter {
    /// Those that live.
    fn default() -> Self {
        Self {
            whose: Whose::Reachable,
            status: Some(ApplicationStatus::Active),
            owner: None,
            search: None,
            order: Order::Created,
        }
    }
}

/// The applications that this actor may see: all for those with [`Action::ReadApplications`], else their own and those
/// they are a member of. The total counts no others (s.B3).
///
/// # Errors
/// `NotApproved`, `NotAllowed`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<Application>, Error> {
    let sees_all = actor.can(Action::ReadApplications);
    if !sees_all {
        actor.may(Action::ReadOwn)?;
    }
    let pool = app.db.pool();
    let mut query = super::rows().filter(condition(tenant, actor, filter, sees_all));
    let total = query.clone().count(pool).await?;
    if let Some(after) = wanted.after.filter(|_| filter.order == Order::Created) {
        query = query.filter(application::Column::Id.gt(ApplicationId(after)));
    }
    let rows = ordered(query, filter.order).offset(wanted.skip).limit(wanted.limit.saturating_add(1)).all(pool).await?;
    let owners = person::named(pool, rows.iter().filter_map(|row| row.primary_owner_id)).await?;
    let roles = if sees_all { Vec::new() } else { roles(app, actor, &rows).await? };
    let reach = |row: &application::Model| match actor.user_id() {
        _ if sees_all => Reach::Administer,
        Some(user) if row.primary_owner_id == Some(user) => Reach::Own,
        _ if roles.contains(&(row.id, MemberRole::Owner)) => Reach::Change,
        _ => Reach::See,
    };
    let items = rows.into_iter().map(|row| Application {
        owner: row.primary_owner_id.and_then(|id| owners.get(&id).cloned()),
        reach: reach(&row),
        row,
    });
    Ok(Listed::of(items.collect(), wanted, total, |item| item.row.id.0))
}

/// Equal ones stand in the order of their creation.
fn ordered(query: Select<application::Entity>, order: Order) -> Select<application::Entity> {
    let by_name = || Expr::expr(Func::lower(Expr::col((application::Entity, application::Column::Name))));
    let query = match order {
        Order::Created => query,
        Order::Newest => return query.order_by_desc(application::Column::Id),
        Order::Name => query.order_by(by_name(), sea_orm::Order::Asc),
        Order::NameDescending => query.order_by(by_name(), sea_orm::Order::Desc),
        Order::Updated => query.order_by_asc(application::Column::UpdatedAt),
        Order::LastUpdated => query.order_by_desc(application::Column::UpdatedAt),
    };
    query.order_by_asc(application::Column::Id)
}

fn condition(tenant: &Tenant, actor: &Actor, filter: &Filter, sees_all: bool) -> Condition {
    let mut condition = Condition::all().add(application::Column::TenantId.eq(tenant.id));
    if !sees_all || filter.whose == Whose::Mine {
        condition = match actor.user_id() {
            Some(user) => condition.add(application::Column::Id.in_subquery(reached_by(user))),
            // A client that speaks for itself owns nothing.
            None => condition.add(application::Column::Id.is_null()),
        };
    }
    if !sees_all {
        condition = condition.add(application::Column::Status.eq(ApplicationStatus::Active));
    }
    if let Some(status) = filter.status {
        condition = condition.add(application::Column::Status.eq(status));
    }
    if let Some(owner) = filter.owner {
        condition = condition.add(application::Column::PrimaryOwnerId.eq(owner));
    }
    if let Some(search) = filter.search.as_deref().map(str::trim).filter(|search| !search.is_empty()) {
        let name = Expr::expr(Func::lower(Expr::col((application::Entity, application::Column::Name))));
        condition = condition.add(name.like(containing(search)));
    }
    condition
}

/// A pattern for what contains `text`, whatever its case; nothing in it is a wild card (s.B12).
pub(in crate::portal) fn containing(text: &str) -> LikeExpr {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('!')
}

async fn roles(
    app: &App,
    actor: &Actor,
    rows: &[application::Model],
) -> Result<Vec<(ApplicationId, MemberRole)>, Error> {
    let Some(user) = actor.user_id() else { return Ok(Vec::new()) };
    let members = membership_row::Entity::find()
        .filter(membership_row::Column::UserId.eq(user))
        .filter(membership_row::Column::ApplicationId.is_in(rows.iter().map(|row| row.id)))
        .all(app.db.pool())
        .await?;
    Ok(members.into_iter().map(|member| (member.application_id, member.role)).collect())
}

//! What happened? The audit log, for those who may read it, the newest first (security.md s.B18).

use entity::event::{Column, Entity, Model};
use entity::id::EventId;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::list::{Listed, Wanted};
use super::{Action, Actor, Error};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::tenant::Tenant;

/// Which events are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<String>,
    /// By them, e.g. `user:…`.
    pub actor: Option<String>,
    /// About this, e.g. `application:…`.
    pub target: Option<String>,
    /// At that moment or later, seconds since 1970.
    pub since: Option<Seconds>,
    /// Before that moment, seconds since 1970.
    pub until: Option<Seconds>,
}

/// The events of a tenant, the newest first.
///
/// # Errors
/// `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<Model>, Error> {
    actor.may(Action::ReadEvents)?;
    let mut found = Entity::find().filter(Column::TenantId.eq(tenant.id));
    for (column, value) in
        [(Column::Kind, &filter.kind), (Column::Actor, &filter.actor), (Column::Target, &filter.target)]
    {
        if let Some(value) = value {
            found = found.filter(column.eq(value.as_str()));
        }
    }
    if let Some(since) = filter.since {
        found = found.filter(Column::At.gte(since));
    }
    if let Some(until) = filter.until {
        found = found.filter(Column::At.lt(until));
    }
    let total = found.clone().count(app.db.pool()).await?;
    if let Some(after) = wanted.after {
        found = found.filter(Column::Id.lt(EventId(after)));
    }
    let part = found.order_by_desc(Column::Id).offset(wanted.skip).limit(wanted.limit.saturating_add(1));
    Ok(Listed::of(part.all(app.db.pool()).await?, wanted, total, |row| row.id.0))
}

/// One event.
///
/// # Errors
/// `NotAllowed`, `NotApproved`; `NotFound`; when the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, id: EventId) -> Result<Model, Error> {
    actor.may(Action::ReadEvents)?;
    let row = Entity::find_by_id(id).filter(Column::TenantId.eq(tenant.id)).one(app.db.pool()).await?;
    row.ok_or(Error::NotFound)
}

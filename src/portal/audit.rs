//! What happened? The audit log as those see it who may.

use entity::event::{Column, Entity, Model};
use entity::id::EventId;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::list::{Listed, Wanted};
use super::{Action, Actor, Error};
use crate::app::App;
use crate::oidc::event::Kind;
use crate::oidc::tenant::Tenant;

/// Which events are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only what this actor did, as the log writes them.
    pub actor: Option<String>,
    /// Only what was done to this, as the log writes it.
    pub target: Option<String>,
}

/// The events of a tenant, newest first: `wanted.after` names the last one seen, and older ones follow.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<Model>, Error> {
    actor.may(Action::ReadEvents)?;
    let mut found = Entity::find().filter(Column::TenantId.eq(tenant.id));
    if let Some(kind) = filter.kind {
        found = found.filter(Column::Kind.eq(kind.as_str()));
    }
    if let Some(actor) = &filter.actor {
        found = found.filter(Column::Actor.eq(actor.as_str()));
    }
    if let Some(target) = &filter.target {
        found = found.filter(Column::Target.eq(target.as_str()));
    }
    let total = found.clone().count(app.db.pool()).await?;
    if let Some(after) = wanted.after {
        found = found.filter(Column::Id.lt(EventId(after)));
    }
    let part = found.order_by_desc(Column::Id).offset(wanted.skip).limit(wanted.limit.saturating_add(1));
    Ok(Listed::of(part.all(app.db.pool()).await?, wanted, total, |row| row.id.0))
}

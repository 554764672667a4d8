//! What is still to be sent, what was, and what could not be? The outbox as those who look after it see it (Q23).

use entity::delivery::{self, Channel};
use entity::id::{DeliveryId, WebhookId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::list::{Listed, Wanted};
use super::{Action, Actor, Conflict, Error};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::tenant::Tenant;

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is tried, or tried again.
    Waiting,
    /// It is there.
    Done,
    /// It was given up.
    Failed,
}

impl Progress {
    /// Of one row.
    pub fn of(row: &delivery::Model) -> Self {
        match (row.done_at, row.failed_at) {
            (Some(_), _) => Self::Done,
            (None, Some(_)) => Self::Failed,
            (None, None) => Self::Waiting,
        }
    }

    fn condition(self) -> Condition {
        let (done, failed) = (delivery::Column::DoneAt, delivery::Column::FailedAt);
        match self {
            Self::Waiting => Condition::all().add(done.is_null()).add(failed.is_null()),
            Self::Done => Condition::all().add(done.is_not_null()),
            Self::Failed => Condition::all().add(done.is_null()).add(failed.is_not_null()),
        }
    }
}

/// Which messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only by this way.
    pub channel: Option<Channel>,
    /// Only to this webhook.
    pub webhook: Option<WebhookId>,
    /// Only those that have come so far.
    pub progress: Option<Progress>,
}

/// The messages of a tenant. What a mail says is in the row, its link sealed: it is not for being shown.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<delivery::Model>, Error> {
    actor.may(Action::ReadEvents)?;
    let mut found = delivery::Entity::find().filter(delivery::Column::TenantId.eq(tenant.id));
    if let Some(channel) = filter.channel {
        found = found.filter(delivery::Column::Channel.eq(channel));
    }
    if let Some(webhook) = filter.webhook {
        found = found.filter(delivery::Column::WebhookId.eq(webhook));
    }
    if let Some(progress) = filter.progress {
        found = found.filter(progress.condition());
    }
    let total = found.clone().count(app.db.pool()).await?;
    if let Some(after) = wanted.after {
        found = found.filter(delivery::Column::Id.gt(DeliveryId(after)));
    }
    let part = found.order_by_asc(delivery::Column::Id).offset(wanted.skip).limit(wanted.limit.saturating_add(1));
    Ok(Listed::of(part.all(app.db.pool()).await?, wanted, total, |row| row.id.0))
}

/// One message.
///
/// # Errors
/// `NotAllowed`; `NotFound`; when the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, id: DeliveryId) -> Result<delivery::Model, Error> {
    actor.may(Action::ReadEvents)?;
    load(app, tenant, id).await
}

async fn load(app: &App, tenant: &Tenant, id: DeliveryId) -> Result<delivery::Model, Error> {
    let row = delivery::Entity::find_by_id(id).one(app.db.pool()).await?;
    row.filter(|row| row.tenant_id == tenant.id).ok_or(Error::NotFound)
}

/// Begins anew with a message that was given up: it is due at once and has all its tries before it.
///
/// # Errors
/// `NotAllowed`; `NotFound`; `Conflict` for one that was not given up; when the database cannot be asked.
pub async fn retry(app: &App, tenant: &Tenant, actor: &Actor, id: DeliveryId) -> Result<delivery::Model, Error> {
    actor.may(Action::WriteWebhooks)?;
    load(app, tenant, id).await?;
    let update = delivery::Entity::update_many()
        .col_expr(delivery::Column::Attempts, Expr::value(0_i64))
        .col_expr(delivery::Column::NextTryAt, Expr::value(app.clock.now()))
        .col_expr(delivery::Column::FailedAt, Expr::value(Option::<Seconds>::None))
        .filter(delivery::Column::Id.eq(id))
        .filter(delivery::Column::DoneAt.is_null())
        .filter(delivery::Column::FailedAt.is_not_null());
    if app.db.execute(update.build(app.db.backend())).await? == 0 {
        return Err(Error::Conflict(Conflict::Changed));
    }
    load(app, tenant, id).await
}

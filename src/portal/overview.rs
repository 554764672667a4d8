//! How many are there? Numbers for those who look after the whole tenant.

use entity::application::{self, Source};
use entity::client::{self, ClientState};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect};

use super::{Action, Actor, Error};
use crate::app::App;
use crate::oidc::tenant::Tenant;

#[derive(Debug, FromQueryResult)]
struct Counted {
    source: Source,
    clients: i64,
}

/// How many clients are in use, by the way their applications came to be.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn clients_by_source(app: &App, tenant: &Tenant, actor: &Actor) -> Result<Vec<(Source, u64)>, Error> {
    actor.may(Action::ReadClients)?;
    let of_application = client::Entity::belongs_to(application::Entity)
        .from(client::Column::ApplicationId)
        .to(application::Column::Id)
        .into();
    let counted = client::Entity::find()
        .select_only()
        .column_as(application::Column::Source, "source")
        .column_as(client::Column::Id.count(), "clients")
        .join(JoinType::InnerJoin, of_application)
        .filter(client::Column::TenantId.eq(tenant.id))
        .filter(client::Column::State.eq(ClientState::Active))
        .group_by(application::Column::Source)
        .order_by_asc(application::Column::Source)
        .into_model::<Counted>()
        .all(app.db.pool())
        .await?;
    Ok(counted.into_iter().map(|row| (row.source, u64::try_from(row.clients).unwrap_or(0))).collect())
}

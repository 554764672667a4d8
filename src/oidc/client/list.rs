//! Which clients are there? For admins: also what became of those that are gone.

use entity::client::{self, ClientKind};
use entity::{application, client_secret};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::record::is_client_id;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};

/// The clients that are not gone, the newest first: `limit` of them, after the one called `after`.
///
/// # Errors
/// `not_found` when there is and was no client `after`.
pub async fn page(app: &App, tenant: &Tenant, limit: u32, after: Option<&str>) -> Result<Vec<client::Model>, Error> {
    let mut query = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant.id))
        .filter(client::Column::LiveKey.is_not_null())
        .filter(client::Column::Kind.ne(ClientKind::Template))
        // Identities are ordered by time.
        .order_by_desc(client::Column::Id)
        .limit(u64::from(limit));
    if let Some(after) = after {
        query = query.filter(client::Column::Id.lt(row(app, tenant, after).await?.id));
    }
    Ok(query.all(app.db.pool()).await?)
}

/// A client with all that stands beside it.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Its row, or its tombstone.
    pub row: client::Model,
    /// Its application.
    pub application: Option<application::Model>,
    /// Its secrets, the newest last.
    pub secrets: Vec<client_secret::Model>,
}

/// The client with this identifier, or its tombstone.
///
/// # Errors
/// `not_found` when there is and was none.
pub async fn find(app: &App, tenant: &Tenant, client_id: &str) -> Result<Whole, Error> {
    let row = row(app, tenant, client_id).await?;
    let application = match row.application_id {
        Some(id) => application::Entity::find_by_id(id).one(app.db.pool()).await?,
        None => None,
    };
    let secrets = client_secret::Entity::find()
        .filter(client_secret::Column::ClientKey.eq(row.id))
        .order_by_asc(client_secret::Column::Id)
        .all(app.db.pool())
        .await?;
    Ok(Whole { row, application, secrets })
}

async fn row(app: &App, tenant: &Tenant, client_id: &str) -> Result<client::Model, Error> {
    let unknown = || Error::new(Code::NotFound, "there is no client with this client id");
    if !is_client_id(client_id) {
        return Err(unknown());
    }
    let found = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant.id))
        .filter(client::Column::ClientId.eq(client_id))
        .filter(client::Column::Kind.ne(ClientKind::Template))
        .order_by_desc(client::Column::Id)
        .one(app.db.pool())
        .await?;
    found.ok_or_else(unknown)
}

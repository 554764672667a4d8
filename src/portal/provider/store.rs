//! Which providers does a tenant have, and what is sealed of them?

use entity::id::ProviderId;
use entity::provider::{Column, Entity, Model};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::list::{Listed, Wanted};
use crate::portal::{Action, Actor, Error};
use crate::secret::{Purpose, Secret};

/// The provider where applications of a tenant are registered, if one is the default.
///
/// # Errors
/// When the database cannot be asked.
pub async fn default_of(app: &App, tenant: &Tenant) -> Result<Option<Model>, Error> {
    let found = Entity::find().filter(Column::DefaultKey.eq(tenant.id.to_string()));
    Ok(found.one(app.db.pool()).await?)
}

/// The providers of a tenant, the oldest first.
///
/// # Errors
/// `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn list(app: &App, tenant: &Tenant, actor: &Actor, wanted: &Wanted) -> Result<Listed<Model>, Error> {
    actor.may(Action::ReadProviders)?;
    let mut found = Entity::find().filter(Column::TenantId.eq(tenant.id));
    let total = found.clone().count(app.db.pool()).await?;
    if let Some(after) = wanted.after {
        found = found.filter(Column::Id.gt(ProviderId(after)));
    }
    let part = found.order_by_asc(Column::Id).offset(wanted.skip).limit(wanted.limit.saturating_add(1));
    Ok(Listed::of(part.all(app.db.pool()).await?, wanted, total, |row| row.id.0))
}

/// One provider.
///
/// # Errors
/// `NotFound`, `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, id: ProviderId) -> Result<Model, Error> {
    actor.may(Action::ReadProviders)?;
    load(app, tenant, id).await
}

pub(super) async fn load(app: &App, tenant: &Tenant, id: ProviderId) -> Result<Model, Error> {
    let found = Entity::find_by_id(id).filter(Column::TenantId.eq(tenant.id)).one(app.db.pool()).await?;
    found.ok_or(Error::NotFound)
}

/// The provider, while nobody removes it.
pub(super) async fn locked(transaction: &DatabaseTransaction, id: ProviderId) -> Result<Model, Error> {
    Entity::find_by_id(id).lock_exclusive().one(transaction).await?.ok_or(Error::NotFound)
}

/// What a value is sealed to: of this provider, and what it is.
pub(super) fn context(id: ProviderId, what: &str) -> Vec<u8> {
    [id.0.as_bytes(), what.as_bytes()].concat()
}

pub(super) fn seal(app: &App, id: ProviderId, what: &str, value: &Secret) -> String {
    app.sealer.seal_text(Purpose::Provider, &context(id, what), value.expose().as_bytes())
}

/// `None`: there is none, or it was sealed with another key.
pub(super) fn open(app: &App, id: ProviderId, what: &str, sealed: Option<&str>) -> Option<Secret> {
    let plain = app.sealer.open_text(Purpose::Provider, &context(id, what), sealed?).ok()?;
    String::from_utf8(plain.to_vec()).ok().map(Secret::new)
}

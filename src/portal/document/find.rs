//! Where is a document? Lists leave the texts out: they may be long.

use entity::document::{Column, Entity, Model};
use entity::id::{DocumentId, ServiceId};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::tenant::Tenant;
use crate::portal::list::{Listed, Wanted};
use crate::portal::service::find::{Reference, load_one};
use crate::portal::service::{self, Shown};
use crate::portal::{Action, Actor, Error};

/// A document without its text.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Heading {
    /// Identity.
    pub id: DocumentId,
    /// The service it tells of.
    pub service_id: Option<ServiceId>,
    /// Where it stands, e.g. `specs/orders.yaml`.
    pub path: String,
    /// Name shown to people.
    pub title: String,
    /// See [`super::Media`].
    pub media_type: String,
    /// Shown to developers.
    pub published: bool,
    /// Counts the changes.
    pub version: i64,
    /// Seconds since 1970.
    pub created_at: Seconds,
    /// Seconds since 1970.
    pub updated_at: Seconds,
}

/// Which documents are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// Those of a service, by its identity or name.
    Of(String),
    /// Those that wait to be linked.
    Waiting,
}

/// The documents of the tenant, for those who look after services.
///
/// # Errors
/// `NotFound` for the service of the filter; `NotAllowed`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<Heading>, Error> {
    actor.may(Action::ReadServices)?;
    let of_tenant = Entity::find().filter(Column::TenantId.eq(tenant.id));
    let fitting = match filter {
        Filter::All => of_tenant,
        Filter::Waiting => of_tenant.filter(Column::ServiceId.is_null()),
        Filter::Of(reference) => {
            let service = load_one(app, tenant, &Reference::parse(reference)).await?;
            of_tenant.filter(Column::ServiceId.eq(service.row.id))
        }
    };
    part(app, fitting, wanted).await
}

/// One document with its text.
///
/// # Errors
/// `NotFound`, `NotAllowed`; when the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, id: DocumentId) -> Result<Model, Error> {
    actor.may(Action::ReadServices)?;
    let found = Entity::find_by_id(id).filter(Column::TenantId.eq(tenant.id)).one(app.db.pool()).await?;
    found.ok_or(Error::NotFound)
}

/// One document with its text, by its path.
///
/// # Errors
/// As [`find`].
pub async fn of_path(app: &App, tenant: &Tenant, actor: &Actor, path: &str) -> Result<Model, Error> {
    actor.may(Action::ReadServices)?;
    let named = Entity::find().filter(Column::TenantId.eq(tenant.id)).filter(Column::Path.eq(path));
    named.one(app.db.pool()).await?.ok_or(Error::NotFound)
}

/// The documents a developer sees: those that are published, of services that are (portal.md K30).
///
/// # Errors
/// `NotApproved` and `NotAllowed` for those who are no developers; when the database cannot be asked.
pub async fn catalog(app: &App, tenant: &Tenant, actor: &Actor, wanted: &Wanted) -> Result<Listed<Heading>, Error> {
    actor.may(Action::ReadOwn)?;
    let services = crate::oidc::service::all(app, tenant).await?;
    let visible = services.iter().filter(|service| service::Which::Published.fits(service));
    let ids: Vec<ServiceId> = visible.map(|service| service.row.id).collect();
    part(app, published(tenant).filter(Column::ServiceId.is_in(ids)), wanted).await
}

/// The documents a developer sees of one service.
///
/// # Errors
/// `NotFound` also for a service that is not published; otherwise as [`catalog`].
pub async fn of_service(app: &App, tenant: &Tenant, actor: &Actor, service: &str) -> Result<Vec<Heading>, Error> {
    let Shown { id, .. } = service::shown(app, tenant, actor, service).await?;
    let of_service = published(tenant).filter(Column::ServiceId.eq(id)).order_by_asc(Column::Path);
    Ok(headings(of_service).all(app.db.pool()).await?)
}

/// One document of a service with its text, as developers see it.
///
/// # Errors
/// `NotFound` also for one that is not published, or another service's (security.md s.B2); otherwise as [`catalog`].
pub async fn shown(app: &App, tenant: &Tenant, actor: &Actor, service: &str, id: DocumentId) -> Result<Model, Error> {
    let service = service::shown(app, tenant, actor, service).await?;
    let found = published(tenant).filter(Column::Id.eq(id)).filter(Column::ServiceId.eq(service.id));
    found.one(app.db.pool()).await?.ok_or(Error::NotFound)
}

fn published(tenant: &Tenant) -> Select<Entity> {
    Entity::find().filter(Column::TenantId.eq(tenant.id)).filter(Column::Published.eq(true))
}

fn headings(query: Select<Entity>) -> sea_orm::Selector<sea_orm::SelectModel<Heading>> {
    let columns = [
        Column::Id,
        Column::ServiceId,
        Column::Path,
        Column::Title,
        Column::MediaType,
        Column::Published,
        Column::Version,
        Column::CreatedAt,
        Column::UpdatedAt,
    ];
    query.select_only().columns(columns).into_model()
}

async fn part(app: &App, fitting: Select<Entity>, wanted: &Wanted) -> Result<Listed<Heading>, Error> {
    let total = fitting.clone().count(app.db.pool()).await?;
    let mut rows = fitting.order_by_asc(Column::Id).limit(wanted.limit.saturating_add(1)).offset(wanted.skip);
    if let Some(after) = wanted.after {
        rows = rows.filter(Column::Id.gt(DocumentId(after)));
    }
    let items = headings(rows).all(app.db.pool()).await?;
    Ok(Listed::of(items, wanted, total, |heading| heading.id.0))
}

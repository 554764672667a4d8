//! Which service does a document tell of? (portal.md K29: by its path)

use entity::document::{Column, Entity, Model};
use entity::id::DocumentId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::change::{lock_document, store, target, told};
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::service::find::Reference;
use crate::portal::service::looks_after;
use crate::portal::service::write::{Line, lock, tell, unchanged, write};
use crate::portal::{Action, Actor, Conflict, Error, Rule};

/// Links the document that stands under `path` to a service. One that is linked to it already stays so.
///
/// # Errors
/// `NotFound` for the service; `Invalid` for a `path` under which nothing stands; `NotAllowed`, also for another
/// publisher's service; `Conflict::StillUsed` for a document of another service; when the database cannot be asked.
pub async fn link(app: &App, tenant: &Tenant, actor: &Actor, service: &str, path: &str) -> Result<Model, Error> {
    actor.may(Action::WriteDocuments)?;
    let line = Line::new(app, tenant.id, actor, "document_linked");
    let (actor, tenant, now) = (actor.clone(), tenant.id, app.clock.now());
    let (reference, path) = (Reference::parse(service), path.to_owned());
    let written = write(app, move |transaction| {
        let (actor, line, reference, path) = (actor.clone(), line.clone(), reference.clone(), path.clone());
        Box::pin(async move {
            let (service, _) = lock(transaction, tenant, &reference).await?;
            looks_after(&actor, Action::WriteDocuments, &service)?;
            let named = Entity::find().filter(Column::TenantId.eq(tenant)).filter(Column::Path.eq(path.as_str()));
            let found = named.lock_exclusive().one(transaction).await?;
            let missing = || Error::invalid("path", Rule::Missing, "must be that of a document of the portal");
            let before = found.ok_or_else(missing)?;
            if before.service_id == Some(service.id) {
                return Ok(before);
            }
            if before.service_id.is_some() {
                return Err(Error::Conflict(Conflict::StillUsed("another service")).into());
            }
            let version = before.version + 1;
            let after = Model { service_id: Some(service.id), version, updated_at: now, ..before.clone() };
            store(transaction, &before, &after).await?;
            tell(transaction, line.of(target(&after), &told(&before), &told(&after))).await?;
            Ok(after)
        })
    })
    .await?;
    written.map_err(|_| Error::Conflict(Conflict::Changed))
}

/// [`link`], for those who know the identity of the document.
///
/// # Errors
/// As [`link`]; `NotFound` for the document, too.
pub async fn link_id(app: &App, tenant: &Tenant, actor: &Actor, service: &str, id: DocumentId) -> Result<Model, Error> {
    actor.may(Action::WriteDocuments)?;
    let found = Entity::find_by_id(id).filter(Column::TenantId.eq(tenant.id)).one(app.db.pool()).await?;
    link(app, tenant, actor, service, &found.ok_or(Error::NotFound)?.path).await
}

/// Takes a document from its service; it waits in the portal then, where developers do not see it.
///
/// # Errors
/// `NotFound`; `NotAllowed`, also for one of another publisher's service; `Conflict::Changed`; when the database cannot be
/// asked.
pub async fn unlink(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: DocumentId,
    expected: Option<i64>,
) -> Result<Model, Error> {
    actor.may(Action::WriteDocuments)?;
    let line = Line::new(app, tenant.id, actor, "document_unlinked");
    let (actor, tenant, now) = (actor.clone(), tenant.id, app.clock.now());
    let written = write(app, move |transaction| {
        let (actor, line) = (actor.clone(), line.clone());
        Box::pin(async move {
            let before = lock_document(transaction, tenant, id, &actor).await?;
            unchanged(expected, before.version)?;
            if before.service_id.is_none() {
                return Ok(before);
            }
            let after = Model { service_id: None, version: before.version + 1, updated_at: now, ..before.clone() };
            store(transaction, &before, &after).await?;
            tell(transaction, line.of(target(&after), &told(&before), &told(&after))).await?;
            Ok(after)
        })
    })
    .await?;
    written.map_err(|_| Error::Conflict(Conflict::Changed))
}

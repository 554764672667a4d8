//! How does a document come in, change and go?

use entity::document::{Column, Entity, Model};
use entity::id::{DocumentId, ServiceId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};

use super::media::{self, Media};
use super::path;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::service::find::{Reference, load_one};
use crate::portal::service::write::{Duplicate, Failure, Line, lock, tell, touched, unchanged, write};
use crate::portal::service::{check, looks_after};
use crate::portal::{Action, Actor, Conflict, Error, Rule, Wrong};
use crate::secret;

/// A document to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Where it stands; `None`: below `specs/`, by its title.
    pub path: Option<String>,
    /// Name shown to people.
    pub title: String,
    /// See [`Media`]; `None`: by its path or its text.
    pub media_type: Option<String>,
    /// The text, at most 1 MiB.
    pub body: String,
    /// Shown to developers.
    pub published: bool,
}

/// What to change; `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Where it stands.
    pub path: Option<String>,
    /// Name shown to people.
    pub title: Option<String>,
    /// See [`Media`].
    pub media_type: Option<String>,
    /// The text, at most 1 MiB.
    pub body: Option<String>,
    /// Shown to developers.
    pub published: Option<bool>,
}

/// Adds a document, to a service or for linking it later, which only an admin does.
///
/// # Errors
/// `NotFound` for the service; `NotAllowed`, also for another publisher's; `Invalid` with all that is wrong; `Taken` for a
/// `path` that is; when the database cannot be asked.
pub async fn add(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    service: Option<&str>,
    upload: Upload,
) -> Result<Model, Error> {
    actor.may(Action::WriteDocuments)?;
    let service = match service {
        Some(reference) => Some(load_one(app, tenant, &Reference::parse(reference)).await?.row),
        None => None,
    };
    reaches(actor, service.as_ref())?;
    let now = app.clock.now();
    let media = upload.media_type.as_deref().map(Media::parse);
    let media = media.unwrap_or_else(|| Some(Media::guess(upload.path.as_deref(), &upload.body)));
    let extension = media.map_or("txt", Media::extension);
    let row = Model {
        id: DocumentId(secret::new_id()),
        tenant_id: tenant.id,
        service_id: service.as_ref().map(|service| service.id),
        path: upload.path.unwrap_or_else(|| path::of_title(&upload.title, extension)),
        title: upload.title,
        media_type: media.map(|media| media.as_str().to_owned()).or(upload.media_type).unwrap_or_default(),
        body: upload.body,
        published: upload.published,
        version: 0,
        created_at: now,
        updated_at: now,
    };
    let wrong = complaints(&row);
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let line = Line::new(app, tenant.id, actor, "document_added").of(target(&row), &Value::Null, &told(&row));
    let (added, tenant_id, actor) = (row.clone(), tenant.id, actor.clone());
    let written = write(app, move |transaction| {
        let (row, line, actor) = (added.clone(), line.clone(), actor.clone());
        Box::pin(async move {
            if let Some(service) = row.service_id {
                let (service, _) = lock(transaction, tenant_id, &Reference::Id(service)).await?;
                looks_after(&actor, Action::WriteDocuments, &service)?;
            }
            Entity::insert(row.into_active_model()).exec_without_returning(transaction).await?;
            tell(transaction, line).await
        })
    })
    .await?;
    match written {
        Ok(()) => Ok(row),
        Err(Duplicate) => Err(Error::Taken { field: "path", value: row.path }),
    }
}

/// Changes a document: what `change` does not name stays. With `expected` only if it still has that version.
///
/// # Errors
/// `NotFound`; `NotAllowed`, also for one of another publisher's service; `Invalid` with all that is wrong; `Taken` for a
/// `path` that is; `Conflict::Changed`; when the database cannot be asked.
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: DocumentId,
    expected: Option<i64>,
    change: Change,
) -> Result<Model, Error> {
    actor.may(Action::WriteDocuments)?;
    let line = Line::new(app, tenant.id, actor, "document_changed");
    let (actor, tenant, now, wanted) = (actor.clone(), tenant.id, app.clock.now(), change.path.clone());
    let written = write(app, move |transaction| {
        let (actor, line, change) = (actor.clone(), line.clone(), change.clone());
        Box::pin(async move {
            let before = lock_document(transaction, tenant, id, &actor).await?;
            unchanged(expected, before.version)?;
            let after = Model { version: before.version + 1, updated_at: now, ..apply(before.clone(), change) };
            let wrong = complaints(&after);
            if !wrong.is_empty() {
                return Err(Error::Invalid(wrong).into());
            }
            store(transaction, &before, &after).await?;
            tell(transaction, line.of(target(&after), &told(&before), &told(&after))).await?;
            Ok(after)
        })
    })
    .await?;
    written.map_err(|_| Error::Taken { field: "path", value: wanted.unwrap_or_default() })
}

/// Removes a document.
///
/// # Errors
/// `NotFound`; `NotAllowed`, also for one of another publisher's service; `Conflict::Changed`; when the database cannot be
/// asked.
pub async fn remove(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: DocumentId,
    expected: Option<i64>,
) -> Result<(), Error> {
    actor.may(Action::WriteDocuments)?;
    let line = Line::new(app, tenant.id, actor, "document_removed");
    let (actor, tenant) = (actor.clone(), tenant.id);
    let written = write(app, move |transaction| {
        let (actor, line) = (actor.clone(), line.clone());
        Box::pin(async move {
            let row = lock_document(transaction, tenant, id, &actor).await?;
            unchanged(expected, row.version)?;
            let gone = Entity::delete_many().filter(Column::Id.eq(id)).filter(Column::Version.eq(row.version));
            touched(gone.exec(transaction).await?.rows_affected)?;
            tell(transaction, line.of(target(&row), &told(&row), &Value::Null)).await
        })
    })
    .await?;
    written.map_err(|_| Error::Conflict(Conflict::Changed))
}

/// The document, locked until the transaction ends, if this actor manages it.
pub(super) async fn lock_document(
    transaction: &DatabaseTransaction,
    tenant: entity::id::TenantId,
    id: DocumentId,
    actor: &Actor,
) -> Result<Model, Failure> {
    let found = Entity::find_by_id(id).filter(Column::TenantId.eq(tenant)).lock_exclusive();
    let row = found.one(transaction).await?.ok_or(Error::NotFound)?;
    reaches(actor, service_of(transaction, row.service_id).await?.as_ref())?;
    Ok(row)
}

async fn service_of(
    transaction: &DatabaseTransaction,
    id: Option<ServiceId>,
) -> Result<Option<entity::service::Model>, Failure> {
    let Some(id) = id else { return Ok(None) };
    Ok(entity::service::Entity::find_by_id(id).one(transaction).await?)
}

/// Whether this actor manages the documents of a service; `None`: those that wait.
fn reaches(actor: &Actor, service: Option<&entity::service::Model>) -> Result<(), Error> {
    match service {
        Some(service) => looks_after(actor, Action::WriteDocuments, service),
        None if actor.role() == entity::user::Role::Admin => Ok(()),
        None => Err(Error::NotAllowed(Action::WriteDocuments)),
    }
}

/// Stores what a document has become, if it is still what it was.
pub(super) async fn store(transaction: &DatabaseTransaction, before: &Model, after: &Model) -> Result<(), Failure> {
    let stored = Entity::update_many()
        .set(after.clone().into_active_model().reset_all())
        .filter(Column::Id.eq(before.id))
        .filter(Column::Version.eq(before.version))
        .exec(transaction)
        .await?;
    Ok(touched(stored.rows_affected)?)
}

fn apply(row: Model, change: Change) -> Model {
    let spelled = |text: String| Media::parse(&text).map_or(text, |media| media.as_str().to_owned());
    Model {
        path: change.path.unwrap_or(row.path),
        title: change.title.unwrap_or(row.title),
        media_type: change.media_type.map_or(row.media_type, spelled),
        body: change.body.unwrap_or(row.body),
        published: change.published.unwrap_or(row.published),
        ..row
    }
}

fn complaints(row: &Model) -> Vec<Wrong> {
    let mut wrong: Vec<Wrong> = path::complaint(&row.path).into_iter().collect();
    wrong.extend(check::line("title", &row.title, 200));
    match Media::parse(&row.media_type) {
        Some(media) => wrong.extend(media::complaint(media, &row.body)),
        None => {
            let known = Media::ALL.map(Media::as_str).join(", ");
            wrong.push(Wrong::new("media_type", Rule::Unknown, format!("must be one of {known}")));
        }
    }
    wrong
}

/// The document in the audit log: of its text the digest.
pub(super) fn told(row: &Model) -> Value {
    json!({
        "service_id": row.service_id,
        "path": row.path,
        "title": row.title,
        "media_type": row.media_type,
        "body_sha256": secret::hash(row.body.as_bytes()).as_str(),
        "published": row.published,
        "version": row.version,
    })
}

pub(super) fn target(row: &Model) -> String {
    format!("document:{}", row.id)
}

//! `/documents`: what do developers read about services? (portal.md K29, K30)

use entity::id::DocumentId;
use poem::Request;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::body::Body;
use super::caller::Caller;
use super::nullable::Nullable;
use super::page::{Asked, Page, said};
use super::precondition::Seen;
use super::problem::Problem;
use crate::portal::document::{self as rule, Change, Filter, Heading, Upload};

/// The documents of the tenant.
#[derive(Debug)]
pub struct DocumentApi;

/// A document without its text.
#[derive(Debug, Object)]
struct DocumentHeading {
    /// Identity.
    id: Uuid,
    /// The service it tells of; `null`: it waits to be linked.
    service_id: Nullable<Uuid>,
    /// Where it stands, e.g. `specs/orders.yaml`.
    path: String,
    /// Name shown to people.
    title: String,
    /// `application/yaml` or `application/json` for OpenAPI, `text/markdown` or `text/plain`.
    media_type: String,
    /// Shown to developers.
    published: bool,
    /// Counts the changes; the `ETag` is `"v"` and this number.
    version: i64,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970.
    updated_at: i64,
}

/// A document.
#[derive(Debug, Object)]
struct Document {
    /// All but the text.
    #[oai(flatten)]
    heading: DocumentHeading,
    /// The text.
    body: String,
}

/// A document to be added.
#[derive(Debug, Object)]
struct NewDocument {
    /// Name shown to people.
    title: String,
    /// The text, at most 1 MiB.
    body: String,
    /// Where it stands; else below `specs/`, by its title.
    path: Option<String>,
    /// What it is written in; else told by its path or its text.
    media_type: Option<String>,
    /// Shown to developers; yes.
    published: Option<bool>,
    /// Identity or name of the service it tells of; else it waits to be linked, which only admins may say.
    service: Option<String>,
}

/// What is to change of a document; what is left out stays.
#[derive(Debug, Object)]
struct DocumentChange {
    /// Where it stands.
    path: Option<String>,
    /// Name shown to people.
    title: Option<String>,
    /// What it is written in.
    media_type: Option<String>,
    /// The text, at most 1 MiB.
    body: Option<String>,
    /// Shown to developers.
    published: Option<bool>,
}

/// The service a document is to tell of.
#[derive(Debug, Object)]
struct Link {
    /// Its identity, or its name.
    service: String,
}

impl From<Heading> for DocumentHeading {
    fn from(row: Heading) -> Self {
        Self {
            id: row.id.0,
            service_id: row.service_id.map(|id| id.0).into(),
            path: row.path,
            title: row.title,
            media_type: row.media_type,
            published: row.published,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

fn split(row: rule::Document) -> (DocumentHeading, String) {
    let heading = DocumentHeading {
        id: row.id.0,
        service_id: row.service_id.map(|id| id.0).into(),
        path: row.path,
        title: row.title,
        media_type: row.media_type,
        published: row.published,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    (heading, row.body)
}

fn told(row: rule::Document) -> Told<Document> {
    let version = row.version;
    let (heading, body) = split(row);
    Told::new(&Document { heading, body }).version(version)
}

fn told_heading(row: rule::Document) -> Told<DocumentHeading> {
    let version = row.version;
    Told::new(&split(row).0).version(version)
}

#[OpenApi(tag = "Part::Documents")]
impl DocumentApi {
    /// List documents.
    ///
    /// The oldest first, without their texts.
    #[oai(path = "/documents", method = "get", operation_id = "list_documents")]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
        /// Of this service, by its identity or its name.
        service: Query<Option<String>>,
        /// `true`: only those that wait to be linked.
        waiting: Query<Option<bool>>,
    ) -> Result<Told<Page<DocumentHeading>>, Problem> {
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &["service", "waiting"])?;
        let filter = match (said(service.0), waiting.0) {
            (Some(service), _) => Filter::Of(service),
            (None, Some(true)) => Filter::Waiting,
            (None, _) => Filter::All,
        };
        let listed = rule::list(&caller.app, &caller.tenant, &caller.actor, &filter, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, DocumentHeading::from))
    }

    /// Add a document.
    #[oai(path = "/documents", method = "post", operation_id = "create_document")]
    async fn create(&self, caller: Caller, body: Body<NewDocument>) -> Result<Told<DocumentHeading, 201>, Problem> {
        let NewDocument { title, body, path, media_type, published, service } = body.0;
        let upload = Upload { path, title, media_type, body, published: published.unwrap_or(true) };
        let row = rule::add(&caller.app, &caller.tenant, &caller.actor, service.as_deref(), upload).await?;
        let (at, version) = (caller.url(&format!("/documents/{}", row.id)), row.version);
        Ok(Told::new(&split(row).0).version(version).at(&at))
    }

    /// Read a document.
    #[oai(path = "/documents/:document", method = "get", operation_id = "read_document")]
    async fn read(&self, caller: Caller, document: Path<Uuid>) -> Result<Told<Document>, Problem> {
        Ok(told(rule::find(&caller.app, &caller.tenant, &caller.actor, DocumentId(document.0)).await?))
    }

    /// Change a document.
    #[oai(path = "/documents/:document", method = "patch", operation_id = "change_document")]
    async fn change(
        &self,
        caller: Caller,
        document: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<DocumentChange>,
    ) -> Result<Told<Document>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let DocumentChange { path, title, media_type, body, published } = body.0;
        let change = Change { path, title, media_type, body, published };
        let (id, expected) = (DocumentId(document.0), seen.version()?);
        let changed = rule::change(&caller.app, &caller.tenant, &caller.actor, id, expected, change).await;
        changed.map(told).map_err(|error| seen.refuse(error))
    }

    /// Remove a document.
    #[oai(path = "/documents/:document", method = "delete", operation_id = "remove_document")]
    async fn remove(
        &self,
        caller: Caller,
        document: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<Gone, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (id, expected) = (DocumentId(document.0), seen.version()?);
        let removed = rule::remove(&caller.app, &caller.tenant, &caller.actor, id, expected).await;
        removed.map(|()| Gone::Done).map_err(|error| seen.refuse(error))
    }

    /// Link a document to a service.
    #[oai(path = "/documents/:document/link", method = "post", operation_id = "link_document")]
    async fn link(
        &self,
        caller: Caller,
        document: Path<Uuid>,
        body: Body<Link>,
    ) -> Result<Told<DocumentHeading>, Problem> {
        let Caller { app, tenant, actor } = &caller;
        let id = DocumentId(document.0);
        Ok(told_heading(rule::link_id(app, tenant, actor, &body.0.service, id).await?))
    }

    /// Take a document from its service.
    ///
    /// It waits then, where developers do not see it.
    #[oai(path = "/documents/:document/unlink", method = "post", operation_id = "unlink_document")]
    async fn unlink(&self, caller: Caller, document: Path<Uuid>) -> Result<Told<DocumentHeading>, Problem> {
        let id = DocumentId(document.0);
        Ok(told_heading(rule::unlink(&caller.app, &caller.tenant, &caller.actor, id, None).await?))
    }
}

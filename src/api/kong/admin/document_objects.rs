//! `/document_objects` (portal.md K29, K75).

use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use serde_json::Value;

use super::{Part, services};
use crate::api::kong::answer::{Answer, Gone, Many, One};
use crate::api::kong::call::{Admin, Call, id};
use crate::api::kong::document_object::{
    self as words, DocumentBody, DocumentEntity, DocumentFields, DocumentOfServiceBody,
};
use crate::api::kong::error::portal::Entity;
use crate::api::kong::plugin::ServiceKey;
use crate::api::kong::{KongBody, Refusal, Tree};
use crate::portal::document::{self, Document, Filter, Upload};

/// Documents of services.
#[derive(Debug)]
pub struct DocumentsApi;

type Shown<const STATUS: u16 = 200> = Answer<One<DocumentEntity>, STATUS>;

#[OpenApi(prefix_path = "/kong/admin", tag = "Part::Documents")]
impl DocumentsApi {
    /// List the documents of all services, and those that wait for one.
    #[oai(path = "/document_objects", method = "get", operation_id = "list_document_objects")]
    async fn list(&self, call: Admin) -> Result<Answer<Many<DocumentEntity>>, Refusal> {
        page(&call, &Filter::All).await
    }

    /// Link a document to a service; with `contents` it is added first.
    #[oai(path = "/document_objects", method = "post", operation_id = "create_document_object")]
    async fn create(&self, call: Admin, body: KongBody<DocumentBody>) -> Result<Shown<201>, Refusal> {
        Ok(Answer::new(&create(&call, body.tree, None).await?))
    }

    /// Read the link of a document.
    #[oai(path = "/document_objects/:document", method = "get", operation_id = "read_document_object")]
    async fn read(&self, call: Admin, document: Path<String>) -> Result<Shown, Refusal> {
        Ok(Answer::new(&shown(&find(&call, &document).await?)))
    }

    /// Take a document from its service; it stays in the portal.
    #[oai(path = "/document_objects/:document", method = "delete", operation_id = "delete_document_object")]
    async fn delete(&self, call: Admin, document: Path<String>) -> Result<Gone, Refusal> {
        let found = find(&call, &document).await?;
        unlink(&call, &found).await
    }

    /// List the documents of a service.
    #[oai(path = "/services/:service/document_objects", method = "get", operation_id = "list_documents_of_service")]
    async fn list_of_service(
        &self,
        call: Admin,
        service: Path<String>,
    ) -> Result<Answer<Many<DocumentEntity>>, Refusal> {
        page(&call, &Filter::Of(service.0)).await
    }

    /// Link a document to a service; with `contents` it is added first.
    #[oai(path = "/services/:service/document_objects", method = "post", operation_id = "create_document_of_service")]
    async fn create_of_service(
        &self,
        call: Admin,
        service: Path<String>,
        body: KongBody<DocumentOfServiceBody>,
    ) -> Result<Shown<201>, Refusal> {
        let service = services::find(&call, &service).await?;
        Ok(Answer::new(&create(&call, body.tree, Some(ServiceKey::Id(service.row.id.0))).await?))
    }

    /// Take a document from a service; it stays in the portal.
    #[oai(
        path = "/services/:service/document_objects/:document",
        method = "delete",
        operation_id = "delete_document_of_service"
    )]
    async fn delete_of_service(
        &self,
        call: Admin,
        service: Path<String>,
        document: Path<String>,
    ) -> Result<Gone, Refusal> {
        let service = services::find(&call, &service).await?;
        let found = find(&call, &document).await?;
        if found.service_id != Some(service.row.id) {
            return Err(Refusal::not_found());
        }
        unlink(&call, &found).await
    }
}

async fn page(call: &Call, filter: &Filter) -> Result<Answer<Many<DocumentEntity>>, Refusal> {
    let asked = call.page()?;
    let found = document::list(&call.app, &call.tenant, &call.actor, filter, &asked.part()).await;
    let found = found.map_err(call.refuse(Entity::Document))?;
    let shown = found.map(|heading| words::shown(heading.id, heading.service_id, &heading.path, heading.created_at));
    Ok(Answer::new(&asked.of(shown)))
}

async fn create(call: &Call, tree: Tree, on: Option<ServiceKey>) -> Result<Value, Refusal> {
    let fields = DocumentFields::read(tree, on)?;
    let key = fields.service.ok_or_else(Refusal::not_found)?;
    let service = key.reference();
    let made = match fields.contents {
        Some(body) => {
            let title = fields.path.rsplit('/').next().unwrap_or_default().to_owned();
            let upload = Upload { path: Some(fields.path), title, media_type: None, body, published: true };
            document::add(&call.app, &call.tenant, &call.actor, Some(&service), upload).await
        }
        None => document::link(&call.app, &call.tenant, &call.actor, &service, &fields.path).await,
    };
    Ok(shown(&made.map_err(call.refuse(Entity::Document))?))
}

async fn find(call: &Call, document: &str) -> Result<Document, Refusal> {
    let found = document::find(&call.app, &call.tenant, &call.actor, id(document)?).await;
    found.map_err(call.refuse(Entity::Document))
}

async fn unlink(call: &Call, found: &Document) -> Result<Gone, Refusal> {
    let unlinked = document::unlink(&call.app, &call.tenant, &call.actor, found.id, None).await;
    unlinked.map(|_| Gone).map_err(call.refuse(Entity::Document))
}

fn shown(document: &Document) -> Value {
    words::shown(document.id, document.service_id, &document.path, document.created_at)
}

//! `/services` (portal.md K53).

use entity::id::ServiceId;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use uuid::Uuid;

use super::{Part, plugins};
use crate::api::kong::answer::{Answer, Gone, Many, One};
use crate::api::kong::body::KongBody;
use crate::api::kong::call::{Admin, Call};
use crate::api::kong::error::portal::{Entity, together};
use crate::api::kong::plugin::fields::{PluginBody, PluginEntity};
use crate::api::kong::plugin::{self, ServiceKey};
use crate::api::kong::service::fields::ServiceEntity;
use crate::api::kong::service::{Service, ServiceBody, ServiceChange, ServicePatch, Upstream};
use crate::api::kong::{Refusal, Tree};
use crate::portal::service::{self, Filter};
use crate::portal::{Error, Wrong};

/// Services.
#[derive(Debug)]
pub struct ServicesApi;

type Shown<const STATUS: u16 = 200> = Answer<One<ServiceEntity>, STATUS>;

#[OpenApi(prefix_path = "/kong/admin", tag = "Part::Services")]
impl ServicesApi {
    /// List services.
    #[oai(path = "/services", method = "get", operation_id = "list_services")]
    async fn list(&self, call: Admin) -> Result<Answer<Many<ServiceEntity>>, Refusal> {
        let asked = call.page()?;
        let filter = Filter { tags: asked.tags(), ..Filter::default() };
        let found = service::list(&call.app, &call.tenant, &call.actor, &filter, &asked.part()).await;
        let found = found.map_err(call.refuse(Entity::Service))?;
        Ok(Answer::new(&asked.of(found.map(|service| Service::of(&service.row).value()))))
    }

    /// Add a service.
    #[oai(path = "/services", method = "post", operation_id = "create_service")]
    async fn create(&self, call: Admin, body: KongBody<ServiceBody>) -> Result<Shown<201>, Refusal> {
        let (id, change) = whole(&call, body.tree)?;
        Ok(Answer::new(&create(&call, id, change).await?))
    }

    /// Read a service, by its id or name.
    #[oai(path = "/services/:service", method = "get", operation_id = "read_service")]
    async fn read(&self, call: Admin, service: Path<String>) -> Result<Shown, Refusal> {
        let found = find(&call, &service).await?;
        Ok(Answer::new(&Service::of(&found.row).value()))
    }

    /// Put a plugin on a service: the short address of its documentation (D-1). Any other body is a 405, as in Kong.
    #[oai(path = "/services/:service", method = "post", operation_id = "create_plugin_on_service_directly")]
    async fn create_plugin(
        &self,
        call: Admin,
        service: Path<String>,
        body: KongBody<PluginBody>,
    ) -> Result<Answer<One<PluginEntity>, 201>, Refusal> {
        if !plugin::is_meant(&body.tree) {
            return Err(Refusal::method_not_allowed("GET, HEAD, PATCH, PUT, DELETE, OPTIONS"));
        }
        Ok(Answer::new(&plugins::create(&call, body.tree, Some(ServiceKey::parse(&service))).await?))
    }

    /// Change a service.
    #[oai(path = "/services/:service", method = "patch", operation_id = "update_service")]
    async fn update(&self, call: Admin, service: Path<String>, body: KongBody<ServicePatch>) -> Result<Shown, Refusal> {
        let before = find(&call, &service).await?;
        let (change, upstream, wrong) = ServiceChange::judged_over(body.tree, Service::of(&before.row).upstream);
        let change = service::Change {
            name: change.name.given(),
            enabled: change.enabled,
            tags: change.tags.patch(),
            upstream: Some(serde_json::to_value(upstream).ok()),
            ..service::Change::default()
        };
        together(Entity::Service, wrong, || complaints(&call, Some(&before.row), &change))?;
        store(&call, &before.row.id.to_string(), change).await
    }

    /// Add or replace a service. What other parts of this server know of it stays.
    #[oai(path = "/services/:service", method = "put", operation_id = "replace_service")]
    async fn replace(&self, call: Admin, service: Path<String>, body: KongBody<ServiceBody>) -> Result<Shown, Refusal> {
        let key = ServiceKey::parse(&service);
        let (said, change) = whole(&call, named(body.tree, &key))?;
        let before = match service::find(&call.app, &call.tenant, &call.actor, &service).await {
            Ok(before) => before,
            Err(Error::NotFound) => {
                let id = match key {
                    ServiceKey::Id(id) => Some(id),
                    ServiceKey::Name(_) => said,
                };
                return Ok(Answer::new(&create(&call, id, change).await?));
            }
            Err(error) => return Err(call.refuse(Entity::Service)(error)),
        };
        store(&call, &before.row.id.to_string(), change).await
    }

    /// Remove a service, with its plugin and every contract for it.
    #[oai(path = "/services/:service", method = "delete", operation_id = "delete_service")]
    async fn delete(&self, call: Admin, service: Path<String>) -> Result<Gone, Refusal> {
        match service::remove(&call.app, &call.tenant, &call.actor, &service, None).await {
            // As in Kong, what is not there is deleted already.
            Ok(()) | Err(Error::NotFound) => Ok(Gone),
            Err(error) => Err(call.refuse(Entity::Service)(error)),
        }
    }
}

/// The service that a path names.
pub(super) async fn find(call: &Call, reference: &str) -> Result<service::Service, Refusal> {
    let found = service::find(&call.app, &call.tenant, &call.actor, reference).await;
    found.map_err(call.refuse(Entity::Service))
}

/// The name in the path is the name of the service, where the body gives none.
fn named(mut tree: Tree, key: &ServiceKey) -> Tree {
    if let ServiceKey::Name(name) = key {
        tree.members.entry("name").or_insert_with(|| name.clone().into());
    }
    tree
}

/// A whole service, and the id it shall have.
fn whole(call: &Call, tree: Tree) -> Result<(Option<Uuid>, service::Change), Refusal> {
    let (change, wrong) = ServiceChange::judged(tree);
    let upstream = change.upstream(Upstream::default()).ok();
    let id = change.id;
    let change = service::Change {
        name: change.name.given(),
        enabled: Some(change.enabled.unwrap_or(true)),
        tags: Some(change.tags.given()),
        upstream: Some(upstream.and_then(|upstream| serde_json::to_value(upstream).ok())),
        ..service::Change::default()
    };
    together(Entity::Service, wrong, || complaints(call, None, &change))?;
    Ok((id, change))
}

fn complaints(call: &Call, before: Option<&entity::service::Model>, change: &service::Change) -> Vec<Wrong> {
    service::complaints(&call.tenant, before, change.clone()).unwrap_or_default()
}

async fn create(call: &Call, id: Option<Uuid>, change: service::Change) -> Result<serde_json::Value, Refusal> {
    let created = service::create(&call.app, &call.tenant, &call.actor, id.map(ServiceId), change).await;
    let created = created.map_err(call.refuse(Entity::Service))?;
    Ok(Service::of(&created.row).value())
}

async fn store(call: &Call, reference: &str, change: service::Change) -> Result<Shown, Refusal> {
    let stored = service::change(&call.app, &call.tenant, &call.actor, reference, None, change).await;
    let stored = stored.map_err(call.refuse(Entity::Service))?;
    Ok(Answer::new(&Service::of(&stored.row).value()))
}

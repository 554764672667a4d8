//! `/plugins`, and the plugins of a service (portal.md K23 to K28, K41, K42, K50, K52; D-1, D-2, D-26).

use entity::id::PolicyId;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Part, services};
use crate::api::kong::answer::{Answer, Gone, Many, One};
use crate::api::kong::body::KongBody;
use crate::api::kong::call::{Admin, Call, id};
use crate::api::kong::error::portal::Entity;
use crate::api::kong::plugin::fields::{PluginBody, PluginEntity, PluginPatch};
use crate::api::kong::plugin::rule::{difference, everything, plugin, values};
use crate::api::kong::plugin::{Kept, PluginChange, PluginName, ServiceKey, kept};
use crate::api::kong::schema::{Complaints, Extent};
use crate::api::kong::{Refusal, Tree};
use crate::portal::list::{Wanted, part};
use crate::portal::policy::{self, Policy};
use crate::portal::service::{self, Tags};
use crate::portal::{Action, Error};
use crate::secret;

/// Plugins.
#[derive(Debug)]
pub struct PluginsApi;

type Shown<const STATUS: u16 = 200> = Answer<One<PluginEntity>, STATUS>;

#[OpenApi(prefix_path = "/kong/admin", tag = "Part::Plugins")]
impl PluginsApi {
    /// List plugins.
    #[oai(path = "/plugins", method = "get", operation_id = "list_plugins")]
    async fn list(&self, call: Admin) -> Result<Answer<Many<PluginEntity>>, Refusal> {
        let asked = call.page()?;
        let mut all = shown_all(&call, &asked.tags(), &every(&call).await?)?;
        all.sort_by_key(|(id, _)| *id);
        Ok(Answer::new(&asked.of(part(all, &asked.part(), |(id, _)| *id).map(|(_, shown)| shown))))
    }

    /// Put a plugin on the service that the body names.
    #[oai(path = "/plugins", method = "post", operation_id = "create_plugin")]
    async fn create(&self, call: Admin, body: KongBody<PluginBody>) -> Result<Shown<201>, Refusal> {
        Ok(Answer::new(&create(&call, body.tree, None).await?))
    }

    /// Read a plugin.
    #[oai(path = "/plugins/:plugin", method = "get", operation_id = "read_plugin")]
    async fn read(&self, call: Admin, plugin: Path<String>) -> Result<Shown, Refusal> {
        let found = find(&call, &plugin).await?;
        Ok(Answer::new(&shown(&call, &found.policy, found.name)?))
    }

    /// Change a plugin: what the body does not name stays.
    #[oai(path = "/plugins/:plugin", method = "patch", operation_id = "update_plugin")]
    async fn update(&self, call: Admin, plugin: Path<String>, body: KongBody<PluginPatch>) -> Result<Shown, Refusal> {
        let found = find(&call, &plugin).await?;
        Ok(Answer::new(&update(&call, found, body.tree).await?))
    }

    /// Replace a plugin, or put it on the service that the body names.
    #[oai(path = "/plugins/:plugin", method = "put", operation_id = "replace_plugin")]
    async fn replace(&self, call: Admin, plugin: Path<String>, body: KongBody<PluginBody>) -> Result<Shown, Refusal> {
        Ok(Answer::new(&replace(&call, &plugin, body.tree, None).await?))
    }

    /// Remove a plugin: nobody can register applications for the service any more, and nobody gets tokens for it. An
    /// `oauth2` that stands beside `application-registration` is forgotten, and the flows stay as they are.
    #[oai(path = "/plugins/:plugin", method = "delete", operation_id = "delete_plugin")]
    async fn delete(&self, call: Admin, plugin: Path<String>) -> Result<Gone, Refusal> {
        remove(&call, &plugin).await
    }

    /// List the plugins of a service.
    #[oai(path = "/services/:service/plugins", method = "get", operation_id = "list_plugins_of_service")]
    async fn list_of_service(&self, call: Admin, service: Path<String>) -> Result<Answer<Many<PluginEntity>>, Refusal> {
        let asked = call.page()?;
        let service = services::find(&call, &service).await?;
        let found = match policy::of_service(&call.app, &call.tenant, &call.actor, &service.row.id.to_string()).await {
            Ok(policy) => vec![policy],
            Err(Error::NotFound) => Vec::new(),
            Err(error) => return Err(call.refuse(Entity::Plugin)(error)),
        };
        let all = shown_all(&call, &asked.tags(), &found)?;
        Ok(Answer::new(&asked.of(part(all, &asked.part(), |(id, _)| *id).map(|(_, shown)| shown))))
    }

    /// Put a plugin on a service.
    #[oai(path = "/services/:service/plugins", method = "post", operation_id = "create_plugin_on_service")]
    async fn create_on_service(
        &self,
        call: Admin,
        service: Path<String>,
        body: KongBody<PluginBody>,
    ) -> Result<Shown<201>, Refusal> {
        Ok(Answer::new(&create(&call, body.tree, Some(ServiceKey::parse(&service))).await?))
    }

    /// Read a plugin of a service.
    #[oai(path = "/services/:service/plugins/:plugin", method = "get", operation_id = "read_plugin_of_service")]
    async fn read_of_service(
        &self,
        call: Admin,
        service: Path<String>,
        plugin: Path<String>,
    ) -> Result<Shown, Refusal> {
        let found = find_on(&call, &service, &plugin).await?;
        Ok(Answer::new(&shown(&call, &found.policy, found.name)?))
    }

    /// Change a plugin of a service.
    #[oai(path = "/services/:service/plugins/:plugin", method = "patch", operation_id = "update_plugin_of_service")]
    async fn update_of_service(
        &self,
        call: Admin,
        service: Path<String>,
        plugin: Path<String>,
        body: KongBody<PluginPatch>,
    ) -> Result<Shown, Refusal> {
        let found = find_on(&call, &service, &plugin).await?;
        Ok(Answer::new(&update(&call, found, body.tree).await?))
    }

    /// Replace a plugin of a service, or put it there.
    #[oai(path = "/services/:service/plugins/:plugin", method = "put", operation_id = "replace_plugin_of_service")]
    async fn replace_of_service(
        &self,
        call: Admin,
        service: Path<String>,
        plugin: Path<String>,
        body: KongBody<PluginBody>,
    ) -> Result<Shown, Refusal> {
        let service = services::find(&call, &service).await?;
        let on = Some(ServiceKey::Id(service.row.id.0));
        Ok(Answer::new(&replace(&call, &plugin, body.tree, on).await?))
    }

    /// Remove a plugin of a service.
    #[oai(path = "/services/:service/plugins/:plugin", method = "delete", operation_id = "delete_plugin_of_service")]
    async fn delete_of_service(
        &self,
        call: Admin,
        service: Path<String>,
        plugin: Path<String>,
    ) -> Result<Gone, Refusal> {
        let service = services::find(&call, &service).await?;
        match find(&call, &plugin).await {
            Ok(found) if found.policy.service.id != service.row.id => Ok(Gone),
            _ => remove(&call, &plugin).await,
        }
    }
}

/// Puts a plugin on a service: on the one that the path names, or the body.
pub(super) async fn create(call: &Call, tree: Tree, on: Option<ServiceKey>) -> Result<Value, Refusal> {
    let in_path = on.is_some();
    // An unknown service is one, whatever the body says.
    if let Some(key) = &on {
        services::find(call, &key.reference()).await?;
    }
    let change = PluginChange::whole(tree, on)?;
    let key = change.service.clone().ok_or_else(Refusal::not_found)?;
    let service = match service::find(&call.app, &call.tenant, &call.actor, &key.reference()).await {
        Ok(service) => service,
        Err(Error::NotFound) if !in_path => {
            return Err(Refusal::foreign_key_missing("service", key.value(), "services"));
        }
        Err(error) => return Err(call.refuse(Entity::Plugin)(error)),
    };
    if let Some(id) = change.id
        && look(call, PolicyId(id)).await?.is_some_and(|known| known.name == PluginName::OAuth2)
    {
        return Err(Refusal::primary_key_violation(json!({"id": id})));
    }
    if change.name == PluginName::OAuth2 {
        // D-2: it sets its part of the policy there is.
        let Some(row) = service.policy else {
            let first = "application-registration must be on the service first: it names the service in the portal";
            return Err(Refusal::schema_violation(&Complaints::one("service", first)));
        };
        return create_alias(call, Policy { row, service: service.row }, &change).await;
    }
    let about = unique(change.name, service.row.id.0);
    let wanted = everything(&change);
    let (service, id) = (service.row.id.to_string(), change.id.map(PolicyId));
    let created = policy::create(&call.app, &call.tenant, &call.actor, &service, id, wanted).await;
    let created = created.map_err(call.refuse_about(Entity::Plugin, about))?;
    shown(call, &created, change.name)
}

/// Puts `oauth2` beside the `application-registration` of a service.
async fn create_alias(call: &Call, policy: Policy, change: &PluginChange) -> Result<Value, Refusal> {
    let mut kept = Kept::of(&policy);
    if kept.oauth2.is_some() {
        return Err(Refusal::unique_violation(unique(change.name, policy.service.id.0)));
    }
    let id = change.id.unwrap_or_else(secret::new_id);
    if look(call, PolicyId(id)).await?.is_some() {
        return Err(Refusal::primary_key_violation(json!({"id": id})));
    }
    let beside = kept::Beside::default();
    kept.oauth2 = Some(kept::Alias { id, created_at: call.app.clock.now(), tags: None, beside });
    overwrite(call, policy, kept, change).await
}

async fn update(call: &Call, found: Found, tree: Tree) -> Result<Value, Refusal> {
    let Found { policy: found, name } = found;
    // One policy answers to both names (D-2).
    let said = tree.text("name").and_then(PluginName::parse).filter(|_| name == PluginName::ApplicationRegistration);
    let name = said.unwrap_or(name);
    let change = PluginChange::part(tree, name)?;
    stays_on(change.service.as_ref(), &found)?;
    let before = values(&found, provision_key(call, &found)?);
    let after = change.merge(before.clone())?;
    let tags = change.tags.clone().patch().filter(|_| name == PluginName::ApplicationRegistration);
    let kept = Kept::of(&found).after(&change, Extent::Part).change(&found);
    let wanted = policy::Change { enabled: change.enabled, tags, kept, ..difference(&before, after) };
    store(call, &found, wanted, name).await
}

async fn replace(call: &Call, plugin: &str, tree: Tree, on: Option<ServiceKey>) -> Result<Value, Refusal> {
    let wanted: PolicyId = id(plugin)?;
    match look(call, wanted).await? {
        Some(Found { policy, name }) => {
            let here = ServiceKey::Id(policy.service.id.0);
            let elsewhere = on.as_ref().is_some_and(|on| *on != here);
            if elsewhere {
                return Err(Refusal::primary_key_violation(json!({"id": wanted})));
            }
            let change = PluginChange::whole(tree, on)?;
            stays_on(change.service.as_ref(), &policy)?;
            if name == PluginName::OAuth2 && change.name != name {
                return Err(Refusal::schema_violation(&Complaints::one("name", "immutable field cannot be updated")));
            }
            let kept = Kept::of(&policy);
            overwrite(call, policy, kept, &change).await
        }
        None => {
            let mut tree = tree;
            tree.members.insert("id".to_owned(), json!(wanted));
            create(call, tree, on).await
        }
    }
}

/// Makes the policy what a whole plugin says; the provision key stays unless another is given.
async fn overwrite(call: &Call, found: Policy, kept: Kept, change: &PluginChange) -> Result<Value, Refusal> {
    let before = values(&found, provision_key(call, &found)?);
    let mut after = change.replace(Some(before.clone()));
    after.provision_key = after.provision_key.or_else(|| before.provision_key.clone());
    let kept = kept.after(change, Extent::Whole).change(&found);
    let wanted = match change.name {
        PluginName::ApplicationRegistration => policy::Change {
            enabled: Some(change.enabled.unwrap_or(true)),
            tags: Some(change.tags.clone().given()),
            kept,
            ..difference(&before, after)
        },
        PluginName::OAuth2 => policy::Change { enabled: change.enabled, kept, ..difference(&before, after) },
    };
    store(call, &found, wanted, change.name).await
}

async fn store(call: &Call, found: &Policy, wanted: policy::Change, name: PluginName) -> Result<Value, Refusal> {
    let about = unique(name, found.service.id.0);
    // What is kept is one value: of two who change it at once the second is told.
    let seen = wanted.kept.is_some().then_some(found.row.version);
    let stored = policy::change(&call.app, &call.tenant, &call.actor, found.row.id, seen, wanted).await;
    shown(call, &stored.map_err(call.refuse_about(Entity::Plugin, about))?, name)
}

async fn remove(call: &Call, plugin: &str) -> Result<Gone, Refusal> {
    call.actor.may(Action::WritePolicies).map_err(call.refuse(Entity::Plugin))?;
    // As in Kong, what is not there is deleted already.
    let Ok(wanted) = id::<PolicyId>(plugin) else { return Ok(Gone) };
    let removed = match look(call, wanted).await? {
        None => return Ok(Gone),
        Some(Found { policy, name: PluginName::OAuth2 }) => {
            // D-26 is about the policy, which stands as long as `application-registration` does.
            let kept = Kept { oauth2: None, ..Kept::of(&policy) }.change(&policy);
            let wanted = policy::Change { kept, ..policy::Change::default() };
            let version = Some(policy.row.version);
            policy::change(&call.app, &call.tenant, &call.actor, policy.row.id, version, wanted).await.map(drop)
        }
        Some(_) => policy::remove(&call.app, &call.tenant, &call.actor, wanted, None).await,
    };
    match removed {
        Ok(()) | Err(Error::NotFound) => Ok(Gone),
        Err(error) => Err(call.refuse(Entity::Plugin)(error)),
    }
}

/// A plugin: a policy, under one of its names.
struct Found {
    policy: Policy,
    name: PluginName,
}

async fn find(call: &Call, plugin: &str) -> Result<Found, Refusal> {
    look(call, id(plugin)?).await?.ok_or_else(Refusal::not_found)
}

/// The plugin with this id, if there is one.
async fn look(call: &Call, id: PolicyId) -> Result<Option<Found>, Refusal> {
    let found = every(call).await?.into_iter().find_map(|policy| {
        let is_alias = Kept::of(&policy).is_alias(id.0);
        let name = if is_alias { PluginName::OAuth2 } else { PluginName::ApplicationRegistration };
        (is_alias || policy.row.id == id).then_some(Found { policy, name })
    });
    Ok(found)
}

/// The policies of the tenant.
async fn every(call: &Call) -> Result<Vec<Policy>, Refusal> {
    let all = Wanted::first(u64::from(u32::MAX));
    let found = policy::list(&call.app, &call.tenant, &call.actor, &Tags::Any, &all).await;
    Ok(found.map_err(call.refuse(Entity::Plugin))?.items)
}

/// The plugins that some service has.
pub(super) async fn in_use(call: &Call) -> Result<Vec<PluginName>, Refusal> {
    let all = every(call).await?;
    let has = |name: &PluginName| all.iter().any(|policy| names(policy).any(|known| known == *name));
    Ok(PluginName::ALL.into_iter().filter(has).collect())
}

/// The plugin, if it is on this service (s.B2).
async fn find_on(call: &Call, service: &str, plugin: &str) -> Result<Found, Refusal> {
    let service = services::find(call, service).await?;
    let found = find(call, plugin).await?;
    if found.policy.service.id == service.row.id { Ok(found) } else { Err(Refusal::not_found()) }
}

/// A policy belongs to its service for good.
fn stays_on(wanted: Option<&ServiceKey>, found: &Policy) -> Result<(), Refusal> {
    let same = match wanted {
        None => true,
        Some(ServiceKey::Id(id)) => found.service.id.0 == *id,
        Some(ServiceKey::Name(name)) => found.service.name == *name,
    };
    let moved = || Refusal::schema_violation(&Complaints::one("service", "immutable field cannot be updated"));
    if same { Ok(()) } else { Err(moved()) }
}

fn unique(name: PluginName, service: uuid::Uuid) -> Value {
    json!({"consumer": null, "name": name.as_str(), "route": null, "service": {"id": service}})
}

/// The provision key, for those who may see it (security.md s.B15).
fn provision_key(call: &Call, policy: &Policy) -> Result<Option<crate::secret::Secret>, Refusal> {
    match policy::provision_key(&call.app, &call.actor, &policy.row) {
        Ok(key) => Ok(Some(key)),
        Err(Error::NotAllowed(_) | Error::NotApproved) => Ok(None),
        Err(error) => Err(call.refuse(Entity::Plugin)(error)),
    }
}

fn shown(call: &Call, policy: &Policy, name: PluginName) -> Result<Value, Refusal> {
    Ok(plugin(policy, name, provision_key(call, policy)?).value())
}

/// The names under which a policy is there.
fn names(policy: &Policy) -> impl Iterator<Item = PluginName> + use<> {
    let alias = Kept::of(policy).oauth2.map(|_| PluginName::OAuth2);
    std::iter::once(PluginName::ApplicationRegistration).chain(alias)
}

/// The plugins with the right tags, each with its id.
fn shown_all(call: &Call, tags: &Tags, policies: &[Policy]) -> Result<Vec<(Uuid, Value)>, Refusal> {
    let mut all = Vec::with_capacity(policies.len());
    for policy in policies {
        let key = provision_key(call, policy)?;
        let plugins = names(policy).map(|name| plugin(policy, name, key.clone()));
        let fitting = plugins.filter(|plugin| tags.fit(plugin.tags.as_deref().unwrap_or_default()));
        all.extend(fitting.map(|plugin| (plugin.id, plugin.value())));
    }
    Ok(all)
}

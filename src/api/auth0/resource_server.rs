//! `/resource-servers`: APIs (portal.md A36). The management API itself is one of them, which nobody changes.

pub mod words;

use std::sync::Arc;

use http::StatusCode;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

use super::Part;
use super::answer::{Gone, Told};
use super::body::Body;
use super::caller::{Caller, Need};
use super::error::{Refused, Thing};
use super::page::{Asked, Fields};
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::list::Listed;
use crate::portal::service::{self, Filter, Service};
use crate::portal::{Action, Actor, policy};

const READ: Need = Need { action: Action::ReadServices, scopes: &["read:resource_servers"] };
const CREATE: Need = Need { action: Action::WriteServices, scopes: &["create:resource_servers"] };
const UPDATE: Need = Need { action: Action::WriteServices, scopes: &["update:resource_servers"] };
const DELETE: Need = Need { action: Action::WriteServices, scopes: &["delete:resource_servers"] };

/// How the rules' words for services and policies are spelled here.
pub const RESOURCE_SERVER: Thing = Thing {
    name: "resource server",
    code: "resource_server",
    fields: &[
        ("audience", "identifier"),
        ("display_name", "name"),
        ("access_token_seconds", "token_lifetime"),
        ("token_expiration", "token_lifetime"),
        ("kept", ""),
    ],
};

/// An API.
#[derive(Debug, Object)]
#[oai(rename = "ResourceServer")]
pub struct ResourceServerDocument {
    /// Its identity; chosen by the server.
    #[oai(read_only)]
    id: Option<String>,
    /// Name shown to people; left out: made of the identifier.
    name: Option<String>,
    /// Its audience; must be there when it is made and never changes.
    identifier: Option<String>,
    /// What clients may do there.
    scopes: Option<Vec<ScopeDocument>>,
    /// Seconds access tokens live: 86400 where nothing is said.
    token_lifetime: Option<u32>,
    /// `user.policy`: `allow_all` lets every client ask people for access, `require_client_grant` only those with a
    /// client grant.
    subject_type_authorization: Option<Value>,
    /// Stored.
    signing_alg: Option<String>,
    /// Stored.
    allow_offline_access: Option<bool>,
    /// Stored.
    skip_consent_for_verifiable_first_party_clients: Option<bool>,
    /// Stored.
    token_dialect: Option<String>,
    /// The management API itself.
    #[oai(read_only)]
    is_system: Option<bool>,
}

/// What a client may do at an API.
#[derive(Debug, Object)]
#[oai(rename = "ResourceServerScope")]
struct ScopeDocument {
    /// As it stands in tokens.
    value: String,
    /// In words.
    description: Option<String>,
}

/// APIs.
#[derive(Debug)]
pub struct ResourceServerApi;

#[OpenApi(prefix_path = "/resource-servers", tag = "Part::ResourceServers")]
impl ResourceServerApi {
    /// List APIs.
    ///
    /// Needs `read:resource_servers`.
    #[oai(path = "/", method = "get", operation_id = "get_resource_servers")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// The number of the page, from 0 on.
        page: Query<Option<u64>>,
        /// Rows of a page: 50 where nothing is said, at most 100.
        per_page: Query<Option<u64>>,
        /// Count all of them, too.
        include_totals: Query<Option<bool>>,
        /// The `next` of an answer before.
        from: Query<Option<String>>,
        /// So many, from there on.
        take: Query<Option<u64>>,
        /// Only this one.
        identifier: Query<Option<String>>,
    ) -> Result<Told<Vec<ResourceServerDocument>>, Refused> {
        let actor = caller.with(&READ)?;
        let asked =
            Asked { page: page.0, per_page: per_page.0, include_totals: include_totals.0, from: from.0, take: take.0 };
        let page = asked.read()?;
        let every = crate::portal::list::Wanted::first(u64::from(u32::MAX));
        let all = service::list(&app, &tenant, actor, &Filter::default(), &every).await;
        let all = all.map_err(Refused::about(&RESOURCE_SERVER))?.items.into_iter();
        let told = all.map(|service| (Some(service.row.id.0), words::told(&app, &service)));
        // The management API comes first.
        let all = std::iter::once((None, words::management(&tenant))).chain(told);
        let fits = |told: &Value| identifier.0.as_ref().is_none_or(|wanted| told["identifier"] == wanted.as_str());
        let all: Vec<_> = all.filter(|(_, told)| fits(told)).collect();
        let (total, wanted) = (u64::try_from(all.len()).unwrap_or(u64::MAX), &page.wanted);
        let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
        let rest = all.into_iter().filter(|(id, _)| wanted.after.is_none_or(|after| id.is_some_and(|id| id > after)));
        let some: Vec<_> =
            rest.skip(usize::try_from(wanted.skip).unwrap_or(usize::MAX)).take(limit.saturating_add(1)).collect();
        let listed = Listed::of(some, wanted, total, |(id, _)| id.unwrap_or_default()).map(|(_, told)| told);
        Ok(page.answer("resource_servers", listed).into())
    }

    /// Create an API.
    ///
    /// Needs `create:resource_servers`.
    #[oai(path = "/", method = "post", operation_id = "post_resource_servers")]
    async fn create(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        body: Body<ResourceServerDocument>,
    ) -> Result<Told<ResourceServerDocument, 201>, Refused> {
        let actor = caller.with(&CREATE)?;
        let (change, rules, said) = words::new(body.members);
        let spell = Refused::about(&RESOURCE_SERVER);
        let mut wrong = service::complaints(&tenant, None, change.clone()).map_err(&spell)?;
        wrong.extend(policy::complaints(&tenant, None, &rules));
        if !(said.is_empty() && wrong.is_empty()) {
            return Err(Refused::together(&RESOURCE_SERVER, said, &wrong));
        }
        let service = service::create(&app, &tenant, actor, None, change).await.map_err(&spell)?;
        let reference = service.row.id.to_string();
        if let Err(error) = policy::create(&app, &tenant, actor, &reference, None, rules).await {
            // Half an API would be open to nobody and in the way.
            let house = Actor::operator(actor.label());
            service::remove(&app, &tenant, &house, &reference, None).await.map_err(&spell)?;
            return Err(spell(error));
        }
        Ok(words::told(&app, &found(&app, &tenant, actor, &reference).await?).into())
    }

    /// Read an API, by its identity or its identifier.
    ///
    /// Needs `read:resource_servers`.
    #[oai(path = "/:id", method = "get", operation_id = "get_resource_servers_by_id")]
    async fn read(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// Its identity or its identifier.
        id: Path<String>,
        /// Only these members, separated by commas.
        fields: Query<Option<String>>,
        /// `false`: all but those.
        include_fields: Query<Option<bool>>,
    ) -> Result<Told<ResourceServerDocument>, Refused> {
        let actor = caller.with(&READ)?;
        let fields = Fields::read(fields.as_deref(), include_fields.0);
        if words::is_management(&tenant, &id) {
            return Ok(fields.of(words::management(&tenant)).into());
        }
        Ok(fields.of(words::told(&app, &found(&app, &tenant, actor, &id).await?)).into())
    }

    /// Change an API.
    ///
    /// Needs `update:resource_servers`. Members that are not sent stay; the identifier never changes.
    #[oai(path = "/:id", method = "patch", operation_id = "patch_resource_servers_by_id")]
    async fn change(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// Its identity or its identifier.
        id: Path<String>,
        body: Body<ResourceServerDocument>,
    ) -> Result<Told<ResourceServerDocument>, Refused> {
        let actor = caller.with(&UPDATE)?;
        not_system(&tenant, &id)?;
        let before = found(&app, &tenant, actor, &id).await?;
        let (change, rules, said) = words::change(body.members, &before);
        if !said.is_empty() {
            let wrong = service::complaints(&tenant, Some(&before.row), change);
            let wrong = wrong.map_err(Refused::about(&RESOURCE_SERVER))?;
            return Err(Refused::together(&RESOURCE_SERVER, said, &wrong));
        }
        let reference = before.row.id.to_string();
        let spell = Refused::about(&RESOURCE_SERVER);
        if let (Some(known), Some(rules)) = (&before.policy, rules) {
            policy::change(&app, &tenant, actor, known.id, None, rules).await.map_err(&spell)?;
        }
        service::change(&app, &tenant, actor, &reference, None, change).await.map_err(&spell)?;
        Ok(words::told(&app, &found(&app, &tenant, actor, &reference).await?).into())
    }

    /// Delete an API.
    ///
    /// Needs `delete:resource_servers`. Client grants for it go with it.
    #[oai(path = "/:id", method = "delete", operation_id = "delete_resource_servers_by_id")]
    async fn delete(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// Its identity or its identifier.
        id: Path<String>,
    ) -> Result<Gone, Refused> {
        let actor = caller.with(&DELETE)?;
        not_system(&tenant, &id)?;
        let reference = found(&app, &tenant, actor, &id).await?.row.id.to_string();
        let removed = service::remove(&app, &tenant, actor, &reference, None).await;
        removed.map_err(Refused::about(&RESOURCE_SERVER))?;
        Ok(Gone::Gone)
    }
}

/// The API with this identity or identifier: who writes APIs may see the one they name.
async fn found(app: &App, tenant: &Tenant, actor: &Actor, id: &str) -> Result<Service, Refused> {
    let reader = Actor::operator(actor.label());
    let every = crate::portal::list::Wanted::first(u64::from(u32::MAX));
    let all = service::list(app, tenant, &reader, &Filter::default(), &every).await;
    let all = all.map_err(Refused::about(&RESOURCE_SERVER))?.items;
    let fits = |service: &Service| service.row.id.to_string() == id || service.row.audience == id;
    let missing = || Refused::about(&RESOURCE_SERVER)(crate::portal::Error::NotFound);
    all.into_iter().find(fits).ok_or_else(missing)
}

fn not_system(tenant: &Tenant, id: &str) -> Result<(), Refused> {
    if words::is_management(tenant, id) {
        let message = "System resource servers can be neither changed nor deleted.";
        return Err(Refused::new(StatusCode::FORBIDDEN, "operation_not_supported", message));
    }
    Ok(())
}

//! `/client-grants`: what a client may do at an API without anybody asking (portal.md A36). At the management API that is
//! a right of the client, everywhere else an approved contract of its application.

use std::sync::Arc;

use entity::contract::ContractState;
use entity::id::{ClientKey, ContractId};
use entity::word::Words;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::body::Body;
use super::caller::{Caller, Need};
use super::client::CLIENT;
use super::error::{Refused, Thing};
use super::members::Members;
use super::page::Asked;
use super::resource_server::{RESOURCE_SERVER, words::is_management};
use crate::app::App;
use crate::oidc::endpoint;
use crate::oidc::tenant::Tenant;
use crate::portal::client::management::{self, Rights};
use crate::portal::client::registered;
use crate::portal::contract::{self, Contract};
use crate::portal::list::{Listed, Wanted};
use crate::portal::service::{self, Filter as ServiceFilter, Service};
use crate::portal::{Action, Actor, Error};

const READ: Need = Need { action: Action::ReadContracts, scopes: &["read:client_grants"] };
const CREATE: Need = Need { action: Action::DecideContracts, scopes: &["create:client_grants"] };
const UPDATE: Need = Need { action: Action::DecideContracts, scopes: &["update:client_grants"] };
const DELETE: Need = Need { action: Action::DecideContracts, scopes: &["delete:client_grants"] };

const CLIENT_GRANT: Thing =
    Thing { name: "client grant", code: "client_grant", fields: &[("scopes", "scope"), ("service_id", "audience")] };

/// What a client may do at an API.
#[derive(Debug, Object)]
#[oai(rename = "ClientGrant")]
pub struct ClientGrantDocument {
    /// Its identity; chosen by the server.
    #[oai(read_only)]
    id: Option<String>,
    /// The client.
    client_id: Option<String>,
    /// The API.
    audience: Option<String>,
    /// What it may.
    scope: Option<Vec<String>>,
}

/// Which of the two a client grant is, as its identity says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meant {
    Right(ClientKey),
    Contract(ContractId),
}

const RIGHT: &str = "cgr_m_";
const CONTRACT: &str = "cgr_";

impl Meant {
    fn parse(text: &str) -> Option<Self> {
        if let Some(key) = text.strip_prefix(RIGHT) {
            return Uuid::parse_str(key).ok().map(|key| Self::Right(ClientKey(key)));
        }
        Uuid::parse_str(text.strip_prefix(CONTRACT)?).ok().map(|id| Self::Contract(ContractId(id)))
    }
}

fn of_right(tenant: &Tenant, rights: &Rights) -> Value {
    json!({
        "id": format!("{RIGHT}{}", rights.key.0.simple()),
        "client_id": rights.client_id,
        "audience": tenant.url(endpoint::MANAGEMENT),
        "scope": rights.scopes.as_slice(),
        "subject_type": "client",
    })
}

fn of_contract(contract: &Contract, client_id: &str, services: &[Service]) -> Value {
    let service = services.iter().find(|service| service.row.id == contract.row.service_id);
    let all = || service.iter().flat_map(|service| &service.scopes).map(|scope| scope.value.clone()).collect();
    let scopes: Vec<String> = contract.row.scopes.as_ref().map_or_else(all, |scopes| scopes.as_slice().to_vec());
    json!({
        "id": format!("{CONTRACT}{}", contract.row.id.0.simple()),
        "client_id": client_id,
        "audience": contract.service.audience,
        "scope": scopes,
        "subject_type": "client",
    })
}

/// What clients may do at APIs.
#[derive(Debug)]
pub struct ClientGrantApi;

#[OpenApi(prefix_path = "/client-grants", tag = "Part::ClientGrants")]
impl ClientGrantApi {
    /// List client grants.
    ///
    /// Needs `read:client_grants`. Those for the management API come first.
    #[oai(path = "/", method = "get", operation_id = "get_client_grants")]
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
        /// Of this client.
        client_id: Query<Option<String>>,
        /// For this API.
        audience: Query<Option<String>>,
    ) -> Result<Told<Vec<ClientGrantDocument>>, Refused> {
        let actor = caller.with(&READ)?;
        let asked =
            Asked { page: page.0, per_page: per_page.0, include_totals: include_totals.0, from: None, take: None };
        let page = asked.read()?;
        let which = Which { client_id: client_id.0.as_deref(), audience: audience.0.as_deref() };
        let listed = listed(&app, &tenant, actor, which, &page.wanted).await.map_err(Refused::about(&CLIENT_GRANT))?;
        Ok(page.answer("client_grants", listed).into())
    }

    /// Create a client grant.
    ///
    /// Needs `create:client_grants`. Nobody grants a scope of the management API that they lack themselves.
    #[oai(path = "/", method = "post", operation_id = "post_client_grants")]
    async fn create(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        body: Body<ClientGrantDocument>,
    ) -> Result<Told<ClientGrantDocument, 201>, Refused> {
        let actor = caller.with(&CREATE)?;
        let wish = Wish::read(body.members)?;
        let reader = Actor::operator(actor.label());
        let client = registered::find(&app, &tenant, &reader, &wish.client_id).await;
        let client = client.map_err(Refused::about(&CLIENT))?.client;
        if is_management(&tenant, &wish.audience) {
            let before = rights_of(&app, &tenant, client.row.id).await?;
            if before.is_some() {
                return Err(exists());
            }
            reaches(actor, &wish.scopes)?;
            let set = management::set(&app, &tenant, actor, client.client_id(), &wish.scopes).await;
            set.map_err(Refused::about(&CLIENT_GRANT))?;
            let scopes = wish.scopes;
            let rights = Rights { key: client.row.id, client_id: client.client_id().to_owned(), scopes };
            return Ok(of_right(&tenant, &rights).into());
        }
        let services = services(&app, &tenant).await?;
        let missing = || Refused::about(&RESOURCE_SERVER)(Error::NotFound);
        let service = services.iter().find(|service| service.row.audience == wish.audience).ok_or_else(missing)?;
        let Some(application) = client.row.application_id else { return Err(Refused::about(&CLIENT)(Error::NotFound)) };
        let granted = contract::grant(&app, &tenant, actor, application, service.row.id, Some(wish.scopes)).await;
        let contract = granted.map_err(|error| match error {
            Error::Conflict(crate::portal::Conflict::AlreadyRequested(_)) => exists(),
            other => Refused::about(&CLIENT_GRANT)(other),
        })?;
        Ok(of_contract(&contract, client.client_id(), &services).into())
    }

    /// Change the scopes of a client grant.
    ///
    /// Needs `update:client_grants`.
    #[oai(path = "/:id", method = "patch", operation_id = "patch_client_grants_by_id")]
    async fn change(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// Its identity.
        id: Path<String>,
        body: Body<ClientGrantDocument>,
    ) -> Result<Told<ClientGrantDocument>, Refused> {
        let actor = caller.with(&UPDATE)?;
        let mut members = body.members;
        let scopes = members.texts("scope").flatten().map(Words::new);
        let _ = members.text("subject_type");
        members.finish()?;
        match Meant::parse(&id).ok_or_else(unknown)? {
            Meant::Right(key) => {
                let before = rights_of(&app, &tenant, key).await?.ok_or_else(unknown)?;
                let scopes = scopes.unwrap_or_else(|| before.scopes.clone());
                reaches(actor, &scopes.only(|scope| !before.scopes.contains(scope)))?;
                let set = management::set(&app, &tenant, actor, &before.client_id, &scopes).await;
                set.map_err(Refused::about(&CLIENT_GRANT))?;
                Ok(of_right(&tenant, &Rights { scopes, ..before }).into())
            }
            Meant::Contract(id) => {
                let change = contract::Change { scopes: scopes.map(Some), ..contract::Change::default() };
                let changed = contract::change(&app, &tenant, actor, id, None, change).await;
                let contract = changed.map_err(Refused::about(&CLIENT_GRANT))?;
                let names = registered::client_ids(&app, &tenant, [contract.row.application_id]).await;
                let names = names.map_err(Refused::about(&CLIENT_GRANT))?;
                let client_id = names.get(&contract.row.application_id).ok_or_else(unknown)?;
                Ok(of_contract(&contract, client_id, &services(&app, &tenant).await?).into())
            }
        }
    }

    /// Delete a client grant.
    ///
    /// Needs `delete:client_grants`. The client's tokens for the API end.
    #[oai(path = "/:id", method = "delete", operation_id = "delete_client_grants_by_id")]
    async fn delete(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// Its identity.
        id: Path<String>,
    ) -> Result<Gone, Refused> {
        let actor = caller.with(&DELETE)?;
        match Meant::parse(&id).ok_or_else(unknown)? {
            Meant::Right(key) => {
                let before = rights_of(&app, &tenant, key).await?.ok_or_else(unknown)?;
                let set = management::set(&app, &tenant, actor, &before.client_id, &Words::default()).await;
                set.map_err(Refused::about(&CLIENT_GRANT))?;
            }
            Meant::Contract(id) => {
                contract::delete(&app, &tenant, actor, id).await.map_err(Refused::about(&CLIENT_GRANT))?;
            }
        }
        Ok(Gone::Gone)
    }
}

/// What a body wants.
struct Wish {
    client_id: String,
    audience: String,
    scopes: Words,
}

impl Wish {
    fn read(mut body: Members) -> Result<Self, Refused> {
        if body.text("default_for").is_some() {
            body.complain(
                "default_for",
                "Client grants for all third-party clients are not supported: grant each client",
            );
        }
        if body.text("subject_type").flatten().is_some_and(|subject| subject != "client") {
            body.complain("subject_type", "No enum match: expected one of client");
        }
        let (client_id, audience, scopes) = (body.text("client_id"), body.text("audience"), body.texts("scope"));
        for (name, sent) in [("client_id", &client_id), ("audience", &audience)] {
            if sent.as_ref().is_none_or(Option::is_none) {
                body.missing(name);
            }
        }
        body.finish()?;
        let (client_id, audience) = (client_id.flatten().unwrap_or_default(), audience.flatten().unwrap_or_default());
        Ok(Self { client_id, audience, scopes: Words::new(scopes.flatten().unwrap_or_default()) })
    }
}

/// Which client grants are listed.
#[derive(Clone, Copy, Debug)]
struct Which<'a> {
    client_id: Option<&'a str>,
    audience: Option<&'a str>,
}

async fn listed(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: Which<'_>,
    wanted: &Wanted,
) -> Result<Listed<Value>, Error> {
    let to_management = which.audience.map(|audience| is_management(tenant, audience));
    let mut rights =
        if to_management == Some(false) { Vec::new() } else { management::list(app, tenant, actor).await? };
    rights.retain(|rights| which.client_id.is_none_or(|wanted| rights.client_id == wanted));
    let first = u64::try_from(rights.len()).unwrap_or(u64::MAX);
    let some = rights.iter().skip(usize::try_from(wanted.skip).unwrap_or(usize::MAX));
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let mut items: Vec<Value> = some.take(limit).map(|rights| of_right(tenant, rights)).collect();
    let Some(filter) = contract_filter(app, tenant, which, to_management).await? else {
        return Ok(Listed { items, total: first, next: None });
    };
    let left = wanted.limit - u64::try_from(items.len()).unwrap_or(wanted.limit);
    let rest = Wanted { after: None, skip: wanted.skip.saturating_sub(first), limit: left };
    let contracts = contract::list(app, tenant, actor, &filter, &rest).await?;
    let applications = contracts.items.iter().map(|contract| contract.row.application_id);
    let names = registered::client_ids(app, tenant, applications).await?;
    let all = every_service(app, tenant).await?;
    items.extend(contracts.items.iter().filter_map(|contract| {
        names.get(&contract.row.application_id).map(|client_id| of_contract(contract, client_id, &all))
    }));
    Ok(Listed { items, total: first + contracts.total, next: None })
}

/// The contracts that are meant; `None`: none can be.
async fn contract_filter(
    app: &App,
    tenant: &Tenant,
    which: Which<'_>,
    to_management: Option<bool>,
) -> Result<Option<contract::Filter>, Error> {
    if to_management == Some(true) {
        return Ok(None);
    }
    let mut filter = contract::Filter { states: vec![ContractState::Approved], ..contract::Filter::default() };
    if let Some(audience) = which.audience {
        let all = every_service(app, tenant).await?;
        let Some(service) = all.iter().find(|service| service.row.audience == audience) else { return Ok(None) };
        filter.service = Some(service.row.id);
    }
    if let Some(client_id) = which.client_id {
        let house = Actor::operator("client grants");
        match registered::find(app, tenant, &house, client_id).await {
            Ok(found) => filter.application = found.client.row.application_id,
            Err(Error::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(filter))
}

async fn services(app: &App, tenant: &Tenant) -> Result<Vec<Service>, Refused> {
    every_service(app, tenant).await.map_err(Refused::about(&RESOURCE_SERVER))
}

async fn every_service(app: &App, tenant: &Tenant) -> Result<Vec<Service>, Error> {
    let all = Wanted::first(u64::from(u32::MAX));
    let house = Actor::operator("client grants");
    Ok(service::list(app, tenant, &house, &ServiceFilter::default(), &all).await?.items)
}

async fn rights_of(app: &App, tenant: &Tenant, key: ClientKey) -> Result<Option<Rights>, Refused> {
    let all = management::list(app, tenant, &Actor::operator("client grants")).await;
    Ok(all.map_err(Refused::about(&CLIENT_GRANT))?.into_iter().find(|rights| rights.key == key))
}

/// 403 with the scopes that are missing: nobody gives more than they have.
fn reaches(actor: &Actor, scopes: &Words) -> Result<(), Refused> {
    let lacking: Vec<&str> = scopes.iter().filter(|scope| actor.lacks_scope(scope)).collect();
    if lacking.is_empty() { Ok(()) } else { Err(Refused::scope(&lacking)) }
}

fn unknown() -> Refused {
    Refused::about(&CLIENT_GRANT)(Error::NotFound)
}

fn exists() -> Refused {
    let message = "A resource with the same client_id and audience already exists.";
    Refused::new(http::StatusCode::CONFLICT, "conflict", message)
}

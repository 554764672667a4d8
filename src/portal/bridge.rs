//! What does another portal tell about the clients it registered here? (portal.md N28)
//!
//! It has its own queue and its own approvals, but what it tells does not approve anything here: a ticket to register is
//! no right to decide. A registration it tells of becomes a contract as if a developer had asked for it: approved where
//! nobody has to decide, else for those who decide. What means nothing here is kept in the audit log.

use entity::contract::ContractState;
use entity::id::{ApplicationId, ServiceId};
use serde_json::{Map, Value, json};

use super::application::{self, Change};
use super::contract::{self, Request};
use super::{Actor, Conflict, Error};
use crate::app::App;
use crate::db::Rows;
use crate::oidc::event::Kind;
use crate::oidc::registration::admission::Caller;
use crate::oidc::registration::bridge::{self, Bridged};
use crate::oidc::service;
use crate::oidc::tenant::Tenant;

/// What happened in the other portal.
#[derive(Clone, Debug)]
pub enum News {
    /// The application was changed there.
    Updated {
        /// Its name.
        name: String,
        /// What it does; `None`: that is not said.
        description: Option<String>,
        /// Where authorization answers may go; `None`: that is not said.
        redirect_uris: Option<Vec<String>>,
    },
    /// It was registered for a service.
    Added(Resource),
    /// It is not any more.
    Removed(Resource),
}

/// How the other portal names a service.
#[derive(Clone, Debug)]
pub struct Resource {
    /// An identity: ours where the other portal has been told it.
    pub id: Option<ServiceId>,
    /// The audience of tokens for it.
    pub audience: Option<String>,
}

/// What the other portal tells.
#[derive(Clone, Debug)]
pub struct Told {
    /// What happened.
    pub news: News,
    /// What it calls the application: becomes what another system calls it here, unless that is taken.
    pub application: String,
    /// What it calls whom and what: for the audit log.
    pub names: Map<String, Value>,
}

/// Hears what another portal tells of a client it registered here, and writes down what became of it.
///
/// # Errors
/// As [`bridge::find`]; `Invalid` for a change that the rules of registration refuse; `Conflict(Changed)` if another came
/// first; when the database cannot be asked.
pub async fn hear(
    app: &App,
    tenant: &Tenant,
    caller: Caller<'_>,
    client_id: &str,
    told: Told,
) -> Result<(), crate::oidc::Error> {
    let bridged = bridge::find(app, tenant, caller, client_id).await?;
    let actor = Actor::operator(&bridged.actor());
    let Some(id) = bridged.application() else { return Ok(()) };
    let outcome = match act(app, tenant, &actor, id, &told).await {
        Ok(outcome) => outcome,
        Err(error) => return Err(spelled(error)),
    };
    write_down(app, tenant, caller, &bridged, &told, outcome).await
}

async fn act(app: &App, tenant: &Tenant, actor: &Actor, id: ApplicationId, told: &Told) -> Result<&'static str, Error> {
    let custom_id = Some(Some(told.application.clone())).filter(|_| !told.application.is_empty());
    let change = match &told.news {
        News::Updated { name, description, redirect_uris } => Change {
            name: Some(name.clone()),
            description: description.clone().map(Some),
            redirect_uris: redirect_uris.clone(),
            ..Change::default()
        },
        News::Added(_) | News::Removed(_) => Change::default(),
    };
    let named = Change { custom_id, ..change.clone() };
    match application::change(app, tenant, actor, id, None, named).await {
        // Somebody here chose the same name for another application: it keeps it.
        Err(Error::Taken { .. }) => drop(application::change(app, tenant, actor, id, None, change).await?),
        changed => drop(changed?),
    }
    match &told.news {
        News::Updated { .. } => Ok("changed"),
        News::Added(resource) => added(app, tenant, actor, id, resource).await,
        News::Removed(resource) => removed(app, tenant, actor, id, resource).await,
    }
}

async fn added(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ApplicationId,
    resource: &Resource,
) -> Result<&'static str, Error> {
    let Some(service) = meant(app, tenant, resource).await? else { return Ok("no such service") };
    let comment = Some("Registered in another portal".to_owned());
    let state = match contract::request(app, tenant, actor, Request { comment, ..Request::new(id, service) }).await {
        Ok(contract) => contract.state(),
        Err(Error::Conflict(Conflict::AlreadyRequested(state))) => state,
        Err(Error::Conflict(_) | Error::NotFound | Error::Invalid(_)) => return Ok("not taken"),
        Err(error) => return Err(error),
    };
    Ok(match state {
        ContractState::Approved => "approved",
        ContractState::Pending => "pending",
        ContractState::Rejected => "rejected",
        ContractState::Revoked => "revoked",
        ContractState::Closed => "closed",
    })
}

async fn removed(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ApplicationId,
    resource: &Resource,
) -> Result<&'static str, Error> {
    let Some(service) = meant(app, tenant, resource).await? else { return Ok("no such service") };
    let contract = match contract::find_between(app, tenant, actor, id, service).await {
        Err(Error::NotFound) => return Ok("no contract"),
        found => found?,
    };
    match contract::unregister(app, tenant, actor, contract.row.id).await {
        // What was revoked here stays so (D-17).
        Err(Error::Conflict(Conflict::ContractState(_)) | Error::NotFound) => Ok("kept"),
        done => done.map(|()| "closed"),
    }
}

/// The service that is meant, if it is one of ours.
async fn meant(app: &App, tenant: &Tenant, resource: &Resource) -> Result<Option<ServiceId>, Error> {
    let services = service::all(app, tenant).await?;
    let named = |row: &entity::service::Model| match &resource.audience {
        Some(audience) if row.audience == *audience => true,
        _ => resource.id == Some(row.id),
    };
    Ok(services.iter().find(|service| named(&service.row)).map(|service| service.row.id))
}

async fn write_down(
    app: &App,
    tenant: &Tenant,
    caller: Caller<'_>,
    bridged: &Bridged,
    told: &Told,
    outcome: &str,
) -> Result<(), crate::oidc::Error> {
    let (news, resource) = match &told.news {
        News::Updated { .. } => ("updated", None),
        News::Added(resource) => ("added", Some(resource)),
        News::Removed(resource) => ("removed", Some(resource)),
    };
    let resource = resource.map(|resource| json!({"id": resource.id, "audience": resource.audience}));
    let data = json!({"news": news, "resource": resource, "names": told.names, "outcome": outcome});
    let event = bridged.event(app, tenant, caller, Kind::BridgeTold, data);
    app.db.insert(Rows { events: vec![event], ..Rows::default() }).await?;
    Ok(())
}

/// What a rule of the portal refused, as the protocol tells it.
fn spelled(error: Error) -> crate::oidc::Error {
    use crate::oidc::Code;
    let code = match &error {
        Error::NotFound => Code::NotFound,
        Error::Invalid(_) => Code::InvalidRequest,
        Error::Taken { .. } | Error::Conflict(_) => Code::Conflict,
        Error::NotAllowed(_) | Error::NotApproved => Code::AccessDenied,
        Error::NotNow { cause: None, .. } => Code::TooManyRequests,
        Error::Provider(_) | Error::NotNow { cause: Some(_), .. } => Code::TemporarilyUnavailable,
        Error::Internal(_) => Code::ServerError,
    };
    let spelled = crate::oidc::Error::new(code, error.describe());
    match error {
        Error::Internal(cause) => crate::oidc::Error { cause: Some(cause), ..spelled },
        Error::NotNow { retry_after, cause } => {
            let retry_after = Some(u32::try_from(retry_after).unwrap_or(u32::MAX));
            crate::oidc::Error { retry_after, cause, ..spelled }
        }
        _ => spelled,
    }
}

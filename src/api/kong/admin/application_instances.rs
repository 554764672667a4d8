//! `…/application_instances`: contracts, below an application or a service (portal.md K68, K71, §8.4).

use entity::contract::ContractState;
use entity::id::{ContractId, ServiceId};
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use serde_json::{Value, json};

use super::{Part, applications, services};
use crate::api::kong::answer::{Answer, Gone, Many, One};
use crate::api::kong::call::{Admin, Call, id};
use crate::api::kong::error::portal::Entity;
use crate::api::kong::instance::{self as words, Decided, InstanceBody, InstanceEntity, InstancePatch};
use crate::api::kong::plugin::ServiceKey;
use crate::api::kong::schema::Complaints;
use crate::api::kong::status::Status;
use crate::api::kong::{KongBody, Refusal};
use crate::portal::application::Application;
use crate::portal::contract::{self, Contract, Decision, Filter, Request, state};
use crate::portal::{Error, service};

/// Contracts.
#[derive(Debug)]
pub struct InstancesApi;

type Shown<const STATUS: u16 = 200> = Answer<One<InstanceEntity>, STATUS>;
type Page = Answer<Many<InstanceEntity>>;

#[OpenApi(prefix_path = "/kong/admin", tag = "Part::ApplicationInstances")]
impl InstancesApi {
    /// List the contracts for a service.
    #[oai(
        path = "/services/:service/application_instances",
        method = "get",
        operation_id = "list_application_instances_of_service"
    )]
    async fn list_of_service(
        &self,
        call: Admin,
        service: Path<String>,
        /// 0: approved; 1: requested access; 2: rejected; 3: revoked.
        status: Query<Option<String>>,
    ) -> Result<Page, Refusal> {
        let service = services::find(&call, &service).await?;
        let states = states(status.0.as_deref())?;
        page(&call, Filter { service: Some(service.row.id), states, ..Filter::default() }).await
    }

    /// List the contracts of an application.
    #[oai(
        path = "/applications/:application/application_instances",
        method = "get",
        operation_id = "list_application_instances"
    )]
    async fn list(
        &self,
        call: Admin,
        application: Path<String>,
        /// 0: approved; 1: requested access; 2: rejected; 3: revoked.
        status: Query<Option<String>>,
    ) -> Result<Page, Refusal> {
        let application = applications::find(&call, None, &application).await?;
        page_of(&call, &application, status.0.as_deref()).await
    }

    /// Read a contract of an application.
    #[oai(
        path = "/applications/:application/application_instances/:instance",
        method = "get",
        operation_id = "read_application_instance"
    )]
    async fn read(&self, call: Admin, application: Path<String>, instance: Path<String>) -> Result<Shown, Refusal> {
        let application = applications::find(&call, None, &application).await?;
        Ok(Answer::new(&words::shown(&find(&call, &application, &instance).await?)))
    }

    /// Decide about a contract of an application.
    #[oai(
        path = "/applications/:application/application_instances/:instance",
        method = "patch",
        operation_id = "update_application_instance"
    )]
    async fn update(
        &self,
        call: Admin,
        application: Path<String>,
        instance: Path<String>,
        body: KongBody<InstancePatch>,
    ) -> Result<Shown, Refusal> {
        let application = applications::find(&call, None, &application).await?;
        let found = find(&call, &application, &instance).await?;
        Ok(Answer::new(&decide(&call, found, &Decided::read(body.tree)?).await?))
    }

    /// List the contracts of a developer's application.
    #[oai(
        path = "/developers/:developer/applications/:application/application_instances",
        method = "get",
        operation_id = "list_application_instances_of_developer"
    )]
    async fn list_of_developer(
        &self,
        call: Admin,
        developer: Path<String>,
        application: Path<String>,
        /// 0: approved; 1: requested access; 2: rejected; 3: revoked.
        status: Query<Option<String>>,
    ) -> Result<Page, Refusal> {
        let application = applications::find(&call, Some(&developer), &application).await?;
        page_of(&call, &application, status.0.as_deref()).await
    }

    /// Ask for a contract for a developer's application.
    #[oai(
        path = "/developers/:developer/applications/:application/application_instances",
        method = "post",
        operation_id = "create_application_instance_of_developer"
    )]
    async fn create(
        &self,
        call: Admin,
        developer: Path<String>,
        application: Path<String>,
        body: KongBody<InstanceBody>,
    ) -> Result<Shown<201>, Refusal> {
        let application = applications::find(&call, Some(&developer), &application).await?;
        let key = words::requested(body.tree)?;
        let service = match service::find(&call.app, &call.tenant, &call.actor, &key.reference()).await {
            Ok(service) => service.row.id,
            Err(Error::NotFound) => return Err(Refusal::foreign_key_missing("service", key.value(), "services")),
            Err(error) => return Err(call.refuse(Entity::Instance)(error)),
        };
        Ok(Answer::new(&request(&call, &application, service).await?))
    }

    /// Read a contract of a developer's application.
    #[oai(
        path = "/developers/:developer/applications/:application/application_instances/:instance",
        method = "get",
        operation_id = "read_application_instance_of_developer"
    )]
    async fn read_of_developer(
        &self,
        call: Admin,
        developer: Path<String>,
        application: Path<String>,
        instance: Path<String>,
    ) -> Result<Shown, Refusal> {
        let application = applications::find(&call, Some(&developer), &application).await?;
        Ok(Answer::new(&words::shown(&find(&call, &application, &instance).await?)))
    }

    /// Decide about a contract of a developer's application.
    #[oai(
        path = "/developers/:developer/applications/:application/application_instances/:instance",
        method = "patch",
        operation_id = "update_application_instance_of_developer"
    )]
    async fn update_of_developer(
        &self,
        call: Admin,
        developer: Path<String>,
        application: Path<String>,
        instance: Path<String>,
        body: KongBody<InstancePatch>,
    ) -> Result<Shown, Refusal> {
        let application = applications::find(&call, Some(&developer), &application).await?;
        let found = find(&call, &application, &instance).await?;
        Ok(Answer::new(&decide(&call, found, &Decided::read(body.tree)?).await?))
    }

    /// Remove a contract of a developer's application.
    #[oai(
        path = "/developers/:developer/applications/:application/application_instances/:instance",
        method = "delete",
        operation_id = "delete_application_instance_of_developer"
    )]
    async fn delete_of_developer(
        &self,
        call: Admin,
        developer: Path<String>,
        application: Path<String>,
        instance: Path<String>,
    ) -> Result<Gone, Refusal> {
        let application = applications::find(&call, Some(&developer), &application).await?;
        let found = find(&call, &application, &instance).await?;
        let deleted = contract::delete(&call.app, &call.tenant, &call.actor, found.row.id).await;
        deleted.map(|()| Gone).map_err(call.refuse(Entity::Instance))
    }
}

/// The contract that a path names, if it is this application's (s.B2).
pub(in crate::api::kong) async fn find(
    call: &Call,
    application: &Application,
    instance: &str,
) -> Result<Contract, Refusal> {
    let wanted: ContractId = id(instance)?;
    let found = contract::find(&call.app, &call.tenant, &call.actor, wanted).await;
    let found = found.map_err(call.refuse(Entity::Instance))?;
    if found.row.application_id == application.row.id { Ok(found) } else { Err(Refusal::not_found()) }
}

/// A page of the contracts of an application.
pub(in crate::api::kong) async fn page_of(
    call: &Call,
    application: &Application,
    status: Option<&str>,
) -> Result<Page, Refusal> {
    let states = states(status)?;
    page(call, Filter { application: Some(application.row.id), states, ..Filter::default() }).await
}

async fn page(call: &Call, filter: Filter) -> Result<Page, Refusal> {
    let asked = call.page()?;
    let found = contract::list(&call.app, &call.tenant, &call.actor, &filter, &asked.part()).await;
    let found = found.map_err(call.refuse(Entity::Instance))?;
    Ok(Answer::new(&asked.counted(found.map(|contract| words::listed(&contract)))))
}

fn states(status: Option<&str>) -> Result<Vec<ContractState>, Refusal> {
    Ok(Status::filter(status)?.map(ContractState::from).into_iter().collect())
}

/// Asks for a contract.
pub(in crate::api::kong) async fn request(
    call: &Call,
    application: &Application,
    service: ServiceId,
) -> Result<Value, Refusal> {
    let about = json!({"application": {"id": application.row.id}, "service": {"id": service}});
    let wanted = Request::new(application.row.id, service);
    let made = contract::request(&call.app, &call.tenant, &call.actor, wanted).await;
    Ok(words::shown(&made.map_err(call.refuse_about(Entity::Instance, about))?))
}

async fn decide(call: &Call, found: Contract, decided: &Decided) -> Result<Value, Refusal> {
    let same = match &decided.service {
        None => true,
        Some(ServiceKey::Id(id)) => found.service.id.0 == *id,
        Some(ServiceKey::Name(name)) => found.service.name == *name,
    };
    if !same {
        return Err(Refusal::schema_violation(&Complaints::one("service", "immutable field cannot be updated")));
    }
    let mut contract = found;
    for decision in decisions(&contract, decided)? {
        let after = contract::decide(&call.app, &call.tenant, &call.actor, contract.row.id, decision).await;
        contract = after.map_err(call.refuse(Entity::Instance))?;
    }
    Ok(words::shown(&contract))
}

/// What leads to what was decided, one after the other: all of it is possible, or nothing is done.
fn decisions(contract: &Contract, decided: &Decided) -> Result<Vec<Decision>, Refusal> {
    let mut decisions = Vec::new();
    let mut standing = state::Standing { state: contract.row.state, suspended: contract.row.suspended };
    let from = Status::from(contract.row.state);
    if let Some(wanted) = decided.status.filter(|wanted| *wanted != from) {
        let decision = match wanted {
            Status::Approved => Decision::Approve,
            Status::Rejected => Decision::Reject { reason: None },
            Status::Revoked => Decision::Revoke { reason: None },
            Status::Requested => return Err(from.unreachable(wanted)),
        };
        standing = state::next(Some(standing), decision.event()).map_err(|_| from.unreachable(wanted))?;
        decisions.push(decision);
    }
    if let Some(suspended) = decided.suspended.filter(|suspended| *suspended != standing.suspended) {
        let decision = if suspended { Decision::Suspend } else { Decision::Resume };
        let refuse = |_| Refusal::schema_violation(&Complaints::one("suspended", "only an approved one can be paused"));
        state::next(Some(standing), decision.event()).map_err(refuse)?;
        decisions.push(decision);
    }
    Ok(decisions)
}

//! `/contracts`: which application may use which service? (portal.md §8.4)

use entity::id::{ApplicationId, ContractId, ServiceId};
use entity::word::Words;
use poem::Request;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::application::{Owner, Whose};
use super::body::Body;
use super::caller::Caller;
use super::nullable::Nullable;
use super::page::{Asked, Page, words};
use super::precondition::Seen;
use super::problem::Problem;
use super::word::ContractState;
use crate::portal::application;
use crate::portal::contract::{self as rule, Approval, Change, Decision, Filter, OnRejected, Request as Wanted};
use crate::portal::{Rule, Wrong};

/// The contracts of the tenant.
#[derive(Debug)]
pub struct ContractApi;

/// The application's side of a contract.
#[derive(Debug, Object)]
struct ContractApplication {
    /// Identity.
    id: Uuid,
    /// Name.
    name: String,
    /// Who answers for it.
    owner: Nullable<Owner>,
}

/// The service's side of a contract.
#[derive(Debug, Object)]
struct ContractService {
    /// Identity.
    id: Uuid,
    /// Name in lists.
    name: String,
    /// Name in the portal, where the service has a policy.
    display_name: Nullable<String>,
    /// Its audience.
    audience: String,
}

/// Permission of an application for a service.
#[derive(Debug, Object)]
struct Contract {
    /// Identity.
    id: Uuid,
    /// Whose.
    application: ContractApplication,
    /// For which service.
    service: ContractService,
    /// How far it has come.
    state: ContractState,
    /// Approved, but paused.
    suspended: bool,
    /// What whoever asked wrote.
    comment: Nullable<String>,
    /// What whoever decided wrote.
    reason: Nullable<String>,
    /// The scopes it is for; `null`: all of the service.
    scopes: Nullable<Vec<String>>,
    /// Not before, seconds since 1970.
    starts_at: Nullable<i64>,
    /// Not from then on, seconds since 1970.
    ends_at: Nullable<i64>,
    /// Seconds since 1970.
    requested_at: i64,
    /// Seconds since 1970.
    processed_at: Nullable<i64>,
    /// Who decided, e.g. `user:…`, `system`.
    processed_by: Nullable<String>,
    /// Counts the changes; the `ETag` is `"v"` and this number.
    version: i64,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970.
    updated_at: i64,
}

impl From<rule::Contract> for Contract {
    fn from(contract: rule::Contract) -> Self {
        let rule::Contract { row, application, service } = contract;
        Self {
            id: row.id.0,
            application: ContractApplication {
                id: application.id.0,
                name: application.name,
                owner: application.owner.map(Owner::from).into(),
            },
            service: ContractService {
                id: service.id.0,
                name: service.name,
                display_name: service.display_name.into(),
                audience: service.audience,
            },
            state: row.state.into(),
            suspended: row.suspended,
            comment: row.request.into(),
            reason: row.reason.into(),
            scopes: row.scopes.map(|scopes| scopes.as_slice().to_vec()).into(),
            starts_at: row.starts_at.into(),
            ends_at: row.ends_at.into(),
            requested_at: row.requested_at,
            processed_at: row.processed_at.into(),
            processed_by: row.processed_by.into(),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A contract that is asked for.
#[derive(Debug, Object)]
struct NewContract {
    /// The application.
    application_id: Uuid,
    /// The service.
    service_id: Uuid,
    /// What it is for: at most 2000 characters.
    comment: Nullable<String>,
    /// Only these scopes of the service; else all of them.
    scopes: Nullable<Vec<String>>,
    /// Approve it at once; for those who decide.
    approve: Option<bool>,
    /// Ask again where it was rejected; else that is a conflict.
    again: Option<bool>,
}

/// What is to change of a contract; what is left out stays, and `null` lifts the limit.
#[derive(Debug, Object)]
struct ContractChange {
    /// The scopes of the service it is for.
    scopes: Nullable<Vec<String>>,
    /// Not before, seconds since 1970.
    starts_at: Nullable<i64>,
    /// Not from then on, seconds since 1970.
    ends_at: Nullable<i64>,
}

/// Why something is decided.
#[derive(Debug, Object)]
pub struct Reason {
    /// Told to the developer: at most 2000 characters.
    pub reason: Nullable<String>,
}

fn told(contract: rule::Contract) -> Told<Contract> {
    let version = contract.row.version;
    Told::new(&contract.into()).version(version)
}

fn states(text: Option<String>) -> Result<Vec<entity::contract::ContractState>, Problem> {
    let state = |word: String| match word.as_str() {
        "pending" => Ok(ContractState::Pending.into()),
        "approved" => Ok(ContractState::Approved.into()),
        "rejected" => Ok(ContractState::Rejected.into()),
        "revoked" => Ok(ContractState::Revoked.into()),
        "closed" => Ok(ContractState::Closed.into()),
        _ => {
            let complaint = "must hold pending, approved, rejected, revoked or closed, separated by commas";
            Err(Problem::invalid(vec![Wrong::new("state", Rule::Unknown, complaint)]))
        }
    };
    words(text).into_iter().map(state).collect()
}

async fn decide(caller: &Caller, contract: &Path<Uuid>, decision: Decision) -> Result<Told<Contract>, Problem> {
    let id = ContractId(contract.0);
    Ok(told(rule::decide(&caller.app, &caller.tenant, &caller.actor, id, decision).await?))
}

#[OpenApi(tag = "Part::Contracts")]
impl ContractApi {
    /// List contracts.
    ///
    /// The oldest first: all for admins, those for the services they look after for publishers, and those of their own
    /// applications for everybody.
    #[oai(path = "/contracts", method = "get", operation_id = "list_contracts")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
        /// Whose; else `reachable`.
        whose: Query<Option<Whose>>,
        /// Of this application.
        application: Query<Option<Uuid>>,
        /// For this service.
        service: Query<Option<Uuid>>,
        /// In one of these states, separated by commas; else in any but `closed`.
        state: Query<Option<String>>,
    ) -> Result<Told<Page<Contract>>, Problem> {
        let filters = ["whose", "application", "service", "state"];
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &filters)?;
        let filter = Filter {
            whose: whose.0.map_or(application::Whose::Reachable, Into::into),
            application: application.0.map(ApplicationId),
            service: service.0.map(ServiceId),
            states: states(state.0)?,
            ..Filter::default()
        };
        let listed = rule::list(&caller.app, &caller.tenant, &caller.actor, &filter, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, Contract::from))
    }

    /// Ask for a contract.
    ///
    /// There is one for each application and service: an old one that is closed begins anew under the same identity.
    #[oai(path = "/contracts", method = "post", operation_id = "create_contract")]
    async fn create(&self, caller: Caller, body: Body<NewContract>) -> Result<Told<Contract, 201>, Problem> {
        let body = body.0;
        let wanted = Wanted {
            comment: body.comment.value(),
            scopes: body.scopes.value().map(Words::new),
            on_rejected: if body.again == Some(true) { OnRejected::Again } else { OnRejected::Refuse },
            approval: if body.approve == Some(true) { Approval::AtOnce } else { Approval::AsConfigured },
            ..Wanted::new(ApplicationId(body.application_id), ServiceId(body.service_id))
        };
        let made = rule::request(&caller.app, &caller.tenant, &caller.actor, wanted).await?;
        let (at, version) = (caller.url(&format!("/contracts/{}", made.row.id)), made.row.version);
        Ok(Told::new(&made.into()).version(version).at(&at))
    }

    /// Read a contract.
    #[oai(path = "/contracts/:contract", method = "get", operation_id = "read_contract")]
    async fn read(&self, caller: Caller, contract: Path<Uuid>) -> Result<Told<Contract>, Problem> {
        let id = ContractId(contract.0);
        Ok(told(rule::find_any(&caller.app, &caller.tenant, &caller.actor, id).await?))
    }

    /// Change what a contract allows.
    #[oai(path = "/contracts/:contract", method = "patch", operation_id = "change_contract")]
    async fn change(
        &self,
        caller: Caller,
        contract: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<ContractChange>,
    ) -> Result<Told<Contract>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (id, expected) = (ContractId(contract.0), seen.version()?);
        let change = Change {
            scopes: body.0.scopes.change().map(|scopes| scopes.map(Words::new)),
            starts_at: body.0.starts_at.change(),
            ends_at: body.0.ends_at.change(),
        };
        let changed = rule::change(&caller.app, &caller.tenant, &caller.actor, id, expected, change).await;
        changed.map(told).map_err(|error| seen.refuse(error))
    }

    /// Delete a contract.
    ///
    /// In whatever state, by those who decide: it is gone from every list, its tokens end, and it may be asked for again.
    #[oai(path = "/contracts/:contract", method = "delete", operation_id = "delete_contract")]
    async fn delete(
        &self,
        caller: Caller,
        contract: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<Gone, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (id, expected) = (ContractId(contract.0), seen.version()?);
        let deleted = rule::delete_version(&caller.app, &caller.tenant, &caller.actor, id, expected).await;
        deleted.map(|()| Gone::Done).map_err(|error| seen.refuse(error))
    }

    /// Approve a contract.
    ///
    /// From pending, rejected or revoked.
    #[oai(path = "/contracts/:contract/approve", method = "post", operation_id = "approve_contract")]
    async fn approve(&self, caller: Caller, contract: Path<Uuid>) -> Result<Told<Contract>, Problem> {
        decide(&caller, &contract, Decision::Approve).await
    }

    /// Reject a contract.
    ///
    /// From pending.
    #[oai(path = "/contracts/:contract/reject", method = "post", operation_id = "reject_contract")]
    async fn reject(
        &self,
        caller: Caller,
        contract: Path<Uuid>,
        body: Body<Reason>,
    ) -> Result<Told<Contract>, Problem> {
        decide(&caller, &contract, Decision::Reject { reason: body.0.reason.value() }).await
    }

    /// Revoke a contract.
    ///
    /// From approved. Its tokens for the service end.
    #[oai(path = "/contracts/:contract/revoke", method = "post", operation_id = "revoke_contract")]
    async fn revoke(
        &self,
        caller: Caller,
        contract: Path<Uuid>,
        body: Body<Reason>,
    ) -> Result<Told<Contract>, Problem> {
        decide(&caller, &contract, Decision::Revoke { reason: body.0.reason.value() }).await
    }

    /// Pause a contract.
    #[oai(path = "/contracts/:contract/suspend", method = "post", operation_id = "suspend_contract")]
    async fn suspend(&self, caller: Caller, contract: Path<Uuid>) -> Result<Told<Contract>, Problem> {
        decide(&caller, &contract, Decision::Suspend).await
    }

    /// Let a contract go on.
    #[oai(path = "/contracts/:contract/resume", method = "post", operation_id = "resume_contract")]
    async fn resume(&self, caller: Caller, contract: Path<Uuid>) -> Result<Told<Contract>, Problem> {
        decide(&caller, &contract, Decision::Resume).await
    }

    /// Unregister.
    ///
    /// The developer does not want the contract any more. Its tokens for the service end.
    #[oai(path = "/contracts/:contract/unregister", method = "post", operation_id = "unregister_contract")]
    async fn unregister(
        &self,
        caller: Caller,
        contract: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<Gone, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (id, expected) = (ContractId(contract.0), seen.version()?);
        let done = rule::unregister_version(&caller.app, &caller.tenant, &caller.actor, id, expected).await;
        done.map(|()| Gone::Done).map_err(|error| seen.refuse(error))
    }
}

//! `/v3/portals/{id}/applications` and its registrations: what do admins see and decide? (portal.md N17 to N20, N27)

use entity::contract::ContractState;
use entity::id::{ApplicationId, ServiceId};
use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

use super::Part;
use super::answer::{Gone, Page, Told};
use super::applications::known;
use super::body::Sent;
use super::caller::Administrator;
use super::error::Problem;
use super::managed::{ApplicationRegistration, ManagedApplication};
use super::page::{Asked, either};
use super::registrations::{of, registration, states};
use super::shape::{STATUSES, state};
use crate::portal::contract::{self, Approval, Contract, Decision, Filter, Request as Asking};
use crate::portal::{Action, Conflict, Error, application, client};

/// Applications and registrations, for those who decide.
#[derive(Debug)]
pub struct ManagementApi;

/// A registration to be made.
#[derive(Debug, Object)]
#[oai(rename = "CreateApplicationRegistration")]
struct NewDocument {
    /// The API.
    api_id: String,
    /// `approved`: by the caller, at once. Otherwise the switches of the portal and the API decide.
    status: Option<String>,
}

/// What is decided about a registration.
#[derive(Debug, Object)]
#[oai(rename = "UpdateApplicationRegistration")]
struct ChangeDocument {
    /// `approved`, `rejected` or `revoked`.
    status: Option<String>,
}

#[OpenApi(tag = "Part::Portals")]
impl ManagementApi {
    /// List the registrations of a portal: its queue, with `filter[status]=pending`.
    #[oai(
        path = "/v3/portals/:portal_id/application-registrations",
        method = "get",
        operation_id = "list_portal_registrations"
    )]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn queue(
        &self,
        caller: Administrator,
        request: &Request,
        portal_id: Path<String>,
        #[oai(name = "page[number]")] number: Query<Option<u64>>,
        #[oai(name = "page[size]")] size: Query<Option<u64>>,
        /// `approved`, `pending`, `rejected` or `revoked`.
        #[oai(name = "filter[status]")]
        status: Query<Option<String>>,
        #[oai(name = "filter[status][eq]")] status_eq: Query<Option<String>>,
    ) -> Result<Told<Page<ApplicationRegistration>>, Problem> {
        caller.portal(&portal_id)?;
        let asked = Asked::read(request, *number, *size, &["filter[status]", "filter[status][eq]"])?;
        caller.actor.may(Action::ReadContracts)?;
        let filter = Filter { states: states(either(status.0, status_eq.0))?, ..Filter::default() };
        let Administrator { app, tenant, actor } = &caller;
        let listed = contract::list(app, tenant, actor, &filter, &asked.wanted()).await?;
        Ok(Told(asked.page(listed, ApplicationRegistration::from)))
    }

    /// List the applications of a portal.
    #[oai(path = "/v3/portals/:portal_id/applications", method = "get", operation_id = "list_portal_applications")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn applications(
        &self,
        caller: Administrator,
        request: &Request,
        portal_id: Path<String>,
        #[oai(name = "page[number]")] number: Query<Option<u64>>,
        #[oai(name = "page[size]")] size: Query<Option<u64>>,
        /// Part of the name.
        #[oai(name = "filter[name][contains]")]
        contains: Query<Option<String>>,
    ) -> Result<Told<Page<ManagedApplication>>, Problem> {
        caller.portal(&portal_id)?;
        let asked = Asked::read(request, *number, *size, &["filter[name][contains]"])?;
        let Administrator { app, tenant, actor } = &caller;
        actor.may(Action::ReadApplications)?;
        let filter = application::Filter { search: either(contains.0, None), ..application::Filter::default() };
        let listed = application::list(app, tenant, actor, &filter, &asked.wanted()).await?;
        let ids: Vec<ApplicationId> = listed.items.iter().map(|item| item.row.id).collect();
        let clients = client::first_of(app, tenant, &ids).await?;
        let counts = contract::count_of(app, tenant, &ids).await?;
        let told = |item: application::Application| {
            let client = clients.get(&item.row.id).map(|client| &**client);
            ManagedApplication::of(tenant, &item, client, counts.get(&item.row.id).copied())
        };
        Ok(Told(asked.page(listed, told)))
    }

    /// Read an application.
    #[oai(
        path = "/v3/portals/:portal_id/applications/:application_id",
        method = "get",
        operation_id = "get_portal_application"
    )]
    async fn application(
        &self,
        caller: Administrator,
        portal_id: Path<String>,
        application_id: Path<String>,
    ) -> Result<Told<ManagedApplication>, Problem> {
        let found = managed(&caller, &portal_id, &application_id).await?;
        let Administrator { app, tenant, .. } = &caller;
        let id = found.row.id;
        let first = client::first_of(app, tenant, &[id]).await?.into_values().next();
        let count = contract::count_of(app, tenant, &[id]).await?.into_values().next();
        let granted_scopes = Some(contract::granted_scopes(app, tenant, id).await?);
        let told = ManagedApplication::of(tenant, &found, first.as_deref(), count);
        Ok(Told(ManagedApplication { granted_scopes, ..told }))
    }

    /// Remove an application, with its registrations, secrets and tokens.
    #[oai(
        path = "/v3/portals/:portal_id/applications/:application_id",
        method = "delete",
        operation_id = "delete_portal_application"
    )]
    async fn remove_application(
        &self,
        caller: Administrator,
        portal_id: Path<String>,
        application_id: Path<String>,
    ) -> Result<Gone, Problem> {
        let found = managed(&caller, &portal_id, &application_id).await?;
        application::archive(&caller.app, &caller.tenant, &caller.actor, found.row.id).await?;
        Ok(Gone::Done)
    }

    /// List the registrations of an application.
    #[oai(
        path = "/v3/portals/:portal_id/applications/:application_id/registrations",
        method = "get",
        operation_id = "list_registrations_of_portal_application"
    )]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: Administrator,
        request: &Request,
        portal_id: Path<String>,
        application_id: Path<String>,
        #[oai(name = "page[number]")] number: Query<Option<u64>>,
        #[oai(name = "page[size]")] size: Query<Option<u64>>,
        /// `approved`, `pending`, `rejected` or `revoked`.
        #[oai(name = "filter[status]")]
        status: Query<Option<String>>,
        #[oai(name = "filter[status][eq]")] status_eq: Query<Option<String>>,
    ) -> Result<Told<Page<ApplicationRegistration>>, Problem> {
        let asked = Asked::read(request, *number, *size, &["filter[status]", "filter[status][eq]"])?;
        let application = Some(managed(&caller, &portal_id, &application_id).await?.row.id);
        let filter = Filter { application, states: states(either(status.0, status_eq.0))?, ..Filter::default() };
        let Administrator { app, tenant, actor } = &caller;
        let listed = contract::list(app, tenant, actor, &filter, &asked.wanted()).await?;
        Ok(Told(asked.page(listed, ApplicationRegistration::from)))
    }

    /// Register an application for an API.
    #[oai(
        path = "/v3/portals/:portal_id/applications/:application_id/registrations",
        method = "post",
        operation_id = "create_registration_of_portal_application"
    )]
    async fn create(
        &self,
        caller: Administrator,
        portal_id: Path<String>,
        application_id: Path<String>,
        body: Sent<NewDocument>,
    ) -> Result<Told<ApplicationRegistration, 201>, Problem> {
        let application = managed(&caller, &portal_id, &application_id).await?.row.id;
        let mut fields = body.fields();
        fields.need("api_id");
        let service = fields.id("api_id").map(ServiceId);
        let approval = match fields.choice("status", &["approved", "pending"]) {
            Some("approved") => Approval::AtOnce,
            _ => Approval::AsConfigured,
        };
        fields.done()?;
        let service = service.ok_or_else(Problem::not_found)?;
        let asking = Asking { approval, ..Asking::new(application, service) };
        let made = contract::request(&caller.app, &caller.tenant, &caller.actor, asking).await?;
        Ok(Told(made.into()))
    }

    /// Read a registration.
    #[oai(
        path = "/v3/portals/:portal_id/applications/:application_id/registrations/:registration_id",
        method = "get",
        operation_id = "get_registration_of_portal_application"
    )]
    async fn read(
        &self,
        caller: Administrator,
        portal_id: Path<String>,
        application_id: Path<String>,
        registration_id: Path<String>,
    ) -> Result<Told<ApplicationRegistration>, Problem> {
        Ok(Told(found(&caller, &portal_id, &application_id, &registration_id).await?.into()))
    }

    /// Decide about a registration.
    ///
    /// Approve it, reject one that is pending, revoke one that is approved. The status it has already changes nothing.
    #[oai(
        path = "/v3/portals/:portal_id/applications/:application_id/registrations/:registration_id",
        method = "patch",
        operation_id = "update_registration_of_portal_application"
    )]
    async fn decide(
        &self,
        caller: Administrator,
        portal_id: Path<String>,
        application_id: Path<String>,
        registration_id: Path<String>,
        body: Sent<ChangeDocument>,
    ) -> Result<Told<ApplicationRegistration>, Problem> {
        let before = found(&caller, &portal_id, &application_id, &registration_id).await?;
        caller.actor.may(Action::DecideContracts)?;
        let mut fields = body.fields();
        let wanted = fields.choice("status", &STATUSES).and_then(state);
        fields.done()?;
        let decision = match wanted {
            None => return Ok(Told(before.into())),
            Some(wanted) if wanted == before.state() => return Ok(Told(before.into())),
            Some(ContractState::Approved) => Decision::Approve,
            Some(ContractState::Rejected) => Decision::Reject { reason: None },
            Some(ContractState::Revoked) => Decision::Revoke { reason: None },
            // Nothing that was decided waits again.
            Some(ContractState::Pending | ContractState::Closed) => {
                return Err(Error::Conflict(Conflict::ContractState(before.state())).into());
            }
        };
        let Administrator { app, tenant, actor } = &caller;
        Ok(Told(contract::decide(app, tenant, actor, before.row.id, decision).await?.into()))
    }

    /// Delete a registration, whatever its status.
    ///
    /// It is gone for the developer, too, who may ask again.
    #[oai(
        path = "/v3/portals/:portal_id/applications/:application_id/registrations/:registration_id",
        method = "delete",
        operation_id = "delete_registration_of_portal_application"
    )]
    async fn remove(
        &self,
        caller: Administrator,
        portal_id: Path<String>,
        application_id: Path<String>,
        registration_id: Path<String>,
    ) -> Result<Gone, Problem> {
        let contract = found(&caller, &portal_id, &application_id, &registration_id).await?;
        contract::delete(&caller.app, &caller.tenant, &caller.actor, contract.row.id).await?;
        Ok(Gone::Done)
    }
}

/// The application, for those who see every one.
async fn managed(
    caller: &Administrator,
    portal_id: &str,
    application_id: &str,
) -> Result<application::Application, Problem> {
    caller.portal(portal_id)?;
    let Administrator { app, tenant, actor } = caller;
    actor.may(Action::ReadApplications)?;
    Ok(application::find(app, tenant, actor, known(application_id)?).await?)
}

/// The registration of this application, for those who look after the API.
async fn found(
    caller: &Administrator,
    portal_id: &str,
    application_id: &str,
    registration_id: &str,
) -> Result<Contract, Problem> {
    caller.portal(portal_id)?;
    let Administrator { app, tenant, actor } = caller;
    actor.may(Action::ReadContracts)?;
    let contract = contract::find(app, tenant, actor, registration(registration_id)?).await?;
    of(contract, known(application_id)?)
}

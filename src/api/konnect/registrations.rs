//! `/api/v3/applications/{id}/registrations`: which APIs may an application use, and how does it ask? (portal.md N1 to N20)

use entity::id::{ApplicationId, ContractId, ServiceId};
use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

use super::Part;
use super::answer::{Gone, Page, Told};
use super::applications::known;
use super::body::Sent;
use super::caller::Developer;
use super::error::{Invalid, Problem, Source};
use super::page::{Asked, either};
use super::shape::{Registration, STATUSES, id, state};
use crate::portal::application;
use crate::portal::contract::{self, Contract, Filter, Request as Asking};

/// The registrations of applications for APIs.
#[derive(Debug)]
pub struct RegistrationsApi;

/// A registration to be made.
#[derive(Debug, Object)]
#[oai(rename = "CreateRegistration")]
struct NewDocument {
    /// The API.
    api_id: String,
}

#[OpenApi(tag = "Part::Registrations")]
impl RegistrationsApi {
    /// List the registrations of an application.
    #[oai(
        path = "/api/v3/applications/:application_id/registrations",
        method = "get",
        operation_id = "list_application_registrations"
    )]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: Developer,
        request: &Request,
        application_id: Path<String>,
        #[oai(name = "page[number]")] number: Query<Option<u64>>,
        #[oai(name = "page[size]")] size: Query<Option<u64>>,
        /// `approved`, `pending`, `rejected` or `revoked`.
        #[oai(name = "filter[status]")]
        status: Query<Option<String>>,
        #[oai(name = "filter[status][eq]")] status_eq: Query<Option<String>>,
    ) -> Result<Told<Page<Registration>>, Problem> {
        let asked = Asked::read(request, *number, *size, &["filter[status]", "filter[status][eq]"])?;
        let Developer { app, tenant, actor } = &caller;
        let found = application::find(app, tenant, actor, known(&application_id)?).await?;
        let states = states(either(status.0, status_eq.0))?;
        let filter = Filter { application: Some(found.row.id), states, ..Filter::default() };
        let listed = contract::list(app, tenant, actor, &filter, &asked.wanted()).await?;
        Ok(Told(asked.page(listed, Registration::from)))
    }

    /// Register an application for an API.
    ///
    /// Somebody may have to approve. A registration that was rejected is in the way until it is removed.
    #[oai(
        path = "/api/v3/applications/:application_id/registrations",
        method = "post",
        operation_id = "create_application_registration"
    )]
    async fn create(
        &self,
        caller: Developer,
        application_id: Path<String>,
        body: Sent<NewDocument>,
    ) -> Result<Told<Registration, 201>, Problem> {
        let application = known(&application_id)?;
        // Whose it is comes before what the body says.
        application::find(&caller.app, &caller.tenant, &caller.actor, application).await?;
        let mut fields = body.fields();
        fields.need("api_id");
        let service = fields.id("api_id").map(ServiceId);
        fields.done()?;
        let service = service.ok_or_else(Problem::not_found)?;
        let Developer { app, tenant, actor } = &caller;
        let made = contract::request(app, tenant, actor, Asking::new(application, service)).await?;
        Ok(Told(made.into()))
    }

    /// Read a registration.
    #[oai(
        path = "/api/v3/applications/:application_id/registrations/:registration_id",
        method = "get",
        operation_id = "get_application_registration"
    )]
    async fn read(
        &self,
        caller: Developer,
        application_id: Path<String>,
        registration_id: Path<String>,
    ) -> Result<Told<Registration>, Problem> {
        Ok(Told(found(&caller, &application_id, &registration_id).await?.into()))
    }

    /// Unregister an application.
    ///
    /// Its tokens for the API end. What was revoked stays revoked.
    #[oai(
        path = "/api/v3/applications/:application_id/registrations/:registration_id",
        method = "delete",
        operation_id = "delete_application_registration"
    )]
    async fn remove(
        &self,
        caller: Developer,
        application_id: Path<String>,
        registration_id: Path<String>,
    ) -> Result<Gone, Problem> {
        let contract = found(&caller, &application_id, &registration_id).await?;
        contract::unregister(&caller.app, &caller.tenant, &caller.actor, contract.row.id).await?;
        Ok(Gone::Done)
    }
}

/// The registration of this application (s.B2).
async fn found(caller: &Developer, application_id: &str, registration_id: &str) -> Result<Contract, Problem> {
    let application = known(application_id)?;
    let Developer { app, tenant, actor } = caller;
    let contract = contract::find(app, tenant, actor, registration(registration_id)?).await?;
    of(contract, application)
}

/// The contract, if it is of this application.
///
/// # Errors
/// 404 for another application's.
pub(super) fn of(contract: Contract, application: ApplicationId) -> Result<Contract, Problem> {
    if contract.application.id == application { Ok(contract) } else { Err(Problem::not_found()) }
}

/// The registration that a path names.
///
/// # Errors
/// 404 for what is no identity.
pub(super) fn registration(text: &str) -> Result<ContractId, Problem> {
    id(text).ok_or_else(Problem::not_found)
}

/// The states a filter asks for: none for all.
///
/// # Errors
/// 400 for a word that is no state.
pub(super) fn states(status: Option<String>) -> Result<Vec<entity::contract::ContractState>, Problem> {
    let Some(status) = status else { return Ok(Vec::new()) };
    let unknown = || Problem::invalid(vec![Invalid::choice("filter[status]", &STATUSES, Source::Query)]);
    state(&status).map(|state| vec![state]).ok_or_else(unknown)
}

//! The native management API: the portal in our own words, for automation (portal.md P-15).

pub mod answer;
pub mod application;
pub mod application_type;
pub mod body;
pub mod caller;
pub mod catalog;
pub mod client;
pub mod consent;
pub mod contract;
pub mod developer;
pub mod document;
pub mod event;
pub mod me;
pub mod member;
pub mod nullable;
pub mod openapi;
pub mod page;
pub mod policy;
pub mod precondition;
pub mod problem;
pub mod registered_client;
pub mod repeat;
pub mod service;
pub mod settings;
pub mod template;
pub mod token;
pub mod webhook;
pub mod word;

use std::sync::Arc;

use poem::{Endpoint, IntoResponse, Request, Response};
use poem_openapi::error::{ParseParamError, ParsePathError};
use poem_openapi::{OpenApi, OperationId, Tags};

use crate::edge::Visit;
use crate::portal::Rule;
use problem::Problem;

/// Where it lives, below the issuer.
pub const PREFIX: &str = "/api/admin";
/// Bytes of a body, at most: a document of 1 MiB with every character escaped is the largest.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The parts of the document.
#[derive(Tags)]
pub enum Part {
    /// The tenant.
    Settings,
    /// What applications get tokens for, and under which rules.
    Services,
    /// What developers read.
    Documents,
    /// What developers register, with its clients.
    Applications,
    /// Which application may use which service.
    Contracts,
    /// Those who register applications.
    Developers,
    /// Clients that registered themselves, and all others.
    Clients,
    /// What people let clients do.
    Consents,
    /// What scripts and registrations present.
    Tokens,
    /// What happened, and who is told.
    Events,
}

/// All of it.
pub fn apis() -> impl OpenApi {
    let offered = (settings::SettingsApi, service::ServiceApi, policy::PolicyApi, document::DocumentApi);
    let used = (catalog::CatalogApi, application::ApplicationApi, client::ClientApi, contract::ContractApi);
    let people =
        (developer::DeveloperApi, registered_client::RegisteredClientApi, token::TokenApi, template::TemplateApi);
    let more = (member::MemberApi, application_type::ApplicationTypeApi, consent::ConsentApi);
    (offered, used, more, people, (webhook::WebhookApi, event::EventApi, me::MeApi))
}

/// Answers with a problem document where a handler, or the framework before it, refuses.
///
/// # Errors
/// What is not known here, for the door to spell.
pub async fn told<E: Endpoint>(endpoint: Arc<E>, request: Request) -> poem::Result<Response> {
    let visit = request.data::<Visit>().cloned();
    let error = match endpoint.call(request).await {
        Ok(output) => return Ok(output.into_response()),
        Err(error) => error,
    };
    let problem = if let Some(problem) = error.downcast_ref::<Problem>() {
        problem.clone()
    } else if let Some(bad) = error.downcast_ref::<body::BadBody>() {
        let operation = error.data::<OperationId>().and_then(|operation| openapi::needs(operation.0));
        bad.told(operation.unwrap_or_default())
    } else if let Some(parameter) = error.downcast_ref::<ParseParamError>() {
        Problem::wrong(parameter.name, Rule::Form, "is not valid")
    } else if error.is::<ParsePathError>() {
        // No such identity was ever given.
        Problem::not_found()
    } else {
        return Err(error);
    };
    Ok(problem.response(visit.as_ref().map_or("", Visit::request_id)))
}

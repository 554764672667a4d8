//! The dialect of Konnect: its developer portal, its management of portals, and the bridge its portals call (portal.md §2).

pub mod answer;
pub mod applications;
pub mod body;
pub mod bridge;
pub mod caller;
pub mod catalog;
pub mod credentials;
pub mod developers;
pub mod error;
pub mod managed;
pub mod management;
mod member;
pub mod news;
pub mod page;
pub mod portals;
pub mod registrations;
pub mod shape;

use std::sync::Arc;

use poem::{Endpoint, IntoResponse, Request, Response};
use poem_openapi::{OpenApi, Tags};

use crate::edge::Visit;
use error::Problem;

/// The parts of the document.
#[derive(Tags)]
pub enum Part {
    /// What developers can register for.
    Catalog,
    /// What developers register.
    Applications,
    /// What applications prove who they are with.
    Credentials,
    /// Which APIs applications may use.
    Registrations,
    /// What those who decide see and do.
    Portals,
    /// What a portal elsewhere calls to register its applications here.
    Bridge,
}

/// All of it.
pub fn apis() -> impl OpenApi {
    let portal = (
        catalog::CatalogApi,
        applications::ApplicationsApi,
        credentials::CredentialsApi,
        registrations::RegistrationsApi,
    );
    let management = (portals::PortalsApi, management::ManagementApi, developers::DevelopersApi);
    (portal, management, bridge::BridgeApi)
}

/// Where the bridge is: there, refusals are those of OAuth 2.0.
pub const BRIDGE: &str = "/konnect/dcr";

/// Answers with the name of the request in every problem document.
///
/// # Errors
/// What is not a problem of this dialect, for the door to spell.
pub async fn named<E: Endpoint>(endpoint: Arc<E>, request: Request) -> poem::Result<Response> {
    let visit = request.data::<Visit>().cloned();
    match endpoint.call(request).await {
        Ok(output) => Ok(output.into_response()),
        Err(error) => match error.downcast_ref::<Problem>() {
            Some(problem) => Ok(problem.response(visit.as_ref().map_or("", Visit::request_id))),
            None => Err(error),
        },
    }
}

//! Kong's Admin API: one file a collection (portal.md K41 to K53, K67 to K72, K75).

pub mod application_instances;
pub mod applications;
pub mod credentials;
pub mod developers;
pub mod document_objects;
pub mod node;
pub mod plugins;
pub mod services;

use poem::Response;
use poem_openapi::{OpenApi, Tags};

use super::Refusal;
use crate::oidc::Error;

/// The parts of the document.
#[derive(Tags)]
pub enum Part {
    /// What the server says of itself.
    Node,
    /// What is protected.
    Services,
    /// How applications come to services.
    Plugins,
    /// Who registers applications.
    Developers,
    /// What they register.
    Applications,
    /// Which application may use which service.
    ApplicationInstances,
    /// What applications prove themselves with.
    Credentials,
    /// What the portal tells of services.
    Documents,
    /// What developers do by themselves.
    Portal,
    /// Tokens for a service, as Kong issues them.
    Tokens,
}

/// All of it.
pub fn apis() -> impl OpenApi {
    (
        node::NodeApi,
        services::ServicesApi,
        plugins::PluginsApi,
        developers::DevelopersApi,
        applications::ApplicationsApi,
        application_instances::InstancesApi,
        credentials::CredentialsApi,
        document_objects::DocumentsApi,
    )
}

/// What the door refuses, in Kong's words (portal.md K44).
pub fn spelled(error: &Error, _: &str) -> Response {
    Refusal::of_door(error).response()
}

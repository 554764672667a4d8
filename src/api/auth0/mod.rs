//! How does Auth0's Management API say what we do? Settings of the tenant, clients, resource servers, client grants and
//! grants, below `/api/v2` (portal.md §5).
//!
//! Nothing here decides: bodies become changes, rows become answers, refusals become `{statusCode, error, message,
//! errorCode}`.

pub mod answer;
pub mod body;
pub mod caller;
pub mod client;
pub mod client_grant;
pub mod error;
pub mod grant;
pub mod members;
pub mod page;
pub mod resource_server;
pub mod settings;

use poem_openapi::{ContactObject, LicenseObject, OpenApi, OpenApiService, Tags};

/// Where it lives, below the issuer.
pub const PREFIX: &str = "/api/v2";

/// The chapters of the document.
#[derive(Clone, Copy, Debug, Tags)]
pub enum Part {
    /// What the tenant's admins may change.
    Tenants,
    /// Applications, and what they are allowed.
    Clients,
    /// APIs.
    #[oai(rename = "Resource Servers")]
    ResourceServers,
    /// What a client may do at an API without anybody asking.
    #[oai(rename = "Client Grants")]
    ClientGrants,
    /// What people agreed to.
    Grants,
}

/// All operations.
pub fn apis() -> impl OpenApi {
    (
        settings::SettingsApi,
        client::ClientApi,
        resource_server::ResourceServerApi,
        client_grant::ClientGrantApi,
        grant::GrantApi,
    )
}

/// The whole API.
pub fn service() -> OpenApiService<impl OpenApi, ()> {
    let description = "The management API in the words of Auth0's. All addresses are below /api/v2 of the issuer. A token \
                       comes from /oauth/token by client_credentials with the audience {issuer}/api/v2/.";
    OpenApiService::new(apis(), "Registrar: Auth0's Management API", env!("CARGO_PKG_VERSION"))
        .description(description)
        .server(PREFIX)
        .license(LicenseObject::new("Apache-2.0").url("https://www.apache.org/licenses/LICENSE-2.0"))
        .contact(ContactObject::new().name("The maintainers of Registrar"))
}

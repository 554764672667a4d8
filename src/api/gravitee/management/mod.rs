//! `/management/organizations/{org}/environments/{env}`: what Gravitee's console and its users' scripts call.

pub mod apis;
pub mod applications;
pub mod configuration;
pub mod login;
pub mod members;
pub mod providers;
pub mod publisher;
pub mod shape;
pub mod subscriptions;

use poem_openapi::OpenApi;

use crate::oidc::tenant::Tenant;

/// Gravitee's name for the first of its environments, and of its organizations.
const HOME: &str = "/management/organizations/DEFAULT/environments/DEFAULT";

/// All of it.
pub fn apis() -> impl OpenApi {
    let environment = (
        providers::ProvidersApi,
        configuration::ConfigurationApi,
        applications::ApplicationsApi,
        members::MembersApi,
        subscriptions::SubscriptionsApi,
    );
    let publishers = (publisher::PublisherApi, apis::ApisApi);
    (environment, publishers, login::LoginApi)
}

/// The address of something that was made.
fn address(tenant: &Tenant, path: &str) -> String {
    tenant.url(&format!("{HOME}/{path}"))
}

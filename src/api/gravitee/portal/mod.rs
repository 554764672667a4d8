//! `/portal/environments/{env}`: what Gravitee's portal, and the scripts of those who consume APIs, call.

pub mod applications;
pub mod catalog;
pub mod shape;
pub mod subscriptions;

use poem_openapi::OpenApi;

use super::management::login::PortalLoginApi;
use crate::oidc::tenant::Tenant;

/// Where all of it is.
pub const PREFIX: &str = "/portal/environments/";

/// Gravitee's name for the first of its environments.
const HOME: &str = "/portal/environments/DEFAULT";

/// All of it.
pub fn apis() -> impl OpenApi {
    (applications::ApplicationsApi, subscriptions::SubscriptionsApi, catalog::CatalogApi, PortalLoginApi)
}

/// An address of the portal API.
fn address(tenant: &Tenant, path: &str) -> String {
    tenant.url(&format!("{HOME}/{path}"))
}

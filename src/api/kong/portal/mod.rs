//! Kong's Portal API: what developers do by themselves (portal.md K73).

pub mod applications;
pub mod auth;
pub mod developer;
pub mod services;
pub mod session;

use poem_openapi::OpenApi;

/// All of it.
pub fn apis() -> impl OpenApi {
    (auth::AuthApi, developer::DeveloperApi, applications::ApplicationsApi, services::ServicesApi)
}

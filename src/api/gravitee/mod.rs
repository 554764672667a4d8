//! The dialect of Gravitee APIM: its management API and the API of its portal (portal.md §3).

pub mod answer;
pub mod application;
pub mod body;
pub mod caller;
pub mod catalog;
pub mod management;
pub mod openapi;
pub mod page;
pub mod portal;
pub mod refusal;
pub mod refused;
pub mod subscription;
pub mod voice;
pub mod wish;

use entity::id::{ApplicationId, ContractId};
use poem_openapi::OpenApi;
use uuid::Uuid;

use refusal::{About, Refusal};

/// All of it.
pub fn apis() -> impl OpenApi {
    (management::apis(), portal::apis())
}

/// The application that a path names.
///
/// # Errors
/// 404 for what is no identity.
fn application(named: &str) -> Result<ApplicationId, Refusal> {
    id(named, About::Application(named))
}

/// The subscription that a path names.
///
/// # Errors
/// 404 for what is no identity.
fn contract(named: &str) -> Result<ContractId, Refusal> {
    id(named, About::Subscription(named))
}

/// The identity in a path; what is none names nothing.
///
/// # Errors
/// 404.
fn id<T: From<Uuid>>(named: &str, about: About<'_>) -> Result<T, Refusal> {
    Uuid::try_parse(named).map(T::from).map_err(|_| Refusal::not_found(about))
}

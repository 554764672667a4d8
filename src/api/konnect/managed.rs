//! What do those who decide see of applications and registrations, in Konnect's words? (portal.md N27)

use std::collections::BTreeMap;

use poem_openapi::Object;

use super::shape::{AuthStrategy, api_name, status};
use crate::clock::rfc3339;
use crate::oidc::client::record::Client;
use crate::oidc::tenant::Tenant;
use crate::portal::application;
use crate::portal::contract::Contract;

/// An application, for those who decide.
#[derive(Debug, Object)]
pub struct ManagedApplication {
    /// Identity.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// What it is called elsewhere; absent if nothing was said.
    #[oai(skip_serializing_if_is_none)]
    pub reference_id: Option<String>,
    /// The identifier of its client; empty if that was removed.
    pub client_id: String,
    /// How many registrations it has.
    pub registration_count: i64,
    /// Always `null`: applications are registered here.
    pub dcr_provider: Option<Reference>,
    /// The portal.
    pub portal: Reference,
    /// How it proves who it is.
    pub auth_strategy: AuthStrategy,
    /// The scopes of the APIs it is registered for; `null` in lists.
    pub granted_scopes: Option<Vec<String>>,
    /// Who answers for it; absent if nobody does.
    #[oai(skip_serializing_if_is_none)]
    pub owner: Option<Owner>,
    /// Always empty.
    pub labels: BTreeMap<String, String>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// Something else, by its identity.
#[derive(Debug, Object)]
pub struct Reference {
    /// Identity.
    pub id: String,
}

/// Who answers for an application.
#[derive(Debug, Object)]
#[oai(rename = "ApplicationOwner")]
pub struct Owner {
    /// `developer`.
    #[oai(rename = "type")]
    pub kind: String,
    /// Identity.
    pub id: String,
}

/// A registration, for those who decide.
#[derive(Debug, Object)]
pub struct ApplicationRegistration {
    /// Identity.
    pub id: String,
    /// `approved`, `pending`, `rejected` or `revoked`.
    pub status: String,
    /// The application.
    pub application: Named,
    /// The API.
    pub api: NamedApi,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// Something else, with its name.
#[derive(Debug, Object)]
pub struct Named {
    /// Identity.
    pub id: String,
    /// Name.
    pub name: String,
}

/// An API, with its name.
#[derive(Debug, Object)]
pub struct NamedApi {
    /// Identity.
    pub id: String,
    /// Name.
    pub name: String,
    /// Always `null`.
    pub version: Option<String>,
    /// `api`.
    pub entity_type: String,
}

impl ManagedApplication {
    /// What is told of an application. `client` is its first one.
    pub fn of(
        tenant: &Tenant,
        application: &application::Application,
        client: Option<&Client>,
        registrations: Option<i64>,
    ) -> Self {
        let row = &application.row;
        let owner = |id: &entity::id::UserId| Owner { kind: "developer".to_owned(), id: id.to_string() };
        Self {
            id: row.id.to_string(),
            name: row.name.clone(),
            description: row.description.clone(),
            reference_id: row.custom_id.clone(),
            client_id: client.map(|client| client.client_id().to_owned()).unwrap_or_default(),
            registration_count: registrations.unwrap_or_default(),
            dcr_provider: None,
            portal: Reference { id: tenant.id.to_string() },
            auth_strategy: AuthStrategy::of(tenant),
            granted_scopes: None,
            owner: row.primary_owner_id.as_ref().map(owner),
            labels: BTreeMap::new(),
            created_at: rfc3339(row.created_at),
            updated_at: rfc3339(row.updated_at),
        }
    }
}

impl From<Contract> for ApplicationRegistration {
    fn from(contract: Contract) -> Self {
        let api = NamedApi {
            id: contract.service.id.to_string(),
            name: api_name(&contract).to_owned(),
            version: None,
            entity_type: "api".to_owned(),
        };
        Self {
            id: contract.row.id.to_string(),
            status: status(contract.state()).to_owned(),
            application: Named { id: contract.application.id.to_string(), name: contract.application.name },
            api,
            created_at: rfc3339(contract.row.created_at),
            updated_at: rfc3339(contract.row.updated_at),
        }
    }
}

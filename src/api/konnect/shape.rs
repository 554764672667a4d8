//! What do applications, registrations and services look like in Konnect's words? (portal.md N25 to N27)

use entity::contract::ContractState;
use poem_openapi::Object;
use uuid::Uuid;

use crate::clock::{Seconds, rfc3339};
use crate::oidc::client::record::Client;
use crate::oidc::tenant::Tenant;
use crate::portal::application;
use crate::portal::client::{NewSecret, SECRETS_MAX, SecretInfo};
use crate::portal::contract::Contract;
use crate::portal::service::Shown;

/// An application of a developer.
#[derive(Debug, Object)]
pub struct Application {
    /// Identity.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// What it is called elsewhere; absent if nothing was said.
    #[oai(skip_serializing_if_is_none)]
    pub reference_id: Option<String>,
    /// The identifier of its client; absent if that was removed.
    #[oai(skip_serializing_if_is_none)]
    pub client_id: Option<String>,
    /// The secret of its client: only in the answer to its creation.
    #[oai(skip_serializing_if_is_none)]
    pub client_secret: Option<String>,
    /// Where authorization answers may go.
    pub redirect_uri: Option<String>,
    /// How it proves who it is.
    pub auth_strategy: AuthStrategy,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// How applications prove who they are: in the one way this server has (portal.md N30).
#[derive(Debug, Object)]
pub struct AuthStrategy {
    /// Identity.
    pub id: String,
    /// Name.
    pub name: String,
    /// `client_credentials`: with an identifier and a secret.
    pub credential_type: String,
    /// How requests to an API are authenticated.
    pub auth_methods: Vec<String>,
    /// An application may have several secrets.
    pub supports_multiple_credentials: bool,
    /// It has at least so many.
    pub min_allowed_credentials: u32,
    /// It has at most so many.
    pub max_allowed_credentials: u32,
}

/// A registration of an application for an API.
#[derive(Debug, Object)]
pub struct Registration {
    /// Identity.
    pub id: String,
    /// `approved`, `pending`, `rejected` or `revoked`.
    pub status: String,
    /// The application.
    pub application_id: String,
    /// The API.
    pub api_id: String,
    /// Its name.
    pub api_name: String,
    /// Its name in paths.
    pub api_slug: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// A secret of an application.
#[derive(Debug, Object)]
pub struct Credential {
    /// `client_secret`.
    #[oai(rename = "type")]
    pub kind: String,
    /// Identity.
    pub id: String,
    /// What it is for.
    pub display_name: Option<String>,
    /// The identifier it belongs to.
    pub client_id: String,
    /// Its value: only in the answer to its creation.
    #[oai(skip_serializing_if_is_none)]
    pub client_secret: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; `null`: never.
    pub expires_at: Option<String>,
}

/// An API of the catalog.
#[derive(Debug, Object)]
pub struct Api {
    /// Identity.
    pub id: String,
    /// Name.
    pub name: String,
    /// Its name in paths.
    pub slug: String,
    /// What it is.
    pub description: Option<String>,
    /// Always `null`: an API here has no versions.
    pub version: Option<String>,
    /// `private`: for developers who signed in.
    pub visibility: String,
    /// How applications that are registered for it prove who they are; empty: none can be.
    pub auth_strategies: Vec<AuthStrategy>,
    /// How an application is registered for it; `null`: not at all.
    pub registration: Option<RegistrationPolicy>,
    /// What one may ask for.
    pub scopes: Vec<String>,
    /// What tokens for it name as their audience.
    pub audience: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// How an application is registered for an API.
#[derive(Debug, Object)]
pub struct RegistrationPolicy {
    /// Nobody has to approve.
    pub auto_approve: bool,
    /// How tokens are got.
    pub grant_types: Vec<String>,
}

impl Application {
    /// What is told of an application. `client` is its first one.
    pub fn of(tenant: &Tenant, application: &application::Application, client: Option<&Client>) -> Self {
        let row = &application.row;
        Self {
            id: row.id.to_string(),
            name: row.name.clone(),
            description: row.description.clone(),
            reference_id: row.custom_id.clone(),
            client_id: client.map(|client| client.client_id().to_owned()),
            client_secret: None,
            redirect_uri: client.and_then(|client| client.metadata.redirect_uris().first().cloned()),
            auth_strategy: AuthStrategy::of(tenant),
            created_at: rfc3339(row.created_at),
            updated_at: rfc3339(row.updated_at),
        }
    }
}

impl AuthStrategy {
    /// The one of this tenant.
    pub fn of(tenant: &Tenant) -> Self {
        Self {
            id: tenant.id.to_string(),
            name: tenant.name.clone(),
            credential_type: "client_credentials".to_owned(),
            auth_methods: vec!["bearer".to_owned()],
            supports_multiple_credentials: true,
            min_allowed_credentials: 1,
            max_allowed_credentials: u32::try_from(SECRETS_MAX).unwrap_or(u32::MAX),
        }
    }
}

impl From<Contract> for Registration {
    fn from(contract: Contract) -> Self {
        Self {
            id: contract.row.id.to_string(),
            status: status(contract.state()).to_owned(),
            application_id: contract.application.id.to_string(),
            api_id: contract.service.id.to_string(),
            api_name: api_name(&contract).to_owned(),
            created_at: rfc3339(contract.row.created_at),
            updated_at: rfc3339(contract.row.updated_at),
            api_slug: contract.service.name,
        }
    }
}

/// What the API of a contract is called.
pub fn api_name(contract: &Contract) -> &str {
    contract.service.display_name.as_deref().unwrap_or(&contract.service.name)
}

/// How Konnect calls a state; one that is closed is told to nobody.
pub fn status(state: ContractState) -> &'static str {
    match state {
        ContractState::Approved => "approved",
        ContractState::Pending => "pending",
        ContractState::Rejected => "rejected",
        ContractState::Revoked | ContractState::Closed => "revoked",
    }
}

/// The states Konnect knows, in its words (portal.md N17).
pub const STATUSES: [&str; 4] = ["approved", "pending", "rejected", "revoked"];

/// The state a word means.
pub fn state(status: &str) -> Option<ContractState> {
    Some(match status {
        "approved" => ContractState::Approved,
        "pending" => ContractState::Pending,
        "rejected" => ContractState::Rejected,
        "revoked" => ContractState::Revoked,
        _ => return None,
    })
}

impl Credential {
    /// What lists tell of a secret.
    pub fn of(client_id: &str, info: &SecretInfo) -> Self {
        Self {
            kind: "client_secret".to_owned(),
            id: info.id.to_string(),
            display_name: info.name.clone(),
            client_id: client_id.to_owned(),
            client_secret: None,
            created_at: rfc3339(info.created_at),
            expires_at: ends(info.expires_at),
        }
    }

    /// What the one who made a secret is told.
    pub fn new(client_id: &str, secret: &NewSecret) -> Self {
        Self { client_secret: Some(secret.value.expose().to_owned()), ..Self::of(client_id, &secret.info) }
    }
}

fn ends(at: Seconds) -> Option<String> {
    (at != 0).then(|| rfc3339(at))
}

impl Api {
    /// What is told of a service. Where the tenant approves everything, nothing else decides (portal.md N21).
    pub fn of(tenant: &Tenant, service: Shown) -> Self {
        let overridden = tenant.settings.auto_approve.contracts;
        let registration = service.registration.as_ref().map(|registration| {
            let flows = [
                (registration.authorization_code, "authorization_code"),
                (registration.client_credentials, "client_credentials"),
                (registration.implicit_grant, "implicit"),
                (registration.password_grant, "password"),
            ];
            RegistrationPolicy {
                auto_approve: overridden || registration.auto_approve,
                grant_types: flows.into_iter().filter(|(on, _)| *on).map(|(_, word)| word.to_owned()).collect(),
            }
        });
        Self {
            id: service.id.to_string(),
            name: service.title,
            slug: service.name,
            description: service.description,
            version: None,
            visibility: "private".to_owned(),
            auth_strategies: registration.iter().map(|_| AuthStrategy::of(tenant)).collect(),
            registration,
            scopes: service.scopes.into_iter().map(|scope| scope.value).collect(),
            audience: service.audience,
            created_at: rfc3339(service.created_at),
            updated_at: rfc3339(service.updated_at),
        }
    }
}

/// The identity in a path; what is none names nothing.
pub fn id<T: From<Uuid>>(text: &str) -> Option<T> {
    Uuid::try_parse(text).ok().map(T::from)
}

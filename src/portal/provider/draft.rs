//! What does an admin say of a provider, and how does it become a row?

use std::collections::BTreeMap;

use entity::id::ProviderId;
use entity::provider::{Model, Place, TicketFrom};
use entity::word::Words;
use serde_json::json;

use super::discovery::Metadata;
use super::store::{open, seal};
use super::tls::{self, Store, Stores};
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::outbound::Tls;
use crate::portal::Error;
use crate::secret::Secret;

/// A provider to be set up.
pub type New = Draft<Stores>;

/// All that an admin says of a provider.
#[derive(Clone, Debug)]
pub struct Draft<T = Tls> {
    /// Name shown to people: 3 to 100 characters, unique in the tenant.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// The address of its metadata.
    pub discovery_endpoint: String,
    /// Where the initial access token comes from.
    pub ticket_from: TicketFrom,
    /// The client it knows us as.
    pub client_id: Option<String>,
    /// That client's secret.
    pub client_secret: Option<Secret>,
    /// The scopes we ask for with client credentials (D-21).
    pub scopes: Vec<String>,
    /// The initial access token an admin entered.
    pub initial_access_token: Option<Secret>,
    /// The template there that our clients follow.
    pub software_id: Option<String>,
    /// Whether secrets can be renewed there.
    pub renew_secret: bool,
    /// Where.
    pub renew_secret_endpoint: Option<String>,
    /// By which method.
    pub renew_secret_method: Option<String>,
    /// Which of an application's additional metadata goes into which member.
    pub claim_mappings: BTreeMap<String, String>,
    /// Origins other than its own that its metadata may send us to.
    pub endpoints_elsewhere: Vec<String>,
    /// Whom we believe there, and who we are.
    pub tls: T,
}

/// What is to change; `None` stays. The inner `None` of the others clears them.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// See [`Draft`], and so on.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<Option<String>>,
    /// The address of its metadata.
    pub discovery_endpoint: Option<String>,
    /// Where the initial access token comes from.
    pub ticket_from: Option<TicketFrom>,
    /// The client it knows us as.
    pub client_id: Option<Option<String>>,
    /// That client's secret.
    pub client_secret: Option<Option<Secret>>,
    /// The scopes we ask for.
    pub scopes: Option<Vec<String>>,
    /// The initial access token an admin entered.
    pub initial_access_token: Option<Option<Secret>>,
    /// The template there.
    pub software_id: Option<Option<String>>,
    /// Whether secrets can be renewed there.
    pub renew_secret: Option<bool>,
    /// Where.
    pub renew_secret_endpoint: Option<Option<String>>,
    /// By which method.
    pub renew_secret_method: Option<Option<String>>,
    /// Which additional metadata goes into which member.
    pub claim_mappings: Option<BTreeMap<String, String>>,
    /// Origins other than its own.
    pub endpoints_elsewhere: Option<Vec<String>>,
    /// Whom we believe there.
    pub trust_store: Option<Option<Store>>,
    /// Who we are.
    pub key_store: Option<Option<Store>>,
    /// The version that was read; `None`: whichever it is.
    pub version: Option<i64>,
}

impl Draft {
    /// What is stored of a provider, opened.
    pub(super) fn of(app: &App, row: &Model) -> Result<Self, Error> {
        let sealed = |what: &str, sealed: &Option<String>| open(app, row.id, what, sealed.as_deref());
        Ok(Self {
            name: row.name.clone(),
            description: row.description.clone(),
            discovery_endpoint: row.discovery_endpoint.clone(),
            ticket_from: row.ticket_from,
            client_id: row.client_id.clone(),
            client_secret: sealed("client_secret", &row.client_secret_sealed),
            scopes: row.scopes.as_slice().to_vec(),
            initial_access_token: sealed("initial_access_token", &row.initial_access_token_sealed),
            software_id: row.software_id.clone(),
            renew_secret: row.renew_secret,
            renew_secret_endpoint: row.renew_secret_endpoint.clone(),
            renew_secret_method: row.renew_secret_method.clone(),
            claim_mappings: serde_json::from_value(row.claim_mappings.clone()).map_err(Error::internal)?,
            endpoints_elsewhere: row.endpoints_elsewhere.as_slice().to_vec(),
            tls: tls::of(app, row)?,
        })
    }

    pub(super) fn changed(self, change: Change) -> Result<Self, Error> {
        let stores = Stores { trust: change.trust_store.clone().flatten(), key: change.key_store.clone().flatten() };
        let read = stores.read()?;
        let tls = Tls {
            trust: if change.trust_store.is_some() { read.trust } else { self.tls.trust },
            identity: if change.key_store.is_some() { read.identity } else { self.tls.identity },
        };
        Ok(Self {
            name: change.name.unwrap_or(self.name),
            description: change.description.unwrap_or(self.description),
            discovery_endpoint: change.discovery_endpoint.unwrap_or(self.discovery_endpoint),
            ticket_from: change.ticket_from.unwrap_or(self.ticket_from),
            client_id: change.client_id.unwrap_or(self.client_id),
            client_secret: change.client_secret.unwrap_or(self.client_secret),
            scopes: change.scopes.unwrap_or(self.scopes),
            initial_access_token: change.initial_access_token.unwrap_or(self.initial_access_token),
            software_id: change.software_id.unwrap_or(self.software_id),
            renew_secret: change.renew_secret.unwrap_or(self.renew_secret),
            renew_secret_endpoint: change.renew_secret_endpoint.unwrap_or(self.renew_secret_endpoint),
            renew_secret_method: change.renew_secret_method.unwrap_or(self.renew_secret_method),
            claim_mappings: change.claim_mappings.unwrap_or(self.claim_mappings),
            endpoints_elsewhere: change.endpoints_elsewhere.unwrap_or(self.endpoints_elsewhere),
            tls,
        })
    }

    /// The row, with what the provider said.
    pub(super) fn row(self, app: &App, tenant: &Tenant, id: ProviderId, metadata: &Metadata) -> Result<Model, Error> {
        let now = app.clock.now();
        let sealed = |what: &str, value: &Option<Secret>| value.as_ref().map(|value| seal(app, id, what, value));
        Ok(Model {
            id,
            tenant_id: tenant.id,
            name: self.name.trim().to_owned(),
            description: self.description,
            place: Place::Elsewhere,
            default_key: None,
            discovery_endpoint: self.discovery_endpoint,
            ticket_from: self.ticket_from,
            client_id: self.client_id,
            client_secret_sealed: sealed("client_secret", &self.client_secret),
            scopes: Words::new(self.scopes),
            initial_access_token_sealed: sealed("initial_access_token", &self.initial_access_token),
            software_id: self.software_id.filter(|id| !id.is_empty()),
            renew_secret: self.renew_secret,
            renew_secret_endpoint: self.renew_secret_endpoint,
            renew_secret_method: self.renew_secret_method,
            claim_mappings: json!(self.claim_mappings),
            endpoints_elsewhere: Words::new(self.endpoints_elsewhere),
            tls_sealed: tls::seal(app, id, &self.tls)?,
            metadata: serde_json::to_value(metadata).map_err(Error::internal)?,
            metadata_at: now,
            failed_at: None,
            failure: None,
            failures: 0,
            paused_until: None,
            version: 0,
            created_at: now,
            updated_at: now,
        })
    }
}

impl<T> Draft<T> {
    /// The same with another kind of `tls`.
    pub(super) fn with<U>(self, tls: U) -> Draft<U> {
        Draft {
            name: self.name,
            description: self.description,
            discovery_endpoint: self.discovery_endpoint,
            ticket_from: self.ticket_from,
            client_id: self.client_id,
            client_secret: self.client_secret,
            scopes: self.scopes,
            initial_access_token: self.initial_access_token,
            software_id: self.software_id,
            renew_secret: self.renew_secret,
            renew_secret_endpoint: self.renew_secret_endpoint,
            renew_secret_method: self.renew_secret_method,
            claim_mappings: self.claim_mappings,
            endpoints_elsewhere: self.endpoints_elsewhere,
            tls,
        }
    }
}

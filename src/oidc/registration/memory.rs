//! What does registration remember between requests, so that one need not ask the database again?

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use entity::id::TenantId;

use super::open_clients::OpenClients;
use crate::app::App;
use crate::oidc::Error;
use crate::oidc::scope::OidcScope;
use crate::oidc::service::{self, Service};
use crate::oidc::tenant::Tenant;

/// What registration remembers.
#[derive(Debug, Default)]
pub struct Memory {
    /// How many clients registered without a token.
    pub(super) open_clients: OpenClients,
    /// The scopes of each tenant, and the services they were gathered from.
    scopes: Mutex<HashMap<TenantId, Gathered>>,
}

#[derive(Clone, Debug)]
struct Gathered {
    services: Arc<Vec<Service>>,
    scopes: Arc<BTreeSet<String>>,
}

impl Memory {
    /// Every scope a client of this tenant may register: those of OpenID Connect and of its enabled services. The scopes
    /// that let a client register others are not among them (s.R30).
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub(super) async fn scopes(&self, app: &App, tenant: &Tenant) -> Result<Arc<BTreeSet<String>>, Error> {
        let services = service::all(app, tenant).await?;
        let mut kept = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(&tenant.id)
            && Arc::ptr_eq(&known.services, &services)
        {
            return Ok(known.scopes.clone());
        }
        let of_services = services.iter().filter(|service| service.row.enabled).flat_map(|service| &service.scopes);
        let scopes: BTreeSet<String> = OidcScope::ALL
            .iter()
            .map(|scope| scope.as_str().to_owned())
            .chain(of_services.map(|scope| scope.value.clone()))
            .filter(|scope| !crate::oidc::scope::REGISTRATION_SCOPES.contains(&scope.as_str()))
            .collect();
        let scopes = Arc::new(scopes);
        kept.insert(tenant.id, Gathered { services, scopes: scopes.clone() });
        Ok(scopes)
    }
}

//! How does a request get through login and consent without a row? (E14)
//!
//! Sealed, in the addresses and forms of our pages. It is bound to the browser that brought it: the copy of such an
//! address is nothing in another browser (s.A25), and what stands in it cannot be edited (s.A28).

use serde::{Deserialize, Serialize};

use super::AuthorizationRequest;
use super::next_step::Facts;
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::tenant::Tenant;
use crate::secret::{Purpose, Secret};

/// How long a person may take, in seconds.
pub const LIFETIME: Seconds = 3600;

/// Longer ones are not opened.
const SEALED_BYTES_MAX: usize = 15 * 1024;

/// A request on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFlight {
    /// What the client asked for.
    #[serde(rename = "r")]
    pub request: AuthorizationRequest,
    /// What happened since.
    #[serde(rename = "f", default)]
    pub facts: Facts,
    /// When it came, seconds since 1970.
    #[serde(rename = "t")]
    began_at: Seconds,
    /// The digest of its browser's identifier. A request that was posted from another site comes without the cookies of
    /// its browser, and has none until the next step.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    browser: Option<String>,
}

impl InFlight {
    /// A request that has just come, from this browser.
    pub fn begin(app: &App, request: AuthorizationRequest, browser: &Secret) -> Self {
        Self { browser: Some(browser.hash().into()), ..Self::posted(app, request) }
    }

    /// A request that has just come, from whatever browser.
    pub fn posted(app: &App, request: AuthorizationRequest) -> Self {
        Self { request, facts: Facts::default(), began_at: app.clock.now(), browser: None }
    }

    /// Seals it for the browser to carry.
    pub fn seal(&self, app: &App, tenant: &Tenant) -> String {
        // A struct of strings and numbers always serialises.
        let plain = serde_json::to_vec(self).unwrap_or_default();
        app.sealer.seal_text(Purpose::AuthorizationRequest, tenant.id.0.as_bytes(), &plain)
    }

    /// Opens what a browser brings back. `None` for what this tenant did not seal, what is older than [`LIFETIME`], and
    /// what another browser began.
    pub fn open(app: &App, tenant: &Tenant, sealed: &str, browser: Option<&Secret>) -> Option<Self> {
        let in_flight = Self::unseal(app, tenant, sealed)?;
        let own = browser?.hash();
        in_flight.browser.as_ref().is_some_and(|bound| own.matches(bound)).then_some(in_flight)
    }

    /// As [`InFlight::open`]; a posted request, which no browser has begun, becomes this one's. Nothing has happened to
    /// it yet, so it is worth no more than the address of the authorization endpoint.
    pub fn adopt(app: &App, tenant: &Tenant, sealed: &str, browser: &Secret) -> Option<Self> {
        let in_flight = Self::unseal(app, tenant, sealed)?;
        match &in_flight.browser {
            Some(bound) => browser.hash().matches(bound).then_some(in_flight),
            None => Some(Self { browser: Some(browser.hash().into()), facts: Facts::default(), ..in_flight }),
        }
    }

    fn unseal(app: &App, tenant: &Tenant, sealed: &str) -> Option<Self> {
        if sealed.len() > SEALED_BYTES_MAX {
            return None;
        }
        let plain = app.sealer.open_text(Purpose::AuthorizationRequest, tenant.id.0.as_bytes(), sealed).ok()?;
        let in_flight: Self = serde_json::from_slice(&plain).ok()?;
        (app.clock.now() - in_flight.began_at < LIFETIME).then_some(in_flight)
    }

    /// The same request, and one fact more.
    #[must_use]
    pub fn with(mut self, record: impl FnOnce(&mut Facts)) -> Self {
        record(&mut self.facts);
        self
    }
}

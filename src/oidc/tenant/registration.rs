//! How may applications register themselves, as far as a tenant's admins say? (portal.md §8.3, G50)

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::app::App;

/// How applications may register themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistrationSettings {
    /// Without any token.
    pub open: bool,
    /// With an initial access token, or an access token with the scope `dcr` or `dcr_admin`.
    pub with_token: bool,
    /// The profile of new clients; `None`: the configured one.
    pub profile: Option<String>,
    /// Clients that registered without a token get a registration access token; `None`: as the profile says.
    pub open_management: Option<bool>,
    /// Clients follow the template that their `software_id` names.
    pub templates: bool,
    /// They must follow one (portal.md D-15).
    pub templates_required: bool,
    /// The scopes that those who register themselves may have; `None`: whichever the tenant has.
    pub allowed_scopes: Option<Vec<String>>,
    /// The scopes of those who ask for none they may have.
    pub default_scopes: Vec<String>,
    /// Answers may go to the person's own machine.
    pub allow_localhost: bool,
    /// Answers may go over `http` to other machines.
    pub allow_http: bool,
    /// Answers may go to private-use schemes (RFC 8252 §7.1).
    pub allow_custom_scheme: bool,
    /// Applications made in the portal are registered at the default provider, where that is another server (portal.md
    /// G4).
    pub portal: bool,
    /// How many may register without a token in a second; 0: no limit of that kind. `None`: as configured.
    pub rate_per_second: Option<u32>,
}

impl Default for RegistrationSettings {
    fn default() -> Self {
        Self {
            open: false,
            with_token: true,
            profile: None,
            open_management: None,
            templates: true,
            templates_required: false,
            allowed_scopes: None,
            default_scopes: Vec::new(),
            allow_localhost: true,
            allow_http: false,
            allow_custom_scheme: true,
            portal: false,
            rate_per_second: None,
        }
    }
}

impl RegistrationSettings {
    /// Whether any way in is open: discovery names the endpoint if and only if.
    pub fn any(&self) -> bool {
        self.open || self.with_token
    }

    /// Whether those with a token may ask for templates: discovery names the endpoint if and only if.
    pub fn tells_templates(&self) -> bool {
        self.with_token && self.templates
    }

    /// How many may register without a token in a second (portal.md A35); `None`: no limit of that kind.
    pub fn rate(&self, app: &App) -> Option<NonZeroU32> {
        self.rate_per_second.map_or(app.config.registration.rate_per_second, NonZeroU32::new)
    }
}

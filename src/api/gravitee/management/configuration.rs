//! `settings` and `configuration/applications/types`: which applications may consumers register? (portal.md G53, G54)

use poem_openapi::{Object, OpenApi};
use serde_json::{Map, Value, json};

use crate::api::gravitee::answer::Told;
use crate::api::gravitee::body::{Fields, Sent};
use crate::api::gravitee::caller::{Caller, ConsoleCaller};
use crate::api::gravitee::refusal::Refusal;
use crate::api::gravitee::refused::Refused;
use crate::api::gravitee::voice::{Management, Part};
use crate::oidc::tenant::Settings;
use crate::portal::application_type::{Allowed, Type};
use crate::portal::{Action, application_type, settings};

/// Settings and types.
#[derive(Debug)]
pub struct ConfigurationApi;

/// What an environment is set to.
#[derive(Debug, Object)]
#[oai(rename = "PortalSettingsEntity")]
pub struct PortalSettings {
    /// About applications.
    application: OfApplications,
}

/// What is set about applications.
#[derive(Debug, Object)]
#[oai(rename = "PortalApplicationSettings")]
pub struct OfApplications {
    /// Whether they are registered at a provider.
    registration: Switch,
    /// Which types there may be.
    types: Types,
}

/// On or off.
#[derive(Debug, Object)]
#[oai(rename = "Enabled")]
pub struct Switch {
    /// On.
    enabled: bool,
}

/// Which types there may be.
#[derive(Debug, Object)]
#[oai(rename = "ApplicationTypes")]
pub struct Types {
    /// Those that are registered nowhere.
    simple: Switch,
    /// In browsers alone.
    browser: Switch,
    /// On a server, with people in browsers.
    web: Switch,
    /// On people's devices.
    native: Switch,
    /// On a server, without people.
    backend_to_backend: Switch,
}

/// What is to be set; what is not sent stays.
#[derive(Debug, Object)]
#[oai(rename = "PortalSettingsInput", skip_serializing_if_is_none)]
struct WishDocument {
    /// About applications, as it is told.
    application: Option<OfApplications>,
}

/// A type of applications.
#[derive(Debug, Object)]
pub struct ApplicationType {
    /// How it is called in requests.
    id: String,
    /// Name shown to people.
    name: String,
    /// What it is for.
    description: String,
    /// Whether it has to say where authorization answers go.
    requires_redirect_uris: bool,
    /// How it may ask for tokens.
    allowed_grant_types: Vec<ApplicationGrantType>,
    /// What is proposed.
    default_grant_types: Vec<ApplicationGrantType>,
    /// What it has in any case.
    mandatory_grant_types: Vec<ApplicationGrantType>,
}

/// A way to ask for tokens.
#[derive(Debug, Object)]
pub struct ApplicationGrantType {
    /// How it is called in requests.
    #[oai(rename = "type")]
    kind: String,
    /// Name shown to people.
    name: String,
    /// The response types that come with it.
    response_types: Vec<String>,
}

#[OpenApi(prefix_path = "/management/organizations/:organizationId/environments/:envId", tag = "Part::Configuration")]
impl ConfigurationApi {
    /// Read the settings of the environment.
    #[oai(path = "/settings", method = "get", operation_id = "get_portal_settings")]
    async fn settings(&self, caller: ConsoleCaller) -> Result<Told<PortalSettings>, Refused<Management>> {
        let shown = settings::read(&caller.app, &caller.tenant, &caller.actor).await?;
        Ok(Told((&shown.settings).into()))
    }

    /// Save settings of the environment.
    ///
    /// What is not sent stays.
    #[oai(path = "/settings", method = "post", operation_id = "save_portal_settings")]
    async fn save(
        &self,
        caller: ConsoleCaller,
        body: Sent<WishDocument>,
    ) -> Result<Told<PortalSettings>, Refused<Management>> {
        caller.actor.may(Action::WriteSettings)?;
        let patch = patch(body.fields()?)?;
        let shown = settings::patch(&caller.app, &caller.tenant, &caller.actor, &patch).await?;
        Ok(Told((&shown.settings).into()))
    }

    /// List the types of applications there may be.
    #[oai(path = "/configuration/applications/types", method = "get", operation_id = "get_application_types")]
    async fn types(&self, caller: ConsoleCaller) -> Result<Told<Vec<ApplicationType>>, Refused<Management>> {
        Ok(Told(enabled(&caller)?))
    }
}

/// The types of which consumers can register applications: without a provider, simple ones alone.
///
/// # Errors
/// 403.
pub fn enabled<V>(caller: &Caller<V>) -> Result<Vec<ApplicationType>, Refusal> {
    caller.actor.may(Action::ReadOwn)?;
    Ok(application_type::offered_by_providers(&caller.tenant).map(ApplicationType::from).collect())
}

/// The settings that are to change, in the words of the rules.
fn patch(mut fields: Fields) -> Result<Value, Refusal> {
    let mut patch = Map::new();
    if let Some(mut application) = fields.inner("application") {
        if let Some(mut registration) = application.inner("registration") {
            if let Some(enabled) = registration.flag("enabled") {
                patch.insert("registration".to_owned(), json!({ "portal": enabled }));
            }
            application.join(registration);
        }
        if let Some(mut types) = application.inner("types") {
            let mut switches = Map::new();
            for kind in Type::ALL {
                let Some(mut switch) = types.inner(kind.id()) else { continue };
                if let Some(enabled) = switch.flag("enabled") {
                    switches.insert(kind.id().to_owned(), enabled.into());
                }
                types.join(switch);
            }
            patch.insert("types".to_owned(), switches.into());
            application.join(types);
        }
        fields.join(application);
    }
    fields.done()?;
    Ok(patch.into())
}

impl From<&Settings> for PortalSettings {
    fn from(settings: &Settings) -> Self {
        let switch = |enabled| Switch { enabled };
        let types = Types {
            simple: switch(settings.types.simple),
            browser: switch(settings.types.browser),
            web: switch(settings.types.web),
            native: switch(settings.types.native),
            backend_to_backend: switch(settings.types.backend_to_backend),
        };
        Self { application: OfApplications { registration: switch(settings.registration.portal), types } }
    }
}

impl From<Type> for ApplicationType {
    fn from(kind: Type) -> Self {
        let definition = kind.definition();
        let of = |grants: &[crate::oidc::client::GrantType]| {
            let known = definition.allowed.iter().filter(|allowed| grants.contains(&allowed.grant));
            known.map(ApplicationGrantType::from).collect()
        };
        Self {
            id: definition.id.to_owned(),
            name: definition.name.to_owned(),
            description: definition.description.to_owned(),
            requires_redirect_uris: definition.requires_redirect_uris,
            allowed_grant_types: definition.allowed.iter().map(ApplicationGrantType::from).collect(),
            default_grant_types: of(definition.default),
            mandatory_grant_types: of(definition.mandatory),
        }
    }
}

impl From<&Allowed> for ApplicationGrantType {
    fn from(allowed: &Allowed) -> Self {
        Self {
            kind: allowed.grant.as_str().to_owned(),
            name: allowed.name.to_owned(),
            response_types: allowed.response_types.iter().map(|word| (*word).to_owned()).collect(),
        }
    }
}

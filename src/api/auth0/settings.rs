//! `/tenants/settings`: what a tenant's admins may change (portal.md A4, A5, A26, A27).

pub mod words;

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

use super::Part;
use super::answer::Told;
use super::body::Body;
use super::caller::{Caller, Need};
use super::error::{Refused, Thing};
use super::page::Fields;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Action, settings};

const READ: Need = Need { action: Action::ReadSettings, scopes: &["read:tenant_settings", "update:tenant_settings"] };
const UPDATE: Need = Need { action: Action::WriteSettings, scopes: &["update:tenant_settings"] };

/// How the rules' words for settings are spelled here.
const SETTINGS: Thing = Thing {
    name: "tenant",
    code: "tenant",
    fields: &[
        ("name", "friendly_name"),
        ("registration.profile", "dynamic_client_registration_security_mode"),
        ("session.idle_hours", "idle_session_lifetime"),
        ("session.max_hours", "session_lifetime"),
        ("about.support_email", "support_email"),
        ("about.support_url", "support_url"),
        ("kept", ""),
    ],
};

/// The settings of the tenant. What is not listed here is stored and read back as it was sent, if it is a setting Auth0
/// has.
#[derive(Debug, Object)]
#[oai(rename = "TenantSettings")]
pub struct SettingsDocument {
    /// `enable_dynamic_client_registration` lets anybody register applications, without a token.
    /// `use_scope_descriptions_for_consent` shows people the descriptions of scopes. `revoke_refresh_token_grant` ends the
    /// consent when a refresh token is revoked. Others are stored.
    flags: Option<Value>,
    /// The name of the tenant.
    friendly_name: Option<String>,
    /// Whom people write to.
    support_email: Option<String>,
    /// Where people read more.
    support_url: Option<String>,
    /// The audience of tokens whose request names none; empty: none.
    default_audience: Option<String>,
    /// Hours people stay signed in, in any case.
    session_lifetime: Option<u32>,
    /// Hours people stay signed in without doing anything.
    idle_session_lifetime: Option<u32>,
    /// `strict` or `permissive`: the rules for applications that register themselves from now on.
    dynamic_client_registration_security_mode: Option<String>,
}

/// The settings.
#[derive(Debug)]
pub struct SettingsApi;

#[OpenApi(prefix_path = "/tenants", tag = "Part::Tenants")]
impl SettingsApi {
    /// Read the settings.
    ///
    /// Needs `read:tenant_settings`.
    #[oai(path = "/settings", method = "get", operation_id = "get_settings")]
    async fn read(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// Only these members, separated by commas.
        fields: Query<Option<String>>,
        /// `false`: all but those.
        include_fields: Query<Option<bool>>,
    ) -> Result<Told<SettingsDocument>, Refused> {
        let actor = caller.with(&READ)?;
        let shown = settings::read(&app, &tenant, actor).await.map_err(Refused::about(&SETTINGS))?;
        let fields = Fields::read(fields.as_deref(), include_fields.0);
        Ok(fields.of(words::told(&app, &shown)).into())
    }

    /// Change settings.
    ///
    /// Needs `update:tenant_settings`. Members that are not sent stay, `flags` flag by flag; `null` goes back to the
    /// default. The answer is the whole of the settings.
    #[oai(path = "/settings", method = "patch", operation_id = "patch_settings")]
    async fn change(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        body: Body<SettingsDocument>,
    ) -> Result<Told<SettingsDocument>, Refused> {
        let actor = caller.with(&UPDATE)?;
        let (patch, said) = words::patch(body.members, &tenant.slug);
        if !said.is_empty() {
            let wrong = settings::complaints(&app, &tenant, &patch).await.map_err(Refused::about(&SETTINGS))?;
            return Err(Refused::together(&SETTINGS, said, &wrong));
        }
        let shown = settings::patch(&app, &tenant, actor, &patch).await.map_err(Refused::about(&SETTINGS))?;
        Ok(words::told(&app, &shown).into())
    }
}

//! How is a policy shown as a plugin? With exactly the keys of the plugin's documentation (portal.md §1.2, K24).

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::kept::Beside;
use super::{PluginName, PolicyValues};
use crate::secret::Secret;

/// A plugin to be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Plugin {
    /// Its id.
    pub id: Uuid,
    /// Under which name.
    pub name: PluginName,
    /// Seconds since 1970.
    pub created_at: i64,
    /// The service it is on.
    pub service: Uuid,
    /// Whether new registrations are taken.
    pub enabled: bool,
    /// What only a gateway understands.
    pub beside: Beside,
    /// Words to find it by.
    pub tags: Option<Vec<String>>,
    /// Its policy.
    pub policy: PolicyValues,
}

impl Plugin {
    /// The answer, its keys in the order of the documentation.
    pub fn answer(&self) -> PluginAnswer<'_> {
        let config = match self.name {
            PluginName::ApplicationRegistration => Config::Registration(registration(&self.policy)),
            PluginName::OAuth2 => Config::OAuth2(oauth2(&self.policy)),
        };
        PluginAnswer {
            created_at: self.created_at,
            config,
            id: self.id,
            service: Reference { id: self.service },
            name: self.name.as_str(),
            protocols: self.beside.protocols(),
            enabled: self.enabled,
            run_on: self.beside.run_on.as_deref(),
            consumer: (),
            route: (),
            tags: self.tags.as_deref(),
            instance_name: self.beside.instance_name.as_deref(),
        }
    }

    /// The answer as a value.
    pub fn value(&self) -> Value {
        serde_json::to_value(self.answer()).unwrap_or_default()
    }
}

/// A plugin as it is shown.
#[derive(Debug, Serialize)]
pub struct PluginAnswer<'a> {
    created_at: i64,
    config: Config<'a>,
    id: Uuid,
    service: Reference,
    name: &'static str,
    protocols: Vec<String>,
    enabled: bool,
    run_on: Option<&'a str>,
    consumer: (),
    route: (),
    tags: Option<&'a [String]>,
    /// Kong's later versions have it: told only to who sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_name: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Reference {
    id: Uuid,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Config<'a> {
    Registration(Registration<'a>),
    OAuth2(OAuth2<'a>),
}

#[derive(Debug, Serialize)]
struct Registration<'a> {
    refresh_token_ttl: i64,
    auto_approve: bool,
    provision_key: Option<&'a str>,
    mandatory_scope: bool,
    scopes: Option<&'a [String]>,
    enable_implicit_grant: bool,
    display_name: &'a str,
    enable_client_credentials: bool,
    description: Option<&'a str>,
    enable_password_grant: bool,
    enable_authorization_code: bool,
    token_expiration: i64,
    auth_header_name: &'a str,
    /// D-2: echoed only to who sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    show_issuer: Option<bool>,
}

fn registration(policy: &PolicyValues) -> Registration<'_> {
    Registration {
        refresh_token_ttl: policy.refresh_token_ttl,
        auto_approve: policy.auto_approve,
        provision_key: policy.provision_key.as_ref().map(Secret::expose),
        mandatory_scope: policy.mandatory_scope,
        scopes: policy.scopes.as_deref(),
        enable_implicit_grant: policy.enable_implicit_grant,
        display_name: &policy.display_name,
        enable_client_credentials: policy.enable_client_credentials,
        description: policy.description.as_deref(),
        enable_password_grant: policy.enable_password_grant,
        enable_authorization_code: policy.enable_authorization_code,
        token_expiration: policy.token_expiration,
        auth_header_name: &policy.auth_header_name,
        show_issuer: policy.show_issuer,
    }
}

#[derive(Debug, Serialize)]
struct OAuth2<'a> {
    scopes: Option<&'a [String]>,
    mandatory_scope: bool,
    provision_key: Option<&'a str>,
    token_expiration: i64,
    enable_authorization_code: bool,
    enable_implicit_grant: bool,
    enable_client_credentials: bool,
    enable_password_grant: bool,
    hide_credentials: bool,
    accept_http_if_already_terminated: bool,
    anonymous: (),
    global_credentials: bool,
    auth_header_name: &'a str,
    refresh_token_ttl: i64,
    reuse_refresh_token: bool,
    pkce: &'static str,
    realm: (),
}

fn oauth2(policy: &PolicyValues) -> OAuth2<'_> {
    OAuth2 {
        scopes: policy.scopes.as_deref(),
        mandatory_scope: policy.mandatory_scope,
        provision_key: policy.provision_key.as_ref().map(Secret::expose),
        token_expiration: policy.token_expiration,
        enable_authorization_code: policy.enable_authorization_code,
        enable_implicit_grant: policy.enable_implicit_grant,
        enable_client_credentials: policy.enable_client_credentials,
        enable_password_grant: policy.enable_password_grant,
        hide_credentials: false,
        accept_http_if_already_terminated: false,
        anonymous: (),
        global_credentials: true,
        auth_header_name: &policy.auth_header_name,
        refresh_token_ttl: policy.refresh_token_ttl,
        reuse_refresh_token: false,
        pkce: "lax",
        realm: (),
    }
}

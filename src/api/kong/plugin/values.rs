//! What does a `config` say of a policy, and what is the policy with it? (portal.md K9 to K21, K52)

use super::fields::{AUTH_HEADER_NAME, REFRESH_TOKEN_TTL, TOKEN_EXPIRATION};
use crate::api::kong::schema::{Checked, Complaints, Sent};
use crate::secret::Secret;

/// K47, in Kong's words and Kong's order.
const NO_FLOW: &str = "at least one of these fields must be true: enable_authorization_code, enable_implicit_grant, \
                       enable_client_credentials, enable_password_grant";
/// K48.
const CONDITIONAL: &str = "failed conditional validation given value of field 'mandatory_scope'";

/// What a `config` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyFields {
    /// The name of the service in the portal.
    pub display_name: Sent<String>,
    /// Shown with it.
    pub description: Sent<String>,
    /// New contracts skip the queue.
    pub auto_approve: Sent<bool>,
    /// The authorization code flow.
    pub enable_authorization_code: Sent<bool>,
    /// The client credentials flow.
    pub enable_client_credentials: Sent<bool>,
    /// The implicit flow.
    pub enable_implicit_grant: Sent<bool>,
    /// The password flow.
    pub enable_password_grant: Sent<bool>,
    /// The end user must authorize a scope.
    pub mandatory_scope: Sent<bool>,
    /// The header that carries the access token.
    pub auth_header_name: Sent<String>,
    /// What a site presents that vouches for its users.
    pub provision_key: Sent<Secret>,
    /// Seconds a refresh token lives; 0 for ever.
    pub refresh_token_ttl: Sent<i64>,
    /// Seconds a token lives; 0 for ever.
    pub token_expiration: Sent<i64>,
    /// The scopes, each element as it was given (D-25).
    pub scopes: Sent<Vec<String>>,
    /// Whether the issuer is shown.
    pub show_issuer: Sent<bool>,
}

impl PolicyFields {
    /// Takes them out of a checked `config`.
    pub fn take(config: &mut Checked) -> Self {
        Self {
            display_name: config.text("display_name"),
            description: config.text("description"),
            auto_approve: config.boolean("auto_approve"),
            enable_authorization_code: config.boolean("enable_authorization_code"),
            enable_client_credentials: config.boolean("enable_client_credentials"),
            enable_implicit_grant: config.boolean("enable_implicit_grant"),
            enable_password_grant: config.boolean("enable_password_grant"),
            mandatory_scope: config.boolean("mandatory_scope"),
            auth_header_name: config.text("auth_header_name"),
            provision_key: config.text("provision_key").map(Secret::from),
            refresh_token_ttl: config.integer("refresh_token_ttl"),
            token_expiration: config.integer("token_expiration"),
            scopes: config.words("scopes"),
            show_issuer: config.boolean("show_issuer"),
        }
    }

    /// The policy with this said over `before`: what was not said stays, lists are replaced (K52).
    pub fn over(self, before: PolicyValues) -> PolicyValues {
        PolicyValues {
            display_name: self.display_name.over_value(before.display_name),
            description: self.description.over(before.description),
            auto_approve: self.auto_approve.over_value(before.auto_approve),
            enable_authorization_code: self.enable_authorization_code.over_value(before.enable_authorization_code),
            enable_client_credentials: self.enable_client_credentials.over_value(before.enable_client_credentials),
            enable_implicit_grant: self.enable_implicit_grant.over_value(before.enable_implicit_grant),
            enable_password_grant: self.enable_password_grant.over_value(before.enable_password_grant),
            mandatory_scope: self.mandatory_scope.over_value(before.mandatory_scope),
            // A token must travel in some header.
            auth_header_name: self.auth_header_name.over_or(before.auth_header_name, AUTH_HEADER_NAME.to_owned()),
            provision_key: self.provision_key.over(before.provision_key),
            refresh_token_ttl: self.refresh_token_ttl.over_value(before.refresh_token_ttl),
            token_expiration: self.token_expiration.over_value(before.token_expiration),
            scopes: self.scopes.over(before.scopes),
            show_issuer: self.show_issuer.over(before.show_issuer),
        }
    }
}

/// A whole policy, as a `config` shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyValues {
    /// The name of the service in the portal.
    pub display_name: String,
    /// Shown with it.
    pub description: Option<String>,
    /// New contracts skip the queue.
    pub auto_approve: bool,
    /// The authorization code flow.
    pub enable_authorization_code: bool,
    /// The client credentials flow.
    pub enable_client_credentials: bool,
    /// The implicit flow.
    pub enable_implicit_grant: bool,
    /// The password flow.
    pub enable_password_grant: bool,
    /// The end user must authorize a scope.
    pub mandatory_scope: bool,
    /// The header that carries the access token.
    pub auth_header_name: String,
    /// What a site presents that vouches for its users; `None`: one is to be made (K16).
    pub provision_key: Option<Secret>,
    /// Seconds a refresh token lives; 0 for ever.
    pub refresh_token_ttl: i64,
    /// Seconds a token lives; 0 for ever.
    pub token_expiration: i64,
    /// The scopes, each element as it was given (D-25).
    pub scopes: Option<Vec<String>>,
    /// Whether the issuer is shown; `None`: nobody said.
    pub show_issuer: Option<bool>,
}

impl Default for PolicyValues {
    fn default() -> Self {
        Self {
            display_name: String::new(),
            description: None,
            auto_approve: false,
            enable_authorization_code: false,
            enable_client_credentials: false,
            enable_implicit_grant: false,
            enable_password_grant: false,
            mandatory_scope: false,
            auth_header_name: AUTH_HEADER_NAME.to_owned(),
            provision_key: None,
            refresh_token_ttl: REFRESH_TOKEN_TTL,
            token_expiration: TOKEN_EXPIRATION,
            scopes: None,
            show_issuer: None,
        }
    }
}

impl PolicyValues {
    /// Complains if scopes are needed and there are none (K20, K48), or no flow is enabled (K14, K47). As in Kong, the
    /// flows are not counted while something else is wrong with the `config`.
    pub fn check(&self, complaints: &mut Complaints) {
        let has_scopes = self.scopes.as_ref().is_some_and(|scopes| !scopes.is_empty());
        if self.mandatory_scope && !has_scopes && !complaints.has("config.scopes") {
            complaints.add("config.", CONDITIONAL);
            complaints.add("config.scopes", "required field missing");
        }
        if !complaints.has("config") && !self.has_flow() {
            complaints.add("config", NO_FLOW);
        }
    }

    fn has_flow(&self) -> bool {
        self.enable_authorization_code
            || self.enable_client_credentials
            || self.enable_implicit_grant
            || self.enable_password_grant
    }

    /// The scopes that can be asked for: the words of all elements, each once, in order (K21, D-25).
    pub fn effective_scopes(&self) -> Vec<String> {
        let mut scopes: Vec<String> = Vec::new();
        for word in self.scopes.iter().flatten().flat_map(|element| element.split(' ')) {
            if !word.is_empty() && !scopes.iter().any(|known| known == word) {
                scopes.push(word.to_owned());
            }
        }
        scopes
    }

    /// The same policy with nothing said through `oauth2` (D-2).
    pub fn without_flows(self) -> Self {
        let Self { display_name, description, auto_approve, show_issuer, .. } = self;
        Self { display_name, description, auto_approve, show_issuer, ..Self::default() }
    }
}

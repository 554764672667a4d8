//! What did the client register? Its metadata: valid, canonical, stored and echoed as it is serialised here.

use entity::word::Words;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::capability::{ApplicationType, AuthMethod, GrantType, ResponseMode, ResponseType, SubjectType};
use super::localised::Localised;
use super::uri::Uri;
use crate::oidc::keys::{Algorithm, IdTokenAlgorithm};
use crate::secret::{Hash, hash};

/// The valid metadata of a client (RFC 7591 §2, OpenID Connect Registration §2).
///
/// Only `registration::validate` makes one from what a registrant sent. Serialised it is both the stored form and what
/// a registration answer echoes: members that are not set are left out, booleans as they were registered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// `client_name`, `client_uri`, `logo_uri`, `policy_uri`, `tos_uri`, each with its variants per language.
    #[serde(flatten)]
    pub(in crate::oidc) display: Localised,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::oidc) redirect_uris: Vec<String>,
    pub(in crate::oidc) grant_types: Vec<GrantType>,
    /// Written even if empty: left out it would mean `code` (RFC 7591 §2).
    pub(in crate::oidc) response_types: Vec<ResponseType>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::oidc) response_modes: Vec<ResponseMode>,
    pub(in crate::oidc) application_type: ApplicationType,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::oidc) contacts: Vec<String>,
    /// Space-separated, each scope once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) scope: Option<String>,
    pub(in crate::oidc) token_endpoint_auth_method: AuthMethod,
    /// A JWK set of public keys (RFC 7517 §5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) jwks: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) jwks_uri: Option<String>,
    pub(in crate::oidc) subject_type: SubjectType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) sector_identifier_uri: Option<String>,
    pub(in crate::oidc) id_token_signed_response_alg: IdTokenAlgorithm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) userinfo_signed_response_alg: Option<Algorithm>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) default_max_age: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) require_auth_time: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::oidc) default_acr_values: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) initiate_login_uri: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::oidc) post_logout_redirect_uris: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) software_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) software_version: Option<String>,
    /// Switches of features that only `false` can be chosen for: echoed as they were registered.
    #[serde(flatten)]
    pub(in crate::oidc) declined: Declined,
    /// Which members are no defaults. It stands in a column of its own, and no answer tells it.
    #[serde(skip)]
    pub(in crate::oidc) chosen: Chosen,
}

/// Which of the members that bound a client it chose itself; the others have the defaults of its profile. What a template
/// says counts before a default (portal.md D-6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    pub(in crate::oidc) grant_types: bool,
    pub(in crate::oidc) response_types: bool,
    pub(in crate::oidc) scope: bool,
}

impl Chosen {
    /// The members it is about.
    pub const MEMBERS: [&'static str; 3] = ["grant_types", "response_types", "scope"];

    /// What the column says; nothing: all, as nobody noted it then.
    pub fn read(column: Option<&Words>) -> Self {
        let has = |member: &str| column.is_none_or(|words| words.contains(member));
        let [grant_types, response_types, scope] = Self::MEMBERS.map(has);
        Self { grant_types, response_types, scope }
    }

    /// As it stands in the column.
    pub fn words(self) -> Words {
        Words::new(Self::MEMBERS.into_iter().filter(|member| self.has(member)))
    }

    /// Whether `member` was chosen.
    pub fn has(self, member: &str) -> bool {
        match member {
            "grant_types" => self.grant_types,
            "response_types" => self.response_types,
            "scope" => self.scope,
            _ => false,
        }
    }

    /// The same after a patch: what it names is chosen, what it removes is not (RFC 7396).
    #[must_use]
    pub fn patched(self, patch: &Map<String, Value>) -> Self {
        let has = |member: &str| patch.get(member).map_or(self.has(member), |value| !value.is_null());
        let [grant_types, response_types, scope] = Self::MEMBERS.map(has);
        Self { grant_types, response_types, scope }
    }
}

/// The switches a client may send as `false` although the feature behind them is not built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declined {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) tls_client_certificate_bound_access_tokens: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) dpop_bound_access_tokens: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) require_pushed_authorization_requests: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) require_signed_request_object: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) backchannel_logout_session_required: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) frontchannel_logout_session_required: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) use_mtls_endpoint_aliases: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) backchannel_user_code_parameter: Option<bool>,
}

/// Whether a client must be given a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretNeed {
    /// Its authentication method uses one.
    Issue,
    /// A public client gets none.
    Withhold,
}

impl Metadata {
    /// Whether a secret is issued: iff the effective authentication method uses one (R16, s.R64).
    pub fn secret_need(&self) -> SecretNeed {
        if self.token_endpoint_auth_method.uses_secret() { SecretNeed::Issue } else { SecretNeed::Withhold }
    }

    /// The same; who asked for no scope there is has chosen none (E8).
    #[must_use]
    pub(in crate::oidc) fn settled(mut self) -> Self {
        self.chosen.scope &= self.scope.is_some();
        self
    }

    /// Which members it chose, that bound it.
    pub fn chosen(&self) -> Chosen {
        self.chosen
    }

    /// The display members by language.
    pub fn display(&self) -> &Localised {
        &self.display
    }

    /// Its name for a reader who asked for `locales`, most wanted first.
    pub fn name(&self, locales: &[&str]) -> Option<&str> {
        self.display.best("client_name", locales)
    }

    /// Where its authorization answers may go.
    pub fn redirect_uris(&self) -> &[String] {
        &self.redirect_uris
    }

    /// Where a person may be sent after signing out.
    pub fn post_logout_redirect_uris(&self) -> &[String] {
        &self.post_logout_redirect_uris
    }

    /// How it may ask for tokens.
    pub fn grant_types(&self) -> &[GrantType] {
        &self.grant_types
    }

    /// Whether it may use `grant`.
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// Whether it may ask the authorization endpoint for `response`.
    pub fn may_ask_for(&self, response: ResponseType) -> bool {
        self.response_types.contains(&response)
    }

    /// Whether its answers may travel by `mode`: any, unless it registered a list.
    pub fn may_answer_by(&self, mode: ResponseMode) -> bool {
        self.response_modes.is_empty() || self.response_modes.contains(&mode)
    }

    /// How it proves itself at the token endpoint.
    pub fn auth_method(&self) -> AuthMethod {
        self.token_endpoint_auth_method
    }

    /// What kind of program it is.
    pub fn application_type(&self) -> ApplicationType {
        self.application_type
    }

    /// The scopes it registered, each once; none if it registered none.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.as_deref().into_iter().flat_map(|scope| scope.split(' ')).filter(|scope| !scope.is_empty())
    }

    /// What its ID tokens are signed with.
    pub fn id_token_alg(&self) -> IdTokenAlgorithm {
        self.id_token_signed_response_alg
    }

    /// What userinfo answers are signed with; `None` means plain JSON.
    pub fn userinfo_alg(&self) -> Option<Algorithm> {
        self.userinfo_signed_response_alg
    }

    /// How it sees a person.
    pub fn subject_type(&self) -> SubjectType {
        self.subject_type
    }

    /// The host that pairwise subjects are computed for (OpenID Connect Core §8.1): of the sector URI, else of the
    /// first redirect URI; a private-use scheme stands for a host. `None` for a client without redirect URIs.
    pub fn sector(&self) -> Option<String> {
        let uri = self.sector_identifier_uri.as_deref().or_else(|| self.redirect_uris.first().map(String::as_str))?;
        sector_of(uri)
    }

    /// Seconds after which a person must sign in again, unless the request says otherwise.
    pub fn default_max_age(&self) -> Option<u32> {
        self.default_max_age
    }

    /// Whether its ID tokens always say when the person signed in.
    pub fn require_auth_time(&self) -> bool {
        self.require_auth_time.unwrap_or_default()
    }

    /// The authentication contexts it wants, unless the request says otherwise.
    pub fn default_acr_values(&self) -> &[String] {
        &self.default_acr_values
    }

    /// Its public keys, as it sent them.
    pub fn jwks(&self) -> Option<&Map<String, Value>> {
        self.jwks.as_ref()
    }

    /// Where its public keys are.
    pub fn jwks_uri(&self) -> Option<&str> {
        self.jwks_uri.as_deref()
    }

    /// Where the document that joins its redirect hosts into one sector is.
    pub fn sector_identifier_uri(&self) -> Option<&str> {
        self.sector_identifier_uri.as_deref()
    }

    /// Where a sign-in started elsewhere is sent.
    pub fn initiate_login_uri(&self) -> Option<&str> {
        self.initiate_login_uri.as_deref()
    }

    /// The software this client is a copy of.
    pub fn software_id(&self) -> Option<&str> {
        self.software_id.as_deref()
    }

    /// The members as a registration answer echoes them, and as a patch is merged into.
    pub fn to_members(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(members)) => members,
            // A struct of strings, lists and maps with text keys always becomes an object.
            _ => Map::new(),
        }
    }

    /// The same for two registrations that ask for the same thing, whatever the order of their members (E16).
    pub fn fingerprint(&self) -> Hash {
        let mut members = Value::Object(self.to_members());
        members.sort_all_objects();
        hash(members.to_string().as_bytes())
    }
}

/// The sector a redirect URI belongs to: its host, or its private-use scheme.
pub(in crate::oidc) fn sector_of(uri: &str) -> Option<String> {
    let uri = Uri::parse(uri).ok()?;
    match uri.host() {
        Some(host) if matches!(uri.scheme.as_ref(), "http" | "https") => Some(host.to_owned()),
        _ => Some(uri.scheme.into_owned()),
    }
}

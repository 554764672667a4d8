//! What does this server say it can do? (OpenID Connect Discovery §3, RFC 8414 §2)
//!
//! Every list comes from the enum that the code behind it uses, so that nothing is advertised that is not there.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::client::{AuthMethod, GrantType, ResponseMode, ResponseType, SubjectType};
use super::endpoint;
use super::keys::{Algorithm, IdTokenAlgorithm, KeyRing};
use super::registration::profile::{Profile, SecretSignatures};
use super::scope::OidcScope;
use super::tenant::Settings;
use crate::secret;

/// A document ready to send.
#[derive(Clone, Debug)]
pub struct Document {
    /// The JSON text.
    pub body: Bytes,
    /// Its entity tag, quoted (RFC 9110 §8.8.3).
    pub etag: String,
}

impl Document {
    /// Prepares `body`.
    pub fn new(body: Bytes) -> Self {
        let etag = format!("\"{}\"", &secret::hash(&body).as_str()[..22]);
        Self { body, etag }
    }
}

/// The documents of a tenant.
#[derive(Clone, Debug)]
pub struct Documents {
    /// Discovery: the same for OpenID Connect and for RFC 8414.
    pub metadata: Document,
    /// The JWKS.
    pub jwks: Document,
}

/// How people may be asked to take part (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prompt {
    /// No page may be shown.
    None,
    /// Sign in again.
    Login,
    /// Ask for consent again.
    Consent,
    /// Choose who signs in.
    SelectAccount,
}

impl Prompt {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount];

    /// The value of the parameter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }

    /// Reads a value.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|prompt| prompt.as_str() == text)
    }
}

/// The languages of the pages.
pub const UI_LOCALES: [&str; 2] = ["en", "de"];

impl Documents {
    /// Prepares the documents of the tenant with this issuer.
    ///
    /// They say what a client gets that registers there now, which its profile bounds.
    pub fn build(issuer: &str, settings: &Settings, profile: &Profile, keys: &KeyRing) -> Self {
        let metadata = Value::Object(metadata(issuer, settings, profile, keys));
        Self { metadata: Document::new(Bytes::from(metadata.to_string())), jwks: Document::new(keys.jwks().clone()) }
    }
}

fn metadata(issuer: &str, settings: &Settings, profile: &Profile, keys: &KeyRing) -> Map<String, Value> {
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    let at = |path: &str| Value::from(format!("{issuer}{path}"));
    put("issuer", issuer.into());
    put("authorization_endpoint", at(endpoint::AUTHORIZATION));
    put("token_endpoint", at(endpoint::TOKEN));
    put("jwks_uri", at(endpoint::JWKS));
    if settings.registration.any() {
        put("registration_endpoint", at(endpoint::REGISTRATION));
        let renew = format!("{issuer}{}/:client_id/renew_secret", endpoint::REGISTRATION);
        put("registration_renew_secret_endpoint", renew.into());
    }
    if settings.registration.tells_templates() {
        put("registration_templates_endpoint", at(endpoint::REGISTRATION_TEMPLATES));
    }
    put("userinfo_endpoint", at(endpoint::USERINFO));
    put("introspection_endpoint", at(endpoint::INTROSPECTION));
    put("revocation_endpoint", at(endpoint::REVOCATION));
    put("end_session_endpoint", at(endpoint::END_SESSION));
    put("service_documentation", at(endpoint::DOCUMENTATION));
    put("scopes_supported", words(&OidcScope::ALL, OidcScope::as_str));
    let responses = ResponseType::ALL.iter().copied().filter(|response| profile.offers(*response));
    put("response_types_supported", words(&responses.collect::<Vec<_>>(), ResponseType::as_str));
    put("response_modes_supported", words(ResponseMode::ALL, ResponseMode::as_str));
    // The password grant is off unless the tenant's admins switch it on (D-20).
    let is_on = |grant: &GrantType| *grant != GrantType::Password || settings.grants.password;
    let grants: Vec<GrantType> = profile.offered_grants.iter().copied().filter(is_on).collect();
    put("grant_types_supported", words(&grants, GrantType::as_str));
    put("prompt_values_supported", words(&Prompt::ALL, Prompt::as_str));
    put("subject_types_supported", words(SubjectType::ALL, SubjectType::as_str));
    put("code_challenge_methods_supported", json!(["S256"]));
    put("authorization_response_iss_parameter_supported", true.into());
    put("token_endpoint_auth_methods_supported", words(AuthMethod::ALL, AuthMethod::as_str));
    let with_secret: Vec<AuthMethod> = AuthMethod::ALL.iter().copied().filter(|method| method.uses_secret()).collect();
    put("introspection_endpoint_auth_methods_supported", words(&with_secret, AuthMethod::as_str));
    put("revocation_endpoint_auth_methods_supported", words(AuthMethod::ALL, AuthMethod::as_str));
    let signing: Vec<Algorithm> = keys.algorithms().collect();
    let with_secret = (profile.secret_signatures == SecretSignatures::Offered).then_some(IdTokenAlgorithm::Secret);
    let of_id_tokens: Vec<IdTokenAlgorithm> =
        signing.iter().copied().map(IdTokenAlgorithm::Key).chain(with_secret).collect();
    put("id_token_signing_alg_values_supported", words(&of_id_tokens, IdTokenAlgorithm::as_str));
    put("userinfo_signing_alg_values_supported", words(&signing, Algorithm::as_str));
    put("claim_types_supported", json!(["normal"]));
    put("claims_supported", claims());
    put("ui_locales_supported", json!(UI_LOCALES));
    put("claims_parameter_supported", true.into());
    put("request_parameter_supported", false.into());
    put("request_uri_parameter_supported", false.into());
    document
}

fn words<T: Copy>(all: &[T], spelling: impl Fn(T) -> &'static str) -> Value {
    all.iter().map(|word| spelling(*word)).collect::<Vec<_>>().into()
}

fn claims() -> Value {
    let of_tokens =
        ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "c_hash", "s_hash", "sid"];
    let of_scopes = OidcScope::ALL.iter().flat_map(|scope| scope.claims().iter().copied());
    let mut all: Vec<&str> = of_tokens.to_vec();
    all.extend(of_scopes.filter(|claim| *claim != "sub"));
    all.into()
}

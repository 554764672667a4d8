//! What is a provider asked to register? (portal.md G41, table 3.3)

use std::collections::BTreeMap;

use entity::provider::Model;
use openidconnect::core::{
    CoreApplicationType, CoreClientAuthMethod, CoreClientMetadata, CoreGrantType, CoreResponseType,
};
use openidconnect::registration::EmptyAdditionalClientMetadata;
use openidconnect::{ClientName, ClientUrl, LocalizedClaim, LogoUrl, RedirectUrl, ResponseTypes};
use serde_json::{Map, Value};

use super::discovery::Metadata;
use crate::oidc;
use crate::oidc::client::{ApplicationType, GrantType};
use crate::portal::{Error, Rule};

/// The words an address of a renewal may hold (portal.md G44).
pub(super) const TOKEN_ENDPOINT: &str = "{#token_endpoint}";
pub(super) const REGISTRATION_ENDPOINT: &str = "{#registration_endpoint}";
const CLIENT_ID: &str = "{#client_id}";

/// What an application wants registered.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// What registration judged it to be.
    pub metadata: &'a oidc::client::Metadata,
    /// Whether these are the grants that its type usually has, of which a provider may have fewer.
    pub grants: Fixed,
    /// What the application says beyond that; what of it is sent, and where, says the provider.
    pub additional: &'a BTreeMap<String, String>,
}

/// Whether somebody chose a value, or it follows from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixed {
    /// Somebody chose it.
    Chosen,
    /// It follows.
    Follows,
}

/// The body of a registration.
///
/// # Errors
/// `Invalid` for a redirect URI that is no URL.
pub(super) fn body(provider: &Model, there: &Metadata, wanted: &Wanted<'_>) -> Result<Map<String, Value>, Error> {
    let ours = wanted.metadata;
    let grants = grants(there, ours.grant_types(), wanted.grants);
    let redirects = ours.redirect_uris().iter().map(|uri| RedirectUrl::new(uri.clone()));
    let unfit = |_| Error::invalid("redirect_uris", Rule::Form, "must hold URLs");
    let redirects = redirects.collect::<Result<Vec<_>, _>>().map_err(unfit)?;
    let words = |word: &GrantType| CoreGrantType::Extension(word.as_str().to_owned());
    let responses = responses(there, &grants);
    let types = |word: &&str| ResponseTypes::new(vec![CoreResponseType::Extension((*word).to_owned())]);
    let display = ours.to_members();
    let text = |member: &str| display.get(member).and_then(Value::as_str).map(str::to_owned);
    let (kind, public) = kind(there, ours);
    let body: CoreClientMetadata = CoreClientMetadata::new(redirects, EmptyAdditionalClientMetadata {})
        .set_application_type(Some(CoreApplicationType::Extension(kind.to_owned())))
        .set_client_name(text("client_name").map(|name| localized(ClientName::new(name))))
        .set_client_uri(text("client_uri").and_then(|uri| ClientUrl::new(uri).ok()).map(localized))
        .set_logo_uri(text("logo_uri").and_then(|uri| LogoUrl::new(uri).ok()).map(localized))
        .set_grant_types(Some(grants.iter().map(words).collect()))
        .set_response_types(Some(responses.iter().map(types).collect()))
        .set_token_endpoint_auth_method(public.then_some(CoreClientAuthMethod::None));
    let Ok(Value::Object(mut body)) = serde_json::to_value(&body) else {
        return Err(Error::internal(std::io::Error::other("a registration could not be written as JSON")));
    };
    let mappings: BTreeMap<String, String> =
        serde_json::from_value(provider.claim_mappings.clone()).map_err(Error::internal)?;
    for (claim, member) in mappings {
        if let Some(value) = wanted.additional.get(&claim) {
            // What every registration has comes first: a mapping adds.
            body.entry(member).or_insert_with(|| value.clone().into());
        }
    }
    if let Some(software_id) = &provider.software_id {
        body.insert("software_id".to_owned(), software_id.clone().into());
    }
    Ok(body)
}

fn localized<T>(value: T) -> LocalizedClaim<T> {
    let mut claim = LocalizedClaim::new();
    claim.insert(None, value);
    claim
}

/// The type, as the provider knows it, and whether it has to be told that the client is public.
fn kind(there: &Metadata, ours: &oidc::client::Metadata) -> (&'static str, bool) {
    let kind = ours.application_type();
    if there.four_types {
        return (kind.as_str(), false);
    }
    let is_public = matches!(kind, ApplicationType::Browser | ApplicationType::Native);
    (if kind == ApplicationType::Native { "native" } else { "web" }, is_public)
}

/// Those of the grants that the provider has, unless somebody chose them or none would be left.
fn grants(there: &Metadata, ours: &[GrantType], fixed: Fixed) -> Vec<GrantType> {
    let known = |grant: &GrantType| there.grants.iter().any(|known| known == grant.as_str());
    let left: Vec<GrantType> = ours.iter().copied().filter(known).collect();
    let useful = left.iter().any(|grant| *grant != GrantType::RefreshToken);
    if fixed == Fixed::Chosen || there.grants.is_empty() || !useful { ours.to_vec() } else { left }
}

/// What grants can be answered with at the authorization endpoint (table 3.3), as far as the provider does.
fn responses(there: &Metadata, grants: &[GrantType]) -> Vec<&'static str> {
    let mut words = Vec::new();
    for grant in grants {
        match grant {
            GrantType::AuthorizationCode => words.push("code"),
            GrantType::Implicit => words.extend(["token", "id_token"]),
            GrantType::RefreshToken | GrantType::ClientCredentials | GrantType::Password => {}
        }
    }
    words.retain(|word| there.responses.is_empty() || there.responses.iter().any(|known| known == word));
    words
}

/// The members of a registration that a change touches, as the provider is to have them.
pub(super) fn changed(
    there: &Metadata,
    before: &oidc::client::Metadata,
    after: &oidc::client::Metadata,
) -> Map<String, Value> {
    let (old, new) = (before.to_members(), after.to_members());
    let mut changed = Map::new();
    for member in ["client_name", "client_uri", "logo_uri", "redirect_uris"] {
        if old.get(member) != new.get(member) {
            let nothing = if member == "redirect_uris" { Value::Array(Vec::new()) } else { Value::Null };
            changed.insert(member.to_owned(), new.get(member).cloned().unwrap_or(nothing));
        }
    }
    if before.grant_types() != after.grant_types() {
        let grants: Vec<&str> = after.grant_types().iter().map(|grant| grant.as_str()).collect();
        changed.insert("grant_types".to_owned(), grants.into());
        changed.insert("response_types".to_owned(), responses(there, after.grant_types()).into());
    }
    changed
}

/// An address with its words filled in; the identifier of the client is one encoded segment, whatever is in it (s.N10).
/// `None`: it would lead elsewhere, or a word is not known.
pub(super) fn filled(template: &str, client_id: &str, there: &Metadata) -> Option<String> {
    if matches!(client_id, "" | "." | "..") {
        return None;
    }
    let token = there.token_endpoint.as_deref().unwrap_or_default();
    let address = template
        .replace(TOKEN_ENDPOINT, token)
        .replace(REGISTRATION_ENDPOINT, &there.registration_endpoint)
        .replace(CLIENT_ID, &encoded(client_id));
    (!address.contains("{#")).then_some(address)
}

/// A path segment (RFC 3986 §3.3): everything but unreserved characters is encoded.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(grants: &[&str], responses: &[&str]) -> Metadata {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Metadata {
            issuer: "https://id.example".to_owned(),
            token_endpoint: Some("https://id.example/token".to_owned()),
            registration_endpoint: "https://id.example/reg".to_owned(),
            repeats: false,
            four_types: false,
            grants: list(grants),
            responses: list(responses),
        }
    }

    #[test]
    fn the_identifier_of_a_client_is_one_segment_of_an_address() {
        // s.N10
        let there = there(&[], &[]);
        let filled = |id: &str| filled("{#registration_endpoint}/{#client_id}/renew_secret", id, &there);
        assert_eq!(filled("a.b-c"), Some("https://id.example/reg/a.b-c/renew_secret".to_owned()));
        let encoded = "https://id.example/reg/..%2F..%2Fx%3Fa%23b%7B/renew_secret".to_owned();
        assert_eq!(filled("../../x?a#b{"), Some(encoded));
        assert_eq!((filled(".."), filled("."), filled("")), (None, None, None));
    }

    #[test]
    fn usual_grants_are_those_the_provider_has() {
        // table 3.3
        use GrantType::{AuthorizationCode, ClientCredentials, Password, RefreshToken};
        let ours = [AuthorizationCode, RefreshToken, Password];
        let few = there(&["authorization_code", "refresh_token"], &["code"]);
        assert_eq!(grants(&few, &ours, Fixed::Follows), [AuthorizationCode, RefreshToken]);
        assert_eq!(grants(&few, &ours, Fixed::Chosen), ours);
        assert_eq!(grants(&few, &[ClientCredentials, RefreshToken], Fixed::Follows), [ClientCredentials, RefreshToken]);
        assert_eq!(responses(&few, &[AuthorizationCode, GrantType::Implicit]), ["code"]);
        assert_eq!(responses(&there(&[], &[]), &[ClientCredentials]), [""; 0]);
    }
}

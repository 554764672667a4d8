//! What does a provider say about itself, and is it true as far as we can tell? (OpenID Connect Discovery 1.0, RFC 8414)

use entity::word::Words;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::line::Line;
use super::refusal::{Why, words};
use crate::outbound::Failure;

const WELL_KNOWN: &str = "/.well-known/";
/// Characters of an address, at most.
const ADDRESS_MAX: usize = 2000;

/// What is used of a provider's metadata; kept from when the provider was set up, so that nobody moves its endpoints
/// under us afterwards (s.N3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Who it is.
    pub issuer: String,
    /// Where tokens are; there if client credentials are used.
    #[serde(default)]
    pub token_endpoint: Option<String>,
    /// Where clients register.
    pub registration_endpoint: String,
    /// A registration that is sent again under the same `Idempotency-Key` gets the first answer again.
    #[serde(default)]
    pub repeats: bool,
    /// It knows the application types `browser` and `backend_to_backend` beside the two of OpenID Connect (G42).
    #[serde(default)]
    pub four_types: bool,
    /// The grants it offers; empty: it does not say.
    #[serde(default)]
    pub grants: Vec<String>,
    /// The response types it offers; empty: it does not say.
    #[serde(default)]
    pub responses: Vec<String>,
}

impl Metadata {
    /// What was kept of it.
    ///
    /// # Errors
    /// When it cannot be read: the provider is one of ours.
    pub(super) fn kept(provider: &entity::provider::Model) -> Result<Self, Why> {
        serde_json::from_value(provider.metadata.clone()).map_err(|_| Why::Missing("registration_endpoint"))
    }
}

/// Fetches the metadata at `endpoint`, anew.
///
/// # Errors
/// Why it cannot be used.
pub(super) async fn fetch(line: &Line<'_>, endpoint: &str, elsewhere: &Words) -> Result<Metadata, Why> {
    let issuers = issuers(endpoint).ok_or(Why::NotWellKnown)?;
    if endpoint.len() > ADDRESS_MAX || !line.app.outbound.admits(endpoint) {
        return Err(Why::NoAnswer(Failure::Address));
    }
    let document = line.get(endpoint, None).await?.object(&[200])?;
    read(&document, &issuers, endpoint, elsewhere, |address| line.app.outbound.admits(address))
}

/// Reads a document, and holds it against the address it was found at.
fn read(
    document: &Map<String, Value>,
    issuers: &[String],
    endpoint: &str,
    elsewhere: &Words,
    admits: impl Fn(&str) -> bool,
) -> Result<Metadata, Why> {
    let text = |member: &str| document.get(member).and_then(Value::as_str);
    let issuer = text("issuer").ok_or(Why::Missing("issuer"))?;
    if !issuers.iter().any(|known| known == issuer) {
        let wanted = issuers.first().cloned().unwrap_or_default();
        return Err(Why::Issuer { said: words(issuer), wanted });
    }
    let own = origin(endpoint).ok_or(Why::NotWellKnown)?;
    let address = |member: &'static str| -> Result<Option<String>, Why> {
        let Some(address) = text(member) else { return Ok(None) };
        let unfit = Why::Endpoint { member, origin: None };
        if address.len() > ADDRESS_MAX || address.contains('#') || !admits(address) {
            return Err(unfit);
        }
        let origin = origin(address).ok_or(unfit)?;
        if origin != own && !elsewhere.contains(&origin) {
            return Err(Why::Endpoint { member, origin: Some(words(&origin)) });
        }
        Ok(Some(address.to_owned()))
    };
    let list = |member: &str| -> Vec<String> {
        let listed = document.get(member).and_then(Value::as_array).into_iter().flatten();
        listed.filter_map(Value::as_str).filter(|word| word.len() <= 100).take(50).map(str::to_owned).collect()
    };
    Ok(Metadata {
        issuer: issuer.to_owned(),
        token_endpoint: address("token_endpoint")?,
        registration_endpoint: address("registration_endpoint")?.ok_or(Why::Missing("registration_endpoint"))?,
        repeats: document.get("registration_idempotency_key_supported") == Some(&Value::Bool(true)),
        four_types: document.contains_key("registration_renew_secret_endpoint"),
        grants: list("grant_types_supported"),
        responses: list("response_types_supported"),
    })
}

/// The origin of an address: scheme, host and port (RFC 6454 §6.2).
pub(super) fn origin(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    (url.username().is_empty() && url.password().is_none()).then(|| url.origin().ascii_serialization())
}

/// The issuers whose metadata lives at this address: that of OpenID Connect Discovery §4, which drops a slash at the end
/// of the issuer, or that of RFC 8414 §3.1, which puts the issuer's path behind.
fn issuers(endpoint: &str) -> Option<Vec<String>> {
    if endpoint.contains(['?', '#']) {
        return None;
    }
    let (before, after) = endpoint.split_once(WELL_KNOWN)?;
    let (document, path) = after.split_once('/').map_or((after, ""), |(document, path)| (document, path));
    let at_the_end = document == "openid-configuration" && path.is_empty() && !after.ends_with('/');
    let at_the_front = matches!(document, "openid-configuration" | "oauth-authorization-server");
    let without_slash = match (at_the_end, at_the_front) {
        (true, _) => before.to_owned(),
        (false, true) if path.is_empty() => before.to_owned(),
        // The path stands behind: in front of it there is the origin alone.
        (false, true) if origin(before).as_deref() == Some(before) => {
            format!("{before}/{}", path.trim_end_matches('/'))
        }
        _ => return None,
    };
    let with_slash = format!("{without_slash}/");
    Some(vec![without_slash, with_slash])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde_json::json;

    use super::*;

    fn first(endpoint: &str) -> Option<String> {
        issuers(endpoint).and_then(|known| known.into_iter().next())
    }

    #[test]
    fn the_issuer_is_the_address_without_the_well_known_part() {
        // s.N2
        let wanted = Some("https://id.example/t".to_owned());
        assert_eq!(first("https://id.example/t/.well-known/openid-configuration"), wanted);
        assert_eq!(first("https://id.example/.well-known/oauth-authorization-server/t"), wanted);
        assert_eq!(first("https://id.example/.well-known/openid-configuration/t"), wanted);
        assert_eq!(
            first("https://id.example/.well-known/oauth-authorization-server"),
            Some("https://id.example".into())
        );
        for none in [
            "https://id.example/",
            "https://id.example/.well-known/other",
            "https://id.example/.well-known/openid-configuration?x",
            "https://id.example/a/.well-known/oauth-authorization-server/t",
            "id.example",
        ] {
            assert_eq!(first(none), None, "{none}");
        }
    }

    fn judged(document: &Value, elsewhere: &[&str]) -> Result<Metadata, Why> {
        let endpoint = "https://id.example/.well-known/openid-configuration";
        let https = |address: &str| address.starts_with("https://");
        let elsewhere = Words::new(elsewhere.iter().copied());
        read(document.as_object().unwrap(), &issuers(endpoint).unwrap(), endpoint, &elsewhere, https)
    }

    #[test]
    fn endpoints_on_other_hosts_are_refused_until_an_admin_confirms_them() {
        // s.N3, s.N4
        let mut document = json!({
            "issuer": "https://id.example",
            "token_endpoint": "https://id.example/token",
            "registration_endpoint": "https://id.example/register",
        });
        assert!(judged(&document, &[]).is_ok());
        document["token_endpoint"] = "https://evil.example/token".into();
        let origin = Some("https://evil.example".to_owned());
        assert_eq!(judged(&document, &[]), Err(Why::Endpoint { member: "token_endpoint", origin }));
        assert!(judged(&document, &["https://evil.example"]).is_ok());
        for unfit in
            ["javascript:alert(1)", "file:///etc/passwd", "https://a@id.example/", "https://id.example/#x", "/x"]
        {
            document["token_endpoint"] = unfit.into();
            let refused = Err(Why::Endpoint { member: "token_endpoint", origin: None });
            assert_eq!(judged(&document, &["https://evil.example"]), refused, "{unfit}");
        }
    }

    #[test]
    fn another_issuer_is_refused() {
        // s.N2
        let document = json!({"issuer": "https://evil.example", "registration_endpoint": "https://id.example/r"});
        let (said, wanted) = ("https://evil.example".to_owned(), "https://id.example".to_owned());
        assert_eq!(judged(&document, &[]), Err(Why::Issuer { said, wanted }));
        assert_eq!(judged(&json!({"issuer": "https://id.example/"}), &[]), Err(Why::Missing("registration_endpoint")));
    }
}

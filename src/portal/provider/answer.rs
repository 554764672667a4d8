//! What does a provider's answer to a registration hold, and can it be taken? It is judged like anything a stranger sends
//! (security.md s.N7).

use entity::word::Words;
use serde_json::{Map, Value};

use super::discovery::{Metadata, origin};
use super::refusal::Why;
use super::remote::Managed;
use super::ticket::is_token;
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::client::{self, AuthMethod, GrantType, ResponseType};
use crate::oidc::registration::judge::judge;
use crate::oidc::registration::{Policy, Profile};
use crate::oidc::tenant::Tenant;
use crate::secret::Secret;

/// Characters of an identifier and of a secret, at most.
const CLIENT_ID_MAX: usize = 64;
const SECRET_MAX: usize = 1024;
const ADDRESS_MAX: usize = 2000;
/// The end of this year is far enough: later ones are no moments.
const MOMENT_MAX: Seconds = 253_402_300_799;

/// What can be taken of an answer.
pub(super) struct Registered {
    pub client_id: String,
    pub secret: Option<Secret>,
    /// Seconds since 1970; 0: never.
    pub secret_expires_at: Seconds,
    /// Where and with which token it is managed, with all that was answered.
    pub managed: Managed,
}

/// Reads an answer (RFC 7591 §3.2.1). `redirects` is what was asked for: the provider may take away from it, and adds
/// nothing.
///
/// # Errors
/// Which member cannot be taken, and why.
pub(super) fn read(
    mut answer: Map<String, Value>,
    there: &Metadata,
    elsewhere: &Words,
    redirects: &[String],
) -> Result<Registered, Why> {
    answer.retain(|_, value| !value.is_null());
    let unfit = |why: &str| Err(Why::Answer(why.to_owned()));
    let text = |member: &str| answer.get(member).and_then(Value::as_str);
    let client_id = text("client_id").ok_or(Why::Missing("client_id"))?.to_owned();
    let visible =
        |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !visible(&client_id, CLIENT_ID_MAX) || matches!(client_id.as_str(), "." | "..") {
        return unfit("client_id must have 1 to 64 visible characters of ASCII");
    }
    let secret = text("client_secret").filter(|secret| !secret.is_empty());
    if secret.is_some_and(|secret| secret.len() > SECRET_MAX || secret.chars().any(char::is_control)) {
        return unfit("client_secret must have at most 1024 characters, none of them a control character");
    }
    for member in ["client_id", "client_secret", "registration_access_token", "registration_client_uri"] {
        if answer.get(member).is_some_and(|value| !value.is_string()) {
            return Err(Why::Answer(format!("{member} must be a text")));
        }
    }
    let listed = answer.get("redirect_uris").and_then(Value::as_array).into_iter().flatten();
    if listed.into_iter().any(|uri| uri.as_str().is_none_or(|uri| !redirects.iter().any(|known| known == uri))) {
        return unfit("redirect_uris holds what was not asked for");
    }
    let token = text("registration_access_token").filter(|token| !token.is_empty());
    if token.is_some_and(|token| !is_token(token)) {
        return unfit("registration_access_token is no token that can be sent in a header");
    }
    let uri = text("registration_client_uri").filter(|uri| !uri.is_empty());
    if uri.is_some_and(|uri| !leads_there(uri, there, elsewhere)) {
        return unfit("registration_client_uri is at another origin than the registration endpoint");
    }
    let ends = answer.get("client_secret_expires_at").and_then(Value::as_i64).unwrap_or_default();
    let secret = secret.map(Secret::new);
    let (uri, token) = (uri.map(str::to_owned), token.map(Secret::new));
    let secret_expires_at = if (0..=MOMENT_MAX).contains(&ends) { ends } else { 0 };
    Ok(Registered { client_id, secret, secret_expires_at, managed: Managed { uri, token, answer } })
}

/// Whether a token may be sent to this address: it is where clients register, or an admin confirmed it (s.N3).
pub(super) fn leads_there(uri: &str, there: &Metadata, elsewhere: &Words) -> bool {
    let Some(leads) = origin(uri).filter(|_| uri.len() <= ADDRESS_MAX && !uri.contains('#')) else { return false };
    origin(&there.registration_endpoint).as_deref() == Some(leads.as_str()) || elsewhere.contains(&leads)
}

/// What of an answer stands in the row of the client: as much as registration here would take, on top of what was wished.
pub(super) async fn metadata(
    app: &App,
    tenant: &Tenant,
    wished: &client::Metadata,
    registered: &Registered,
) -> client::Metadata {
    let answer = &registered.managed.answer;
    let mut members = wished.to_members();
    for (member, known) in [
        ("grant_types", (|word| GrantType::parse(word).is_some()) as fn(&str) -> bool),
        ("response_types", |word| ResponseType::parse(word).is_some()),
        ("redirect_uris", |_| true),
    ] {
        let Some(values) = answer.get(member).and_then(Value::as_array) else { continue };
        let words: Vec<&str> = values.iter().filter_map(Value::as_str).filter(|word| known(word)).collect();
        members.insert(member.to_owned(), words.into());
    }
    let said = answer.get("token_endpoint_auth_method").and_then(Value::as_str).and_then(AuthMethod::parse);
    let method = match registered.secret {
        None => AuthMethod::None,
        Some(_) => said.filter(|method| method.uses_secret()).unwrap_or(AuthMethod::ClientSecretBasic),
    };
    members.insert("token_endpoint_auth_method".to_owned(), method.as_str().into());
    // A document of the provider's choice is not fetched for it.
    members.remove("sector_identifier_uri");
    let judged = judge(app, tenant, &members, &Profile::PERMISSIVE, Policy::default()).await;
    judged.unwrap_or_else(|_| wished.clone())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde_json::json;

    use super::*;

    fn taken(answer: Value) -> Result<Registered, Why> {
        let there = Metadata {
            issuer: "https://id.example".to_owned(),
            token_endpoint: None,
            registration_endpoint: "https://id.example/reg".to_owned(),
            repeats: false,
            four_types: false,
            grants: Vec::new(),
            responses: Vec::new(),
        };
        let redirects = ["https://c.example/cb".to_owned()];
        read(answer.as_object().unwrap().clone(), &there, &Words::default(), &redirects)
    }

    #[test]
    fn an_honest_answer_is_taken_without_its_nulls() {
        // G17, G43
        let answer = json!({
            "client_id": "c1", "client_secret": "s", "client_secret_expires_at": null, "x": {"y": [1]},
            "redirect_uris": ["https://c.example/cb"],
            "registration_client_uri": "https://id.example/reg/c1", "registration_access_token": "rat",
        });
        let registered = taken(answer).unwrap();
        assert_eq!((registered.client_id.as_str(), registered.secret_expires_at), ("c1", 0));
        assert!(registered.managed.answer.contains_key("x"));
        assert!(!registered.managed.answer.contains_key("client_secret_expires_at"));
        assert!(taken(json!({"client_id": "c1"})).unwrap().secret.is_none());
    }

    #[test]
    fn a_lying_answer_is_refused() {
        // s.N7
        let long = "s".repeat(2000);
        for (answer, about) in [
            (json!({}), "client_id"),
            (json!({"client_id": 7}), "client_id"),
            (json!({"client_id": "a b"}), "client_id"),
            (json!({"client_id": ".."}), "client_id"),
            (json!({"client_id": "<script>".repeat(9)}), "client_id"),
            (json!({"client_id": "c", "client_secret": long}), "client_secret"),
            (json!({"client_id": "c", "client_secret": ["x"]}), "client_secret"),
            (json!({"client_id": "c", "redirect_uris": ["https://evil.example/"]}), "redirect_uris"),
            (json!({"client_id": "c", "registration_access_token": "a\r\nb"}), "registration_access_token"),
            (json!({"client_id": "c", "registration_client_uri": "https://evil.example/c"}), "registration_client_uri"),
            (json!({"client_id": "c", "registration_client_uri": "javascript:x"}), "registration_client_uri"),
        ] {
            let why = taken(answer.clone()).err().unwrap_or_else(|| panic!("{answer}")).describe();
            assert!(why.starts_with(about), "{why}");
        }
    }
}

//! The usual parties of a test, and what their tokens say.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use registrar::oidc::client::rights;
use serde_json::{Value, json};

use super::TestApp;
use super::grant::Grant;

impl TestApp {
    /// A confidential client that may use every grant.
    pub async fn web_client(&self) -> Value {
        self.register(json!({
            "redirect_uris": ["https://client.example/cb"],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "token_endpoint_auth_method": "client_secret_basic",
        }))
        .await
    }

    /// A public client on the person's machine.
    pub async fn native_client(&self) -> Value {
        self.register(json!({
            "redirect_uris": ["http://127.0.0.1:7777/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none",
        }))
        .await
    }

    /// A grant of a client and a fresh person, and the tokens it bought.
    pub async fn signed_in(&self, client: &Value, scope: &str) -> (Grant, Value) {
        let email = format!("{}@example.org", registrar::secret::new_id().simple());
        let person = self.person(&email).await;
        let grant = self.grant(client, &person, scope).await;
        let tokens = self.exchange(&grant).await.expect(200);
        (grant, tokens)
    }

    /// Gives a client a right, as an admin does.
    pub async fn allow(&self, client: &Value, right: &str) {
        let right = rights::Change::Grant(right.parse().unwrap());
        rights::change(&self.app, &self.tenant(), "admin", text(client, "client_id"), right).await.unwrap();
    }

    /// Deletes a client with its registration access token.
    pub async fn delete(&self, client: &Value) {
        let (path, token) = (text(client, "registration_client_uri"), text(client, "registration_access_token"));
        assert_eq!(self.http.bearer("DELETE", path, token).await.status, 204);
    }
}

/// A member that is a string.
#[track_caller]
pub fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// What a JWT claims, without a look at its signature.
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The header of a JWT.
pub fn jose_header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).unwrap_or_else(|| panic!("{token} is no JWT"));
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// An answer with its tokens replaced by their kind, so that it can be compared as a whole.
pub fn masked(mut answer: Value) -> Value {
    for value in answer.as_object_mut().unwrap().values_mut() {
        let kind = match value.as_str() {
            Some(token) if token.starts_with("eyJ") => "[jwt]",
            Some(token) if token.starts_with("rt_") => "[refresh token]",
            Some(token) if token.starts_with("at_") => "[opaque token]",
            _ => continue,
        };
        *value = kind.into();
    }
    answer
}

/// What is made of a credential by those who try their luck: cut, longer, in other letters, padded, altered.
pub fn disfigured(credential: &str) -> Vec<String> {
    let swapped: String = credential
        .chars()
        .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect();
    let altered = |at: usize| {
        let mut altered = credential.as_bytes().to_vec();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(altered).unwrap()
    };
    vec![
        credential[..credential.len() - 1].to_owned(),
        credential[..credential.len() / 2].to_owned(),
        credential[1..].to_owned(),
        format!("{credential}A"),
        format!("{credential}="),
        format!(" {credential}"),
        format!("{credential}%00"),
        swapped,
        altered(credential.len() / 2),
        altered(credential.len() - 3),
        "%".to_owned(),
    ]
}

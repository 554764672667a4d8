//! What a browser and the client behind it see: the authorization endpoint and its pages, on a whole server.

mod consent;
mod console;
mod flow;
mod id_token;
mod pkce;
mod portal;
mod refusal;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::harness::http::pkce;
use crate::harness::{Answer, Browser, TestApp};

pub const CALLBACK: &str = "https://client.example/cb";
pub const EMAIL: &str = "ada@example.org";

/// A server, a person and a client that registered itself; one PKCE pair for all its requests.
pub struct Flow {
    pub app: TestApp,
    pub person: entity::user::Model,
    /// The answer of the registration.
    pub client: Value,
    pub verifier: String,
    challenge: String,
}

impl Flow {
    /// With a public client.
    pub async fn start() -> Self {
        Self::with(json!({"token_endpoint_auth_method": "none"})).await
    }

    /// With a client that has these members.
    pub async fn with(more: Value) -> Self {
        let app = TestApp::open().await;
        let person = app.person_with(EMAIL, json!({})).await;
        let client = app.register(metadata(more)).await;
        let (verifier, challenge) = pkce();
        Self { app, person, client, verifier, challenge }
    }

    /// An authorization request; `more` replaces or, if empty, leaves out parameters.
    pub fn request(&self, more: &[(&str, &str)]) -> String {
        let mut parameters = vec![
            ("client_id", self.client["client_id"].as_str().unwrap()),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("state", "st"),
            ("nonce", "n-1"),
            ("code_challenge", &self.challenge),
            ("code_challenge_method", "S256"),
        ];
        parameters.retain(|(name, _)| more.iter().all(|(replaced, _)| replaced != name));
        parameters.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        format!("/authorize?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish())
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.app.http)
    }

    /// The answer to a request once the person has signed in and agreed.
    pub async fn agreed(&self, browser: &mut Browser, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        parameters(&browser.authorize(&self.request(more), EMAIL).await)
    }

    /// Spends the code of an answer; `more` replaces or leaves out fields.
    pub async fn exchange(&self, answer: &BTreeMap<String, String>, more: &[(&str, &str)]) -> Answer {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", answer["code"].as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", &self.verifier),
        ];
        fields.retain(|(name, _)| more.iter().all(|(replaced, _)| replaced != name));
        fields.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        let client_id = self.client["client_id"].as_str().unwrap();
        self.app.token(client_id, self.client["client_secret"].as_str(), &fields).await
    }

    /// The tokens of a whole flow in a fresh browser.
    pub async fn tokens(&self, more: &[(&str, &str)]) -> Value {
        let answer = self.agreed(&mut self.browser(), more).await;
        self.exchange(&answer, &[]).await.expect(200)
    }
}

/// Metadata of a web client, `more` members changed.
pub fn metadata(more: Value) -> Value {
    let mut metadata = json!({
        "client_name": "Acme",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
    });
    metadata.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    metadata
}

/// The parameters of an answer that left for the client.
pub fn parameters(location: &str) -> BTreeMap<String, String> {
    let (to, query) = location.split_once('?').unwrap_or_else(|| panic!("no answer: {location}"));
    assert_eq!(to, CALLBACK);
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// What a JWT says: `part` 0 is its header, 1 its claims. Signatures are checked by the libraries in `clients`.
pub fn jwt(token: &Value, part: usize) -> Value {
    let part = token.as_str().unwrap().split('.').nth(part).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

//! A client that registered itself under the permissive profile, and what comes back to it through the browser.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::form_urlencoded;

use super::browser::{Form, forms};
use super::http::pkce;
use super::party::text;
use super::{Answer, Browser, TestApp};

pub const CALLBACK: &str = "https://client.example/cb";
pub const EMAIL: &str = "ada@example.org";

/// A server, a person and a client; one PKCE pair for all its requests.
pub struct Front {
    pub app: TestApp,
    pub person: entity::user::Model,
    /// The answer of the registration.
    pub client: Value,
    verifier: String,
    challenge: String,
}

impl Front {
    /// With a public client that declares nothing.
    pub async fn start() -> Self {
        Self::with(json!({"token_endpoint_auth_method": "none"}), json!({})).await
    }

    /// With a client that has these members, and a person with these claims.
    pub async fn with(more: Value, claims: Value) -> Self {
        let app = TestApp::start().await.opened().await;
        let person = app.person_with(EMAIL, claims).await;
        let client = app.register(metadata(more)).await;
        let (verifier, challenge) = pkce();
        Self { app, person, client, verifier, challenge }
    }

    /// An authorization request for this response type; `more` replaces or, if empty, leaves out parameters.
    pub fn request(&self, response_type: &str, more: &[(&str, &str)]) -> String {
        let mut parameters = vec![
            ("client_id", text(&self.client, "client_id")),
            ("response_type", response_type),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("state", "st"),
            ("nonce", "n-1"),
        ];
        if response_type.contains("code") {
            parameters.extend([("code_challenge", self.challenge.as_str()), ("code_challenge_method", "S256")]);
        }
        parameters.retain(|(name, _)| more.iter().all(|(replaced, _)| replaced != name));
        parameters.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        format!("/authorize?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish())
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.app.http)
    }

    /// Where a request ends, once the person has signed in and agreed, in a fresh browser.
    pub async fn location(&self, response_type: &str, more: &[(&str, &str)]) -> String {
        self.browser().authorize(&self.request(response_type, more), EMAIL).await
    }

    /// The parameters of that answer, which travels in the fragment.
    pub async fn answer(&self, response_type: &str, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        fragment(&self.location(response_type, more).await)
    }

    /// Where a request ends at once.
    pub async fn refused(&self, response_type: &str, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        let answer = self.browser().get(&self.request(response_type, more)).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        fragment(answer.header("location"))
    }

    /// Spends the code of an answer.
    pub async fn exchange(&self, answer: &BTreeMap<String, String>) -> Value {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", answer["code"].as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", &self.verifier),
        ];
        let secret = self.client["client_secret"].as_str();
        self.app.token(text(&self.client, "client_id"), secret, &fields).await.expect(200)
    }

    /// The consent page of a request, after signing in.
    pub async fn consent(&self, browser: &mut Browser, request: &str) -> (Answer, Form) {
        let first = browser.get(request).await;
        let login = browser.follow(first).await;
        let form = forms(&login.text).remove(0).set("email", EMAIL).set("password", super::PASSWORD);
        let next = browser.submit(&form).await;
        let page = browser.follow(next).await;
        assert!(page.text.contains("value=\"accept\""), "{}", page.text);
        let form = forms(&page.text).remove(0);
        (page, form)
    }
}

/// Metadata of a client with one callback.
pub fn metadata(more: Value) -> Value {
    let mut metadata = json!({"client_name": "Acme", "redirect_uris": [CALLBACK]});
    metadata.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    metadata
}

/// The parameters of an answer that travels in the fragment.
#[track_caller]
pub fn fragment(location: &str) -> BTreeMap<String, String> {
    let (to, fragment) = location.split_once('#').unwrap_or_else(|| panic!("no fragment: {location}"));
    assert_eq!(to, CALLBACK);
    form_urlencoded::parse(fragment.as_bytes()).into_owned().collect()
}

/// The left half of a SHA-256, as `at_hash` and its like have it (OpenID Connect Core §3.1.3.6).
pub fn half_hash(value: &str) -> Value {
    use base64::Engine as _;
    let digest = registrar::secret::sha256(value.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest[..16]).into()
}

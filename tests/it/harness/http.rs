//! A client that follows no redirects and keeps whole answers.

use serde_json::Value;

/// An answer, read to the end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {} {:?}", self.status, self.text))
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The body, once the status is what was expected.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The status and the error code of a refusal.
    #[track_caller]
    pub fn refusal(&self) -> (u16, String) {
        let body = self.json();
        let description = body["error_description"].as_str().unwrap_or_default();
        assert!(!description.is_empty(), "a refusal explains itself: {}", self.text);
        (self.status, body["error"].as_str().unwrap_or_default().to_owned())
    }
}

/// A client of one server.
#[derive(Clone, Debug)]
pub struct Http {
    base: String,
    client: reqwest::Client,
}

/// How a request authenticates.
#[derive(Clone, Copy, Debug)]
pub enum Auth<'a> {
    None,
    Basic(&'a str, &'a str),
    Bearer(&'a str),
}

impl Http {
    pub fn new(base: &str) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { base: base.to_owned(), client }
    }

    /// Where the server listens.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request to be completed; `path` is below the server or a whole URL.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        self.client.request(method, url)
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, text: answer.text().await.unwrap() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.json("POST", path, Auth::None, body).await
    }

    pub async fn json(&self, method: &str, path: &str, auth: Auth<'_>, body: &Value) -> Answer {
        let request = self.request(method, path).header("content-type", "application/json").body(body.to_string());
        self.send(with(request, auth)).await
    }

    pub async fn bearer(&self, method: &str, path: &str, token: &str) -> Answer {
        self.send(self.request(method, path).bearer_auth(token)).await
    }

    pub async fn form(&self, path: &str, auth: Auth<'_>, fields: &[(&str, &str)]) -> Answer {
        self.send(with(self.request("POST", path).form(fields), auth)).await
    }
}

fn with(request: reqwest::RequestBuilder, auth: Auth<'_>) -> reqwest::RequestBuilder {
    match auth {
        Auth::None => request,
        Auth::Basic(id, secret) => request.basic_auth(id, Some(secret)),
        Auth::Bearer(token) => request.bearer_auth(token),
    }
}

/// A PKCE verifier and its challenge (RFC 7636 §4).
pub fn pkce() -> (String, String) {
    use base64::Engine as _;
    let verifier = registrar::secret::alphanumeric(43);
    let digest = registrar::secret::sha256(verifier.as_bytes());
    (verifier, base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest))
}

/// The value of a secret, for tests that hold one of our own types.
pub fn exposed(secret: &registrar::secret::Secret) -> String {
    secret.expose().to_owned()
}

//! The native management API over HTTP: what scripts see of every rule.

mod applications;
mod callers;
mod consents;
mod contracts;
mod developers;
mod idempotency;
mod lists;
mod preconditions;
mod services;
mod tenant;

use entity::user::Role;
use registrar::portal::Actor;
use registrar::portal::personal_token::{self, Lifetime, New};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::http::{Answer, Auth};

/// A server, and the tokens of an admin, a publisher and two developers.
struct Desk {
    server: TestApp,
    admin: String,
    publisher: String,
    ada: String,
    bob: String,
}

impl Desk {
    async fn open() -> Self {
        Self::on(TestApp::start().await).await
    }

    /// With a clock that stands until it is moved.
    async fn at_a_standstill() -> Self {
        Self::on(TestApp::at_a_standstill().await).await
    }

    async fn on(server: TestApp) -> Self {
        let admin = server.admin().await;
        let publisher = server.with_role("paul@example.org", Role::Publisher).await;
        let (ada, bob) = (server.developer("ada@example.org").await, server.developer("bob@example.org").await);
        let admin = token(&server, &admin, &[]).await;
        let publisher = token(&server, &publisher, &[]).await;
        let (ada, bob) = (token(&server, &ada, &[]).await, token(&server, &bob, &[]).await);
        Self { server, admin, publisher, ada, bob }
    }

    /// Sends a request below the API; `null` is no body.
    async fn send(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        let path = format!("/api/admin{path}");
        match body {
            Value::Null => self.server.http.bearer(method, &path, token).await,
            body => self.server.http.json(method, &path, Auth::Bearer(token), body).await,
        }
    }

    async fn get(&self, token: &str, path: &str) -> Answer {
        self.send(token, "GET", path, &Value::Null).await
    }

    async fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.send(token, "POST", path, body).await
    }

    /// Sends a request with one more header.
    async fn with(&self, token: &str, method: &str, path: &str, header: (&str, &str), body: &Value) -> Answer {
        let request = self.server.http.request(method, &format!("/api/admin{path}"));
        let request = request.bearer_auth(token).header(header.0, header.1);
        let request = match body {
            Value::Null => request,
            body => request.header("content-type", "application/json").body(body.to_string()),
        };
        self.server.http.send(request).await
    }

    /// A service that applications may register for, as the API tells it.
    async fn offered(&self, name: &str) -> Value {
        let made = self.post(&self.admin, "/services", &json!({"name": name})).await.expect(201);
        let policy = json!({"display_name": name, "enable_client_credentials": true});
        self.send(&self.admin, "PUT", &format!("/services/{name}/policy"), &policy).await.expect(201);
        made
    }

    /// An application of whoever the token stands for.
    async fn application(&self, token: &str, name: &str) -> Value {
        self.post(token, "/applications", &json!({"name": name, "type": "backend_to_backend"})).await.expect(201)
    }
}

/// A personal token.
async fn token(server: &TestApp, actor: &Actor, scopes: &[&str]) -> String {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let new = New { name: "test".into(), scopes, lifetime: Lifetime::Usual };
    let person = actor.user.as_ref().unwrap();
    let made = personal_token::create_for(&server.app, &server.tenant(), "test", person, new).await.unwrap();
    made.1.expose().to_owned()
}

/// An answer without what differs each time: identities, moments and secrets are replaced by what they are.
fn masked(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), hidden(name, value))).collect(),
        Value::Array(items) => items.iter().map(masked).collect(),
        other => other.clone(),
    }
}

fn hidden(name: &str, value: &Value) -> Value {
    let secret = ["client_secret", "secret", "personal_token", "initial_access_token", "hint", "client_id"];
    match value {
        Value::Null | Value::Object(_) | Value::Array(_) => masked(value),
        _ if name == "id" || name.ends_with("_id") && value.as_str().is_some_and(|text| text.len() == 36) => {
            "[id]".into()
        }
        _ if name.ends_with("_at") && value.as_i64() != Some(0) => "[moment]".into(),
        _ if secret.contains(&name) => format!("[{name}]").into(),
        other => other.clone(),
    }
}

/// Status, kind and wrong fields of a refusal.
#[track_caller]
fn refused(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{} {}", answer.status, answer.text);
    let body = answer.json();
    assert_eq!(body["status"], answer.status);
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let errors = body["errors"].as_array().unwrap().iter().map(|error| (word(&error["field"]), word(&error["rule"])));
    (answer.status, word(&body["type"]).replace("urn:registrar:problem:", ""), errors.collect())
}

/// A refusal without wrong fields.
fn plainly(status: u16, kind: &str) -> (u16, String, Vec<(String, String)>) {
    (status, kind.to_owned(), Vec::new())
}

/// A refusal of fields.
fn wrongly(errors: &[(&str, &str)]) -> (u16, String, Vec<(String, String)>) {
    let errors = errors.iter().map(|(field, rule)| ((*field).to_owned(), (*rule).to_owned())).collect();
    (400, "invalid".to_owned(), errors)
}

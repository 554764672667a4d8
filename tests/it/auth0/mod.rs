//! Does a script that was written for Auth0 find what it expects?

mod client;
mod client_grant;
mod grant;
mod refusal;
mod registration;
mod resource_server;
mod settings;
mod strict;
mod token;

use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::http::{Answer, Auth};
use crate::harness::party::text;

/// A server with a client that may manage it, and its token.
pub struct Managed {
    pub app: TestApp,
    pub token: String,
}

/// Every scope of the management API in the words of Auth0.
const SCOPES: [&str; 20] = [
    "read:tenant_settings",
    "update:tenant_settings",
    "read:clients",
    "create:clients",
    "update:clients",
    "delete:clients",
    "update:client_keys",
    "read:resource_servers",
    "create:resource_servers",
    "update:resource_servers",
    "delete:resource_servers",
    "read:client_grants",
    "create:client_grants",
    "update:client_grants",
    "delete:client_grants",
    "read:grants",
    "delete:grants",
    "events:read",
    "clients:read",
    "contracts:read",
];

impl Managed {
    /// With every scope.
    pub async fn start() -> Self {
        Self::with(&SCOPES).await
    }

    /// With these.
    pub async fn with(scopes: &[&str]) -> Self {
        let app = TestApp::start().await;
        let token = machine_token(&app, scopes).await;
        Self { app, token }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.app.http.bearer("GET", &format!("/api/v2{path}"), &self.token).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.app.http.bearer("DELETE", &format!("/api/v2{path}"), &self.token).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.app.http.json("POST", &format!("/api/v2{path}"), Auth::Bearer(&self.token), &body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.app.http.json("PATCH", &format!("/api/v2{path}"), Auth::Bearer(&self.token), &body).await
    }
}

/// A machine whose admin granted it these scopes.
pub async fn machine(app: &TestApp, scopes: &[&str]) -> Value {
    use registrar::portal::Actor;
    use registrar::portal::client::registered::{New, register};
    let members = json!({
        "client_name": "Automation", "application_type": "backend_to_backend", "grant_types": ["client_credentials"],
    });
    let new = New { members: members.as_object().unwrap().clone(), first_party: true, ..New::default() };
    let added = register(&app.app, &app.tenant(), &Actor::operator("test"), new).await.unwrap();
    let secret = added.secret.unwrap();
    let client = json!({"client_id": added.client.client_id(), "client_secret": secret.expose()});
    for scope in scopes {
        app.allow(&client, scope).await;
    }
    client
}

/// Asks for a token of a machine as Auth0's scripts do.
pub async fn machine_token(app: &TestApp, scopes: &[&str]) -> String {
    let client = machine(app, scopes).await;
    let body = json!({
        "grant_type": "client_credentials",
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "audience": app.url("/api/v2/"),
    });
    text(&app.http.post_json("/oauth/token", &body).await.expect(200), "access_token").to_owned()
}

/// A refusal as it is spelled.
pub fn refused(status: u16, error: &str, message: &str, code: &str) -> Value {
    json!({"statusCode": status, "error": error, "message": message, "errorCode": code})
}

/// The refusal of a token that lacks a scope.
pub fn lacks(scope: &str) -> Value {
    let message = format!("Insufficient scope, expected any of: {scope}");
    refused(403, "Forbidden", &message, "insufficient_scope")
}

/// The refusal of a body.
pub fn invalid(complaints: &str) -> Value {
    refused(400, "Bad Request", &format!("Payload validation error: {complaints}."), "invalid_body")
}

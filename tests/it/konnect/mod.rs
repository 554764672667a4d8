//! Konnect's words over HTTP: its developer portal, its management, and the bridge its portals call.

mod applications;
mod bridge;
mod callers;
mod management;
mod registrations;

use entity::personal_token;
use registrar::clock::rfc3339;
use registrar::portal::Actor;
use registrar::secret::{self, Secret};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::harness::http::Auth;
use crate::harness::{Answer, TestApp};

/// A personal token with these scopes; none: all its person has.
async fn token_of(app: &TestApp, actor: &Actor, scopes: &str) -> String {
    let value = Secret::token("pt_");
    let row = personal_token::Model {
        id: secret::new_id().into(),
        tenant_id: app.tenant().id,
        user_id: actor.user_id().unwrap(),
        name: "script".to_owned(),
        hash: value.hash().into(),
        hint: "last".to_owned(),
        scopes: scopes.into(),
        expires_at: None,
        revoked_at: None,
        created_at: app.app.clock.now(),
    };
    row.into_active_model().reset_all().insert(app.app.db.pool()).await.unwrap();
    value.expose().to_owned()
}

/// A script of somebody.
struct Script<'a> {
    app: &'a TestApp,
    token: String,
}

impl<'a> Script<'a> {
    async fn of(app: &'a TestApp, actor: &Actor) -> Self {
        Self { app, token: token_of(app, actor, "").await }
    }

    /// Of a new developer.
    async fn developer(app: &'a TestApp, email: &str) -> Self {
        Self::of(app, &app.developer(email).await).await
    }

    /// Of a new admin.
    async fn admin(app: &'a TestApp) -> Self {
        Self::of(app, &app.admin().await).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.app.http.bearer("GET", path, &self.token).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.app.http.bearer("DELETE", path, &self.token).await
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.app.http.json(method, path, Auth::Bearer(&self.token), body).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &body).await
    }

    async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, &body).await
    }

    /// Makes an application; its identity.
    async fn application(&self, name: &str) -> String {
        let made = self.post("/api/v3/applications", json!({"name": name})).await.expect(201);
        made["id"].as_str().unwrap().to_owned()
    }

    /// Registers an application for an API; the answer.
    async fn register(&self, application: &str, api: &entity::service::Model) -> Answer {
        let path = format!("/api/v3/applications/{application}/registrations");
        self.post(&path, json!({"api_id": api.id})).await
    }
}

/// The time at a standstill, as answers tell it.
fn now(app: &TestApp) -> String {
    rfc3339(app.app.clock.now())
}

/// A problem document without the name of the request.
#[track_caller]
fn problem(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text);
    let mut told = answer.json();
    assert_eq!(told["status"], answer.status);
    assert_eq!(told["type"], format!("https://httpstatuses.com/{}", answer.status));
    let named = format!("kong:trace:{}", answer.header("x-request-id"));
    assert_eq!(told["instance"], named);
    let members = told.as_object_mut().unwrap();
    for member in ["status", "type", "instance", "title"] {
        assert!(members.remove(member).is_some());
    }
    told
}

/// Status and detail of a refusal.
#[track_caller]
fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status, problem(answer)["detail"].as_str().unwrap().to_owned())
}

/// The wrong fields of a refusal and their rules.
#[track_caller]
fn wrong(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 400, "{}", answer.text);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let told = problem(answer);
    let fields = told["invalid_parameters"].as_array().unwrap();
    fields.iter().map(|field| (text(&field["field"]), text(&field["rule"]))).collect()
}

fn not_found() -> (u16, String) {
    (404, "Not found".to_owned())
}

//! Gravitee's words over HTTP: its management API and the API of its portal.

mod applications;
mod members;
mod portal;
mod providers;
mod settings;
mod subscriptions;
mod wire;

use entity::personal_token;
use entity::user::Role;
use registrar::portal::Actor;
use registrar::portal::provider::use_this_server;
use registrar::secret::{self, Secret};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use crate::harness::http::Auth;
use crate::harness::{Answer, TestApp};

/// Where everything of the management API is.
pub const HOME: &str = "/management/organizations/DEFAULT/environments/DEFAULT";
/// Where everything of the portal API is.
pub const PORTAL: &str = "/portal/environments/DEFAULT";

/// Somebody's script.
pub struct Script<'a> {
    app: &'a TestApp,
    pub token: String,
    pub actor: Actor,
}

impl<'a> Script<'a> {
    /// With a token that may do all its person may.
    pub async fn of(app: &'a TestApp, actor: &Actor) -> Self {
        let value = Secret::token("pt_");
        let row = personal_token::Model {
            id: secret::new_id().into(),
            tenant_id: app.tenant().id,
            user_id: actor.user_id().unwrap(),
            name: "script".to_owned(),
            hash: value.hash().into(),
            hint: "last".to_owned(),
            scopes: "".into(),
            expires_at: None,
            revoked_at: None,
            created_at: app.app.clock.now(),
        };
        row.into_active_model().reset_all().insert(app.app.db.pool()).await.unwrap();
        Self { app, token: value.expose().to_owned(), actor: actor.clone() }
    }

    /// Of a new developer.
    pub async fn developer(app: &'a TestApp, email: &str) -> Self {
        Self::of(app, &app.developer(email).await).await
    }

    /// Of a new publisher.
    pub async fn publisher(app: &'a TestApp, email: &str) -> Self {
        Self::of(app, &app.with_role(email, Role::Publisher).await).await
    }

    /// Of a new admin.
    pub async fn admin(app: &'a TestApp) -> Self {
        Self::of(app, &app.admin().await).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.app.http.bearer("GET", &at(path), &self.token).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.app.http.bearer("DELETE", &at(path), &self.token).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.app.http.json("POST", &at(path), Auth::Bearer(&self.token), &body).await
    }

    /// Without a body.
    pub async fn call(&self, path: &str) -> Answer {
        self.app.http.bearer("POST", &at(path), &self.token).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.app.http.json("PUT", &at(path), Auth::Bearer(&self.token), &body).await
    }

    /// Makes an application with a client; the answer.
    pub async fn oauth(&self, name: &str, kind: &str, grants: &[&str]) -> Value {
        self.post("/applications", wish(name, kind, grants)).await.expect(201)
    }

    /// Subscribes an application to the plan of a service.
    pub async fn subscribe(&self, application: &Value, service: &entity::service::Model) -> Answer {
        let plan = plan_of(self.app, service).await;
        let path = format!("/applications/{}/subscriptions?plan={plan}", id(application));
        self.post(&path, json!({"request": "please"})).await
    }
}

/// A path of the management API, unless it is one of the portal's.
fn at(path: &str) -> String {
    if path.starts_with("/portal") || path.starts_with("/management") {
        path.to_owned()
    } else {
        format!("{HOME}{path}")
    }
}

/// An application with a client that is asked for.
pub fn wish(name: &str, kind: &str, grants: &[&str]) -> Value {
    let redirects: &[&str] = if kind == "backend_to_backend" { &[] } else { &["https://client.example/cb"] };
    let oauth = json!({"application_type": kind, "grant_types": grants, "redirect_uris": redirects});
    json!({"name": name, "description": "What it does", "settings": {"oauth": oauth}})
}

/// A simple application that is asked for.
pub fn simple(name: &str, client_id: Option<&str>) -> Value {
    json!({"name": name, "description": "What it does", "settings": {"app": {"client_id": client_id}}})
}

/// The plan of a service.
pub async fn plan_of(app: &TestApp, service: &entity::service::Model) -> String {
    use sea_orm::ColumnTrait as _;
    let of_service = entity::policy::Column::ServiceId.eq(service.id);
    let found = entity::policy::Entity::find().filter(of_service).one(app.app.db.pool()).await;
    found.unwrap().unwrap().id.to_string()
}

/// The identity of something that was answered.
#[track_caller]
pub fn id(told: &Value) -> &str {
    told["id"].as_str().unwrap_or_else(|| panic!("no id in {told}"))
}

/// A portal that may call this machine, and does not wait for long.
pub async fn reaching() -> TestApp {
    let set = [
        ("outbound.allow_networks", "127.0.0.0/8"),
        ("outbound.total_timeout_seconds", "1"),
        ("outbound.connect_timeout_seconds", "1"),
    ];
    TestApp::with(&set).await
}

/// A portal that registers applications with itself (D-3).
pub async fn registering() -> TestApp {
    let app = TestApp::at_a_standstill().await;
    registers_here(&app).await;
    app
}

/// From now on applications are registered at this server.
pub async fn registers_here(app: &TestApp) {
    app.settings(json!({"registration": {"portal": true}})).await;
    use_this_server(&app.app, &app.tenant(), &Actor::operator("admin")).await.unwrap();
}

/// The time at a standstill, as the management API tells it.
pub fn millis(app: &TestApp) -> i64 {
    app.app.clock.now() * 1000
}

/// A refusal of the management API: status, technical code and message.
#[track_caller]
pub fn refusal(answer: &Answer) -> (u16, String, String) {
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.text);
    let told = answer.json();
    assert_eq!(told["http_status"], answer.status, "{told}");
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    (answer.status, text("technicalCode"), text("message"))
}

/// Status and technical code of a refusal.
#[track_caller]
pub fn code(answer: &Answer) -> (u16, String) {
    let (status, code, _) = refusal(answer);
    (status, code)
}

/// The fields that are wrong.
#[track_caller]
pub fn wrong(answer: &Answer) -> Vec<String> {
    let (status, _, _) = refusal(answer);
    assert_eq!(status, 400, "{}", answer.text);
    let told = answer.json();
    let details = told["details"].as_array().unwrap_or_else(|| panic!("no details in {told}"));
    details.iter().map(|detail| detail["location"].as_str().unwrap().to_owned()).collect()
}

/// A refusal of the portal API: status, code and message of the first error.
#[track_caller]
pub fn portal_refusal(answer: &Answer) -> (u16, String, String) {
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.text);
    let told = answer.json();
    let first = &told["errors"][0];
    assert_eq!(first["status"], answer.status.to_string(), "{told}");
    let text = |name: &str| first[name].as_str().unwrap_or_default().to_owned();
    (answer.status, text("code"), text("message"))
}

/// Expected status and technical code.
pub fn coded(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

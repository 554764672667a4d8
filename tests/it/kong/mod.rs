//! Kong's Admin API, Portal API and OAuth endpoints, as scripts written for Kong use them (portal.md §1).

mod applications;
mod developers;
mod listener;
mod oauth2;
mod plugins;
mod portal_api;
mod refusals;
mod services;

use entity::user::Role;
use registrar::secret::{self, Secret};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

use crate::harness::{Answer, TestApp};

/// A server, and an admin's token.
pub struct Kong {
    pub app: TestApp,
    pub token: String,
}

/// The seed's first example.
pub const PLUGIN: &str = "name=application-registration&config.display_name=my_service_display_name\
                          &config.enable_client_credentials=true";

impl Kong {
    pub async fn start() -> Self {
        Self::of(TestApp::start().await).await
    }

    pub async fn of(app: TestApp) -> Self {
        let token = token_of(&app, "root@example.org", Role::Admin).await;
        Self { app, token }
    }

    /// The token of somebody with this role.
    pub async fn token_of(&self, email: &str, role: Role) -> String {
        token_of(&self.app, email, role).await
    }

    /// A call with another token, or none.
    pub async fn call_as(&self, token: Option<&str>, method: &str, path: &str, body: Body<'_>) -> Answer {
        let mut request = self.app.http.request(method, &format!("/kong/admin{path}"));
        if let Some(token) = token {
            request = request.header("Kong-Admin-Token", token);
        }
        self.app.http.send(body.in_request(request)).await
    }

    pub async fn call(&self, method: &str, path: &str, body: Body<'_>) -> Answer {
        self.call_as(Some(&self.token), method, path, body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call("GET", path, Body::None).await.expect(200)
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        self.call("POST", path, Body::Form(form)).await
    }

    /// A service with a plugin: the service's and the plugin's answers.
    pub async fn billing(&self, plugin: &str) -> (Value, Value) {
        let service = self.post("/services", "name=billing&url=https://billing.internal/v1").await.expect(201);
        let plugin = self.post("/services/billing/plugins", plugin).await.expect(201);
        (service, plugin)
    }

    /// A developer who may use the portal, with an application: their answers.
    pub async fn application(&self, email: &str) -> (Value, Value) {
        let form =
            format!("email={email}&password=correct+horse+battery&status=0&meta=%7B%22full_name%22%3A%22W%22%7D");
        let developer = self.post("/developers", &form).await.expect(200);
        let path = format!("/developers/{email}/applications");
        let application = self.post(&path, "name=shop&redirect_uri=https://shop.example/cb").await.expect(201);
        (developer, application)
    }

    /// An application with an approved contract for `billing`, and its credential.
    pub async fn approved(&self) -> Value {
        let (_, application) = self.application("wally@example.org").await;
        let base = format!("/developers/wally@example.org/applications/{}", text(&application, "id"));
        let made = self.post(&format!("{base}/application_instances"), "service.name=billing").await.expect(201);
        if made["status"] == 1 {
            let path = format!("{base}/application_instances/{}", text(&made, "id"));
            self.call("PATCH", &path, Body::Form("status=0")).await.expect(200);
        }
        self.get(&format!("{base}/credentials/oauth2")).await["data"][0].clone()
    }
}

/// A personal token of somebody with this role.
async fn token_of(app: &TestApp, email: &str, role: Role) -> String {
    let mut person = app.person(email).await.into_active_model();
    person.role = Set(role);
    let person = person.update(app.app.db.pool()).await.unwrap();
    app.app.users.forget(&person.id);
    let token = Secret::token("pt_");
    let row = entity::personal_token::Model {
        id: secret::new_id().into(),
        tenant_id: person.tenant_id,
        user_id: person.id,
        name: "script".to_owned(),
        hash: token.hash().into(),
        hint: "….".to_owned(),
        scopes: entity::word::Words::default(),
        expires_at: None,
        revoked_at: None,
        created_at: app.app.clock.now(),
    };
    row.into_active_model().reset_all().insert(app.app.db.pool()).await.unwrap();
    token.expose().to_owned()
}

/// A personal token of an admin of another tenant.
pub async fn token_of_tenant(app: &TestApp, slug: &str, email: &str) -> String {
    let person = app.person(email).await;
    let tenant = app.app.tenants.by_slug(slug).unwrap();
    let row = entity::user::Model { id: secret::new_id().into(), tenant_id: tenant.id, role: Role::Admin, ..person };
    row.clone().into_active_model().reset_all().insert(app.app.db.pool()).await.unwrap();
    let new = registrar::portal::personal_token::New {
        name: "a script".to_owned(),
        scopes: Vec::new(),
        lifetime: registrar::portal::personal_token::Lifetime::Usual,
    };
    let made = registrar::portal::personal_token::create_for(&app.app, &tenant, "test", &row, new).await;
    made.unwrap().1.expose().to_owned()
}

/// What a request brings.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    None,
    Form(&'a str),
    Json(&'a Value),
    Typed(&'a str, &'a str),
}

impl Body<'_> {
    pub fn in_request(self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let typed = |kind: &str, body: String| request.try_clone().unwrap().header("content-type", kind).body(body);
        match self {
            Body::None => request,
            Body::Form(form) => typed("application/x-www-form-urlencoded", form.to_owned()),
            Body::Json(value) => typed("application/json", value.to_string()),
            Body::Typed(kind, body) => typed(kind, body.to_owned()),
        }
    }
}

pub fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is no text in {value}"))
}

/// The same without what differs from run to run, which is there.
pub fn masked(mut value: Value, names: &[&str]) -> Value {
    for name in names {
        let known = name.split('.').try_fold(&mut value, |at, name| at.get_mut(name));
        let known = known.unwrap_or_else(|| panic!("{name} is missing"));
        assert!(!known.is_null(), "{name} is null");
        *known = json!("…");
    }
    value
}

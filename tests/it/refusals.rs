//! Who is refused what? Every operation of every document, asked by everybody who should not have it (security.md s.B1 to
//! s.B4): nobody, somebody with a token that is worth nothing, a person, a developer with another developer's ids, a
//! publisher with another publisher's service.
//!
//! The documents name the operations, so that one that is added is walked too.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use entity::contract::ContractState;
use entity::user::{Model as User, Role};
use registrar::app::routes;
use registrar::oidc::client::ApplicationType;
use registrar::portal::personal_token::{self, Lifetime, New};
use registrar::portal::{Actor, application, client, contract, document, webhook};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::harness::TestApp;

/// One operation of one document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Operation {
    method: String,
    /// With `{name}` in it.
    template: String,
}

/// The protocol's own operations authenticate clients, each in its own way: `tests/it/oidc` asks them one by one.
const ELSEWHERE: &str = "oidc.json";

/// Operations that are for everybody: the way in, and what tells how to come in.
const OPEN: [&str; 6] = [
    "POST /kong/portal/register",
    "GET /kong/portal/auth",
    "DELETE /kong/portal/auth",
    "POST /{service}/oauth2/token",
    "POST /{service}/oauth2/authorize",
    "GET /kong/portal/config",
];

fn operations() -> Vec<Operation> {
    let mut all = Vec::new();
    for (name, document) in routes::documents() {
        if name == ELSEWHERE {
            continue;
        }
        let document: Value = serde_json::from_str(&document).unwrap();
        let prefix = document["servers"][0]["url"].as_str().unwrap_or_default().trim_end_matches('/').to_owned();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in ["get", "post", "put", "patch", "delete"] {
                if item.get(method).is_some() {
                    all.push(Operation { method: method.to_uppercase(), template: format!("{prefix}{path}") });
                }
            }
        }
    }
    all.sort();
    all
}

impl Operation {
    fn is_open(&self) -> bool {
        OPEN.contains(&format!("{} {}", self.method, self.template).as_str())
    }

    /// The address with the ids of what the fixture made, by the name of the collection before each.
    fn address(&self, ids: &BTreeMap<&str, String>) -> String {
        let mut before = "";
        let mut address = String::new();
        for segment in self.template.split('/').skip(1) {
            address.push('/');
            if segment.starts_with('{') {
                let unknown = || uuid::Uuid::now_v7().to_string();
                address.push_str(&ids.get(before).cloned().unwrap_or_else(unknown));
            } else {
                address.push_str(segment);
            }
            before = segment;
        }
        address
    }

    fn names_something(&self) -> bool {
        // Where everything is, is nothing in particular.
        self.template.replace("{organizationId}", "").replace("{envId}", "").contains('{')
    }
}

/// A tenant with everything in it that a developer or a publisher may own.
struct Fixture {
    app: TestApp,
    ids: BTreeMap<&'static str, String>,
}

async fn fixture() -> Fixture {
    let app = TestApp::start().await;
    let tenant = app.tenant();
    let owner = app.person_as("owner@example.org", Role::Developer).await;
    let operator = Actor::operator("test");
    let service = app.guarded("https://api.example/orders", &["read"], |_| ()).await;
    let publisher = app.person_as("publisher@example.org", Role::Publisher).await;
    entity::service::Entity::update_many()
        .col_expr(entity::service::Column::OwnerId, Expr::value(publisher.id))
        .filter(entity::service::Column::Id.eq(service.id))
        .exec(app.app.db.pool())
        .await
        .unwrap();
    app.app.services.forget_all();
    let policy = entity::policy::Entity::find().one(app.app.db.pool()).await.unwrap().unwrap();
    let mine = Actor::person(std::sync::Arc::new(owner.clone()));
    let new = application::New {
        redirect_uris: vec!["https://client.example/cb".to_owned()],
        ..application::New::named("Shop", ApplicationType::Web)
    };
    let made = application::create(&app.app, &tenant, &mine, new).await.unwrap();
    let application_id = made.application.row.id;
    let which = client::Which::of(application_id, made.client.as_ref().unwrap().client_id());
    let secrets = client::secret::list(&app.app, &tenant, &mine, which).await.unwrap();
    let request = contract::Request::new(application_id, service.id);
    let asked = contract::request(&app.app, &tenant, &mine, request).await.unwrap();
    assert_eq!(asked.row.state, ContractState::Pending);
    let upload = document::Upload {
        path: Some("specs/orders.yaml".to_owned()),
        title: "Orders".to_owned(),
        media_type: Some("application/yaml".to_owned()),
        body: "openapi: 3.1.0".to_owned(),
        published: false,
    };
    let written = document::add(&app.app, &tenant, &operator, Some(&service.id.to_string()), upload).await.unwrap();
    let hook = webhook::New { url: "https://hooks.example/in".to_owned(), kinds: Vec::new() };
    let (hook, _) = webhook::create(&app.app, &tenant, &operator, hook).await.unwrap();
    let ids = [
        ("services", service.id.to_string()),
        ("apis", service.id.to_string()),
        ("resource-servers", service.id.to_string()),
        ("verify", service.id.to_string()),
        ("plugins", policy.id.to_string()),
        ("policies", policy.id.to_string()),
        ("developers", owner.id.to_string()),
        ("applications", application_id.to_string()),
        ("application_instances", asked.row.id.to_string()),
        ("registrations", asked.row.id.to_string()),
        ("contracts", asked.row.id.to_string()),
        ("client-grants", asked.row.id.to_string()),
        ("clients", made.client.as_ref().unwrap().client_id().to_owned()),
        ("oauth2", made.client.as_ref().unwrap().row.id.to_string()),
        ("credentials", made.client.as_ref().unwrap().row.id.to_string()),
        ("dcr", made.client.as_ref().unwrap().client_id().to_owned()),
        ("secrets", secrets[0].id.to_string()),
        ("documents", written.id.to_string()),
        ("document_objects", written.id.to_string()),
        ("webhooks", hook.id.to_string()),
        ("portals", tenant.id.to_string()),
        ("schemas", "services".to_owned()),
        ("organizations", "DEFAULT".to_owned()),
        ("environments", "DEFAULT".to_owned()),
        ("subscriptions", asked.row.id.to_string()),
        ("plans", policy.id.to_string()),
    ];
    Fixture { ids: ids.into_iter().collect(), app }
}

impl Fixture {
    async fn token_of(&self, person: &User) -> String {
        let new = New { name: "a script".to_owned(), scopes: Vec::new(), lifetime: Lifetime::Usual };
        let made = personal_token::create_for(&self.app.app, &self.app.tenant(), "test", person, new).await;
        made.unwrap().1.expose().to_owned()
    }

    /// What is answered to somebody who sends nothing that could be right.
    async fn ask(&self, operation: &Operation, token: Option<&str>) -> u16 {
        let mut request = self.app.http.request(&operation.method, &operation.address(&self.ids));
        if let Some(token) = token {
            request = request.bearer_auth(token).header("kong-admin-token", token).header("x-api-key", token);
        }
        if operation.method != "GET" && operation.method != "DELETE" {
            request = request.json(&json!({}));
        }
        self.app.http.send(request).await.status
    }

    /// Every operation whose answer `is_wrong`, as lines.
    async fn walk(&self, who: &str, token: Option<&str>, is_wrong: impl Fn(&Operation, u16) -> bool) -> String {
        let mut complaints = String::new();
        for operation in operations().iter().filter(|operation| !operation.is_open()) {
            let status = self.ask(operation, token).await;
            if is_wrong(operation, status) {
                let _ = writeln!(complaints, "{who}: {} {} → {status}", operation.method, operation.template);
            }
        }
        complaints
    }
}

#[tokio::test]
async fn nobody_and_a_token_that_is_worth_nothing_get_nowhere() {
    // s.B1, s.K1, s.B20
    let fixture = fixture().await;
    let is_wrong = |_: &Operation, status| status != 401;
    let mut complaints = fixture.walk("nobody", None, is_wrong).await;
    complaints += &fixture.walk("a wrong token", Some("pt_nothing"), is_wrong).await;
    assert!(complaints.is_empty(), "answers that are not 401:\n{complaints}");
}

#[tokio::test]
async fn a_person_who_is_no_developer_manages_nothing() {
    spec!("portal/K6");
    // s.B4
    let fixture = fixture().await;
    let person = fixture.app.person("somebody@example.org").await;
    let token = personal_row(&fixture, &person).await;
    let is_wrong = |operation: &Operation, status| {
        // Who one is, and what everybody may read, is told; nothing is changed and nothing of others is shown.
        let is_told = operation.method == "GET" && status == 200 && is_about_oneself(operation);
        !is_told && !matches!(status, 401 | 403 | 404)
    };
    let complaints = fixture.walk("a person", Some(&token), is_wrong).await;
    assert!(complaints.is_empty(), "answers that are no refusals:\n{complaints}");
}

/// Operations that tell the caller about the caller, or what no one keeps secret.
fn is_about_oneself(operation: &Operation) -> bool {
    ["/me", "/developer", "/personal-tokens", "/schemas", "/endpoints", "/application-auth-strategies"]
        .iter()
        .any(|known| operation.template.contains(known))
}

/// A token of somebody to whom the rule gives none.
async fn personal_row(fixture: &Fixture, person: &User) -> String {
    use sea_orm::{ActiveModelTrait, IntoActiveModel};
    let value = registrar::secret::Secret::token(registrar::portal::actor::PERSONAL_TOKEN_PREFIX);
    let row = entity::personal_token::Model {
        id: registrar::secret::new_id().into(),
        tenant_id: person.tenant_id,
        user_id: person.id,
        name: "smuggled".to_owned(),
        hash: value.hash().as_str().to_owned(),
        hint: "xxxx".to_owned(),
        scopes: entity::word::Words::default(),
        expires_at: None,
        revoked_at: None,
        created_at: fixture.app.app.clock.now(),
    };
    row.into_active_model().reset_all().insert(fixture.app.app.db.pool()).await.unwrap();
    value.expose().to_owned()
}

#[tokio::test]
async fn another_developer_reaches_nothing_by_its_id() {
    // s.B1, s.B2, s.B5
    let fixture = fixture().await;
    let other = fixture.app.person_as("other@example.org", Role::Developer).await;
    let token = fixture.token_of(&other).await;
    let is_wrong = |operation: &Operation, status: u16| {
        let shared = ["/apis/", "/services/", "/application_services", "/schemas/", "/catalog"];
        let is_shared = operation.method == "GET" && shared.iter().any(|part| operation.template.contains(part));
        let refused = matches!(status, 401 | 403 | 404);
        if operation.names_something() && !is_shared {
            return !refused;
        }
        // Collections of one's own are there; what is missing in the body is said.
        !refused && !matches!(status, 200 | 400 | 409 | 415 | 422)
    };
    let complaints = fixture.walk("another developer", Some(&token), is_wrong).await;
    assert!(complaints.is_empty(), "answers that are no refusals:\n{complaints}");
    untouched(&fixture).await;
}

#[tokio::test]
async fn another_publisher_changes_nothing_that_is_not_theirs() {
    // s.B4, s.B15
    let fixture = fixture().await;
    let other = fixture.app.person_as("other@example.org", Role::Publisher).await;
    let token = fixture.token_of(&other).await;
    let is_wrong = |operation: &Operation, status: u16| {
        let changes = operation.method != "GET" && operation.names_something();
        changes && matches!(status, 200..=299) || status >= 500
    };
    let complaints = fixture.walk("another publisher", Some(&token), is_wrong).await;
    assert!(complaints.is_empty(), "changes of what is not theirs:\n{complaints}");
    untouched(&fixture).await;
}

#[tokio::test]
async fn an_admin_is_refused_nothing_that_is_read() {
    // s.B4
    let fixture = fixture().await;
    let admin = fixture.app.person_as("root@example.org", Role::Admin).await;
    let token = fixture.token_of(&admin).await;
    let is_wrong = |operation: &Operation, status: u16| {
        let bridge = operation.template.starts_with("/konnect/dcr");
        operation.method == "GET" && matches!(status, 401 | 403) && !bridge || status >= 500
    };
    let complaints = fixture.walk("an admin", Some(&token), is_wrong).await;
    assert!(complaints.is_empty(), "refusals and failures:\n{complaints}");
}

/// Nothing of the fixture was changed or removed by those who may not.
async fn untouched(fixture: &Fixture) {
    let pool = fixture.app.app.db.pool();
    let contracts = entity::contract::Entity::find().all(pool).await.unwrap();
    let states: Vec<ContractState> = contracts.iter().map(|row| row.state).collect();
    assert_eq!(states, [ContractState::Pending]);
    let versions: Vec<i64> =
        entity::application::Entity::find().all(pool).await.unwrap().iter().map(|row| row.version).collect();
    assert_eq!(versions, [0]);
    assert_eq!(entity::policy::Entity::find().all(pool).await.unwrap()[0].version, 0);
    assert_eq!(entity::document::Entity::find().all(pool).await.unwrap().len(), 1);
    assert_eq!(entity::client_secret::Entity::find().all(pool).await.unwrap().len(), 1);
}

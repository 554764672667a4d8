//! The bridge that a Konnect portal elsewhere calls (portal.md N28).

use entity::application::Source;
use entity::{application, contract, event};
use registrar::oidc::registration::initial_access_token::{self as tickets, New};
use registrar::oidc::registration::{Policy, Profile};
use registrar::portal::Actor;
use registrar::portal::contract::Decision;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::harness::http::{Auth, exposed};
use crate::harness::{Answer, TestApp};

/// A key of the bridge, good for so many applications.
async fn key(app: &TestApp, max_uses: Option<i64>) -> String {
    let new = New {
        name: "portal".into(),
        profile: Some(&Profile::INTEROP),
        policy: Policy::default(),
        template: None,
        max_uses,
        expires_at: None,
        created_by: "system".into(),
    };
    exposed(&tickets::create(&app.app, &app.tenant(), new).await.unwrap().0)
}

async fn call(app: &TestApp, method: &str, path: &str, key: &str, body: Option<&Value>) -> Answer {
    let request = app.http.request(method, &format!("/konnect/dcr{path}")).header("x-api-key", key);
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(body.to_string()),
        None => request,
    };
    app.http.send(request).await
}

fn corpus() -> Value {
    serde_json::from_str(include_str!("../../corpus/kong-konnect-http-dcr-create.json")).unwrap()
}

async fn created(app: &TestApp, key: &str) -> Value {
    call(app, "POST", "/", key, Some(&corpus()["register"]["body"])).await.expect(201)
}

async fn token(app: &TestApp, client: &Value, secret: &Value) -> u16 {
    let auth = Auth::Basic(client["client_id"].as_str().unwrap(), secret.as_str().unwrap());
    app.http.form("/token", auth, &[("grant_type", "client_credentials")]).await.status
}

fn hook(kind: &str, client: &Value, more: Value) -> Value {
    let mut body = json!({
        "event_type": kind, "client_id": client["client_id"], "application_id": "8f1d5a0e-63a3-4c6c-9d0c-3b0a3c7ce009",
        "application_name": "portal app 2", "application_description": "new words", "portal_id": "p",
        "organization_id": "o", "developer_id": "d",
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// What the audit log says of a client, as kind and outcome.
async fn log(app: &TestApp, client: &Value) -> Vec<(String, Value)> {
    let target = format!("client:{}", client["client_id"].as_str().unwrap());
    let rows = event::Entity::find().filter(event::Column::Target.eq(target)).order_by_asc(event::Column::Id);
    let rows = rows.all(app.app.db.pool()).await.unwrap();
    rows.into_iter().map(|row| (row.kind, row.data)).collect()
}

#[tokio::test]
async fn a_portal_registers_renews_and_removes_an_application() {
    spec!("portal/N28");
    let app = TestApp::start().await;
    let key = key(&app, Some(1)).await;
    assert!(key.len() <= 256 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{key}");
    let case = corpus();
    let client = created(&app, &key).await;
    for member in case["expect"]["register"]["body"]["present"].as_array().unwrap() {
        assert!(client[member.as_str().unwrap()].is_string(), "{client}");
    }
    let members: Vec<&String> = client.as_object().unwrap().keys().collect();
    assert_eq!(members, ["client_id", "client_secret", "client_id_issued_at"]);
    assert!(client["client_id_issued_at"].as_str().unwrap().ends_with('Z'), "{client}");
    assert_eq!(token(&app, &client, &client["client_secret"]).await, 200);
    let made = application::Entity::find().filter(application::Column::Source.eq(Source::Bridge));
    let made = made.one(app.app.db.pool()).await.unwrap().unwrap();
    assert_eq!((made.name.as_str(), made.description.as_deref()), ("portal app", Some("demo")));
    let told = log(&app, &client).await.remove(0);
    assert_eq!(told.0, "client_registered");
    assert_eq!(
        (&told.1["way"], &told.1["names"]["portal_id"]),
        (&json!("bridge"), &case["register"]["body"]["portal_id"])
    );

    // The key is used up: it registers nothing more, and still looks after what it registered.
    let more = call(&app, "POST", "", &key, Some(&case["register"]["body"])).await;
    assert_eq!(more.refusal(), (401, "invalid_token".to_owned()));
    let id = client["client_id"].as_str().unwrap();
    let renewed = call(&app, "POST", &format!("/{id}/new-secret"), &key, None).await.expect(200);
    assert_eq!(renewed, json!({"client_id": id, "client_secret": renewed["client_secret"]}));
    assert_eq!(token(&app, &client, &client["client_secret"]).await, 401);
    assert_eq!(token(&app, &client, &renewed["client_secret"]).await, 200);
    let gone = call(&app, "DELETE", &format!("/{id}"), &key, None).await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    assert_eq!(token(&app, &client, &renewed["client_secret"]).await, 401);
    let again = call(&app, "DELETE", &format!("/{id}"), &key, None).await;
    assert_eq!(again.refusal(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn only_the_key_an_application_was_registered_with_looks_after_it() {
    spec!("portal/N28");
    let app = TestApp::open().await;
    let (mine, other) = (key(&app, None).await, key(&app, None).await);
    let client = created(&app, &mine).await;
    let id = client["client_id"].as_str().unwrap();
    let elsewhere = json!({"redirect_uris": ["https://a.example/cb"]});
    let by_itself = app.http.json("POST", "/oidc/register", Auth::Bearer(&mine), &elsewhere).await.expect(201);
    let management = by_itself["registration_access_token"].as_str().unwrap();
    let by_itself = by_itself["client_id"].as_str().unwrap();
    let news = hook("update_application", &client, json!({}));
    for (method, path) in [("DELETE", ""), ("POST", "/new-secret"), ("POST", "/event-hook")] {
        let body = (path == "/event-hook").then_some(&news);
        let to = format!("/{id}{path}");
        assert_eq!(call(&app, method, &to, &other, body).await.refusal(), (404, "not_found".to_owned()), "{path}");
        for wrong in ["", "iat_wrong", "no key at all", management] {
            let refused = call(&app, method, &to, wrong, body).await;
            assert_eq!(refused.refusal(), (401, "invalid_token".to_owned()), "{path} {wrong}");
        }
    }
    // What registered itself with the same ticket manages itself.
    let refused = call(&app, "DELETE", &format!("/{by_itself}"), &mine, None).await;
    assert_eq!(refused.refusal(), (404, "not_found".to_owned()));
    // Also where anybody may register, the bridge wants its key.
    let nobody = app.http.post_json("/konnect/dcr", &corpus()["register"]["body"]).await;
    assert_eq!(nobody.refusal(), (401, "invalid_token".to_owned()));
    let as_bearer = app.http.json("POST", "/konnect/dcr", Auth::Bearer(&mine), &corpus()["register"]["body"]).await;
    assert_eq!(as_bearer.status, 401);
}

#[tokio::test]
async fn what_the_bridge_cannot_take_is_refused_in_its_words() {
    spec!("portal/N28");
    let app = TestApp::start().await;
    let key = key(&app, None).await;
    let create = async |change: Value| {
        let mut body = corpus()["register"]["body"].clone();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        call(&app, "POST", "", &key, Some(&body)).await
    };
    let public = create(json!({"token_endpoint_auth_method": "none"})).await;
    assert_eq!(public.refusal(), (400, "invalid_client_metadata".to_owned()));
    let script = create(json!({"redirect_uris": ["javascript:alert(1)"]})).await;
    assert_eq!(script.refusal(), (400, "invalid_redirect_uri".to_owned()));
    assert_eq!(create(json!({"portal_id": 7})).await.refusal(), (400, "invalid_request".to_owned()));
    let form = app.http.request("POST", "/konnect/dcr").header("x-api-key", &key).form(&[("client_name", "x")]);
    assert_eq!(app.http.send(form).await.refusal(), (415, "invalid_request".to_owned()));
    let broken = app.http.request("POST", "/konnect/dcr").header("x-api-key", &key);
    let broken = broken.header("content-type", "application/json").body("{");
    assert_eq!(app.http.send(broken).await.refusal(), (400, "invalid_request".to_owned()));
    assert_eq!(call(&app, "PUT", "", &key, None).await.refusal(), (405, "method_not_allowed".to_owned()));
    assert_eq!(call(&app, "POST", "/a/b/c", &key, None).await.refusal(), (404, "not_found".to_owned()));
    // Whatever was refused spent nothing.
    created(&app, &key).await;
}

#[tokio::test]
async fn what_the_portal_tells_is_done_where_it_means_something() {
    spec!("portal/N28");
    let app = TestApp::start().await;
    let orders = app.offered("orders", |_, _| {}).await;
    let free = app.offered("free", |_, policy| policy.auto_approve = true).await;
    let key = key(&app, None).await;
    let client = created(&app, &key).await;
    let path = format!("/{}/event-hook", client["client_id"].as_str().unwrap());
    let tell = async |kind: &str, more: Value| {
        let answer = call(&app, "POST", &path, &key, Some(&hook(kind, &client, more))).await;
        (answer.status, log(&app, &client).await.pop().unwrap().1["outcome"].clone())
    };
    let moved = json!({"redirect_uris": ["https://app.example.com/new"]});
    assert_eq!(tell("update_application", moved).await, (200, json!("changed")));
    let row = application::Entity::find().filter(application::Column::Source.eq(Source::Bridge));
    let row = row.one(app.app.db.pool()).await.unwrap().unwrap();
    assert_eq!(
        (row.name.as_str(), row.description.as_deref(), row.custom_id.as_deref()),
        ("portal app 2", Some("new words"), Some("8f1d5a0e-63a3-4c6c-9d0c-3b0a3c7ce009"))
    );
    // A ticket to register approves nothing: what nobody has to approve is approved, the rest waits here.
    let by_audience = json!({"audience": orders.audience, "api_product_version_id": app.tenant().id});
    assert_eq!(tell("add_registration", by_audience.clone()).await, (200, json!("pending")));
    assert_eq!(tell("add_registration", by_audience.clone()).await, (200, json!("pending")));
    assert_eq!(tell("add_registration", json!({"api_product_version_id": free.id})).await, (200, json!("approved")));
    let unknown = json!({"api_product_version_id": app.tenant().id});
    assert_eq!(tell("add_registration", unknown).await, (200, json!("no such service")));
    assert_eq!(tell("remove_registration", json!({"audience": free.audience})).await, (200, json!("closed")));
    assert_eq!(tell("remove_registration", json!({"audience": free.audience})).await, (200, json!("no contract")));
    // D-17: what was revoked here is not undone from there.
    let waiting = contract::Entity::find().filter(contract::Column::ServiceId.eq(orders.id));
    let waiting = waiting.one(app.app.db.pool()).await.unwrap().unwrap();
    let admin = Actor::operator("admin");
    for decision in [Decision::Approve, Decision::Revoke { reason: None }] {
        registrar::portal::contract::decide(&app.app, &app.tenant(), &admin, waiting.id, decision).await.unwrap();
    }
    assert_eq!(tell("remove_registration", by_audience.clone()).await, (200, json!("kept")));
    assert_eq!(tell("add_registration", by_audience).await, (200, json!("revoked")));

    let refused = call(&app, "POST", &path, &key, Some(&hook("erase", &client, json!({})))).await;
    assert_eq!(refused.refusal(), (400, "invalid_request".to_owned()));
    let other = hook("update_application", &client, json!({"client_id": "other"}));
    assert_eq!(call(&app, "POST", &path, &key, Some(&other)).await.refusal(), (400, "invalid_request".to_owned()));
    let script = hook("update_application", &client, json!({"redirect_uris": ["javascript:alert(1)"]}));
    assert_eq!(call(&app, "POST", &path, &key, Some(&script)).await.status, 400);
}

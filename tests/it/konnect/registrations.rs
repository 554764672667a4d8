//! Registrations of applications for APIs, and the catalog (portal.md N1 to N20, N26).

use registrar::portal::Actor;
use registrar::portal::contract::{self, Decision};
use serde_json::{Value, json};

use super::{Script, not_found, now, problem, refusal, wrong};
use crate::harness::TestApp;
use crate::harness::http::Auth;

async fn decide(app: &TestApp, registration: &Value, decision: Decision) {
    let id = registration["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap().into();
    contract::decide(&app.app, &app.tenant(), &Actor::operator("admin"), id, decision).await.unwrap();
}

#[tokio::test]
async fn an_application_uses_an_api_once_its_registration_is_approved() {
    spec!("portal/N1", "portal/N2", "portal/N4", "portal/N9", "portal/N17", "portal/N26");
    let app = TestApp::at_a_standstill().await;
    let (orders, bills) = (app.offered("orders", |_, _| {}).await, app.offered("bills", |_, _| {}).await);
    let dev = Script::developer(&app, "dev@example.org").await;
    let made = dev.post("/api/v3/applications", json!({"name": "App"})).await.expect(201);
    let id = made["id"].as_str().unwrap();
    let token = async || {
        let auth = Auth::Basic(made["client_id"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
        let fields = [("grant_type", "client_credentials"), ("audience", orders.audience.as_str())];
        app.http.form("/token", auth, &fields).await.status
    };
    assert_eq!(token().await, 400, "nothing without a registration");
    let registered = dev.register(id, &orders).await.expect(201);
    assert_eq!(
        registered,
        json!({
            "id": registered["id"], "status": "pending", "application_id": id, "api_id": orders.id,
            "api_name": "orders", "api_slug": orders.name, "created_at": now(&app), "updated_at": now(&app),
        })
    );
    assert_eq!(token().await, 400, "nothing while it waits");
    decide(&app, &registered, Decision::Approve).await;
    assert_eq!(token().await, 200);
    let base = format!("/api/v3/applications/{id}");
    let scopes = dev.get(&format!("{base}/granted-scopes")).await.expect(200);
    assert_eq!(scopes, json!({"scopes": ["orders:read", "orders:write"]}));
    dev.register(id, &bills).await.expect(201);
    let pending = dev.get(&format!("{base}/registrations?filter[status]=pending")).await.expect(200);
    assert_eq!((&pending["meta"]["page"]["total"], &pending["data"][0]["api_name"]), (&json!(1), &json!("bills")));
    assert_eq!(dev.get(&format!("{base}/registrations")).await.expect(200)["meta"]["page"]["total"], 2);

    decide(&app, &registered, Decision::Revoke { reason: None }).await;
    assert_eq!(token().await, 400, "nothing once it is revoked");
    let one = format!("{base}/registrations/{}", registered["id"].as_str().unwrap());
    assert_eq!(dev.get(&one).await.expect(200)["status"], "revoked");
    // D-17
    assert_eq!(refusal(&dev.delete(&one).await), (409, "The contract is revoked".to_owned()));
}

#[tokio::test]
async fn what_is_pending_approved_or_rejected_may_be_unregistered() {
    spec!("portal/N10", "portal/N13", "portal/N19", "portal/N20");
    let app = TestApp::start().await;
    let orders = app.offered("orders", |_, _| {}).await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let id = dev.application("App").await;
    let base = format!("/api/v3/applications/{id}/registrations");
    for decision in [None, Some(Decision::Approve), Some(Decision::Reject { reason: None })] {
        let registered = dev.register(&id, &orders).await.expect(201);
        if let Some(decision) = decision {
            decide(&app, &registered, decision).await;
        }
        // N19, N26: whatever its status, it is in the way.
        let again = dev.register(&id, &orders).await;
        assert_eq!(problem(&again), json!({"detail": "API is already registered to the application"}));
        assert_eq!(again.status, 409);
        let one = format!("{base}/{}", registered["id"].as_str().unwrap());
        assert_eq!(dev.delete(&one).await.expect(204), Value::Null);
        assert_eq!(refusal(&dev.get(&one).await), not_found());
        assert_eq!(refusal(&dev.delete(&one).await), not_found());
        assert_eq!(dev.get(&base).await.expect(200)["data"], json!([]));
    }
}

#[tokio::test]
async fn an_api_without_application_registration_says_so() {
    spec!("portal/N3", "portal/N14", "portal/N6", "portal/N22");
    let app = TestApp::start().await;
    let plain = app.service("https://plain.example/", &[]).await;
    let paused = app.offered("paused", |_, policy| policy.enabled = false).await;
    let hidden = app.offered("hidden", |service, _| service.published = false).await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let id = dev.application("App").await;
    for api in [&plain, &paused] {
        let refused = dev.register(&id, api).await;
        let told = "Application registration is not enabled for this Service.";
        assert_eq!(refusal(&refused), (409, told.to_owned()), "{}", api.name);
        let shown = dev.get(&format!("/api/v3/apis/{}", api.id)).await.expect(200);
        assert_eq!((&shown["auth_strategies"], &shown["registration"]), (&json!([]), &Value::Null));
        let actions = dev.get(&format!("/api/v3/apis/{}/actions", api.id)).await.expect(200);
        assert_eq!(actions, json!({"actions": {"view": true, "register": false, "view_documentation": true}}));
    }
    assert_eq!(dev.register(&id, &hidden).await.status, 404);
    let base = format!("/api/v3/applications/{id}/registrations");
    let unknown = json!({"api_id": "8f1d5a0e-63a3-4c6c-9d0c-3b0a3c7ce001"});
    assert_eq!(refusal(&dev.post(&base, unknown).await), not_found());
    let pair = |field: &str, rule: &str| vec![(field.to_owned(), rule.to_owned())];
    assert_eq!(wrong(&dev.post(&base, json!({"api_id": "orders"})).await), pair("api_id", "is_uuid"));
    assert_eq!(wrong(&dev.post(&base, json!({})).await), pair("api_id", "required"));
    // s.B5
    let given = json!({"api_id": plain.id, "status": "approved"});
    assert_eq!(wrong(&dev.post(&base, given).await), pair("status", "unknown_property"));
    assert_eq!(wrong(&dev.get(&format!("{base}?filter[status]=new")).await), pair("filter[status]", "enum"));
    assert_eq!(
        wrong(&dev.get(&format!("{base}?filter[team_id]=x")).await),
        pair("filter[team_id]", "unknown_property")
    );
}

#[tokio::test]
async fn developers_see_what_they_can_register_for() {
    spec!("portal/N5", "portal/N21");
    let app = TestApp::at_a_standstill().await;
    let orders = app.offered("orders", |_, _| {}).await;
    app.offered("hidden", |service, _| service.published = false).await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let strategy = json!({
        "id": app.tenant().id, "name": app.tenant().name, "credential_type": "client_credentials",
        "auth_methods": ["bearer"], "supports_multiple_credentials": true, "min_allowed_credentials": 1,
        "max_allowed_credentials": 20,
    });
    let mut expected = json!({
        "id": orders.id, "name": "orders", "slug": orders.name, "description": null, "version": null,
        "visibility": "private", "auth_strategies": [strategy],
        "registration": {"auto_approve": false, "grant_types": ["authorization_code", "client_credentials"]},
        "scopes": ["orders:read", "orders:write"], "audience": orders.audience,
        "created_at": now(&app), "updated_at": now(&app),
    });
    let listed = dev.get("/api/v3/apis").await.expect(200);
    assert_eq!(listed, json!({"data": [expected], "meta": {"page": {"number": 1, "size": 10, "total": 1}}}));
    app.settings(json!({"registration": {"open": true}, "auto_approve": {"contracts": true}})).await;
    expected["registration"]["auto_approve"] = json!(true);
    assert_eq!(dev.get(&format!("/api/v3/apis/{}", orders.id)).await.expect(200), expected);
    let id = dev.application("App").await;
    assert_eq!(dev.register(&id, &orders).await.expect(201)["status"], "approved");
    assert_eq!(refusal(&dev.get("/api/v3/apis/hidden").await), not_found());
}

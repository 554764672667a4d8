//! Gravitee's page "Applications": what its reader sets up, registers, shares, deletes and restores, by scripts.

use serde_json::{Value, json};

use crate::gravitee::{Script, code, coded, id, plan_of, reaching, refusal, registers_here, simple, wish};
use crate::harness::browser::forms;
use crate::harness::provider::Provider;
use crate::harness::{Browser, PASSWORD, TestApp};

const PROVIDERS: &str = "/configuration/applications/registration/providers";

#[tokio::test]
async fn an_admin_enables_the_types_and_configures_a_provider() {
    spec!("portal/G2", "portal/G11", "portal/G14", "portal/G15");
    // "Admins need to first enable the correct options", "add a Provider".
    let app = reaching().await;
    let admin = Script::admin(&app).await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let advanced = wish("Shop", "web", &["authorization_code"]);
    assert_eq!(dev.post("/applications", advanced.clone()).await.status, 400, "not enabled");
    dev.post("/applications", simple("Simple", None)).await.expect(201);
    dev.post("/applications", simple("Known", Some("my-own-id"))).await.expect(201);
    let on = json!({"application": {"registration": {"enabled": true}}});
    admin.post("/settings", on).await.expect(200);
    assert_eq!(
        code(&dev.post("/applications", advanced.clone()).await),
        coded(400, "clientRegistrationProvider.missing"),
        "not configured"
    );
    let there = Provider::start().await;
    let provider = json!({
        "name": "Access Management", "description": "Our authorization server",
        "discovery_endpoint": there.discovery(), "initial_access_token_type": "CLIENT_CREDENTIALS",
        "client_id": "portal", "client_secret": "secret", "scopes": ["dcr_admin"], "software_id": "template-1",
    });
    let first = admin.post(PROVIDERS, provider).await.expect(201);
    let asked = there.heard("POST /token");
    assert_eq!(asked.len(), 1, "a request is sent immediately");
    assert!(asked[0].body.contains("grant_type=client_credentials") && asked[0].body.contains("scope=dcr_admin"));
    dev.post("/applications", advanced.clone()).await.expect(201);
    let registered = &there.heard("POST /register")[0];
    assert_eq!(registered.header("authorization"), "Bearer iat-1", "it is used for later registrations");
    assert_eq!(registered.json()["software_id"], "template-1");
    // Direct provisioning.
    let direct = json!({
        "name": "Access Management", "discovery_endpoint": there.discovery(),
        "initial_access_token_type": "INITIAL_ACCESS_TOKEN", "initial_access_token": "pasted",
    });
    admin.put(&format!("{PROVIDERS}/{}", id(&first)), direct).await.expect(200);
    dev.post("/applications", wish("Second", "web", &["authorization_code"])).await.expect(201);
    assert_eq!(there.heard("POST /register")[1].header("authorization"), "Bearer pasted");
    assert_eq!(there.heard("POST /token").len(), 1, "no token is asked for");
}

#[tokio::test]
async fn a_consumer_registers_applications_of_every_type_and_subscribes() {
    spec!("portal/G25");
    // G1, G3 to G6, G17, G19
    let app = TestApp::start().await;
    registers_here(&app).await;
    let service = app.offered("orders", |_, policy| policy.auto_approve = true).await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let usual = [
        ("browser", "authorization_code"),
        ("web", "authorization_code"),
        ("native", "authorization_code"),
        ("backend_to_backend", "client_credentials"),
    ];
    for (kind, grant) in usual {
        let made = dev.oauth(kind, kind, &[grant]).await;
        let oauth = &made["settings"]["oauth"];
        let has_secret = matches!(kind, "web" | "backend_to_backend");
        assert_eq!(oauth.get("client_secret").is_some(), has_secret, "{kind}: depending on the application type");
        let subscription = dev.subscribe(&made, &service).await.expect(201);
        assert_eq!(subscription["status"], "ACCEPTED");
        if kind == "backend_to_backend" {
            let text = |name: &str| oauth[name].as_str().unwrap().to_owned();
            let basic = crate::harness::http::Auth::Basic;
            let form = [("grant_type", "client_credentials"), ("resource", service.audience.as_str())];
            let (client, secret) = (text("client_id"), text("client_secret"));
            let told = app.http.form("/token", basic(&client, &secret), &form).await.expect(200);
            let claims = crate::harness::party::claims(told["access_token"].as_str().unwrap());
            assert_eq!(claims["sub"], client.as_str(), "the client is the resource owner");
        }
    }
}

#[tokio::test]
async fn every_new_user_finds_a_default_application_and_admins_do_not() {
    // G28
    let app = TestApp::start().await;
    let dev = Script::developer(&app, "new@example.org").await;
    let admin = Script::admin(&app).await;
    for email in ["new@example.org", "new@example.org", "admin@example.org"] {
        let mut browser = Browser::new(&app.http);
        let login = browser.get("/login").await;
        let form = forms(&login.text).remove(0).set("email", email).set("password", PASSWORD);
        assert_eq!(browser.submit(&form).await.status, 303);
    }
    let listed = dev.get("/applications").await.expect(200);
    let told = |item: &Value| json!([item["name"], item["description"], item["type"]]);
    let told: Vec<Value> = listed.as_array().unwrap().iter().map(told).collect();
    assert_eq!(told, [json!(["Default application", "My default application", "SIMPLE"])]);
    let of_admin = admin.get("/portal/environments/DEFAULT/applications").await.expect(200);
    assert_eq!(of_admin["data"], json!([]));
}

#[tokio::test]
async fn an_application_is_shared_deleted_and_restored() {
    spec!("portal/G33", "portal/G35");
    // G29 to G32, G34
    let app = TestApp::start().await;
    let publisher = Script::publisher(&app, "publisher@example.org").await;
    let owner = publisher.actor.user_id();
    let service = app.offered("orders", |service, policy| {
        service.owner_id = owner;
        policy.auto_approve = true;
    });
    let service = service.await;
    let (primary, owner) =
        (Script::developer(&app, "po@example.org").await, Script::developer(&app, "owner@example.org").await);
    let user = Script::developer(&app, "user@example.org").await;
    let admin = Script::admin(&app).await;
    let made = primary.post("/applications", simple("Shop", Some("shop"))).await.expect(201);
    let path = format!("/applications/{}", id(&made));
    assert_eq!(code(&user.get(&path).await), coded(404, "application.notFound"), "only its creator can see it");
    for (who, role) in [(&owner, "OWNER"), (&user, "USER")] {
        let body = json!({"id": who.actor.user_id(), "role": role});
        primary.post(&format!("{path}/members"), body).await.expect(201);
    }
    // The user reads, and uses it to subscribe.
    let subscription = user.subscribe(&made, &service).await.expect(201);
    assert_eq!(user.get(&path).await.expect(200)["name"], "Shop");
    assert_eq!(code(&user.put(&path, simple("x", None)).await), coded(403, "forbidden"));
    // The owner does all but delete.
    owner.put(&path, simple("Store", Some("shop"))).await.expect(200);
    assert_eq!(code(&owner.delete(&path).await), coded(403, "forbidden"));
    primary.delete(&path).await.expect(204);
    let archived = admin.get(&path).await.expect(200);
    assert_eq!((&archived["status"], archived.get("owner")), (&json!("ARCHIVED"), None));
    let one = format!("/apis/{}/subscriptions/{}", service.id, id(&subscription));
    assert_eq!(publisher.get(&one).await.expect(200)["status"], "CLOSED");
    let forbidden =
        (403, "forbidden".to_owned(), "You do not have sufficient rights to access this resource".to_owned());
    assert_eq!(refusal(&primary.call(&format!("{path}/_restore")).await), forbidden, "as an ADMIN");
    let back = admin.call(&format!("{path}/_restore")).await.expect(200);
    assert_eq!(back["owner"]["email"], "admin@example.org", "the ADMIN becomes the primary owner");
    assert_eq!(publisher.get(&one).await.expect(200)["status"], "PENDING", "whatever the plan says");
    let process = publisher.post(&format!("{one}/_process"), json!({"accepted": true})).await;
    assert_eq!(process.expect(200)["status"], "ACCEPTED", "by hand");
    assert_eq!(plan_of(&app, &service).await, subscription["plan"]["id"].as_str().unwrap());
}

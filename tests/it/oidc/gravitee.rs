//! Does a portal that speaks as Gravitee's does find here what it found at its own access management? (portal.md G42 to
//! G51, §9.1)

use serde_json::{Value, json};

use super::initial_access_token::{delegate_token, ticket};
use crate::harness::http::Auth;
use crate::harness::party::text;
use crate::harness::{Answer, TestApp};

/// What such a portal keeps of our answers, and sends back: it forgets whatever it does not know.
const KEPT: [&str; 17] = [
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
    "scope",
    "redirect_uris",
    "response_types",
    "grant_types",
    "application_type",
    "contacts",
    "client_name",
    "logo_uri",
    "client_uri",
    "policy_uri",
    "tos_uri",
];

/// A portal that registers its applications here with an initial access token.
struct Portal {
    app: TestApp,
    token: String,
}

impl Portal {
    async fn new() -> Self {
        let app = TestApp::start().await;
        app.service("https://api.example", &["read", "write"]).await;
        let token = ticket(&app, None).await;
        Self { app, token }
    }

    async fn register(&self, body: Value) -> Value {
        self.app.http.json("POST", "/oidc/register", Auth::Bearer(&self.token), &body).await.expect(201)
    }

    /// As its update does: what it kept of the last answer without what is empty, the identifier, and what changed.
    async fn update(&self, last: &Value, change: Value) -> Answer {
        let mut body = last.clone();
        body.as_object_mut().unwrap().retain(|member, value| KEPT.contains(&member.as_str()) && !value.is_null());
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let bearer = Auth::Bearer(text(last, "registration_access_token"));
        self.app.http.json("PUT", text(last, "registration_client_uri"), bearer, &body).await
    }

    async fn renew(&self, last: &Value) -> Answer {
        let path = format!("/oidc/register/{}/renew_secret", text(last, "client_id"));
        self.app.http.bearer("POST", &path, text(last, "registration_access_token")).await
    }

    async fn token(&self, client: &Value) -> Answer {
        let fields = [("grant_type", "client_credentials"), ("resource", "https://api.example")];
        self.app.token(text(client, "client_id"), client["client_secret"].as_str(), &fields).await
    }
}

fn backend() -> Value {
    // Byte for byte what the real classes make (§9.1).
    let body = r#"{"response_types":[],"grant_types":["client_credentials"],"application_type":"backend_to_backend",
        "client_name":"n","policy_uri":"https://x","scope":["read","write"]}"#;
    serde_json::from_str(body).unwrap()
}

#[tokio::test]
async fn a_backend_needs_no_redirect_uri_and_its_scopes_come_as_a_list_and_go_as_a_string() {
    spec!("portal/G42", "portal/P-3");
    let portal = Portal::new().await;
    let made = portal.register(backend()).await;
    assert_eq!(
        json!([
            made["scope"],
            made["application_type"],
            made["response_types"],
            made["grant_types"],
            made["policy_uri"]
        ]),
        json!(["read write", "backend_to_backend", [], ["client_credentials"], "https://x"])
    );
    assert_eq!(made.get("redirect_uris"), None);
    assert!(made["client_id_issued_at"].is_i64() && made["client_secret_expires_at"] == 0, "{made}");
    assert_eq!(portal.token(&made).await.status, 200);
    for kind in ["browser", "web", "native", "backend_to_backend"] {
        let page = json!({"application_type": kind, "redirect_uris": ["https://a.example/cb"], "x": {"y": 1}});
        assert_eq!(portal.register(page).await["application_type"], kind);
    }
    let smallest = json!({"grant_types": ["client_credentials"], "client_name": "n", "scope": ["read", "write"]});
    assert_eq!(portal.register(smallest).await["scope"], "read write");
}

#[tokio::test]
async fn programs_that_cannot_keep_a_secret_are_given_none() {
    spec!("portal/G17");
    let portal = Portal::new().await;
    for (kind, gets_one) in [("browser", false), ("native", false), ("web", true)] {
        let wish = json!({"application_type": kind, "redirect_uris": ["https://a.example/cb"], "response_types": ["code"],
            "grant_types": ["authorization_code"], "client_name": kind});
        let made = portal.register(wish).await;
        assert_eq!(made.get("client_secret").is_some(), gets_one, "{kind}");
        assert_eq!(made.get("client_secret_expires_at").is_some(), gets_one, "{kind}");
    }
}

#[tokio::test]
async fn every_update_and_renewal_tells_again_what_the_portal_needs_next_time() {
    spec!("portal/G43", "portal/P-4");
    let portal = Portal::new().await;
    let made = portal.register(backend()).await;
    let needed = ["client_id", "client_secret", "registration_access_token", "registration_client_uri"];
    let first = portal.update(&made, json!({"client_name": "renamed", "scope": "read"})).await.expect(200);
    assert_eq!(json!([first["client_name"], first["scope"]]), json!(["renamed", "read"]));
    let second = portal.update(&first, json!({"logo_uri": null, "contacts": null, "x": {}})).await.expect(200);
    for answer in [&first, &second] {
        assert!(needed.iter().all(|member| answer[member].is_string()), "{answer}");
        for same in ["client_id", "client_secret", "registration_client_uri", "client_id_issued_at"] {
            assert_eq!(answer[same], made[same], "{same}");
        }
    }
    let renewed = portal.renew(&second).await.expect(200);
    assert!(needed.iter().all(|member| renewed[member].is_string()), "{renewed}");
    assert_ne!(renewed["client_secret"], made["client_secret"]);
    assert_eq!(portal.token(&made).await.refusal(), (401, "invalid_client".to_owned()));
    assert_eq!(portal.token(&renewed).await.status, 200);
    // Without the secret in the body it stays; another client's identifier changes nothing.
    let mut without = renewed.clone();
    without.as_object_mut().unwrap().remove("client_secret");
    let kept = portal.update(&without, json!({})).await.expect(200);
    assert_eq!(kept["client_secret"], renewed["client_secret"]);
    let other = portal.update(&kept, json!({"client_id": "other"})).await;
    assert_eq!(other.refusal(), (400, "invalid_client_metadata".to_owned()));
}

#[tokio::test]
async fn a_registration_token_is_replaced_by_each_change_and_lives_until_the_new_one_is_used() {
    spec!("portal/G49", "portal/P-4");
    let portal = Portal::new().await;
    let made = portal.register(backend()).await;
    let uri = text(&made, "registration_client_uri");
    let mut last = made.clone();
    for change in ["PUT", "PATCH", "renew"] {
        let before = text(&last, "registration_access_token").to_owned();
        let answer = match change {
            "PUT" => portal.update(&last, json!({})).await,
            "PATCH" => {
                let patch = json!({"client_name": "patched"});
                portal.app.http.json("PATCH", uri, Auth::Bearer(&before), &patch).await
            }
            _ => portal.renew(&last).await,
        };
        let next = answer.expect(200);
        let after = text(&next, "registration_access_token").to_owned();
        assert_ne!(before, after, "{change}");
        // The answer may have been lost: the one before is good until the new one was seen.
        assert_eq!(portal.app.http.bearer("GET", uri, &before).await.status, 200, "{change}");
        assert_eq!(portal.app.http.bearer("GET", uri, &after).await.status, 200, "{change}");
        let refused = portal.app.http.bearer("GET", uri, &before).await;
        assert_eq!(refused.refusal(), (401, "invalid_token".to_owned()), "{change}");
        last = next;
    }
}

#[tokio::test]
async fn scopes_let_machines_register_and_manage() {
    spec!("portal/G46", "portal/G48");
    let portal = Portal::new().await;
    let registrar = delegate_token(&portal.app, "dcr", "dcr").await;
    let manager = delegate_token(&portal.app, "dcr dcr_admin", "dcr_admin").await;
    for token in [&registrar, &manager] {
        let made = portal.app.http.json("POST", "/oidc/register", Auth::Bearer(token), &backend()).await.expect(201);
        let path = format!("/oidc/register/{}", text(&made, "client_id"));
        let refused = portal.app.http.bearer("GET", &path, &registrar).await;
        assert_eq!(refused.refusal(), (403, "insufficient_scope".to_owned()));
        let read = portal.app.http.bearer("GET", &path, &manager).await.expect(200);
        assert_eq!(read.get("registration_access_token"), None);
        let patch = json!({"client_name": "managed"});
        let changed = portal.app.http.json("PATCH", &path, Auth::Bearer(&manager), &patch).await.expect(200);
        assert_eq!(changed["client_name"], "managed");
        let whole = json!({"client_id": made["client_id"], "grant_types": ["client_credentials"]});
        portal.app.http.json("PUT", &path, Auth::Bearer(&manager), &whole).await.expect(200);
        let renew = format!("{path}/renew_secret");
        let renewed = portal.app.http.bearer("POST", &renew, &manager).await.expect(200);
        assert_ne!(renewed["client_secret"], made["client_secret"]);
        portal.app.http.bearer("DELETE", &path, &manager).await.expect(204);
    }
    // Who was not given them gets neither, and may not register them.
    let greedy = portal.register(json!({"grant_types": ["client_credentials"], "scope": "dcr dcr_admin"})).await;
    assert_eq!(greedy.get("scope"), None);
    for scope in ["dcr", "dcr_admin"] {
        let fields = [("grant_type", "client_credentials"), ("scope", scope)];
        let asked = portal.app.token(text(&greedy, "client_id"), greedy["client_secret"].as_str(), &fields).await;
        assert_eq!(asked.refusal(), (400, "invalid_scope".to_owned()), "{scope}");
    }
}

#[tokio::test]
async fn what_admins_say_about_registration_counts() {
    spec!("portal/G50");
    let app = TestApp::start().await;
    app.service("https://api.example", &["read", "write"]).await;
    let registered = |settings: Value, wish: Value| {
        let app = &app;
        async move {
            app.settings(json!({"registration": settings})).await;
            app.http.post_json("/oidc/register", &wish).await
        }
    };
    let machine = |scope: &str| json!({"grant_types": ["client_credentials"], "scope": scope});
    let bound = json!({"open": true, "allowed_scopes": ["read", "openid"], "default_scopes": ["read"]});
    let made = registered(bound.clone(), machine("read write")).await.expect(201);
    assert_eq!(made["scope"], "read", "what is not allowed is left out without a word");
    let fields = [("grant_type", "client_credentials"), ("scope", "write"), ("resource", "https://api.example")];
    let asked = app.token(text(&made, "client_id"), made["client_secret"].as_str(), &fields).await;
    assert_eq!(asked.refusal(), (400, "invalid_scope".to_owned()));
    assert_eq!(registered(bound, machine("write")).await.expect(201)["scope"], "read");
    let refused = (400, "invalid_redirect_uri".to_owned());
    let at = |uri: &str| json!({"application_type": "native", "redirect_uris": [uri]});
    for (switch, uri) in [
        ("allow_localhost", "http://localhost:8080/cb"),
        ("allow_localhost", "http://127.0.0.1/cb"),
        ("allow_localhost", "https://localhost/cb"),
        ("allow_custom_scheme", "com.example.app:/cb"),
    ] {
        let closed = registered(json!({"open": true, switch: false}), at(uri)).await;
        assert_eq!(closed.refusal(), refused, "{uri}");
        assert_eq!(registered(json!({"open": true}), at(uri)).await.status, 201, "{uri}");
    }
    let plain = json!({"redirect_uris": ["http://intranet.example/cb"]});
    assert_eq!(registered(json!({"open": true}), plain.clone()).await.refusal(), refused);
    let made = registered(json!({"open": true, "allow_http": true}), plain.clone()).await.expect(201);
    assert_eq!(made["redirect_uris"], plain["redirect_uris"]);
}

#[tokio::test]
async fn what_is_off_is_refused_in_one_way_and_not_advertised() {
    spec!("portal/G50", "portal/G51", "portal/D-10", "portal/P-12");
    let app = TestApp::start().await;
    let endpoint = async || {
        app.http.get("/.well-known/openid-configuration").await.expect(200).get("registration_endpoint").cloned()
    };
    app.settings(json!({"registration": {"open": false, "with_token": false}})).await;
    let answer = app.http.post_json("/oidc/register", &backend()).await;
    let off =
        json!({"error": "registration_forbidden", "error_description": "Dynamic client registration is disabled"});
    assert_eq!(answer.expect(403), off);
    assert_eq!(endpoint().await, None);
    app.settings(json!({"registration": {"open": false, "with_token": true}})).await;
    let answer = app.http.post_json("/oidc/register", &backend()).await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()));
    assert!(answer.header("www-authenticate").starts_with("Bearer "), "{}", answer.header("www-authenticate"));
    assert!(endpoint().await.is_some());
    app.settings(json!({"registration": {"open": true, "with_token": false}})).await;
    assert_eq!(app.http.post_json("/oidc/register", &backend()).await.status, 201);
    assert!(endpoint().await.is_some());
}

#[tokio::test]
async fn who_registers_openly_manages_nothing_unless_the_tenant_says_so() {
    spec!("portal/D-12");
    let portal = Portal::new().await;
    let members = ["registration_access_token", "registration_client_uri"];
    let told = |made: &Value| members.map(|member| made.get(member).is_some());
    assert_eq!(told(&portal.register(backend()).await), [true, true]);
    portal.app.settings(json!({"registration": {"open": true}})).await;
    assert_eq!(told(&portal.app.register(backend()).await), [false, false]);
    portal.app.settings(json!({"registration": {"open": true, "open_management": true}})).await;
    assert_eq!(told(&portal.app.register(backend()).await), [true, true]);
}

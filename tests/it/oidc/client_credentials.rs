//! What a client gets that speaks for itself.

use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::http::Answer;
use crate::harness::party::{claims, masked, text};

async fn ask(app: &TestApp, client: &Value, more: &[(&str, &str)]) -> Answer {
    let fields = [&[("grant_type", "client_credentials")], more].concat();
    app.token(text(client, "client_id"), client["client_secret"].as_str(), &fields).await
}

#[tokio::test]
async fn a_client_gets_an_access_token_and_nothing_of_a_person() {
    spec!(
        "RFC6749-4.4.2/client-credentials-authenticates",
        "RFC6749-4.4.3/client-credentials-no-refresh",
        "RFC6749-3.3/scope-omitted",
        "OIDC-Core-11/offline-access-code-only",
    );
    // s.T19
    let app = TestApp::at_a_standstill().await;
    app.service("https://api.example", &["read", "write"]).await;
    let client = app.web_client().await;
    let tokens = ask(&app, &client, &[("scope", "openid email read offline_access unheard-of")]).await.expect(200);
    let expected = json!({"access_token": "[jwt]", "token_type": "Bearer", "expires_in": 3600, "scope": "read"});
    assert_eq!(masked(tokens.clone()), expected);
    let token = text(&tokens, "access_token");
    let mut said = claims(token);
    said["jti"].take();
    let now = app.app.clock.now();
    let expected = json!({
        "iss": app.issuer,
        "sub": client["client_id"],
        "aud": "https://api.example",
        "exp": now + 3600,
        "iat": now,
        "jti": null,
        "client_id": client["client_id"],
        "scope": "read",
    });
    assert_eq!(said, expected);
    let userinfo = app.http.bearer("GET", "/userinfo", token).await;
    let description = "nobody signed in for this access token";
    assert_eq!(userinfo.expect(401), json!({"error": "invalid_token", "error_description": description}));
    let mut known = app.introspect(&client, token).await;
    known["jti"].take();
    let expected = json!({
        "active": true,
        "client_id": client["client_id"],
        "token_type": "Bearer",
        "scope": "read",
        "sub": client["client_id"],
        "aud": "https://api.example",
        "iss": app.issuer,
        "iat": now,
        "exp": now + 3600,
        "jti": null,
    });
    assert_eq!(known, expected);

    let bare = ask(&app, &client, &[]).await.expect(200);
    assert_eq!(masked(bare), json!({"access_token": "[jwt]", "token_type": "Bearer", "expires_in": 3600}));
}

#[tokio::test]
async fn a_client_that_proves_nothing_gets_nothing() {
    spec!("RFC6749-4.4/confidential-only");
    let app = TestApp::open().await;
    let public = app
        .register(json!({
            "redirect_uris": ["http://127.0.0.1/cb"],
            "grant_types": ["authorization_code"],
            "token_endpoint_auth_method": "none",
        }))
        .await;
    let refused = ask(&app, &public, &[]).await;
    assert_eq!(refused.refusal(), (400, "unauthorized_client".to_owned()));
    let confidential = app.web_client().await;
    let unproven = app.token(text(&confidential, "client_id"), None, &[("grant_type", "client_credentials")]).await;
    assert_eq!(unproven.refusal(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_resource_chooses_the_audience() {
    // E12, s.T23
    let app = TestApp::open().await;
    app.service("https://one.example", &["read"]).await;
    app.service("https://two.example/api", &["read"]).await;
    app.service("plain-name", &["other"]).await;
    let client = app.web_client().await;
    for (fields, aud, scope) in [
        (vec![("scope", "read")], json!(["https://one.example", "https://two.example/api"]), json!("read")),
        (
            vec![("scope", "read"), ("resource", "https://two.example/api/")],
            json!("https://two.example/api"),
            json!("read"),
        ),
        (vec![("audience", "HTTPS://ONE.example")], json!("https://one.example"), Value::Null),
        (
            vec![("scope", "read"), ("resource", "https://one.example"), ("resource", "https://two.example/api")],
            json!(["https://one.example", "https://two.example/api"]),
            json!("read"),
        ),
    ] {
        let tokens = ask(&app, &client, &fields).await.expect(200);
        assert_eq!(
            (claims(text(&tokens, "access_token"))["aud"].clone(), &tokens["scope"]),
            (aud, &scope),
            "{fields:?}"
        );
    }
    let refused = ask(&app, &client, &[("scope", "read"), ("audience", "plain-name")]).await;
    let description = "none of the scopes asked for may be given to this client";
    assert_eq!(refused.expect(400), json!({"error": "invalid_scope", "error_description": description}));
}

#[tokio::test]
async fn a_client_cannot_take_the_name_of_a_person() {
    // s.T20
    let app = TestApp::open().await;
    let person = app.person("ada@example.org").await;
    let client = app
        .register(json!({
            "client_id": person.id.to_string(),
            "redirect_uris": ["https://client.example/cb"],
            "grant_types": ["authorization_code", "client_credentials"],
        }))
        .await;
    assert_ne!(client["client_id"], json!(person.id.to_string()));
    let tokens = ask(&app, &client, &[]).await.expect(200);
    assert_eq!(claims(text(&tokens, "access_token"))["sub"], client["client_id"]);
}

#[tokio::test]
async fn the_right_to_register_others_is_given_by_an_admin_alone() {
    let app = TestApp::open().await;
    let client = app.web_client().await;
    assert_eq!(ask(&app, &client, &[("scope", "dcr")]).await.refusal(), (400, "invalid_scope".to_owned()));
    app.allow(&client, "dcr").await;
    let tokens = ask(&app, &client, &[("scope", "dcr dcr_admin")]).await.expect(200);
    assert_eq!(tokens["scope"], json!("dcr"));
    assert_eq!(claims(text(&tokens, "access_token"))["aud"], json!(app.url("/oidc/register")));
}

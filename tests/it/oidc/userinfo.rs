//! Who signed in, as far as the scopes let the client know.

use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::http::{Answer, Auth};
use crate::harness::party::{claims, text};

const FULL: &str = "openid profile email address phone";

async fn ada(app: &TestApp) -> entity::user::Model {
    let claims = json!({
        "given_name": "Ada",
        "family_name": "Lovelace",
        "nickname": "",
        "picture": null,
        "address": {"country": "GB"},
        "phone_number": "+44 20 7946 0000",
        "phone_number_verified": false,
        "favourite_colour": "internal",
        "sub": "somebody-else",
        "email": "other@example.org",
    });
    app.person_with("ada@example.org", claims).await
}

async fn tokens(app: &TestApp, person: &entity::user::Model, scope: &str) -> Value {
    let client = app.web_client().await;
    app.exchange(&app.grant(&client, person, scope).await).await.expect(200)
}

#[tokio::test]
async fn each_scope_releases_its_own_claims_and_no_others() {
    spec!(
        "OIDC-Core-5.3.2/userinfo-sub",
        "OIDC-Core-5.3.2/userinfo-same-sub",
        "OIDC-Core-5.3.2/userinfo-json",
        "OIDC-Core-5.3.2/userinfo-no-null",
        "OIDC-Core-5.4/scope-claims",
        "OIDC-Core-5.1.1/address",
    );
    // s.I16
    let app = TestApp::open().await;
    let person = ada(&app).await;
    let sub = person.id.to_string();
    for (scope, expected) in [
        ("openid", json!({"sub": sub})),
        ("openid email", json!({"sub": sub, "email": "ada@example.org", "email_verified": true})),
        ("openid address", json!({"sub": sub, "address": {"country": "GB"}})),
        ("openid phone", json!({"sub": sub, "phone_number": "+44 20 7946 0000", "phone_number_verified": false})),
        (
            "openid profile",
            json!({
                "sub": sub,
                "name": "Ada Lovelace",
                "given_name": "Ada",
                "family_name": "Lovelace",
                "updated_at": person.updated_at,
            }),
        ),
    ] {
        let tokens = tokens(&app, &person, scope).await;
        let answer = app.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await;
        assert_eq!(answer.expect(200), expected);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(claims(text(&tokens, "id_token"))["sub"], json!(sub));
    }
}

#[tokio::test]
async fn an_address_that_is_no_object_is_left_out() {
    let app = TestApp::open().await;
    let person = app.person_with("ada@example.org", json!({"address": "London"})).await;
    let tokens = tokens(&app, &person, "openid address").await;
    let answer = app.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await;
    assert_eq!(answer.expect(200), json!({"sub": person.id.to_string()}));
}

#[tokio::test]
async fn the_token_comes_in_the_header_or_in_a_form_and_in_one_place() {
    spec!("OIDC-Core-5.3/userinfo-get-and-post", "OIDC-Core-5.3/userinfo-bearer", "OIDC-Core-5.3/userinfo-cors");
    // s.I12, s.I13
    let app = TestApp::open().await;
    let person = ada(&app).await;
    let tokens = tokens(&app, &person, FULL).await;
    let token = text(&tokens, "access_token");
    let get = app.http.bearer("GET", "/userinfo", token).await;
    let post = app.http.bearer("POST", "/userinfo", token).await;
    let form = app.http.form("/userinfo", Auth::None, &[("access_token", token)]).await;
    let alias = app.http.bearer("GET", "/oidc/userinfo", token).await;
    for answer in [&get, &post, &form, &alias] {
        assert_eq!(answer.expect(200), get.json());
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
    let twice = app.http.form("/userinfo", Auth::Bearer(token), &[("access_token", token)]).await;
    let expected = json!({"error": "invalid_request", "error_description": "the access token is there twice"});
    assert_eq!(twice.expect(400), expected);
    for method in ["GET", "POST"] {
        let address = format!("/userinfo?access_token={token}");
        let answer = app.http.send(app.http.request(method, &address)).await;
        assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()), "{method}");
    }
    let preflight = app.http.request("OPTIONS", "/userinfo").header("origin", "https://app.example");
    let preflight = preflight.header("access-control-request-headers", "authorization");
    let preflight = app.http.send(preflight).await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, "*"));
    assert!(preflight.header("access-control-allow-headers").contains("authorization"));
}

fn challenge(answer: &Answer) -> &str {
    answer.header("www-authenticate")
}

#[tokio::test]
async fn a_refusal_is_that_of_bearer_tokens() {
    spec!("OIDC-Core-5.3.3/userinfo-error");
    // s.I14, s.I15
    let app = TestApp::open().await;
    app.service("https://api.example", &["read"]).await;
    let client = app.web_client().await;
    let (grant, tokens) = app.signed_in(&client, "openid offline_access").await;
    let missing = app.http.get("/userinfo").await;
    assert_eq!(missing.refusal(), (401, "invalid_token".to_owned()));
    assert_eq!(challenge(&missing), "Bearer realm=\"registrar\"", "who presented nothing did nothing wrong");

    let description = "the access token is unknown, ended or revoked";
    let named = format!("Bearer realm=\"registrar\", error=\"invalid_token\", error_description=\"{description}\"");
    let kinds = [
        text(&tokens, "id_token"),
        text(&tokens, "refresh_token"),
        text(&client, "registration_access_token"),
        text(&client, "client_secret"),
        &grant.code,
        "x",
    ];
    for token in kinds {
        let answer = app.http.bearer("GET", "/userinfo", token).await;
        assert_eq!(answer.expect(401), json!({"error": "invalid_token", "error_description": description}), "{token}");
        assert_eq!(challenge(&answer), named);
    }

    let (_, tokens) = app.signed_in(&client, "read").await;
    let answer = app.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await;
    let description = "the access token lacks the scope openid";
    assert_eq!(answer.expect(403), json!({"error": "insufficient_scope", "error_description": description}));
    assert!(challenge(&answer).starts_with("Bearer realm=\"registrar\", error=\"insufficient_scope\""));
}

#[tokio::test]
async fn a_header_that_cannot_be_read_is_refused_with_a_challenge() {
    // s.I15
    let app = TestApp::open().await;
    let person = ada(&app).await;
    let tokens = tokens(&app, &person, "openid").await;
    let token = text(&tokens, "access_token");
    let headers: [String; 11] = [
        String::new(),
        "Bearer".into(),
        "Bearer ".into(),
        format!("Bearer {token} {token}"),
        format!("Bearer {token}, Bearer {token}"),
        format!("Bearer\"{token}\""),
        format!("Bearer \"{token}\""),
        format!("Token {token}"),
        token.to_owned(),
        "Basic YTpi".into(),
        "Bearer %00".into(),
    ];
    for header in headers {
        let answer = app.http.send(app.http.request("GET", "/userinfo").header("authorization", &header)).await;
        assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()), "{header}");
        assert!(challenge(&answer).starts_with("Bearer "), "{header}");
    }
    let two = app.http.request("GET", "/userinfo").bearer_auth(token).bearer_auth(token);
    assert_eq!(app.http.send(two).await.refusal(), (401, "invalid_token".to_owned()));
    let lower = app.http.request("GET", "/userinfo").header("authorization", format!("bearer {token}"));
    assert_eq!(app.http.send(lower).await.status, 200, "schemes have no case (RFC 9110 section 11.1)");
}

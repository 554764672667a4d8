//! How a client gives a token back.

use entity::service::TokenFormat;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::http::{Answer, Auth};
use crate::harness::party::text;

async fn revoke(app: &TestApp, client: &Value, fields: &[(&str, &str)]) -> Answer {
    match client["client_secret"].as_str() {
        Some(secret) => app.http.form("/revoke", Auth::Basic(text(client, "client_id"), secret), fields).await,
        None => {
            let fields = [fields, &[("client_id", text(client, "client_id"))]].concat();
            app.http.form("/revoke", Auth::None, &fields).await
        }
    }
}

async fn is_active(app: &TestApp, client: &Value, token: &str) -> bool {
    app.introspect(client, token).await["active"] == json!(true)
}

#[tokio::test]
async fn a_revoked_access_token_is_dead_at_once_and_alone() {
    spec!(
        "portal/I13",
        "RFC7009-2/access-tokens",
        "RFC7009-2.1/immediately",
        "RFC7009-2.2/ok",
        "RFC7009-2.1/hint-extends",
        "RFC7662-4/revoked",
    );
    // I13, s.I6, s.I10
    let app = TestApp::open().await;
    let mut opaque = app.service("https://opaque.example", &["deal"]).await.into_active_model();
    opaque.token_format = Set(TokenFormat::Opaque);
    opaque.update(app.app.db.pool()).await.unwrap();
    app.app.services.forget_all();
    let client = app.web_client().await;
    for (scope, hint) in [
        ("openid offline_access", ""),
        ("openid offline_access", "access_token"),
        ("openid offline_access deal", "refresh_token"),
        ("openid offline_access deal", "unheard_of"),
    ] {
        let (grant, tokens) = app.signed_in(&client, scope).await;
        let token = text(&tokens, "access_token");
        assert_eq!(token.starts_with("at_"), scope.contains("deal"));
        assert!(is_active(&app, &client, token).await);
        assert_eq!(app.http.bearer("GET", "/userinfo", token).await.status, 200);
        let answer = revoke(&app, &client, &[("token", token), ("token_type_hint", hint)]).await;
        assert_eq!((answer.status, &*answer.text, answer.header("content-type")), (200, "", ""));
        assert!(!is_active(&app, &client, token).await);
        assert_eq!(app.http.bearer("GET", "/userinfo", token).await.status, 401);
        let again = revoke(&app, &client, &[("token", token)]).await;
        assert_eq!(again.status, 200, "a dead token is as good as revoked");
        let refreshed = app.refresh(&grant, text(&tokens, "refresh_token")).await.expect(200);
        assert!(is_active(&app, &client, text(&refreshed, "access_token")).await, "the grant lives");
    }
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_everything_of_its_grant_with_it() {
    spec!("RFC7009-2/refresh-tokens", "RFC7009-2.1/refresh-takes-access");
    // s.I11
    let app = TestApp::open().await;
    let asking = app.web_client().await;
    app.allow(&asking, "introspect:any").await;
    for client in [app.web_client().await, app.native_client().await] {
        let (grant, first) = app.signed_in(&client, "openid offline_access").await;
        let (_, untouched) = app.signed_in(&client, "openid offline_access").await;
        let second = app.refresh(&grant, text(&first, "refresh_token")).await.expect(200);
        // The one before is of the same grant.
        assert_eq!(revoke(&app, &client, &[("token", text(&first, "refresh_token"))]).await.status, 200);
        for tokens in [&first, &second] {
            assert!(!is_active(&app, &asking, text(tokens, "access_token")).await);
            assert_eq!(
                app.refresh(&grant, text(tokens, "refresh_token")).await.refusal(),
                (400, "invalid_grant".into())
            );
        }
        assert!(is_active(&app, &asking, text(&untouched, "access_token")).await);
    }
}

#[tokio::test]
async fn a_client_revokes_its_own_tokens_and_nobody_elses() {
    spec!("RFC7009-2.1/own-tokens-only", "RFC7009-2.1/client-authenticates", "RFC7009-2.2.1/error-shape");
    // s.I8
    let app = TestApp::open().await;
    let client = app.web_client().await;
    let (_, tokens) = app.signed_in(&client, "openid offline_access").await;
    let machine = app
        .token(text(&client, "client_id"), client["client_secret"].as_str(), &[("grant_type", "client_credentials")])
        .await
        .expect(200);
    let all = [text(&tokens, "access_token"), text(&tokens, "refresh_token"), text(&machine, "access_token")];
    for stranger in [app.web_client().await, app.native_client().await] {
        for token in all {
            let answer = revoke(&app, &stranger, &[("token", token)]).await;
            let description = "the token was issued to another client";
            let expected = json!({"error": "unauthorized_client", "error_description": description});
            assert_eq!(answer.expect(400), expected);
        }
    }
    for (auth, fields) in [
        (Auth::None, vec![("token", all[0])]),
        (Auth::None, vec![("token", all[0]), ("client_id", text(&client, "client_id"))]),
        (Auth::Basic(text(&client, "client_id"), "wrong"), vec![("token", all[0])]),
    ] {
        let answer = app.http.form("/revoke", auth, &fields).await;
        assert_eq!(answer.refusal(), (401, "invalid_client".to_owned()));
    }
    for token in all {
        assert!(is_active(&app, &client, token).await, "it lives");
    }
}

#[tokio::test]
async fn a_token_nobody_knows_is_as_good_as_revoked() {
    spec!("RFC7009-2.2/invalid-token-ok", "RFC7009-2.1/token-required");
    let app = TestApp::at_a_standstill().await;
    let client = app.web_client().await;
    let (grant, tokens) = app.signed_in(&client, "openid offline_access").await;
    app.app.clock.advance(366 * 86_400);
    let ended = [text(&tokens, "access_token"), text(&tokens, "refresh_token"), text(&tokens, "id_token")];
    for token in ended.into_iter().chain(["x", "at_x", "rt_x", "a.b.c", &*grant.code]) {
        assert_eq!(revoke(&app, &client, &[("token", token)]).await.status, 200, "{token}");
    }
    for fields in [&[][..], &[("token", "")]] {
        let expected = json!({"error": "invalid_request", "error_description": "token is missing"});
        assert_eq!(revoke(&app, &client, fields).await.expect(400), expected);
    }
    for path in ["/oauth/revoke", "/oauth2/revoke", "/revoke/"] {
        let auth = Auth::Basic(text(&client, "client_id"), text(&client, "client_secret"));
        assert_eq!(app.http.form(path, auth, &[("token", "x")]).await.status, 200, "{path}");
    }
    let json = app.http.post_json("/revoke", &json!({"token": "x"})).await;
    assert_eq!(json.refusal(), (415, "invalid_request".to_owned()));
}

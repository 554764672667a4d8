//! What does a password buy at the token endpoint, and for whom? (RFC 6749 §4.3, portal.md D-20)

use registrar::oidc::client::rights;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

use crate::harness::http::{Answer, Auth};
use crate::harness::party::{claims, masked, text};
use crate::harness::{PASSWORD, TestApp};

const EMAIL: &str = "ada@example.org";

/// A server where the grant is on, with a first-party client that registered it.
async fn trusted() -> (TestApp, Value) {
    let app = TestApp::start().await;
    app.settings(json!({"registration": {"open": true}, "grants": {"password": true}})).await;
    app.person(EMAIL).await;
    let client = client(&app).await;
    trust(&app, &client).await;
    (app, client)
}

async fn client(app: &TestApp) -> Value {
    app.register(json!({"client_name": "Ours", "grant_types": ["password", "refresh_token"]})).await
}

async fn trust(app: &TestApp, client: &Value) {
    let change = rights::Change::Trust;
    rights::change(&app.app, &app.tenant(), "admin", text(client, "client_id"), change).await.unwrap();
}

async fn ask(app: &TestApp, client: &Value, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("grant_type", "password"), ("username", EMAIL), ("password", PASSWORD)];
    fields.retain(|(name, _)| more.iter().all(|(replaced, _)| replaced != name));
    fields.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    app.token(text(client, "client_id"), client["client_secret"].as_str(), &fields).await
}

#[tokio::test]
async fn a_password_buys_tokens_for_an_application_of_our_own() {
    spec!("portal/D-20");
    let (app, client) = trusted().await;
    assert_eq!(
        (&client["grant_types"], &client["response_types"]),
        (&json!(["password", "refresh_token"]), &json!([]))
    );
    let tokens = ask(&app, &client, &[("scope", "openid email")]).await.expect(200);
    let expected = json!({
        "access_token": "[jwt]", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "[refresh token]",
        "id_token": "[jwt]", "scope": "openid email",
    });
    assert_eq!(masked(tokens.clone()), expected);
    let said = claims(text(&tokens, "id_token"));
    assert_eq!((&said["amr"], said.get("sid"), said.get("nonce")), (&json!(["pwd"]), None, None));
    let userinfo = app.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await.expect(200);
    assert_eq!((&userinfo["sub"], &userinfo["email"]), (&said["sub"], &json!(EMAIL)));
    let fields = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    let refreshed = app.token(text(&client, "client_id"), client["client_secret"].as_str(), &fields).await.expect(200);
    assert_eq!(claims(text(&refreshed, "id_token"))["auth_time"], said["auth_time"]);
    app.service("https://api.example", &["read"]).await;
    let more = [("scope", "read"), ("resource", "https://API.example/")];
    let tokens = ask(&app, &client, &more).await.expect(200);
    assert_eq!(claims(text(&tokens, "access_token"))["aud"], json!("https://api.example"));
    assert_eq!(tokens.get("id_token"), None);
}

#[tokio::test]
async fn the_grant_is_off_until_the_tenant_switches_it_on() {
    spec!("portal/D-20", "portal/G24");
    // s.K5
    let app = TestApp::start().await.opened().await;
    app.person(EMAIL).await;
    let client = client(&app).await;
    trust(&app, &client).await;
    let offered =
        async || app.http.get("/.well-known/openid-configuration").await.json()["grant_types_supported"].clone();
    let grants = ["authorization_code", "implicit", "refresh_token", "client_credentials"];
    assert_eq!(offered().await, json!(grants));
    assert_eq!(ask(&app, &client, &[]).await.refusal(), (400, "unsupported_grant_type".to_owned()));
    app.settings(json!({"grants": {"password": true}})).await;
    assert_eq!(offered().await, json!([grants.as_slice(), &["password"]].concat()));
    assert_eq!(ask(&app, &client, &[]).await.status, 200);
}

#[tokio::test]
async fn others_than_our_own_applications_are_refused_before_the_password_is_looked_at() {
    // s.A50, RFC 9700 §2.4
    let (app, ours) = trusted().await;
    let third = client(&app).await;
    let public = json!({"grant_types": ["password"], "token_endpoint_auth_method": "none"});
    let public = app.register(public).await;
    let unregistered = app.register(json!({"redirect_uris": ["https://client.example/cb"]})).await;
    let machine = app.register(json!({"grant_types": ["client_credentials"]})).await;
    trust(&app, &unregistered).await;
    for client in [&third, &public, &unregistered, &machine] {
        for password in [PASSWORD, "wrong"] {
            let refused = ask(&app, client, &[("password", password)]).await;
            assert_eq!(refused.refusal(), (400, "unauthorized_client".to_owned()), "{client}");
        }
    }
    let stranger = app.token(text(&ours, "client_id"), Some("wrong"), &[("grant_type", "password")]).await;
    assert_eq!(stranger.refusal(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn an_unknown_account_and_a_wrong_password_are_one_answer() {
    // s.L10
    let (app, client) = trusted().await;
    let gone = app.person("gone@example.org").await;
    let mut gone = gone.into_active_model();
    gone.state = Set(entity::user::UserState::Disabled);
    gone.update(app.app.db.pool()).await.unwrap();
    let description = "there is no such account, or its password is another";
    let expected = json!({"error": "invalid_grant", "error_description": description});
    for more in [
        [("username", "nobody@example.org"), ("password", PASSWORD)],
        [("username", EMAIL), ("password", "wrong")],
        [("username", "gone@example.org"), ("password", PASSWORD)],
        [("username", "' OR 1=1 --"), ("password", PASSWORD)],
        [("username", EMAIL), ("password", &"x".repeat(300))],
    ] {
        assert_eq!(ask(&app, &client, &more).await.expect(400), expected, "{more:?}");
    }
    for more in [[("username", "")], [("password", "")]] {
        assert_eq!(ask(&app, &client, &more).await.refusal(), (400, "invalid_request".to_owned()), "{more:?}");
    }
    let twice = [("password", PASSWORD), ("password", "x")];
    assert_eq!(ask(&app, &client, &twice).await.refusal(), (400, "invalid_request".to_owned()));
    let scope = ask(&app, &client, &[("scope", "nonsense")]).await;
    assert_eq!(scope.refusal(), (400, "invalid_scope".to_owned()));
    let resource = ask(&app, &client, &[("resource", "https://unknown.example")]).await;
    assert_eq!(resource.refusal(), (400, "invalid_target".to_owned()));
}

#[tokio::test]
async fn passwords_are_not_to_be_guessed_here_either() {
    // s.L5, s.L6: the same limits as at the login page, and the same count
    let (app, client) = trusted().await;
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(ask(&app, &client, &[("password", "wrong")]).await.status);
    }
    assert_eq!((statuses[0], statuses[19]), (400, 429), "{statuses:?}");
    let right = ask(&app, &client, &[]).await;
    assert_eq!(right.refusal(), (429, "temporarily_unavailable".to_owned()));
    assert!(!right.header("retry-after").is_empty());
    let mut browser = crate::harness::Browser::new(&app.http);
    let login = browser.get("/login").await;
    let form = crate::harness::browser::forms(&login.text).remove(0).set("email", EMAIL).set("password", PASSWORD);
    assert_eq!(browser.submit(&form).await.status, 429, "the login page counts the same attempts");
}

#[tokio::test]
async fn a_provision_key_takes_another_path() {
    let (app, client) = trusted().await;
    let keyed = ask(&app, &client, &[("provision_key", "x"), ("authenticated_userid", "ada")]).await;
    assert_eq!(keyed.refusal(), (400, "invalid_grant".to_owned()));
    // No token endpoint has an implicit grant.
    let fields = [("grant_type", "implicit")];
    let implicit = app.token(text(&client, "client_id"), client["client_secret"].as_str(), &fields).await;
    assert_eq!(implicit.refusal(), (400, "unsupported_grant_type".to_owned()));
    let form = app.http.form("/token", Auth::None, &[("grant_type", "password")]).await;
    assert_eq!(form.refusal(), (401, "invalid_client".to_owned()));
}

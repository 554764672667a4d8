//! How a script comes to a token for the management API.

use serde_json::json;

use super::{machine, refused};
use crate::harness::TestApp;
use crate::harness::http::Auth;
use crate::harness::party::{claims, masked, text};

#[tokio::test]
async fn a_machine_gets_a_management_token_by_form_or_json_for_a_day() {
    spec!("portal/A29");
    let app = TestApp::at_a_standstill().await;
    let client = machine(&app, &["read:clients", "update:tenant_settings"]).await;
    let (id, secret, audience) = (text(&client, "client_id"), text(&client, "client_secret"), app.url("/api/v2/"));
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
        ("audience", audience.as_str()),
    ];
    let by_form = app.http.form("/oauth/token", Auth::None, &fields).await.expect(200);
    let body: serde_json::Map<_, _> = fields.iter().map(|(name, value)| (name.to_string(), json!(value))).collect();
    let by_json = app.http.post_json("/oauth/token", &body.into()).await.expect(200);
    let expected = json!({
        "access_token": "[jwt]", "token_type": "Bearer", "expires_in": 86400,
        "scope": "read:clients update:tenant_settings",
    });
    for tokens in [by_form, by_json] {
        assert_eq!(masked(tokens.clone()), expected);
        let said = claims(text(&tokens, "access_token"));
        assert_eq!((&said["aud"], &said["exp"]), (&json!(audience), &json!(app.app.clock.now() + 86_400)));
    }
}

#[tokio::test]
async fn nobody_manages_without_a_good_token() {
    spec!("portal/A25", "portal/A28");
    let app = TestApp::start().await;
    let path = "/api/v2/tenants/settings";
    let missing = app.http.get(path).await;
    assert_eq!(missing.header("www-authenticate"), "Bearer realm=\"registrar\"");
    assert_eq!(missing.expect(401), refused(401, "Unauthorized", "Missing authentication", "invalid_token"));
    let wrong = refused(401, "Unauthorized", "Invalid token", "invalid_token");
    assert_eq!(app.http.bearer("GET", path, "nonsense").await.expect(401), wrong);
    // A token for something else is none.
    let client = machine(&app, &["dcr"]).await;
    let fields = [("grant_type", "client_credentials"), ("scope", "dcr")];
    let tokens = app.token(text(&client, "client_id"), client["client_secret"].as_str(), &fields).await.expect(200);
    assert_eq!(app.http.bearer("GET", path, text(&tokens, "access_token")).await.expect(401), wrong);
}

//! Auth0's page "Dynamic Application Registration": its commands, and the sign-in it ends with.

use serde_json::json;

use super::{curl_is_here, typed};
use crate::harness::TestApp;

const ENABLE: &str = r#"curl --request PATCH \
    --url 'https://{yourDomain}/api/v2/tenants/settings' \
    --header 'authorization: Bearer API2_ACCESS_TOKEN' \
    --header 'cache-control: no-cache' \
    --header 'content-type: application/json' \
    --data '{ "flags": { "enable_dynamic_client_registration": true } }'"#;

const REGISTER: &str = r#"curl --request POST \
    --url 'https://{yourDomain}/oidc/register' \
    --header 'content-type: application/json' \
    --data '{"client_name":"My Dynamic Application","redirect_uris": ["https://application.example.com/callback", "https://application.example.com/callback2"]}'"#;

#[tokio::test]
async fn registration_is_enabled_and_an_application_registers_itself() {
    spec!("portal/A1", "portal/A2", "portal/A4", "portal/A6", "portal/A7", "portal/A8", "portal/A11", "portal/A14");
    if !curl_is_here().await {
        return;
    }
    let app = TestApp::with(&[("registration.profile", "permissive")]).await;
    let token = app.management_token("update:tenant_settings").await;
    let places = [("https://{yourDomain}", app.issuer.as_str()), ("API2_ACCESS_TOKEN", token.as_str())];
    let refused = typed(REGISTER, &places).await;
    assert_ne!(refused.status, 201, "disabled by default");

    let settings = typed(ENABLE, &places).await.expect(200);
    assert_eq!(settings["flags"]["enable_dynamic_client_registration"], json!(true));

    let client = typed(REGISTER, &places).await.expect(201);
    let shown = json!({
        "client_name": client["client_name"],
        "redirect_uris": client["redirect_uris"],
        "client_secret_expires_at": client["client_secret_expires_at"],
    });
    let uris = ["https://application.example.com/callback", "https://application.example.com/callback2"];
    let expected =
        json!({"client_name": "My Dynamic Application", "redirect_uris": uris, "client_secret_expires_at": 0});
    assert_eq!(shown, expected);
    let is_alphanumeric = |name: &str, length: usize| {
        let value = client[name].as_str().unwrap_or_default();
        assert!(value.len() == length && value.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}: {value}");
    };
    is_alphanumeric("client_id", 32);
    is_alphanumeric("client_secret", 64);
    assert_eq!(client.get("registration_access_token"), None, "they contact the tenant owner (A15)");
}

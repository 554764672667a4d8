//! What the strict mode asks of clients that register themselves (portal.md A31).

use serde_json::{Value, json};

use super::Managed;
use crate::harness::http::Auth;
use crate::harness::party::text;

async fn ask(server: &Managed, client: &Value) -> (u16, Value) {
    let fields = [("grant_type", "client_credentials"), ("audience", "https://api.example"), ("scope", "read")];
    let auth = Auth::Basic(text(client, "client_id"), text(client, "client_secret"));
    let answer = server.app.http.form("/oauth/token", auth, &fields).await;
    (answer.status, answer.json()["error"].clone())
}

#[tokio::test]
async fn a_strict_client_is_recognised_and_needs_a_client_grant_for_every_api() {
    spec!("portal/A31");
    let server = Managed::start().await;
    let api = json!({"identifier": "https://api.example", "scopes": [{"value": "read"}]});
    server.post("/resource-servers", api).await.expect(201);
    let mode = |mode: &str| {
        let flags = json!({"enable_dynamic_client_registration": true});
        json!({"dynamic_client_registration_security_mode": mode, "flags": flags})
    };
    server.patch("/tenants/settings", mode("permissive")).await.expect(200);
    let grants = json!({"grant_types": ["authorization_code", "client_credentials"]});
    let mut wanted = json!({
        "redirect_uris": ["https://c.example/cb"], "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": grants["grant_types"],
    });
    let permissive = server.app.register(wanted.clone()).await;
    server.patch("/tenants/settings", mode("strict")).await.expect(200);
    // Machines do not make themselves: an admin says which client is one.
    let refused = server.app.http.post_json("/oidc/register", &wanted).await;
    let description = "grant_types 'client_credentials' is not allowed by the policy (allowed: authorization_code, \
                       refresh_token)";
    assert_eq!((refused.status, &refused.json()["error_description"]), (400, &json!(description)));
    wanted["grant_types"] = json!(["authorization_code", "refresh_token"]);
    let strict = server.app.register(wanted).await;
    let id = text(&strict, "client_id");
    server.patch(&format!("/clients/{id}"), grants).await.expect(200);
    assert!(id.starts_with("tpc_") && id.len() == 36, "{id}");
    assert_eq!(text(&permissive, "client_id").len(), 32);
    // People may come with any client; machines need a grant, whatever the mode they were made under.
    assert_eq!(ask(&server, &permissive).await, (400, json!("unauthorized_client")));
    assert_eq!(ask(&server, &strict).await, (400, json!("unauthorized_client")));
    let grant = json!({"client_id": id, "audience": "https://api.example", "scope": ["read"]});
    server.post("/client-grants", grant).await.expect(201);
    assert_eq!(ask(&server, &strict).await.0, 200);
    let told = server.get(&format!("/clients/{id}?fields=third_party_security_mode")).await.expect(200);
    assert_eq!(told, json!({"third_party_security_mode": "strict"}));
}

#[tokio::test]
async fn a_strict_client_sends_a_code_challenge_and_signs_with_a_key_pair() {
    spec!("portal/A15", "portal/A31");
    let server = Managed::start().await;
    server.app.settings(json!({"registration": {"open": true, "profile": "strict"}})).await;
    let wanted =
        json!({"redirect_uris": ["https://c.example/cb"], "token_endpoint_auth_method": "client_secret_basic"});
    let client = server.app.register(wanted.clone()).await;
    // Third parties cannot change what they registered.
    assert!(client.get("registration_access_token").is_none() && client.get("registration_client_uri").is_none());
    let query = format!(
        "/authorize?response_type=code&client_id={}&redirect_uri=https://c.example/cb&state=s",
        text(&client, "client_id")
    );
    let answer = server.app.http.get(&query).await;
    let to = answer.header("location");
    assert!(to.starts_with("https://c.example/cb?") && to.contains("error=invalid_request"), "{to}");
    let mut symmetric = wanted;
    symmetric["id_token_signed_response_alg"] = json!("HS256");
    let refused = server.app.http.post_json("/oidc/register", &symmetric).await;
    assert_eq!(refused.refusal(), (400, "invalid_client_metadata".to_owned()));
}

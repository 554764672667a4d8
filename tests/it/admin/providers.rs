//! Providers over HTTP: what is told, and what never is.

use registrar::portal::Action;
use serde_json::{Value, json};

use super::{Desk, token};
use crate::harness::TestApp;
use crate::harness::provider::{Does, Provider};

async fn desk() -> Desk {
    Desk::on(TestApp::with(&[("outbound.allow_networks", "127.0.0.0/8")]).await).await
}

fn body(there: &Provider) -> Value {
    json!({
        "name": "The provider", "discovery_endpoint": there.discovery(), "ticket_from": "client_credentials",
        "client_id": "portal", "client_secret": "canary-secret", "scopes": ["dcr"],
    })
}

#[tokio::test]
async fn a_provider_is_set_up_changed_chosen_tried_and_removed() {
    spec!("portal/G36", "portal/P-15");
    let (desk, there) = (desk().await, Provider::start().await);
    let made = desk.send(&desk.admin, "POST", "/providers", &body(&there)).await;
    let provider = made.expect(201);
    let path = format!("/providers/{}", provider["id"].as_str().unwrap());
    assert_eq!(made.header("location"), desk.server.url(&format!("/api/admin{path}")));
    assert_eq!(
        (&provider["default"], &provider["place"], made.header("etag")),
        (&json!(true), &json!("elsewhere"), "\"v0\"")
    );
    assert!(!made.text.contains("canary"), "s.N9");
    let changed = desk.send(&desk.admin, "PATCH", &path, &json!({"description": "Ours"})).await.expect(200);
    assert_eq!((&changed["description"], &changed["version"]), (&json!("Ours"), &json!(1)));
    let tried = desk.send(&desk.admin, "POST", &format!("{path}/test"), &Value::Null).await.expect(200);
    assert_eq!(tried["issuer"], there.issuer);
    let here = desk.send(&desk.admin, "POST", "/providers/use-this-server", &Value::Null).await.expect(200);
    assert_eq!((&here["place"], &here["default"]), (&json!("here"), &json!(true)));
    let listed = desk.get(&desk.admin, "/providers").await.expect(200);
    assert_eq!(listed["total"], 2);
    let again = desk.send(&desk.admin, "POST", &format!("{path}/default"), &Value::Null).await.expect(200);
    assert_eq!(again["default"], true);
    desk.send(&desk.admin, "DELETE", &path, &Value::Null).await.expect(204);
    assert_eq!(desk.get(&desk.admin, &path).await.status, 404);
    assert_eq!(desk.get(&desk.ada, "/providers").await.status, 403);
}

#[tokio::test]
async fn what_a_provider_gives_as_its_reason_is_told() {
    spec!("portal/P-7");
    let (desk, there) = (desk().await, Provider::start().await);
    there.does("POST /token", Does::Says(401, json!({"error": "invalid_client", "error_description": "who?"})));
    let refused = desk.send(&desk.admin, "POST", "/providers", &body(&there)).await.expect(400);
    assert_eq!(refused["type"], "urn:registrar:problem:provider");
    let told = "Unexpected response from OIDC Token endpoint: error[invalid_client] description[who?] (status 401)";
    assert_eq!(refused["detail"], told);
    assert_eq!(desk.get(&desk.admin, "/providers").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_token_needs_the_scope_of_providers() {
    spec!("portal/P-15");
    let (desk, there) = (desk().await, Provider::start().await);
    let admin = desk.server.with_role("root@example.org", entity::user::Role::Admin).await;
    let reads = token(&desk.server, &admin, &["providers:read"]).await;
    desk.get(&reads, "/providers").await.expect(200);
    assert_eq!(desk.send(&reads, "POST", "/providers", &body(&there)).await.status, 403);
    let writes = token(&desk.server, &admin, Action::WriteProviders.scopes()).await;
    desk.send(&writes, "POST", "/providers", &body(&there)).await.expect(201);
    assert!(!desk.get(&reads, "/providers").await.text.contains("canary"));
}

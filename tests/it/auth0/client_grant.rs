//! `/api/v2/client-grants`.

use serde_json::{Value, json};

use super::{Managed, invalid, lacks, machine, refused};
use crate::harness::http::Auth;
use crate::harness::party::text;

/// Whether a machine gets a token for an audience, and its scopes.
async fn ask(server: &Managed, client: &Value, audience: &str) -> (u16, Value) {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", text(client, "client_id")),
        ("client_secret", text(client, "client_secret")),
        ("audience", audience),
        ("scope", "read:contacts"),
    ];
    let answer = server.app.http.form("/oauth/token", Auth::None, &fields).await;
    (answer.status, answer.json()["scope"].clone())
}

#[tokio::test]
async fn a_client_grant_for_an_api_is_an_approved_contract() {
    spec!("portal/A36");
    let server = Managed::start().await;
    let audience = "https://api.example";
    let api = json!({
        "identifier": audience, "scopes": [{"value": "read:contacts"}, {"value": "write:contacts"}],
        "subject_type_authorization": {"user": {"policy": "require_client_grant"}},
    });
    server.post("/resource-servers", api).await.expect(201);
    let client = machine(&server.app, &[]).await;
    assert_eq!(ask(&server, &client, audience).await.0, 400);
    let wanted = json!({"client_id": client["client_id"], "audience": audience, "scope": ["read:contacts"]});
    let made = server.post("/client-grants", wanted.clone()).await.expect(201);
    let id = text(&made, "id").to_owned();
    let mut expected = wanted.clone();
    expected["id"] = json!(id);
    expected["subject_type"] = json!("client");
    assert_eq!(made, expected);
    assert_eq!(ask(&server, &client, audience).await, (200, json!("read:contacts")));
    let message = "A resource with the same client_id and audience already exists.";
    let twice = refused(409, "Conflict", message, "conflict");
    assert_eq!(server.post("/client-grants", wanted).await.expect(409), twice);
    assert_eq!(server.get("/client-grants?audience=https://api.example").await.expect(200), json!([expected]));

    let path = format!("/client-grants/{id}");
    expected["scope"] = json!(["write:contacts"]);
    assert_eq!(server.patch(&path, json!({"scope": ["write:contacts"]})).await.expect(200), expected);
    assert_eq!(ask(&server, &client, audience).await.0, 400);
    let unknown = server.patch(&path, json!({"scope": ["fly"]})).await;
    assert_eq!((unknown.status, &unknown.json()["errorCode"]), (400, &json!("invalid_body")));

    assert_eq!(server.delete(&path).await.status, 204);
    let gone = refused(404, "Not Found", "The client grant does not exist.", "inexistent_client_grant");
    assert_eq!(server.delete(&path).await.expect(404), gone);
    assert_eq!(server.get("/client-grants?audience=https://api.example").await.expect(200), json!([]));
}

#[tokio::test]
async fn a_client_grant_for_the_management_api_is_a_right_and_nobody_gives_more_than_they_have() {
    spec!("portal/A36", "portal/A29");
    let server =
        Managed::with(&["create:client_grants", "read:client_grants", "delete:client_grants", "read:clients"]).await;
    let client = machine(&server.app, &[]).await;
    let audience = server.app.url("/api/v2/");
    let mut wanted = json!({"client_id": client["client_id"], "audience": audience, "scope": ["read:clients"]});
    let made = server.post("/client-grants", wanted.clone()).await.expect(201);
    let path = format!("/client-grants/{}", text(&made, "id"));
    let listed = server.get(&format!("/client-grants?client_id={}", text(&client, "client_id"))).await.expect(200);
    assert_eq!(listed, json!([made]));
    assert_eq!(server.delete(&path).await.status, 204);
    wanted["scope"] = json!(["read:clients", "update:tenant_settings"]);
    assert_eq!(server.post("/client-grants", wanted.clone()).await.expect(403), lacks("update:tenant_settings"));
    wanted["scope"] = json!(["fly"]);
    let answer = server.post("/client-grants", wanted).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
}

#[tokio::test]
async fn grants_for_all_third_party_clients_are_not_there() {
    spec!("portal/A28");
    let server = Managed::start().await;
    let answer = server.post("/client-grants", json!({"default_for": "third_party_clients", "audience": "x"})).await;
    let expected = invalid(
        "'Client grants for all third-party clients are not supported: grant each client' on property default_for, \
         'Missing required property: client_id'",
    );
    assert_eq!(answer.expect(400), expected);
}

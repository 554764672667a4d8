//! `/api/v2/resource-servers`.

use serde_json::json;

use super::{Managed, invalid, refused};
use crate::harness::party::text;

#[tokio::test]
async fn an_api_is_made_read_changed_and_deleted() {
    spec!("portal/A36");
    let server = Managed::start().await;
    let wanted = json!({
        "identifier": "https://api.example/contacts", "name": "Contacts", "token_lifetime": 600, "signing_alg": "RS256",
        "scopes": [{"value": "read:contacts", "description": "Read contacts"}], "allow_offline_access": true,
    });
    let made = server.post("/resource-servers", wanted.clone()).await.expect(201);
    let id = text(&made, "id").to_owned();
    let mut expected = json!({
        "allow_offline_access": true, "enforce_policies": false, "id": id,
        "identifier": "https://api.example/contacts", "is_system": false, "name": "Contacts",
        "scopes": [{"value": "read:contacts", "description": "Read contacts"}], "signing_alg": "RS256",
        "skip_consent_for_verifiable_first_party_clients": true,
        "subject_type_authorization": {"user": {"policy": "allow_all"}}, "token_dialect": "rfc9068_profile",
        "token_lifetime": 600, "token_lifetime_for_web": 7200,
    });
    assert_eq!(made, expected);
    assert_eq!(server.get(&format!("/resource-servers/{id}")).await.expect(200), expected);
    let by_identifier = server.get("/resource-servers/https%3A%2F%2Fapi.example%2Fcontacts").await;
    assert_eq!(by_identifier.expect(200), expected);

    let again =
        server.post("/resource-servers", json!({"identifier": "https://api.example/contacts", "name": "x"})).await;
    assert_eq!((again.status, &again.json()["errorCode"]), (409, &json!("conflict")));

    let patch = json!({
        "name": "People", "token_lifetime": 60, "allow_offline_access": null, "token_dialect": "access_token",
        "scopes": [{"value": "read:people"}], "subject_type_authorization": {"user": {"policy": "require_client_grant"}},
    });
    expected["name"] = json!("People");
    expected["token_lifetime"] = json!(60);
    expected["allow_offline_access"] = json!(false);
    expected["token_dialect"] = json!("access_token");
    expected["scopes"] = json!([{"value": "read:people", "description": ""}]);
    expected["subject_type_authorization"]["user"]["policy"] = json!("require_client_grant");
    assert_eq!(server.patch(&format!("/resource-servers/{id}"), patch).await.expect(200), expected);
    let other = server.patch(&format!("/resource-servers/{id}"), json!({"identifier": "https://other.example"})).await;
    assert_eq!(other.expect(400), invalid("'The identifier cannot be changed' on property identifier"));

    assert_eq!(server.delete(&format!("/resource-servers/{id}")).await.status, 204);
    let gone = refused(404, "Not Found", "The resource server does not exist.", "inexistent_resource_server");
    assert_eq!(server.get(&format!("/resource-servers/{id}")).await.expect(404), gone);
}

#[tokio::test]
async fn the_management_api_is_listed_and_cannot_be_changed() {
    spec!("portal/A36");
    let server = Managed::start().await;
    server.post("/resource-servers", json!({"identifier": "urn:orders"})).await.expect(201);
    let listed = server.get("/resource-servers?include_totals=true").await.expect(200);
    let told: Vec<_> = listed["resource_servers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|api| (text(api, "identifier").to_owned(), api["is_system"] == json!(true), api["token_lifetime"].clone()))
        .collect();
    let expected = [(server.app.url("/api/v2/"), true, json!(86_400)), ("urn:orders".to_owned(), false, json!(86_400))];
    assert_eq!((told.as_slice(), &listed["total"]), (&expected[..], &json!(2)));
    let message = "System resource servers can be neither changed nor deleted.";
    let system = refused(403, "Forbidden", message, "operation_not_supported");
    assert_eq!(server.delete("/resource-servers/management-api").await.expect(403), system);
}

#[tokio::test]
async fn what_is_wrong_with_an_api_is_told() {
    spec!("portal/A28");
    let server = Managed::start().await;
    let answer = server.post("/resource-servers", json!({"scopes": [{"description": "x"}], "token_lifetime": 0})).await;
    let expected = invalid(
        "'Missing required property: value' on property scopes[0], \
         'Value is less than minimum 1' on property token_lifetime, 'Missing required property: identifier'",
    );
    assert_eq!(answer.expect(400), expected);
    let own = server.post("/resource-servers", json!({"identifier": server.app.url("/userinfo"), "name": "x"})).await;
    assert_eq!(own.expect(400), invalid("'must not be this server itself' on property identifier"));
}

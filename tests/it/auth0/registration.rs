//! The registration that the seed describes, to the letter.

use entity::event;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::Managed;
use crate::harness::TestApp;
use crate::harness::http::Auth;
use crate::harness::party::text;

async fn open() -> Managed {
    let server = Managed::start().await;
    let patch = json!({"flags": {"enable_dynamic_client_registration": true}});
    server.patch("/tenants/settings", patch).await.expect(200);
    server
}

#[tokio::test]
async fn a_fresh_tenant_takes_no_registration_without_a_token() {
    spec!("portal/A2");
    // D-10, D-12
    let app = TestApp::start().await;
    let wanted =
        json!({"client_name": "My Dynamic Application", "redirect_uris": ["https://application.example/callback"]});
    assert_eq!(app.http.post_json("/oidc/register", &wanted).await.refusal(), (401, "invalid_token".to_owned()));
    app.settings(json!({"registration": {"with_token": false}})).await;
    let refused = app.http.post_json("/oidc/register", &wanted).await;
    let description = "Dynamic client registration is disabled";
    let expected = json!({"error": "registration_forbidden", "error_description": description});
    assert_eq!(refused.expect(403), expected);
    let discovery = app.http.get("/.well-known/openid-configuration").await.expect(200);
    assert!(discovery.get("registration_endpoint").is_none());
}

#[tokio::test]
async fn anybody_registers_where_the_flag_is_on() {
    spec!(
        "portal/A1",
        "portal/A6",
        "portal/A7",
        "portal/A8",
        "portal/A9",
        "portal/A10",
        "portal/A11",
        "portal/A12",
        "portal/A13",
        "portal/A14",
        "portal/A15",
        "portal/A30",
        "portal/A37",
    );
    let server = open().await;
    let http = &server.app.http;
    let callbacks = json!(["https://application.example/callback", "https://application.example/callback2"]);
    let wanted = json!({"client_name": "My Dynamic Application", "redirect_uris": callbacks});
    let answer = http.post_json("/oidc/register", &wanted).await;
    assert_eq!(answer.header("content-type"), "application/json");
    let told = answer.expect(201);
    let id = text(&told, "client_id").to_owned();
    assert_eq!((&told["client_name"], &told["redirect_uris"]), (&wanted["client_name"], &wanted["redirect_uris"]));
    assert_eq!((&told["client_secret_expires_at"], id.len()), (&json!(0), 32));
    let secret = text(&told, "client_secret");
    assert!(secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(told["token_endpoint_auth_method"], json!("client_secret_post"));
    // Third parties cannot change it.
    assert!(told.get("registration_access_token").is_none() && told.get("registration_client_uri").is_none());
    let put = http.json("PUT", &format!("/oidc/register/{id}"), Auth::None, &wanted).await;
    assert_eq!(put.status, 401);

    let spa = json!({"client_name": "t", "redirect_uris": callbacks, "token_endpoint_auth_method": "none"});
    assert!(http.post_json("/oidc/register", &spa).await.expect(201).get("client_secret").is_none());
    let refused = http.post_json("/oidc/register", &json!({"client_name": "t"})).await;
    assert_eq!(refused.refusal(), (400, "invalid_redirect_uri".to_owned()));
    let mut more = wanted.clone();
    more["grant_types"] = json!(["authorization_code", "urn:unheard-of"]);
    assert_eq!(http.post_json("/oidc/register", &more).await.expect(201)["grant_types"], json!(["authorization_code"]));

    let told = event::Entity::find()
        .filter(event::Column::Kind.eq("client_registered"))
        .filter(event::Column::Target.eq(format!("client:{id}")))
        .one(server.app.app.db.pool())
        .await
        .unwrap()
        .unwrap();
    let expected = json!({"way": "open", "profile": "permissive", "client_name": "My Dynamic Application"});
    assert_eq!((told.actor.as_str(), told.address.as_deref(), &told.data), ("anonymous", Some("127.0.0.1"), &expected));
}

#[tokio::test]
async fn an_identifier_cannot_be_chosen_later_either() {
    spec!("portal/A12");
    let server = open().await;
    server.app.settings(json!({"registration": {"open": true, "open_management": true}})).await;
    let client = server.app.web_client().await;
    let mut wanted: Value = json!({"client_id": "another", "redirect_uris": ["https://client.example/cb"]});
    let (path, token) = (text(&client, "registration_client_uri"), text(&client, "registration_access_token"));
    let refused = server.app.http.json("PUT", path, Auth::Bearer(token), &wanted).await;
    assert_eq!(refused.refusal(), (400, "invalid_client_metadata".to_owned()));
    wanted["client_id"] = client["client_id"].clone();
    server.app.http.json("PUT", path, Auth::Bearer(token), &wanted).await.expect(200);
}

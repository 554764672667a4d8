//! What people agreed to, listed and taken back by those who look after a tenant.

use serde_json::{Value, json};

use super::{Desk, plainly, refused, token};
use crate::harness::TestApp;
use crate::harness::party::text;

#[tokio::test]
async fn what_people_agreed_to_is_listed_by_person_and_client_and_taken_back_once() {
    let desk = Desk::on(TestApp::open().await).await;
    let server = &desk.server;
    let (shop, desktop) = (server.web_client().await, server.native_client().await);
    let (eve, max) = (server.person("eve@example.org").await, server.person("max@example.org").await);
    let orders = server.service("https://api.example/orders", &["read"]).await;
    let account = server.agreed(&shop, &eve, None, "openid email").await;
    let at_orders = server.agreed(&desktop, &eve, Some(&orders), "read").await;
    let of_max = server.agreed(&shop, &max, None, "openid").await;
    let grant = server.grant(&shop, &eve, "openid offline_access").await;
    let tokens = server.exchange(&grant).await.expect(200);

    let expected = json!({
        "id": account.id, "user_id": eve.id, "client_id": shop["client_id"], "audience": server.url("/userinfo"),
        "scopes": ["openid", "email"], "created_at": account.created_at, "updated_at": account.updated_at,
    });
    let all = desk.get(&desk.admin, "/consents").await.expect(200);
    assert_eq!((&all["items"][0], &all["total"]), (&expected, &json!(3)));
    for (query, found) in [
        (format!("user={}", eve.id), vec![account.id, at_orders.id]),
        (format!("client={}", text(&shop, "client_id")), vec![account.id, of_max.id]),
        (format!("client={}&user={}", text(&desktop, "client_id"), eve.id), vec![at_orders.id]),
        ("client=nobody".to_owned(), vec![]),
    ] {
        let page = desk.get(&desk.admin, &format!("/consents?{query}")).await.expect(200);
        let ids: Vec<&Value> = page["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
        assert_eq!(json!(ids), json!(found), "{query}");
    }

    assert_eq!(server.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await.status, 200);
    let path = format!("/consents/{}", account.id);
    assert_eq!(desk.send(&desk.admin, "DELETE", &path, &Value::Null).await.status, 204);
    assert_eq!(server.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await.status, 401);
    let again = desk.send(&desk.admin, "DELETE", &path, &Value::Null).await;
    assert_eq!(refused(&again), plainly(404, "not_found"));
    assert_eq!(desk.get(&desk.admin, "/consents").await.expect(200)["total"], 2);
}

#[tokio::test]
async fn consents_have_scopes_of_their_own() {
    // P-15
    let desk = Desk::open().await;
    let admin = desk.server.with_role("root@example.org", entity::user::Role::Admin).await;
    let reader = token(&desk.server, &admin, &["consents:read"]).await;
    let other = token(&desk.server, &admin, &["clients:write"]).await;
    let unknown = format!("/consents/{}", uuid::Uuid::now_v7());
    assert_eq!(desk.get(&reader, "/consents").await.status, 200);
    assert_eq!(desk.send(&reader, "DELETE", &unknown, &Value::Null).await.status, 403);
    assert_eq!(desk.get(&other, "/consents").await.status, 403);
    assert_eq!(desk.get(&desk.publisher, "/consents").await.status, 403);
    assert_eq!(desk.get(&desk.ada, "/consents").await.status, 403);
}

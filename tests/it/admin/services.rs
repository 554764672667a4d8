//! Services, their policies and their documents.

use serde_json::{Value, json};

use super::{Desk, masked, plainly, refused, wrongly};
use crate::harness::party::text;

#[tokio::test]
async fn a_service_is_made_read_changed_and_removed() {
    let desk = Desk::open().await;
    let new = json!({
        "name": "orders", "description": "What was ordered", "tags": ["shop"], "upstream": {"host": "orders.internal"},
        "scopes": [{"value": "orders:read", "description": "Read orders"}, {"value": "orders:write"}],
    });
    let made = desk.post(&desk.admin, "/services", &new).await;
    let service = made.expect(201);
    let expected = json!({
        "id": "[id]", "name": "orders", "description": "What was ordered", "audience": "orders", "enabled": true,
        "access": "contract", "published": true, "owner_id": "[id]", "upstream": {"host": "orders.internal"},
        "tags": ["shop"],
        "scopes": [
            {"value": "orders:read", "description": "Read orders"}, {"value": "orders:write", "description": ""},
        ],
        "token_format": "jwt", "access_token_seconds": null, "policy": null, "version": 0,
        "created_at": "[moment]", "updated_at": "[moment]",
    });
    let mut shown = masked(&service);
    // An admin who makes one may look after it, or nobody does.
    shown["owner_id"] = "[id]".into();
    assert_eq!(shown, expected);
    assert_eq!(made.header("etag"), "\"v0\"");
    let at = made.header("location").to_owned();
    assert_eq!(at, desk.server.url(&format!("/api/admin/services/{}", text(&service, "id"))));
    assert_eq!(desk.server.http.bearer("GET", &at, &desk.admin).await.expect(200), service);

    let change = json!({"description": null, "token_format": "opaque", "access_token_seconds": 60});
    let changed = desk.send(&desk.admin, "PATCH", "/services/orders", &change).await;
    assert_eq!(changed.header("etag"), "\"v1\"");
    let changed = changed.expect(200);
    let told =
        ["description", "token_format", "access_token_seconds", "name", "version"].map(|name| changed[name].clone());
    assert_eq!(json!(told), json!([null, "opaque", 60, "orders", 1]));
    desk.send(&desk.admin, "DELETE", "/services/orders", &Value::Null).await.expect(204);
    assert_eq!(refused(&desk.get(&desk.admin, "/services/orders").await), plainly(404, "not_found"));
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_body_is_said_at_once() {
    let desk = Desk::open().await;
    let odd = json!({"access": "odd", "enabled": "yes", "nmae": "x", "scopes": [{"description": 1}], "tags": "shop"});
    let expected = wrongly(&[
        ("access", "unknown"),
        ("enabled", "form"),
        ("nmae", "unknown"),
        ("scopes[0].description", "form"),
        ("scopes[0].value", "required"),
        ("tags", "form"),
        ("name", "required"),
    ]);
    assert_eq!(refused(&desk.post(&desk.admin, "/services", &odd).await), expected);
    let odd = json!({"name": "a/b", "tags": ["a,b"], "access_token_seconds": -1});
    let expected = wrongly(&[("name", "form"), ("tags", "form"), ("access_token_seconds", "range")]);
    assert_eq!(refused(&desk.post(&desk.admin, "/services", &odd).await), expected);
    desk.post(&desk.admin, "/services", &json!({"name": "orders"})).await.expect(201);
    let taken = desk.post(&desk.admin, "/services", &json!({"name": "orders"})).await;
    assert_eq!(refused(&taken), (409, "taken".to_owned(), vec![("name".to_owned(), "taken".to_owned())]));
}

#[tokio::test]
async fn what_is_no_json_is_refused_in_our_words() {
    let desk = Desk::open().await;
    let send = async |kind: Option<&str>, body: &'static str| {
        let request = desk.server.http.request("POST", "/api/admin/services").bearer_auth(&desk.admin).body(body);
        let request = if let Some(kind) = kind { request.header("content-type", kind) } else { request };
        refused(&desk.server.http.send(request).await)
    };
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        assert_eq!(send(kind, "{\"name\": \"a\"}").await, plainly(415, "unsupported_media_type"), "{kind:?}");
    }
    for body in ["{", "[]", "{\"name\": \"a\", \"name\": \"b\"}", "\u{feff}{}", "{}{}"] {
        assert_eq!(send(Some("application/json"), body).await, plainly(400, "invalid"), "{body}");
    }
    let verb = desk.send(&desk.admin, "PUT", "/services", &json!({})).await;
    assert_eq!(refused(&verb), plainly(405, "method_not_allowed"));
    assert_eq!(refused(&desk.get(&desk.admin, "/nothing").await), plainly(404, "not_found"));
    assert_eq!(refused(&desk.get(&desk.admin, "/documents/no-uuid").await), plainly(404, "not_found"));
    let large = json!({"name": "x".repeat(70_000)});
    assert_eq!(refused(&desk.post(&desk.admin, "/services", &large).await), plainly(413, "too_large"));
}

#[tokio::test]
async fn a_policy_is_put_changed_and_removed_and_only_admins_see_its_key() {
    spec!("security/s.B15");
    let desk = Desk::open().await;
    desk.post(&desk.publisher, "/services", &json!({"name": "orders"})).await.expect(201);
    let none = desk.get(&desk.publisher, "/services/orders/policy").await;
    assert_eq!(refused(&none), plainly(404, "not_found"));
    let wrong = desk.send(&desk.publisher, "PUT", "/services/orders/policy", &json!({"display_name": ""})).await;
    assert_eq!(refused(&wrong), wrongly(&[("display_name", "required"), ("", "no_flow")]));
    let policy = json!({"display_name": "Orders", "enable_client_credentials": true, "scopes": ["read write"]});
    let made = desk.send(&desk.publisher, "PUT", "/services/orders/policy", &policy).await.expect(201);
    let expected = json!({
        "id": "[id]", "service_id": "[id]", "display_name": "Orders", "description": null, "auto_approve": false,
        "enable_authorization_code": false, "enable_client_credentials": true, "enable_implicit_grant": false,
        "enable_password_grant": false, "mandatory_scope": false, "scopes": ["read write"],
        "auth_header_name": "authorization", "token_expiration": 7200, "refresh_token_ttl": 1_209_600,
        "comment_required": false, "enabled": true, "tags": null, "version": 0,
        "created_at": "[moment]", "updated_at": "[moment]",
    });
    assert_eq!(masked(&made), expected);
    let change = json!({"description": "All orders"});
    let changed = desk.send(&desk.publisher, "PATCH", "/services/orders/policy", &change).await.expect(200);
    assert_eq!((&changed["description"], &changed["scopes"]), (&json!("All orders"), &json!(["read write"])));
    let replaced = desk.send(&desk.publisher, "PUT", "/services/orders/policy", &policy).await;
    assert_eq!((replaced.status, replaced.header("etag")), (200, "\"v2\""));
    // s.K4: what opens a service wide is for admins.
    let wide = desk.send(&desk.publisher, "PATCH", "/services/orders/policy", &json!({"auto_approve": true})).await;
    assert_eq!(refused(&wide), plainly(403, "not_allowed"));

    let path = "/services/orders/policy/provision-key";
    assert_eq!(refused(&desk.get(&desk.publisher, path).await), plainly(403, "not_allowed"));
    let key = desk.get(&desk.admin, path).await.expect(200);
    let fresh = desk.post(&desk.admin, path, &Value::Null).await.expect(200);
    assert_ne!(key, fresh);
    assert_eq!(desk.get(&desk.admin, path).await.expect(200), fresh);
    assert!(!desk.get(&desk.admin, "/services").await.text.contains(text(&fresh, "secret")));
    desk.send(&desk.publisher, "DELETE", "/services/orders/policy", &Value::Null).await.expect(204);
    assert_eq!(desk.get(&desk.publisher, "/services/orders").await.expect(200)["policy"], Value::Null);
}

#[tokio::test]
async fn services_are_found_by_words_and_tags_and_developers_find_what_is_published() {
    let desk = Desk::open().await;
    desk.offered("orders").await;
    let hidden = json!({"name": "ledger", "published": false, "tags": ["money", "inside"]});
    desk.post(&desk.admin, "/services", &hidden).await.expect(201);
    let found = async |token: &str, path: &str| {
        let page = desk.get(token, path).await.expect(200);
        page["items"].as_array().unwrap().iter().map(|item| text(item, "name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found(&desk.publisher, "/services").await, ["orders", "ledger"]);
    assert_eq!(found(&desk.publisher, "/services?search=LED").await, ["ledger"]);
    assert_eq!(found(&desk.publisher, "/services?tags=money,inside").await, ["ledger"]);
    assert_eq!(found(&desk.publisher, "/services?tags=money,outside").await, [""; 0]);
    assert_eq!(found(&desk.publisher, "/services?registrable=true").await, ["orders"]);
    assert_eq!(found(&desk.ada, "/catalog").await, ["orders"]);
    assert_eq!(desk.get(&desk.ada, "/catalog/orders").await.expect(200)["registrable"], true);
    assert_eq!(refused(&desk.get(&desk.ada, "/catalog/ledger").await), plainly(404, "not_found"));
}

#[tokio::test]
async fn a_document_is_added_linked_and_read() {
    spec!("portal/K29");
    let desk = Desk::open().await;
    desk.offered("orders").await;
    let new = json!({"title": "Orders", "body": "openapi: 3.1.0\n", "path": "specs/orders.yaml"});
    let made = desk.post(&desk.admin, "/documents", &new).await.expect(201);
    let expected = json!({
        "id": "[id]", "service_id": null, "path": "specs/orders.yaml", "title": "Orders",
        "media_type": "application/yaml", "published": true, "version": 0,
        "created_at": "[moment]", "updated_at": "[moment]",
    });
    assert_eq!(masked(&made), expected);
    let path = format!("/documents/{}", text(&made, "id"));
    assert_eq!(desk.get(&desk.admin, &path).await.expect(200)["body"], "openapi: 3.1.0\n");
    let waiting = |page: Value| page["total"].clone();
    assert_eq!(waiting(desk.get(&desk.admin, "/documents?waiting=true").await.expect(200)), 1);
    let linked = desk.post(&desk.admin, &format!("{path}/link"), &json!({"service": "orders"})).await.expect(200);
    assert_ne!(linked["service_id"], Value::Null);
    assert_eq!(waiting(desk.get(&desk.admin, "/documents?service=orders").await.expect(200)), 1);
    let unlinked = desk.post(&desk.admin, &format!("{path}/unlink"), &Value::Null).await.expect(200);
    assert_eq!(unlinked["service_id"], Value::Null);
    // More than any other body may have.
    let large = json!({"body": format!("openapi: 3.1.0\n{}", "# more\n".repeat(20_000))});
    desk.send(&desk.admin, "PATCH", &path, &large).await.expect(200);
    let larger = json!({"body": "x".repeat(1024 * 1024 + 1)});
    assert_eq!(refused(&desk.send(&desk.admin, "PATCH", &path, &larger).await), wrongly(&[("body", "length")]));
    desk.send(&desk.admin, "DELETE", &path, &Value::Null).await.expect(204);
}

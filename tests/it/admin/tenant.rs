//! Settings, the audit log, webhooks, tickets, and clients that registered themselves.

use serde_json::{Value, json};

use super::{Desk, masked, plainly, refused, token, wrongly};
use crate::harness::TestApp;
use crate::harness::http::Auth;
use crate::harness::party::text;

#[tokio::test]
async fn settings_are_merged() {
    let desk = Desk::open().await;
    let before = desk.get(&desk.admin, "/settings").await.expect(200);
    assert_eq!((&before["slug"], &before["registration"]["open"]), (&json!("default"), &json!(false)));
    let change = json!({"name": "Acme", "registration": {"open": true}, "session": {"idle_hours": 2, "max_hours": 4}});
    let changed = desk.send(&desk.admin, "PATCH", "/settings", &change).await.expect(200);
    let mut expected = before.clone();
    expected["name"] = "Acme".into();
    expected["registration"]["open"] = true.into();
    expected["session"] = json!({"idle_hours": 2, "max_hours": 4});
    assert_eq!(changed, expected);
    let reset = json!({"registration": null, "session": null, "name": text(&before, "name")});
    assert_eq!(desk.send(&desk.admin, "PATCH", "/settings", &reset).await.expect(200), before);
    let wrong = json!({"retention_days": 0, "portal": {"sign_up": 1}, "odd": true});
    let wrong = desk.send(&desk.admin, "PATCH", "/settings", &wrong).await;
    let expected = wrongly(&[("retention_days", "range"), ("portal.sign_up", "form"), ("odd", "unknown")]);
    assert_eq!(refused(&wrong), expected);
}

#[tokio::test]
async fn every_write_leaves_a_line_in_the_audit_log() {
    spec!("security/s.B18");
    let desk = Desk::open().await;
    let me = desk.get(&desk.admin, "/me").await.expect(200);
    let actor = text(&me, "actor");
    let service = desk.offered("orders").await;
    let application = desk.application(&desk.ada, "App").await;
    let log = desk.get(&desk.admin, &format!("/events?actor={actor}&limit=2")).await.expect(200);
    assert_eq!(log["total"], 2);
    let changes: Vec<&str> =
        log["items"].as_array().unwrap().iter().map(|event| text(&event["data"], "change")).collect();
    assert_eq!(changes, ["policy_created", "service_created"], "the newest first");
    let target = format!("/events?target=application:{}", text(&application, "id"));
    let told = desk.get(&desk.admin, &target).await.expect(200);
    let event = &told["items"][0];
    assert_eq!((&told["total"], &event["kind"]), (&json!(1), &json!("application_created")));
    assert_eq!(&desk.get(&desk.admin, &format!("/events/{}", text(event, "id"))).await.expect(200), event);
    let at = event["at"].as_i64().unwrap();
    let since = |moment: i64| format!("/events?kind=application_created&since={moment}");
    assert_eq!(desk.get(&desk.admin, &since(at)).await.expect(200)["total"], 1);
    assert_eq!(desk.get(&desk.admin, &since(at + 1)).await.expect(200)["total"], 0);
    // Parts of a list that begins with the newest lead to the oldest.
    let all = desk.get(&desk.admin, "/events?limit=200").await.expect(200);
    let mut walked: Vec<Value> = Vec::new();
    let mut path = "/events?limit=1".to_owned();
    loop {
        let page = desk.get(&desk.admin, &path).await.expect(200);
        walked.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/events?limit=1&cursor={next}");
    }
    assert_eq!(Value::from(walked), all["items"]);
    assert!(!all.to_string().contains(text(&application, "client_secret")), "{service}");
}

#[tokio::test]
async fn a_webhook_is_added_tried_and_removed() {
    spec!("security/s.B19");
    let desk = Desk::open().await;
    let inside = desk.post(&desk.admin, "/webhooks", &json!({"url": "https://127.0.0.1/", "kinds": ["odd"]})).await;
    assert_eq!(refused(&inside), wrongly(&[("url", "form"), ("kinds", "unknown")]));
    let new = json!({"url": "https://hook.example/in", "kinds": ["contract_approved"]});
    let made = desk.post(&desk.admin, "/webhooks", &new).await.expect(201);
    let expected = json!({
        "id": "[id]", "url": "https://hook.example/in", "kinds": ["contract_approved"], "enabled": true, "version": 0,
        "created_at": "[moment]", "updated_at": "[moment]", "secret": "[secret]",
    });
    assert_eq!(masked(&made), expected);
    let path = format!("/webhooks/{}", text(&made, "id"));
    assert!(!desk.get(&desk.admin, "/webhooks").await.text.contains(text(&made, "secret")));
    let sent = desk.post(&desk.admin, &format!("{path}/ping"), &Value::Null).await.expect(200);
    assert_eq!(
        (&sent["kind"], &sent["channel"], &sent["webhook_id"]),
        (&json!("ping"), &json!("webhook"), &made["id"])
    );
    let listed = desk.get(&desk.admin, &format!("/deliveries?webhook={}", text(&made, "id"))).await.expect(200);
    assert_eq!(listed["items"], json!([sent]));
    let retried = desk.post(&desk.admin, &format!("/deliveries/{}/retry", text(&sent, "id")), &Value::Null).await;
    assert_eq!(refused(&retried), plainly(409, "changed"));
    let secret = desk.post(&desk.admin, &format!("{path}/rotate-secret"), &Value::Null).await.expect(200);
    assert_ne!(secret["secret"], made["secret"]);
    desk.send(&desk.admin, "DELETE", &path, &Value::Null).await.expect(204);
    assert_eq!(refused(&desk.get(&desk.admin, &path).await), plainly(404, "not_found"));
}

#[tokio::test]
async fn a_ticket_registers_and_is_revoked() {
    spec!("security/s.B15");
    let desk = Desk::open().await;
    let made =
        desk.post(&desk.admin, "/initial-access-tokens", &json!({"name": "ci", "max_uses": 2})).await.expect(201);
    let expected = json!({
        "id": "[id]", "name": "ci", "hint": "[hint]", "profile": null, "template_id": null, "max_uses": 2,
        "uses": 0, "expires_at": null, "revoked_at": null, "created_by": made["created_by"], "created_at": "[moment]",
        "initial_access_token": "[initial_access_token]",
    });
    assert_eq!(masked(&made), expected);
    let value = text(&made, "initial_access_token");
    let metadata = json!({"redirect_uris": ["https://client.example/cb"]});
    let register = || desk.server.http.json("POST", "/oidc/register", Auth::Bearer(value), &metadata);
    register().await.expect(201);
    let listed = desk.get(&desk.admin, "/initial-access-tokens").await;
    assert_eq!(listed.expect(200)["items"][0]["uses"], 1);
    assert!(!listed.text.contains(value));
    let path = format!("/initial-access-tokens/{}", text(&made, "id"));
    desk.send(&desk.admin, "DELETE", &path, &Value::Null).await.expect(204);
    assert_eq!(register().await.status, 401);
    assert_eq!(refused(&desk.send(&desk.admin, "DELETE", &path, &Value::Null).await), plainly(404, "not_found"));
}

#[tokio::test]
async fn a_client_that_registered_itself_is_seen_disabled_trusted_and_removed() {
    let server = TestApp::open().await;
    let client = server.web_client().await;
    let desk = Desk::on(server).await;
    desk.application(&desk.ada, "App").await;
    let listed = desk.get(&desk.admin, "/clients?source=open").await.expect(200);
    assert_eq!((&listed["total"], &listed["items"][0]["client_id"]), (&json!(1), &client["client_id"]));
    assert_eq!(desk.get(&desk.admin, "/clients").await.expect(200)["total"], 2);
    let path = format!("/clients/{}", text(&client, "client_id"));
    let tokens = async || {
        let basic = Auth::Basic(text(&client, "client_id"), text(&client, "client_secret"));
        desk.server.http.form("/token", basic, &[("grant_type", "client_credentials")]).await
    };
    let token = tokens().await.expect(200);
    let act = async |action: &str| desk.post(&desk.admin, &format!("{path}/{action}"), &Value::Null).await.expect(200);
    assert_eq!(act("disable").await["state"], "disabled");
    assert_eq!(tokens().await.status, 401);
    assert_eq!(act("enable").await["state"], "active");
    assert_eq!(tokens().await.status, 200);
    assert_eq!(act("trust").await["first_party"], true);
    assert_eq!(act("distrust").await["first_party"], false);
    assert!(token["access_token"].is_string());
    desk.send(&desk.admin, "DELETE", &path, &Value::Null).await.expect(204);
    assert_eq!(tokens().await.status, 401);
    assert_eq!(refused(&desk.get(&desk.admin, &path).await), plainly(404, "not_found"));
}

#[tokio::test]
async fn nobody_grants_a_client_more_than_they_may_do() {
    spec!("security/s.B4");
    let server = TestApp::open().await;
    let client = server.web_client().await;
    let desk = Desk::on(server).await;
    let path = format!("/clients/{}/grant-right", text(&client, "client_id"));
    let admin = desk.server.with_role("root@example.org", entity::user::Role::Admin).await;
    let limited = token(&desk.server, &admin, &["clients:write"]).await;
    let rights = async |token: &str, right: &str| {
        let answer = desk.post(token, &path, &json!({"right": right})).await;
        if answer.status == 200 { answer.json()["rights"].clone() } else { json!(refused(&answer)) }
    };
    assert_eq!(rights(&limited, "settings:write").await, json!([403, "not_allowed", []]));
    assert_eq!(rights(&limited, "clients:write").await, json!(["clients:write"]));
    assert_eq!(rights(&desk.admin, "settings:write").await, json!(["clients:write", "settings:write"]));
    assert_eq!(rights(&desk.admin, "everything").await, json!([400, "invalid", [["right", "unknown"]]]));
    let withdrawn = format!("/clients/{}/withdraw-right", text(&client, "client_id"));
    let left = desk.post(&desk.admin, &withdrawn, &json!({"right": "settings:write"})).await.expect(200);
    assert_eq!(left["rights"], json!(["clients:write"]));
}

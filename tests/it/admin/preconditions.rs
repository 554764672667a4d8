//! Of several who saw the same, does one change it? `ETag` and `If-Match`.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Desk, plainly, refused};
use crate::harness::party::text;

/// Several changes of what all of them saw: one is made.
async fn race(desk: &Desk, token: &str, path: &str, change: impl Fn(usize) -> Value) {
    let read = desk.get(token, path).await;
    read.expect(200);
    let tag = read.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{path}: {tag:?}");
    let bodies: Vec<Value> = (0..6).map(change).collect();
    let answers = join_all(bodies.iter().map(|body| desk.with(token, "PATCH", path, ("If-Match", &tag), body))).await;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(made.len(), 1, "{path}: {:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(refused(answer), plainly(412, "changed"), "{path}");
    }
    let after = desk.get(token, path).await;
    assert_eq!(after.text, made[0].text, "{path}");
    assert_eq!(after.header("etag"), made[0].header("etag"), "{path}");
    assert_ne!(after.header("etag"), tag, "{path}");
    // Who says nothing about a version changes whichever is there.
    desk.with(token, "PATCH", path, ("If-Match", "*"), &bodies[0]).await.expect(200);
    // What is removed must be what was seen, too.
    if path != "/settings" {
        let late = desk.with(token, "DELETE", path, ("If-Match", &tag), &Value::Null).await;
        assert_eq!(refused(&late), plainly(412, "changed"), "{path}");
    }
}

#[tokio::test]
async fn of_several_changes_of_what_all_saw_one_is_made() {
    let desk = Desk::open().await;
    let service = desk.offered("orders").await;
    let described = |number: usize| json!({"description": format!("Number {number}")});
    race(&desk, &desk.admin, &format!("/services/{}", text(&service, "id")), described).await;
    race(&desk, &desk.admin, "/services/orders/policy", described).await;
    race(&desk, &desk.admin, "/settings", |number| json!({"name": format!("Number {number}")})).await;
    let application = desk.application(&desk.ada, "App").await;
    let path = format!("/applications/{}", text(&application, "id"));
    race(&desk, &desk.ada, &path, described).await;
    let client = format!("{path}/clients/{}", text(&application["client"], "client_id"));
    race(&desk, &desk.ada, &client, |number| json!({"name": format!("Number {number}")})).await;
    let wanted = json!({"application_id": application["id"], "service_id": service["id"]});
    let contract = desk.post(&desk.ada, "/contracts", &wanted).await.expect(201);
    let until = |number: usize| json!({"ends_at": 4_000_000_000_i64 + number as i64});
    race(&desk, &desk.admin, &format!("/contracts/{}", text(&contract, "id")), until).await;
    let document = json!({"title": "Guide", "body": "# Guide", "service": "orders"});
    let document = desk.post(&desk.admin, "/documents", &document).await.expect(201);
    let path = format!("/documents/{}", text(&document, "id"));
    race(&desk, &desk.admin, &path, |number| json!({"title": format!("Number {number}")})).await;
    let ada = desk.get(&desk.admin, "/developers/ada@example.org").await.expect(200);
    let path = format!("/developers/{}", text(&ada, "id"));
    race(&desk, &desk.admin, &path, |number| json!({"meta": {"number": number}})).await;
    let hook = desk.post(&desk.admin, "/webhooks", &json!({"url": "https://hook.example/"})).await.expect(201);
    let path = format!("/webhooks/{}", text(&hook, "id"));
    race(&desk, &desk.admin, &path, |number| json!({"url": format!("https://hook.example/{number}")})).await;
}

#[tokio::test]
async fn what_was_seen_can_be_removed() {
    let desk = Desk::open().await;
    let service = desk.offered("orders").await;
    let application = desk.application(&desk.ada, "App").await;
    let wanted = json!({"application_id": application["id"], "service_id": service["id"]});
    let contract = desk.post(&desk.ada, "/contracts", &wanted).await.expect(201);
    let hook = desk.post(&desk.admin, "/webhooks", &json!({"url": "https://hook.example/"})).await.expect(201);
    let bob = desk.get(&desk.admin, "/developers/bob@example.org").await.expect(200);
    for path in [
        format!("/contracts/{}", text(&contract, "id")),
        format!("/applications/{}/clients/{}", text(&application, "id"), text(&application["client"], "client_id")),
        format!("/applications/{}", text(&application, "id")),
        "/services/orders/policy".to_owned(),
        "/services/orders".to_owned(),
        format!("/webhooks/{}", text(&hook, "id")),
        format!("/developers/{}", text(&bob, "id")),
    ] {
        let tag = desk.get(&desk.admin, &path).await.header("etag").to_owned();
        desk.with(&desk.admin, "DELETE", &path, ("If-Match", &tag), &Value::Null).await.expect(204);
    }
}

#[tokio::test]
async fn a_precondition_that_says_nothing_is_refused() {
    let desk = Desk::open().await;
    desk.offered("orders").await;
    for (header, status) in [("\"v9\"", 412), ("W/\"v0\"", 412), ("\"odd\"", 412), ("v0", 400), ("\"v0\", \"v1\"", 400)]
    {
        let answer = desk.with(&desk.admin, "PATCH", "/services/orders", ("If-Match", header), &json!({})).await;
        assert_eq!(answer.status, status, "{header}");
    }
    // A policy that is not there was not seen.
    desk.post(&desk.admin, "/services", &json!({"name": "bare"})).await.expect(201);
    let policy = json!({"display_name": "Bare", "enable_client_credentials": true});
    let answer = desk.with(&desk.admin, "PUT", "/services/bare/policy", ("If-Match", "\"v0\""), &policy).await;
    assert_eq!(refused(&answer), plainly(412, "changed"));
}

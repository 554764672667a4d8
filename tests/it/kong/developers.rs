//! `/developers` (portal.md K68, K69).

use serde_json::json;

use super::{Body, Kong, masked, text};

#[tokio::test]
async fn a_developer_is_added_decided_about_and_removed() {
    spec!("portal/K68", "portal/K69");
    let kong = Kong::start().await;
    let made =
        kong.post("/developers", "email=wally@example.org&meta=%7B%22full_name%22%3A%22Wally%22%7D").await.expect(200);
    let wanted = json!({
        "consumer": {"id": "…"}, "created_at": "…", "email": "wally@example.org", "id": "…",
        "meta": "{\"full_name\":\"Wally\"}", "roles": [], "status": 1, "updated_at": "…",
    });
    assert_eq!(masked(made.clone(), &["consumer.id", "created_at", "id", "updated_at"]), wanted);
    assert_eq!(kong.get("/developers/wally@example.org").await, made);
    assert_eq!(kong.get(&format!("/developers/{}", text(&made, "id"))).await, made);
    let patched = kong.call("PATCH", "/developers/wally@example.org", Body::Form("status=0")).await.expect(200);
    assert_eq!(patched["developer"]["status"], 0);
    let back = kong.call("PATCH", "/developers/wally@example.org", Body::Form("status=1")).await.expect(400);
    assert_eq!(back["fields"], json!({"status": "cannot go from 0 to 1"}));
    let revoked = kong.call("PATCH", "/developers/wally@example.org", Body::Json(&json!({"status": 3}))).await;
    assert_eq!(revoked.expect(200)["developer"]["status"], 3);
    let list = kong.get("/developers?status=3").await;
    assert_eq!((list["total"].as_u64(), &list["data"][0]["email"]), (Some(1), &json!("wally@example.org")));
    let taken = kong.post("/developers", "email=WALLY@example.org").await.expect(409);
    assert_eq!(taken["code"], 5);
    assert_eq!(kong.call("DELETE", &format!("/developers/{}", text(&made, "id")), Body::None).await.status, 204);
    kong.call("GET", "/developers/wally@example.org", Body::None).await.expect(404);
}

#[tokio::test]
async fn developers_are_invited_and_exported() {
    spec!("portal/K69");
    let kong = Kong::start().await;
    let form = "emails[]=a@example.org&emails[]=root@example.org";
    let sent = kong.post("/developers/invite", form).await.expect(200);
    assert_eq!(sent["sent"], json!({"count": 1, "emails": {"a@example.org": true}}));
    assert_eq!(sent["error"]["count"], 1);
    kong.post("/developers", "email=b@example.org").await.expect(200);
    let csv = kong.call("GET", "/developers/export", Body::None).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let mut lines: Vec<&str> = csv.text.lines().collect();
    assert_eq!(lines.remove(0), "Email, Status");
    lines.sort_unstable();
    assert_eq!(
        lines,
        ["a@example.org,APPROVED", "admin@localhost,APPROVED", "b@example.org,PENDING", "root@example.org,APPROVED"]
    );
}

#[tokio::test]
async fn a_developer_may_bring_an_id_that_nobody_ever_had() {
    // s.L24
    spec!("portal/K69");
    let kong = Kong::start().await;
    let id = "0b7a3f0c-4e0e-4d2a-9a5f-6f6f2a1b0c01";
    let made = kong.post("/developers", &format!("email=a@example.org&id={id}")).await.expect(200);
    assert_eq!((&made["id"], &made["consumer"]["id"]), (&json!(id), &json!(id)));
    let again = kong.post("/developers", &format!("email=b@example.org&id={id}")).await.expect(400);
    assert_eq!((&again["code"], &again["fields"]), (&json!(3), &json!({"id": id})));
    assert_eq!(kong.call("DELETE", &format!("/developers/{id}"), Body::None).await.status, 204);
    let recycled = kong.post("/developers", &format!("email=b@example.org&id={id}")).await.expect(400);
    assert_eq!(recycled["code"], 3);
    let wrong = kong.post("/developers", "email=b@example.org&id=x").await.expect(400);
    assert_eq!(wrong["fields"], json!({"id": "expected a valid UUID"}));
}

#[tokio::test]
async fn all_that_is_wrong_with_a_developer_is_told_at_once() {
    spec!("portal/K46", "portal/C4");
    let kong = Kong::start().await;
    let body = json!({"email": "nobody", "password": "short", "status": 9, "color": "red"});
    let refused = kong.call("POST", "/developers", Body::Json(&body)).await.expect(400);
    let fields = refused["fields"].as_object().unwrap();
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["color", "email", "password", "status"]);
    let missing = kong.post("/developers", "color=red").await.expect(400);
    assert_eq!(missing["fields"], json!({"color": "unknown field", "email": "required field missing"}));
    kong.post("/developers", "email=a@example.org").await.expect(200);
    let body = json!({"email": "nobody", "color": "red"});
    let refused = kong.call("PATCH", "/developers/a@example.org", Body::Json(&body)).await.expect(400);
    assert_eq!(refused["fields"].as_object().unwrap().len(), 2, "{refused}");
    let body = json!({"email": "nobody", "password": 1});
    let request = kong.app.http.request("POST", "/kong/portal/register");
    let refused = kong.app.http.send(Body::Json(&body).in_request(request)).await.expect(400);
    assert_eq!(refused["fields"].as_object().unwrap().len(), 2, "{refused}");
}

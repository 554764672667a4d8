//! Applications, application instances and credentials below a developer (portal.md K70 to K72).

use serde_json::{Value, json};

use super::{Body, Kong, PLUGIN, masked, text};

#[tokio::test]
async fn an_application_is_made_changed_and_put_away() {
    spec!("portal/K70");
    let kong = Kong::start().await;
    let (developer, made) = kong.application("wally@example.org").await;
    let wanted = json!({
        "consumer": {"id": "…"}, "created_at": "…", "developer": {"id": developer["id"]}, "id": "…", "name": "shop",
        "redirect_uri": "https://shop.example/cb", "updated_at": "…",
    });
    assert_eq!(masked(made.clone(), &["consumer.id", "created_at", "id", "updated_at"]), wanted);
    let path = format!("/developers/wally@example.org/applications/{}", text(&made, "id"));
    assert_eq!(kong.get(&path).await, made);
    let change = json!({"name": "store", "redirect_uri": "https://store.example/cb", "custom_id": "s1"});
    let changed = kong.call("PATCH", &path, Body::Json(&change)).await.expect(200);
    for (name, value) in change.as_object().unwrap() {
        assert_eq!(changed[name], *value);
    }
    let missing = kong.post("/developers/wally@example.org/applications", "description=x").await.expect(400);
    assert_eq!(missing["fields"], json!({"name": "required field missing", "redirect_uri": "required field missing"}));
    let list = kong.get("/developers/wally@example.org/applications").await;
    assert_eq!((list["total"].as_u64(), list["data"].as_array().unwrap().len()), (Some(1), 1));
    assert_eq!(kong.get("/applications").await["data"][0]["id"], made["id"]);
    // s.B2: below another developer it is not there.
    kong.post("/developers", "email=other@example.org&status=0").await.expect(200);
    let elsewhere = path.replace("wally", "other");
    kong.call("GET", &elsewhere, Body::None).await.expect(404);
    assert_eq!(kong.call("DELETE", &path, Body::None).await.status, 204);
    kong.call("GET", &path, Body::None).await.expect(404);
}

#[tokio::test]
async fn a_contract_is_asked_for_decided_and_removed() {
    spec!("portal/K68", "portal/K71");
    let kong = Kong::start().await;
    let (service, _) = kong.billing(PLUGIN).await;
    let (_, application) = kong.application("wally@example.org").await;
    let base = format!("/developers/wally@example.org/applications/{}/application_instances", text(&application, "id"));
    let form = format!("service.id={}", text(&service, "id"));
    let made = kong.post(&base, &form).await.expect(201);
    let composite = format!("{}_{}", text(&application, "id"), text(&service, "id"));
    let wanted = json!({
        "application": {"id": application["id"]}, "composite_id": composite, "created_at": "…", "id": "…",
        "service": {"id": service["id"]}, "status": 1, "suspended": false, "updated_at": "…",
    });
    assert_eq!(masked(made.clone(), &["created_at", "id", "updated_at"]), wanted);
    let again = kong.post(&base, &form).await.expect(409);
    assert_eq!(again["fields"], json!({"application": {"id": application["id"]}, "service": {"id": service["id"]}}));
    let path = format!("{base}/{}", text(&made, "id"));
    let status = async |form: &str| {
        let answer = kong.call("PATCH", &path, Body::Form(form)).await;
        let body = answer.json();
        (answer.status, body["status"].clone(), body["suspended"].clone())
    };
    assert_eq!(status("status=0&suspended=true").await, (200, json!(0), json!(true)));
    assert_eq!(status("suspended=false").await, (200, json!(0), json!(false)));
    assert_eq!(status("status=2").await, (400, Value::Null, Value::Null));
    assert_eq!(status("status=3").await, (200, json!(3), json!(false)));
    assert_eq!(status("suspended=true").await.0, 400);
    let of_service = kong.get("/services/billing/application_instances?status=3").await;
    assert_eq!((of_service["total"].as_u64(), &of_service["data"][0]["id"]), (Some(1), &made["id"]));
    assert_eq!(of_service["data"][0]["application"]["developer"]["email"], "wally@example.org");
    let of_application = kong.get(&format!("/applications/{}/application_instances", text(&application, "id"))).await;
    assert_eq!(of_application["data"], of_service["data"]);
    assert_eq!(kong.call("DELETE", &path, Body::None).await.status, 204);
    kong.call("GET", &path, Body::None).await.expect(404);
    assert_eq!(kong.get(&base).await["data"], json!([]));
    let unknown = kong.post(&base, "service.name=nothing").await.expect(400);
    assert_eq!(unknown["code"], 4);
    kong.post("/services", "name=closed&host=x.internal").await.expect(201);
    let closed = kong.post(&base, "service.name=closed").await.expect(400);
    assert_eq!(closed, json!({"message": "Application registration is not enabled for this Service."}));
}

#[tokio::test]
async fn credentials_are_shown_with_their_secrets() {
    spec!("portal/K67", "portal/K72");
    let kong = Kong::start().await;
    let (_, application) = kong.application("wally@example.org").await;
    let base = format!("/developers/wally@example.org/applications/{}/credentials/oauth2", text(&application, "id"));
    let first = kong.get(&base).await;
    assert_eq!(first["total"], 1);
    let wanted = json!({
        "client_id": "…", "client_secret": "…", "client_type": "confidential", "consumer": {"id": application["id"]},
        "created_at": "…", "hash_secret": false, "id": "…", "name": "shop",
        "redirect_uris": ["https://shop.example/cb"],
    });
    let varying = ["client_id", "client_secret", "created_at", "id"];
    assert_eq!(masked(first["data"][0].clone(), &varying), wanted);
    let given = json!({"client_id": "legacy", "client_secret": "0123456789abcdef0123456789abcdef"});
    let added = kong.call("POST", &base, Body::Json(&given)).await.expect(201);
    assert_eq!((&added["client_id"], &added["client_secret"]), (&given["client_id"], &given["client_secret"]));
    assert_eq!(kong.get(&format!("{base}/{}", text(&added, "id"))).await, added);
    assert_eq!(kong.get("/oauth2?client_id=legacy").await, json!({"data": [added], "next": null}));
    assert_eq!(kong.get("/oauth2?client_id=unknown").await["data"], json!([]));
    let taken = kong.call("POST", &base, Body::Json(&given)).await.expect(409);
    assert_eq!(taken["fields"], json!({"client_id": "legacy"}));
    assert_eq!(kong.call("DELETE", &format!("{base}/legacy"), Body::None).await.status, 204);
    kong.call("GET", &format!("{base}/legacy"), Body::None).await.expect(404);
}

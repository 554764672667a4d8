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

#[tokio::test]
async fn a_credential_may_keep_nothing_but_the_hash_of_its_secret() {
    spec!("portal/K72");
    let kong = Kong::start().await;
    let (_, application) = kong.application("wally@example.org").await;
    let base = format!("/developers/wally@example.org/applications/{}/credentials/oauth2", text(&application, "id"));
    let secret = "0123456789abcdef0123456789abcdef";
    let given = json!({"client_id": "hashed", "client_secret": secret, "hash_secret": true});
    let added = kong.call("POST", &base, Body::Json(&given)).await.expect(201);
    assert_eq!((&added["hash_secret"], &added["client_secret"]), (&json!(true), &json!(secret)));
    let read = kong.get(&format!("{base}/hashed")).await;
    assert_eq!((&read["hash_secret"], &read["client_secret"]), (&json!(true), &Value::Null));
    let fields = [("grant_type", "client_credentials"), ("client_id", "hashed"), ("client_secret", secret)];
    kong.app.http.form("/token", crate::harness::http::Auth::None, &fields).await.expect(200);
    let made = kong.post(&base, "hash_secret=true").await.expect(201);
    assert_eq!(text(&made, "client_secret").len(), 64);
    // Kong takes any; too short a one is refused with what would be taken.
    let short = kong.post(&base, "client_secret=secret&hash_secret=perhaps").await.expect(400);
    let wanted = json!({"client_secret": "must have 32 to 256 printable ASCII characters",
        "hash_secret": "expected a boolean"});
    assert_eq!(short["fields"], wanted);
}

#[tokio::test]
async fn a_list_of_credentials_is_one_entry_of_the_audit_log() {
    // s.B18
    spec!("portal/K72");
    use entity::event::{Column, Entity};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let kong = Kong::start().await;
    let (_, application) = kong.application("wally@example.org").await;
    let base = format!("/developers/wally@example.org/applications/{}/credentials/oauth2", text(&application, "id"));
    kong.post(&base, "client_id=second").await.expect(201);
    kong.post(&base, "client_id=hashed&hash_secret=true").await.expect(201);
    let told = async || {
        let revealed = Entity::find().filter(Column::Kind.eq("client_secret_revealed"));
        revealed.all(kong.app.app.db.pool()).await.unwrap()
    };
    let list = kong.get(&base).await;
    let shown: Vec<bool> = list["data"].as_array().unwrap().iter().map(|it| it["client_secret"].is_string()).collect();
    assert_eq!(shown, [true, true, false]);
    let rows = told().await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let first = text(&list["data"][0], "client_id");
    assert_eq!(rows[0].data["clients"], json!([first, "second"]));
    assert_eq!(rows[0].target, format!("application:{}", text(&application, "id")));
    // Where there is nothing to show, nothing is written.
    for client in [first, "second"] {
        kong.call("DELETE", &format!("{base}/{client}"), Body::None).await;
    }
    assert_eq!(kong.get(&base).await["total"], 1);
    assert_eq!(told().await.len(), 1);
}

#[tokio::test]
async fn all_that_is_wrong_with_an_application_is_told_at_once() {
    spec!("portal/K46", "portal/C4");
    let kong = Kong::start().await;
    kong.application("wally@example.org").await;
    let body = json!({"name": 1, "redirect_uri": "javascript:alert(1)", "custom_id": "", "color": "red"});
    let refused = kong.call("POST", "/developers/wally@example.org/applications", Body::Json(&body)).await.expect(400);
    let fields = refused["fields"].as_object().unwrap();
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["color", "custom_id", "name", "redirect_uri"]);
    assert_eq!((&fields["name"], &fields["color"]), (&json!("expected a string"), &json!("unknown field")));
    let id = text(&kong.get("/applications").await["data"][0], "id").to_owned();
    let body = json!({"redirect_uri": "javascript:alert(1)", "color": "red"});
    let refused = kong.call("PATCH", &format!("/applications/{id}"), Body::Json(&body)).await.expect(400);
    assert_eq!(refused["fields"].as_object().unwrap().len(), 2, "{refused}");
}

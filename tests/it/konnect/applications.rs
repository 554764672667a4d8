//! Applications and their secrets, as Konnect's portal API tells them (portal.md N23, N25).

use serde_json::{Value, json};

use super::{Script, not_found, now, problem, refusal, wrong};
use crate::harness::TestApp;

fn strategy(app: &TestApp) -> Value {
    json!({
        "id": app.tenant().id, "name": app.tenant().name, "credential_type": "client_credentials",
        "auth_methods": ["bearer"], "supports_multiple_credentials": true, "min_allowed_credentials": 1,
        "max_allowed_credentials": 20,
    })
}

#[tokio::test]
async fn an_application_is_made_read_changed_and_removed() {
    spec!("portal/N25", "portal/N23", "portal/N30");
    let app = TestApp::at_a_standstill().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let wish = json!({
        "name": "App 1", "description": "Shows orders", "redirect_uri": "https://client.example/cb",
        "auth_strategy_id": app.tenant().id, "scopes": [], "team_id": null,
    });
    let made = dev.post("/api/v3/applications", wish).await.expect(201);
    let secret = made["client_secret"].as_str().unwrap();
    assert_eq!(secret.len(), 64);
    let mut expected = json!({
        "id": made["id"], "name": "App 1", "description": "Shows orders", "client_id": made["client_id"],
        "client_secret": secret, "redirect_uri": "https://client.example/cb", "auth_strategy": strategy(&app),
        "created_at": now(&app), "updated_at": now(&app),
    });
    assert_eq!(made, expected);
    expected.as_object_mut().unwrap().remove("client_secret");
    let path = format!("/api/v3/applications/{}", made["id"].as_str().unwrap());
    assert_eq!(dev.get(&path).await.expect(200), expected);
    let listed = dev.get("/api/v3/applications?page[size]=5").await.expect(200);
    assert_eq!(listed, json!({"data": [expected], "meta": {"page": {"number": 1, "size": 5, "total": 1}}}));
    let found = dev.get("/api/v3/applications?filter[name][contains]=pp%201").await.expect(200);
    assert_eq!(found["meta"]["page"]["total"], 1);
    assert_eq!(dev.get("/api/v3/applications?filter[name][contains]=x").await.expect(200)["data"], json!([]));

    let changed = dev.patch(&path, json!({"name": "App 2", "description": null})).await.expect(200);
    assert_eq!((&changed["name"], &changed["description"]), (&json!("App 2"), &Value::Null));
    assert_eq!(changed["redirect_uri"], "https://client.example/cb", "what is not sent stays");
    assert_eq!(dev.delete(&path).await.expect(204), Value::Null);
    for gone in [dev.get(&path).await, dev.delete(&path).await, dev.patch(&path, json!({"name": "x"})).await] {
        assert_eq!(refusal(&gone), not_found());
    }
}

#[tokio::test]
async fn all_that_is_wrong_with_an_application_is_told_at_once() {
    // C4, N23
    let app = TestApp::start().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let refused = dev.post("/api/v3/applications", json!({"name": 1, "color": "red", "team_id": "t"})).await;
    assert_eq!(
        problem(&refused),
        json!({
            "detail": "Invalid Parameters",
            "invalid_parameters": [
                {"field": "name", "rule": "is_string", "reason": "must be a string", "source": "body"},
                {"field": "team_id", "rule": "missing_reference", "reason": "there are no teams here",
                 "source": "body"},
                {"field": "color", "rule": "unknown_property", "reason": "is not a known property", "source": "body"},
            ],
        })
    );
    let rules = async |body: Value| wrong(&dev.post("/api/v3/applications", body).await);
    let pair = |field: &str, rule: &str| vec![(field.to_owned(), rule.to_owned())];
    assert_eq!(rules(json!({})).await, pair("name", "required"));
    assert_eq!(rules(json!({"name": " "})).await, pair("name", "required"));
    assert_eq!(rules(json!({"name": "n".repeat(256)})).await, pair("name", "max_length"));
    assert_eq!(rules(json!({"name": "n", "scopes": ["read"]})).await, pair("scopes", "invalid"));
    let other = json!({"name": "n", "auth_strategy_id": "8f1d5a0e-63a3-4c6c-9d0c-3b0a3c7ce001"});
    assert_eq!(rules(other).await, pair("auth_strategy_id", "missing_reference"));
    let script = json!({"name": "n", "redirect_uri": "javascript:alert(1)"});
    assert_eq!(rules(script).await, pair("redirect_uri", "invalid"));
    let id = dev.application("App").await;
    let other_client = dev.patch(&format!("/api/v3/applications/{id}"), json!({"client_id": "mine"})).await;
    assert_eq!(wrong(&other_client), pair("client_id", "invalid"));
}

#[tokio::test]
async fn a_secret_is_told_once_and_exchanged_while_it_is_the_only_one() {
    spec!("portal/N25");
    let app = TestApp::at_a_standstill().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let made = dev.post("/api/v3/applications", json!({"name": "App"})).await.expect(201);
    let base = format!("/api/v3/applications/{}", made["id"].as_str().unwrap());
    let credentials = format!("{base}/credentials");
    let listed = dev.get(&credentials).await.expect(200);
    let first = listed["data"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        listed,
        json!({
            "data": [{"type": "client_secret", "id": first, "display_name": null, "client_id": made["client_id"],
                      "created_at": now(&app), "expires_at": null}],
            "meta": {"page": {"number": 1, "size": 10, "total": 1}},
        })
    );
    let renewed = dev.app.http.bearer("POST", &format!("{base}/regenerate-secret"), &dev.token).await.expect(201);
    assert_eq!(renewed["client_id"], made["client_id"]);
    assert_ne!(renewed["client_secret"], made["client_secret"]);
    assert_eq!(renewed.as_object().unwrap().len(), 2);

    let second = dev.post(&credentials, json!({"display_name": "spare"})).await.expect(201);
    assert_eq!(
        second,
        json!({"type": "client_secret", "id": second["id"], "display_name": "spare", "client_id": made["client_id"],
               "client_secret": second["client_secret"], "created_at": now(&app), "expires_at": null})
    );
    let several = dev.app.http.bearer("POST", &format!("{base}/regenerate-secret"), &dev.token).await;
    assert_eq!(refusal(&several), (409, "The client has more than one secret".to_owned()));
    let one = format!("{credentials}/{}", second["id"].as_str().unwrap());
    assert_eq!(dev.send("PUT", &one, &json!({"display_name": "main"})).await.expect(200)["display_name"], "main");
    assert_eq!(dev.delete(&one).await.status, 204);
    assert_eq!(refusal(&dev.delete(&one).await), not_found());
    let last = dev.get(&credentials).await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(refusal(&dev.delete(&format!("{credentials}/{last}")).await).0, 409);
    // The body may be left out.
    assert_eq!(dev.app.http.bearer("POST", &credentials, &dev.token).await.status, 201);
}

#[tokio::test]
async fn nobody_learns_of_an_application_of_somebody_else() {
    // s.B1, s.B2, s.B3
    let app = TestApp::start().await;
    let (dev, other) = (Script::developer(&app, "a@example.org").await, Script::developer(&app, "b@example.org").await);
    let (mine, theirs) = (dev.application("Mine").await, other.application("Theirs").await);
    let credentials = other.get(&format!("/api/v3/applications/{theirs}/credentials")).await.expect(200);
    let credential = credentials["data"][0]["id"].as_str().unwrap();
    let theirs_at = format!("/api/v3/applications/{theirs}");
    for path in ["", "/credentials", "/registrations", "/granted-scopes"] {
        assert_eq!(refusal(&dev.get(&format!("{theirs_at}{path}")).await), not_found(), "{path}");
    }
    let foreign = format!("/api/v3/applications/{mine}/credentials/{credential}");
    let refused = [
        dev.delete(&theirs_at).await,
        dev.patch(&theirs_at, json!({"name": "x"})).await,
        dev.post(&format!("{theirs_at}/credentials"), json!({})).await,
        dev.app.http.bearer("POST", &format!("{theirs_at}/regenerate-secret"), &dev.token).await,
        dev.delete(&foreign).await,
        dev.send("PUT", &foreign, &json!({"display_name": "x"})).await,
        dev.get("/api/v3/applications/none").await,
    ];
    for answer in &refused {
        assert_eq!(refusal(answer), not_found());
    }
    assert_eq!(dev.get("/api/v3/applications").await.expect(200)["meta"]["page"]["total"], 1);
}

#[tokio::test]
async fn an_application_is_known_elsewhere_by_its_reference() {
    spec!("portal/N23");
    let app = TestApp::start().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let made = dev.post("/api/v3/applications", json!({"name": "App", "reference_id": "crm-1"})).await.expect(201);
    assert_eq!(made["reference_id"], "crm-1");
    let taken = dev.post("/api/v3/applications", json!({"name": "Other", "reference_id": "crm-1"})).await;
    assert_eq!(refusal(&taken), (409, "The reference_id [crm-1] is taken".to_owned()));
    let path = format!("/api/v3/applications/{}", made["id"].as_str().unwrap());
    assert_eq!(dev.get(&path).await.expect(200)["reference_id"], "crm-1");
    assert_eq!(dev.patch(&path, json!({"reference_id": "crm-2"})).await.expect(200)["reference_id"], "crm-2");
    assert_eq!(dev.get("/api/v3/applications").await.expect(200)["data"][0]["reference_id"], "crm-2");
    let admin = Script::admin(&app).await;
    let managed = format!("/v3/portals/{}/applications", app.tenant().id);
    assert_eq!(admin.get(&managed).await.expect(200)["data"][0]["reference_id"], "crm-2");
    let cleared = dev.patch(&path, json!({"reference_id": null})).await.expect(200);
    assert_eq!(cleared.get("reference_id"), None);
    let long = dev.patch(&path, json!({"reference_id": "r".repeat(300)})).await;
    assert_eq!(wrong(&long), [("reference_id".to_owned(), "max_length".to_owned())]);
}

#[tokio::test]
async fn what_is_wrong_with_the_query_is_told_by_its_name() {
    spec!("portal/C4");
    let app = TestApp::start().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let refused = problem(&dev.get("/api/v3/applications?page[number]=x").await);
    let wanted = json!([{"field": "page[number]", "rule": "invalid", "reason": "is missing or not valid",
        "source": "query"}]);
    assert_eq!(refused["invalid_parameters"], wanted);
}

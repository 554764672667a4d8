//! Which applications there may be, as Gravitee's settings say (portal.md G53, G54).

use serde_json::{Value, json};

use super::{Script, code, coded, id, registering, wish, wrong};
use crate::harness::TestApp;

fn told(registration: bool, off: &[&str]) -> Value {
    let mut types = json!({});
    for kind in ["simple", "browser", "web", "native", "backend_to_backend"] {
        types[kind] = json!({"enabled": !off.contains(&kind)});
    }
    json!({"application": {"registration": {"enabled": registration}, "types": types}})
}

#[tokio::test]
async fn settings_are_read_and_saved_in_part() {
    spec!("portal/G53");
    let app = TestApp::start().await;
    let admin = Script::admin(&app).await;
    assert_eq!(admin.get("/settings").await.expect(200), told(false, &[]));
    let registration = json!({"application": {"registration": {"enabled": true}}, "portal": {"unheard": "of"}});
    assert_eq!(admin.post("/settings", registration).await.expect(200), told(true, &[]));
    let types = json!({"application": {"types": {"web": {"enabled": false}, "spaceship": {"enabled": true}}}});
    assert_eq!(admin.post("/settings", types).await.expect(200), told(true, &["web"]));
    assert_eq!(admin.post("/settings", json!({})).await.expect(200), told(true, &["web"]), "what is not sent stays");
    let bad =
        json!({"application": {"registration": {"enabled": "yes"}, "types": {"web": {"enabled": 1}, "browser": []}}});
    assert_eq!(
        wrong(&admin.post("/settings", bad).await),
        ["application.registration.enabled", "application.types.browser", "application.types.web.enabled"]
    );
    let dev = Script::developer(&app, "dev@example.org").await;
    assert_eq!(code(&dev.get("/settings").await), coded(403, "forbidden"));
    assert_eq!(code(&dev.post("/settings", json!({})).await), coded(403, "forbidden"));
}

#[tokio::test]
async fn the_types_are_those_that_are_on_and_simple_ones_alone_without_a_provider() {
    spec!("portal/G53", "portal/G54", "portal/G19");
    let app = registering().await;
    let admin = Script::admin(&app).await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let ids = async || {
        let types = dev.get("/configuration/applications/types").await.expect(200);
        types.as_array().unwrap().iter().map(|kind| id(kind).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids().await, ["simple", "browser", "web", "native", "backend_to_backend"]);
    admin.post("/settings", json!({"application": {"types": {"web": {"enabled": false}}}})).await.expect(200);
    assert_eq!(ids().await, ["simple", "browser", "native", "backend_to_backend"]);
    let made = dev.oauth("Phone", "native", &["authorization_code"]).await;
    let native = dev.get(&format!("/applications/{}/configuration", id(&made))).await.expect(200);
    let grant = |kind: &str, name: &str, response_types: &[&str]| json!({"type": kind, "name": name, "response_types": response_types});
    let code = grant("authorization_code", "Authorization Code", &["code"]);
    assert_eq!(
        native,
        json!({
            "id": "native", "name": "Native", "description": native["description"], "requires_redirect_uris": true,
            "allowed_grant_types": [
                code, grant("refresh_token", "Refresh Token", &[]), grant("password", "Resource Owner Password", &[]),
                grant("implicit", "Implicit", &["token", "id_token"]),
            ],
            "default_grant_types": [code], "mandatory_grant_types": [code],
        })
    );
    admin.post("/settings", json!({"application": {"registration": {"enabled": false}}})).await.expect(200);
    assert_eq!(ids().await, ["simple"]);
    let refused = dev.post("/applications", wish("Web", "web", &["authorization_code"])).await;
    assert_eq!(super::refusal(&refused), (400, String::new(), "The client registration is disabled".to_owned()));
}

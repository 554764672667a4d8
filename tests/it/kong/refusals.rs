//! Who is let in, and what is said before anything is understood? (portal.md C3, K6, K44; security.md s.K1, s.K3, s.K7)

use entity::user::Role;
use serde_json::json;

use super::{Body, Kong, PLUGIN, text};

#[tokio::test]
async fn a_token_is_needed_and_must_be_good() {
    spec!("portal/K6");
    let kong = Kong::start().await;
    let none = kong.call_as(None, "GET", "/services", Body::None).await;
    assert_eq!(none.header("www-authenticate"), "Bearer realm=\"registrar\"");
    assert_eq!(none.expect(401), json!({"message": "Unauthorized"}));
    for wrong in ["pt_wrong", "x", ""] {
        let refused = kong.call_as(Some(wrong), "GET", "/services", Body::None).await;
        assert_eq!(refused.expect(401), json!({"message": "Invalid RBAC credentials"}), "{wrong:?}");
    }
    kong.app.http.bearer("GET", "/kong/admin/services", &kong.token).await.expect(200);
    let developer = kong.token_of("dev@example.org", Role::Developer).await;
    for (method, path) in [
        ("GET", "/services"),
        ("GET", "/plugins"),
        ("GET", "/developers"),
        ("GET", "/oauth2?client_id=x"),
        ("GET", "/document_objects"),
        ("GET", "/"),
    ] {
        kong.call_as(Some(&developer), method, path, Body::None).await.expect(403);
    }
    let form = "name=x&host=x.internal";
    kong.call_as(Some(&developer), "POST", "/services", Body::Form(form)).await.expect(403);
    kong.call_as(Some(&developer), "POST", "/developers", Body::Form("email=x@example.org")).await.expect(403);
}

#[tokio::test]
async fn what_cannot_be_read_is_told_in_kongs_words() {
    spec!("portal/K44", "portal/C7");
    let kong = Kong::start().await;
    for (method, path, body, status, message) in [
        ("GET", "/nothing", Body::None, 404, "Not found"),
        ("GET", "/services/nothing", Body::None, 404, "Not found"),
        ("GET", "/services/7696f657-00f9-462e-9d63-96d27140d2f8", Body::None, 404, "Not found"),
        ("GET", "/plugins/nothing", Body::None, 404, "Not found"),
        ("GET", "/plugins/7696f657-00f9-462e-9d63-96d27140d2f8", Body::None, 404, "Not found"),
        ("GET", "/schemas/routes", Body::None, 404, "Not found"),
        ("POST", "/services/nothing/plugins", Body::Form(PLUGIN), 404, "Not found"),
        ("PUT", "/services", Body::Form("a=b"), 405, "Method not allowed"),
        ("POST", "/services", Body::Typed("application/json", "{"), 400, "Cannot parse JSON body"),
        ("POST", "/services", Body::Typed("text/plain", "name=x"), 415, "Unsupported media type"),
    ] {
        let refused = kong.call(method, path, body).await;
        assert_eq!((refused.status, refused.json()), (status, json!({"message": message})), "{method} {path}");
    }
    let twice = kong.call("POST", "/services", Body::Typed("application/json", r#"{"name":"a","name":"b"}"#)).await;
    assert_eq!(twice.expect(400), json!({"message": "Cannot parse JSON body"}));
}

#[tokio::test]
async fn another_tenants_entities_are_not_there() {
    // s.B1, K3
    spec!("portal/K3");
    use registrar::oidc::tenant::manage::{self, Home};
    let kong = Kong::start().await;
    let (service, plugin) = kong.billing(PLUGIN).await;
    manage::create(&kong.app.app, "admin", "neighbour", &Home::Path, &manage::Change::default()).await.unwrap();
    let there = |path: String| format!("/t/neighbour/kong/admin{path}");
    let foreign = kong.app.http.bearer("GET", &there("/services".to_owned()), &kong.token).await;
    assert_eq!(foreign.status, 401);
    let operator = registrar::portal::Actor::operator("x");
    let neighbour = kong.app.app.tenants.by_slug("neighbour").unwrap();
    let found = registrar::portal::service::find(&kong.app.app, &neighbour, &operator, text(&service, "id")).await;
    assert!(found.is_err());
    kong.app.http.bearer("GET", &there(format!("/plugins/{}", text(&plugin, "id"))), &kong.token).await.expect(401);
}

#[tokio::test]
async fn what_is_not_there_is_a_404_whatever_the_body_says() {
    spec!("portal/K44");
    let kong = Kong::start().await;
    kong.application("wally@example.org").await;
    let nothing = "7696f657-00f9-462e-9d63-96d27140d2f8";
    for path in [
        "/services/nothing".to_owned(),
        "/developers/nobody@example.org".to_owned(),
        format!("/applications/{nothing}"),
        format!("/developers/wally@example.org/applications/{nothing}"),
        format!("/applications/{nothing}/application_instances/{nothing}"),
        format!("/plugins/{nothing}"),
    ] {
        let refused = kong.call("PATCH", &path, Body::Form("color=red")).await;
        assert_eq!(refused.expect(404), json!({"message": "Not found"}), "{path}");
    }
}

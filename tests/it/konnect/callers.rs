//! Who may call, and how are those told who may not? (security.md s.B4, s.B10)

use entity::user::Role;
use registrar::portal::Actor;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::json;

use super::{Script, problem, refusal, token_of, wrong};
use crate::harness::browser::forms;
use crate::harness::http::Auth;
use crate::harness::{Answer, Browser, PASSWORD, TestApp};

#[tokio::test]
async fn nobody_and_a_wrong_token_are_told_to_sign_in() {
    let app = TestApp::start().await;
    let expected = (401, "A valid session or bearer token is required".to_owned());
    for path in ["/api/v3/applications", "/api/v3/apis", "/api/v3/developer/me", "/v3/portals", "/v3/portals/default"] {
        for answer in [app.http.get(path).await, app.http.bearer("GET", path, "pt_wrong").await] {
            assert_eq!(refusal(&answer), expected, "{path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"registrar\"");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
    let basic = app.http.request("GET", "/api/v3/apis").basic_auth("dev@example.org", Some(PASSWORD));
    assert_eq!(refusal(&app.http.send(basic).await), expected);
}

#[tokio::test]
async fn a_developer_is_known_by_a_session_and_changes_things_from_our_pages_only() {
    // s.B10
    let app = TestApp::start().await;
    app.developer("dev@example.org").await;
    let mut browser = Browser::new(&app.http);
    let page = browser.get("/login").await;
    let form = forms(&page.text).remove(0).set("email", "dev@example.org").set("password", PASSWORD);
    browser.submit(&form).await;
    let cookies: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let send = async |method: &str, path: &str, origin: Option<&str>, kind: &str| -> Answer {
        let mut request = app.http.request(method, path).header("cookie", cookies.join("; "));
        if method == "POST" {
            request = request.header("content-type", kind).body(json!({"name": "App"}).to_string());
        }
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        app.http.send(request).await
    };
    assert_eq!(send("GET", "/api/v3/developer/me", None, "").await.expect(200)["email"], "dev@example.org");
    let path = "/api/v3/applications";
    for origin in [None, Some("https://evil.example"), Some("null")] {
        assert_eq!(refusal(&send("POST", path, origin, "application/json").await).0, 403, "{origin:?}");
    }
    let ours = Some(app.issuer.as_str());
    assert_eq!(refusal(&send("POST", path, ours, "text/plain").await).0, 415);
    assert_eq!(send("POST", path, ours, "application/json").await.status, 201);
    // A session manages no portal.
    assert_eq!(refusal(&send("GET", "/v3/portals", None, "").await).0, 401);
}

#[tokio::test]
async fn a_token_does_what_its_scopes_and_its_person_allow() {
    // s.B4
    let app = TestApp::start().await;
    let dev = app.developer("dev@example.org").await;
    let reads = token_of(&app, &dev, "applications:read").await;
    assert_eq!(app.http.bearer("GET", "/api/v3/applications", &reads).await.status, 200);
    let refused = app.http.json("POST", "/api/v3/applications", Auth::Bearer(&reads), &json!({"name": "x"})).await;
    assert_eq!(refusal(&refused), (403, "This needs the permission applications:write".to_owned()));
    let script = Script::of(&app, &dev).await;
    for path in ["", "/applications", "/application-registrations", "/developers"] {
        let answer = script.get(&format!("/v3/portals/default{path}")).await;
        assert_eq!(refusal(&answer).0, 403, "{path}");
    }
    let plain = app.with_role("plain@example.org", Role::User).await;
    assert_eq!(refusal(&Script::of(&app, &plain).await.get("/api/v3/applications").await).0, 403);
    let mut pending = app.person("pending@example.org").await.into_active_model();
    (pending.role, pending.approval) = (Set(Role::Developer), Set(entity::user::Approval::Pending));
    let pending = Actor::person(std::sync::Arc::new(pending.update(app.app.db.pool()).await.unwrap()));
    let pending = Script::of(&app, &pending).await;
    assert_eq!(refusal(&pending.get("/api/v3/apis").await), (403, "The developer account is not approved".to_owned()));
    assert_eq!(pending.get("/api/v3/developer/me").await.status, 200);
}

#[tokio::test]
async fn what_the_door_refuses_is_told_in_the_same_words() {
    let app = TestApp::start().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    for path in ["/api/v3/elsewhere", "/v3/elsewhere", "/v3/portals/default/elsewhere", "/v3/portals/other"] {
        assert_eq!(refusal(&dev.get(path).await).0, 404, "{path}");
    }
    let method = dev.send("PUT", "/api/v3/applications", &json!({})).await;
    assert_eq!(refusal(&method).0, 405);
    assert_eq!(method.header("allow"), "GET, HEAD, POST, OPTIONS");
    let request = |body: &'static str, kind: &str| {
        let request = app.http.request("POST", "/api/v3/applications").bearer_auth(&dev.token);
        app.http.send(request.header("content-type", kind.to_owned()).body(body))
    };
    assert_eq!(refusal(&request("{", "application/json").await).0, 400);
    assert_eq!(refusal(&request("[]", "application/json").await).0, 400);
    let twice = request(r#"{"name":"a","name":"b"}"#, "application/json").await;
    assert_eq!(wrong(&twice), [(String::new(), "invalid".to_owned())]);
    assert_eq!(refusal(&request("name=a", "application/x-www-form-urlencoded").await).0, 415);
    let paged = dev.get("/api/v3/applications?page[number]=0&page[size]=101").await;
    let both = [("page[number]", "invalid"), ("page[size]", "invalid")];
    assert_eq!(wrong(&paged), both.map(|(field, rule)| (field.to_owned(), rule.to_owned())));
    let told = problem(&dev.get("/api/v3/applications?page[number]=x").await);
    assert_eq!(told["detail"], "The parameter page[number] is missing or not valid");
}

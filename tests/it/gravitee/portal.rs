//! The API of Gravitee's portal: what those who consume APIs call.

use registrar::clock::rfc3339;
use serde_json::{Value, json};

use super::{PORTAL, Script, id, plan_of, portal_refusal, registering, simple, wish};
use crate::harness::browser::forms;
use crate::harness::{Browser, PASSWORD, TestApp};

fn at(path: &str) -> String {
    format!("{PORTAL}{path}")
}

fn page(app: &TestApp, path: &str, total: u64) -> (Value, Value) {
    let pagination =
        json!({"current_page": 1, "first": 1, "last": total, "size": total, "total": total, "total_pages": 1});
    let links = json!({"self": format!("{}{}", app.issuer, at(path))});
    (json!({"data": {"total": total}, "pagination": pagination}), links)
}

#[tokio::test]
async fn an_application_is_made_in_the_portal() {
    spec!("portal/G27");
    let app = registering().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let made = dev.post(&at("/applications"), wish("Web", "web", &["authorization_code"])).await;
    let location = made.header("location").to_owned();
    let made = made.expect(201);
    let this = format!("{}{}/{}", app.issuer, at("/applications"), id(&made));
    assert_eq!(location, this);
    let owner = dev.actor.user.as_ref().unwrap();
    let name = owner.name.clone().unwrap_or("dev@example.org".to_owned());
    let now = rfc3339(app.app.clock.now());
    let oauth = &made["settings"]["oauth"];
    let mut expected = json!({
        "id": id(&made), "name": "Web", "description": "What it does", "applicationType": "WEB", "origin": "MANAGEMENT",
        "hasClientId": true, "owner": {"id": owner.id, "display_name": name, "email": "dev@example.org"},
        "created_at": now, "updated_at": now, "api_key_mode": "UNSPECIFIED",
        "settings": {"oauth": {
            "client_id": oauth["client_id"], "client_secret": oauth["client_secret"],
            "redirect_uris": ["https://client.example/cb"], "response_types": ["code"],
            "grant_types": ["authorization_code"], "application_type": "web", "renew_client_secret_supported": true,
        }},
        "_links": {"self": this, "picture": format!("{this}/picture?{}", app.app.clock.now())},
    });
    assert_eq!(made, expected);
    let one = at(&format!("/applications/{}", id(&made)));
    assert_eq!(dev.get(&one).await.expect(200), expected);
    expected["settings"]["oauth"].as_object_mut().unwrap().remove("client_secret");
    let (metadata, links) = page(&app, "/applications", 1);
    let listed = dev.get(&at("/applications")).await.expect(200);
    assert_eq!(listed, json!({"data": [expected], "metadata": metadata, "links": links}));

    let renewed = dev.call(&format!("{one}/_renew_secret")).await.expect(200);
    assert_ne!(renewed["settings"]["oauth"]["client_secret"], made["settings"]["oauth"]["client_secret"]);
    let mut change = wish("Site", "web", &["authorization_code"]);
    change["settings"]["oauth"]["redirect_uris"] = json!(["https://site.example/cb"]);
    let changed = dev.put(&one, change).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["settings"]["oauth"]["redirect_uris"][0]),
        (&json!("Site"), &json!("https://site.example/cb"),)
    );
    assert_eq!(dev.get(&format!("{one}/configuration")).await.expect(200)["id"], "web");
    assert_eq!(dev.delete(&one).await.expect(204), Value::Null);
    let gone = format!("Application [{}] cannot be found.", id(&made));
    assert_eq!(portal_refusal(&dev.get(&one).await), (404, "errors.application.notFound".to_owned(), gone));
}

#[tokio::test]
async fn an_admin_sees_their_own_applications_in_the_portal() {
    let app = TestApp::start().await;
    let (dev, admin) = (Script::developer(&app, "dev@example.org").await, Script::admin(&app).await);
    dev.post(&at("/applications"), simple("Shop", None)).await.expect(201);
    assert_eq!(
        admin.get(&at("/applications")).await.expect(200),
        json!({"data": [], "metadata": {"data": {"total": 0}}})
    );
    assert_eq!(admin.get("/applications").await.expect(200)[0]["name"], "Shop", "and all of them in the console");
}

#[tokio::test]
async fn an_application_subscribes_and_closes_in_the_portal() {
    // G66, G69, G70
    let app = TestApp::at_a_standstill().await;
    let service = app.offered("orders", |_, _| ()).await;
    let plan = plan_of(&app, &service).await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let application = dev.post(&at("/applications"), simple("Shop", Some("shop"))).await.expect(201);
    let wish = json!({"application": id(&application), "plan": plan, "request": "please"});
    let made = dev.post(&at("/subscriptions"), wish.clone()).await.expect(200);
    let now = rfc3339(app.app.clock.now());
    let mut expected = json!({
        "id": id(&made), "api": service.id, "reference_type": "API", "reference_id": service.id,
        "application": id(&application), "plan": plan, "request": "please", "created_at": now, "updated_at": now,
        "subscribed_by": dev.actor.user_id(), "status": "PENDING", "consumerStatus": "STARTED", "origin": "MANAGEMENT",
        "keys": [],
    });
    assert_eq!(made, expected);
    let one = at(&format!("/subscriptions/{}", id(&made)));
    assert_eq!(dev.get(&one).await.expect(200), expected);
    let query = format!("/subscriptions?applicationId={}&statuses=PENDING", id(&application));
    let (metadata, links) = page(&app, &query, 1);
    let listed = dev.get(&at(&query)).await.expect(200);
    assert_eq!(listed, json!({"data": [expected], "metadata": metadata, "links": links}));
    let twice = portal_refusal(&dev.post(&at("/subscriptions"), wish).await);
    let told = "There is already a PENDING or ACCEPTED subscription for this plan.";
    assert_eq!(twice, (400, "errors.plan.subscribed".to_owned(), told.to_owned()));

    let other = Script::developer(&app, "other@example.org").await;
    let hidden = "errors.subscription.notFound";
    assert_eq!(portal_refusal(&other.get(&one).await).1, hidden);
    assert_eq!(portal_refusal(&other.call(&format!("{one}/_close")).await).1, hidden);
    assert_eq!(dev.call(&format!("{one}/_close")).await.expect(204), Value::Null);
    expected["status"] = "CLOSED".into();
    for moment in ["closed_at", "processed_at"] {
        expected[moment] = now.clone().into();
    }
    assert_eq!(dev.get(&one).await.expect(200), expected);
}

#[tokio::test]
async fn a_list_says_where_its_other_pages_are() {
    let app = TestApp::start().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    for name in ["A", "B", "C"] {
        dev.post(&at("/applications"), simple(name, None)).await.expect(201);
    }
    let second = dev.get(&at("/applications?size=1&page=2")).await.expect(200);
    let pagination = json!({"current_page": 2, "first": 2, "last": 2, "size": 1, "total": 3, "total_pages": 3});
    assert_eq!(second["metadata"], json!({"data": {"total": 1}, "pagination": pagination}));
    let link = |page: u32| format!("{}{}?size=1&page={page}", app.issuer, at("/applications"));
    let expected = json!({"self": link(2), "first": link(1), "last": link(3), "prev": link(1), "next": link(3)});
    assert_eq!(second["links"], expected);
    let all = dev.get(&at("/applications?size=-1")).await.expect(200);
    assert_eq!(all["data"].as_array().unwrap().len(), 3);
    let none = dev.get(&at("/applications?size=0")).await.expect(200);
    assert_eq!(none, json!({"data": [], "metadata": {"data": {"total": 0}}}));
    let (status, field, _) = portal_refusal(&dev.get(&at("/applications?page=0")).await);
    assert_eq!((status, field.as_str()), (400, "page"));
}

#[tokio::test]
async fn the_catalog_and_the_caller_are_told() {
    let app = registering().await;
    let service = app.offered("orders", |_, policy| policy.auto_approve = true).await;
    let hidden = app.offered("hidden", |service, _| service.published = false).await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let now = rfc3339(app.app.clock.now());
    let listed = dev.get(&at("/apis")).await.expect(200);
    let api = json!({
        "id": service.id, "name": "orders", "version": "1", "description": listed["data"][0]["description"],
        "public": true, "running": true, "draft": false, "entrypoints": [], "labels": [],
        "owner": {"display_name": app.tenant().name}, "created_at": now, "updated_at": now,
        "audience": service.audience, "scopes": listed["data"][0]["scopes"],
    });
    let (metadata, links) = page(&app, "/apis", 1);
    assert_eq!(listed, json!({"data": [api], "metadata": metadata, "links": links}));
    assert_eq!(dev.get(&at(&format!("/apis/{}", service.id))).await.expect(200), api);
    let missing = portal_refusal(&dev.get(&at(&format!("/apis/{}", hidden.id))).await);
    assert_eq!(missing.1, "errors.api.notFound");
    let path = format!("/apis/{}/plans", service.id);
    let plan = json!({
        "id": plan_of(&app, &service).await, "name": "orders", "security": "OAUTH2", "description": "",
        "characteristics": [], "validation": "AUTO", "order": 1, "comment_required": false, "mode": "STANDARD",
    });
    let (metadata, links) = page(&app, &path, 1);
    assert_eq!(dev.get(&at(&path)).await.expect(200), json!({"data": [plan], "metadata": metadata, "links": links}));
    let owner = dev.actor.user.as_ref().unwrap();
    let me = json!({
        "id": owner.id, "display_name": owner.name.clone().unwrap_or("dev@example.org".to_owned()),
        "email": "dev@example.org", "editable_profile": false,
    });
    assert_eq!(dev.get(&at("/user")).await.expect(200), me);
    let types = dev.get(&at("/configuration/applications/types")).await.expect(200);
    assert_eq!(types["data"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn the_session_of_our_own_portal_is_good_here_and_not_for_the_management() {
    // s.B10
    let app = TestApp::start().await;
    app.developer("dev@example.org").await;
    let mut browser = Browser::new(&app.http);
    let page = browser.get("/login").await;
    let form = forms(&page.text).remove(0).set("email", "dev@example.org").set("password", PASSWORD);
    browser.submit(&form).await;
    let cookies: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let send = async |method: &str, path: &str, origin: Option<&str>| {
        let mut request = app.http.request(method, path).header("cookie", cookies.join("; "));
        if method == "POST" {
            request = request.json(&simple("Shop", None));
        }
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        app.http.send(request).await
    };
    assert_eq!(send("GET", &at("/user"), None).await.expect(200)["email"], "dev@example.org");
    for origin in [None, Some("https://evil.example"), Some("null")] {
        let refused = portal_refusal(&send("POST", &at("/applications"), origin).await);
        assert_eq!((refused.0, refused.1.as_str()), (403, "errors.forbidden"), "{origin:?}");
    }
    assert_eq!(send("POST", &at("/applications"), Some(app.issuer.as_str())).await.status, 201);
    let management = format!("{}/applications", super::HOME);
    assert_eq!(send("GET", &management, None).await.status, 401);
}

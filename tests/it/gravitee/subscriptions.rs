//! Subscriptions from both sides (portal.md G66 to G70).

use serde_json::{Value, json};

use super::{Script, code, coded, id, millis, plan_of, refusal, simple, wrong};
use crate::harness::TestApp;

/// An API whose publisher decides, and an application.
struct Market<'a> {
    service: entity::service::Model,
    plan: String,
    publisher: Script<'a>,
    dev: Script<'a>,
    application: Value,
}

async fn market(app: &TestApp, change: impl FnOnce(&mut entity::policy::Model)) -> Market<'_> {
    let publisher = Script::publisher(app, "publisher@example.org").await;
    let owner = publisher.actor.user_id();
    let offered = app.offered("orders", |service, policy| {
        service.owner_id = owner;
        change(policy);
    });
    let service = offered.await;
    let dev = Script::developer(app, "dev@example.org").await;
    let application = dev.post("/applications", simple("Shop", Some("shop"))).await.expect(201);
    Market { plan: plan_of(app, &service).await, service, publisher, dev, application }
}

impl Market<'_> {
    fn of_application(&self, rest: &str) -> String {
        format!("/applications/{}/subscriptions{rest}", id(&self.application))
    }

    fn of_api(&self, rest: &str) -> String {
        format!("/apis/{}/subscriptions{rest}", self.service.id)
    }
}

#[tokio::test]
async fn a_subscription_is_asked_for_and_processed_once() {
    spec!("portal/G66", "portal/G69", "portal/G70", "portal/G68");
    let app = TestApp::at_a_standstill().await;
    let market = market(&app, |_| ()).await;
    let path = market.of_application(&format!("?plan={}", market.plan));
    let asked = market.dev.post(&path, json!({"request": "please"})).await;
    let made = asked.expect(201);
    let location = format!("{}{}{}", app.issuer, super::HOME, market.of_application(&format!("/{}", id(&made))));
    assert_eq!(asked.header("location"), location);
    let owner = market.dev.actor.user.as_ref().unwrap();
    let person = json!({"id": owner.id, "displayName": owner.name.clone().unwrap_or("dev@example.org".to_owned())});
    let mut expected = json!({
        "id": id(&made), "status": "PENDING", "consumerStatus": "STARTED", "request": "please",
        "api": {"id": market.service.id, "name": "orders", "version": "1",
                "owner": {"id": market.publisher.actor.user_id()}},
        "plan": {"id": market.plan, "name": "orders", "security": "OAUTH2"},
        "application": {"id": id(&market.application), "name": "Shop", "owner": person},
        "subscribed_by": person, "client_id": "shop", "created_at": millis(&app), "updated_at": millis(&app),
    });
    assert_eq!(made, expected);
    let empty = market.dev.get(&market.of_application("")).await.expect(200);
    assert_eq!(empty["data"], json!([]), "ACCEPTED is the default");

    app.app.clock.advance(60);
    let process = market.of_api(&format!("/{}/_process", id(&made)));
    let (starts, ends) = (millis(&app), millis(&app) + 86_400_000);
    let body = json!({"accepted": true, "reason": "welcome", "starting_at": starts, "ending_at": ends});
    let accepted = market.publisher.post(&process, body.clone()).await.expect(200);
    for (name, value) in [
        ("status", json!("ACCEPTED")),
        ("reason", json!("welcome")),
        ("starting_at", json!(starts)),
        ("ending_at", json!(ends)),
        ("processed_at", json!(millis(&app))),
        ("processed_by", json!(market.publisher.actor.user_id())),
        ("updated_at", json!(millis(&app))),
    ] {
        expected[name] = value;
    }
    assert_eq!(accepted, expected);
    let again = market.publisher.post(&process, body).await;
    assert_eq!(code(&again), coded(400, "subscription.processed"));
    assert_eq!(again.json()["parameters"], json!({"subscription": id(&made)}));

    let listed = market.dev.get(&market.of_application("?size=5")).await.expect(200);
    let names = json!({
        market.service.id.to_string(): {"name": "orders"}, market.plan.clone(): {"name": "orders"},
        id(&market.application): {"name": "Shop"}, owner.id.to_string(): {"name": person["displayName"]},
    });
    assert_eq!(listed["metadata"], names);
    let mut item = expected;
    for (name, value) in [
        ("api", json!(market.service.id)),
        ("plan", json!(market.plan)),
        ("application", json!(id(&market.application))),
        ("subscribed_by", json!(owner.id)),
        ("security", json!("OAUTH2")),
    ] {
        item[name] = value;
    }
    assert_eq!(listed["data"], json!([item]));
    let of_api = market.publisher.get(&market.of_api("")).await.expect(200);
    assert_eq!(of_api["data"], listed["data"]);
}

#[tokio::test]
async fn a_subscription_is_paused_resumed_and_closed() {
    spec!("portal/D-18");
    // G69
    let app = TestApp::start().await;
    let market = market(&app, |policy| policy.auto_approve = true).await;
    let made = market.dev.subscribe(&market.application, &market.service).await.expect(201);
    assert_eq!((&made["status"], &made["processed_by"]), (&json!("ACCEPTED"), &json!("system")));
    let status = async |word: &str| {
        let path = market.of_api(&format!("/{}/status?status={word}", id(&made)));
        market.publisher.call(&path).await
    };
    let listed = async |query: &str| {
        let listed = market.dev.get(&market.of_application(query)).await.expect(200);
        listed["page"]["total_elements"].as_u64().unwrap()
    };
    assert_eq!(code(&status("RESUMED").await), coded(400, "subscription.notPaused"));
    let paused = status("PAUSED").await.expect(200);
    assert_eq!((&paused["status"], paused.get("paused_at").is_some()), (&json!("PAUSED"), true));
    assert_eq!(code(&status("PAUSED").await), coded(400, "subscription.notPausable"));
    assert_eq!((listed("").await, listed("?status=PAUSED").await, listed("?status=ACCEPTED,PAUSED").await), (0, 1, 1));
    assert_eq!(status("RESUMED").await.expect(200)["status"], "ACCEPTED");
    assert_eq!(wrong(&status("GONE").await), ["status"]);
    let closed = status("CLOSED").await.expect(200);
    assert_eq!((&closed["status"], closed.get("closed_at").is_some()), (&json!("CLOSED"), true));
    assert_eq!((listed("").await, listed("?status=CLOSED").await), (0, 1));
    // It may be asked for again, and then its consumer closes it.
    let again = market.dev.subscribe(&market.application, &market.service).await.expect(201);
    let path = market.of_application(&format!("/{}", id(&again)));
    assert_eq!(market.dev.delete(&path).await.expect(200)["status"], "CLOSED");
    assert_eq!(market.dev.get(&path).await.expect(200)["status"], "CLOSED");
    assert_eq!(wrong(&market.dev.get(&market.of_application("?status=GONE")).await), ["status"]);
}

#[tokio::test]
async fn a_plan_that_cannot_be_subscribed_to_says_why() {
    spec!("portal/G67", "portal/G1");
    let app = TestApp::start().await;
    let market = market(&app, |policy| policy.comment_required = true).await;
    let refused = async |application: &Value, plan: &str| {
        let path = format!("/applications/{}/subscriptions?plan={plan}", id(application));
        code(&market.dev.post(&path, json!({"request": "please"})).await)
    };
    let planned = |name: &'static str, change: fn(&mut entity::service::Model, &mut entity::policy::Model)| {
        let app = &app;
        async move { plan_of(app, &app.offered(name, change).await).await }
    };
    let staging = planned("staging", |service, _| service.published = false).await;
    assert_eq!(refused(&market.application, &staging).await, coded(400, "plan.notPublished"));
    let deprecated = planned("deprecated", |_, policy| policy.enabled = false).await;
    assert_eq!(refused(&market.application, &deprecated).await, coded(400, "plan.notSubscribable"));
    let closed = planned("closed", |service, _| service.enabled = false).await;
    assert_eq!(refused(&market.application, &closed).await, coded(400, "plan.closed"));
    assert_eq!(refused(&market.application, "nonsense").await, coded(404, "plan.notFound"));
    let path = market.of_application(&format!("?plan={}", market.plan));
    let silent = market.dev.call(&path).await;
    assert_eq!((silent.status, silent.text.as_str()), (400, "Plan requires a consumer comment when subscribing"));
    assert_eq!(silent.header("content-type"), "text/plain; charset=utf-8");
    let nameless = market.dev.post("/applications", simple("Nameless", None)).await.expect(201);
    let refused_for = market.dev.subscribe(&nameless, &market.service).await;
    let told = "A client_id is required to subscribe to an OAuth2 or JWT plan.";
    assert_eq!(refusal(&refused_for), (400, "plan.notSubscribable".to_owned(), told.to_owned()));
    market.dev.subscribe(&market.application, &market.service).await.expect(201);
    let twice = market.dev.subscribe(&market.application, &market.service).await;
    let told = "There is already a PENDING or ACCEPTED subscription for this plan.";
    assert_eq!(refusal(&twice), (400, "plan.subscribed".to_owned(), told.to_owned()));
    assert_eq!(twice.json()["parameters"], json!({"plan": market.plan}));
}

#[tokio::test]
async fn consumers_do_not_decide_and_other_publishers_see_nothing() {
    // G31, s.B2, s.B5
    let app = TestApp::start().await;
    let market = market(&app, |_| ()).await;
    let made = market.dev.subscribe(&market.application, &market.service).await.expect(201);
    let one = market.of_api(&format!("/{}", id(&made)));
    let other = Script::publisher(&app, "other@example.org").await;
    for (method, path) in [("GET", market.of_api("")), ("GET", one.clone()), ("POST", format!("{one}/_process"))] {
        let answer = if method == "GET" {
            market.dev.get(&path).await
        } else {
            market.dev.post(&path, json!({"accepted": true})).await
        };
        assert_eq!(code(&answer), coded(403, "forbidden"), "{path}");
    }
    assert_eq!(other.get(&market.of_api("?status=PENDING")).await.expect(200)["data"], json!([]));
    assert_eq!(code(&other.get(&one).await), coded(404, "subscription.notFound"));
    let process = other.post(&format!("{one}/_process"), json!({"accepted": true})).await;
    assert_eq!(code(&process), coded(404, "subscription.notFound"));
    let refused = market.publisher.post(&format!("{one}/_process"), json!({"accepted": false, "reason": "no"})).await;
    assert_eq!(refused.expect(200)["status"], "REJECTED");
    let again = market.dev.subscribe(&market.application, &market.service).await.expect(201);
    assert_eq!(again["status"], "PENDING", "one that was rejected may be asked for again (D-18)");
    let foreign = format!("/apis/{}/subscriptions/{}", app.offered("else", |_, _| ()).await.id, id(&made));
    assert_eq!(code(&Script::admin(&app).await.get(&foreign).await), coded(404, "subscription.notFound"));
}

#[tokio::test]
async fn a_publisher_subscribes_an_application_at_once() {
    // G66
    let app = TestApp::start().await;
    let market = market(&app, |_| ()).await;
    let admin = Script::admin(&app).await;
    let path = market.of_api(&format!("?application={}&plan={}", id(&market.application), market.plan));
    assert_eq!(code(&market.dev.call(&path).await), coded(403, "forbidden"));
    assert_eq!(admin.call(&path).await.expect(201)["status"], "ACCEPTED");
    let wrong_plan = market.of_api(&format!("?application={}&plan=x", id(&market.application)));
    assert_eq!(code(&admin.call(&wrong_plan).await), coded(404, "plan.notFound"));
}

#[tokio::test]
async fn a_client_id_that_is_subscribed_with_can_change_and_not_go() {
    spec!("portal/G59");
    let app = TestApp::start().await;
    let market = market(&app, |_| ()).await;
    let made = market.dev.subscribe(&market.application, &market.service).await.expect(201);
    let path = format!("/applications/{}", id(&market.application));
    let renamed = market.dev.put(&path, simple("Shop", Some("shop-2"))).await.expect(200);
    assert_eq!(renamed["settings"]["app"]["client_id"], "shop-2");
    let followed = market.dev.get(&market.of_application(&format!("/{}", id(&made)))).await.expect(200);
    assert_eq!(followed["client_id"], "shop-2");
    let gone = market.dev.put(&path, simple("Shop", None)).await;
    assert_eq!(code(&gone), coded(400, "application.clientId"));
}

#[tokio::test]
async fn what_there_is_to_subscribe_to_is_listed() {
    let app = TestApp::at_a_standstill().await;
    let market = market(&app, |policy| policy.description = Some("Buy things".to_owned())).await;
    let hidden = app.offered("hidden", |service, _| service.published = false).await;
    let apis = market.dev.get("/apis").await.expect(200);
    let expected = json!({
        "id": market.service.id, "name": "orders", "version": "1", "description": "Buy things",
        "created_at": millis(&app), "updated_at": millis(&app), "visibility": "PUBLIC", "state": "STARTED",
        "lifecycle_state": "PUBLISHED", "owner": {"id": market.publisher.actor.user_id()}, "labels": [],
        "audience": market.service.audience, "scopes": apis[0]["scopes"],
    });
    assert_eq!(apis, json!([expected]));
    assert_eq!(market.dev.get(&format!("/apis/{}", market.service.id)).await.expect(200), expected);
    assert_eq!(code(&market.dev.get(&format!("/apis/{}", hidden.id)).await), coded(404, "api.notFound"));
    let plans = market.dev.get(&format!("/apis/{}/plans", market.service.id)).await.expect(200);
    let plan = json!({
        "id": market.plan, "name": "orders", "description": "Buy things", "validation": "MANUAL", "security": "OAUTH2",
        "type": "API", "status": "PUBLISHED", "api": market.service.id, "order": 1, "created_at": millis(&app),
        "updated_at": millis(&app), "comment_required": false, "characteristics": [],
    });
    assert_eq!(plans, json!([plan]));
    let one = format!("/apis/{}/plans/{}", market.service.id, market.plan);
    assert_eq!(market.dev.get(&one).await.expect(200), plan);
    assert_eq!(market.publisher.get("/apis?name=hid").await.expect(200)[0]["lifecycle_state"], "UNPUBLISHED");
    let of_hidden = format!("/apis/{}/plans", hidden.id);
    assert_eq!(market.publisher.get(&of_hidden).await.expect(200), json!([]));
    assert_eq!(market.publisher.get(&format!("{of_hidden}?status=STAGING")).await.expect(200)[0]["status"], "STAGING");
}

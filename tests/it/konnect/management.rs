//! What admins see and decide in Konnect's words (portal.md N17 to N21, N27).

use registrar::oidc::tenant::manage::{self, Home};
use serde_json::{Value, json};

use super::{Script, not_found, now, refusal, wrong};
use crate::harness::TestApp;

#[tokio::test]
async fn an_admin_works_off_the_queue() {
    spec!("portal/N27", "portal/N17", "portal/N18", "portal/N20");
    let app = TestApp::at_a_standstill().await;
    let orders = app.offered("orders", |_, _| {}).await;
    let (admin, dev) = (Script::admin(&app).await, Script::developer(&app, "dev@example.org").await);
    let id = dev.application("App").await;
    let registered = dev.register(&id, &orders).await.expect(201);
    let queue = "/v3/portals/default/application-registrations?filter[status]=pending";
    let expected = json!({
        "id": registered["id"], "status": "pending", "application": {"id": id, "name": "App"},
        "api": {"id": orders.id, "name": "orders", "version": null, "entity_type": "api"},
        "created_at": now(&app), "updated_at": now(&app),
    });
    let listed = admin.get(queue).await.expect(200);
    assert_eq!(listed, json!({"data": [expected], "meta": {"page": {"number": 1, "size": 10, "total": 1}}}));
    let portal = app.tenant().id.to_string();
    let one = format!("/v3/portals/{portal}/applications/{id}/registrations/{}", registered["id"].as_str().unwrap());
    assert_eq!(admin.get(&one).await.expect(200), expected);
    let decide = async |status: &str| admin.patch(&one, json!({"status": status})).await;
    let status = |answer: &crate::harness::Answer| answer.expect(200)["status"].clone();
    assert_eq!(status(&decide("approved").await), "approved");
    assert_eq!(admin.get(queue).await.expect(200)["data"], json!([]));
    assert_eq!(status(&decide("approved").await), "approved", "the status it has changes nothing");
    assert_eq!(status(&admin.patch(&one, json!({})).await), "approved");
    assert_eq!(refusal(&decide("rejected").await), (409, "The contract is approved".to_owned()));
    assert_eq!(refusal(&decide("pending").await), (409, "The contract is approved".to_owned()));
    assert_eq!(status(&decide("revoked").await), "revoked");
    assert_eq!(status(&decide("approved").await), "approved");
    assert_eq!(wrong(&decide("closed").await), [("status".to_owned(), "enum".to_owned())]);
    let added = admin.patch(&one, json!({"status": "approved", "suspended": true})).await;
    assert_eq!(wrong(&added), [("suspended".to_owned(), "unknown_property".to_owned())]);
}

#[tokio::test]
async fn what_an_admin_deletes_and_a_developer_unregisters_is_gone_for_both() {
    spec!("portal/N11", "portal/N12", "portal/N27");
    let app = TestApp::start().await;
    let orders = app.offered("orders", |_, _| {}).await;
    let (admin, dev) = (Script::admin(&app).await, Script::developer(&app, "dev@example.org").await);
    let id = dev.application("App").await;
    let base = format!("/v3/portals/default/applications/{id}/registrations");
    let first = dev.register(&id, &orders).await.expect(201);
    let one = format!("{base}/{}", first["id"].as_str().unwrap());
    assert_eq!(admin.delete(&one).await.expect(204), Value::Null);
    assert_eq!(refusal(&admin.delete(&one).await), not_found());
    let of_dev = format!("/api/v3/applications/{id}/registrations");
    assert_eq!(dev.get(&of_dev).await.expect(200)["data"], json!([]));
    let second = dev.register(&id, &orders).await.expect(201);
    dev.delete(&format!("{of_dev}/{}", second["id"].as_str().unwrap())).await.expect(204);
    let queue = "/v3/portals/default/application-registrations";
    assert_eq!(admin.get(queue).await.expect(200)["meta"]["page"]["total"], 0);
    // An admin registers, too: as the switches say, or at once.
    assert_eq!(admin.post(&base, json!({"api_id": orders.id})).await.expect(201)["status"], "pending");
    let again = admin.post(&base, json!({"api_id": orders.id})).await;
    assert_eq!(refusal(&again), (409, "API is already registered to the application".to_owned()));
    let listed = admin.get(&base).await.expect(200);
    admin.delete(&format!("{base}/{}", listed["data"][0]["id"].as_str().unwrap())).await.expect(204);
    let at_once = json!({"api_id": orders.id, "status": "approved"});
    assert_eq!(admin.post(&base, at_once).await.expect(201)["status"], "approved");
}

#[tokio::test]
async fn an_admin_sees_every_application() {
    spec!("portal/N27");
    let app = TestApp::at_a_standstill().await;
    let orders = app.offered("orders", |_, _| {}).await;
    let admin = Script::admin(&app).await;
    let dev = app.developer("dev@example.org").await;
    let script = Script::of(&app, &dev).await;
    let made = script.post("/api/v3/applications", json!({"name": "App"})).await.expect(201);
    let id = made["id"].as_str().unwrap();
    script.register(id, &orders).await.expect(201);
    let mut expected = json!({
        "id": id, "name": "App", "description": null, "client_id": made["client_id"], "registration_count": 1,
        "dcr_provider": null, "portal": {"id": app.tenant().id}, "auth_strategy": made["auth_strategy"],
        "granted_scopes": null, "owner": {"type": "developer", "id": dev.user_id()}, "labels": {},
        "created_at": now(&app), "updated_at": now(&app),
    });
    let listed = admin.get("/v3/portals/default/applications").await.expect(200);
    assert_eq!(listed["data"], json!([expected]));
    expected["granted_scopes"] = json!([]);
    let one = format!("/v3/portals/default/applications/{id}");
    assert_eq!(admin.get(&one).await.expect(200), expected);
    admin.delete(&one).await.expect(204);
    assert_eq!(refusal(&admin.get(&one).await), not_found());
    assert_eq!(refusal(&script.get(&format!("/api/v3/applications/{id}")).await), not_found());
}

#[tokio::test]
async fn the_switches_of_a_portal_are_those_of_the_tenant() {
    spec!("portal/N21");
    let app = TestApp::start().await;
    let admin = Script::admin(&app).await;
    let portal = admin.get("/v3/portals/default").await.expect(200);
    assert_eq!(admin.get("/v3/portals").await.expect(200)["data"], json!([portal]));
    assert_eq!(admin.get(&format!("/v3/portals/{}", app.tenant().id)).await.expect(200), portal);
    let authority = app.issuer.trim_start_matches("http://");
    let mut expected = json!({
        "id": app.tenant().id, "name": "default", "display_name": app.tenant().name, "description": null,
        "authentication_enabled": true, "rbac_enabled": false, "sipr_enabled": false,
        "default_api_visibility": "private", "default_page_visibility": "private",
        "default_application_auth_strategy_id": app.tenant().id, "auto_approve_developers": false,
        "auto_approve_applications": false, "default_domain": authority, "canonical_domain": authority,
        "created_at": portal["created_at"], "updated_at": portal["updated_at"],
    });
    assert_eq!(portal, expected);
    let switched = json!({
        "auto_approve_applications": true, "auto_approve_developers": true, "display_name": "Developers",
        "authentication_enabled": true, "rbac_enabled": false, "labels": {},
    });
    let after = admin.patch("/v3/portals/default", switched).await.expect(200);
    for (member, value) in [
        ("auto_approve_applications", json!(true)),
        ("auto_approve_developers", json!(true)),
        ("display_name", json!("Developers")),
        ("updated_at", after["updated_at"].clone()),
    ] {
        expected[member] = value;
    }
    assert_eq!(after, expected);
    assert!(app.tenant().settings.auto_approve.contracts);
    for (body, rule) in [
        (json!({"authentication_enabled": false}), "invalid"),
        (json!({"auto_approve_applications": "yes"}), "is_boolean"),
        (json!({"color": "red"}), "unknown_property"),
    ] {
        let refused = wrong(&admin.patch("/v3/portals/default", body.clone()).await);
        assert_eq!(refused.iter().map(|(_, rule)| rule.as_str()).collect::<Vec<_>>(), [rule], "{body}");
    }
}

#[tokio::test]
async fn an_admin_decides_about_developers() {
    spec!("portal/N27");
    let app = TestApp::at_a_standstill().await;
    let admin = Script::admin(&app).await;
    let dev = app.developer("dev@example.org").await;
    let script = Script::of(&app, &dev).await;
    let one = format!("/v3/portals/default/developers/{}", dev.user_id().unwrap());
    assert_eq!(
        admin.get(&one).await.expect(200),
        json!({"id": dev.user_id(), "email": "dev@example.org", "full_name": "Ada Lovelace", "status": "approved",
               "created_at": now(&app), "updated_at": now(&app)})
    );
    let decide = async |status: &str| admin.patch(&one, json!({"status": status})).await;
    assert_eq!(decide("approved").await.expect(200)["status"], "approved");
    assert_eq!(refusal(&decide("rejected").await).0, 409);
    assert_eq!(decide("revoked").await.expect(200)["status"], "revoked");
    assert_ne!(script.get("/api/v3/applications").await.status, 200);
    let revoked = admin.get("/v3/portals/default/developers?filter[status]=revoked").await.expect(200);
    assert_eq!(
        (&revoked["meta"]["page"]["total"], &revoked["data"][0]["email"]),
        (&json!(1), &json!("dev@example.org"))
    );
    assert_eq!(decide("approved").await.expect(200)["status"], "approved");
    admin.delete(&one).await.expect(204);
    assert_eq!(refusal(&admin.get(&one).await), not_found());
    assert_eq!(refusal(&admin.get("/v3/portals/default/developers/dev@example.org").await), not_found());
}

#[tokio::test]
async fn another_portal_is_not_there() {
    spec!("portal/N27");
    let app = TestApp::start().await;
    let admin = Script::admin(&app).await;
    let home = Home::Path;
    manage::create(&app.app, "admin", "neighbour", &home, &manage::Change::default()).await.unwrap();
    let other = app.app.tenants.by_slug("neighbour").unwrap();
    for portal in [other.id.to_string(), "neighbour".to_owned(), "unknown".to_owned()] {
        for path in ["", "/applications", "/application-registrations", "/developers"] {
            let answer = admin.get(&format!("/v3/portals/{portal}{path}")).await;
            assert_eq!(refusal(&answer), not_found(), "{portal}{path}");
        }
        let answer = admin.patch(&format!("/v3/portals/{portal}"), json!({"display_name": "Taken over"})).await;
        assert_eq!(refusal(&answer), not_found());
    }
    // Nor does a token of one tenant open the door of another.
    let answer = admin.get("/t/neighbour/v3/portals/neighbour").await;
    assert_eq!(refusal(&answer).0, 401);
}

//! Who may what? Every operation of the document, as nobody, with a bad token, with a token that lacks the scope, and
//! as a developer.

use registrar::api::admin::openapi::{document, needs};
use registrar::portal::Action;
use serde_json::{Value, json};

use super::{Desk, plainly, refused, token};
use crate::harness::TestApp;
use crate::harness::http::Auth;
use crate::harness::party::text;

const NOTHING: &str = "01890000-0000-7000-8000-000000000000";

/// An operation of the document with a body that its schema takes.
struct Operation {
    id: String,
    method: String,
    path: String,
    body: Value,
}

fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&document()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let body = if schema.is_null() { Value::Null } else { sample(&document, schema, "") };
            let filled = path.split('/').map(|part| if part.starts_with('{') { NOTHING } else { part });
            all.push(Operation {
                id: text(operation, "operationId").to_owned(),
                method: method.to_ascii_uppercase(),
                path: filled.collect::<Vec<_>>().join("/"),
                body,
            });
        }
    }
    all
}

/// The least a schema takes.
fn sample(document: &Value, schema: &Value, name: &str) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return sample(document, document.pointer(&reference[1..]).unwrap(), name);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return sample(document, &parts[0], name);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|words| words.first()) {
        return first.clone();
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("object"), _) => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let member = |name: Value| {
                let name = name.as_str().unwrap().to_owned();
                let value = sample(document, &schema["properties"][&name], &name);
                (name, value)
            };
            required.into_iter().map(member).collect()
        }
        (Some("string"), Some("uuid")) => NOTHING.into(),
        (Some("string"), _) if name == "right" => "dcr".into(),
        (Some("string"), _) => "x".into(),
        (Some("boolean"), _) => false.into(),
        (Some("integer"), _) => 1.into(),
        other => panic!("no sample of {other:?} for {name}"),
    }
}

#[tokio::test]
async fn every_operation_asks_who_calls_and_what_the_token_may() {
    spec!("portal/P-15", "security/s.B4");
    let desk = Desk::open().await;
    let limited = token(
        &desk.server,
        &desk.server.with_role("eve@example.org", entity::user::Role::Admin).await,
        &["consents:read"],
    )
    .await;
    for Operation { id, method, path, body } in operations() {
        let at = format!("/api/admin{path}");
        let nobody = desk.server.http.json(&method, &at, Auth::None, &body).await;
        assert_eq!(refused(&nobody), plainly(401, "unauthenticated"), "{id}");
        assert_eq!(nobody.header("www-authenticate"), "Bearer realm=\"registrar\"", "{id}");
        let unknown = desk.send("pt_unknown", &method, &path, &body).await;
        assert_eq!(refused(&unknown), plainly(401, "unauthenticated"), "{id}");
        let challenge = "Bearer realm=\"registrar\", error=\"invalid_token\"";
        assert_eq!(unknown.header("www-authenticate"), challenge, "{id}");

        let actions = needs(&id).unwrap();
        let answer = desk.send(&limited, &method, &path, &body).await;
        if actions.is_empty() || actions.contains(&Action::ReadConsents) {
            assert_eq!(answer.status, 200, "{id}");
            continue;
        }
        assert_eq!(refused(&answer), plainly(403, "not_allowed"), "{id}: {}", answer.text);
        let challenge = answer.header("www-authenticate");
        // Whoever does not see the thing at all is told first what it takes to see it.
        let sees = id.ends_with("_contract")
            || ["change_client_secret", "change_member", "change_application_mails"].contains(&id.as_str());
        let sees = sees.then_some("applications:read");
        let wanted: Vec<&str> = actions.iter().map(|action| action.scopes()[0]).chain(sees).collect();
        assert!(challenge.starts_with("Bearer realm=\"registrar\", error=\"insufficient_scope\", scope="), "{id}");
        assert!(wanted.iter().any(|scope| challenge.ends_with(&format!("\"{scope}\""))), "{id}: {challenge}");
    }
}

#[tokio::test]
async fn a_developer_reaches_what_is_theirs_and_nothing_else() {
    spec!("portal/K6", "security/s.B4");
    let desk = Desk::open().await;
    for Operation { id, method, path, body } in operations() {
        let actions = needs(&id).unwrap();
        let own =
            actions.is_empty() || actions.iter().any(|action| matches!(action, Action::ReadOwn | Action::WriteOwn));
        let answer = desk.send(&desk.ada, &method, &path, &body).await;
        // Of developers they may change themselves alone.
        if own && id != "change_developer" {
            assert_ne!(answer.status, 403, "{id}: {}", answer.text);
        } else if id.ends_with("_contract") {
            // Which contracts there are is nobody's business either.
            assert_eq!(refused(&answer), plainly(404, "not_found"), "{id}: {}", answer.text);
        } else {
            assert_eq!(refused(&answer), plainly(403, "not_allowed"), "{id}: {}", answer.text);
        }
        assert!(answer.status < 500, "{id}: {}", answer.text);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_told_to_those_who_may() {
    spec!("portal/K6");
    let desk = Desk::open().await;
    for body in [json!({}), json!({"name": 7})] {
        assert_eq!(refused(&desk.post(&desk.ada, "/services", &body).await), plainly(403, "not_allowed"));
        assert_eq!(refused(&desk.post("pt_unknown", "/services", &body).await), plainly(401, "unauthenticated"));
        assert_eq!(desk.post(&desk.publisher, "/services", &body).await.status, 400);
    }
}

#[tokio::test]
async fn a_client_that_speaks_for_itself_has_the_scopes_it_was_granted() {
    spec!("portal/P-15");
    let server = TestApp::open().await;
    let client = server.web_client().await;
    server.allow(&client, "services:read").await;
    let desk = Desk::on(server).await;
    let basic = Auth::Basic(text(&client, "client_id"), text(&client, "client_secret"));
    let audience = desk.server.url("/api/v2/");
    let fields = [("grant_type", "client_credentials"), ("audience", &audience), ("scope", "services:read")];
    let granted = desk.server.http.form("/token", basic, &fields).await.expect(200);
    let token = text(&granted, "access_token");
    assert_eq!(desk.get(token, "/services").await.expect(200)["total"], 0);
    assert_eq!(refused(&desk.post(token, "/services", &json!({"name": "a"})).await), plainly(403, "not_allowed"));
    let me = desk.get(token, "/me").await.expect(200);
    let expected = json!({
        "actor": format!("client:{}", text(&client, "client_id")), "person": null, "role": "admin",
        "scopes": ["services:read"], "actions": ["services:read"],
    });
    assert_eq!(me, expected);
    // A token for something else is none for this.
    let other = desk.server.http.form("/token", basic, &[("grant_type", "client_credentials")]).await.expect(200);
    let refusal = desk.get(text(&other, "access_token"), "/me").await;
    assert_eq!(refused(&refusal), plainly(401, "unauthenticated"));
}

#[tokio::test]
async fn a_token_that_ended_or_was_revoked_is_good_for_nothing() {
    spec!("security/s.B20");
    let desk = Desk::at_a_standstill().await;
    let body = json!({"name": "ci", "scopes": ["services:read"], "expires_in_days": 1});
    let made = desk.post(&desk.admin, "/personal-tokens", &body).await.expect(201);
    let value = text(&made, "personal_token").to_owned();
    assert_eq!(desk.get(&value, "/services").await.status, 200);
    // None gives away more than it has.
    let limited = desk.post(&value, "/personal-tokens", &body).await;
    assert_eq!(refused(&limited), plainly(403, "not_allowed"));
    let listed = desk.get(&desk.admin, "/personal-tokens").await.expect(200);
    assert_eq!(listed["total"], 2);
    assert!(!listed.to_string().contains(&value), "a list tells the value of a token");
    desk.server.app.clock.advance(86_400);
    assert_eq!(refused(&desk.get(&value, "/services").await), plainly(401, "unauthenticated"));

    let made = desk.post(&desk.admin, "/personal-tokens", &body).await.expect(201);
    let path = format!("/personal-tokens/{}", text(&made, "id"));
    assert_eq!(refused(&desk.send(&desk.ada, "DELETE", &path, &Value::Null).await), plainly(404, "not_found"));
    desk.send(&desk.admin, "DELETE", &path, &Value::Null).await.expect(204);
    let refusal = desk.get(text(&made, "personal_token"), "/services").await;
    assert_eq!(refused(&refusal), plainly(401, "unauthenticated"));
}

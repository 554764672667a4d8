//! Applications, their clients and their secrets.

use serde_json::{Value, json};

use super::{Desk, masked, plainly, refused, wrongly};
use crate::harness::http::Auth;
use crate::harness::party::text;

#[tokio::test]
async fn a_developer_makes_an_application_and_its_secret_is_told_once() {
    spec!("portal/K31", "security/s.B14", "portal/P-15");
    let desk = Desk::open().await;
    let new = json!({
        "name": "App", "type": "web", "redirect_uris": ["https://client.example/cb"], "custom_id": "crm-7",
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let made = desk.post(&desk.ada, "/applications", &new).await.expect(201);
    let mut shown = masked(&made);
    let client = shown["client"].take();
    let expected = json!({
        "id": "[id]", "name": "App", "description": null, "type": "web", "status": "active", "source": "portal",
        "owner": {"id": "[id]", "email": "ada@example.org", "name": "Ada Lovelace"}, "custom_id": "crm-7",
        "domain": null, "picture": null, "kept": null, "is_default": false, "reach": "own", "version": 0, "archived_at": null, "created_at": "[moment]",
        "updated_at": "[moment]", "client": null, "client_secret": "[client_secret]",
    });
    assert_eq!(shown, expected);
    assert_eq!(client["metadata"]["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(
        (&client["secrets"], &client["state"], &client["first_party"]),
        (&json!(1), &json!("active"), &json!(false))
    );
    let path = format!("/applications/{}", text(&made, "id"));
    for path in [path.clone(), format!("{path}/clients"), "/applications".to_owned()] {
        assert!(!desk.get(&desk.ada, &path).await.text.contains(text(&made, "client_secret")), "{path}");
    }
    let change = json!({"description": "Does things", "custom_id": null});
    let changed = desk.send(&desk.ada, "PATCH", &path, &change).await.expect(200);
    assert_eq!((&changed["description"], &changed["custom_id"]), (&json!("Does things"), &Value::Null));
    desk.send(&desk.ada, "DELETE", &path, &Value::Null).await.expect(204);
    assert_eq!(refused(&desk.get(&desk.ada, &path).await), plainly(404, "not_found"));
    assert_eq!(desk.get(&desk.admin, &path).await.expect(200)["status"], "archived");
    let wrong = desk.post(&desk.ada, "/applications", &json!({"name": " ", "type": "web"})).await;
    assert_eq!(refused(&wrong).0, 400);
    let wrong = desk.post(&desk.ada, "/applications", &json!({"type": "desktop", "owner_id": "me"})).await;
    assert_eq!(refused(&wrong), wrongly(&[("type", "unknown"), ("owner_id", "form"), ("name", "required")]));
}

#[tokio::test]
async fn nobody_reaches_the_application_of_another_developer() {
    spec!("security/s.B1", "security/s.B2");
    let desk = Desk::open().await;
    let ada = desk.application(&desk.ada, "Ada's").await;
    let bob = desk.application(&desk.bob, "Bob's").await;
    let path = format!("/applications/{}", text(&ada, "id"));
    let client = text(&ada["client"], "client_id");
    let below = [
        ("GET", String::new(), Value::Null),
        ("PATCH", String::new(), json!({"name": "Mine"})),
        ("DELETE", String::new(), Value::Null),
        ("GET", "/clients".to_owned(), Value::Null),
        ("POST", "/clients".to_owned(), json!({})),
        ("GET", format!("/clients/{client}"), Value::Null),
        ("PATCH", format!("/clients/{client}"), json!({"name": "Mine"})),
        ("DELETE", format!("/clients/{client}"), Value::Null),
        ("GET", format!("/clients/{client}/secrets"), Value::Null),
        ("POST", format!("/clients/{client}/secrets"), json!({})),
        ("POST", format!("/clients/{client}/regenerate-secret"), Value::Null),
    ];
    for (method, rest, body) in &below {
        let answer = desk.send(&desk.bob, method, &format!("{path}{rest}"), body).await;
        assert_eq!(refused(&answer), plainly(404, "not_found"), "{method} {rest}");
    }
    // s.B2: below one's own application another's client is not there.
    let nested = format!("/applications/{}/clients/{client}/secrets", text(&bob, "id"));
    assert_eq!(refused(&desk.get(&desk.bob, &nested).await), plainly(404, "not_found"));
    assert_eq!(desk.get(&desk.ada, &path).await.expect(200)["name"], "Ada's");
}

#[tokio::test]
async fn a_client_has_several_secrets_and_lists_never_tell_them() {
    spec!("security/s.B14");
    let desk = Desk::open().await;
    let application = desk.application(&desk.ada, "App").await;
    let client = text(&application["client"], "client_id").to_owned();
    let path = format!("/applications/{}/clients/{client}", text(&application, "id"));
    let tokens = async |secret: &str| {
        let form = [("grant_type", "client_credentials")];
        desk.server.http.form("/token", Auth::Basic(&client, secret), &form).await.status
    };
    let made = desk.post(&desk.ada, &format!("{path}/secrets"), &json!({"name": "second"})).await.expect(201);
    let expected = json!({
        "id": "[id]", "name": "second", "hint": "[hint]", "expires_at": 0, "created_at": "[moment]",
        "client_secret": "[client_secret]",
    });
    assert_eq!(masked(&made), expected);
    assert_eq!(
        (tokens(text(&made, "client_secret")).await, tokens(text(&application, "client_secret")).await),
        (200, 200)
    );
    let listed = desk.get(&desk.ada, &format!("{path}/secrets")).await;
    assert_eq!(listed.expect(200)["total"], 2);
    for value in [&made, &application] {
        assert!(!listed.text.contains(text(value, "client_secret")));
    }
    let several = desk.post(&desk.ada, &format!("{path}/regenerate-secret"), &Value::Null).await;
    assert_eq!(refused(&several), plainly(409, "conflict"));
    let secret = format!("{path}/secrets/{}", text(&made, "id"));
    let renamed = desk.send(&desk.ada, "PATCH", &secret, &json!({"name": null})).await.expect(200);
    assert_eq!(renamed["name"], Value::Null);
    desk.send(&desk.ada, "DELETE", &secret, &Value::Null).await.expect(204);
    assert_eq!(tokens(text(&made, "client_secret")).await, 401);
    let fresh = desk.post(&desk.ada, &format!("{path}/regenerate-secret"), &Value::Null).await.expect(200);
    assert_eq!(tokens(text(&application, "client_secret")).await, 401);
    assert_eq!(tokens(text(&fresh, "client_secret")).await, 200);
    let last = desk.send(&desk.ada, "DELETE", &format!("{path}/secrets/{}", text(&fresh, "id")), &Value::Null).await;
    assert_eq!(refused(&last), plainly(409, "conflict"));
}

#[tokio::test]
async fn an_application_gets_more_clients() {
    spec!("portal/K32");
    let desk = Desk::open().await;
    let application = desk.application(&desk.ada, "App").await;
    let path = format!("/applications/{}/clients", text(&application, "id"));
    let made = desk.post(&desk.ada, &path, &json!({"name": "Second"})).await.expect(201);
    assert_eq!(made["name"], "Second");
    let one = format!("{path}/{}", text(&made, "client_id"));
    let changed = desk.send(&desk.ada, "PATCH", &one, &json!({"name": "Other"})).await.expect(200);
    let version = made["version"].as_i64().unwrap() + 1;
    assert_eq!((&changed["name"], &changed["version"]), (&json!("Other"), &json!(version)));
    assert_eq!(desk.get(&desk.ada, &format!("{path}?limit=1")).await.expect(200)["total"], 2);
    desk.send(&desk.ada, "DELETE", &one, &Value::Null).await.expect(204);
    assert_eq!(refused(&desk.get(&desk.ada, &one).await), plainly(404, "not_found"));
}

//! `/api/v2/clients`.

use serde_json::json;

use super::{Managed, invalid, lacks, refused};
use crate::harness::http::Auth;
use crate::harness::party::text;

fn inexistent() -> serde_json::Value {
    refused(404, "Not Found", "The client does not exist.", "inexistent_client")
}

#[tokio::test]
async fn a_client_is_made_read_changed_and_deleted() {
    spec!("portal/A36", "portal/A32");
    let server = Managed::start().await;
    let wanted = json!({
        "name": "Shop", "description": "Sells.", "app_type": "regular_web", "callbacks": ["https://shop.example/cb"],
        "allowed_logout_urls": ["https://shop.example/"], "web_origins": ["https://shop.example"],
        "logo_uri": "https://shop.example/logo.png", "client_metadata": {"team": "a"},
        "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 60}, "is_first_party": false,
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
    });
    let mut made = server.post("/clients", wanted).await.expect(201);
    let id = text(&made, "client_id").to_owned();
    let secret = made["client_secret"].take();
    assert_eq!((id.len(), secret.as_str().unwrap().len()), (32, 64));
    let expected = json!({
        "allowed_logout_urls": ["https://shop.example/"], "allowed_origins": [], "app_type": "regular_web",
        "callbacks": ["https://shop.example/cb"], "client_id": id, "client_metadata": {"team": "a"},
        "client_secret": null, "cross_origin_auth": false, "description": "Sells.", "global": false,
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"], "is_first_party": false,
        "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 60, "secret_encoded": false},
        "logo_uri": "https://shop.example/logo.png", "name": "Shop", "oidc_conformant": true, "sso_disabled": false,
        "tenant": "default", "third_party_security_mode": "permissive",
        "token_endpoint_auth_method": "client_secret_post", "web_origins": ["https://shop.example"],
    });
    assert_eq!(made, expected);
    let path = format!("/clients/{id}");
    let mut known = expected.clone();
    known.as_object_mut().unwrap().remove("client_secret");
    assert_eq!(server.get(&path).await.expect(200), known);
    assert_eq!(server.get(&format!("{path}?fields=name")).await.expect(200), json!({"name": "Shop"}));

    let patch = json!({
        "name": "Store", "description": null, "callbacks": ["https://shop.example/cb2"], "logo_uri": null,
        "client_metadata": {"team": null, "tier": "b"}, "is_first_party": true, "web_origins": null,
    });
    for (name, value) in [
        ("name", json!("Store")),
        ("description", json!("")),
        ("callbacks", json!(["https://shop.example/cb2"])),
        ("client_metadata", json!({"tier": "b"})),
        ("is_first_party", json!(true)),
        ("web_origins", json!([])),
    ] {
        known[name] = value;
    }
    known.as_object_mut().unwrap().remove("logo_uri");
    assert_eq!(server.patch(&path, patch).await.expect(200), known);
    assert_eq!(server.get(&path).await.expect(200), known);

    // The secret works, until it is rotated.
    let ask = async |secret: &str| {
        let fields = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", secret)];
        server.app.http.form("/oauth/token", Auth::None, &fields).await.status
    };
    assert_eq!(ask(secret.as_str().unwrap()).await, 200);
    let rotated = server.post(&format!("{path}/rotate-secret"), json!({})).await.expect(200);
    assert_eq!(ask(secret.as_str().unwrap()).await, 401);
    assert_eq!(ask(text(&rotated, "client_secret")).await, 200);

    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(ask(text(&rotated, "client_secret")).await, 401);
    for gone in [server.get(&path).await, server.delete(&path).await, server.patch(&path, json!({})).await] {
        assert_eq!(gone.expect(404), inexistent());
    }
}

#[tokio::test]
async fn clients_are_listed_by_pages_or_from_one_to_the_next() {
    spec!("portal/A36");
    let server = Managed::start().await;
    for name in ["one", "two", "three"] {
        let callbacks = json!(["https://a.example/cb"]);
        server.post("/clients", json!({"name": name, "app_type": "spa", "callbacks": callbacks})).await.expect(201);
    }
    let names = |list: &serde_json::Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|client| text(client, "name").to_owned()).collect()
    };
    let all = server.get("/clients").await.expect(200);
    assert_eq!(names(&all), ["Automation", "one", "two", "three"]);
    assert!(all.as_array().unwrap().iter().all(|client| client.get("client_secret").is_none()));
    let page = server.get("/clients?page=1&per_page=2&include_totals=true&fields=name").await.expect(200);
    let expected = json!({
        "clients": [{"name": "two"}, {"name": "three"}], "total": 4, "start": 2, "limit": 2, "length": 2,
    });
    assert_eq!(page, expected);
    let first = server.get("/clients?take=3&fields=name").await.expect(200);
    let rest = server.get(&format!("/clients?from={}&fields=name", text(&first, "next"))).await.expect(200);
    assert_eq!(rest, json!({"clients": [{"name": "three"}]}));
    assert_eq!(names(&server.get("/clients?app_type=spa").await.expect(200)), ["one", "two", "three"]);
    let message = "Query validation error: app_type must be one of native, spa, regular_web, non_interactive.";
    let unknown = refused(400, "Bad Request", message, "invalid_query_string");
    assert_eq!(server.get("/clients?app_type=tv").await.expect(400), unknown);
}

#[tokio::test]
async fn what_is_wrong_with_a_client_is_told_in_its_own_words() {
    spec!("portal/A28", "portal/A36");
    let server = Managed::start().await;
    let answer = server.post("/clients", json!({"callbacks": "x", "client_secret": "y", "app_type": "tv"})).await;
    let expected = invalid(
        "'Expected type array but found type string' on property callbacks, \
         'app_type must be one of native, spa, regular_web, non_interactive' on property app_type, \
         'Missing required property: name', 'Additional properties not allowed: client_secret'",
    );
    assert_eq!(answer.expect(400), expected);
    let answer = server.post("/clients", json!({"name": "t", "callbacks": ["https://c.example/cb#x"]})).await;
    let refusal = answer.expect(400);
    assert!(text(&refusal, "message").contains("on property callbacks"), "{refusal}");
    assert_eq!(refusal["errorCode"], json!("invalid_body"));
}

#[tokio::test]
async fn each_verb_needs_its_own_scope() {
    spec!("portal/A28");
    let server = Managed::with(&["create:clients"]).await;
    let made = server.post("/clients", json!({"name": "t"})).await.expect(201);
    let path = format!("/clients/{}", text(&made, "client_id"));
    assert_eq!(server.get("/clients").await.expect(403), lacks("read:clients,read:client_keys"));
    assert_eq!(server.patch(&path, json!({})).await.expect(403), lacks("update:clients"));
    assert_eq!(server.delete(&path).await.expect(403), lacks("delete:clients"));
    assert_eq!(server.post(&format!("{path}/rotate-secret"), json!({})).await.expect(403), lacks("update:client_keys"));
}

#[tokio::test]
async fn the_usual_grants_follow_what_the_client_becomes() {
    spec!("portal/A32");
    let server = Managed::start().await;
    let made = server.post("/clients", json!({"name": "t", "app_type": "regular_web"})).await.expect(201);
    assert_eq!(made["grant_types"], json!(["client_credentials"]));
    let path = format!("/clients/{}", text(&made, "client_id"));
    let usual = json!(["authorization_code", "implicit", "refresh_token", "client_credentials"]);
    let patched = server.patch(&path, json!({"callbacks": ["https://t.example/cb"]})).await.expect(200);
    assert_eq!(patched["grant_types"], usual);
    let patched = server.patch(&path, json!({"token_endpoint_auth_method": "none"})).await.expect(200);
    assert_eq!(patched["grant_types"], json!(["authorization_code", "implicit", "refresh_token"]));
    let patched = server.patch(&path, json!({"callbacks": [], "token_endpoint_auth_method": null})).await.expect(200);
    assert_eq!(patched["grant_types"], json!(["client_credentials"]));
    // Once they were said, they stay as they were said.
    let said = json!({"grant_types": ["authorization_code"], "callbacks": ["https://t.example/cb"]});
    assert_eq!(server.patch(&path, said).await.expect(200)["grant_types"], json!(["authorization_code"]));
    let patched = server.patch(&path, json!({"callbacks": ["https://t.example/cb2"]})).await.expect(200);
    assert_eq!(patched["grant_types"], json!(["authorization_code"]));
    // Taken back, the usual ones come again.
    assert_eq!(server.patch(&path, json!({"grant_types": null})).await.expect(200)["grant_types"], usual);
}

#[tokio::test]
async fn one_member_is_complained_about_once_and_all_at_once() {
    spec!("portal/A28");
    let server = Managed::start().await;
    let mistyped = server.post("/clients", json!({"name": 1})).await.expect(400);
    assert_eq!(mistyped, invalid("'Expected type string but found type integer' on property name"));
    let body = json!({"name": "t", "callbacks": ["https://c.example/cb#x"], "color": "red"});
    let both = server.post("/clients", body).await.expect(400);
    let message = text(&both, "message");
    assert!(message.contains("on property callbacks") && message.contains("not allowed: color"), "{message}");
    let made = server.post("/clients", json!({"name": "t"})).await.expect(201);
    let path = format!("/clients/{}", text(&made, "client_id"));
    let body = json!({"callbacks": ["https://c.example/cb#x"], "app_type": "tv"});
    let both = server.patch(&path, body).await.expect(400);
    let message = text(&both, "message");
    assert!(message.contains("on property callbacks") && message.contains("on property app_type"), "{message}");
    // What is not there is told before what is wrong with the body.
    assert_eq!(server.patch("/clients/unknown", json!({"color": "red"})).await.expect(404), inexistent());
    let api = json!({"identifier": "https://api.example/#x", "token_lifetime": "long"});
    let both = server.post("/resource-servers", api).await.expect(400);
    let message = text(&both, "message");
    assert!(message.contains("property identifier") && message.contains("property token_lifetime"), "{message}");
    let grant = server.post("/client-grants", json!({"client_id": 1, "audience": null})).await.expect(400);
    let wanted = "'Expected type string but found type integer' on property client_id, \
                  'Missing required property: audience'";
    assert_eq!(grant, invalid(wanted));
}

//! The keys: what is published, and how they change.

use josekit::jwk::Jwk;
use registrar::oidc::keys::Algorithm;
use registrar::oidc::keys::rotation::{self, Lifetimes, When};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::party::{jose_header, text};

async fn published(app: &TestApp) -> Vec<Value> {
    app.http.get("/.well-known/jwks.json").await.expect(200)["keys"].as_array().unwrap().clone()
}

/// Checks a signature as a relying party does: by the published key that the header names.
fn is_signed_by(keys: &[Value], token: &str) -> bool {
    let header = jose_header(token);
    let Some(key) = keys.iter().find(|key| key["kid"] == header["kid"]) else { return false };
    assert_eq!(key["alg"], header["alg"]);
    let public = Jwk::from_map(key.as_object().unwrap().clone()).unwrap();
    let verifier = Algorithm::parse(text(key, "alg")).unwrap().verifier(&public).unwrap();
    josekit::jws::deserialize_compact(token, &*verifier).is_ok()
}

#[tokio::test]
async fn the_key_set_has_a_public_key_of_each_algorithm() {
    spec!(
        "OIDC-Discovery-3/jwks-uri",
        "OIDC-Discovery-3/jwks-no-private",
        "OIDC-Discovery-3/key-use",
        "RFC8414-2/key-use",
    );
    // s.Z4
    let app = TestApp::open().await;
    let answer = app.http.get("/.well-known/jwks.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let mut shapes: Vec<Value> = published(&app)
        .await
        .into_iter()
        .map(|key| {
            assert_eq!(key["use"], "sig");
            assert!(text(&key, "kid").len() >= 12);
            let names: Vec<String> = key.as_object().unwrap().keys().cloned().collect();
            json!([key["alg"], key["kty"], names])
        })
        .collect();
    shapes.sort_by_key(Value::to_string);
    let ec = ["alg", "crv", "kid", "kty", "use", "x", "y"];
    let rsa = ["alg", "e", "kid", "kty", "n", "use"];
    let okp = ["alg", "crv", "kid", "kty", "use", "x"];
    let expected = [
        json!(["ES256", "EC", ec]),
        json!(["EdDSA", "OKP", okp]),
        json!(["PS256", "RSA", rsa]),
        json!(["RS256", "RSA", rsa]),
    ];
    let sorted: Vec<Value> = shapes
        .into_iter()
        .map(|mut shape| {
            let mut names: Vec<String> = serde_json::from_value(shape[2].take()).unwrap();
            names.sort();
            shape[2] = json!(names);
            shape
        })
        .collect();
    assert_eq!(sorted, expected);
    assert_eq!(app.http.get("/jwks").await.text, answer.text, "the other name");
}

#[tokio::test]
async fn no_token_is_met_by_a_verifier_that_cannot_know_its_key() {
    spec!("OIDC-Core-10.1.1/old-keys-kept");
    // s.Z4, Q9
    let app = TestApp::at_a_standstill().await;
    let client = app.web_client().await;
    let lifetimes = Lifetimes { signs: 1000, published_before: 300, published_after: 4000 };
    let (mut kept, mut tokens, mut kids) = (published(&app).await, Vec::new(), std::collections::BTreeSet::new());
    for round in 0..60 {
        let done =
            rotation::rotate(&app.app, app.tenant().id, &[Algorithm::ES256], lifetimes, When::Due, "system").await;
        done.unwrap();
        app.app.tenants.refresh(&app.app).await.unwrap();
        let answer = app.token(
            text(&client, "client_id"),
            client["client_secret"].as_str(),
            &[("grant_type", "client_credentials")],
        );
        let token = text(&answer.await.expect(200), "access_token").to_owned();
        kids.insert(jose_header(&token)["kid"].to_string());
        // The verifier's copy is up to 300 seconds old.
        assert!(is_signed_by(&kept, &token), "round {round}");
        if round % 3 == 0 {
            kept = published(&app).await;
        }
        tokens.push((app.app.clock.now(), token));
        app.app.clock.advance(100);
        let fresh = published(&app).await;
        assert!(fresh.iter().all(|key| key.get("d").is_none()));
        for (issued, token) in &tokens {
            if *issued + 3600 > app.app.clock.now() {
                assert!(is_signed_by(&fresh, token), "a key left before its last token ended");
                assert_eq!(app.introspect(&client, token).await["active"], json!(true));
            }
        }
        tokens.retain(|(issued, _)| *issued + 3600 > app.app.clock.now());
    }
    assert!(kids.len() >= 5, "the keys moved on: {kids:?}");
    assert!(published(&app).await.len() <= 4 + 5, "old keys leave");
}

#[tokio::test]
async fn tokens_of_a_leaked_key_are_dead() {
    // s.Z4
    let app = TestApp::open().await;
    let client = app.web_client().await;
    let (_, tokens) = app.signed_in(&client, "openid").await;
    let token = text(&tokens, "access_token");
    assert!(is_signed_by(&published(&app).await, text(&tokens, "id_token")));
    assert!(is_signed_by(&published(&app).await, token));
    assert_eq!(app.introspect(&client, token).await["active"], json!(true));
    let lifetimes = Lifetimes { signs: 1000, published_before: 300, published_after: 4000 };
    rotation::rotate(&app.app, app.tenant().id, &[Algorithm::ES256], lifetimes, When::Leaked, "admin").await.unwrap();
    app.app.tenants.refresh(&app.app).await.unwrap();
    assert!(!is_signed_by(&published(&app).await, token));
    assert_eq!(app.introspect(&client, token).await, json!({"active": false}));
    assert_eq!(app.http.bearer("GET", "/userinfo", token).await.status, 401);
}

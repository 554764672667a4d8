//! Is what a client registered obeyed when people and tokens come in? (OpenID Connect Registration §2, RFC 7591 §5)

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::session;
use sea_orm::{EntityTrait, QueryTrait, sea_query::Expr};
use serde_json::{Value, json};
use url::Url;

use crate::harness::browser::forms;
use crate::harness::http::pkce;
use crate::harness::{Answer, Browser, PASSWORD, TestApp};

/// An authorization request of a client, and the verifier of its challenge.
fn request(client: &Value, more: &[(&str, &str)]) -> (String, String) {
    let (verifier, challenge) = pkce();
    let mut url = Url::parse("http://server.example/authorize").unwrap();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", client["client_id"].as_str().unwrap())
        .append_pair("redirect_uri", client["redirect_uris"][0].as_str().unwrap_or("https://a.example/cb"))
        .append_pair("scope", "openid")
        .append_pair("state", "st")
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .extend_pairs(more);
    (format!("{}?{}", url.path(), url.query().unwrap()), verifier)
}

fn parameter(location: &str, name: &str) -> Option<String> {
    let url = Url::parse(location).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// What a signed-in browser is sent back with, without being asked anything.
async fn silent(browser: &mut Browser, client: &Value, more: &[(&str, &str)]) -> String {
    let (path, _) = request(client, &[more, &[("prompt", "none")]].concat());
    let first = browser.get(&path).await;
    let answer = browser.follow(first).await;
    let location = answer.header("location");
    parameter(location, "error").unwrap_or_else(|| parameter(location, "code").map(|_| "code".to_owned()).unwrap())
}

/// The page that asks a person who has just signed in.
async fn consent(app: &TestApp, browser: &mut Browser, path: &str, email: &str) -> Answer {
    let first = browser.get(path).await;
    let login = browser.follow(first).await;
    let form = forms(&login.text).into_iter().next().unwrap_or_else(|| panic!("no form: {}", login.text));
    let signed_in = browser.submit(&form.set("email", email).set("password", PASSWORD)).await;
    let page = browser.follow(signed_in).await;
    assert_eq!(page.status, 200, "{} {}", app.issuer, page.text);
    page
}

/// The header and the claims of a signed token.
fn opened(token: &str) -> (Value, Value) {
    let part = |text: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
    let mut parts = token.split('.');
    (part(parts.next().unwrap()), part(parts.next().unwrap()))
}

#[tokio::test]
async fn an_id_token_is_signed_as_registered_and_says_when_the_person_signed_in() {
    spec!("OIDC-Registration-2/id-token-alg", "OIDC-Registration-2/require-auth-time");
    let app = TestApp::open().await;
    let person = app.person("ada@example.org").await;
    for (alg, expected) in [
        (Value::Null, "RS256"),
        (json!("RS256"), "RS256"),
        (json!("ES256"), "ES256"),
        (json!("EdDSA"), "EdDSA"),
        (json!("PS256"), "PS256"),
    ] {
        let wanted = json!({"redirect_uris": ["https://a.example/cb"], "id_token_signed_response_alg": alg,
            "require_auth_time": true});
        let client = app.register(wanted).await;
        assert_eq!(
            (&client["id_token_signed_response_alg"], &client["require_auth_time"]),
            (&json!(expected), &json!(true))
        );
        let earliest = app.app.clock.now();
        let (path, verifier) = request(&client, &[]);
        let location = Browser::new(&app.http).authorize(&path, &person.email).await;
        let code = parameter(&location, "code").unwrap_or_else(|| panic!("{location}"));
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", "https://a.example/cb"),
            ("code_verifier", verifier.as_str()),
        ];
        let (id, secret) = (client["client_id"].as_str().unwrap(), client["client_secret"].as_str());
        let tokens = app.token(id, secret, &fields).await.expect(200);
        let (header, claims) = opened(tokens["id_token"].as_str().unwrap());
        assert_eq!((&header["alg"], &claims["aud"]), (&json!(expected), &json!(id)));
        let signed_in_at = claims["auth_time"].as_i64().unwrap();
        assert!((earliest..=app.app.clock.now()).contains(&signed_in_at), "{claims}");
    }
}

#[tokio::test]
async fn a_sign_in_older_than_the_client_wants_is_not_enough() {
    spec!("OIDC-Registration-2/default-max-age");
    let app = TestApp::open().await;
    let person = app.person("ada@example.org").await;
    let uris = json!(["https://a.example/cb"]);
    let hurried = app.register(json!({"redirect_uris": uris, "default_max_age": 60})).await;
    let patient = app.register(json!({"redirect_uris": uris})).await;
    let mut browser = Browser::new(&app.http);
    for client in [&hurried, &patient] {
        browser.authorize(&request(client, &[]).0, &person.email).await;
        assert_eq!(silent(&mut browser, client, &[]).await, "code");
    }
    let ago =
        session::Entity::update_many().col_expr(session::Column::AuthTime, Expr::value(app.app.clock.now() - 100));
    app.app.db.execute(ago.build(app.app.db.backend())).await.unwrap();
    assert_eq!(silent(&mut browser, &patient, &[]).await, "code");
    assert_eq!(silent(&mut browser, &hurried, &[]).await, "login_required");
    // The request's own wish comes first, in both directions.
    assert_eq!(silent(&mut browser, &hurried, &[("max_age", "1000")]).await, "code");
    assert_eq!(silent(&mut browser, &patient, &[("max_age", "60")]).await, "login_required");
    // Not silently: the person is asked to sign in again, and then goes on.
    let first = browser.get(&request(&hurried, &[]).0).await;
    let login = browser.follow(first).await;
    assert!(login.text.contains("name=\"password\""), "{}", login.text);
    let location = browser.authorize(&request(&hurried, &[]).0, &person.email).await;
    assert!(parameter(&location, "code").is_some(), "{location}");
    assert_eq!(silent(&mut browser, &hurried, &[]).await, "code");
}

#[tokio::test]
async fn a_client_without_a_redirect_uri_cannot_send_people_anywhere() {
    spec!("RFC7591-5/redirect-required-for-code");
    let app = TestApp::open().await;
    let machine = app.register(json!({"grant_types": ["client_credentials"]})).await;
    let (path, _) = request(&machine, &[]);
    let answer = Browser::new(&app.http).get(&path).await;
    assert_eq!((answer.status, answer.header("location")), (400, ""));
    assert!(answer.header("content-type").starts_with("text/html"));
    // Nor can one with a redirect URI that did not register the grant.
    let uris = json!({"grant_types": ["client_credentials"], "redirect_uris": ["https://a.example/cb"]});
    let other = app.register(uris).await;
    let answer = Browser::new(&app.http).get(&request(&other, &[]).0).await;
    assert_eq!(parameter(answer.header("location"), "error").as_deref(), Some("unauthorized_client"));
}

#[tokio::test]
async fn a_person_sees_what_a_client_says_of_itself_as_just_that() {
    // s.R33, s.R34
    spec!(
        "RFC7591-2/client-uri-shown",
        "RFC7591-2/policy-shown",
        "RFC7591-2/tos-shown",
        "RFC7591-2.2/untagged-as-is",
        "RFC7591-5/self-asserted",
        "RFC7591-5/impersonation",
        "OIDC-Registration-2/policy-shown",
        "OIDC-Registration-2/tos-shown",
        "OIDC-Registration-2.1/untagged-as-is",
    );
    let app = TestApp::open().await;
    let person = app.person("ada@example.org").await;
    let client = app
        .register(json!({
            "client_name": "Claude <b>€</b> {{7*7}}", "redirect_uris": ["https://collector.evil.example/cb"],
            "client_uri": "https://collector.evil.example/about", "policy_uri": "https://collector.evil.example/policy",
            "tos_uri": "https://collector.evil.example/terms",
        }))
        .await;
    let page = consent(&app, &mut Browser::new(&app.http), &request(&client, &[]).0, &person.email).await;
    // The name as it is, in whatever language it may be, and never as markup.
    assert!(page.text.contains("Claude &#60;b&#62;€&#60;/b&#62; {{7*7}}"), "{}", page.text);
    let heading = page.text.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next()).unwrap();
    assert!(!heading.contains("lang="), "{heading}");
    // Where the answer really goes stands in large type, and that nobody vouches for the name.
    assert!(page.text.contains("<p class=\"address\">\n<bdi>collector.evil.example</bdi>\n"), "{}", page.text);
    for told in
        ["Not verified.", "It registered itself on ", "chose its own name", "What the application says about itself"]
    {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    for path in ["about", "policy", "terms"] {
        let link = format!("<a href=\"https://collector.evil.example/{path}\" rel=\"noopener noreferrer\"");
        assert!(page.text.contains(&link), "{link}: {}", page.text);
    }
    // Names per language are for who reads it; the one without is for everybody else.
    let client = app
        .register(json!({"client_name": "Shop", "client_name#ja": "店",
        "redirect_uris": ["https://shop.example/cb"]}))
        .await;
    let page = consent(&app, &mut Browser::new(&app.http), &request(&client, &[]).0, &person.email).await;
    assert!(page.text.contains("Shop") && !page.text.contains('店'), "{}", page.text);
}

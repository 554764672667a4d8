//! What a gateway learns about a request before it lets it pass.

use entity::contract::ContractState;
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::http::Answer;
use crate::harness::party::text;

const ORDERS: &str = "https://api.example/orders";

async fn set_up(header: &str) -> (TestApp, String, Value, String) {
    let app = TestApp::at_a_standstill().await;
    let header = header.to_owned();
    let service = app.guarded(ORDERS, &["read"], |policy| policy.auth_header_name = header).await;
    let client = app.web_client().await;
    app.contract(&client, &service, ContractState::Approved).await;
    let fields = [("grant_type", "client_credentials"), ("resource", ORDERS), ("scope", "read")];
    let tokens = app.token(text(&client, "client_id"), client["client_secret"].as_str(), &fields).await.expect(200);
    let token = text(&tokens, "access_token").to_owned();
    (app, format!("/verify/{}", service.id), client, token)
}

async fn ask(app: &TestApp, method: &str, path: &str, header: Option<(&str, &str)>) -> Answer {
    let mut request = app.http.request(method, path);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    app.http.send(request).await
}

fn told(answer: &Answer) -> Vec<(&str, String)> {
    let names = ["x-credential-identifier", "x-authenticated-scope", "x-authenticated-userid"];
    names
        .into_iter()
        .filter_map(|name| Some((name, answer.header(name).to_owned())).filter(|(_, value)| !value.is_empty()))
        .collect()
}

#[tokio::test]
async fn a_request_with_a_good_token_passes_and_the_upstream_learns_who_it_is() {
    spec!("portal/I16", "portal/K66");
    let (app, path, client, token) = set_up("authorization").await;
    for scheme in ["Bearer", "bearer", "token"] {
        let answer = ask(&app, "GET", &path, Some(("authorization", &format!("{scheme} {token}")))).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, ""), "{scheme}");
        let expected = vec![
            ("x-credential-identifier", text(&client, "client_id").to_owned()),
            ("x-authenticated-scope", "read".to_owned()),
        ];
        assert_eq!(told(&answer), expected);
        assert_eq!(answer.header("x-consumer-id").len(), 36);
        assert!(!answer.header("x-consumer-username").is_empty());
    }
    let bearer = format!("Bearer {token}");
    // Envoy keeps the method and puts the path of the request behind ours.
    let answer = ask(&app, "DELETE", &format!("{path}/orders/7"), Some(("authorization", &bearer))).await;
    assert_eq!(answer.status, 200);
    let answer = ask(&app, "GET", &format!("{path}?access_token={token}"), None).await;
    assert_eq!(answer.status, 200);
    let answer = ask(&app, "GET", &format!("{path}?scope=read+write"), Some(("authorization", &bearer))).await;
    let expected = json!({"error": "insufficient_scope", "error_description": "this needs the scope write"});
    assert_eq!(answer.expect(403), expected);
}

#[tokio::test]
async fn a_request_without_a_good_token_for_this_service_does_not() {
    spec!("portal/I16", "portal/K65");
    let (app, path, client, _) = set_up("authorization").await;
    let missing = ask(&app, "GET", &path, None).await;
    let expected = json!({"error": "invalid_request", "error_description": "The access token is missing"});
    assert_eq!((missing.header("www-authenticate"), missing.expect(401)), ("Bearer", expected));
    let invalid = json!({"error": "invalid_token", "error_description": "The access token is invalid or has expired"});
    let unknown = ask(&app, "GET", &path, Some(("authorization", "Bearer nothing"))).await;
    assert_eq!(unknown.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    assert_eq!(unknown.expect(401), invalid);
    app.service("https://api.example/bills", &["bill"]).await;
    let fields = [("grant_type", "client_credentials"), ("scope", "bill")];
    let tokens = app.token(text(&client, "client_id"), client["client_secret"].as_str(), &fields).await.expect(200);
    let bearer = format!("Bearer {}", text(&tokens, "access_token"));
    let elsewhere = ask(&app, "GET", &path, Some(("authorization", &bearer))).await;
    assert_eq!(elsewhere.expect(401), invalid, "a token for another service");
    let nowhere = ask(&app, "GET", "/verify/nothing", Some(("authorization", &bearer))).await;
    assert_eq!(nowhere.expect(404), json!({"error": "not_found", "error_description": "there is no such service"}));
}

#[tokio::test]
async fn the_policy_says_which_header_carries_the_token() {
    spec!("portal/K9");
    let (app, path, _, token) = set_up("x-api-token").await;
    assert_eq!(ask(&app, "GET", &path, Some(("x-api-token", &token))).await.status, 200);
    let usual = ask(&app, "GET", &path, Some(("authorization", &format!("Bearer {token}")))).await;
    assert_eq!(usual.status, 401);
}

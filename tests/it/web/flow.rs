//! From a request to its answer: what is read, what is ignored, and how the answer travels.

use serde_json::json;

use super::{CALLBACK, EMAIL, Flow, jwt, metadata, parameters};
use crate::harness::browser::forms;
use crate::harness::http::Auth;
use crate::harness::{PASSWORD, TestApp};

#[tokio::test]
async fn a_person_signs_in_and_agrees_before_there_is_a_code() {
    spec!(
        "portal/G20",
        "RFC6749-3.1/resource-owner-verified",
        "RFC6749-3.1/get",
        "RFC6749-4.1.2/state",
        "RFC6749-10.12/explicit-consent",
        "RFC9207-2/iss-success",
        "RFC9207-2.3/iss-identical",
        "RFC9207-2.3/metadata",
        "OIDC-Core-3.1.2.3/authenticates",
        "OIDC-Core-3.1.2.4/decision",
    );
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    let state = "230 &%é\"<'+/?#=;:@[]";
    let first = browser.get(&flow.request(&[("state", state)])).await;
    let login = browser.follow(first).await;
    assert!(login.status == 200 && login.text.contains("name=\"password\""), "{}", login.text);
    let form = forms(&login.text).remove(0).set("email", EMAIL);
    let wrong = browser.submit(&form.clone().set("password", "wrong")).await;
    assert_eq!((wrong.status, wrong.header("location")), (400, ""));
    let signed_in = browser.submit(&form.set("password", PASSWORD)).await;
    let consent = browser.follow(signed_in).await;
    assert!(consent.status == 200 && consent.text.contains("value=\"accept\""), "{}", consent.text);
    let accepted = browser.submit(&forms(&consent.text).remove(0).set("decision", "accept")).await;
    let answered = browser.follow(accepted).await;
    let answer = parameters(answered.header("location"));
    assert_eq!(answer.keys().collect::<Vec<_>>(), ["code", "iss", "state"]);
    let document = flow.app.http.get("/.well-known/openid-configuration").await.expect(200);
    assert_eq!((answer["state"].as_str(), json!(answer["iss"])), (state, document["issuer"].clone()));
    assert_eq!(document["authorization_response_iss_parameter_supported"], json!(true));
}

#[tokio::test]
async fn a_request_may_come_by_form() {
    spec!("OIDC-Core-3.1.2.1/get-and-post");
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    let request = flow.request(&[]);
    let (_, query) = request.split_once('?').unwrap();
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let posted = flow.app.http.form("/authorize", Auth::None, &fields).await;
    assert_eq!(posted.status, 303, "{}", posted.text);
    let location = browser.authorize(posted.header("location"), EMAIL).await;
    flow.exchange(&parameters(&location), &[]).await.expect(200);
}

#[tokio::test]
async fn what_is_empty_or_unknown_is_as_if_it_were_not_there() {
    spec!(
        "RFC6749-3.1/empty-is-omitted",
        "RFC6749-3.1/unknown-ignored",
        "OIDC-Core-15.1/display-no-error",
        "OIDC-Core-15.1/locales-no-error",
        "OIDC-Core-15.1/acr-values-no-error",
    );
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    let path = flow.request(&[
        ("display", "touch"),
        ("ui_locales", "xx de"),
        ("claims_locales", "de"),
        ("acr_values", "0 urn:x"),
        ("claims", r#"{"id_token":{"email":null}}"#),
        ("unheard_of", "x"),
    ]);
    let location = browser.authorize(&format!("{path}&prompt=&max_age=&resource=&response_mode="), EMAIL).await;
    let tokens = flow.exchange(&parameters(&location), &[]).await.expect(200);
    assert_eq!(tokens["scope"], "openid");
}

#[tokio::test]
async fn all_prompts_are_understood() {
    spec!(
        "OIDC-Core-15.1/prompt",
        "OIDC-Core-3.1.2.1/prompt-none",
        "OIDC-Core-3.1.2.3/no-interaction",
        "OIDC-Core-3.1.2.6/login-required",
        "OIDC-Core-3.1.2.6/interaction-required",
        "OIDC-Core-3.1.2.1/prompt-consent-impossible",
    );
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    let silent = flow.request(&[("prompt", "none")]);
    let stranger = browser.get(&silent).await;
    assert_eq!((stranger.status, parameters(stranger.header("location"))["error"].as_str()), (303, "login_required"));
    flow.agreed(&mut browser, &[]).await;
    assert!(parameters(browser.get(&silent).await.header("location")).contains_key("code"));
    let more = browser.get(&flow.request(&[("prompt", "none"), ("scope", "openid email")])).await;
    assert_eq!((more.status, parameters(more.header("location"))["error"].as_str()), (303, "consent_required"));
    for (prompt, seen) in
        [("login", "name=\"password\""), ("consent", "value=\"accept\""), ("select_account", "value=\"continue\"")]
    {
        let first = browser.get(&flow.request(&[("prompt", prompt)])).await;
        let page = browser.follow(first).await;
        assert!(page.status == 200 && page.text.contains(seen), "{prompt}: {}", page.text);
        let answer = flow.agreed(&mut browser, &[("prompt", prompt)]).await;
        assert!(answer.contains_key("code"), "{prompt}: {answer:?}");
    }
}

#[tokio::test]
async fn a_hint_of_another_person_ends_in_login_required() {
    spec!("OIDC-Core-3.1.2.1/id-token-hint", "OIDC-Core-3.1.2.1/prompt-login-impossible");
    let flow = Flow::start().await;
    flow.app.person("bob@example.org").await;
    let ada = flow.tokens(&[]).await["id_token"].as_str().unwrap().to_owned();
    let mut browser = flow.browser();
    let bob = browser.authorize(&flow.request(&[]), "bob@example.org").await;
    assert!(parameters(&bob).contains_key("code"));
    let silent = browser.get(&flow.request(&[("id_token_hint", &ada), ("prompt", "none")])).await;
    assert_eq!(parameters(silent.header("location"))["error"], "login_required");
    let stays = browser.authorize(&flow.request(&[("id_token_hint", &ada)]), "bob@example.org").await;
    assert_eq!(parameters(&stays)["error"], "login_required");
    let changes = browser.authorize(&flow.request(&[("id_token_hint", &ada)]), EMAIL).await;
    assert!(parameters(&changes).contains_key("code"));
}

#[tokio::test]
async fn who_signed_in_too_long_ago_signs_in_again() {
    spec!("OIDC-Core-3.1.2.1/max-age", "OIDC-Core-15.1/max-age-enforced");
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    flow.agreed(&mut browser, &[]).await;
    let fresh = browser.get(&flow.request(&[("max_age", "1000")])).await;
    assert!(parameters(fresh.header("location")).contains_key("code"));
    let first = browser.get(&flow.request(&[("max_age", "0")])).await;
    let login = browser.follow(first).await;
    assert!(login.text.contains("name=\"password\""), "{}", login.text);
    let silent = browser.get(&flow.request(&[("max_age", "0"), ("prompt", "none")])).await;
    assert_eq!(parameters(silent.header("location"))["error"], "login_required");
}

#[tokio::test]
async fn an_answer_travels_as_asked_for_and_always_names_the_issuer() {
    spec!("RFC9207-2/every-mode", "RFC6749-3.1.2/redirect-keeps-query");
    let mut flow = Flow::start().await;
    let mut browser = flow.browser();
    let uri = format!("{CALLBACK}?a=%7e&b");
    flow.client = flow.app.register(metadata(json!({"redirect_uris": [uri]}))).await;
    let query = [("redirect_uri", uri.as_str()), ("response_mode", "query")];
    let location = browser.authorize(&flow.request(&query), EMAIL).await;
    assert!(location.starts_with(&format!("{uri}&code=")) && location.contains("&iss="), "{location}");
    let posts = [("redirect_uri", uri.as_str()), ("response_mode", "form_post")];
    for (more, name) in [(None, "code"), (Some(("prompt", "create")), "error")] {
        let asked: Vec<(&str, &str)> = posts.into_iter().chain(more).collect();
        let first = browser.get(&flow.request(&asked)).await;
        let page = browser.follow(first).await;
        let form = forms(&page.text).remove(0);
        let field = |name: &str| form.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!((page.status, form.action.as_str()), (200, uri.as_str()), "{}", page.text);
        assert_eq!((field("iss"), field("state")), (Some(flow.app.issuer.as_str()), Some("st")));
        assert!(field(name).is_some(), "{}", page.text);
    }
}

#[tokio::test]
async fn what_was_granted_is_said_when_it_is_not_what_was_asked_for() {
    spec!("RFC6749-3.3/scope-returned-when-different", "RFC6749-3.3/scope-omitted");
    let flow = Flow::start().await;
    assert_eq!(flow.tokens(&[("scope", "openid nonsense email")]).await["scope"], "openid email");
    let mut browser = flow.browser();
    let nothing = browser.get(&flow.request(&[("scope", "nonsense")])).await;
    assert_eq!(parameters(nothing.header("location"))["error"], "invalid_scope");
    // By default nothing is granted but the fact that the person agreed.
    let tokens = flow.tokens(&[("scope", "")]).await;
    assert_eq!(tokens.get("scope"), None, "{tokens}");
    assert_eq!(tokens.get("id_token"), None);
}

#[tokio::test]
async fn a_code_tells_its_service_apart() {
    let flow = Flow::start().await;
    flow.app.service("https://api.example/mcp", &["orders"]).await;
    let more = [("scope", "orders"), ("resource", "https://API.example/mcp/")];
    let tokens = flow.tokens(&more).await;
    let claims = jwt(&tokens["access_token"], 1);
    assert_eq!((&claims["aud"], &tokens["scope"]), (&json!("https://api.example/mcp"), &json!("orders")));
}

#[tokio::test]
async fn signing_out_ends_the_session_and_takes_the_person_back() {
    let goodbye = "https://client.example/bye";
    let flow = Flow::with(json!({"token_endpoint_auth_method": "none", "post_logout_redirect_uris": [goodbye]})).await;
    let mut browser = flow.browser();
    let answer = flow.agreed(&mut browser, &[]).await;
    let tokens = flow.exchange(&answer, &[]).await.expect(200);
    let hint = tokens["id_token"].as_str().unwrap();
    let away = format!("/logout?id_token_hint={hint}&post_logout_redirect_uri={goodbye}&state=x");
    let asked = browser.get(&format!("/logout?client_id={}", flow.client["client_id"].as_str().unwrap())).await;
    assert_eq!(asked.status, 200, "without a hint the person is asked");
    let left = browser.get(&away).await;
    assert_eq!((left.status, left.header("location")), (303, format!("{goodbye}?state=x").as_str()));
    let silent = browser.get(&flow.request(&[("prompt", "none")])).await;
    assert_eq!(parameters(silent.header("location"))["error"], "login_required");
}

#[tokio::test]
async fn the_endpoints_are_offered_over_tls_except_on_loopback() {
    spec!("OIDC-Core-3.1.2/tls", "OIDC-Core-3.1.3/token-tls", "RFC6749-2.3.1/tls-for-secrets");
    use registrar::config::{self, Sources};
    let with = |issuer: &str| config::load(&Sources::nothing().set("server.issuer", issuer));
    let refused = with("http://id.example").expect_err("plain HTTP on the network").to_string();
    assert!(refused.contains("http on a host that is not loopback"), "{refused}");
    assert!(with("https://id.example").is_ok() && with("http://127.0.0.1:8080").is_ok());
    let allowed = Sources::nothing().set("server.issuer", "http://id.example");
    assert!(config::load(&allowed.set("server.allow_insecure_issuer", "true")).is_ok(), "expressly");
    let app = TestApp::start().await;
    let document = app.http.get("/.well-known/openid-configuration").await.expect(200);
    for endpoint in ["authorization_endpoint", "token_endpoint"] {
        assert!(document[endpoint].as_str().unwrap().starts_with(&app.issuer), "{document}");
    }
}

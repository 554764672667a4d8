//! What is refused, and who hears it (RFC 6749 §4.1.2.1).

use serde_json::json;

use super::{CALLBACK, Flow, metadata, parameters};

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_proven() {
    spec!(
        "RFC6749-3.1.2.3/several-need-one",
        "RFC6749-3.1.2.3/match-registered",
        "RFC6749-3.1.2.3/string-comparison",
        "RFC6749-3.1.2.4/no-redirect-to-invalid",
        "RFC6749-4.1.2.1/unknown-client-no-redirect",
        "RFC6749-10.6/public-redirect-registered",
        "OIDC-Core-3.1.2.1/redirect-exact",
        "OIDC-Core-3.1.2.2/required-present",
    );
    let mut flow = Flow::start().await;
    let mut browser = flow.browser();
    let mut requests = vec![
        flow.request(&[("client_id", "nosuch")]),
        flow.request(&[("client_id", "")]),
        flow.request(&[("redirect_uri", "")]),
        format!("{}&redirect_uri=https%3A%2F%2Fevil.example", flow.request(&[])),
    ];
    for uri in [
        "https://evil.example/cb",
        "https://client.example/cb/",
        "https://client.example/cb?x",
        "https://client.example/cb#x",
        "https://CLIENT.example/cb",
        "https://client.example:443/cb",
        "https://client.example/%63b",
        "https://client.example/a/../cb",
        "javascript:alert(1)",
        "/cb",
        "not a URI",
    ] {
        requests.push(flow.request(&[("redirect_uri", uri)]));
    }
    let two = json!({"redirect_uris": [CALLBACK, "https://client.example/other"]});
    flow.client = flow.app.register(metadata(two)).await;
    requests.push(flow.request(&[("redirect_uri", ""), ("scope", "email")]));
    for request in requests {
        let page = browser.get(&request).await;
        assert_eq!((page.status, page.header("location")), (400, ""), "{request}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    }
}

#[tokio::test]
async fn every_other_refusal_travels_with_state_and_issuer() {
    spec!(
        "RFC6749-3.1/not-repeated",
        "RFC6749-3.1.1/response-type-missing",
        "RFC6749-3.1.1/response-type-unknown",
        "RFC6749-4.1.1/required-parameters",
        "RFC6749-4.1.2.1/error-redirected",
        "RFC6749-4.1.2.1/error-state",
        "RFC6749-4.1.2.1/error-charset",
        "RFC9207-2/iss-error",
        "OIDC-Core-3.1.2.1/prompt-none-alone",
        "OIDC-Core-3.1.2.2/validate",
        "OIDC-Core-3.1.2.2/errors-returned",
        "OIDC-Core-3.1.2.6/error-to-client",
        "OIDC-Core-6.1/request-object",
        "OIDC-Core-6.2/request-uri",
        "OIDC-Core-7.2.1/registration-parameter",
    );
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    let cases: [(&[(&str, &str)], &str); 13] = [
        (&[("response_type", "")], "invalid_request"),
        (&[("response_type", "none")], "unsupported_response_type"),
        (&[("response_mode", "web_message")], "invalid_request"),
        (&[("request", "e30.e30.")], "request_not_supported"),
        (&[("request_uri", "https://c.example/r")], "request_uri_not_supported"),
        (&[("registration", "{}")], "registration_not_supported"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "cr\"ea\\té")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
        (&[("id_token_hint", "a.b.c")], "invalid_request"),
        (&[("resource", "https://unknown.example/\"\\é")], "invalid_target"),
        (&[("scope", "\"")], "invalid_scope"),
        (&[("code_challenge", "short")], "invalid_request"),
    ];
    let state = "a b&%é\"<'+/?#=;:@[]";
    for (more, error) in cases {
        let more = [more, &[("state", state)]].concat();
        let refused = browser.get(&flow.request(&more)).await;
        let answer = parameters(refused.header("location"));
        assert_eq!((refused.status, answer["error"].as_str()), (303, error), "{more:?}");
        assert_eq!((answer["state"].as_str(), &answer["iss"]), (state, &flow.app.issuer), "{more:?}");
        let printable = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
        assert!(answer["error_description"].chars().all(printable), "{answer:?}");
        assert!(!answer.contains_key("code"));
    }
    for name in ["scope", "response_type", "nonce", "code_challenge", "unknown", "unknown"] {
        let refused = browser.get(&format!("{}&{name}=a&{name}=b", flow.request(&[]))).await;
        assert_eq!(parameters(refused.header("location"))["error"], "invalid_request", "{name}");
    }
}

#[tokio::test]
async fn what_comes_from_a_request_is_neither_markup_nor_a_header() {
    spec!("RFC6749-10.14/values-sanitised");
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    let markup = "\"'><script>alert(1)</script>";
    let names =
        ["state", "nonce", "login_hint", "ui_locales", "client_id", "redirect_uri", "scope", "prompt", "response_mode"];
    for name in names {
        let first = browser.get(&flow.request(&[(name, markup)])).await;
        let page = browser.follow(first).await;
        assert!(!page.text.contains("<script>alert"), "{name}: {}", page.text);
    }
    let split = browser.get(&flow.request(&[("state", "a\r\nSet-Cookie: x=y")])).await;
    assert_eq!((split.status, split.header("set-cookie")), (303, ""));
    assert!(!parameters(split.header("location")).contains_key("state"));
}

#[tokio::test]
async fn a_redirect_uri_is_absolute_without_fragment_and_registered_before() {
    spec!(
        "RFC6749-3.1.2/redirect-absolute",
        "RFC6749-3.1.2/redirect-no-fragment",
        "RFC6749-3.1.2.2/public-registers-redirect",
    );
    let flow = Flow::start().await;
    for uris in [json!(["/cb"]), json!(["client.example/cb"]), json!(["https://client.example/cb#x"]), json!([])] {
        let wanted = metadata(json!({"redirect_uris": uris, "token_endpoint_auth_method": "none"}));
        let refused = flow.app.http.post_json("/oidc/register", &wanted).await;
        assert_eq!(refused.refusal(), (400, "invalid_redirect_uri".to_owned()), "{uris}");
    }
}

#[tokio::test]
async fn passwords_are_not_to_be_guessed() {
    spec!("RFC6749-10.10/passwords-guarded");
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    let login = browser.get("/login").await;
    let form = crate::harness::browser::forms(&login.text).remove(0).set("email", super::EMAIL);
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(browser.submit(&form.clone().set("password", "wrong")).await.status);
    }
    assert_eq!((statuses[0], statuses[19]), (400, 429), "{statuses:?}");
    let right = browser.submit(&form.set("password", crate::harness::PASSWORD)).await;
    assert_eq!(right.status, 429, "also the right one waits");
}

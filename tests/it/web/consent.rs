//! Nobody gets anything without the person, and nobody decides in the person's place.

use serde_json::json;

use super::{EMAIL, Flow, metadata, parameters};
use crate::harness::browser::{Form, forms};
use crate::harness::http::Auth;
use crate::harness::{Answer, Browser};

/// The consent page of a request, for somebody who signs in for it or is signed in.
async fn consent(flow: &Flow, browser: &mut Browser, more: &[(&str, &str)]) -> (Answer, Form) {
    let first = browser.get(&flow.request(more)).await;
    let mut page = browser.follow(first).await;
    let mut form = forms(&page.text).remove(0);
    if form.fields.iter().any(|(name, _)| name == "password") {
        let next = browser.submit(&form.set("email", EMAIL).set("password", crate::harness::PASSWORD)).await;
        page = browser.follow(next).await;
        form = forms(&page.text).remove(0);
    }
    assert!(page.text.contains("value=\"accept\""), "{}", page.text);
    (page, form)
}

async fn decide(browser: &mut Browser, form: Form, decision: &str) -> Answer {
    let decided = browser.submit(&form.set("decision", decision)).await;
    browser.follow(decided).await
}

#[tokio::test]
async fn who_declines_is_taken_back_and_asked_again_the_next_time() {
    spec!("RFC6749-4.1.2.1/access-denied");
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    let (_, form) = consent(&flow, &mut browser, &[]).await;
    let declined = decide(&mut browser, form, "decline").await;
    let answer = parameters(declined.header("location"));
    assert_eq!((answer["error"].as_str(), answer["state"].as_str()), ("access_denied", "st"));
    let (_, form) = consent(&flow, &mut browser, &[]).await;
    let accepted = decide(&mut browser, form, "accept").await;
    assert!(parameters(accepted.header("location")).contains_key("code"));
}

#[tokio::test]
async fn login_and_consent_cannot_be_forged_or_framed() {
    spec!("RFC6749-10.12/csrf", "OIDC-Core-3.1.2.3/csrf-and-framing");
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    let login = browser.get("/login").await;
    let (page, form) = consent(&flow, &mut browser, &[]).await;
    for seen in [&login, &page] {
        assert!(seen.header("content-security-policy").contains("frame-ancestors 'none'"), "{:?}", seen.headers);
        assert_eq!(seen.header("x-frame-options"), "DENY");
    }
    let login = forms(&login.text).remove(0).set("email", EMAIL).set("password", crate::harness::PASSWORD);
    let mut other = flow.browser();
    for forged in [login.clone(), login.set("csrf", ""), form.clone().set("decision", "accept")] {
        let refused = other.submit(&forged).await;
        assert_eq!((refused.status, refused.header("location")), (400, ""), "{forged:?}");
        assert!(other.cookies.keys().all(|name| !name.contains("session")), "{:?}", other.cookies);
    }
    let refused = decide(&mut browser, form.clone().set("csrf", ""), "accept").await;
    assert_eq!((refused.status, refused.header("location")), (400, ""));
    let accepted = decide(&mut browser, form, "accept").await;
    assert!(parameters(accepted.header("location")).contains_key("code"));
}

#[tokio::test]
async fn offline_access_is_agreed_to_or_not_given() {
    spec!("OIDC-Core-11/offline-access-consent", "OIDC-Core-11/offline-access-prompt");
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    flow.agreed(&mut browser, &[]).await;
    let offline = [("scope", "openid offline_access")];
    let silent = browser.get(&flow.request(&[offline[0], ("prompt", "none")])).await;
    assert_eq!(parameters(silent.header("location"))["error"], "consent_required");
    let (page, form) = consent(&flow, &mut browser, &offline).await;
    assert!(page.text.contains("while you are away"), "{}", page.text);
    let accepted = decide(&mut browser, form, "accept").await;
    let tokens = flow.exchange(&parameters(accepted.header("location")), &[]).await.expect(200);
    assert_eq!(tokens["scope"], "openid offline_access");
    assert!(tokens["refresh_token"].is_string(), "{tokens}");
}

#[tokio::test]
async fn offline_access_means_nothing_where_no_person_agrees() {
    spec!("OIDC-Core-11/offline-access-code-only");
    let flow = Flow::start().await;
    let machine = metadata(json!({
        "redirect_uris": [], "response_types": [], "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_basic",
    }));
    let machine = flow.app.register(machine).await;
    let auth = Auth::Basic(machine["client_id"].as_str().unwrap(), machine["client_secret"].as_str().unwrap());
    let fields = [("grant_type", "client_credentials"), ("scope", "offline_access")];
    let answer = flow.app.http.form("/token", auth, &fields).await;
    let body = answer.json();
    assert!(body.get("refresh_token").is_none() && body["scope"] != "offline_access", "{body}");
}

#[tokio::test]
async fn scopes_are_shown_by_their_descriptions_or_by_their_names() {
    spec!("portal/A27");
    let flow = Flow::start().await;
    flow.app.service("https://api.example", &["read"]).await;
    let wanted = [("scope", "openid read")];
    let shown = async |wording: bool| {
        let settings = json!({"scope_descriptions": wording});
        flow.app.settings(json!({"registration": {"open": true}, "consent": settings})).await;
        let (page, _) = consent(&flow, &mut flow.browser(), &wanted).await;
        let text = page.text.clone();
        (text.contains("May read"), text.contains("read"))
    };
    assert_eq!(shown(true).await, (true, true));
    assert_eq!(shown(false).await, (false, true));
}

#[tokio::test]
async fn who_gives_a_refresh_token_back_has_to_ask_again_where_the_tenant_says_so() {
    spec!("portal/A27");
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    let wanted = [("scope", "openid offline_access")];
    let mut answer = flow.agreed(&mut browser, &wanted).await;
    for ends in [false, true] {
        let settings = json!({"ends_with_token": ends});
        flow.app.settings(json!({"registration": {"open": true}, "consent": settings})).await;
        let tokens = flow.exchange(&answer, &[]).await.expect(200);
        let token = tokens["refresh_token"].as_str().unwrap();
        let fields = [("token", token), ("client_id", flow.client["client_id"].as_str().unwrap())];
        assert_eq!(flow.app.http.form("/revoke", Auth::None, &fields).await.status, 200);
        let silent = browser.get(&flow.request(&[wanted[0], ("prompt", "none")])).await;
        answer = parameters(silent.header("location"));
        let error = answer.get("error").map(String::as_str);
        assert_eq!(error, ends.then_some("consent_required"), "{answer:?}");
    }
    let (_, form) = consent(&flow, &mut browser, &wanted).await;
    let accepted = decide(&mut browser, form, "accept").await;
    assert!(parameters(accepted.header("location")).contains_key("code"));
}

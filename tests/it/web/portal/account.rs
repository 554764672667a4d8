//! Who gets in, and how: sign-up, invitations, forgotten passwords, and the way back after a login.

use entity::user::{Approval, Role};
use registrar::portal::developer::{self, Invitation};
use serde_json::json;

use super::{admin, mailed_link, member, page_form, path, signed_in};
use crate::harness::{Browser, PASSWORD, TestApp};

#[tokio::test]
async fn whoever_is_not_signed_in_signs_in_and_comes_back() {
    spec!("portal/K5");
    let site = TestApp::start().await;
    member(&site, "ada@example.org", Role::Developer, Approval::Approved).await;
    for page in ["/portal", "/portal/applications", "/portal/tokens", "/portal?search=a%26b&page=0"] {
        let mut browser = Browser::new(&site.http);
        let login = path(&site, &browser.get(page).await);
        let form = page_form(&browser.get(&login).await, "/login");
        // A wrong password does not lose the way.
        let answer = browser.submit(&form.set("email", "ada@example.org").set("password", "wrong")).await;
        let form = page_form(&answer, "/login");
        let answer = browser.submit(&form.set("email", "ada@example.org").set("password", PASSWORD)).await;
        assert_eq!(path(&site, &answer), page);
        assert_eq!(browser.get(page).await.status, 200);
    }
}

#[tokio::test]
async fn only_the_login_for_a_page_of_ours_takes_a_fragment_along() {
    let site = TestApp::open().await;
    let mut browser = Browser::new(&site.http);
    let ours = browser.get("/login?return=%2Fportal").await;
    assert!(ours.text.contains("<form method=\"post\" action=\"\">"), "{}", ours.text);
    let client = site.native_client().await;
    let mut browser = Browser::new(&site.http);
    let query = format!(
        "/authorize?response_type=code&client_id={}&redirect_uri=http%3A%2F%2F127.0.0.1%3A7777%2Fcallback&scope=openid\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        client["client_id"].as_str().unwrap()
    );
    let first = browser.get(&query).await;
    let login = browser.follow(first).await;
    assert!(login.text.contains("<form method=\"post\" action=\"/login\">"), "{}", login.text);
}

#[tokio::test]
async fn no_login_leads_away_from_here() {
    spec!("security/s.L23");
    let site = TestApp::start().await;
    member(&site, "ada@example.org", Role::Developer, Approval::Approved).await;
    for evil in
        ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "/..//evil.example"]
    {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return", evil).finish();
        let mut browser = Browser::new(&site.http);
        let form = page_form(&browser.get(&format!("/login?{query}")).await, "/login");
        let form = form.set("email", "ada@example.org").set("password", PASSWORD);
        assert_eq!(path(&site, &browser.submit(&form).await), "/");
        // Nor one that was put into the form afterwards.
        let mut browser = Browser::new(&site.http);
        let form = page_form(&browser.get("/login?return=%2Fportal").await, "/login").set("return", evil);
        let answer = browser.submit(&form.set("email", "ada@example.org").set("password", PASSWORD)).await;
        assert_eq!(answer.status, 400);
    }
}

#[tokio::test]
async fn the_portal_says_why_it_is_closed_to_somebody() {
    let site = TestApp::start().await;
    site.settings(json!({"about": {"support_email": "help@example.org", "support_url": "https://help.example/"}}))
        .await;
    for (email, role, approval, words) in [
        ("p@example.org", Role::Developer, Approval::Pending, "Awaiting approval"),
        ("r@example.org", Role::Developer, Approval::Rejected, "Your request was declined"),
        ("v@example.org", Role::Publisher, Approval::Revoked, "Your access was withdrawn"),
        ("u@example.org", Role::User, Approval::Approved, "This is the developer portal"),
    ] {
        member(&site, email, role, approval).await;
        let mut browser = signed_in(&site, email).await;
        for page in
            ["/portal", "/portal/applications", "/portal/applications/new", "/portal/tokens", "/portal/services/x"]
        {
            let answer = browser.get(page).await;
            assert_eq!(answer.status, 403, "{page}");
            assert!(answer.text.contains(words) && answer.text.contains("help@example.org"), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn signing_up_keeps_what_was_typed_and_says_what_is_wrong() {
    spec!("security/s.L12");
    let site = TestApp::start().await;
    member(&site, "known@example.org", Role::Developer, Approval::Approved).await;
    let mut browser = Browser::new(&site.http);
    let blank = page_form(&browser.get("/portal/sign-up").await, "/portal/sign-up");
    let form = blank.clone().set("name", "Ada \"L\"").set("email", "not an address").set("password", "short");
    let answer = browser.submit(&form).await;
    assert_eq!(answer.status, 400);
    for shown in
        ["value=\"Ada &#34;L&#34;\"", "value=\"not an address\"", "id=\"email-wrong\"", "id=\"password-wrong\""]
    {
        assert!(answer.text.contains(shown), "{shown}: {}", answer.text);
    }
    assert!(!answer.text.contains("value=\"short\""));
    // The answer to a known and an unknown address is the same.
    for email in ["known@example.org", "new@example.org"] {
        let form = blank.clone().set("name", "").set("email", email).set("password", PASSWORD);
        assert_eq!(path(&site, &browser.submit(&form).await), "/portal/signed-up");
    }
    let foreign =
        blank.clone().set("csrf", "AAAA").set("name", "").set("email", "x@example.org").set("password", PASSWORD);
    assert_eq!(browser.submit(&foreign).await.status, 403);
    // Another browser's form.
    let mut other = Browser::new(&site.http);
    other.get("/portal/sign-up").await;
    assert_eq!(other.submit(&blank.set("email", "y@example.org").set("password", PASSWORD)).await.status, 403);

    site.settings(json!({"portal": {"sign_up": false}})).await;
    assert_eq!(browser.get("/portal/sign-up").await.status, 403);
    assert!(!browser.get("/login").await.text.contains("/portal/sign-up"));
}

#[tokio::test]
async fn an_invitation_sets_a_password_once() {
    spec!("security/s.B9");
    let site = TestApp::start().await;
    let invitation = Invitation { email: "eve@example.org".to_owned(), name: None, role: Role::Developer };
    developer::invite(&site.app, &site.tenant(), &admin(), invitation).await.unwrap();
    let link = mailed_link(&site, "invitation").await;
    assert!(link.starts_with("/portal/invitation?link="));
    let mut browser = Browser::new(&site.http);
    let form = page_form(&browser.get(&link).await, "/portal/invitation").set("name", "Eve");
    let answer = browser.submit(&form.clone().set("password", PASSWORD).set("password_repeat", "another")).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("The two passwords differ.") && answer.text.contains("value=\"Eve\""));
    let answer = browser.submit(&form.clone().set("password", "short").set("password_repeat", "short")).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("id=\"password-wrong\""), "{}", answer.text);
    let form = form.set("password", PASSWORD).set("password_repeat", PASSWORD);
    assert_eq!(path(&site, &browser.submit(&form).await), "/");
    assert_eq!(browser.get("/portal").await.status, 200);
    assert!(browser.get("/").await.text.contains("href=\"/portal/applications\""));
    let mut late = Browser::new(&site.http);
    let answer = late.get(&link).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("This link no longer works"), "{}", answer.text);
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_and_nobody_learns_who_has_an_account() {
    spec!("security/s.L12", "security/s.L15");
    let site = TestApp::start().await;
    member(&site, "ada@example.org", Role::Developer, Approval::Approved).await;
    let mut before = signed_in(&site, "ada@example.org").await;
    let mut browser = Browser::new(&site.http);
    for email in ["nobody@example.org", "ada@example.org"] {
        let form = page_form(&browser.get("/portal/forgot-password").await, "/portal/forgot-password");
        let answer = browser.submit(&form.set("email", email)).await;
        assert_eq!(path(&site, &answer), "/portal/forgot-password/sent");
    }
    let link = mailed_link(&site, "password_reset").await;
    let form = page_form(&browser.get(&link).await, "/portal/new-password");
    let form = form.set("password", "another horse battery").set("password_repeat", "another horse battery");
    assert_eq!(browser.submit(&form.clone().set("csrf", "AAAA")).await.status, 403);
    assert_eq!(path(&site, &browser.submit(&form).await), "/");
    assert_eq!(browser.get("/portal").await.status, 200);
    assert_eq!(path(&site, &before.get("/portal").await), "/login?return=%2Fportal");
    let answer = browser.submit(&form).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("href=\"/portal/forgot-password\""), "{}", answer.text);
    // A link is for one thing.
    let other = link.replace("/portal/new-password", "/portal/invitation");
    assert_eq!(browser.get(&other).await.status, 400);
}

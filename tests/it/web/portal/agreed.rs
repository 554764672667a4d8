//! What somebody agreed to, on a page of their own, and how they take it back (U10).

use entity::user::{Approval, Role};

use super::{member, page_form, path, signed_in};
use crate::harness::party::text;
use crate::harness::{Browser, TestApp};

#[tokio::test]
async fn whoever_agreed_to_something_sees_it_and_takes_it_back_with_its_tokens() {
    spec!("portal/U10");
    let site = TestApp::open().await;
    let ada = member(&site, "ada@example.org", Role::User, Approval::Approved).await;
    let bob = member(&site, "bob@example.org", Role::User, Approval::Approved).await;
    let (shop, desktop) = (site.web_client().await, site.native_client().await);
    let orders = site.service("https://api.example/orders", &["read"]).await;
    site.agreed(&shop, &ada, None, "openid email").await;
    site.agreed(&shop, &ada, Some(&orders), "read").await;
    site.agreed(&desktop, &ada, None, "openid").await;
    site.agreed(&desktop, &bob, None, "openid").await;
    let grant = site.grant(&shop, &ada, "openid offline_access").await;
    let tokens = site.exchange(&grant).await.expect(200);
    let of_bob = site.exchange(&site.grant(&shop, &bob, "openid").await).await.expect(200);

    let mut browser = signed_in(&site, "ada@example.org").await;
    let page = browser.get("/account/applications").await;
    assert_eq!(page.status, 200);
    for shown in ["client.example", "on this computer", "May read", "see your email address", "Your account", "Since "]
    {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    let withdraw = format!("/account/applications/{}/withdraw", text(&shop, "client_id"));
    let form = page_form(&page, &withdraw);
    // Of another browser, and without its token, it does nothing.
    let mut other = signed_in(&site, "bob@example.org").await;
    assert_eq!(other.submit(&form).await.status, 403);
    assert_eq!(browser.submit(&form.clone().set("csrf", "AAAA")).await.status, 403);
    assert_eq!(site.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await.status, 200);

    assert_eq!(path(&site, &browser.submit(&form).await), "/account/applications?done=withdrawn");
    let page = browser.get("/account/applications?done=withdrawn").await;
    assert!(page.text.contains("no access any more") && page.text.contains("on this computer"), "{}", page.text);
    assert!(!page.text.contains("client.example") && !page.text.contains("May read"), "{}", page.text);
    assert_eq!(site.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await.status, 401);
    let refused = site.refresh(&grant, text(&tokens, "refresh_token")).await;
    assert_eq!(refused.refusal(), (400, "invalid_grant".to_owned()));
    assert_eq!(site.http.bearer("GET", "/userinfo", text(&of_bob, "access_token")).await.status, 200);
    // Nothing is left to take back.
    assert_eq!(browser.submit(&form).await.status, 404);
}

#[tokio::test]
async fn one_sees_only_what_one_agreed_to_oneself_whatever_ones_standing() {
    // s.B1
    let site = TestApp::open().await;
    let client = site.web_client().await;
    let ada = member(&site, "ada@example.org", Role::User, Approval::Approved).await;
    site.agreed(&client, &ada, None, "openid").await;
    member(&site, "eve@example.org", Role::Developer, Approval::Revoked).await;
    let mut stranger = Browser::new(&site.http);
    assert_eq!(path(&site, &stranger.get("/account/applications").await), "/login?return=%2Faccount%2Fapplications");
    let mut browser = signed_in(&site, "eve@example.org").await;
    let page = browser.get("/account/applications").await;
    assert!(page.status == 200 && page.text.contains("There are none."), "{}", page.text);
    // The portal is closed to her: nothing leads there.
    assert!(!page.text.contains("/portal/applications") && page.text.contains("href=\"/account\""));
    let form = page_form(&browser.get("/account").await, "/account/password");
    let mut form = form;
    form.action = format!("/account/applications/{}/withdraw", text(&client, "client_id"));
    assert_eq!(browser.submit(&form).await.status, 404);
}

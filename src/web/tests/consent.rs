//! Consent, and what binds its page to one person, one browser and one request.

use entity::client::Model as Client;
use serde_json::json;

use super::site::{Browser, Site, authorize};

async fn agreed(site: &Site, browser: &mut Browser, client_id: &str) {
    let consent = browser.open(&authorize(client_id, &[])).await;
    let answered = browser.submit(&consent, &[("decision", "accept")]).await;
    assert!(answered.answer().contains_key("code"), "{:?}", site.clock);
}

#[tokio::test]
async fn who_declines_is_taken_back_with_access_denied() {
    spec!("RFC6749-4.1.2.1/access-denied");
    // s.A27
    let site = Site::with_ada().await;
    site.client("acme", json!({})).await;
    let mut browser = Browser::signed_in(&site).await;
    let consent = browser.open(&authorize("acme", &[])).await;
    let refused = browser.submit(&consent, &[("decision", "decline")]).await;
    assert_eq!((refused.error().as_str(), refused.answer()["state"].as_str()), ("access_denied", "st"));
    // Nothing is remembered: the next request asks again, and silently it fails.
    assert_eq!(browser.get(&authorize("acme", &[("prompt", "none")])).await.error(), "consent_required");
    assert!(browser.open(&authorize("acme", &[])).await.body.contains("asks for access"));
}

#[tokio::test]
async fn consent_is_for_one_client_as_it_is_now() {
    spec!("RFC6749-10.12/explicit-consent");
    // s.A20 to s.A23, A24
    let site = Site::with_ada().await;
    let acme = site.client("acme", json!({})).await;
    site.client("twin", json!({})).await;
    let mut browser = Browser::signed_in(&site).await;
    agreed(&site, &mut browser, "acme").await;
    let silent = |client: &str| authorize(client, &[("prompt", "none")]);
    assert!(browser.get(&silent("acme")).await.answer().contains_key("code"));
    assert_eq!(browser.get(&silent("twin")).await.error(), "consent_required");
    for (member, value) in [
        ("client_name", json!("Bank")),
        ("redirect_uris", json!(["https://client.example/cb", "https://other.example/cb"])),
        ("scope", json!("openid email")),
    ] {
        let mut metadata = acme.metadata.clone();
        metadata[member] = value;
        site.change(Client { metadata, ..acme.clone() }).await;
        assert_eq!(browser.get(&silent("acme")).await.error(), "consent_required", "{member}");
    }
    site.change(Client { first_party: true, ..acme }).await;
    assert!(browser.get(&silent("acme")).await.answer().contains_key("code"));
    let again = browser.open(&authorize("acme", &[("prompt", "consent")])).await;
    assert!(again.body.contains("asks for access"));
    assert!(browser.submit(&again, &[("decision", "accept")]).await.answer().contains_key("code"));
}

#[tokio::test]
async fn more_scopes_ask_for_the_difference() {
    // s.A24, A33
    let site = Site::with_ada().await;
    site.client("acme", json!({})).await;
    site.service("https://api.example", &["read", "write"]).await;
    let mut browser = Browser::signed_in(&site).await;
    agreed(&site, &mut browser, "acme").await;
    let wider = [("scope", "openid email read"), ("resource", "https://api.example")];
    let silent = [&wider[..], &[("prompt", "none")]].concat();
    assert_eq!(browser.get(&authorize("acme", &silent)).await.error(), "consent_required");
    let page = browser.open(&authorize("acme", &wider)).await;
    let asked = page.body.matches("<li>").count();
    assert!(page.body.contains("May read") && page.body.contains("https://api.example"), "{}", page.body);
    assert_eq!(asked, 3, "email, read and the resource: {}", page.body);
    assert!(browser.submit(&page, &[("decision", "accept")]).await.answer().contains_key("code"));
    assert!(browser.get(&authorize("acme", &silent)).await.answer().contains_key("code"));
    // Less than was agreed to is not asked about, and what is narrower later does not take it away.
    let all = [("scope", "openid email read write"), ("resource", "https://api.example")];
    let page = browser.open(&authorize("acme", &all)).await;
    assert!(page.body.contains("May write") && !page.body.contains("May read"), "{}", page.body);
}

#[tokio::test]
async fn a_copied_address_is_nothing_in_another_browser() {
    // s.A25
    let site = Site::with_ada().await;
    site.client("acme", json!({})).await;
    let mut browser = Browser::signed_in(&site).await;
    let consent = browser.open(&authorize("acme", &[])).await;
    let accepted = browser.submit_only(&consent, &[("decision", "accept")]).await;
    let copied = accepted.location().unwrap();
    let mut thief = site.browser();
    let mut other = Browser::signed_in(&site).await;
    for browser in [&mut thief, &mut other] {
        let page = browser.get(&copied).await;
        assert_eq!((page.status, page.location()), (400, None));
    }
    assert!(browser.get(&copied).await.answer().contains_key("code"));
    site.clock.advance(3600);
    assert_eq!(browser.get(&copied).await.status, 400, "an hour is enough");
}

#[tokio::test]
async fn the_form_of_another_page_is_refused() {
    spec!("RFC6749-10.12/csrf", "OIDC-Core-3.1.2.3/csrf-and-framing");
    // s.A26, s.A28
    let site = Site::with_ada().await;
    site.client("acme", json!({})).await;
    site.client("other", json!({})).await;
    let mut browser = Browser::signed_in(&site).await;
    let consent = browser.open(&authorize("acme", &[])).await;
    let other = browser.open(&authorize("other", &[])).await;
    let hidden =
        |page: &super::site::Seen, name: &str| page.between(&format!("name=\"{name}\" value=\""), "\"").unwrap();
    let theirs = (hidden(&other, "request"), hidden(&other, "csrf"));
    let accept = ("decision", "accept");
    for wrong in [
        vec![accept, ("request", theirs.0.as_str())],
        vec![accept, ("csrf", theirs.1.as_str())],
        vec![accept, ("csrf", "")],
        vec![("decision", "maybe")],
        vec![accept, ("request", "x")],
    ] {
        let page = browser.submit_only(&consent, &wrong).await;
        assert_eq!((page.status, page.location()), (400, None), "{wrong:?}");
    }
    let mut elsewhere = Browser::signed_in(&site).await;
    assert_eq!(elsewhere.submit_only(&consent, &[accept]).await.status, 400);
    browser.headers = vec![("origin", "https://evil.example".to_owned())];
    assert_eq!(browser.submit_only(&consent, &[accept]).await.status, 400);
    browser.headers = vec![("origin", "null".to_owned())];
    assert!(browser.submit(&consent, &[accept]).await.answer().contains_key("code"));
}

#[tokio::test]
async fn what_changes_while_the_page_is_open_is_not_agreed_to() {
    // s.A23
    let site = Site::with_ada().await;
    let acme = site.client("acme", json!({})).await;
    let mut browser = Browser::signed_in(&site).await;
    let consent = browser.open(&authorize("acme", &[])).await;
    let mut metadata = acme.metadata.clone();
    metadata["client_name"] = json!("Bank");
    site.change(Client { metadata, ..acme.clone() }).await;
    assert_eq!(browser.submit(&consent, &[("decision", "accept")]).await.status, 400);
    let mut metadata = acme.metadata.clone();
    metadata["redirect_uris"] = json!(["https://other.example/cb"]);
    site.change(Client { metadata, ..acme }).await;
    let gone = browser.submit(&consent, &[("decision", "accept")]).await;
    assert_eq!((gone.status, gone.location()), (400, None));
}

#[tokio::test]
async fn another_account_can_be_chosen() {
    let site = Site::with_ada().await;
    site.person("bob@example.org").await;
    site.client("acme", json!({})).await;
    let mut browser = Browser::signed_in(&site).await;
    let choose = browser.open(&authorize("acme", &[("prompt", "select_account")])).await;
    assert!(choose.body.contains("ada@example.org"), "{}", choose.body);
    let consent = browser.submit(&choose, &[("decision", "continue")]).await;
    assert!(consent.body.contains("asks for access"));
    let login = browser.submit(&consent, &[("decision", "other_account")]).await;
    assert_eq!(login.heading(), "Sign in");
    let consent = browser.sign_in(&login, "bob@example.org").await;
    assert!(consent.body.contains("bob@example.org"), "{}", consent.body);
    let login = browser.submit(&choose, &[("decision", "other_account")]).await;
    assert_eq!(login.status, 400, "the page was Ada's");
}

#[tokio::test]
async fn first_consents_at_the_same_moment_leave_one_row() {
    use sea_orm::{EntityTrait, PaginatorTrait};
    let site = Site::with_ada().await;
    site.client("acme", json!({})).await;
    let mut browser = Browser::signed_in(&site).await;
    let consent = std::sync::Arc::new(browser.open(&authorize("acme", &[])).await);
    let all = (0..5).map(|_| {
        let (mut browser, consent) = (browser.clone(), consent.clone());
        tokio::spawn(async move { browser.submit(&consent, &[("decision", "accept")]).await.answer().len() })
    });
    for answered in futures_util::future::join_all(all.collect::<Vec<_>>()).await {
        assert_eq!(answered.unwrap(), 3, "code, state and iss");
    }
    assert_eq!(entity::consent::Entity::find().count(site.app.db.pool()).await.unwrap(), 1);
}

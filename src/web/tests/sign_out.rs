//! `GET` and `POST /logout`, and hints.

use serde_json::json;

use super::site::{Browser, ISSUER, Seen, Site, authorize};
use crate::oidc::keys::{Algorithm, Kind, jwt};
use crate::oidc::session::{Session, session};
use crate::secret::Secret;

const GOODBYE: &str = "https://client.example/bye";

async fn session(site: &Site, browser: &Browser) -> Session {
    let cookie = Secret::new(browser.cookies["__Host-registrar-session"].clone());
    session::find(&site.app, &site.tenant, &cookie).await.unwrap().unwrap()
}

fn hint(site: &Site, client_id: &str, session: &Session) -> String {
    let claims = json!({
        "iss": ISSUER, "sub": session.row.user_id.to_string(), "aud": client_id,
        // A hint may have expired.
        "iat": 1, "exp": 2, "sid": session.row.id,
    });
    jwt::sign(site.tenant.keys.signing(Algorithm::ES256).unwrap(), Kind::IdToken, &claims).unwrap()
}

async fn site() -> Site {
    let site = Site::with_ada().await;
    let acme = site.client("acme", json!({"post_logout_redirect_uris": [GOODBYE]})).await;
    site.change(entity::client::Model { first_party: true, ..acme }).await;
    site.client("other", json!({})).await;
    site
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.get(&authorize("acme", &[("prompt", "none")])).await.answer().contains_key("code")
}

fn location(seen: &Seen) -> &str {
    seen.headers["location"].to_str().unwrap()
}

#[tokio::test]
async fn a_link_only_asks_and_the_form_signs_out() {
    // s.O3, s.O4, s.O6, s.O7
    let site = site().await;
    let mut browser = Browser::signed_in(&site).await;
    let page = browser.get(&format!("/logout?client_id=acme&post_logout_redirect_uri={GOODBYE}&state=a%22b")).await;
    assert!(page.status == 200 && is_signed_in(&mut browser).await);
    let mut other = site.browser();
    other.submit_only(&page, &[("decision", "sign_out")]).await;
    assert!(is_signed_in(&mut browser).await, "another browser");
    assert_eq!(browser.submit_only(&page, &[("csrf", "x")]).await.status, 400);
    assert_eq!(location(&browser.submit_only(&page, &[("decision", "stay")]).await), format!("{ISSUER}/"));
    assert!(is_signed_in(&mut browser).await);
    let cookies = browser.cookies.clone();
    let left = browser.submit_only(&page, &[("decision", "sign_out")]).await;
    assert_eq!((left.status, location(&left)), (303, "https://client.example/bye?state=a%22b"));
    browser.cookies = cookies;
    assert_eq!(browser.get(&authorize("acme", &[("prompt", "none")])).await.error(), "login_required");
}

#[tokio::test]
async fn a_hint_of_this_session_needs_no_question() {
    let site = site().await;
    let mut browser = Browser::signed_in(&site).await;
    let own = hint(&site, "acme", &session(&site, &browser).await);
    let mut other = Browser::signed_in(&site).await;
    assert_eq!(other.get(&format!("/logout?id_token_hint={own}")).await.status, 200, "of another session: asked");
    let left = browser.get(&format!("/logout?id_token_hint={own}&post_logout_redirect_uri={GOODBYE}")).await;
    assert_eq!((left.status, location(&left)), (303, GOODBYE));
    assert_eq!(browser.get(&authorize("acme", &[("prompt", "none")])).await.error(), "login_required");
    assert!(is_signed_in(&mut other).await);
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered_by_the_asking_client() {
    // s.O1, s.O2, s.O5
    let site = site().await;
    let mut browser = Browser::signed_in(&site).await;
    let signed_in = session(&site, &browser).await;
    let (own, others) = (hint(&site, "acme", &signed_in), hint(&site, "other", &signed_in));
    let forged = format!("{}A", own);
    let none = format!("eyJhbGciOiJub25lIn0.{}.", own.split('.').nth(1).unwrap());
    for query in [
        format!("post_logout_redirect_uri={GOODBYE}"),
        format!("client_id=nosuch&post_logout_redirect_uri={GOODBYE}"),
        format!("client_id=other&post_logout_redirect_uri={GOODBYE}"),
        format!("id_token_hint={others}&post_logout_redirect_uri={GOODBYE}"),
        format!("id_token_hint={others}&client_id=acme&post_logout_redirect_uri={GOODBYE}"),
        format!("id_token_hint={own}&post_logout_redirect_uri={GOODBYE}/x"),
        format!("id_token_hint={own}&post_logout_redirect_uri=https://evil.example"),
        format!("id_token_hint={own}&post_logout_redirect_uri=javascript:alert(1)"),
        format!("id_token_hint={own}&post_logout_redirect_uri={GOODBYE}&post_logout_redirect_uri={GOODBYE}"),
        format!("id_token_hint={forged}"),
        format!("id_token_hint={none}"),
    ] {
        let page = browser.get(&format!("/logout?{query}")).await;
        assert_eq!((page.status, page.location()), (400, None), "{query}");
        assert!(is_signed_in(&mut browser).await);
    }
}

#[tokio::test]
async fn a_client_may_ask_by_form_and_a_stranger_is_only_told() {
    let site = site().await;
    let mut browser = Browser::signed_in(&site).await;
    let cookies = std::mem::take(&mut browser.cookies);
    let posted = browser.post("/logout", &[("client_id", "acme"), ("post_logout_redirect_uri", GOODBYE)]).await;
    browser.cookies = cookies;
    let page = browser.follow(posted).await;
    assert_eq!(page.status, 200);
    assert_eq!(location(&browser.submit_only(&page, &[("decision", "sign_out")]).await), GOODBYE);
    let told = browser.open("/logout").await;
    assert_eq!((told.status, told.location()), (200, None));
    let mut browser = Browser::signed_in(&site).await;
    let home = browser.get("/").await;
    assert_eq!(location(&browser.submit_only(&home, &[]).await), format!("{ISSUER}/signed-out"));
}

#[tokio::test]
async fn a_hint_at_the_authorization_endpoint_names_the_person() {
    spec!("OIDC-Core-3.1.2.1/id-token-hint");
    // s.A46
    let site = site().await;
    site.person("bob@example.org").await;
    let mut browser = Browser::signed_in(&site).await;
    let own = hint(&site, "acme", &session(&site, &browser).await);
    let others = hint(&site, "other", &session(&site, &browser).await);
    let silent = |hint: &str| authorize("acme", &[("prompt", "none"), ("id_token_hint", hint)]);
    assert!(browser.get(&silent(&own)).await.answer().contains_key("code"));
    assert_eq!(browser.get(&silent(&others)).await.error(), "invalid_request");
    assert_eq!(browser.get(&silent(&format!("{own}A"))).await.error(), "invalid_request");
    let page = browser.get("/login").await;
    browser.sign_in(&page, "bob@example.org").await;
    assert_eq!(browser.get(&silent(&own)).await.error(), "login_required");
    let login = browser.open(&authorize("acme", &[("id_token_hint", &own)])).await;
    let refused = browser.sign_in(&login, "bob@example.org").await;
    assert_eq!(refused.error(), "login_required");
    let login = browser.open(&authorize("acme", &[("id_token_hint", &own)])).await;
    assert!(browser.sign_in(&login, "ada@example.org").await.answer().contains_key("code"));
}

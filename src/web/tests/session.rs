//! Sessions, signing in, and the first password.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::site::{Browser, ISSUER, Site, authorize};

const SESSION: &str = "__Host-registrar-session";
const BROWSER: &str = "__Host-registrar-browser";

async fn first_party(site: &Site) {
    let acme = site.client("acme", json!({})).await;
    site.change(entity::client::Model { first_party: true, ..acme }).await;
}

#[tokio::test]
async fn each_login_begins_a_new_session_and_ends_the_old_one() {
    // s.L1, s.L3
    let site = Site::with_ada().await;
    first_party(&site).await;
    let mut browser = site.browser();
    let page = browser.get("/login").await;
    let signed_in =
        browser.submit_only(&page, &[("email", " ADA@example.org"), ("password", super::site::PASSWORD)]).await;
    let cookies: Vec<_> =
        signed_in.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap().to_owned()).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with(SESSION)).unwrap();
    assert!(session.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{session}");
    let old = browser.cookies[SESSION].clone();
    let page = browser.get("/login").await;
    browser.sign_in(&page, "ada@example.org").await;
    let new = browser.cookies[SESSION].clone();
    assert_ne!(old, new);
    let silent = authorize("acme", &[("prompt", "none")]);
    assert!(browser.get(&silent).await.answer().contains_key("code"));
    browser.cookies.insert(SESSION.to_owned(), old);
    assert_eq!(browser.get(&silent).await.error(), "login_required");
}

#[tokio::test]
async fn a_login_form_works_in_its_own_browser_only() {
    // s.L2, s.L23
    let site = Site::with_ada().await;
    let mut browser = site.browser();
    let page = browser.get("/login?next=//evil.example&return_to=https://evil.example").await;
    let mut other = site.browser();
    let credentials = [("email", "ada@example.org"), ("password", super::site::PASSWORD)];
    let refused = other.submit_only(&page, &credentials).await;
    assert_eq!((refused.status, other.cookies.contains_key(SESSION)), (400, false));
    let done = browser.submit_only(&page, &credentials).await;
    assert_eq!(done.location(), Some(format!("{ISSUER}/")));
}

#[tokio::test]
async fn a_cookie_that_is_not_ours_is_no_cookie() {
    // s.L4
    let site = Site::with_ada().await;
    first_party(&site).await;
    for value in ["", "s_", "x", "s_\"", "s_%00", "s_é", "s_;s_", &"s_a".repeat(2000), "s_' OR 1=1", "{}", "=", "s_=="]
    {
        let mut browser = site.browser();
        for name in [SESSION, BROWSER, "__Host-registrar-known", "", "session"] {
            browser.cookies.insert(name.to_owned(), value.to_owned());
        }
        assert_eq!(browser.get("/").await.status, 200, "{value}");
        assert_eq!(browser.get(&authorize("acme", &[("prompt", "none")])).await.error(), "login_required", "{value}");
        assert_eq!(browser.open(&authorize("acme", &[])).await.heading(), "Sign in", "{value}");
    }
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_or_old_or_its_person_is_out() {
    // s.L21
    let site = Site::with_ada().await;
    first_party(&site).await;
    let silent = authorize("acme", &[("prompt", "none")]);
    let idle = site.app.config.sessions.idle_seconds;
    let mut browser = Browser::signed_in(&site).await;
    for _ in 0..3 {
        site.clock.advance(idle - 1);
        if site.clock.now() - 1_800_000_000 < site.app.config.sessions.max_seconds {
            assert!(browser.get(&silent).await.answer().contains_key("code"), "used, it lives on");
        }
    }
    site.clock.advance(idle);
    assert_eq!(browser.get(&silent).await.error(), "login_required");

    let mut browser = Browser::signed_in(&site).await;
    let users = entity::user::Entity::find().all(site.app.db.pool()).await.unwrap();
    let ada = users.into_iter().find(|user| user.email == "ada@example.org").unwrap();
    let id = ada.id;
    let mut disabled = ada.into_active_model();
    disabled.state = Set(entity::user::UserState::Disabled);
    disabled.update(site.app.db.pool()).await.unwrap();
    site.app.users.forget(&id);
    assert_eq!(browser.get(&silent).await.error(), "login_required");
    let page = browser.get("/login").await;
    assert_eq!(browser.sign_in(&page, "ada@example.org").await.status, 400);
}

#[tokio::test]
async fn prompt_login_and_max_age_ask_for_the_password_again() {
    spec!("OIDC-Core-3.1.2.1/max-age", "OIDC-Core-3.1.2.3/authenticates", "OIDC-Core-15.1/max-age-enforced");
    let site = Site::with_ada().await;
    first_party(&site).await;
    let mut browser = Browser::signed_in(&site).await;
    site.clock.advance(100);
    for more in [("prompt", "login"), ("max_age", "99"), ("max_age", "0")] {
        let login = browser.open(&authorize("acme", &[more])).await;
        assert_eq!(login.heading(), "Sign in", "{more:?}");
        let answer = browser.sign_in(&login, "ada@example.org").await.answer();
        assert_eq!(site.opened(&answer["code"]).authentication.auth_time, site.clock.now());
        site.clock.advance(100);
    }
    let answer = browser.get(&authorize("acme", &[("max_age", "100")])).await.answer();
    assert_eq!(site.opened(&answer["code"]).authentication.auth_time, site.clock.now() - 100);
    assert_eq!(
        browser.get(&authorize("acme", &[("max_age", "99"), ("prompt", "none")])).await.error(),
        "login_required"
    );
}

#[tokio::test]
async fn an_unknown_account_and_a_wrong_password_are_answered_alike() {
    // s.L10, s.L13
    let site = Site::with_ada().await;
    let mut pages = Vec::new();
    for email in ["ada@example.org", "bob@example.org", "not an address"] {
        let mut browser = site.browser();
        let page = browser.get("/login").await;
        let refused = browser.submit_only(&page, &[("email", email), ("password", "wrong")]).await;
        assert!(!browser.cookies.contains_key(SESSION));
        let csrf = refused.between("name=\"csrf\" value=\"", "\"").unwrap();
        pages.push((refused.status, refused.body.replace(&csrf, "").replace(email, "")));
    }
    assert_eq!(pages[0].0, 400);
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2]);
    let mut browser = site.browser();
    let page = browser.get("/login").await;
    let long = "x".repeat(5000);
    assert_eq!(browser.submit_only(&page, &[("email", "ada@example.org"), ("password", &long)]).await.status, 400);
}

#[tokio::test]
async fn guessing_is_slowed_and_the_known_browser_is_not() {
    spec!("RFC6749-10.10/passwords-guarded");
    // s.L5, s.L6, s.L8
    let site = Site::with_ada().await;
    let mut known = Browser::signed_in(&site).await;
    let mut guesser = site.browser();
    let page = guesser.get("/login").await;
    let mut throttled = 0;
    for spelling in ["ada@example.org", "ADA@EXAMPLE.ORG"].repeat(10) {
        let seen = guesser.submit_only(&page, &[("email", spelling), ("password", "wrong")]).await;
        if seen.status == 429 {
            assert!(seen.headers.contains_key("retry-after"));
            throttled += 1;
        }
    }
    assert!(throttled >= 10, "{throttled}");
    let page = known.get("/login").await;
    let home = known.sign_in(&page, "ada@example.org").await;
    assert_eq!((home.status, home.body.contains("ada@example.org")), (200, true));
}

#[tokio::test]
async fn a_sign_in_link_sets_the_first_password_once() {
    // s.L15, s.L16, s.L22
    let site = Site::start().await;
    assert!(site.link.starts_with(&format!("{ISSUER}/sign-in-link?link=")));
    let mut browser = site.browser();
    let page = browser.get(&site.link).await;
    assert_eq!(page.status, 200);
    for (password, repeat) in [("short", "short"), ("password", "password"), ("long enough", "different")] {
        let refused = browser.submit_only(&page, &[("password", password), ("password_repeat", repeat)]).await;
        assert_eq!((refused.status, browser.cookies.contains_key(SESSION)), (400, false), "{password}");
    }
    let mut other = site.browser();
    let good = [("password", "long enough"), ("password_repeat", "long enough")];
    assert_eq!(other.submit_only(&page, &good).await.status, 400, "s.A26: another browser");
    let home = browser.submit(&page, &good).await;
    assert_eq!((home.status, browser.cookies.contains_key(SESSION)), (200, true));
    assert_eq!(browser.submit_only(&page, &good).await.status, 400);
    let spent = browser.get(&site.link).await;
    assert_eq!((spent.status, spent.body.contains("name=\"password\"")), (400, false));
    for bad in ["", "?link=", "?link=x", "?link=a&link=b"] {
        assert_eq!(browser.get(&format!("/sign-in-link{bad}")).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn the_stylesheet_is_kept_for_ever_and_nothing_else_is_served() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let page = browser.get("/").await;
    let sheet = page.between("<link rel=\"stylesheet\" href=\"", "\"").unwrap();
    let css = browser.get(&sheet).await;
    assert_eq!(
        (css.status, css.headers["cache-control"].to_str().unwrap()),
        (200, "public, max-age=31536000, immutable")
    );
    for path in ["/assets/x.css", "/assets/..%2fregistrar.db", "/assets/.."] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn parallel_guesses_are_all_counted() {
    // s.L6
    let site = Site::with_ada().await;
    let mut browser = site.browser();
    let page = std::sync::Arc::new(browser.get("/login").await);
    let guesses = (0..40).map(|_| {
        let (mut browser, page) = (browser.clone(), page.clone());
        tokio::spawn(async move {
            browser.submit_only(&page, &[("email", "ada@example.org"), ("password", "wrong")]).await.status
        })
    });
    let statuses = futures_util::future::join_all(guesses.collect::<Vec<_>>()).await;
    let limited = statuses.into_iter().filter(|status| *status.as_ref().unwrap() == 429).count();
    assert!(limited >= 15, "{limited}");
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_of_the_old_one() {
    // s.L22
    let site = Site::with_ada().await;
    let mut elsewhere = Browser::signed_in(&site).await;
    let users = entity::user::Entity::find().all(site.app.db.pool()).await.unwrap();
    let ada = users.into_iter().find(|user| user.email == "ada@example.org").unwrap();
    let link = crate::oidc::session::sign_in_link::make(&site.app, site.tenant.id, ISSUER, &ada);
    let mut browser = site.browser();
    let page = browser.get(link.expose()).await;
    let home = browser.submit(&page, &[("password", "another horse"), ("password_repeat", "another horse")]).await;
    assert!(home.body.contains("ada@example.org"));
    assert!(!elsewhere.get("/").await.body.contains("ada@example.org"));
    let login = elsewhere.get("/login").await;
    assert_eq!(elsewhere.sign_in(&login, "ada@example.org").await.status, 400, "the old password");
}

#[tokio::test]
async fn what_one_tenant_gave_out_is_nothing_to_another() {
    // s.L24
    use crate::oidc::authorization::in_flight::InFlight;
    use crate::oidc::session::form_token::{Form, Shown};
    use crate::secret::Secret;

    let site = Site::with_ada().await;
    first_party(&site).await;
    let other_issuer = "https://id.example/t/other";
    crate::oidc::setup::create_tenant(&site.app, "other", "Other", other_issuer).await.unwrap();
    site.app.tenants.refresh(&site.app).await.unwrap();
    let other = site.app.tenants.by_slug("other").unwrap();
    let mut browser = Browser::signed_in(&site).await;
    let to_login = browser.get(&authorize("acme", &[("prompt", "login")])).await.location().unwrap();
    let sealed = to_login.split_once("?request=").unwrap().1;
    let id = Secret::new(browser.cookies[BROWSER].clone());
    assert!(InFlight::open(&site.app, &site.tenant, sealed, Some(&id)).is_some());
    assert!(InFlight::open(&site.app, &other, sealed, Some(&id)).is_none());
    assert!(InFlight::open(&site.app, &site.tenant, sealed, None).is_none());
    let cookie = Secret::new(browser.cookies[SESSION].clone());
    let session = crate::oidc::session::session::find(&site.app, &other, &cookie).await.unwrap();
    assert!(session.is_none());
    let form = Shown { form: Form::Login, browser: &id, session: None, about: &[sealed] };
    let token = form.token(&site.app, &site.tenant);
    assert!(form.fits(&site.app, &site.tenant, &token) && !form.fits(&site.app, &other, &token));
    let another = Shown { form: Form::Consent, ..form };
    assert!(!another.fits(&site.app, &site.tenant, &token));
    assert_eq!(crate::web::cookie::Cookie::Session.name(&other), "__Host-registrar-session-other");
}

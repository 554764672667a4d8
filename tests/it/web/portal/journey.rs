//! From signing up to a token, and out again: the whole way of a developer.

use registrar::portal::{contract, developer};
use serde_json::json;

use super::{admin, application, between, mailed_link, page_form, path, reloaded};
use crate::harness::http::Auth;
use crate::harness::{Browser, PASSWORD, TestApp};

#[tokio::test]
async fn a_developer_signs_up_registers_an_application_is_approved_and_leaves() {
    spec!(
        "portal/K1",
        "portal/K5",
        "portal/K30",
        "portal/K31",
        "portal/K32",
        "portal/K33",
        "portal/K34",
        "portal/K35",
        "portal/K36",
        "portal/N1",
        "portal/N2",
        "portal/N5",
        "portal/N7",
        "portal/N8",
        "portal/N9",
        "portal/N11",
        "portal/N13",
        "portal/N24"
    );
    let site = TestApp::start().await;
    let service = site.guarded("https://orders.example", &["orders:read"], |policy| {
        policy.display_name = "Orders".to_owned();
    });
    let service = service.await;
    let mut browser = Browser::new(&site.http);

    // The catalog asks for a login, the login leads to the sign-up.
    let login = browser.get("/portal").await;
    let login = path(&site, &login);
    assert_eq!(login, "/login?return=%2Fportal");
    let login = browser.get(&login).await;
    assert!(login.text.contains("href=\"/portal/sign-up\""), "{}", login.text);
    let form = page_form(&browser.get("/portal/sign-up").await, "/portal/sign-up");
    let form = form.set("name", "Ada").set("email", "ada@example.org").set("password", PASSWORD);
    let answer = browser.submit(&form).await;
    assert_eq!(path(&site, &answer), "/portal/signed-up");
    assert!(browser.get("/portal/signed-up").await.text.contains("Check your email"));

    // The address is proven by a button, not by looking.
    let link = mailed_link(&site, "verify_email").await;
    let form = page_form(&browser.get(&link).await, "/portal/verify-email");
    assert!(!reloaded(&site, "ada@example.org").await.email_verified);
    let answer = browser.submit(&form).await;
    assert_eq!(path(&site, &answer), "/portal?done=email-verified");
    assert!(reloaded(&site, "ada@example.org").await.email_verified);
    assert_eq!(browser.get(&link).await.status, 400);

    // Until somebody approves, every page says so.
    let form = page_form(&browser.get("/login?return=%2Fportal").await, "/login");
    let answer = browser.submit(&form.set("email", "ada@example.org").set("password", PASSWORD)).await;
    assert_eq!(path(&site, &answer), "/portal");
    for page in ["/portal", "/portal/applications", "/portal/applications/new", "/portal/tokens"] {
        let answer = browser.get(page).await;
        assert_eq!(answer.status, 403);
        assert!(answer.text.contains("Awaiting approval"), "{page}: {}", answer.text);
    }
    let ada = reloaded(&site, "ada@example.org").await;
    developer::decide(&site.app, &site.tenant(), &admin(), ada.id, developer::Decision::Approve).await.unwrap();

    // The catalog, the service, and an application to register for it.
    let catalog = browser.get("/portal").await;
    assert_eq!(catalog.status, 200);
    assert!(catalog.text.contains("<bdi>Orders</bdi>") && catalog.text.contains("Registration open"));
    let page = format!("/portal/services/{}", service.id);
    assert!(browser.get(&page).await.text.contains(&format!("href=\"{page}/register\"")));
    assert!(browser.get(&format!("{page}/register")).await.text.contains("href=\"/portal/applications/new\""));
    let made = application(&site, &mut browser, "Shop", "web").await;
    let secret = made.secret.clone().unwrap();
    let token = async || {
        let fields = [("grant_type", "client_credentials"), ("audience", "https://orders.example")];
        site.http.form("/token", Auth::Basic(&made.client_id, &secret), &fields).await
    };
    assert_eq!(token().await.refusal().0, 400);
    let form = page_form(&browser.get(&format!("{page}/register")).await, "/register");
    let answer = browser.submit(&form.set("application", made.id()).set("comment", "For the shop")).await;
    let review = path(&site, &answer);
    let answer = browser.get(&review).await;
    for words in ["Registration Under Review", "You will be notified by email upon approval.", "Close"] {
        assert!(answer.text.contains(words), "{words}: {}", answer.text);
    }
    assert!(browser.get(&made.page).await.text.contains("Pending"));
    assert_eq!(token().await.refusal().0, 400);

    // Approved: the page says so, and there are tokens.
    let queue =
        contract::list(&site.app, &site.tenant(), &admin(), &contract::Filter::default(), &first()).await.unwrap();
    let asked = &queue.items[0];
    assert_eq!(asked.row.request.as_deref(), Some("For the shop"));
    contract::decide(&site.app, &site.tenant(), &admin(), asked.row.id, contract::Decision::Approve).await.unwrap();
    assert_eq!(path(&site, &browser.get(&review).await), made.page);
    let dashboard = browser.get(&made.page).await;
    assert!(dashboard.text.contains("Approved") && !dashboard.text.contains("Pending"), "{}", dashboard.text);
    assert!(!dashboard.text.contains(&secret));
    let tokens = token().await.expect(200);
    assert_eq!(tokens["token_type"], json!("Bearer"));

    // Unregistered: gone from the pane, and there are none.
    let answer = browser.submit(&page_form(&dashboard, "/unregister")).await;
    let answer = browser.get(&path(&site, &answer)).await;
    assert!(answer.text.contains("no longer registered") && !answer.text.contains("Approved"), "{}", answer.text);
    assert_eq!(token().await.refusal().0, 400);
    let queue =
        contract::list(&site.app, &site.tenant(), &admin(), &contract::Filter::default(), &first()).await.unwrap();
    assert_eq!(queue.total, 0);

    // And again, by the button beside the service.
    let answer = browser.submit(&page_form(&answer, "/register")).await;
    assert!(path(&site, &answer).starts_with("/portal/requests/"));
    assert_eq!(between(&browser.get("/portal/applications").await.text, "<td>1", "/td>"), "<");
}

fn first() -> registrar::portal::list::Wanted {
    registrar::portal::list::Wanted::first(10)
}

//! What people wrote stays what they wrote, on every page that shows it.

use registrar::portal::service;
use serde_json::json;

use super::{admin, application, developer, page_form, path};
use crate::harness::TestApp;

const HOSTILE: &str = "\"'></textarea></title><script>alert(1)</script><img src=x onerror=alert(1)>";

#[tokio::test]
async fn whatever_was_stored_is_shown_as_text() {
    spec!("security/s.B11");
    let site = TestApp::start().await;
    site.settings(json!({"about": {"support_email": HOSTILE, "support_url": "javascript:alert(1)"}})).await;
    let guarded = site.guarded("https://orders.example", &["orders:read"], |policy| {
        policy.display_name = HOSTILE.to_owned();
        policy.description = Some(HOSTILE.to_owned());
    });
    let guarded = guarded.await;
    let change = service::Change { description: Some(Some(HOSTILE.to_owned())), ..service::Change::default() };
    let id = guarded.id.to_string();
    service::change(&site.app, &site.tenant(), &admin(), &id, None, change).await.unwrap();
    let mut browser = developer(&site, "ada@example.org").await;
    let made = application(&site, &mut browser, HOSTILE, "web").await;
    let edit = page_form(&browser.get(&format!("{}/edit", made.page)).await, "/edit");
    let edit = edit.set("name", HOSTILE).set("description", HOSTILE).set("redirect_uris", "https://shop.example/cb");
    assert_eq!(browser.submit(&edit).await.status, 303);
    let named = page_form(&browser.get(&made.page).await, "/secrets").set("name", HOSTILE);
    assert_eq!(browser.submit(&named).await.status, 200);
    let form = page_form(&browser.get(&format!("/portal/services/{id}/register")).await, "/register");
    let answer = browser.submit(&form.set("application", made.id()).set("comment", HOSTILE)).await;
    let review = path(&site, &answer);
    let wrong = page_form(&browser.get("/portal/applications/new").await, "/portal/applications/new");
    let wrong = wrong.set("name", HOSTILE).set("kind", "web").set("redirect_uris", HOSTILE).set("description", HOSTILE);
    let mut seen = vec![("refused form".to_owned(), browser.submit(&wrong).await)];
    for page in [
        "/portal".to_owned(),
        format!("/portal?search={}", url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect::<String>()),
        format!("/portal/services/{id}"),
        format!("/portal/services/{id}/register"),
        review,
        "/portal/applications".to_owned(),
        made.page.clone(),
        format!("{}/edit", made.page),
    ] {
        let answer = browser.get(&page).await;
        assert_eq!(answer.status, 200, "{page}: {}", answer.text);
        seen.push((page, answer));
    }
    for (page, answer) in seen {
        assert!(!answer.text.contains("<script") && !answer.text.contains("<img"), "{page}: {}", answer.text);
        assert!(answer.text.contains("&#60;script&#62;"), "{page} shows it: {}", answer.text);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(!answer.header("content-security-policy").contains("script-src"));
    }
}

//! Looking for something in the console's lists, and the list of clients (U32).

use super::{console, done, form_to, page};

#[tokio::test]
async fn every_list_has_a_field_that_keeps_what_was_looked_for_and_finds_without_wild_cards() {
    let (app, _, mut browser) = console().await;
    app.service("https://api.example/orders", &["read"]).await;
    app.settings(serde_json::json!({"registration": {"open": true}})).await;
    let redirects = ["https://shop.example/cb"];
    for name in ["Shop 100%", "Shop 1000"] {
        app.register(serde_json::json!({"client_name": name, "redirect_uris": redirects})).await;
    }
    app.developer("dev@example.org").await;
    for (path, hit, words) in [
        ("/admin/services", "ORDERS", "orders"),
        ("/admin/applications", "0%25", "Shop 100%"),
        ("/admin/clients", "0%25", "Shop 100%"),
        ("/admin/developers", "DEV%40", "dev@example.org"),
        ("/admin/users", "DEV%40", "dev@example.org"),
    ] {
        let all = page(&mut browser, path).await;
        assert!(all.text.contains("role=\"search\"") && !all.text.contains("Show all"), "{path}: {}", all.text);
        let found = page(&mut browser, &format!("{path}?search={hit}")).await;
        assert!(found.text.contains(words) && found.text.contains("Show all"), "{path}: {}", found.text);
        assert!(!found.text.contains("Shop 1000"), "{path}: {}", found.text);
        let none = page(&mut browser, &format!("{path}?search=%22%3E%3Cb%3E!_")).await;
        assert!(none.text.contains("Nothing fits") && !none.text.contains("\"><b>"), "{path}: {}", none.text);
    }
    // What else the address says stays.
    let archived = page(&mut browser, "/admin/applications?status=archived&search=x").await;
    assert!(archived.text.contains("name=\"status\" value=\"archived\""), "{}", archived.text);
    assert!(archived.text.contains("href=\"/admin/applications?status=archived\""), "{}", archived.text);
}

#[tokio::test]
async fn a_client_is_taken_out_of_service_trusted_and_removed() {
    let (app, _, mut browser) = console().await;
    app.settings(serde_json::json!({"registration": {"open": true}})).await;
    let client = app.web_client().await;
    let id = client["client_id"].as_str().unwrap();
    let found = page(&mut browser, &format!("/admin/clients?search={id}")).await;
    assert!(found.text.contains(id) && found.text.contains("client.example"), "{}", found.text);
    assert!(found.text.contains("Of others: people are asked"), "{}", found.text);
    let disabled = done(&mut browser, &form_to(&found, "/disable")).await;
    assert!(disabled.text.contains("Disabled"), "{}", disabled.text);
    done(&mut browser, &form_to(&disabled, "/enable")).await;
    let ours = done(&mut browser, &form_to(&disabled, "/trust")).await;
    assert!(ours.text.contains("Ours: people are not asked"), "{}", ours.text);
    let others = done(&mut browser, &form_to(&ours, "/distrust")).await;
    let gone = done(&mut browser, &form_to(&others, "/delete")).await;
    assert!(!gone.text.contains(id), "{}", gone.text);
    let mut unknown = form_to(&others, "/delete");
    unknown.action = unknown.action.replace("/delete", "/crown");
    assert_eq!(browser.submit(&unknown).await.status, 404);
}

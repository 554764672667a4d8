//! The catalog, services and their documents.

use entity::id::DocumentId;
use registrar::portal::document;

use super::{admin, application, developer, page_form};
use crate::harness::TestApp;

#[tokio::test]
async fn the_catalog_shows_what_is_published_and_finds_it() {
    spec!("portal/K7", "portal/K11", "portal/N5", "portal/N6");
    let site = TestApp::start().await;
    site.guarded("https://orders.example", &["orders:read"], |policy| {
        policy.display_name = "Orders".to_owned();
        policy.description = Some("Everything about orders".to_owned());
    })
    .await;
    let plain = site.service("https://weather.example", &[]).await;
    let mut browser = developer(&site, "ada@example.org").await;
    let all = browser.get("/portal").await.text;
    assert!(all.contains("<bdi>Orders</bdi>") && all.contains("<bdi>Everything about orders</bdi>"), "{all}");
    assert!(all.contains("<bdi>https://weather.example</bdi>"));
    assert_eq!(all.matches("Registration open").count(), 1);
    let found = browser.get("/portal?search=WEATHER").await.text;
    assert!(!found.contains("<bdi>Orders</bdi>") && found.contains("<bdi>1</bdi> service"), "{found}");
    assert!(browser.get("/portal?search=nothing").await.text.contains("No service fits your search."));

    // Without registration there is no button, and the dialog says N14.
    let page = browser.get(&format!("/portal/services/{}", plain.id)).await.text;
    assert!(page.contains("https://weather.example") && !page.contains("/register\""), "{page}");
    let dialog = browser.get(&format!("/portal/services/{}/register", plain.id)).await.text;
    assert!(dialog.contains("Application registration is not enabled for this Service."), "{dialog}");
    assert_eq!(browser.get("/portal/services/nothing").await.status, 404);
}

#[tokio::test]
async fn the_dialog_says_to_the_letter_that_registration_is_not_enabled() {
    spec!("portal/N14");
    let site = TestApp::start().await;
    let guarded = site.guarded("https://orders.example", &[], |_| {}).await;
    let plain = site.service("https://weather.example", &[]).await;
    let mut browser = developer(&site, "ada@example.org").await;
    let made = application(&site, &mut browser, "Shop", "web").await;
    // The form of a page that is still open when registration ends.
    let mut form = page_form(&browser.get(&format!("/portal/services/{}/register", guarded.id)).await, "/register");
    form.action = format!("/portal/services/{}/register", plain.id);
    let answer = browser.submit(&form.set("application", made.id())).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("Application registration is not enabled for this Service."), "{}", answer.text);
}

#[tokio::test]
async fn a_comment_that_must_be_there_is_asked_for() {
    spec!("portal/N7");
    let site = TestApp::start().await;
    let service = site.guarded("https://orders.example", &[], |policy| policy.comment_required = true).await;
    let mut browser = developer(&site, "ada@example.org").await;
    let made = application(&site, &mut browser, "Shop", "web").await;
    let dialog = format!("/portal/services/{}/register", service.id);
    let link = format!("{dialog}?application={}", made.id());
    assert!(browser.get(&made.page).await.text.contains(&format!("href=\"{link}\"")));
    let form = page_form(&browser.get(&link).await, "/register").set("application", made.id());
    let answer = browser.submit(&form.clone().set("comment", " ")).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("id=\"comment-wrong\""), "{}", answer.text);
    let answer = browser.submit(&form.clone().set("comment", "For <b>orders</b>")).await;
    assert_eq!(answer.status, 303);
    // A second time there is one already.
    let answer = browser.submit(&form.clone().set("comment", "again")).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("has asked for the service already"), "{}", answer.text);
    assert_eq!(browser.submit(&form.set("application", "nonsense")).await.status, 400);
}

#[tokio::test]
async fn auto_approved_requests_skip_the_review() {
    spec!("portal/K10", "portal/N8");
    let site = TestApp::start().await;
    let service = site.guarded("https://orders.example", &[], |policy| policy.auto_approve = true).await;
    let mut browser = developer(&site, "ada@example.org").await;
    let made = application(&site, &mut browser, "Shop", "web").await;
    let form = page_form(&browser.get(&format!("/portal/services/{}/register", service.id)).await, "/register");
    let answer = browser.submit(&form.set("application", made.id())).await;
    assert_eq!(super::path(&site, &answer), format!("{}?done=approved", made.page));
    assert!(browser.get(&made.page).await.text.contains("Approved"));
}

async fn add(site: &TestApp, service: &entity::service::Model, title: &str, media: &str, body: &str) -> DocumentId {
    let upload = document::Upload {
        path: None,
        title: title.to_owned(),
        media_type: Some(media.to_owned()),
        body: body.to_owned(),
        published: true,
    };
    let service = service.id.to_string();
    document::add(&site.app, &site.tenant(), &admin(), Some(&service), upload).await.unwrap().id
}

#[tokio::test]
async fn documents_are_rendered_without_scripts_and_lead_to_the_registration() {
    spec!("portal/K29", "portal/K30", "security/s.B11");
    let site = TestApp::start().await;
    let service = site.guarded("https://orders.example", &[], |_| {}).await;
    let other = site.service("https://weather.example", &[]).await;
    let yaml = "openapi: 3.0.3\ninfo: {title: Orders, version: 1.0}\npaths:\n  /orders/{id}:\n    get:\n      summary: Read \
                <script>alert(1)</script>\n      parameters:\n        - {name: id, in: path, required: true, schema: {type: \
                string}}\n      responses:\n        '200': {description: An order}\n";
    let json = r#"{"swagger": "2.0", "info": {"title": "Old"}, "paths": {"/x": {"delete": {}}}}"#;
    let bomb = "openapi: 3.0.0\na: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, \
                *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, \
                *d, *d]\nf: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e]\ng: &g [*f, *f, *f, *f, *f, *f, *f, *f, *f]\nh: [*g, *g, \
                *g, *g, *g, *g, *g, *g, *g]\n";
    let markdown = "# Hello\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) [y](https://y.example/)";
    let mut browser = developer(&site, "ada@example.org").await;
    for (title, media, body, shown) in [
        (
            "Yaml",
            "application/yaml",
            yaml,
            "<code class=\"method\"><bdi>GET</bdi></code> <code><bdi>/orders/{id}</bdi></code>",
        ),
        ("Json", "application/json", json, "<bdi>DELETE</bdi>"),
        ("Bomb", "application/yaml", bomb, "<pre class=\"source\""),
        ("Words", "text/markdown", markdown, "<h2>Hello</h2>"),
        ("Text", "text/plain", "<b>plain</b>", "&#60;b&#62;plain&#60;/b&#62;</pre>"),
    ] {
        let id = add(&site, &service, title, media, body).await;
        let address = format!("/portal/services/{}/documents/{id}", service.id);
        let list = browser.get(&format!("/portal/services/{}", service.id)).await.text;
        assert!(list.contains(&format!("<a href=\"{address}\"><bdi>{title}</bdi></a>")), "{list}");
        let page = browser.get(&address).await;
        assert!(page.text.contains(shown), "{title}: {}", page.text);
        assert!(page.text.contains(&format!("/portal/services/{}/register", service.id)));
        assert!(!page.text.contains("<script") && !page.text.contains("href=\"javascript:"), "{title}: {}", page.text);
        assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"));
        // s.B2: not below another service.
        let address = format!("/portal/services/{}/documents/{id}", other.id);
        assert_eq!(browser.get(&address).await.status, 404);
    }
}

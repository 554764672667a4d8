//! Who comes in? Nobody but those who look after something, at no address, and no form of another page.

use entity::user::{Approval, Role};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::{ADMIN, console, form_to, page, signed_in};
use crate::harness::{Browser, TestApp};

/// Every address of the console with its method, an identity in each blank.
fn addresses() -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    for route in registrar::web::routes::at_the_door() {
        if !route.template().starts_with("/admin") {
            continue;
        }
        let filled = route.template().split('/').map(|part| match part.starts_with('{') {
            true => "0190d8e0-0000-7000-8000-000000000001",
            false => part,
        });
        let path = filled.collect::<Vec<_>>().join("/");
        for method in ["GET", "POST"] {
            if route.takes(&method.parse().unwrap()) {
                out.push((method, path.clone()));
            }
        }
    }
    assert!(out.len() > 40);
    out
}

async fn answer(app: &TestApp, browser: &Browser, method: &str, path: &str) -> (u16, String) {
    let cookies: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = app.http.request(method, path).header("accept", "text/html").header("cookie", cookies.join("; "));
    let request = if method == "POST" { request.form(&[("csrf", "x")]) } else { request };
    let answer = app.http.send(request).await;
    (answer.status, answer.header("location").to_owned())
}

#[tokio::test]
async fn developers_users_and_the_revoked_get_nowhere() {
    // K6, s.B4
    let (app, _, _) = console().await;
    app.developer("dev@example.org").await;
    app.person("user@example.org").await;
    let mut revoked = app.person("ex@example.org").await.into_active_model();
    (revoked.role, revoked.approval) = (Set(Role::Admin), Set(Approval::Revoked));
    revoked.update(app.app.db.pool()).await.unwrap();
    for email in ["dev@example.org", "user@example.org", "ex@example.org"] {
        let browser = signed_in(&app, email, "/admin").await;
        for (method, path) in addresses() {
            let (status, _) = answer(&app, &browser, method, &path).await;
            assert_eq!(status, 403, "{email}: {method} {path}");
        }
    }
}

#[tokio::test]
async fn publishers_get_only_where_services_are_looked_after() {
    // s.B4
    let (app, _, _) = console().await;
    app.with_role(super::PUBLISHER, Role::Publisher).await;
    let browser = signed_in(&app, super::PUBLISHER, "/admin").await;
    for (method, path) in addresses().into_iter().filter(|(method, _)| *method == "GET") {
        let (status, _) = answer(&app, &browser, method, &path).await;
        let parts = ["/admin/services", "/admin/requests"];
        let theirs = path == "/admin" || parts.iter().any(|part| path.starts_with(part));
        assert_eq!(status == 403, !theirs, "{method} {path}: {status}");
    }
}

#[tokio::test]
async fn strangers_sign_in_and_come_back_to_where_they_wanted() {
    let (app, _, _) = console().await;
    let nobody = Browser::new(&app.http);
    for (method, path) in addresses() {
        let (status, to) = answer(&app, &nobody, method, &path).await;
        assert_eq!(status, 303, "{method} {path}");
        assert!(to.starts_with(&app.url("/login?return=%2Fadmin")), "{to}");
    }
    signed_in(&app, ADMIN, "/admin/deliveries?progress=failed").await;
}

#[tokio::test]
async fn a_form_without_the_token_of_this_session_changes_nothing() {
    // s.B10
    let (app, _, mut browser) = console().await;
    let form = form_to(&page(&mut browser, "/admin/services/new").await, "/new").set("name", "orders");
    let missing = browser.submit(&form.clone().set("csrf", "")).await;
    let mut other = signed_in(&app, ADMIN, "/admin").await;
    let foreign = other.submit(&form).await;
    assert_eq!((missing.status, foreign.status), (400, 400));
    let cookies: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = app.http.request("POST", &form.action).header("cookie", cookies.join("; ")).form(&form.fields);
    let elsewhere = app.http.send(request.header("origin", "https://evil.example")).await;
    assert_eq!(elsewhere.status, 403);
    let json = app.http.request("POST", &form.action).header("cookie", cookies.join("; "));
    let json = app.http.send(json.header("content-type", "text/plain").body("{}")).await;
    assert_eq!(json.status, 415);
    assert!(page(&mut browser, "/admin/services").await.text.contains("No services yet."));
    assert_eq!(browser.submit(&form).await.status, 303);
}

#[tokio::test]
async fn pages_speak_german_too_and_keep_their_policy() {
    let (app, _, browser) = console().await;
    let cookies: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = app.http.request("GET", "/admin/requests").header("cookie", cookies.join("; "));
    let page = app.http.send(request.header("accept-language", "de")).await;
    assert!(page.text.contains("<html lang=\"de\">") && page.text.contains("Keine Registrierungsanfragen"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
}

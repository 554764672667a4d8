//! Settings › Advanced, webhooks, tokens to register with, and the log of what was done.

use registrar::portal::contract::{self, Request};
use serde_json::json;

use super::{console, done, form_to, link, page};
use crate::harness::http::Auth;

#[tokio::test]
async fn anybody_may_register_once_an_admin_has_switched_it_on() {
    spec!("portal/A3", "portal/A6");
    let (app, _, mut browser) = console().await;
    let metadata = json!({
        "client_name": "My Dynamic Application",
        "redirect_uris": ["https://application.example.com/callback"],
    });
    assert_eq!(app.http.post_json("/oidc/register", &metadata).await.status, 401);
    let settings = page(&mut browser, "/admin/settings").await;
    assert!(
        settings.text.contains("Settings › Advanced")
            && settings.text.contains("OIDC Dynamic Application Registration")
    );
    assert!(settings.text.contains("anyone will be able to create applications here without a token"));
    let form = form_to(&settings, "/settings");
    assert!(!form.fields.iter().any(|(name, _)| name == "registration.open"), "it is off");
    let saved = done(&mut browser, &form.set("registration.open", "on")).await;
    assert!(saved.text.contains("name=\"registration.open\" type=\"checkbox\" value=\"on\" checked"), "{}", saved.text);
    assert_eq!(app.http.post_json("/oidc/register", &metadata).await.status, 201);
    let first = page(&mut browser, "/admin").await;
    assert!(first.text.contains("Open registration is on"), "{}", first.text);
    assert!(first.text.contains("Clients by source") && first.text.contains(">Open registration<"), "{}", first.text);
}

#[tokio::test]
async fn approval_of_all_requests_is_switched_on_for_the_whole_portal() {
    spec!("portal/N21");
    let (app, _, mut browser) = console().await;
    let service = app.offered("orders", |_, _| ()).await;
    let developer = app.developer("dev@example.org").await;
    let [before, after] = [app.application(&developer, "Before").await, app.application(&developer, "After").await];
    let asked = |id| Request::new(id, service.id);
    let tenant = app.tenant();
    contract::request(&app.app, &tenant, &developer, asked(before.application.row.id)).await.unwrap();
    let form = form_to(&page(&mut browser, "/admin/settings").await, "/settings");
    done(&mut browser, &form.set("auto_approve.contracts", "on")).await;
    let tenant = app.tenant();
    let contract = contract::request(&app.app, &tenant, &developer, asked(after.application.row.id)).await.unwrap();
    assert_eq!(contract.state(), entity::contract::ContractState::Approved);
    let queue = page(&mut browser, "/admin/requests").await;
    assert!(queue.text.contains("Before") && !queue.text.contains("After"), "{}", queue.text);
}

#[tokio::test]
async fn settings_that_contradict_each_other_are_told_beside_their_field() {
    let (_app, _, mut browser) = console().await;
    let form = form_to(&page(&mut browser, "/admin/settings").await, "/settings");
    let wrong = form.set("session.idle_hours", "72").set("session.max_hours", "24").set("retention_days", "many");
    let answer = browser.submit(&wrong).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("id=\"field-retention_days-complaint\""), "{}", answer.text);
    let answer = browser.submit(&wrong.set("retention_days", "")).await;
    assert!(answer.text.contains("id=\"field-session.idle_hours-complaint\""), "{}", answer.text);
}

#[tokio::test]
async fn a_webhook_is_added_with_its_secret_shown_once_tried_switched_and_removed() {
    let (_app, _, mut browser) = console().await;
    let list = page(&mut browser, "/admin/webhooks").await;
    let blank = page(&mut browser, &link(&list, "New webhook")).await;
    let form = form_to(&blank, "/webhooks/new");
    let wrong = browser.submit(&form.clone().set("url", "ftp://x").set("kinds", "no_such_kind")).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("id=\"field-url-complaint\"") && wrong.text.contains("id=\"field-kinds-complaint\""));
    let made = browser.submit(&form.set("url", "https://hooks.example/x").set("kinds", "")).await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert!(made.text.contains("value=\"whsec_"), "{}", made.text);
    assert_eq!(made.header("cache-control"), "no-store");
    let list = page(&mut browser, "/admin/webhooks").await;
    assert!(!list.text.contains("whsec_") && list.text.contains("https://hooks.example/x"));
    let off = done(&mut browser, &form_to(&list, "/disable")).await;
    let on = done(&mut browser, &form_to(&off, "/enable")).await;
    let sent = done(&mut browser, &form_to(&on, "/ping")).await;
    assert!(sent.text.contains("ping"), "{}", sent.text);
    let list = page(&mut browser, "/admin/webhooks").await;
    let gone = done(&mut browser, &form_to(&list, "/delete")).await;
    assert!(gone.text.contains("No webhooks yet."), "{}", gone.text);
    let log = page(&mut browser, "/admin/events?kind=administered").await;
    assert!(log.text.contains("webhook"), "{}", log.text);
}

#[tokio::test]
async fn a_ticket_is_shown_once_registers_and_is_revoked() {
    let (app, _, mut browser) = console().await;
    let blank = page(&mut browser, "/admin/initial-access-tokens/new").await;
    let form = form_to(&blank, "/new");
    let wrong = browser.submit(&form.clone().set("max_uses", "0")).await;
    assert!(
        wrong.text.contains("id=\"field-max_uses-complaint\"") && wrong.text.contains("id=\"field-name-complaint\"")
    );
    let made = browser.submit(&form.set("name", "ci").set("max_uses", "2")).await;
    let token = made.text.split("id=\"secret\"").nth(1).unwrap().split("value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let metadata = json!({"client_name": "CI", "redirect_uris": ["https://ci.example/cb"]});
    app.http.json("POST", "/oidc/register", Auth::Bearer(token), &metadata).await.expect(201);
    let list = page(&mut browser, "/admin/initial-access-tokens").await;
    assert!(!list.text.contains(token) && list.text.contains("1 / 2"), "{}", list.text);
    done(&mut browser, &form_to(&list, "/revoke")).await;
    assert_eq!(app.http.json("POST", "/oidc/register", Auth::Bearer(token), &metadata).await.status, 401);
}

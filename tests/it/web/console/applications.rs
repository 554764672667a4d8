//! Requests, applications and contracts: what waits, what is decided, and where it stands afterwards.

use entity::application;
use registrar::portal::contract::{self, Request};
use registrar::portal::{Actor, application as applications};

use super::{PUBLISHER, console, done, form_to, page, signed_in, tab};
use crate::harness::{Browser, TestApp};

/// An application that has asked for a service.
async fn asking(app: &TestApp, name: &str) -> (Actor, application::Model, entity::service::Model) {
    let service = app.offered("orders", |_, _| ()).await;
    let developer = app.developer("dev@example.org").await;
    let made = app.application(&developer, name).await;
    ask(app, &developer, made.application.row.id, service.id).await;
    (developer, made.application.row, service)
}

async fn ask(app: &TestApp, who: &Actor, id: entity::id::ApplicationId, service: entity::id::ServiceId) {
    let wish = Request { comment: Some("for <b>tests</b>".into()), ..Request::new(id, service) };
    contract::request(&app.app, &app.tenant(), who, wish).await.unwrap();
}

#[tokio::test]
async fn the_queue_shows_what_waits_and_says_so_when_nothing_does() {
    spec!("portal/N18");
    // N12
    let (app, _, mut browser) = console().await;
    let empty = page(&mut browser, "/admin/requests").await;
    assert!(empty.text.contains(">No app registration requests</p>"), "{}", empty.text);
    let (developer, acme, service) = asking(&app, "Acme").await;
    let queue = page(&mut browser, "/admin/requests").await;
    for words in ["Acme", "orders", "dev@example.org", ">Approve<", ">Reject…<", ">Delete…<"] {
        assert!(queue.text.contains(words), "{words}: {}", queue.text);
    }
    let mine = |app: &TestApp| {
        let filter = contract::Filter { application: Some(acme.id), ..contract::Filter::default() };
        let (app, developer) = (app.app.clone(), developer.clone());
        let tenant = app.tenants.by_slug("default").unwrap();
        async move {
            let wanted = registrar::portal::list::Wanted::first(10);
            contract::list(&app, &tenant, &developer, &filter, &wanted).await.unwrap().total
        }
    };
    assert_eq!(mine(&app).await, 1);
    let empty = done(&mut browser, &form_to(&queue, "/delete")).await;
    assert!(empty.text.contains("No app registration requests"), "{}", empty.text);
    assert_eq!(mine(&app).await, 0, "N12: it is gone from the developer's services");
    ask(&app, &developer, acme.id, service.id).await;
    let queue = page(&mut browser, "/admin/requests").await;
    let empty = done(&mut browser, &form_to(&queue, "/reject").set("reason", "not now")).await;
    assert!(empty.text.contains("No app registration requests"), "{}", empty.text);
}

#[tokio::test]
async fn a_contract_moves_from_tab_to_tab_on_the_pages_of_its_application_and_its_service() {
    spec!("portal/K37", "portal/K38", "portal/K39", "portal/N20");
    let (app, _, mut browser) = console().await;
    let (_, acme, service) = asking(&app, "Acme").await;
    let list = page(&mut browser, "/admin/applications").await;
    assert!(list.text.contains(&format!("/admin/applications/{}\"", acme.id)), "{}", list.text);
    let pages = [format!("/admin/applications/{}", acme.id), format!("/admin/services/{}", service.id)];
    assert_in(&mut browser, &pages, "requested").await;
    let steps = [
        ("approve", "approved"),
        ("suspend", "approved"),
        ("resume", "approved"),
        ("revoke", "revoked"),
        ("approve", "approved"),
        ("revoke", "revoked"),
    ];
    for (at, (act, state)) in steps.into_iter().enumerate() {
        let view = page(&mut browser, &pages[at % 2]).await;
        let after = done(&mut browser, &form_to(&view, &format!("/{act}"))).await;
        assert!(after.text.contains("Service Contracts"));
        assert_in(&mut browser, &pages, state).await;
    }
    let view = page(&mut browser, &pages[0]).await;
    done(&mut browser, &form_to(&view, "/delete")).await;
    assert_in(&mut browser, &pages, "none").await;
}

/// In which tab the one contract is, on each page.
async fn assert_in(browser: &mut Browser, pages: &[String], state: &str) {
    for path in pages {
        let view = page(browser, path).await;
        for id in ["approved", "revoked", "rejected", "requested"] {
            let there = tab(&view, id).contains("/admin/contracts/");
            assert_eq!(there, id == state, "{path} #{id}, expected {state}");
        }
    }
}

#[tokio::test]
async fn a_decision_that_came_too_late_says_so() {
    let (app, admin, mut browser) = console().await;
    let (_, acme, _) = asking(&app, "Acme").await;
    let view = page(&mut browser, &format!("/admin/applications/{}", acme.id)).await;
    let form = form_to(&view, "/reject");
    done(&mut browser, &form_to(&view, "/approve")).await;
    let late = browser.submit(&form).await;
    assert_eq!(late.status, 409);
    assert!(late.text.contains("The contract is already approved."), "{}", late.text);
    applications::archive::archive(&app.app, &app.tenant(), &admin, acme.id).await.unwrap();
    let archived = page(&mut browser, "/admin/applications?status=archived").await;
    assert!(archived.text.contains("Acme"), "{}", archived.text);
    page(&mut browser, &format!("/admin/applications/{}", acme.id)).await;
}

#[tokio::test]
async fn what_others_wrote_is_text_in_every_queue_and_list() {
    // s.B11
    let (app, _, mut browser) = console().await;
    let hostile = "<script>alert(1)</script>\"'><img src=x>";
    let (developer, acme, service) = asking(&app, hostile).await;
    let invited = app.person("\"<svg/onload=alert(1)>\"@example.org").await;
    let paths = [
        "/admin".to_owned(),
        "/admin/requests".to_owned(),
        "/admin/applications".to_owned(),
        format!("/admin/applications/{}", acme.id),
        format!("/admin/services/{}", service.id),
        "/admin/developers".to_owned(),
        "/admin/deliveries".to_owned(),
        "/admin/events".to_owned(),
    ];
    for path in paths {
        let view = page(&mut browser, &path).await;
        for tag in ["<script", "<img", "<svg", "<b>"] {
            assert!(!view.text.contains(tag), "{path}: {tag} of {} {:?}", invited.email, developer.label());
        }
    }
}

#[tokio::test]
async fn a_publisher_decides_about_the_services_they_look_after_only() {
    // s.B4
    let (app, _, mut admin) = console().await;
    let (developer, acme, _) = asking(&app, "Acme").await;
    let publisher = app.with_role(PUBLISHER, entity::user::Role::Publisher).await;
    let owner = publisher.user_id();
    let theirs = app.offered("theirs", |service, _| service.owner_id = owner).await;
    ask(&app, &developer, acme.id, theirs.id).await;
    let all = page(&mut admin, "/admin/requests").await;
    assert!(all.text.contains("orders") && all.text.contains("theirs"));
    let mut browser = signed_in(&app, PUBLISHER, "/admin/requests").await;
    let queue = page(&mut browser, "/admin/requests").await;
    assert!(!queue.text.contains("orders.example") && queue.text.contains("theirs.example"), "{}", queue.text);
    assert!(!queue.text.contains("/admin/applications"), "no way to what they may not see");
    let foreign = form_to(&page(&mut admin, "/admin/requests").await, "/approve");
    let mut sneaky = form_to(&queue, "/approve");
    let approve = sneaky.clone();
    sneaky.action = foreign.action;
    let refused = browser.submit(&sneaky).await;
    assert!([403, 404].contains(&refused.status), "{}", refused.text);
    done(&mut browser, &approve).await;
}

//! What a developer sees of the portal, through the whole server: pages, forms, and nothing that is somebody else's.

mod account;
mod agreed;
mod applications;
mod catalog;
mod hostile;
mod journey;
mod profile;

use entity::user::{Approval, Role};
use registrar::portal::Actor;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use crate::harness::browser::{Form, forms};
use crate::harness::{Answer, Browser, PASSWORD, TestApp};

/// Whoever may do everything.
fn admin() -> Actor {
    Actor::operator("admin")
}

/// A person of the default tenant with a role.
async fn member(site: &TestApp, email: &str, role: Role, approval: Approval) -> entity::user::Model {
    let mut person = site.person(email).await.into_active_model();
    (person.role, person.approval) = (Set(role), Set(approval));
    person.update(site.app.db.pool()).await.unwrap()
}

/// The browser of an approved developer who has signed in.
async fn developer(site: &TestApp, email: &str) -> Browser {
    member(site, email, Role::Developer, Approval::Approved).await;
    signed_in(site, email).await
}

/// A browser whose person has signed in.
async fn signed_in(site: &TestApp, email: &str) -> Browser {
    let mut browser = Browser::new(&site.http);
    let form = page_form(&browser.get("/login").await, "/login");
    let answer = browser.submit(&form.set("email", email).set("password", PASSWORD)).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    browser
}

/// The form of a page that posts to an address that ends so.
#[track_caller]
fn page_form(answer: &Answer, action_ends: &str) -> Form {
    let found = forms(&answer.text).into_iter().find(|form| form.action.ends_with(action_ends));
    found.unwrap_or_else(|| panic!("no form for {action_ends}: {} {}", answer.status, answer.text))
}

/// The path of a redirect, below the issuer.
#[track_caller]
fn path(site: &TestApp, answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    let location = answer.header("location");
    location.strip_prefix(&site.issuer).unwrap_or_else(|| panic!("leads away: {location}")).to_owned()
}

/// Makes an application of this type on the page: its own page's path, and its client's identifier and secret.
async fn application(site: &TestApp, browser: &mut Browser, name: &str, kind: &str) -> Made {
    let form = page_form(&browser.get("/portal/applications/new").await, "/portal/applications/new");
    let redirect = if kind == "backend_to_backend" { "" } else { "https://shop.example/cb" };
    let form = form.set("name", name).set("kind", kind).set("redirect_uris", redirect).set("description", "");
    let answer = browser.submit(&form).await;
    if answer.status == 303 {
        let page = path(site, &answer).split('?').next().unwrap().to_owned();
        return Made { page, client_id: String::new(), secret: None };
    }
    assert_eq!(answer.status, 200, "{}", answer.text);
    let secret = between(&answer.text, "<code class=\"secret\">", "</code>");
    let client_id = between(&answer.text, "<code><bdi>", "</bdi>");
    let page = between(&answer.text, "<a class=\"button primary\" href=\"", "\"");
    Made { page, client_id, secret: Some(secret) }
}

struct Made {
    page: String,
    client_id: String,
    secret: Option<String>,
}

impl Made {
    fn id(&self) -> &str {
        self.page.rsplit('/').next().unwrap()
    }
}

/// The text between two others.
#[track_caller]
fn between(html: &str, open: &str, close: &str) -> String {
    let rest = html.split_once(open).unwrap_or_else(|| panic!("no {open} in {html}")).1;
    rest.split(close).next().unwrap().to_owned()
}

/// Somebody as the database has them now.
async fn reloaded(site: &TestApp, email: &str) -> entity::user::Model {
    let all = entity::user::Entity::find().all(site.app.db.pool()).await.unwrap();
    all.into_iter().find(|user| user.email == email).unwrap_or_else(|| panic!("no {email}"))
}

/// The link in the newest mail of this kind.
async fn mailed_link(site: &TestApp, kind: &str) -> String {
    let rows = entity::delivery::Entity::find().all(site.app.db.pool()).await.unwrap();
    let row = rows.into_iter().filter(|row| row.kind == kind).max_by_key(|row| row.id.0);
    let row = row.unwrap_or_else(|| panic!("no mail {kind}"));
    let said = registrar::portal::notice::said(&site.app, &site.tenant(), &row);
    let link = said["link"].as_str().unwrap();
    link.strip_prefix(&site.issuer).unwrap_or_else(|| panic!("leads away: {link}")).to_owned()
}

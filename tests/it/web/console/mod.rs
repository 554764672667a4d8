//! What admins and publishers see and do at the console, in a browser on a whole server.

mod applications;
mod developers;
mod doors;
mod keys;
mod search;
mod services;
mod settings;
mod users;

use entity::user::Role;
use registrar::portal::Actor;

use crate::harness::browser::{Form, forms};
use crate::harness::{Answer, Browser, PASSWORD, TestApp};

pub const ADMIN: &str = "boss@example.org";
pub const PUBLISHER: &str = "pub@example.org";

/// A server with an admin, and the browser the admin is signed in with.
pub async fn console() -> (TestApp, Actor, Browser) {
    let app = TestApp::start().await;
    let admin = app.with_role(ADMIN, Role::Admin).await;
    let browser = signed_in(&app, ADMIN, "/admin").await;
    (app, admin, browser)
}

/// A browser somebody is signed in with, who was asked to at `path` and came back to it.
pub async fn signed_in(app: &TestApp, email: &str, path: &str) -> Browser {
    let mut browser = Browser::new(&app.http);
    let first = browser.get(path).await;
    assert_eq!(first.status, 303, "{}", first.text);
    let login = browser.follow(first).await;
    let form = forms(&login.text).remove(0).set("email", email).set("password", PASSWORD);
    let next = browser.submit(&form).await;
    assert_eq!(next.header("location"), app.url(path));
    browser
}

/// A page that is there.
pub async fn page(browser: &mut Browser, path: &str) -> Answer {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer
}

/// The form of a page that posts to an address which ends so.
#[track_caller]
pub fn form_to(page: &Answer, end: &str) -> Form {
    let found = forms(&page.text).into_iter().find(|form| form.action.ends_with(end));
    found.unwrap_or_else(|| panic!("no form to {end}: {}", page.text))
}

/// Submits a form that is taken, and the page one is sent to.
pub async fn done(browser: &mut Browser, form: &Form) -> Answer {
    let answer = browser.submit(form).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let page = browser.follow(answer).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("role=\"status\""), "{}", page.text);
    page
}

/// What stands in one tab of a page.
pub fn tab(page: &Answer, id: &str) -> String {
    let panel = page.text.split(&format!("id=\"{id}\"")).nth(1).unwrap_or_else(|| panic!("no tab {id}"));
    panel.split("</section>").next().unwrap().to_owned()
}

/// The address of the first link with these words.
#[track_caller]
pub fn link(page: &Answer, words: &str) -> String {
    let before = page.text.split(&format!(">{words}</a>")).next().filter(|before| before.len() < page.text.len());
    let before = before.unwrap_or_else(|| panic!("no link {words}: {}", page.text));
    before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().to_owned()
}

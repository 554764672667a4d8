//! The application that new developers find at their first sign-in.

use entity::application;
use entity::user::{self, Approval, Role};
use registrar::portal::application::{archive, welcome};
use registrar::portal::developer::{Decision, decide};
use registrar::portal::settings::patch;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::admin;
use crate::harness::browser::forms;
use crate::harness::{Browser, PASSWORD, TestApp};

impl TestApp {
    async fn applications(&self) -> Vec<application::Model> {
        application::Entity::find().all(self.app.db.pool()).await.unwrap()
    }

    async fn comes_by(&self, email: &str) {
        let mut browser = Browser::new(&self.http);
        let login = browser.get("/login").await;
        let form = forms(&login.text).into_iter().next().unwrap().set("email", email).set("password", PASSWORD);
        assert_eq!(browser.submit(&form).await.status, 303);
    }
}

#[tokio::test]
async fn a_developer_finds_an_application_once() {
    spec!("portal/G28", "portal/G64", "portal/D-24");
    let site = TestApp::start().await;
    let ada = site.developer("ada@example.org").await;
    site.with_role("admin@example.org", Role::Admin).await;
    site.with_role("user@example.org", Role::User).await;
    for who in ["ada@example.org", "admin@example.org", "user@example.org"] {
        site.comes_by(who).await;
    }
    let found = site.applications().await;
    let [found] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        (found.name.as_str(), found.description.as_deref()),
        ("Default application", Some("My default application"))
    );
    assert_eq!((found.kind.as_str(), found.is_default, found.primary_owner_id), ("simple", true, ada.user_id()));
    site.comes_by("ada@example.org").await;
    assert_eq!(site.applications().await.len(), 1);
    // Not even after it was put away.
    archive(&site.app, &site.tenant(), &ada, found.id).await.unwrap();
    site.comes_by("ada@example.org").await;
    assert_eq!(site.applications().await.len(), 1);
}

#[tokio::test]
async fn whoever_becomes_a_developer_later_finds_one_then() {
    let site = TestApp::start().await;
    let ada = site.developer("ada@example.org").await.user_id().unwrap();
    let row = async || user::Entity::find_by_id(ada).one(site.app.db.pool()).await.unwrap().unwrap();
    let mut waiting = row().await.into_active_model();
    waiting.approval = Set(Approval::Pending);
    waiting.update(site.app.db.pool()).await.unwrap();
    site.comes_by("ada@example.org").await;
    assert_eq!(site.applications().await, []);
    let decide = async |decision| decide(&site.app, &site.tenant(), &admin(), ada, decision).await.unwrap();
    decide(Decision::Approve).await;
    assert_eq!(site.applications().await.len(), 1);
    decide(Decision::Revoke { reason: None }).await;
    decide(Decision::Approve).await;
    assert_eq!(site.applications().await.len(), 1);
    // Of several who welcome them at once, one does.
    let bob = site.developer("bob@example.org").await;
    let mut here = bob.user.as_ref().unwrap().as_ref().clone().into_active_model();
    here.first_login_at = Set(Some(site.app.clock.now()));
    let here = here.update(site.app.db.pool()).await.unwrap();
    let tenant = site.tenant();
    let welcome = || welcome(&site.app, &tenant, &here);
    tokio::join!(welcome(), welcome(), welcome(), welcome());
    assert_eq!(site.applications().await.len(), 2);
}

#[tokio::test]
async fn who_comes_while_it_is_off_is_not_new_any_more() {
    let site = TestApp::start().await;
    site.developer("ada@example.org").await;
    let set = async |on: bool| {
        let wanted = json!({"users": {"default_application": on}});
        patch(&site.app, &site.tenant(), &admin(), &wanted).await.unwrap();
    };
    set(false).await;
    site.comes_by("ada@example.org").await;
    set(true).await;
    site.comes_by("ada@example.org").await;
    assert_eq!(site.applications().await, []);
}

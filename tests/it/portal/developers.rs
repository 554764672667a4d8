//! Developers: how they come, what is decided about them, and how they go.

use std::net::{IpAddr, Ipv4Addr};

use entity::application::ApplicationStatus;
use entity::user::{self, Approval, Role};
use registrar::oidc::session::Arrival;
use registrar::oidc::session::sign_in::{Attempt, sign_in};
use registrar::portal::developer::{
    self, Change, Decision, Filter, Invitation, SignUp, accept_invitation, decide, invite, request_password_reset,
    reset, sign_up, verify_email,
};
use registrar::portal::list::Wanted;
use registrar::portal::{Action, Actor, Conflict, Error, application};
use registrar::secret::Secret;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::harness::{PASSWORD, TestApp};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const ARRIVAL: Arrival<'static> = Arrival { address: HERE, agent: None };

fn wish(email: &str) -> SignUp {
    SignUp {
        email: email.to_owned(),
        name: Some("Grace".to_owned()),
        password: Secret::new(PASSWORD),
        meta: json!({"full_name": "Grace Hopper"}).as_object().cloned(),
        from: HERE,
    }
}

fn field<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Invalid(wrong)) => wrong[0].field.clone(),
        other => panic!("not invalid: {other:?}"),
    }
}

fn conflict<T: std::fmt::Debug>(result: Result<T, Error>) -> Conflict {
    match result {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("no conflict: {other:?}"),
    }
}

impl TestApp {
    async fn user(&self, email: &str) -> user::Model {
        registrar::oidc::user::find_by_email(&self.app, &self.tenant(), email).await.unwrap().unwrap()
    }

    async fn signs_in(&self, email: &str, password: &str) -> bool {
        let password = Secret::new(password);
        let attempt = Attempt { email, password: &password, arrival: ARRIVAL, known_browser: None, previous: None };
        sign_in(&self.app, &self.tenant(), attempt).await.is_ok()
    }
}

#[tokio::test]
async fn signing_up_never_says_who_has_an_account() {
    spec!("portal/K68", "portal/K73");
    // s.L12, s.L17
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    site.admin().await;
    assert_eq!(sign_up(app, &tenant, wish("grace@example.org")).await.unwrap(), Approval::Pending);
    let row = site.user("grace@example.org").await;
    assert_eq!((row.role, row.approval, row.email_verified), (Role::Developer, Approval::Pending, false));
    assert_eq!(row.meta, Some(json!({"full_name": "Grace Hopper"})));
    let kinds: Vec<String> = site.mails().await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["developer_requested", "verify_email"]);
    site.forget_mails().await;
    let other = SignUp { password: Secret::new("another password"), ..wish(" Grace@EXAMPLE.org") };
    assert_eq!(sign_up(app, &tenant, other).await.unwrap(), Approval::Pending);
    assert_eq!(site.mails().await, [("account_exists".to_owned(), "grace@example.org".to_owned())]);
    assert!(site.signs_in("grace@example.org", PASSWORD).await);
    assert!(site.user("grace@example.org").await.first_login_at.is_some());
    let (one, two) =
        tokio::join!(sign_up(app, &tenant, wish("new@example.org")), sign_up(app, &tenant, wish("new@example.org")));
    assert_eq!((one.unwrap(), two.unwrap()), (Approval::Pending, Approval::Pending));
}

#[tokio::test]
async fn an_address_is_proven_by_its_link_once() {
    // s.L15, s.L17
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    sign_up(app, &tenant, wish("grace@example.org")).await.unwrap();
    let link = site.link_in("verify_email").await;
    assert_eq!(field(reset(app, &tenant, &link, &Secret::new("another password"), &ARRIVAL).await), "link");
    assert!(verify_email(app, &tenant, &link).await.unwrap().email_verified);
    assert_eq!(field(verify_email(app, &tenant, &link).await), "link");
    assert_eq!(field(verify_email(app, &tenant, &Secret::new("nonsense")).await), "link");
    // Another address has to be proven again, and the old link does not do it.
    let admin = site.admin().await;
    let id = site.user("grace@example.org").await.id;
    let moved = Change { email: Some("g@example.org".to_owned()), ..Change::default() };
    assert!(!developer::change(app, &tenant, &admin, id, moved).await.unwrap().email_verified);
    assert_eq!(field(verify_email(app, &tenant, &link).await), "link");
    verify_email(app, &tenant, &site.link_in("verify_email").await).await.unwrap();
    site.person("taken@example.org").await;
    let taken = Change { email: Some("Taken@example.org".to_owned()), ..Change::default() };
    let taken = developer::change(app, &tenant, &admin, id, taken).await;
    assert!(matches!(taken, Err(Error::Taken { field: "email", .. })), "{taken:?}");
}

#[tokio::test]
async fn signing_up_is_bound_to_the_tenants_rules() {
    // s.B17
    let site = TestApp::start().await;
    site.settings(json!({"portal": {"sign_up_domains": ["example.org"]}, "auto_approve": {"developers": true}})).await;
    let (app, tenant) = (&site.app, site.tenant());
    assert_eq!(field(sign_up(app, &tenant, wish("eve@example.com")).await), "email");
    assert_eq!(field(sign_up(app, &tenant, wish("eve@example.com@example.org")).await), "email");
    let weak = SignUp { password: Secret::new("grace@example.org"), ..wish("grace@example.org") };
    assert_eq!(field(sign_up(app, &tenant, weak).await), "password");
    assert_eq!(sign_up(app, &tenant, wish("grace@Example.ORG")).await.unwrap(), Approval::Pending);
    assert_eq!(site.user("grace@example.org").await.approval, Approval::Pending);
    site.settings(json!({"portal": {"sign_up": false}})).await;
    let refused = sign_up(app, &site.tenant(), wish("late@example.org")).await;
    assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
}

#[tokio::test]
async fn a_developer_is_let_in_and_out() {
    spec!("portal/K69");
    // s.L21
    let site = TestApp::start().await;
    let (app, tenant, admin) = (&site.app, site.tenant(), site.admin().await);
    sign_up(app, &tenant, wish("grace@example.org")).await.unwrap();
    let id = site.user("grace@example.org").await.id;
    let grace = || async { Actor::person(std::sync::Arc::new(site.user("grace@example.org").await)) };
    let own = |actor: &Actor| actor.may(Action::WriteOwn);
    assert!(matches!(own(&grace().await), Err(Error::NotApproved)));
    assert_eq!(developer::find(app, &tenant, &grace().await, "grace@example.org").await.unwrap().id, id);
    // One after the other or both at once: the second finds her approved.
    let (one, two) = tokio::join!(
        decide(app, &tenant, &admin, id, Decision::Approve),
        decide(app, &tenant, &admin, id, Decision::Approve),
    );
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    assert_eq!(won.unwrap().approval, Approval::Approved);
    assert_eq!(conflict(lost), Conflict::DeveloperState(Approval::Approved));
    assert!(own(&grace().await).is_ok());
    assert!(site.signs_in("grace@example.org", PASSWORD).await);
    let reason = Some("spam".to_owned());
    decide(app, &tenant, &admin, id, Decision::Revoke { reason }).await.unwrap();
    assert!(matches!(own(&grace().await), Err(Error::NotApproved)));
    let sessions = entity::session::Entity::find().all(app.db.pool()).await.unwrap();
    assert!(sessions.iter().all(|session| session.ended_at.is_some()));
    let filter = Filter { approval: Some(Approval::Revoked), ..Filter::default() };
    let listed = developer::list(app, &tenant, &admin, &filter, &Wanted::first(10)).await.unwrap();
    assert_eq!(listed.items.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
    let ada = site.developer("ada@example.org").await;
    let refused = decide(app, &tenant, &ada, id, Decision::Approve).await;
    assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
    let oneself = decide(app, &tenant, &admin, admin.user_id().unwrap(), Decision::Revoke { reason: None }).await;
    assert!(matches!(conflict(oneself), Conflict::LastOne(_)));
}

#[tokio::test]
async fn an_invitation_is_accepted_once() {
    spec!("portal/K69");
    // s.B9
    let site = TestApp::start().await;
    let (app, tenant, admin) = (&site.app, site.tenant(), site.admin().await);
    let to = |email: &str| Invitation { email: email.to_owned(), name: None, role: Role::Developer };
    let invited = invite(app, &tenant, &admin, to("grace@example.org")).await.unwrap();
    assert_eq!((invited.approval, invited.email_verified), (Approval::Approved, false));
    invite(app, &tenant, &admin, to("grace@example.org")).await.unwrap();
    let link = site.link_in("invitation").await;
    let accept = async |password: &str| {
        let name = Some("Grace".to_owned());
        accept_invitation(app, &tenant, &link, name, &Secret::new(password), &ARRIVAL).await
    };
    assert_eq!(field(accept("password").await), "password");
    let (one, two) = tokio::join!(accept(PASSWORD), accept("another password"));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert_eq!(field(accept(PASSWORD).await), "link");
    let row = site.user("grace@example.org").await;
    assert_eq!((row.name.as_deref(), row.email_verified), (Some("Grace"), true));
    assert!(row.first_login_at.is_some());
    let again = invite(app, &tenant, &admin, to("grace@example.org")).await;
    assert!(matches!(again, Err(Error::Taken { field: "email", .. })), "{again:?}");
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_a_link_that_works_once() {
    // s.L12, s.L15, s.L22
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    site.developer("ada@example.org").await;
    assert!(site.signs_in("ada@example.org", PASSWORD).await);
    request_password_reset(app, &tenant, "nobody@example.org", HERE).await.unwrap();
    assert_eq!(site.mails().await, []);
    request_password_reset(app, &tenant, "Ada@example.org", HERE).await.unwrap();
    let link = site.link_in("password_reset").await;
    assert_eq!(field(verify_email(app, &tenant, &link).await), "link");
    assert_eq!(field(reset(app, &tenant, &link, &Secret::new("12345678"), &ARRIVAL).await), "password");
    reset(app, &tenant, &link, &Secret::new("another password"), &ARRIVAL).await.unwrap();
    assert_eq!(field(reset(app, &tenant, &link, &Secret::new("a third password"), &ARRIVAL).await), "link");
    assert!(!site.signs_in("ada@example.org", PASSWORD).await);
    assert!(site.signs_in("ada@example.org", "another password").await);
    let sessions = entity::session::Entity::find().all(app.db.pool()).await.unwrap();
    assert_eq!(sessions.iter().filter(|session| session.ended_at.is_some()).count(), 1);
}

#[tokio::test]
async fn with_a_developer_go_their_applications() {
    let site = TestApp::start().await;
    let (app, tenant, admin) = (&site.app, site.tenant(), site.admin().await);
    let ada = site.developer("ada@example.org").await;
    let id = site.application(&ada, "Shop").await.application.row.id;
    assert!(site.signs_in("ada@example.org", PASSWORD).await);
    let oneself = developer::remove(app, &tenant, &admin, admin.user_id().unwrap()).await;
    assert!(matches!(conflict(oneself), Conflict::LastOne(_)));
    developer::remove(app, &tenant, &admin, ada.user_id().unwrap()).await.unwrap();
    let again = developer::remove(app, &tenant, &admin, ada.user_id().unwrap()).await;
    assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
    let row = application::find_any(app, &tenant, &admin, id).await.unwrap().row;
    assert_eq!((row.status, row.primary_owner_id), (ApplicationStatus::Archived, None));
    assert!(!site.signs_in("ada@example.org", PASSWORD).await);
    assert!(entity::session::Entity::find().all(app.db.pool()).await.unwrap().is_empty());
}

fn moved(to: &str) -> Change {
    Change { email: Some(to.to_owned()), ..Change::default() }
}

#[tokio::test]
async fn whoever_is_approved_at_once_proves_the_address_first() {
    // s.B17, s.L17
    let site = TestApp::start().await;
    site.settings(json!({"auto_approve": {"developers": true}})).await;
    let (app, tenant, admin) = (&site.app, site.tenant(), site.admin().await);
    assert_eq!(sign_up(app, &tenant, wish("grace@example.org")).await.unwrap(), Approval::Pending);
    let kinds: Vec<String> = site.mails().await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["verify_email"]);
    let proven = verify_email(app, &tenant, &site.link_in("verify_email").await).await.unwrap();
    assert_eq!((proven.email_verified, proven.approval), (true, Approval::Approved));
    // A new password by mail proves it as well.
    sign_up(app, &tenant, wish("ada@example.org")).await.unwrap();
    request_password_reset(app, &tenant, "ada@example.org", HERE).await.unwrap();
    let link = site.link_in("password_reset").await;
    reset(app, &tenant, &link, &Secret::new("another password"), &ARRIVAL).await.unwrap();
    assert_eq!(site.user("ada@example.org").await.approval, Approval::Approved);
    // Without mail an admin lets them in, and about whom an admin made, an admin decides.
    sign_up(app, &tenant, wish("eve@example.org")).await.unwrap();
    let id = site.user("eve@example.org").await.id;
    assert_eq!(decide(app, &tenant, &admin, id, Decision::Approve).await.unwrap().approval, Approval::Approved);
    let made = developer::New {
        email: "bob@example.org".to_owned(),
        approval: Approval::Pending,
        role: Role::Developer,
        name: None,
        meta: None,
        custom_id: None,
        password: None,
    };
    let bob = developer::create(app, &tenant, &admin, made).await.unwrap().id;
    developer::change(app, &tenant, &admin, bob, moved("robert@example.org")).await.unwrap();
    let proven = verify_email(app, &tenant, &site.link_in("verify_email").await).await.unwrap();
    assert_eq!((proven.id, proven.approval), (bob, Approval::Pending));
}

#[tokio::test]
async fn a_token_with_scopes_gives_nobody_another_address() {
    // s.L17, s.B4: whoever reads the mail gets a new password.
    let site = TestApp::start().await;
    let (app, tenant, admin) = (&site.app, site.tenant(), Actor::operator("test"));
    let ada = site.developer("ada@example.org").await.user_id().unwrap();
    let token = site.management_token("developers:write").await;
    let script = Actor::of_token(app, &tenant, &token).await.unwrap().unwrap();
    for id in [ada, script.user_id().unwrap()] {
        let refused = developer::change(app, &tenant, &script, id, moved("eve@example.org")).await;
        assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
    }
    let renamed = Change { name: Some(Some("Ada".to_owned())), ..moved("Ada@example.org") };
    let renamed = developer::change(app, &tenant, &script, ada, renamed).await.unwrap();
    assert_eq!((renamed.name.as_deref(), renamed.email.as_str()), (Some("Ada"), "Ada@example.org"));
    let moved = developer::change(app, &tenant, &admin, ada, moved("a@example.org")).await.unwrap();
    assert_eq!((moved.email_verified, moved.name.as_deref()), (false, Some("Ada")));
}

#[tokio::test]
async fn two_changes_at_once_keep_what_the_other_names() {
    let site = TestApp::start().await;
    let (app, tenant, admin) = (&site.app, site.tenant(), site.admin().await);
    let ada = site.developer("ada@example.org").await.user_id().unwrap();
    let named = Change { name: Some(Some("Countess".to_owned())), ..Change::default() };
    let foreign = Change { custom_id: Some(Some("u-1".to_owned())), ..Change::default() };
    let (one, two) = tokio::join!(
        developer::change(app, &tenant, &admin, ada, named),
        developer::change(app, &tenant, &admin, ada, foreign),
    );
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    let row = site.user("ada@example.org").await;
    assert_eq!((row.name.as_deref(), row.custom_id.as_deref()), (Some("Countess"), Some("u-1")));
}

#[tokio::test]
async fn a_new_password_ends_personal_tokens() {
    // s.L22
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let token = site.management_token("services:read").await;
    assert!(Actor::of_token(app, &tenant, &token).await.unwrap().is_some());
    request_password_reset(app, &tenant, "admin@example.org", HERE).await.unwrap();
    let link = site.link_in("password_reset").await;
    reset(app, &tenant, &link, &Secret::new("another password"), &ARRIVAL).await.unwrap();
    assert!(Actor::of_token(app, &tenant, &token).await.unwrap().is_none());
}

#[tokio::test]
async fn of_two_admins_who_shut_each_other_out_one_stays() {
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let (one, two) = (site.actor("one@x.example", Role::Admin).await, site.actor("two@x.example", Role::Admin).await);
    let (first, second) = (one.user_id().unwrap(), two.user_id().unwrap());
    let out = || Decision::Revoke { reason: None };
    let everybody = user::Entity::find().all(app.db.pool()).await.unwrap();
    for other in everybody.iter().filter(|row| row.role == Role::Admin && ![first, second].contains(&row.id)) {
        user::Entity::delete_by_id(other.id).exec(app.db.pool()).await.unwrap();
    }
    let (a, b) = tokio::join!(decide(app, &tenant, &one, second, out()), decide(app, &tenant, &two, first, out()),);
    let (lost, gone, left) = if a.is_ok() { (b, second, first) } else { (a, first, second) };
    assert!(matches!(conflict(lost), Conflict::LastOne(_)));
    // The other is an admin still, but lets nobody in.
    let last = developer::remove(app, &tenant, &Actor::operator("test"), left).await;
    assert!(matches!(conflict(last), Conflict::LastOne(_)));
    developer::remove(app, &tenant, &Actor::operator("test"), gone).await.unwrap();
}

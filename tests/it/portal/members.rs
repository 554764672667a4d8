//! Members: who may what with an application, who answers for it, and who is told.

use entity::event;
use entity::membership::MemberRole;
use entity::user::Role;
use registrar::portal::application::{self, Change};
use registrar::portal::contract::{Decision, Request, decide, request, unregister};
use registrar::portal::membership::{self, Mails, Role as As, Who, transfer};
use registrar::portal::{Action, Actor, Conflict, Error};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::told;
use crate::harness::TestApp;
use crate::harness::http::Auth;

fn allowed<T: std::fmt::Debug>(outcome: Result<T, Error>) -> bool {
    match outcome {
        Ok(_) => true,
        Err(Error::NotAllowed(_)) => false,
        other => panic!("neither done nor forbidden: {other:?}"),
    }
}

#[tokio::test]
async fn an_owner_does_all_but_delete_and_a_user_reads_and_asks() {
    spec!("portal/G29", "portal/G30", "portal/G31", "portal/D-8");
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let ada = site.developer("ada@example.org").await;
    let (bob, carl) = (site.developer("bob@example.org").await, site.developer("carl@example.org").await);
    let dora = site.developer("dora@example.org").await;
    let id = site.application(&ada, "Shop").await.application.row.id;
    let service = site.offered("one", |_, _| {}).await;
    // Nobody but its creator knows of it.
    assert!(matches!(membership::list(app, &tenant, &bob, id).await, Err(Error::NotFound)));
    membership::add(app, &tenant, &ada, id, Who::Email(" BOB@example.org"), As::Owner).await.unwrap();
    membership::add(app, &tenant, &bob, id, Who::User(carl.user_id().unwrap()), As::User).await.unwrap();

    let everybody = membership::list(app, &tenant, &carl, id).await.unwrap();
    let told_of: Vec<(&str, As)> = everybody.iter().map(|member| (member.person.email.as_str(), member.role)).collect();
    let expected =
        [("ada@example.org", As::PrimaryOwner), ("bob@example.org", As::Owner), ("carl@example.org", As::User)];
    assert_eq!(told_of, expected);

    let rename = || Change { name: Some("Store".to_owned()), ..Change::default() };
    assert!(!allowed(application::change(app, &tenant, &carl, id, None, rename()).await));
    assert!(allowed(application::change(app, &tenant, &bob, id, None, rename()).await));
    let dora_id = dora.user_id().unwrap();
    assert!(!allowed(membership::add(app, &tenant, &carl, id, Who::User(dora_id), As::User).await));
    assert!(!allowed(membership::remove(app, &tenant, &carl, id, bob.user_id().unwrap()).await));
    // A user asks for a service, but does not give it up.
    let asked = request(app, &tenant, &carl, Request::new(id, service.id)).await.unwrap();
    assert!(!allowed(unregister(app, &tenant, &carl, asked.row.id).await));
    assert!(allowed(unregister(app, &tenant, &bob, asked.row.id).await));
    for member in [&bob, &carl] {
        assert!(!allowed(application::archive(app, &tenant, member, id).await));
        let to = transfer(app, &tenant, member, id, None, Who::User(dora_id), MemberRole::User).await;
        assert!(!allowed(to));
    }
    let refused = application::restore(app, &tenant, &ada, id).await;
    assert!(matches!(refused, Err(Error::NotAllowed(Action::WriteApplications))), "{refused:?}");
}

#[tokio::test]
async fn members_come_change_and_go() {
    spec!("portal-3.6/members");
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let (ada, bob) = (site.developer("ada@example.org").await, site.developer("bob@example.org").await);
    let user = site.with_role("user@example.org", Role::User).await;
    let id = site.application(&ada, "Shop").await.application.row.id;
    let bob_id = bob.user_id().unwrap();
    let add = async |who, role| told(membership::add(app, &tenant, &ada, id, who, role).await);
    let one_owner = "Conflict(OnePrimaryOwner)";
    assert_eq!(add(Who::User(bob_id), As::PrimaryOwner).await, one_owner);
    for nobody in [Who::Email("nobody@example.org"), Who::User(user.user_id().unwrap()), Who::Email("x")] {
        assert!(add(nobody, As::User).await.contains("Missing"), "{nobody:?}");
    }
    assert!(add(Who::User(ada.user_id().unwrap()), As::User).await.contains("Taken"));
    assert!(add(Who::User(bob_id), As::User).await.starts_with("done"));
    assert!(add(Who::User(bob_id), As::Owner).await.contains("Taken"));

    let change = async |user, role| membership::change_role(app, &tenant, &ada, id, user, role).await;
    assert_eq!(change(bob_id, As::Owner).await.unwrap().role, As::Owner);
    assert_eq!(told(change(bob_id, As::PrimaryOwner).await), one_owner);
    assert_eq!(told(change(ada.user_id().unwrap(), As::User).await), one_owner);
    assert!(matches!(change(user.user_id().unwrap(), As::User).await, Err(Error::NotFound)));

    assert_eq!(told(membership::leave(app, &tenant, &ada, id).await), one_owner);
    membership::leave(app, &tenant, &bob, id).await.unwrap();
    assert!(matches!(membership::list(app, &tenant, &bob, id).await, Err(Error::NotFound)));
    assert!(matches!(membership::remove(app, &tenant, &ada, id, bob_id).await, Err(Error::NotFound)));
    let refused = membership::remove(app, &tenant, &site.admin().await, id, ada.user_id().unwrap()).await;
    assert_eq!(told(refused), one_owner);
    let kinds = event::Entity::find().filter(event::Column::Target.eq(format!("application:{id}")));
    let kinds: Vec<String> = kinds.all(app.db.pool()).await.unwrap().into_iter().map(|row| row.kind).collect();
    for kind in ["member_added", "member_changed", "member_removed"] {
        assert!(kinds.contains(&kind.to_owned()), "{kinds:?}");
    }
}

#[tokio::test]
async fn an_application_has_one_primary_owner_whoever_transfers_it() {
    spec!("portal-8.4/transfer");
    let site = TestApp::start().await;
    let (app, tenant, admin) = (&site.app, site.tenant(), site.admin().await);
    let people: Vec<Actor> = [
        site.developer("ada@example.org").await,
        site.developer("bob@example.org").await,
        site.developer("carl@example.org").await,
    ]
    .into();
    let [ada, bob, carl] = &people[..] else { panic!() };
    let to = |actor: &Actor| Who::User(actor.user_id().unwrap());
    for round in 0..4 {
        let made = site.application(ada, &format!("Shop {round}")).await;
        let id = made.application.row.id;
        site.joins(&made.application.row, bob, MemberRole::User).await;
        let (one, two) = tokio::join!(
            transfer(app, &tenant, ada, id, None, to(bob), MemberRole::Owner),
            transfer(app, &tenant, &admin, id, None, to(carl), MemberRole::User),
        );
        let owner = application::find(app, &tenant, &admin, id).await.unwrap().row.primary_owner_id;
        let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
        // The admin may also come after the first, and transfer it on.
        match lost {
            Err(Error::Conflict(Conflict::Changed)) => assert_eq!(won.unwrap().row.primary_owner_id, owner),
            Err(Error::NotAllowed(_)) | Ok(_) => {}
            other => panic!("{other:?}"),
        }
        let members = membership::list(app, &tenant, &admin, id).await.unwrap();
        let owners = members.iter().filter(|member| member.role == As::PrimaryOwner);
        assert_eq!(owners.map(|member| Some(member.person.id)).collect::<Vec<_>>(), [owner]);
        assert!(members.iter().any(|member| Some(member.person.id) == ada.user_id()), "the old one stays a member");
    }
    // A transfer against an archive: one of them finds what it saw.
    for round in 0..4 {
        let id = site.application(ada, &format!("Blog {round}")).await.application.row.id;
        let (moved, archived) = tokio::join!(
            transfer(app, &tenant, ada, id, None, to(bob), MemberRole::User),
            application::archive(app, &tenant, ada, id),
        );
        assert!(moved.is_ok() != archived.is_ok(), "{moved:?} {archived:?}");
        let row = application::find_any(app, &tenant, &admin, id).await.unwrap().row;
        assert_eq!(row.primary_owner_id, moved.is_ok().then(|| bob.user_id()).flatten());
    }
    let id = site.application(ada, "Last").await.application.row.id;
    assert!(told(transfer(app, &tenant, ada, id, None, to(ada), MemberRole::User).await).contains("Taken"));
    assert_eq!(told(transfer(app, &tenant, ada, id, Some(7), to(bob), MemberRole::User).await), "Conflict(Changed)");
}

#[tokio::test]
async fn everybody_says_whether_they_are_told() {
    spec!("portal/G65", "portal/G68");
    let site = TestApp::start().await;
    let (app, tenant, admin) = (&site.app, site.tenant(), site.admin().await);
    let (ada, bob) = (site.developer("ada@example.org").await, site.developer("bob@example.org").await);
    let id = site.application(&ada, "Shop").await.application.row.id;
    membership::add(app, &tenant, &ada, id, Who::Email("bob@example.org"), As::User).await.unwrap();
    let service = site.offered("one", |_, _| {}).await;
    let contract = request(app, &tenant, &ada, Request::new(id, service.id)).await.unwrap().row.id;
    let told_of = async |decision| {
        site.forget_mails().await;
        decide(app, &tenant, &admin, contract, decision).await.unwrap();
        site.mails().await.into_iter().map(|(_, recipient)| recipient).collect::<Vec<_>>()
    };
    let set = async |actor: &Actor, mails| membership::set_mails(app, &tenant, actor, id, mails).await.unwrap();
    assert_eq!(told_of(Decision::Approve).await, ["ada@example.org", "bob@example.org"]);
    set(&ada, Mails::Off).await;
    assert_eq!(membership::mails(app, &tenant, &ada, id).await.unwrap(), Mails::Off);
    assert_eq!(membership::mails(app, &tenant, &bob, id).await.unwrap(), Mails::On);
    assert_eq!(told_of(Decision::Suspend).await, ["bob@example.org"]);
    set(&bob, Mails::Off).await;
    assert_eq!(told_of(Decision::Resume).await, Vec::<String>::new());
    set(&admin, Mails::On).await;
    assert_eq!(told_of(Decision::Revoke { reason: None }).await, ["ada@example.org"]);
}

#[tokio::test]
async fn a_script_manages_members_in_our_own_words() {
    let site = TestApp::start().await;
    let ada = site.developer("ada@example.org").await;
    let bob = site.developer("bob@example.org").await.user_id().unwrap();
    let id = site.application(&ada, "Shop").await.application.row.id;
    let token = site.management_token("applications:write:all applications:write").await;
    let call = async |method: &str, path: &str, body: serde_json::Value| {
        site.http.json(method, &format!("/api/admin/applications/{id}{path}"), Auth::Bearer(&token), &body).await
    };
    let added = call("POST", "/members", json!({"user": "bob@example.org"})).await;
    assert_eq!((added.status, &added.json()["role"]), (201, &json!("user")), "{}", added.text);
    let changed = call("PATCH", &format!("/members/{bob}"), json!({"role": "owner"})).await;
    assert_eq!((changed.status, &changed.json()["role"]), (200, &json!("owner")), "{}", changed.text);
    let refused = call("PATCH", &format!("/members/{bob}"), json!({"role": "primary_owner"})).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let moved = call("POST", "/transfer", json!({"user": bob, "old_owner_becomes": "owner"})).await;
    assert_eq!((moved.status, &moved.json()["owner"]["email"]), (200, &json!("bob@example.org")), "{}", moved.text);
    let mails = call("PUT", "/mails", json!({"mails": false})).await;
    assert_eq!((mails.status, mails.json()), (200, json!({"mails": false})), "{}", mails.text);
    let members = call("GET", "/members", json!({})).await.json();
    let roles: Vec<_> = members["items"].as_array().unwrap().iter().map(|member| &member["role"]).collect();
    assert_eq!(roles, ["primary_owner", "owner"]);
    let ada = ada.user_id().unwrap();
    assert_eq!(call("DELETE", &format!("/members/{ada}"), json!({})).await.status, 204);
    assert_eq!(call("POST", "/restore", json!({})).await.status, 409);
    let picture = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
    let changed = call("PATCH", "", json!({"picture": picture, "kept": {"groups": []}})).await;
    let told = changed.json();
    assert_eq!((&told["picture"], &told["kept"]), (&json!(picture), &json!({"groups": []})), "{}", changed.text);
    assert_eq!(call("DELETE", "", json!({})).await.status, 204);
    let back = call("POST", "/restore", json!({})).await;
    assert_eq!((back.status, &back.json()["owner"]["email"]), (200, &json!("admin@example.org")), "{}", back.text);
}

//! Policies: one a service, with the fields and refusals of portal.md K9–K22.

use entity::application::{ApplicationStatus, Source};
use entity::contract::ContractState;
use entity::user::Role;
use registrar::portal::list::Wanted;
use registrar::portal::policy::{
    Change, change, create, find, list as list_policies, of_service, provision_key, remove, replace,
    rotate_provision_key,
};
use registrar::portal::service::{self, Scope, Tags};
use registrar::portal::{Action, Actor, Error, Rule};
use registrar::secret::{self, Secret};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::{admin, by_credentials, list, told, wrong};
use crate::harness::TestApp;

fn only(change: impl FnOnce(&mut Change)) -> Change {
    let mut wanted = Change::default();
    change(&mut wanted);
    wanted
}

fn refused() -> String {
    told::<()>(Err(Error::NotAllowed(Action::WritePolicies)))
}

#[tokio::test]
async fn a_policy_has_its_defaults_and_a_key_that_only_admins_see() {
    spec!("portal/K9", "portal/K13", "portal/K16", "portal/K17", "portal/K18");
    // s.B15
    let app = TestApp::at_a_standstill().await;
    let tenant = app.tenant();
    let publisher = app.actor("ada@p.example", Role::Publisher).await;
    let service = app.made(&publisher, service::Change { name: Some("orders".into()), ..Default::default() }).await;
    let made = create(&app.app, &tenant, &publisher, "orders", None, by_credentials("Orders")).await.unwrap();
    let row = made.row.clone();
    assert_eq!((row.auth_header_name.as_str(), row.auto_approve, row.mandatory_scope), ("authorization", false, false));
    assert_eq!((row.token_expiration, row.refresh_token_ttl, row.description.clone()), (7200, 1_209_600, None));
    let flows = (row.enable_authorization_code, row.enable_implicit_grant, row.enable_password_grant);
    assert_eq!((flows, row.enable_client_credentials), ((false, false, false), true));
    assert_eq!((made.scopes(), made.service.id, row.enabled), (None, service.row.id, true));
    assert_eq!(row, find(&app.app, &tenant, &admin(), row.id).await.unwrap().row);
    assert_eq!(row, of_service(&app.app, &tenant, &admin(), "orders").await.unwrap().row);
    let key = provision_key(&app.app, &admin(), &row).unwrap();
    assert!(key.expose().len() == 32 && key.expose().bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert!(key.hash().matches(&row.provision_key_hash));
    assert!(!format!("{row:?}").contains(key.expose()));
    assert_eq!(told(provision_key(&app.app, &publisher, &row)), refused());
    assert_eq!(told(rotate_provision_key(&app.app, &tenant, &publisher, row.id, None).await), refused());
    let (rotated, fresh) = rotate_provision_key(&app.app, &tenant, &admin(), row.id, Some(0)).await.unwrap();
    assert_ne!(fresh, key);
    assert_eq!(provision_key(&app.app, &admin(), &rotated.row).unwrap(), fresh);
    assert_eq!(app.log(tenant.id, &format!("policy:{}", row.id)).await[1]["change"], "provision_key_renewed");
}

#[tokio::test]
async fn a_key_that_is_given_is_kept_and_belongs_to_one_policy() {
    spec!("portal/K16");
    let app = TestApp::start().await;
    let tenant = app.tenant();
    app.named("one").await;
    app.named("two").await;
    let key = Secret::new("D7gc8R1vGD5lkod2wUrSRdpBPpte73kF");
    let with_key = |name: &str| Change { provision_key: Some(key.clone()), ..by_credentials(name) };
    let publisher = app.actor("ada@p.example", Role::Publisher).await;
    app.made(&publisher, service::Change { name: Some("three".into()), ..Default::default() }).await;
    assert_eq!(told(create(&app.app, &tenant, &publisher, "three", None, with_key("Three")).await), refused());
    let by_admin =
        async |service: &str, name: &str| create(&app.app, &tenant, &admin(), service, None, with_key(name)).await;
    let (one, two) = tokio::join!(by_admin("one", "One"), by_admin("two", "Two"));
    let kept = one.as_ref().or(two.as_ref()).unwrap();
    assert_eq!(provision_key(&app.app, &admin(), &kept.row).unwrap(), key);
    assert_eq!(told(one.and(two)), r#"Taken { field: "provision_key", value: "…" }"#);
    let odd = Change { provision_key: Some(Secret::new("no spaces in a key")), ..by_credentials("Three") };
    let outcome = wrong(create(&app.app, &tenant, &admin(), "three", None, odd).await);
    assert_eq!(outcome, [("provision_key".to_owned(), Rule::Form)]);
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once_and_nothing_is_stored() {
    spec!("portal/K12", "portal/K14", "portal/K20");
    let app = TestApp::start().await;
    let tenant = app.tenant();
    app.named("orders").await;
    let range = Rule::Range { least: 0, most: 100_000_000 };
    let bad = Change {
        mandatory_scope: Some(true),
        auth_header_name: Some("two words".into()),
        token_expiration: Some(100_000_001),
        refresh_token_ttl: Some(-1),
        ..Change::default()
    };
    let expected = [
        ("display_name", Rule::Required),
        ("", Rule::NoFlow),
        ("scopes", Rule::Required),
        ("auth_header_name", Rule::Form),
        ("token_expiration", range.clone()),
        ("refresh_token_ttl", range),
    ];
    let outcome = wrong(create(&app.app, &tenant, &admin(), "orders", None, bad).await);
    assert_eq!(outcome, expected.map(|(field, rule)| (field.to_owned(), rule)));
    assert_eq!(told(of_service(&app.app, &tenant, &admin(), "orders").await), "NotFound");
    let made = app.with_policy("orders", by_credentials("Orders")).await;
    let off = only(|change| change.enable_client_credentials = Some(false));
    let outcome = change(&app.app, &tenant, &admin(), made.row.id, None, off.clone()).await;
    assert_eq!(wrong(outcome), [(String::new(), Rule::NoFlow)]);
    let other = Change { enable_authorization_code: Some(true), ..off };
    assert!(change(&app.app, &tenant, &admin(), made.row.id, None, other).await.is_ok());
}

#[tokio::test]
async fn a_change_touches_what_it_names() {
    spec!("portal/K28", "portal/D-2");
    // K52
    let app = TestApp::at_a_standstill().await;
    let tenant = app.tenant();
    app.named("orders").await;
    let first = Change {
        description: Some(Some("Orders".into())),
        scopes: Some(Some(list(["read write"]))),
        tags: Some(Some(list(["eu"]))),
        show_issuer: Some(Some(true)),
        auth_header_name: Some("X-Token".into()),
        ..by_credentials("Orders")
    };
    let made = app.with_policy("orders", first).await;
    let approve = only(|change| change.auto_approve = Some(true));
    let changed = change(&app.app, &tenant, &admin(), made.row.id, Some(0), approve.clone()).await.unwrap();
    let expected = entity::policy::Model { auto_approve: true, version: 1, ..made.row.clone() };
    assert_eq!(changed.row, expected);
    let stale = change(&app.app, &tenant, &admin(), made.row.id, Some(0), approve).await;
    assert_eq!(told(stale), "Conflict(Changed)");
    let log = app.log(tenant.id, &format!("policy:{}", made.row.id)).await;
    let line = json!({
        "change": "policy_changed",
        "before": {"auto_approve": false, "version": 0},
        "after": {"auto_approve": true, "version": 1},
    });
    assert_eq!(log[1], line);
    // A replacement forgets the rest, but not the key.
    let replaced = replace(&app.app, &tenant, &admin(), made.row.id, None, by_credentials("Orders 2")).await.unwrap();
    let row = &replaced.row;
    assert_eq!((row.auto_approve, row.description.as_deref(), row.show_issuer), (false, None, None));
    assert_eq!(row.provision_key_hash, made.row.provision_key_hash);
    assert_eq!(
        told(change(&app.app, &tenant, &admin(), secret::new_id().into(), None, Change::default()).await),
        "NotFound"
    );
}

#[tokio::test]
async fn a_service_has_one_policy_however_many_are_made_at_once() {
    let app = TestApp::start().await;
    let tenant = app.tenant();
    for round in 0..5 {
        let service = format!("orders-{round}");
        app.named(&service).await;
        let create =
            async |name: String| create(&app.app, &tenant, &admin(), &service, None, by_credentials(&name)).await;
        let (one, other) = tokio::join!(create(format!("A {round}")), create(format!("B {round}")));
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1, "{round}");
        assert_eq!(told(one.and(other)), "Conflict(PolicyExists)");
    }
}

#[tokio::test]
async fn a_display_name_belongs_to_one_policy_whatever_its_spelling() {
    spec!("portal/K12");
    let app = TestApp::start().await;
    let tenant = app.tenant();
    for name in ["one", "two", "three"] {
        app.named(name).await;
    }
    let create = async |service: &str, name: &str| {
        create(&app.app, &tenant, &admin(), service, None, by_credentials(name)).await
    };
    let (one, two) = tokio::join!(create("one", "My API"), create("two", " ｍｙ  api"));
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
    let loser = if one.is_ok() { "two" } else { "one" };
    assert!(matches!(one.and(two), Err(Error::Taken { field: "display_name", .. })));
    let other = create(loser, "Other").await.unwrap();
    let rename = only(|change| change.display_name = Some("MY API".into()));
    let outcome = change(&app.app, &tenant, &admin(), other.row.id, None, rename.clone()).await;
    assert_eq!(told(outcome), r#"Taken { field: "display_name", value: "MY API" }"#);
    // In another tenant it is free.
    let neighbour = app.neighbour().await;
    let service = service::Change { name: Some("one".into()), ..Default::default() };
    service::create(&app.app, &neighbour, &admin(), None, service).await.unwrap();
    let theirs = super::policy::create(&app.app, &neighbour, &admin(), "one", None, by_credentials("My API")).await;
    assert!(theirs.is_ok());
    // And theirs is not to be found here.
    assert_eq!(told(find(&app.app, &tenant, &admin(), theirs.unwrap().row.id).await), "NotFound");
}

#[tokio::test]
async fn a_publisher_opens_no_policy_wide() {
    // s.K4, K6
    let app = TestApp::start().await;
    let tenant = app.tenant();
    let (ada, bob) =
        (app.actor("ada@p.example", Role::Publisher).await, app.actor("bob@p.example", Role::Publisher).await);
    app.made(&ada, service::Change { name: Some("orders".into()), ..Default::default() }).await;
    let wide = [
        only(|change| change.auto_approve = Some(true)),
        only(|change| change.enable_implicit_grant = Some(true)),
        only(|change| change.enable_password_grant = Some(true)),
        only(|change| change.token_expiration = Some(0)),
        only(|change| change.refresh_token_ttl = Some(0)),
    ];
    let endless = Change { token_expiration: Some(0), ..by_credentials("Orders") };
    assert_eq!(told(create(&app.app, &tenant, &ada, "orders", None, endless).await), refused());
    assert_eq!(told(create(&app.app, &tenant, &bob, "orders", None, by_credentials("Orders")).await), refused());
    let made = create(&app.app, &tenant, &ada, "orders", None, by_credentials("Orders")).await.unwrap();
    let as_actor = async |actor: &Actor, wanted| change(&app.app, &tenant, actor, made.row.id, None, wanted).await;
    for change in &wide {
        assert_eq!(told(as_actor(&ada, change.clone()).await), refused(), "{change:?}");
        assert!(as_actor(&admin(), change.clone()).await.is_ok(), "{change:?}");
    }
    // What an admin opened stays open, whoever changes the rest.
    let described = only(|change| change.description = Some(Some("Ours".into())));
    assert!(as_actor(&ada, described.clone()).await.is_ok());
    assert_eq!(told(as_actor(&bob, described).await), refused());
    assert_eq!(told(remove(&app.app, &tenant, &bob, made.row.id, None).await), refused());
    // Where the tenant lets no token live for ever, nobody does.
    app.settings(json!({"policies": {"endless_tokens": false}})).await;
    app.named("other").await;
    let endless = Change { refresh_token_ttl: Some(0), ..by_credentials("Other") };
    let outcome = wrong(create(&app.app, &app.tenant(), &admin(), "other", None, endless).await);
    assert_eq!(outcome, [("refresh_token_ttl".to_owned(), Rule::Range { least: 1, most: 100_000_000 })]);
}

#[tokio::test]
async fn the_scopes_of_a_policy_are_those_of_its_service() {
    spec!("portal/K21", "portal/D-25");
    let app = TestApp::start().await;
    let tenant = app.tenant();
    let scope = |value: &str, description: &str| Scope { value: value.into(), description: description.into() };
    let read = service::Change {
        name: Some("orders".into()),
        scopes: Some(vec![scope("read", "Read orders")]),
        ..Default::default()
    };
    app.made(&admin(), read).await;
    let service_scopes = async || {
        let service = service::find(&app.app, &tenant, &admin(), "orders").await.unwrap();
        (service.scopes, service.policy.map(|policy| policy.scope_elements))
    };
    // Without scopes of its own it has those of the service.
    let made = app.with_policy("orders", Change { mandatory_scope: Some(true), ..by_credentials("Orders") }).await;
    assert_eq!(made.scopes(), Some(list(["read"])));
    let elements = only(|change| change.scopes = Some(Some(list(["<read> read", "write"]))));
    let changed = change(&app.app, &tenant, &admin(), made.row.id, None, elements).await.unwrap();
    assert_eq!(changed.scopes(), Some(list(["<read> read", "write"])));
    let union = vec![scope("<read>", ""), scope("read", "Read orders"), scope("write", "")];
    assert_eq!(service_scopes().await, (union, Some(Some(json!(["<read> read", "write"])))));
    // A change of the service's scopes shows in the policy.
    let fewer = service::Change { scopes: Some(vec![scope("write", "Write")]), ..Default::default() };
    service::change(&app.app, &tenant, &admin(), "orders", None, fewer).await.unwrap();
    assert_eq!(service_scopes().await, (vec![scope("write", "Write")], Some(Some(json!(["write"])))));
    let none = service::Change { scopes: Some(vec![]), ..Default::default() };
    let outcome = wrong(service::change(&app.app, &tenant, &admin(), "orders", None, none).await);
    assert_eq!(outcome, [("scopes".to_owned(), Rule::Contradiction)]);
    let unset = only(|change| change.scopes = Some(None));
    let outcome = wrong(change(&app.app, &tenant, &admin(), made.row.id, None, unset).await);
    assert_eq!(outcome, [("scopes".to_owned(), Rule::Required)]);
}

#[tokio::test]
async fn a_service_without_its_policy_is_closed_to_registration() {
    // D-26
    let app = TestApp::start().await;
    let tenant = app.tenant();
    app.named("orders").await;
    let made =
        app.with_policy("orders", Change { scopes: Some(Some(list(["read"]))), ..by_credentials("Orders") }).await;
    assert_eq!(told(remove(&app.app, &tenant, &admin(), made.row.id, Some(3)).await), "Conflict(Changed)");
    remove(&app.app, &tenant, &admin(), made.row.id, Some(0)).await.unwrap();
    let service = service::find(&app.app, &tenant, &admin(), "orders").await.unwrap();
    assert_eq!((service.policy, service.scopes), (None, vec![]));
    assert_eq!(told(remove(&app.app, &tenant, &admin(), made.row.id, None).await), "NotFound");
    let again = app.with_policy("orders", by_credentials("Orders")).await;
    assert_eq!(again.scopes(), None);
    assert_ne!(again.row.provision_key_hash, made.row.provision_key_hash);
}

#[tokio::test]
async fn requests_that_wait_go_on_waiting_when_a_policy_approves_by_itself() {
    spec!("portal/K10");
    let app = TestApp::start().await;
    let (tenant, now) = (app.tenant(), app.app.clock.now());
    let service = app.named("orders").await;
    let made = app.with_policy("orders", by_credentials("Orders")).await;
    let application = entity::application::Model {
        id: secret::new_id().into(),
        tenant_id: tenant.id,
        name: "App".into(),
        description: None,
        kind: "web".into(),
        status: ApplicationStatus::Active,
        source: Source::Open,
        primary_owner_id: None,
        is_default: false,
        custom_id: None,
        domain: None,
        picture: None,
        notify: true,
        kept: None,
        version: 0,
        archived_at: None,
        created_at: now,
        updated_at: now,
    };
    let contract = entity::contract::Model {
        id: secret::new_id().into(),
        tenant_id: tenant.id,
        application_id: application.id,
        service_id: service.row.id,
        state: ContractState::Pending,
        suspended: false,
        request: None,
        reason: None,
        requested_at: now,
        processed_at: None,
        processed_by: None,
        scopes: None,
        starts_at: None,
        ends_at: None,
        version: 0,
        created_at: now,
        updated_at: now,
    };
    application.into_active_model().reset_all().insert(app.app.db.pool()).await.unwrap();
    contract.clone().into_active_model().reset_all().insert(app.app.db.pool()).await.unwrap();
    for approve in [true, false] {
        let wanted = only(|change| change.auto_approve = Some(approve));
        change(&app.app, &tenant, &admin(), made.row.id, None, wanted).await.unwrap();
        let waiting = entity::contract::Entity::find().one(app.app.db.pool()).await.unwrap();
        assert_eq!(waiting.as_ref(), Some(&contract));
    }
    // They go with the service.
    service::remove(&app.app, &tenant, &admin(), "orders", None).await.unwrap();
    assert_eq!(entity::contract::Entity::find().all(app.app.db.pool()).await.unwrap(), []);
}

#[tokio::test]
async fn policies_are_listed_by_their_tags() {
    let app = TestApp::start().await;
    let tenant = app.tenant();
    for (service, tags) in [("one", vec!["a"]), ("two", vec!["a", "b"]), ("three", vec![])] {
        app.named(service).await;
        let tags = Some(Some(tags.into_iter().map(str::to_owned).collect()));
        app.with_policy(service, Change { tags, ..by_credentials(service) }).await;
    }
    let found = async |tags: Tags| {
        let found = list_policies(&app.app, &tenant, &admin(), &tags, &Wanted::first(2)).await.unwrap();
        let names: Vec<String> = found.items.into_iter().map(|policy| policy.row.display_name).collect();
        (names, found.total, found.next.is_some())
    };
    assert_eq!(found(Tags::Any).await, (list(["one", "two"]), 3, true));
    assert_eq!(found(Tags::AllOf(list(["a", "b"]))).await, (list(["two"]), 1, false));
    let developer = app.actor("dev@p.example", Role::Developer).await;
    let outcome = list_policies(&app.app, &tenant, &developer, &Tags::Any, &Wanted::first(2)).await;
    assert_eq!(told(outcome), "NotAllowed(ReadServices)");
}

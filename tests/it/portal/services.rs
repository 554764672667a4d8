//! Services: who adds, sees, changes and removes them.

use entity::id::ServiceId;
use entity::service::{Access, TokenFormat};
use entity::user::{Approval, Role};
use registrar::portal::list::Wanted;
use registrar::portal::service::{
    Change, Filter, Scope, Tags, Which, catalog, change, create, find, list as list_services, remove, replace, shown,
};
use registrar::portal::{Action, Actor, Error, Rule, document, policy};
use sea_orm::EntityTrait;
use serde_json::json;
use uuid::Uuid;

use super::{admin, by_credentials, list, told, wrong};
use crate::harness::TestApp;
use crate::harness::party::text;

fn named(name: &str) -> Change {
    Change { name: Some(name.to_owned()), ..Change::default() }
}

fn at(name: &str, audience: &str) -> Change {
    Change { audience: Some(audience.to_owned()), ..named(name) }
}

fn taken(field: &'static str, value: &str) -> String {
    told::<()>(Err(Error::Taken { field, value: value.to_owned() }))
}

#[tokio::test]
async fn a_service_needs_nothing_but_a_name() {
    let app = TestApp::at_a_standstill().await;
    let tenant = app.tenant();
    let made = app.named("orders").await;
    assert_eq!((made.row.audience.as_str(), made.row.access), ("orders", Access::Contract));
    assert_eq!((made.row.enabled, made.row.published, made.row.version), (true, true, 0));
    // The name is no audience, or somebody else's: the identity is one.
    let spaced = app.named("Two words").await;
    assert_eq!(spaced.row.audience, format!("urn:uuid:{}", spaced.row.id));
    app.made(&admin(), at("first", "second")).await;
    let second = app.named("second").await;
    assert_eq!(second.row.audience, format!("urn:uuid:{}", second.row.id));
    // Found by its identity and by its name, and in the order of their creation.
    let by_id = find(&app.app, &tenant, &admin(), &made.row.id.to_string()).await.unwrap();
    assert_eq!(by_id.row, find(&app.app, &tenant, &admin(), "orders").await.unwrap().row);
    let all = list_services(&app.app, &tenant, &admin(), &Filter::default(), &Wanted::first(3)).await.unwrap();
    let names: Vec<&str> = all.items.iter().map(|service| service.row.name.as_str()).collect();
    assert_eq!((names, all.total), (vec!["orders", "Two words", "first"], 4));
    let rest = Wanted { after: all.next, skip: 0, limit: 3 };
    let rest = list_services(&app.app, &tenant, &admin(), &Filter::default(), &rest).await.unwrap();
    assert_eq!((rest.items[0].row.name.as_str(), rest.items.len(), rest.next), ("second", 1, None));
}

#[tokio::test]
async fn an_identity_may_be_chosen_once() {
    let app = TestApp::start().await;
    let tenant = app.tenant();
    let id = ServiceId(Uuid::from_u128(7));
    let made = create(&app.app, &tenant, &admin(), Some(id), named("orders")).await.unwrap();
    assert_eq!(made.row.id, id);
    let again = create(&app.app, &tenant, &admin(), Some(id), named("other")).await;
    assert_eq!(told(again), taken("id", &id.to_string()));
}

#[tokio::test]
async fn names_and_audiences_belong_to_one_service_and_never_to_this_server() {
    let app = TestApp::start().await;
    let tenant = app.tenant();
    app.made(&admin(), at("orders", "https://api.example/orders")).await;
    let create = async |change| create(&app.app, &tenant, &admin(), None, change).await;
    assert_eq!(told(create(named("orders")).await), taken("name", "orders"));
    let spelled = "https://API.example:443/orders/";
    assert_eq!(told(create(at("other", spelled)).await), taken("audience", spelled));
    for own in ["", "/", "/userinfo", "/oidc/register", "/api/v2/", "/api/v2", "/token", "/oauth/token", "/introspect"]
    {
        let refused = wrong(create(at("other", &app.url(own))).await);
        assert_eq!(refused, [("audience".to_owned(), Rule::Contradiction)], "{own}");
    }
    let everything = Change {
        scopes: Some(vec![Scope { value: "services:write".into(), description: String::new() }]),
        tags: Some(Some(list(["a,b"]))),
        upstream: Some(Some(json!("nowhere"))),
        owner_id: Some(Some(Uuid::from_u128(1).into())),
        access_token_seconds: Some(Some(100_000_001)),
        ..at("a/b", "two words")
    };
    let fields: Vec<String> = wrong(create(everything).await).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["name", "audience", "upstream", "tags", "scopes", "access_token_seconds", "owner_id"]);
    assert_eq!(wrong(create(Change::default()).await), [("name".to_owned(), Rule::Required)]);
}

#[tokio::test]
async fn of_two_that_take_a_name_or_an_audience_at_once_one_gets_it() {
    let app = TestApp::start().await;
    let tenant = app.tenant();
    let create = async |change| create(&app.app, &tenant, &admin(), None, change).await;
    for round in 0..5 {
        let name = format!("orders-{round}");
        let (one, other) = tokio::join!(create(named(&name)), create(named(&name)));
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1, "{round}");
        assert_eq!(told(one.and(other)), taken("name", &name));
        let audiences = [format!("https://{round}.example"), format!("https://{round}.example/")];
        let (one, other) = tokio::join!(
            create(at(&format!("a-{round}"), &audiences[0])),
            create(at(&format!("b-{round}"), &audiences[1]))
        );
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1, "{round}");
        assert!(told(one.and(other)).contains("audience"), "{round}");
    }
}

#[tokio::test]
async fn a_change_needs_the_version_its_author_saw() {
    let app = TestApp::start().await;
    let tenant = app.tenant();
    app.named("orders").await;
    let describe = |text: &str| Change { description: Some(Some(text.to_owned())), ..Change::default() };
    let change = async |expected, wanted| change(&app.app, &tenant, &admin(), "orders", expected, wanted).await;
    let changed = change(Some(0), describe("one")).await.unwrap();
    assert_eq!((changed.row.version, changed.row.description.as_deref()), (1, Some("one")));
    assert_eq!(told(change(Some(0), describe("two")).await), "Conflict(Changed)");
    let (one, other) = tokio::join!(change(Some(1), describe("a")), change(Some(1), describe("b")));
    assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
    assert_eq!(told(one.and(other)), "Conflict(Changed)");
    // Without a version both count, one after the other.
    let (one, other) =
        tokio::join!(change(None, describe("a")), change(None, Change { enabled: Some(false), ..Change::default() }));
    assert!(one.is_ok() && other.is_ok());
    let after = find(&app.app, &tenant, &admin(), "orders").await.unwrap().row;
    assert_eq!((after.version, after.description.as_deref(), after.enabled), (4, Some("a"), false));
    let replaced = replace(&app.app, &tenant, &admin(), "orders", Some(4), named("orders")).await.unwrap().row;
    assert_eq!((replaced.version, replaced.description, replaced.enabled), (5, None, true));
    assert_eq!(replaced.audience, "orders");
    assert_eq!(wrong(change(None, named("a/b")).await), [("name".to_owned(), Rule::Form)]);
}

#[tokio::test]
async fn publishers_see_all_services_and_change_their_own() {
    spec!("portal/N16");
    // K6, s.B4
    let app = TestApp::start().await;
    let tenant = app.tenant();
    let (ada, bob) =
        (app.actor("ada@p.example", Role::Publisher).await, app.actor("bob@p.example", Role::Publisher).await);
    let made = app.made(&ada, named("orders")).await;
    assert_eq!(made.row.owner_id, ada.user_id());
    let publish = |published| Change { published: Some(published), ..Change::default() };
    let refused = told::<()>(Err(Error::NotAllowed(Action::WriteServices)));
    assert!(find(&app.app, &tenant, &bob, "orders").await.is_ok());
    assert_eq!(told(change(&app.app, &tenant, &bob, "orders", None, publish(false)).await), refused);
    assert_eq!(told(remove(&app.app, &tenant, &bob, "orders", None).await), refused);
    assert!(change(&app.app, &tenant, &ada, "orders", None, publish(false)).await.is_ok());
    // Nobody but an admin gives it away, or lets its tokens live for ever.
    let give = Change { owner_id: Some(bob.user_id()), ..Change::default() };
    let endless = Change { access_token_seconds: Some(Some(0)), ..Change::default() };
    assert_eq!(told(change(&app.app, &tenant, &ada, "orders", None, give.clone()).await), refused);
    assert_eq!(told(change(&app.app, &tenant, &ada, "orders", None, endless.clone()).await), refused);
    assert!(change(&app.app, &tenant, &admin(), "orders", None, give).await.is_ok());
    assert!(change(&app.app, &tenant, &admin(), "orders", None, endless).await.is_ok());
    assert_eq!(told(change(&app.app, &tenant, &ada, "orders", None, publish(true)).await), refused);
    // A developer looks after nothing.
    let developer = app.actor("dev@p.example", Role::Developer).await;
    let to_developer = Change { owner_id: Some(developer.user_id()), ..Change::default() };
    let outcome = wrong(change(&app.app, &tenant, &admin(), "orders", None, to_developer).await);
    assert_eq!(outcome, [("owner_id".to_owned(), Rule::Missing)]);
    let read = told::<()>(Err(Error::NotAllowed(Action::ReadServices)));
    let all = Wanted::first(9);
    assert_eq!(told(list_services(&app.app, &tenant, &developer, &Filter::default(), &all).await), read);
    assert_eq!(told(create(&app.app, &tenant, &developer, None, named("mine")).await), refused);
}

#[tokio::test]
async fn a_service_of_another_tenant_is_not_there() {
    // K3, s.B1
    let app = TestApp::start().await;
    let neighbour = app.neighbour().await;
    let made = app.named("orders").await;
    let id = made.row.id.to_string();
    for reference in ["orders", id.as_str()] {
        let found = find(&app.app, &neighbour, &admin(), reference).await;
        assert_eq!(told(found), "NotFound");
        let changed = change(&app.app, &neighbour, &admin(), reference, None, named("mine")).await;
        assert_eq!(told(changed), "NotFound");
        assert_eq!(told(remove(&app.app, &neighbour, &admin(), reference, None).await), "NotFound");
        let outcome = policy::create(&app.app, &neighbour, &admin(), reference, None, by_credentials("x")).await;
        assert_eq!(told(outcome), "NotFound");
    }
    // What is unique is so in each.
    assert!(create(&app.app, &neighbour, &admin(), None, named("orders")).await.is_ok());
}

#[tokio::test]
async fn developers_see_what_is_published() {
    spec!("portal/N5", "portal/N6", "portal/K7", "portal/K11");
    // s.B3
    let app = TestApp::start().await;
    let tenant = app.tenant();
    let developer = app.actor("dev@p.example", Role::Developer).await;
    app.made(&admin(), Change { description: Some(Some("Plain".into())), ..named("plain") }).await;
    app.made(&admin(), Change { tags: Some(Some(list(["shop", "eu"]))), ..named("orders") }).await;
    app.made(&admin(), Change { published: Some(false), ..named("hidden") }).await;
    app.made(&admin(), Change { enabled: Some(false), ..named("off") }).await;
    let described = policy::Change { description: Some(Some("Order things".into())), ..by_credentials("Orders API") };
    let policy = app.with_policy("orders", described).await;
    app.with_policy("hidden", by_credentials("Hidden API")).await;
    let find = async |filter: Filter| {
        let found = catalog(&app.app, &tenant, &developer, &filter, &Wanted::first(1)).await.unwrap();
        (found.items.first().map(|shown| shown.title.clone()), found.total)
    };
    assert_eq!(find(Filter::default()).await, (Some("plain".to_owned()), 2));
    let registrable = Filter { which: Which::Registrable, ..Filter::default() };
    assert_eq!(find(registrable.clone()).await, (Some("Orders API".to_owned()), 1));
    for search in ["oRdErS api", "ｔｈｉｎｇｓ", "shop"] {
        let filter = Filter { search: Some(search.to_owned()), ..Filter::default() };
        assert_eq!(find(filter).await, (Some("Orders API".to_owned()), 1), "{search}");
    }
    let tagged = |tags| Filter { tags, ..Filter::default() };
    assert_eq!(find(tagged(Tags::AllOf(list(["eu", "shop"])))).await.1, 1);
    assert_eq!(find(tagged(Tags::OneOf(list(["us"])))).await.1, 0);
    let orders = shown(&app.app, &tenant, &developer, "orders").await.unwrap();
    let registration = orders.registration.clone().unwrap();
    assert_eq!((registration.policy_id, orders.description.as_deref()), (policy.row.id, Some("Order things")));
    assert_eq!(shown(&app.app, &tenant, &developer, "plain").await.unwrap().registration, None);
    for hidden in ["hidden", "off", "nowhere"] {
        assert_eq!(told(shown(&app.app, &tenant, &developer, hidden).await), "NotFound", "{hidden}");
    }
    // A policy that is disabled lets nobody in.
    let off = policy::Change { enabled: Some(false), ..policy::Change::default() };
    policy::change(&app.app, &tenant, &admin(), policy.row.id, None, off).await.unwrap();
    assert_eq!(shown(&app.app, &tenant, &developer, "orders").await.unwrap().registration, None);
    assert_eq!(find(registrable).await, (None, 0));
    // Who is not approved sees nothing.
    let mut pending = (*developer.user.clone().unwrap()).clone();
    pending.approval = Approval::Pending;
    let outcome = shown(&app.app, &tenant, &Actor::person(pending.into()), "orders").await;
    assert_eq!(told(outcome), "NotApproved");
    let user = app.actor("user@p.example", Role::User).await;
    assert_eq!(told(shown(&app.app, &tenant, &user, "orders").await), "NotAllowed(ReadOwn)");
}

#[tokio::test]
async fn what_was_issued_for_a_service_ends_with_it() {
    // s.K6
    let app = TestApp::open().await;
    let tenant = app.tenant();
    let scopes = vec![Scope { value: "read".into(), description: String::new() }];
    let open = |name: &str, token_format| Change {
        access: Some(Access::Open),
        scopes: Some(scopes.clone()),
        token_format: Some(token_format),
        ..at(name, &format!("https://{name}.example/a_b%25c"))
    };
    app.made(&admin(), open("orders", TokenFormat::Opaque)).await;
    let client = app.web_client().await;
    let credentials = async || {
        let fields = [("grant_type", "client_credentials"), ("scope", "read")];
        let answer = app.token(text(&client, "client_id"), client["client_secret"].as_str(), &fields).await.expect(200);
        text(&answer, "access_token").to_owned()
    };
    let alone = credentials().await;
    let (_, tokens) = app.signed_in(&client, "openid read offline_access").await;
    let (access, refresh) = (text(&tokens, "access_token").to_owned(), text(&tokens, "refresh_token").to_owned());
    let active = async |token: &str| app.introspect(&client, token).await["active"] == json!(true);
    for token in [&alone, &access, &refresh] {
        assert!(active(token).await);
    }
    app.with_policy("orders", by_credentials("Orders")).await;
    let upload = document::Upload {
        path: None,
        title: "Guide".into(),
        media_type: None,
        body: "# Orders".into(),
        published: true,
    };
    document::add(&app.app, &tenant, &admin(), Some("orders"), upload).await.unwrap();
    assert_eq!(told(remove(&app.app, &tenant, &admin(), "orders", Some(7)).await), "Conflict(Changed)");
    remove(&app.app, &tenant, &admin(), "orders", None).await.unwrap();
    for token in [&alone, &access, &refresh] {
        assert!(!active(token).await, "{token}");
    }
    let pool = app.app.db.pool();
    assert_eq!(entity::policy::Entity::find().all(pool).await.unwrap(), []);
    assert_eq!(entity::document::Entity::find().all(pool).await.unwrap(), []);
    // The same service again does not bring them back.
    app.made(&admin(), open("orders", TokenFormat::Opaque)).await;
    for token in [&alone, &access, &refresh] {
        assert!(!active(token).await, "{token}");
    }
    // Another audience ends them as well.
    let again = credentials().await;
    assert!(active(&again).await);
    let moved = Change { audience: Some("https://elsewhere.example".into()), ..Change::default() };
    change(&app.app, &tenant, &admin(), "orders", None, moved).await.unwrap();
    assert!(!active(&again).await);
}

#[tokio::test]
async fn the_tenants_default_audience_is_not_given_up() {
    let app = TestApp::start().await;
    app.named("orders").await;
    app.settings(json!({"default_audience": "orders"})).await;
    let tenant = app.tenant();
    let used = r#"Conflict(StillUsed("the tenant's default_audience"))"#;
    assert_eq!(told(remove(&app.app, &tenant, &admin(), "orders", None).await), used);
    let moved = Change { audience: Some("elsewhere".into()), ..Change::default() };
    assert_eq!(told(change(&app.app, &tenant, &admin(), "orders", None, moved).await), used);
}

#[tokio::test]
async fn every_write_has_its_line_in_the_audit_log() {
    // s.B18
    let app = TestApp::start().await;
    let tenant = app.tenant();
    let secret = json!({"client_certificate": "secret"});
    let made = app.made(&admin(), Change { upstream: Some(Some(secret)), ..named("orders") }).await;
    let off = Change { enabled: Some(false), ..Change::default() };
    change(&app.app, &tenant, &admin(), "orders", None, off).await.unwrap();
    remove(&app.app, &tenant, &admin(), "orders", None).await.unwrap();
    let log = app.log(tenant.id, &format!("service:{}", made.row.id)).await;
    let changes: Vec<&str> = log.iter().map(|line| line["change"].as_str().unwrap()).collect();
    assert_eq!(changes, ["service_created", "service_changed", "service_removed"]);
    let second = json!({
        "change": "service_changed",
        "before": {"enabled": true, "version": 0},
        "after": {"enabled": false, "version": 1},
    });
    assert_eq!(log[1], second);
    assert_eq!((log[0]["before"].clone(), log[2]["after"].clone()), (json!(null), json!(null)));
    assert!(!serde_json::to_string(&log).unwrap().contains("secret"));
}

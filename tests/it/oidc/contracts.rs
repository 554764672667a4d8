//! The one issuing rule: who gets a token for a service, and when the tokens that are out stop being good.

use entity::contract::ContractState;
use entity::service::Access;
use entity::user::{Approval, Role};
use registrar::oidc::token::family;
use registrar::portal::Actor;
use registrar::portal::contract::{self, Decision};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::http::Answer;
use crate::harness::party::text;

const ORDERS: &str = "https://api.example/orders";
const BILLS: &str = "https://api.example/bills";

async fn ask(app: &TestApp, client: &Value, more: &[(&str, &str)]) -> Answer {
    let fields = [&[("grant_type", "client_credentials")], more].concat();
    app.token(text(client, "client_id"), client["client_secret"].as_str(), &fields).await
}

fn not_approved() -> Value {
    json!({"error": "unauthorized_client", "error_description": "Application is not approved for this service"})
}

#[tokio::test]
async fn only_an_approved_contract_gives_tokens_and_revoking_it_ends_them_at_once() {
    spec!("portal/K1", "portal/K2", "portal/K33", "portal/K36", "portal/N1", "portal/I8");
    // s.B6
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["read", "write"], |_| ()).await;
    let client = app.web_client().await;
    let wanted = [("resource", ORDERS), ("scope", "read")];
    assert_eq!(ask(&app, &client, &wanted).await.expect(400), not_approved(), "no contract");
    let contract = app.contract(&client, &service, ContractState::Pending).await;
    for state in [ContractState::Pending, ContractState::Rejected, ContractState::Revoked, ContractState::Closed] {
        app.set_contract(&contract, |row| row.state = state).await;
        assert_eq!(ask(&app, &client, &wanted).await.expect(400), not_approved(), "{state:?}");
    }
    app.set_contract(&contract, |row| row.state = ContractState::Approved).await;
    let tokens = ask(&app, &client, &wanted).await.expect(200);
    assert_eq!((text(&tokens, "scope"), &tokens["expires_in"]), ("read", &json!(7200)));
    let token = text(&tokens, "access_token");
    assert_eq!(app.introspect(&client, token).await["active"], true);
    app.set_contract(&contract, |row| row.state = ContractState::Revoked).await;
    assert_eq!(app.introspect(&client, token).await, json!({"active": false}));
    app.set_contract(&contract, |row| {
        row.state = ContractState::Approved;
        row.suspended = true;
    })
    .await;
    assert_eq!(app.introspect(&client, token).await, json!({"active": false}), "suspended");
    app.set_contract(&contract, |row| row.state = ContractState::Approved).await;
    assert_eq!(app.introspect(&client, token).await["active"], true, "resumed");
}

#[tokio::test]
async fn a_contract_that_nobody_needed_ends_no_token() {
    spec!("portal/8.5");
    // security.md s.B6
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["read"], |_| ()).await;
    app.access(&service, Access::Open).await;
    let client = app.web_client().await;
    let tokens = ask(&app, &client, &[("resource", ORDERS)]).await.expect(200);
    let token = text(&tokens, "access_token");
    app.app.clock.advance(10);
    let contract = app.contract(&client, &service, ContractState::Approved).await;
    app.set_contract(&contract, |row| row.processed_at = Some(app.app.clock.now())).await;
    assert_eq!(app.introspect(&client, token).await["active"], true, "the service was open to everybody");
    app.access(&service, Access::Contract).await;
    assert_eq!(app.introspect(&client, token).await, json!({"active": false}), "it is older than the approval");
}

#[tokio::test]
async fn a_contract_holds_between_its_dates() {
    spec!("portal/8.5");
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["read"], |_| ()).await;
    let client = app.web_client().await;
    let contract = app.contract(&client, &service, ContractState::Approved).await;
    let now = app.app.clock.now();
    app.set_contract(&contract, |row| row.starts_at = Some(now + 60)).await;
    assert_eq!(ask(&app, &client, &[("resource", ORDERS)]).await.expect(400), not_approved());
    app.set_contract(&contract, |row| row.ends_at = Some(now)).await;
    assert_eq!(ask(&app, &client, &[("resource", ORDERS)]).await.expect(400), not_approved());
    app.set_contract(&contract, |row| (row.starts_at, row.ends_at) = (Some(now), Some(now + 60))).await;
    let tokens = ask(&app, &client, &[("resource", ORDERS)]).await.expect(200);
    app.app.clock.advance(60);
    assert_eq!(app.introspect(&client, text(&tokens, "access_token")).await, json!({"active": false}));
}

#[tokio::test]
async fn a_contract_may_be_for_some_of_the_scopes() {
    spec!("portal/8.5");
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["read", "write"], |_| ()).await;
    let client = app.web_client().await;
    let contract = app.contract(&client, &service, ContractState::Approved).await;
    app.set_contract(&contract, |row| row.scopes = Some("read".into())).await;
    let tokens = ask(&app, &client, &[("resource", ORDERS), ("scope", "read write")]).await.expect(200);
    assert_eq!(text(&tokens, "scope"), "read");
    let refused = ask(&app, &client, &[("resource", ORDERS), ("scope", "write")]).await;
    assert_eq!(refused.refusal(), (400, "invalid_scope".to_owned()));
    app.set_contract(&contract, |row| row.scopes = Some("write".into())).await;
    assert_eq!(app.introspect(&client, text(&tokens, "access_token")).await, json!({"active": false}));
}

#[tokio::test]
async fn a_machine_that_names_a_service_and_no_scope_gets_what_its_contract_is_for() {
    spec!("portal/A29", "portal/8.5");
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["read", "write", "email"], |_| ()).await;
    app.service("https://open.example", &["read"]).await;
    let client = app.web_client().await;
    let contract = app.contract(&client, &service, ContractState::Approved).await;
    let scope = async |client: &Value, resource: &str| {
        let tokens = ask(&app, client, &[("audience", resource)]).await.expect(200);
        assert_eq!(app.introspect(client, text(&tokens, "access_token")).await["scope"], tokens["scope"]);
        tokens["scope"].clone()
    };
    assert_eq!(scope(&client, ORDERS).await, "read write email");
    app.set_contract(&contract, |row| row.scopes = Some("write".into())).await;
    assert_eq!(scope(&client, ORDERS).await, "write");
    // Without a contract nobody said what is granted.
    assert_eq!(scope(&client, "https://open.example").await, Value::Null);
    // A client that registered fewer gets those.
    let modest = app
        .register(json!({
            "grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_basic", "scope": "read",
        }))
        .await;
    app.contract(&modest, &service, ContractState::Approved).await;
    assert_eq!(scope(&modest, ORDERS).await, "read");
}

#[tokio::test]
async fn a_service_that_refuses_is_left_out_only_if_nothing_is_lost() {
    spec!("portal/8.5");
    let app = TestApp::at_a_standstill().await;
    let orders = app.guarded(ORDERS, &["read", "order"], |_| ()).await;
    app.guarded(BILLS, &["read", "bill"], |_| ()).await;
    let client = app.web_client().await;
    app.contract(&client, &orders, ContractState::Approved).await;
    let tokens = ask(&app, &client, &[("scope", "read")]).await.expect(200);
    assert_eq!(app.introspect(&client, text(&tokens, "access_token")).await["aud"], ORDERS);
    assert_eq!(ask(&app, &client, &[("scope", "read bill")]).await.expect(400), not_approved());
    let both = [("resource", ORDERS), ("resource", BILLS), ("scope", "read")];
    assert_eq!(ask(&app, &client, &both).await.expect(400), not_approved());
}

#[tokio::test]
async fn a_flow_that_is_off_gives_nothing() {
    spec!("portal/K13", "portal/8.5");
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["read"], |policy| policy.enable_client_credentials = false).await;
    let client = app.web_client().await;
    app.contract(&client, &service, ContractState::Approved).await;
    let description = format!("the service {ORDERS} does not take this grant");
    let refused = ask(&app, &client, &[("resource", ORDERS)]).await.expect(400);
    assert_eq!(refused, json!({"error": "unauthorized_client", "error_description": description}));
    let person = app.person("ada@example.org").await;
    let grant = app.grant_for(&client, &person, "openid read", &[ORDERS]).await;
    assert_eq!(text(&app.exchange(&grant).await.expect(200), "scope"), "openid read");
}

#[tokio::test]
async fn a_service_may_want_at_least_one_scope() {
    spec!("portal/K15");
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["read"], |policy| policy.mandatory_scope = true).await;
    let client = app.web_client().await;
    app.contract(&client, &service, ContractState::Approved).await;
    let refused = ask(&app, &client, &[("resource", ORDERS)]).await.expect(400);
    assert_eq!(refused, json!({"error": "invalid_scope", "error_description": "You must specify a scope"}));
    ask(&app, &client, &[("resource", ORDERS), ("scope", "read")]).await.expect(200);
}

#[tokio::test]
async fn tokens_of_a_policy_without_an_end_have_none() {
    spec!("portal/K17", "portal/K18", "portal/K26", "portal/D-19", "portal/I7");
    let app = TestApp::at_a_standstill().await;
    let endless = |policy: &mut entity::policy::Model| (policy.token_expiration, policy.refresh_token_ttl) = (0, 0);
    let service = app.guarded(ORDERS, &["read"], endless).await;
    let client = app.native_client().await;
    app.contract(&client, &service, ContractState::Approved).await;
    let person = app.person("ada@example.org").await;
    let grant = app.grant_for(&client, &person, "read", &[ORDERS]).await;
    let tokens = app.exchange(&grant).await.expect(200);
    assert_eq!(tokens.get("expires_in"), None);
    let token = text(&tokens, "access_token");
    assert!(token.starts_with("at_"), "a JWT would have to end: {token}");
    app.app.clock.advance(20 * 365 * 86_400);
    let gateway = app.web_client().await;
    assert_eq!(app.introspect(&gateway, token).await, json!({"active": false}), "it is for another service");
    registrar::jobs::expire::run(&app.app).await.unwrap();
    registrar::jobs::expire::sweep(&app.app).await.unwrap();
    let again = app.refresh(&grant, text(&tokens, "refresh_token")).await.expect(200);
    assert_eq!(again.get("expires_in"), None);
}

#[tokio::test]
async fn a_refresh_token_lives_as_long_as_the_policy_says() {
    spec!("portal/K17");
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["read"], |policy| policy.refresh_token_ttl = 100).await;
    let client = app.native_client().await;
    app.contract(&client, &service, ContractState::Approved).await;
    let person = app.person("ada@example.org").await;
    let grant = app.grant_for(&client, &person, "read", &[ORDERS]).await;
    let mut token = text(&app.exchange(&grant).await.expect(200), "refresh_token").to_owned();
    for _ in 0..3 {
        app.app.clock.advance(99);
        token = text(&app.refresh(&grant, &token).await.expect(200), "refresh_token").to_owned();
    }
    app.app.clock.advance(100);
    assert_eq!(app.refresh(&grant, &token).await.refusal(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn without_its_policy_a_service_gives_no_tokens_and_a_disabled_policy_changes_nothing() {
    spec!("portal/D-26", "portal/N22");
    // s.K6
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["read"], |policy| policy.enabled = false).await;
    let client = app.web_client().await;
    app.contract(&client, &service, ContractState::Approved).await;
    let tokens = ask(&app, &client, &[("resource", ORDERS)]).await.expect(200);
    let token = text(&tokens, "access_token");
    assert_eq!(app.introspect(&client, token).await["active"], true);
    entity::policy::Entity::delete_many().exec(app.app.db.pool()).await.unwrap();
    app.app.services.forget_all();
    assert_eq!(app.introspect(&client, token).await, json!({"active": false}));
    assert_eq!(ask(&app, &client, &[("resource", ORDERS)]).await.expect(400), not_approved());
}

#[tokio::test]
async fn the_applications_of_a_developer_who_is_not_approved_get_nothing() {
    spec!("portal/8.4-developer");
    let app = TestApp::at_a_standstill().await;
    let client = app.web_client().await;
    let owner = app.person("dev@example.org").await;
    let set = async |approval: Approval| {
        entity::user::Entity::update_many()
            .col_expr(entity::user::Column::Approval, Expr::value(approval))
            .col_expr(entity::user::Column::Role, Expr::value(Role::Developer))
            .filter(entity::user::Column::Id.eq(owner.id))
            .exec(app.app.db.pool())
            .await
            .unwrap();
        app.app.standings.forget_all();
        app.app.users.forget_all();
    };
    entity::application::Entity::update_many()
        .col_expr(entity::application::Column::PrimaryOwnerId, Expr::value(owner.id))
        .exec(app.app.db.pool())
        .await
        .unwrap();
    set(Approval::Approved).await;
    app.service(ORDERS, &["read"]).await;
    let tokens = ask(&app, &client, &[("resource", ORDERS)]).await.expect(200);
    for approval in [Approval::Pending, Approval::Rejected, Approval::Revoked] {
        set(approval).await;
        let refused = ask(&app, &client, &[("resource", ORDERS)]).await.expect(400);
        let description = "the developer of this application is not approved";
        assert_eq!(refused, json!({"error": "unauthorized_client", "error_description": description}));
        assert_eq!(app.introspect(&client, text(&tokens, "access_token")).await, json!({"active": false}));
    }
}

#[tokio::test]
async fn a_client_gets_the_management_scopes_it_was_granted_and_no_others() {
    spec!("portal/A29");
    let app = TestApp::at_a_standstill().await;
    let client = app.web_client().await;
    let audience = format!("{}/api/v2/", app.issuer);
    let refused = ask(&app, &client, &[("audience", &audience)]).await;
    assert_eq!(refused.refusal(), (400, "unauthorized_client".to_owned()));
    entity::client::Entity::update_many()
        .col_expr(entity::client::Column::Rights, Expr::value("read:clients update:tenant_settings dcr"))
        .exec(app.app.db.pool())
        .await
        .unwrap();
    app.app.clients.forget_all();
    let tokens = ask(&app, &client, &[("audience", &audience)]).await.expect(200);
    assert_eq!(
        (text(&tokens, "scope"), &tokens["expires_in"]),
        ("read:clients update:tenant_settings", &json!(86_400))
    );
    let some = ask(&app, &client, &[("audience", &audience), ("scope", "read:clients delete:clients")]).await;
    assert_eq!(text(&some.expect(200), "scope"), "read:clients");
}

#[tokio::test]
async fn a_limit_of_one_contract_binds_whatever_other_service_is_named() {
    spec!("portal/8.5");
    let app = TestApp::at_a_standstill().await;
    let orders = app.guarded(ORDERS, &["read", "write"], |_| ()).await;
    app.service(BILLS, &["write"]).await;
    let client = app.web_client().await;
    let contract = app.contract(&client, &orders, ContractState::Approved).await;
    app.set_contract(&contract, |row| row.scopes = Some("read".into())).await;
    let both = [("resource", ORDERS), ("resource", BILLS), ("scope", "read write")];
    assert_eq!(text(&ask(&app, &client, &both).await.expect(200), "scope"), "read");
    let only = [("resource", BILLS), ("scope", "write")];
    assert_eq!(text(&ask(&app, &client, &only).await.expect(200), "scope"), "write");
}

#[tokio::test]
async fn an_approval_that_was_taken_back_stays_taken_back_for_the_tokens_it_gave() {
    spec!("portal/I8");
    // s.B6
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["read"], |_| ()).await;
    let client = app.web_client().await;
    let row = app.contract(&client, &service, ContractState::Approved).await;
    let tokens = ask(&app, &client, &[("resource", ORDERS)]).await.expect(200);
    let token = text(&tokens, "access_token");
    let actor = Actor::operator("test");
    let decide = async |decision| contract::decide(&app.app, &app.tenant(), &actor, row.id, decision).await.unwrap();
    app.app.clock.advance(1);
    decide(Decision::Suspend).await;
    assert_eq!(app.introspect(&client, token).await, json!({"active": false}));
    decide(Decision::Resume).await;
    assert_eq!(app.introspect(&client, token).await["active"], true, "a pause is no new decision");
    decide(Decision::Revoke { reason: None }).await;
    decide(Decision::Approve).await;
    assert_eq!(app.introspect(&client, token).await, json!({"active": false}));
    let fresh = ask(&app, &client, &[("resource", ORDERS)]).await.expect(200);
    assert_eq!(app.introspect(&client, text(&fresh, "access_token")).await["active"], true);
}

#[tokio::test]
async fn machines_need_a_contract_where_only_people_come_in_without() {
    spec!("portal/8.5");
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["read"], |_| ()).await;
    entity::service::Entity::update_many()
        .col_expr(entity::service::Column::Access, Expr::value(entity::service::Access::People))
        .exec(app.app.db.pool())
        .await
        .unwrap();
    app.app.services.forget_all();
    let client = app.web_client().await;
    assert_eq!(ask(&app, &client, &[("resource", ORDERS)]).await.expect(400), not_approved());
    let person = app.person("ada@example.org").await;
    let grant = app.grant_for(&client, &person, "openid read", &[ORDERS]).await;
    let tokens = app.exchange(&grant).await.expect(200);
    assert_eq!(app.introspect(&client, text(&tokens, "access_token")).await["active"], true);
    app.contract(&client, &service, ContractState::Approved).await;
    ask(&app, &client, &[("resource", ORDERS)]).await.expect(200);
}

#[tokio::test]
async fn a_service_may_have_a_scope_that_openid_connect_has_too() {
    spec!("portal/K20");
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["email"], |_| ()).await;
    let client = app.web_client().await;
    app.contract(&client, &service, ContractState::Approved).await;
    let tokens = ask(&app, &client, &[("resource", ORDERS), ("scope", "email")]).await.expect(200);
    assert_eq!(text(&tokens, "scope"), "email");
    // Where the service is not named, the scope is about the person.
    let other = app.web_client().await;
    let (_, tokens) = app.signed_in(&other, "openid email").await;
    assert_eq!(text(&tokens, "scope"), "openid email");
}

#[tokio::test]
async fn a_flow_that_is_switched_off_ends_the_tokens_that_came_about_by_it() {
    spec!("portal/I8", "portal/8.5");
    use entity::policy::Column::{EnableAuthorizationCode, EnableClientCredentials};
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["read"], |policy| policy.enable_password_grant = true).await;
    let client = app.web_client().await;
    app.contract(&client, &service, ContractState::Approved).await;
    let machine = ask(&app, &client, &[("resource", ORDERS)]).await.expect(200);
    let person = app.person("ada@example.org").await;
    let grant = app.grant_for(&client, &person, "read offline_access", &[ORDERS]).await;
    let human = app.exchange(&grant).await.expect(200);
    let switch = async |column: entity::policy::Column, on: bool| {
        let update = entity::policy::Entity::update_many().col_expr(column, Expr::value(on));
        update.exec(app.app.db.pool()).await.unwrap();
        app.app.services.forget_all();
    };
    let active = async || {
        let of = async |tokens: &Value| app.introspect(&client, text(tokens, "access_token")).await["active"].clone();
        (of(&machine).await, of(&human).await)
    };
    assert_eq!(active().await, (json!(true), json!(true)));
    switch(EnableClientCredentials, false).await;
    assert_eq!(active().await, (json!(false), json!(true)));
    switch(EnableAuthorizationCode, false).await;
    assert_eq!(active().await, (json!(false), json!(false)));
    // What came about by a code does not go on because passwords are taken.
    let refused = app.refresh(&grant, text(&human, "refresh_token")).await;
    assert_eq!(refused.refusal(), (400, "unauthorized_client".to_owned()));
    switch(EnableClientCredentials, true).await;
    switch(EnableAuthorizationCode, true).await;
    assert_eq!(active().await, (json!(true), json!(true)));
}

#[tokio::test]
async fn the_end_of_a_contract_ends_what_was_given_for_its_service_and_nothing_else() {
    // portal.md §8.4 row 7, on the three databases
    let app = TestApp::at_a_standstill().await;
    let (client, other) = (app.web_client().await, app.web_client().await);
    let person = app.person("ada@example.org").await;
    let record = async |client: &Value| {
        registrar::oidc::client::record::find(&app.app, &app.tenant(), text(client, "client_id"))
            .await
            .unwrap()
            .unwrap()
    };
    let family = async |client: &Value, audience: &str, detail: Value| {
        let row = entity::token_family::Model {
            id: registrar::secret::new_id().into(),
            tenant_id: app.tenant().id,
            client_key: record(client).await.row.id,
            user_id: person.id,
            session_id: None,
            scopes: "read".into(),
            audience: audience.into(),
            detail,
            refreshable: true,
            generation: 0,
            rotated_at: 0,
            idle_at: i64::from(i32::MAX),
            expires_at: i64::from(i32::MAX),
            revoked_at: None,
            revoked_reason: None,
            created_at: 0,
        };
        row.into_active_model().reset_all().insert(app.app.db.pool()).await.unwrap().id
    };
    let token = async |client: &Value, audience: &str| {
        let row = entity::token::Model {
            id: registrar::secret::new_id().into(),
            tenant_id: app.tenant().id,
            hash: registrar::secret::alphanumeric(43),
            family_id: None,
            client_key: record(client).await.row.id,
            user_id: None,
            scopes: "read".into(),
            audience: audience.into(),
            expires_at: None,
            revoked_at: None,
            created_at: 0,
        };
        row.into_active_model().reset_all().insert(app.app.db.pool()).await.unwrap().id
    };
    let both = format!("{BILLS} {ORDERS}");
    let (shouted, longer) = (format!("{BILLS} {}", ORDERS.to_uppercase()), format!("{BILLS} {ORDERS}/2"));
    let ended = [
        family(&client, ORDERS, json!({"audience": BILLS})).await,
        family(&client, &both, json!({})).await,
        family(&client, "", json!({"audience": both})).await,
        family(&client, "", json!({"auth_time": 1})).await,
    ];
    let families = [
        family(&other, ORDERS, json!({})).await,
        family(&client, BILLS, json!({"audience": ORDERS})).await,
        family(&client, &shouted, json!({})).await,
        family(&client, &longer, json!({})).await,
        family(&client, "", json!({"audience": shouted})).await,
        family(&client, "", json!({"audience": ""})).await,
    ];
    let ended_tokens = [token(&client, ORDERS).await, token(&client, &both).await];
    let tokens = [token(&other, ORDERS).await, token(&client, &shouted).await, token(&client, &longer).await];
    let application = record(&client).await.row.application_id.unwrap();
    let revoked = app.app.db.transaction(move |transaction| {
        Box::pin(async move { family::revoke_for(transaction, application, ORDERS, 7).await })
    });
    revoked.await.unwrap();
    let all = entity::token_family::Entity::find().all(app.app.db.pool()).await.unwrap();
    for row in &all {
        let expected = ended.contains(&row.id).then_some((7, "contract_ended"));
        let found = row.revoked_at.zip(row.revoked_reason.as_deref());
        assert_eq!(found, expected, "{} {}", row.audience, row.detail);
    }
    assert_eq!(all.len(), ended.len() + families.len());
    let all = entity::token::Entity::find().all(app.app.db.pool()).await.unwrap();
    for row in &all {
        assert_eq!(row.revoked_at, ended_tokens.contains(&row.id).then_some(7), "{}", row.audience);
    }
    assert_eq!(all.len(), ended_tokens.len() + tokens.len());
}

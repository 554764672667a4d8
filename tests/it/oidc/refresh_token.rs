//! What a refresh token buys, and when it ends.

use entity::token_family;
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::grant::Grant;
use crate::harness::http::Answer;
use crate::harness::party::{claims, disfigured, masked, text};

const DAY: i64 = 86_400;

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

fn refresh_token(tokens: &Value) -> &str {
    text(tokens, "refresh_token")
}

async fn refresh_with(app: &TestApp, grant: &Grant, token: &str, more: &[(&str, &str)]) -> Answer {
    let fields = [&[("grant_type", "refresh_token"), ("refresh_token", token)], more].concat();
    app.token(&grant.client_id, grant.client_secret.as_deref(), &fields).await
}

async fn is_alive(app: &TestApp, tokens: &Value) -> bool {
    app.http.bearer("GET", "/userinfo", text(tokens, "access_token")).await.status == 200
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_and_the_same_identity() {
    spec!(
        "RFC6749-6/refresh-scope-omitted",
        "RFC6749-6/refresh-new-same-scope",
        "OIDC-Core-12.2/refresh-iss-sub",
        "OIDC-Core-12.2/refresh-aud",
        "OIDC-Core-12.2/refresh-iat",
        "OIDC-Core-12.2/refresh-auth-time",
        "OIDC-Core-12.2/refresh-nonce",
    );
    // s.F1
    let app = TestApp::at_a_standstill().await;
    let client = app.native_client().await;
    let (grant, first) = app.signed_in(&client, "openid email offline_access").await;
    app.app.clock.advance(100);
    let second = app.refresh(&grant, refresh_token(&first)).await.expect(200);
    let expected = json!({
        "access_token": "[jwt]",
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": "[refresh token]",
        "id_token": "[jwt]",
        "scope": "openid email offline_access",
    });
    assert_eq!(masked(second.clone()), expected);
    assert_ne!(refresh_token(&first), refresh_token(&second));
    let (mut before, mut after) = (claims(text(&first, "id_token")), claims(text(&second, "id_token")));
    let now = app.app.clock.now();
    assert_eq!((after["iat"].take(), after["exp"].take()), (json!(now), json!(now + 3600)));
    assert_ne!(after["at_hash"].take(), before["at_hash"].take());
    for name in ["iat", "exp"] {
        before[name].take();
    }
    before.as_object_mut().unwrap().remove("nonce").unwrap();
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_token_used_after_its_successor_ends_the_whole_family() {
    // s.F2, E11
    let app = TestApp::open().await;
    let client = app.native_client().await;
    let (grant, first) = app.signed_in(&client, "openid").await;
    let second = app.refresh(&grant, refresh_token(&first)).await.expect(200);
    let third = app.refresh(&grant, refresh_token(&second)).await.expect(200);
    assert!(is_alive(&app, &first).await && is_alive(&app, &third).await);
    let replayed = app.refresh(&grant, refresh_token(&first)).await;
    let description = "the refresh token is unknown, ended, replayed or another client's";
    assert_eq!(replayed.expect(400), json!({"error": "invalid_grant", "error_description": description}));
    for tokens in [&first, &second, &third] {
        assert!(!is_alive(&app, tokens).await);
        assert_eq!(app.refresh(&grant, refresh_token(tokens)).await.refusal(), invalid_grant());
    }
    let told = entity::event::Entity::find()
        .filter(entity::event::Column::Kind.eq("refresh_token_replayed"))
        .all(app.app.db.pool())
        .await
        .unwrap();
    assert_eq!(told.len(), 1, "the replay is told once");
    assert_eq!(told[0].data, json!({"reason": "refresh_replayed"}));
}

#[tokio::test]
async fn parallel_refreshes_all_get_the_same_successor() {
    // s.F3, s.F4, E11, refresh-parallel-race
    let app = TestApp::open().await;
    app.service("https://mcp.example/mcp", &["mcp:read"]).await;
    let (client, person) = (app.native_client().await, app.person("ada@example.org").await);
    let grant = app.grant_for(&client, &person, "mcp:read openid", &["https://mcp.example/mcp"]).await;
    let tokens = app.exchange(&grant).await.expect(200);
    let resource = [("resource", "https://mcp.example/mcp")];
    let answers = join_all((0..5).map(|_| refresh_with(&app, &grant, refresh_token(&tokens), &resource))).await;
    let successors: Vec<Value> = answers.iter().map(|answer| answer.expect(200)).collect();
    for successor in &successors {
        assert_eq!(refresh_token(successor), refresh_token(&successors[0]));
        assert!(is_alive(&app, successor).await, "no family was revoked");
    }
    let again = app.refresh(&grant, refresh_token(&tokens)).await.expect(200);
    assert_eq!(refresh_token(&again), refresh_token(&successors[0]), "a lost answer is given again");
    app.refresh(&grant, refresh_token(&again)).await.expect(200);
}

#[tokio::test]
async fn the_grace_ends_after_a_minute() {
    // s.F4, E11
    let app = TestApp::at_a_standstill().await;
    let client = app.native_client().await;
    let (grant, first) = app.signed_in(&client, "openid").await;
    let second = app.refresh(&grant, refresh_token(&first)).await.expect(200);
    app.app.clock.advance(59);
    app.refresh(&grant, refresh_token(&first)).await.expect(200);
    app.app.clock.advance(1);
    assert_eq!(app.refresh(&grant, refresh_token(&first)).await.refusal(), invalid_grant());
    assert_eq!(app.refresh(&grant, refresh_token(&second)).await.refusal(), invalid_grant(), "the family has ended");
}

#[tokio::test]
async fn without_grace_one_of_many_succeeds() {
    // s.F3
    let app = TestApp::with(&[("registration.profile", "strict")]).await.opened().await;
    let client = app
        .register(json!({
            "redirect_uris": ["https://client.example/cb"], "grant_types": ["authorization_code", "refresh_token"],
        }))
        .await;
    let (grant, tokens) = app.signed_in(&client, "openid offline_access").await;
    let answers = join_all((0..10).map(|_| app.refresh(&grant, refresh_token(&tokens)))).await;
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(won <= 1, "{won}");
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(refused.refusal(), invalid_grant());
    }
}

#[tokio::test]
async fn what_was_rotated_stays_rotated_when_the_server_starts_again() {
    // s.F5
    let app = TestApp::with(&[("registration.profile", "interop"), ("tokens.refresh_grace_seconds", "0")]).await;
    let app = app.opened().await;
    let client = app.native_client().await;
    let (grant, first) = app.signed_in(&client, "openid").await;
    let second = app.refresh(&grant, refresh_token(&first)).await.expect(200);
    let next_life = app.replica_with(&[("tokens.refresh_grace_seconds", "0")]).await;
    drop(app);
    let third = next_life.refresh(&grant, refresh_token(&second)).await.expect(200);
    assert_eq!(next_life.refresh(&grant, refresh_token(&first)).await.refusal(), invalid_grant());
    assert_eq!(next_life.refresh(&grant, refresh_token(&third)).await.refusal(), invalid_grant());
}

#[tokio::test]
async fn a_refresh_token_is_for_its_own_client() {
    spec!(
        "RFC6749-6/refresh-same-client",
        "RFC6749-6/refresh-authenticates",
        "RFC6749-10.2/authenticate-when-possible",
        "RFC6749-10.4/refresh-binding",
    );
    // s.F6
    let app = TestApp::open().await;
    let client = app.web_client().await;
    let (grant, tokens) = app.signed_in(&client, "openid offline_access").await;
    for thief in [app.web_client().await, app.native_client().await] {
        let stolen = Grant {
            client_id: text(&thief, "client_id").to_owned(),
            client_secret: thief["client_secret"].as_str().map(str::to_owned),
            ..grant.clone()
        };
        assert_eq!(app.refresh(&stolen, refresh_token(&tokens)).await.refusal(), invalid_grant());
    }
    let unproven = Grant { client_secret: None, ..grant.clone() };
    assert_eq!(app.refresh(&unproven, refresh_token(&tokens)).await.refusal(), (401, "invalid_client".to_owned()));
    app.refresh(&grant, refresh_token(&tokens)).await.expect(200);
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_but_not_for_more() {
    spec!("RFC6749-6/refresh-scope-not-wider");
    // s.F7
    let app = TestApp::open().await;
    let client = app.native_client().await;
    let (grant, first) = app.signed_in(&client, "openid email").await;
    let wider = refresh_with(&app, &grant, refresh_token(&first), &[("scope", "openid email profile")]).await;
    let expected = json!({"error": "invalid_scope", "error_description": "more scopes than were granted"});
    assert_eq!(wider.expect(400), expected);
    let less = refresh_with(&app, &grant, refresh_token(&first), &[("scope", "openid")]).await.expect(200);
    assert_eq!(less["scope"], json!("openid"));
    let all = app.refresh(&grant, refresh_token(&less)).await.expect(200);
    assert_eq!(all["scope"], json!("openid email"), "the grant is as wide as it was");
}

#[tokio::test]
async fn a_family_ends_when_it_is_idle_and_after_a_year_in_any_case() {
    // s.F8, claude-code-invalid-grant-on-refresh
    let app = TestApp::at_a_standstill().await;
    let client = app.native_client().await;
    let (grant, mut tokens) = app.signed_in(&client, "openid").await;
    let (idle, unused) = app.signed_in(&client, "openid").await;
    for _ in 0..12 {
        app.app.clock.advance(30 * DAY - 1);
        tokens = app.refresh(&grant, refresh_token(&tokens)).await.expect(200);
    }
    assert_eq!(app.refresh(&idle, refresh_token(&unused)).await.refusal(), invalid_grant());
    app.app.clock.advance(5 * DAY + 12);
    assert_eq!(app.introspect(&app.web_client().await, refresh_token(&tokens)).await, json!({"active": false}));
    assert_eq!(app.refresh(&grant, refresh_token(&tokens)).await.refusal(), invalid_grant());
    let answer = app.refresh(&grant, refresh_token(&tokens)).await;
    assert_eq!(answer.status, 400, "the client lives: invalid_grant, not invalid_client");
}

#[tokio::test]
async fn a_refresh_asks_everything_again() {
    // s.F9
    let app = TestApp::open().await;
    let service = app.service("https://api.example", &["read"]).await;
    let (client, person) = (app.native_client().await, app.person("ada@example.org").await);
    let grant = app.grant_for(&client, &person, "read openid", &["https://api.example"]).await;
    let tokens = app.exchange(&grant).await.expect(200);

    let enable = |enabled: bool| {
        let mut service = service.clone().into_active_model();
        service.enabled = Set(enabled);
        let app = &app;
        async move {
            service.update(app.app.db.pool()).await.unwrap();
            app.app.services.forget_all();
        }
    };
    enable(false).await;
    let refused = app.refresh(&grant, refresh_token(&tokens)).await;
    let description = "a resource of the grant is not there any more";
    assert_eq!(refused.expect(400), json!({"error": "invalid_grant", "error_description": description}));
    enable(true).await;
    let tokens = app.refresh(&grant, refresh_token(&tokens)).await.expect(200);

    let state = |state: entity::user::UserState| {
        let mut person = person.clone().into_active_model();
        person.state = Set(state);
        let app = &app;
        async move {
            person.update(app.app.db.pool()).await.unwrap();
            app.app.users.forget_all();
        }
    };
    state(entity::user::UserState::Disabled).await;
    assert_eq!(app.refresh(&grant, refresh_token(&tokens)).await.refusal(), invalid_grant());
    assert!(!is_alive(&app, &tokens).await);
    state(entity::user::UserState::Active).await;
    let tokens = app.refresh(&grant, refresh_token(&tokens)).await.expect(200);

    // E10, claude-code-dead-client-on-refresh
    app.delete(&client).await;
    assert_eq!(app.refresh(&grant, refresh_token(&tokens)).await.refusal(), (401, "invalid_client".to_owned()));
    assert!(!is_alive(&app, &tokens).await);
}

#[tokio::test]
async fn what_is_not_exactly_a_refresh_token_is_refused_and_harms_nobody() {
    spec!("RFC6749-6/refresh-valid", "RFC6749-10.3/access-token-unforgeable", "RFC6749-10.4/refresh-unforgeable",);
    // s.F10, s.T7
    let app = TestApp::open().await;
    let client = app.web_client().await;
    let (grant, tokens) = app.signed_in(&client, "openid offline_access").await;
    let mut wrong = disfigured(refresh_token(&tokens));
    for name in ["access_token", "id_token"] {
        wrong.push(text(&tokens, name).to_owned());
    }
    for name in ["client_secret", "registration_access_token"] {
        wrong.push(text(&client, name).to_owned());
    }
    wrong.extend(["rt_".to_owned(), format!("rt_{}", "A".repeat(70)), grant.code.clone()]);
    for token in wrong {
        assert_eq!(app.refresh(&grant, &token).await.refusal(), invalid_grant(), "{token}");
        assert_eq!(app.introspect(&client, &token).await["active"], json!(token == text(&tokens, "access_token")));
    }
    let missing = refresh_with(&app, &grant, "", &[]).await;
    let expected = json!({"error": "invalid_request", "error_description": "refresh_token is missing"});
    assert_eq!(missing.expect(400), expected);
    app.refresh(&grant, refresh_token(&tokens)).await.expect(200);
}

#[tokio::test]
async fn a_refused_refresh_leaves_the_token_as_it_was() {
    // s.F11
    let app = TestApp::open().await;
    app.service("https://api.example", &["read"]).await;
    app.service("https://other.example", &["other"]).await;
    let client = app.native_client().await;
    let (grant, tokens) = app.signed_in(&client, "openid read").await;
    for (name, value, error) in [
        ("resource", "https://other.example", "invalid_target"),
        ("resource", "https://unknown.example", "invalid_target"),
        ("scope", "other", "invalid_scope"),
        ("scope", "re\"ad", "invalid_scope"),
    ] {
        let refused = refresh_with(&app, &grant, refresh_token(&tokens), &[(name, value)]).await;
        assert_eq!(refused.refusal(), (400, error.to_owned()), "{value}");
    }
    let family = token_family::Entity::find().one(app.app.db.pool()).await.unwrap().unwrap();
    assert_eq!((family.generation, family.revoked_at), (0, None));
    app.refresh(&grant, refresh_token(&tokens)).await.expect(200);
}

#[tokio::test]
async fn the_resource_of_the_grant_is_remembered() {
    // E12
    let app = TestApp::open().await;
    app.service("https://one.example", &["read"]).await;
    app.service("https://two.example", &["read"]).await;
    let (client, person) = (app.native_client().await, app.person("ada@example.org").await);
    let resources = ["https://one.example", "https://TWO.example/"];
    let grant = app.grant_for(&client, &person, "read", &resources).await;
    let tokens = app.exchange(&grant).await.expect(200);
    let aud = |tokens: &Value| claims(text(tokens, "access_token"))["aud"].clone();
    assert_eq!(aud(&tokens), json!(["https://one.example", "https://two.example"]));
    let tokens = app.refresh(&grant, refresh_token(&tokens)).await.expect(200);
    assert_eq!(aud(&tokens), json!(["https://one.example", "https://two.example"]));
    let one = refresh_with(&app, &grant, refresh_token(&tokens), &[("resource", "https://two.example/")]).await;
    assert_eq!(aud(&one.expect(200)), json!("https://two.example"));
}

#[tokio::test]
async fn who_gets_a_refresh_token() {
    // E8
    let app = TestApp::open().await;
    app.service("https://api.example", &["read"]).await;
    let (web, native) = (app.web_client().await, app.native_client().await);
    let without_grant = app.register(json!({"redirect_uris": ["https://client.example/cb"]})).await;
    for (client, scope, gets) in [
        (&web, "openid", false),
        (&web, "openid offline_access", true),
        (&web, "read", true),
        (&native, "openid", true),
        (&without_grant, "openid offline_access", false),
        (&without_grant, "read", false),
    ] {
        let (_, tokens) = app.signed_in(client, scope).await;
        assert_eq!(tokens.get("refresh_token").is_some(), gets, "{scope} for {}", client["grant_types"]);
    }
}

#[tokio::test]
async fn a_service_added_later_is_not_part_of_what_was_granted() {
    // s.T23, s.A24: the person saw one service
    let app = TestApp::at_a_standstill().await;
    app.service("https://first.example", &["read"]).await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let seen = |code: &mut registrar::oidc::authorization::code::AuthorizationCode| {
        code.audience = Some("https://first.example".into());
    };
    let grant = app.grant_with(&client, &person, "read offline_access", seen).await;
    let tokens = app.exchange(&grant).await.expect(200);
    app.service("https://second.example", &["read"]).await;
    let refreshed = app.refresh(&grant, refresh_token(&tokens)).await.expect(200);
    assert_eq!(claims(text(&refreshed, "access_token"))["aud"], json!("https://first.example"));
}

//! What a code buys, once.

use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::grant::Grant;
use crate::harness::party::{claims, disfigured, text};

const INVALID_GRANT: &str = "invalid_grant";

fn invalid_grant() -> (u16, String) {
    (400, INVALID_GRANT.to_owned())
}

async fn is_active(app: &TestApp, client: &Value, token: &Value) -> bool {
    app.introspect(client, token.as_str().unwrap()).await["active"] == json!(true)
}

#[tokio::test]
async fn a_code_presented_twice_ends_what_it_bought() {
    spec!(
        "portal/G21",
        "RFC6749-4.1.2/code-once",
        "RFC6749-4.1.2/code-replay-revokes",
        "RFC6749-10.5/replay-revokes",
        "OIDC-Core-3.1.3.2/code-unused",
    );
    // s.T1
    let app = TestApp::open().await;
    let client = app.web_client().await;
    let (grant, tokens) = app.signed_in(&client, "openid offline_access").await;
    assert!(is_active(&app, &client, &tokens["access_token"]).await);
    assert!(is_active(&app, &client, &tokens["refresh_token"]).await);
    let again = app.exchange(&grant).await;
    let description = "the code is unknown, spent, expired or another client's";
    assert_eq!(again.expect(400), json!({"error": INVALID_GRANT, "error_description": description}));
    assert!(!is_active(&app, &client, &tokens["access_token"]).await);
    assert!(!is_active(&app, &client, &tokens["refresh_token"]).await);
    assert_eq!(app.refresh(&grant, text(&tokens, "refresh_token")).await.refusal(), invalid_grant());
    assert_eq!(app.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await.status, 401);
}

#[tokio::test]
async fn of_many_exchanges_at_once_one_succeeds() {
    // s.T2
    let app = TestApp::open().await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    for _ in 0..3 {
        let grant = app.grant(&client, &person, "openid").await;
        let answers = join_all((0..16).map(|_| app.exchange(&grant))).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        for refused in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(refused.refusal(), invalid_grant());
        }
    }
}

#[tokio::test]
async fn a_code_is_for_its_own_client() {
    spec!(
        "RFC6749-4.1.2/code-bound",
        "RFC6749-4.1.3/exchange-same-client",
        "OIDC-Core-3.1.3.2/code-of-this-client",
        "RFC6749-4.1.3/exchange-authenticates-confidential",
        "RFC6749-4.1.3/exchange-public-client-id",
    );
    // s.T3
    let app = TestApp::open().await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let (other, public) = (app.web_client().await, app.native_client().await);
    let grant = app.grant(&client, &person, "openid").await;
    for thief in [&other, &public] {
        let stolen = Grant {
            client_id: text(thief, "client_id").to_owned(),
            client_secret: thief["client_secret"].as_str().map(str::to_owned),
            ..grant.clone()
        };
        assert_eq!(app.exchange(&stolen).await.refusal(), invalid_grant());
    }
    let unproven = Grant { client_secret: None, ..grant.clone() };
    assert_eq!(app.exchange(&unproven).await.refusal(), (401, "invalid_client".to_owned()));
    assert_eq!(app.exchange(&grant).await.status, 200, "the owner's code is as it was");

    let grant = app.grant(&public, &person, "openid").await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*grant.code),
        ("redirect_uri", &*grant.redirect_uri),
        ("code_verifier", &*grant.verifier),
    ];
    let unnamed = app.http.form("/token", crate::harness::http::Auth::None, &fields).await;
    assert_eq!(unnamed.refusal(), (401, "invalid_client".to_owned()));
    assert_eq!(app.exchange(&grant).await.status, 200);
}

#[tokio::test]
async fn a_code_that_is_not_exactly_one_of_ours_is_refused_and_harms_nobody() {
    spec!("RFC6749-4.1.3/exchange-code-valid", "OIDC-Core-3.1.3.2/code-valid", "RFC7636-4.4/challenge-not-readable");
    // s.T4, s.T6
    let app = TestApp::open().await;
    let client = app.web_client().await;
    let (spent, tokens) = app.signed_in(&client, "openid").await;
    let person = app.person("ada@example.org").await;
    let fresh = app.grant(&client, &person, "openid").await;
    for code in disfigured(&spent.code).into_iter().chain(disfigured(&fresh.code)) {
        let tried = Grant { code, ..fresh.clone() };
        assert_eq!(app.exchange(&tried).await.refusal(), invalid_grant(), "{}", tried.code);
    }
    assert!(is_active(&app, &client, &tokens["access_token"]).await, "nothing was revoked");
    assert_eq!(app.exchange(&fresh).await.status, 200);
    let challenge = registrar::secret::sha256(fresh.verifier.as_bytes());
    let sealed = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &fresh.code).unwrap();
    for plain in [&challenge[..], text(&client, "client_id").as_bytes(), person.id.0.as_bytes(), b"openid"] {
        assert!(!sealed.windows(plain.len()).any(|window| window == plain), "the code can be read");
    }
}

#[tokio::test]
async fn no_credential_of_another_kind_is_a_code() {
    // s.T7
    let app = TestApp::open().await;
    let client = app.web_client().await;
    let (grant, tokens) = app.signed_in(&client, "openid offline_access").await;
    for name in ["client_secret", "registration_access_token", "client_id"] {
        let tried = Grant { code: text(&client, name).to_owned(), ..grant.clone() };
        assert_eq!(app.exchange(&tried).await.refusal(), invalid_grant(), "{name}");
    }
    for name in ["access_token", "refresh_token", "id_token"] {
        let tried = Grant { code: text(&tokens, name).to_owned(), ..grant.clone() };
        assert_eq!(app.exchange(&tried).await.refusal(), invalid_grant(), "{name}");
    }
    let fresh = app.grant(&client, &app.person("ada@example.org").await, "openid").await;
    assert_eq!(app.refresh(&grant, &fresh.code).await.refusal(), invalid_grant());
    assert_eq!(app.introspect(&client, &fresh.code).await, json!({"active": false}));
    assert_eq!(app.http.bearer("GET", "/userinfo", &fresh.code).await.status, 401);
}

#[tokio::test]
async fn the_redirect_uri_is_that_of_the_authorization_request() {
    spec!("RFC6749-4.1.3/exchange-redirect-uri", "OIDC-Core-3.1.3.2/same-redirect-uri");
    // s.T5
    let app = TestApp::open().await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let grant = app.grant(&client, &person, "openid").await;
    for other in [
        "https://client.example/cb/",
        "https://client.example/CB",
        "https://client.example/cb?x=1",
        "https://evil.example/cb",
    ] {
        let tried = Grant { redirect_uri: other.to_owned(), ..grant.clone() };
        let description = "redirect_uri differs from the authorization request's";
        let expected = json!({"error": INVALID_GRANT, "error_description": description});
        assert_eq!(app.exchange(&tried).await.expect(400), expected, "{other}");
    }
    let tried = Grant { redirect_uri: String::new(), ..grant.clone() };
    let description = "redirect_uri is missing: the authorization request had one";
    assert_eq!(
        app.exchange(&tried).await.expect(400),
        json!({"error": INVALID_GRANT, "error_description": description})
    );
    assert_eq!(app.exchange(&grant).await.status, 200);

    // A request that named none needs none, and a right one does no harm.
    for sent in ["", "https://client.example/cb"] {
        let grant = app.grant_with(&client, &person, "openid", |code| code.redirect_uri_named = false).await;
        let grant = Grant { redirect_uri: sent.to_owned(), ..grant };
        assert_eq!(app.exchange(&grant).await.status, 200, "{sent:?}");
    }
}

#[tokio::test]
async fn only_the_right_verifier_lets_the_exchange_go_on_and_a_wrong_one_voids_the_code() {
    spec!(
        "RFC7636-4.1/verifier-form",
        "RFC7636-4.2/s256",
        "RFC7636-4.4/challenge-with-code",
        "RFC7636-4.6/wrong-verifier",
        "RFC7636-4.6/missing-verifier",
        "RFC7636-4.6/right-verifier",
    );
    // s.T8, s.T10
    let app = TestApp::open().await;
    let person = app.person("ada@example.org").await;
    for client in [app.web_client().await, app.native_client().await] {
        let right = app.grant(&client, &person, "openid").await;
        let digest = registrar::secret::sha256(right.verifier.as_bytes());
        let challenge = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, digest);
        let verifier = right.verifier.clone();
        for wrong in [
            String::new(),
            challenge,
            verifier[..42].to_owned(),
            verifier[1..].to_owned(),
            format!("{verifier}A"),
            verifier.repeat(3),
            format!("{} ", &verifier[..42]),
            "\u{e9}".repeat(43),
        ] {
            let grant = app
                .grant_with(&client, &person, "openid", |code| {
                    let digest = registrar::secret::sha256(verifier.as_bytes());
                    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
                    code.challenge = Some(base64::Engine::encode(&engine, digest));
                })
                .await;
            let tried = Grant { verifier: wrong.clone(), ..grant.clone() };
            let description = "code_verifier does not fit the code_challenge; the code is void";
            let expected = json!({"error": INVALID_GRANT, "error_description": description});
            assert_eq!(app.exchange(&tried).await.expect(400), expected, "{wrong:?}");
            let late = Grant { verifier: verifier.clone(), ..grant };
            assert_eq!(app.exchange(&late).await.refusal(), invalid_grant(), "after {wrong:?}");
        }
        assert_eq!(app.exchange(&right).await.status, 200);
    }
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_a_downgrade() {
    // s.T9
    let app = TestApp::open().await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let grant = app.grant_with(&client, &person, "openid", |code| code.challenge = None).await;
    assert_eq!(app.exchange(&grant).await.refusal(), invalid_grant());
    let grant = app.grant_with(&client, &person, "openid", |code| code.challenge = None).await;
    let without = Grant { verifier: String::new(), ..grant };
    assert_eq!(app.exchange(&without).await.status, 200);
}

#[tokio::test]
async fn a_code_dies_after_a_minute() {
    spec!("RFC6749-4.1.2/code-expires", "RFC6749-4.1.2/code-ten-minutes");
    let app = TestApp::at_a_standstill().await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let (first, second) = (app.grant(&client, &person, "openid").await, app.grant(&client, &person, "openid").await);
    app.app.clock.advance(59);
    assert_eq!(app.exchange(&first).await.status, 200);
    app.app.clock.advance(1);
    assert_eq!(app.exchange(&second).await.refusal(), invalid_grant());
}

#[tokio::test]
async fn a_code_for_somebody_who_is_gone_buys_nothing() {
    let app = TestApp::open().await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let grant = app.grant(&client, &person, "openid").await;
    let mut gone = person.into_active_model();
    gone.state = Set(entity::user::UserState::Disabled);
    gone.update(app.app.db.pool()).await.unwrap();
    app.app.users.forget_all();
    assert_eq!(app.exchange(&grant).await.refusal(), invalid_grant());
}

#[tokio::test]
async fn a_resource_is_one_that_was_asked_for_and_a_wrong_one_leaves_the_code_as_it_was() {
    // s.T23, E12
    let app = TestApp::open().await;
    app.service("https://api.example/mcp", &["read", "write"]).await;
    app.service("https://other.example", &["read"]).await;
    let (client, person) = (app.native_client().await, app.person("ada@example.org").await);
    let grant = app.grant_for(&client, &person, "read", &["https://api.example/mcp"]).await;
    let with = |resource: &'static str| {
        let grant = grant.clone();
        let app = &app;
        async move {
            let fields = [
                ("grant_type", "authorization_code"),
                ("code", &*grant.code),
                ("redirect_uri", &*grant.redirect_uri),
                ("code_verifier", &*grant.verifier),
                ("resource", resource),
            ];
            app.token(&grant.client_id, None, &fields).await
        }
    };
    for wrong in ["https://other.example", "https://unknown.example", "mcp", "https://api.example/mcp#x"] {
        assert_eq!(with(wrong).await.refusal(), (400, "invalid_target".to_owned()), "{wrong}");
    }
    let tokens = with("HTTPS://API.example:443/mcp/").await.expect(200);
    let said = claims(text(&tokens, "access_token"));
    assert_eq!((&said["aud"], &said["scope"]), (&json!("https://api.example/mcp"), &json!("read")));
}

#[tokio::test]
async fn an_audience_is_as_wide_as_the_scopes_and_no_wider() {
    // s.T23
    let app = TestApp::open().await;
    app.service("https://one.example", &["one"]).await;
    app.service("https://two.example", &["two"]).await;
    let client = app.web_client().await;
    let (grant, tokens) = app.signed_in(&client, "one two").await;
    let aud = |tokens: &Value| claims(text(tokens, "access_token"))["aud"].clone();
    assert_eq!(aud(&tokens), json!(["https://one.example", "https://two.example"]));
    let fields = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token")), ("scope", "two")];
    let narrowed = app.token(&grant.client_id, grant.client_secret.as_deref(), &fields).await.expect(200);
    assert_eq!((aud(&narrowed), &narrowed["scope"]), (json!("https://two.example"), &json!("two")));
}

#[tokio::test]
async fn the_exchange_has_no_scope_parameter() {
    spec!("RFC6749-3.3/scope-returned-when-different", "OIDC-Core-3.1.2.1/unknown-scopes");
    // Some clients repeat what they asked for, including what they were not given.
    let app = TestApp::open().await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let grant = app.grant(&client, &person, "openid email unheard-of").await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*grant.code),
        ("redirect_uri", &*grant.redirect_uri),
        ("code_verifier", &*grant.verifier),
        ("scope", "openid email unheard-of more"),
    ];
    let tokens = app.token(&grant.client_id, grant.client_secret.as_deref(), &fields).await.expect(200);
    assert_eq!(tokens["scope"], json!("openid email"));
}

#[tokio::test]
async fn a_code_that_never_bought_anything_may_be_sent_again() {
    // mcp-remote-invalid-grant-retry
    let app = TestApp::open().await;
    let (client, person) = (app.native_client().await, app.person("ada@example.org").await);
    let (_, tokens) = app.signed_in(&client, "openid").await;
    let code = registrar::secret::alphanumeric(80);
    let grant = Grant { code, ..app.grant(&client, &person, "openid").await };
    for _ in 0..2 {
        assert_eq!(app.exchange(&grant).await.refusal(), invalid_grant());
    }
    assert_eq!(app.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await.status, 200);
}

#[tokio::test]
async fn a_client_that_is_gone_is_told_so_when_it_sends_a_code() {
    // E10, claude-code-dead-client-on-code
    let app = TestApp::open().await;
    let person = app.person("ada@example.org").await;
    for client in [app.native_client().await, app.web_client().await] {
        let grant = app.grant(&client, &person, "openid").await;
        app.delete(&client).await;
        let answer = app.exchange(&grant).await;
        let description = "the client is unknown, or it failed to authenticate";
        assert_eq!(answer.expect(401), json!({"error": "invalid_client", "error_description": description}));
        let challenge = if grant.client_secret.is_some() { "Basic realm=\"registrar\", charset=\"UTF-8\"" } else { "" };
        assert_eq!(answer.header("www-authenticate"), challenge);
    }
}

#[tokio::test]
async fn a_code_replayed_without_its_verifier_ends_what_it_bought() {
    // s.T1: the thief that PKCE is for
    let app = TestApp::at_a_standstill().await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let grant = app.grant(&client, &person, "openid").await;
    let tokens = app.exchange(&grant).await.expect(200);
    assert!(is_active(&app, &client, &tokens["access_token"]).await);
    let stolen = Grant { verifier: "A".repeat(43), ..grant };
    assert_eq!(app.exchange(&stolen).await.refusal(), invalid_grant());
    assert!(!is_active(&app, &client, &tokens["access_token"]).await);
}

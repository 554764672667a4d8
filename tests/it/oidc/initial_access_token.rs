//! Who may register? Tickets, tokens of clients, and what is none of them (RFC 7591 §3).

use entity::client;
use registrar::oidc::registration::initial_access_token::{self as tickets, New};
use registrar::oidc::registration::{Policy, Profile};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait, sea_query::Expr};
use serde_json::{Value, json};

use crate::harness::http::{Auth, exposed};
use crate::harness::{Answer, TestApp};

const PAGE: &str = r#"{"redirect_uris":["https://a.example/cb"],"client_name":"Page"}"#;

fn page() -> Value {
    serde_json::from_str(PAGE).unwrap()
}

fn plain() -> New {
    New {
        name: "test".into(),
        profile: None,
        policy: Policy::default(),
        template: None,
        max_uses: None,
        expires_at: None,
        created_by: "system".into(),
    }
}

/// An initial access token for so many clients.
pub async fn ticket(app: &TestApp, max_uses: Option<i64>) -> String {
    exposed(&tickets::create(&app.app, &app.tenant(), New { max_uses, ..plain() }).await.unwrap().0)
}

/// An access token with `scope`, of a client that an admin gave these rights.
pub async fn delegate_token(app: &TestApp, rights: &str, scope: &str) -> String {
    let ticket = ticket(app, Some(1)).await;
    let machine = json!({"grant_types": ["client_credentials"]});
    let machine = app.http.json("POST", "/oidc/register", Auth::Bearer(&ticket), &machine).await.expect(201);
    let (id, secret) = (machine["client_id"].as_str().unwrap(), machine["client_secret"].as_str().unwrap());
    let give = client::Entity::update_many()
        .col_expr(client::Column::Rights, Expr::value(rights))
        .filter(client::Column::ClientId.eq(id));
    app.app.db.execute(give.build(app.app.db.backend())).await.unwrap();
    app.app.clients.forget_all();
    let wanted = [("grant_type", "client_credentials"), ("scope", scope)];
    let issued = app.token(id, Some(secret), &wanted).await.expect(200);
    assert_eq!(issued["scope"], scope);
    issued["access_token"].as_str().unwrap().to_owned()
}

/// How many clients there are.
pub async fn clients(app: &TestApp) -> u64 {
    client::Entity::find().count(app.app.db.pool()).await.unwrap()
}

async fn register(app: &TestApp, token: &str) -> Answer {
    app.http.json("POST", "/oidc/register", Auth::Bearer(token), &page()).await
}

/// 401 in every respect: the body, the challenge, and no copy kept.
#[track_caller]
fn assert_challenged(answer: &Answer, case: &str) {
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()), "{case}");
    let description = answer.json()["error_description"].as_str().unwrap().to_owned();
    assert_eq!(
        answer.header("www-authenticate"),
        format!("Bearer realm=\"registrar\", error=\"invalid_token\", error_description=\"{description}\""),
        "{case}"
    );
    assert_eq!(answer.header("cache-control"), "no-store", "{case}");
    assert_eq!(answer.header("access-control-allow-origin"), "*", "{case}");
}

#[tokio::test]
async fn without_a_valid_token_nothing_is_registered_where_one_is_demanded() {
    // s.R46, s.R47, s.R48, s.R49
    spec!("RFC7591-3/initial-access-token", "RFC7591-3.2.2/token-error");
    let app = TestApp::start().await;
    let ticket = ticket(&app, None).await;
    assert_challenged(&app.http.post_json("/oidc/register", &page()).await, "none");
    let cut = &ticket[..ticket.len() - 1];
    let swapped: String = ticket
        .chars()
        .map(|c| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect();
    let values = [
        format!("Bearer {cut}"),
        format!("Bearer {ticket}A"),
        format!("Bearer {ticket}="),
        format!("Bearer {swapped}"),
        format!("Bearer {ticket} {ticket}"),
        format!("Bearer {ticket}, Bearer {ticket}"),
        format!("Bearer {ticket},"),
        format!("Bearer \"{ticket}\""),
        "Bearer null".to_owned(),
        "Bearer undefined".to_owned(),
        "Bearer %".to_owned(),
        "Bearer %00".to_owned(),
        "Bearer ' OR '1'='1".to_owned(),
        "Bearer iat_' OR 1=1 --".to_owned(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer:".to_owned(),
        format!("Bearer:{ticket}"),
        format!("Token {ticket}"),
        ticket.clone(),
        String::new(),
        format!("Basic {ticket}"),
        format!("Bearer {}", "A".repeat(8000)),
    ];
    for value in values {
        let request = app.http.request("POST", "/oidc/register").header("content-type", "application/json");
        let answer = app.http.send(request.header("authorization", &value).body(PAGE)).await;
        assert_challenged(&answer, &value);
        assert!(!answer.text.contains(&ticket[4..]), "{value} is quoted");
    }
    let host = app.http.authority();
    let head = |line: &str| {
        format!(
            "POST /oidc/register HTTP/1.1\nHost: {host}\nContent-Type: application/json\nContent-Length: {}{line}",
            PAGE.len()
        )
    };
    let twice = head(&format!("\nAuthorization: Bearer {ticket}\nAuthorization: Bearer {ticket}"));
    assert_challenged(&app.http.wire(&twice, PAGE.as_bytes()).await, "twice");
    let odd = [head("\nAuthorization: Bearer ").as_bytes(), b"\xff\xfe"].concat();
    let odd = [String::from_utf8_lossy(&odd[..odd.len() - 2]).replace('\n', "\r\n").as_bytes(), b"\xff\xfe"].concat();
    let odd = [&odd[..], b"\r\nConnection: close\r\n\r\n", PAGE.as_bytes()].concat();
    assert_challenged(&app.http.wire_bytes(&odd).await, "bytes above 7f");
    for path in [format!("/oidc/register?access_token={ticket}"), format!("/oidc/register?token={ticket}")] {
        assert_challenged(&app.http.post_json(&path, &page()).await, "in the query");
    }
    let mut inside = page();
    inside["access_token"] = json!(ticket);
    inside["initial_access_token"] = json!(ticket);
    assert_challenged(&app.http.post_json("/oidc/register", &inside).await, "in the body");
    assert_eq!(clients(&app).await, 0);
    assert_eq!(register(&app, &ticket).await.status, 201);
    // The name of the scheme has no case (RFC 9110 §11.1).
    let request = app.http.request("POST", "/oidc/register").header("content-type", "application/json");
    let lower = app.http.send(request.header("authorization", format!("bearer {ticket}")).body(PAGE)).await;
    assert_eq!(lower.status, 201);
}

#[tokio::test]
async fn a_wrong_token_is_refused_even_where_none_is_needed() {
    let app = TestApp::open().await;
    assert_challenged(&register(&app, "iat_wrong").await, "open");
    assert_eq!(clients(&app).await, 0);
}

#[tokio::test]
async fn a_token_of_another_kind_is_no_ticket_and_a_ticket_is_nothing_else() {
    // s.R55, s.R56
    let app = TestApp::open().await;
    let person = app.person("ada@example.org").await;
    let registered = app.register(page()).await;
    let grant = app.grant(&registered, &person, "openid").await;
    let access_token = app.exchange(&grant).await.expect(200)["access_token"].as_str().unwrap().to_owned();
    for member in ["registration_access_token", "client_secret", "client_id"] {
        assert_challenged(&register(&app, registered[member].as_str().unwrap()).await, member);
    }
    assert_challenged(&register(&app, &access_token).await, "a person's access token");
    assert_challenged(&register(&app, &grant.code).await, "a code");
    let ticket = ticket(&app, None).await;
    let uri = registered["registration_client_uri"].as_str().unwrap();
    for (method, path) in [("GET", uri), ("DELETE", uri), ("GET", "/userinfo")] {
        assert_eq!(app.http.bearer(method, path, &ticket).await.status, 401, "{method} {path}");
    }
    let known = app.introspect(&registered, &ticket).await;
    assert_eq!(known, json!({"active": false}));
    assert_eq!(clients(&app).await, 1);
}

#[tokio::test]
async fn a_ticket_for_one_registers_one_however_many_ask_at_once() {
    // s.R52, s.R54
    let app = TestApp::start().await;
    let ticket = ticket(&app, Some(1)).await;
    let script = json!({"redirect_uris": ["javascript:alert(1)"]});
    let wrong = app.http.json("POST", "/oidc/register", Auth::Bearer(&ticket), &script).await;
    assert_eq!(wrong.refusal(), (400, "invalid_redirect_uri".to_owned()));
    let rehearsed = app.http.json("POST", "/oidc/register?dry_run=true", Auth::Bearer(&ticket), &page()).await;
    assert_eq!(rehearsed.status, 200, "{}", rehearsed.text);
    let asked = (0..12).map(|_| register(&app, &ticket));
    let answers = futures_util::future::join_all(asked).await;
    let (created, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(created.len(), 1);
    for answer in refused {
        assert_challenged(answer, "the others");
    }
    assert_eq!(clients(&app).await, 1);
}

#[tokio::test]
async fn a_ticket_that_was_revoked_is_refused_at_once_on_every_replica() {
    // s.R53
    let app = TestApp::start().await;
    let other = app.replica().await;
    let (value, row) = tickets::create(&app.app, &app.tenant(), plain()).await.unwrap();
    let value = exposed(&value);
    assert_eq!(register(&other, &value).await.status, 201);
    tickets::revoke(&app.app, &app.tenant(), row.id, "user:1").await.unwrap();
    assert_challenged(&register(&other, &value).await, "the other replica");
    assert_challenged(&register(&app, &value).await, "this one");
    let ending = New { expires_at: Some(app.app.clock.now() + 2), ..plain() };
    let (short, _) = tickets::create(&app.app, &app.tenant(), ending).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    assert_challenged(&register(&app, &exposed(&short)).await, "ended");
}

#[tokio::test]
async fn a_ticket_binds_its_clients_to_its_profile_and_policy() {
    // s.R30, s.R58, registration.md §4
    let app = TestApp::start().await;
    let policy: Policy = serde_json::from_value(json!({
        "redirect_hosts": ["*.example.com"], "grant_types": ["authorization_code"], "scopes": ["openid"],
    }))
    .unwrap();
    let bound = New { profile: Some(&Profile::STRICT), policy, ..plain() };
    let ticket = exposed(&tickets::create(&app.app, &app.tenant(), bound).await.unwrap().0);
    assert_eq!(register(&app, &ticket).await.refusal(), (400, "invalid_redirect_uri".to_owned()));
    let fitting = json!({"redirect_uris": ["https://a.example.com/cb"], "scope": "openid email"});
    let created = app.http.json("POST", "/oidc/register", Auth::Bearer(&ticket), &fitting).await.expect(201);
    assert_eq!((&created["scope"], &created["grant_types"]), (&json!("openid"), &json!(["authorization_code"])));
    // An update is bound as well.
    let (uri, token) = (created["registration_client_uri"].as_str().unwrap(), &created["registration_access_token"]);
    let elsewhere = json!({"client_id": created["client_id"], "redirect_uris": ["https://a.example/cb"]});
    let refused = app.http.json("PUT", uri, Auth::Bearer(token.as_str().unwrap()), &elsewhere).await;
    assert_eq!(refused.refusal(), (400, "invalid_redirect_uri".to_owned()));
}

#[tokio::test]
async fn who_may_register_is_for_the_tenant_to_say() {
    // D-10, registration.md §1
    let app = TestApp::start().await;
    let ticket = ticket(&app, None).await;
    let forbidden = (403, "registration_forbidden".to_owned());
    app.settings(json!({"registration": {"open": false, "with_token": false}})).await;
    let anonymous = app.http.post_json("/oidc/register", &page()).await;
    assert_eq!(anonymous.refusal(), forbidden);
    assert_eq!(anonymous.json()["error_description"], "Dynamic client registration is disabled");
    assert_eq!(anonymous.header("www-authenticate"), "");
    assert_eq!(register(&app, &ticket).await.refusal(), forbidden);
    app.settings(json!({"registration": {"open": true, "with_token": false}})).await;
    assert_eq!(register(&app, &ticket).await.refusal(), forbidden);
    assert_eq!(app.http.post_json("/oidc/register", &page()).await.status, 201);
    assert_eq!(clients(&app).await, 1);
}

#[tokio::test]
async fn a_client_with_the_right_registers_others_and_loses_it_at_once() {
    // registration.md §4, s.R30
    let app = TestApp::start().await;
    let registrar = delegate_token(&app, "dcr", "dcr").await;
    let created = register(&app, &registrar).await.expect(201);
    assert!(created["registration_access_token"].is_string());
    let take = client::Entity::update_many().col_expr(client::Column::Rights, Expr::value(""));
    app.app.db.execute(take.build(app.app.db.backend())).await.unwrap();
    app.app.clients.forget_all();
    let refused = register(&app, &registrar).await;
    assert_eq!(refused.refusal(), (403, "insufficient_scope".to_owned()));
    assert!(refused.header("www-authenticate").starts_with("Bearer realm=\"registrar\", error=\"insufficient_scope\""));
    // Nobody registers the right: it is no scope a client may have.
    let ticket = ticket(&app, None).await;
    let greedy = json!({"grant_types": ["client_credentials"], "scope": "dcr dcr_admin admin"});
    let greedy = app.http.json("POST", "/oidc/register", Auth::Bearer(&ticket), &greedy).await.expect(201);
    assert_eq!(greedy.get("scope"), None);
    let (id, secret) = (greedy["client_id"].as_str().unwrap(), greedy["client_secret"].as_str());
    for scope in ["dcr", "dcr_admin", "admin"] {
        let asked = app.token(id, secret, &[("grant_type", "client_credentials"), ("scope", scope)]).await;
        assert_eq!(asked.refusal(), (400, "invalid_scope".to_owned()), "{scope}");
    }
}

#[tokio::test]
async fn wrong_tokens_are_slowed_down_and_right_ones_are_not() {
    // s.R50, R20
    spec!("RFC7592-5/guessing");
    let app = TestApp::with(&[("registration.wrong_token_per_minute", "5")]).await.opened().await;
    let registered = app.register(page()).await;
    let app_token = registered["client_id"].as_str().unwrap();
    for _ in 0..5 {
        assert_challenged(&register(&app, "iat_wrong").await, "guess");
    }
    let refused = register(&app, "iat_wrong").await;
    assert_eq!(refused.refusal(), (429, "temporarily_unavailable".to_owned()));
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=60).contains(&seconds)));
    let read = app.http.bearer("GET", &format!("/oidc/register/{app_token}"), "rat_wrong").await;
    assert_eq!(read.refusal(), (429, "temporarily_unavailable".to_owned()));
    // Who shows no token is not meant.
    assert_eq!(app.http.post_json("/oidc/register", &page()).await.status, 201);
}

#[tokio::test]
async fn strangers_who_fill_the_house_leave_room_for_who_was_invited() {
    // s.R60, E15
    let app = TestApp::with(&[("registration.open_clients_max", "2")]).await.opened().await;
    let wanted = page();
    let asked = (0..6).map(|_| app.http.post_json("/oidc/register", &wanted));
    let answers = futures_util::future::join_all(asked).await;
    let (created, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(created.len(), 2);
    for answer in refused {
        assert_eq!(answer.refusal(), (503, "temporarily_unavailable".to_owned()));
        assert_eq!(answer.header("retry-after"), "60");
    }
    let ticket = ticket(&app, None).await;
    assert_eq!(register(&app, &ticket).await.status, 201);
}

//! Several servers on one database act as one.

use std::time::{Duration, Instant};

use entity::contract::ContractState;
use futures_util::future::join_all;
use registrar::portal::Actor;
use registrar::portal::contract::{self, Decision};
use serde_json::json;

use super::process::Server;
use crate::harness::http::Auth;
use crate::harness::party::text;
use crate::harness::{TestApp, database};

/// A change made on another replica is seen after one second; the rest is for a machine that is busy.
const SEEN_WITHIN: Duration = Duration::from_millis(1900);

async fn two() -> (TestApp, TestApp) {
    let one = TestApp::open().await;
    let other = one.replica().await;
    (one, other)
}

/// How long until `holds` says yes, asked all the time so that what is cached stays hot.
async fn until(mut holds: impl AsyncFnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(10), "it never does");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_raced_on_both_is_redeemed_once() {
    // s.T2, Q7
    let (one, other) = two().await;
    let (client, person) = (one.web_client().await, one.person("ada@example.org").await);
    for round in 0..6 {
        let grant = one.grant(&client, &person, "openid offline_access").await;
        let race = (0..16).map(|lane| if lane % 2 == 0 { one.exchange(&grant) } else { other.exchange(&grant) });
        let answers = join_all(race).await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(won.len(), 1, "round {round}");
        for refused in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(refused.refusal(), (400, "invalid_grant".to_owned()));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_raced_on_both_has_one_successor() {
    // s.F3, Q7
    let (one, other) = two().await;
    let client = one.native_client().await;
    for _ in 0..4 {
        let (grant, tokens) = one.signed_in(&client, "openid").await;
        let token = text(&tokens, "refresh_token");
        let race =
            (0..8).map(|lane| if lane % 2 == 0 { one.refresh(&grant, token) } else { other.refresh(&grant, token) });
        let mut successors: Vec<String> =
            join_all(race).await.iter().map(|answer| text(&answer.expect(200), "refresh_token").to_owned()).collect();
        successors.dedup();
        assert_eq!(successors.len(), 1, "all of them got the same one");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_client_is_refused_by_all() {
    // Q8, promise 9
    let (one, other) = two().await;
    let client = one.web_client().await;
    let (_, tokens) = one.signed_in(&client, "openid").await;
    let token = text(&tokens, "access_token");
    let asks = async |app: &TestApp| {
        let fields = [("grant_type", "client_credentials")];
        app.token(text(&client, "client_id"), client["client_secret"].as_str(), &fields).await.status
    };
    assert_eq!((asks(&one).await, asks(&other).await), (200, 200));
    assert_eq!(other.http.bearer("GET", "/userinfo", token).await.status, 200);
    one.delete(&client).await;
    assert_eq!(asks(&one).await, 401, "the replica that did it knows at once");
    assert_eq!(one.http.bearer("GET", "/userinfo", token).await.status, 401);
    let took = until(async || asks(&other).await == 401).await;
    assert!(took < SEEN_WITHIN, "{took:?}");
    let took = until(async || other.http.bearer("GET", "/userinfo", token).await.status == 401).await;
    assert!(took < SEEN_WITHIN, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_is_seen_by_all() {
    // s.I10, I13, Q8
    let (one, other) = two().await;
    let client = one.web_client().await;
    for name in ["access_token", "refresh_token"] {
        let (_, tokens) = one.signed_in(&client, "openid offline_access").await;
        let token = text(&tokens, "access_token");
        for app in [&one, &other] {
            assert_eq!(app.introspect(&client, token).await["active"], json!(true));
        }
        let auth = Auth::Basic(text(&client, "client_id"), text(&client, "client_secret"));
        one.http.form("/revoke", auth, &[("token", text(&tokens, name))]).await.expect(200);
        assert_eq!(one.introspect(&client, token).await, json!({"active": false}), "at once where it was done");
        let took = until(async || other.introspect(&client, token).await == json!({"active": false})).await;
        assert!(took < SEEN_WITHIN, "{name}: {took:?}");
        assert_eq!(other.http.bearer("GET", "/userinfo", token).await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_contract_ends_its_tokens_on_all() {
    spec!("portal/I8");
    // s.B6, Q8
    const ORDERS: &str = "https://api.example/orders";
    let (one, other) = two().await;
    let service = one.guarded(ORDERS, &["read"], |_| ()).await;
    let client = one.web_client().await;
    let row = one.contract(&client, &service, ContractState::Approved).await;
    let fields = [("grant_type", "client_credentials"), ("resource", ORDERS), ("scope", "read")];
    let ask =
        async |app: &TestApp| app.token(text(&client, "client_id"), client["client_secret"].as_str(), &fields).await;
    let tokens = ask(&one).await.expect(200);
    let token = text(&tokens, "access_token");
    for app in [&one, &other] {
        assert_eq!(app.introspect(&client, token).await["active"], json!(true));
    }
    let actor = Actor::operator("operator");
    let revoke = Decision::Revoke { reason: None };
    contract::decide(&one.app, &one.tenant(), &actor, row.id, revoke).await.unwrap();
    assert_eq!(one.introspect(&client, token).await, json!({"active": false}), "at once where it was done");
    let took = until(async || other.introspect(&client, token).await == json!({"active": false})).await;
    assert!(took < SEEN_WITHIN, "{took:?}");
    assert_eq!(ask(&other).await.refusal(), (400, "unauthorized_client".to_owned()));
    let approve = Decision::Approve;
    contract::decide(&other.app, &other.tenant(), &actor, row.id, approve).await.unwrap();
    assert_eq!(ask(&other).await.status, 200, "approved again, and known where it was done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_started_together_on_an_empty_database_have_the_same_keys() {
    // s.Z5, Q9
    let database = database::Fresh::empty().await;
    let servers = join_all((0..3).map(|_| Server::start(&database))).await;
    let mut sets = Vec::new();
    for server in &servers {
        let keys = server.http.get("/.well-known/jwks.json").await;
        assert_eq!(keys.expect(200)["keys"].as_array().unwrap().len(), 4);
        sets.push(keys.text);
    }
    sets.dedup();
    assert_eq!(sets.len(), 1);
}

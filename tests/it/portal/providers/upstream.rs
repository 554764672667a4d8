//! Providers that lie, wait, flood, redirect or fail: a clear error, nothing stored (security.md s.N).

use std::time::{Duration, Instant};

use registrar::oidc::client::ApplicationType;
use registrar::portal::provider::{self, Refusal, Why};
use serde_json::{Value, json};

use super::super::admin;
use super::{
    application, calls, client_of, clients, new, nothing_is_stored, portal, providers, ready, refusal, set_up,
};
use crate::harness::TestApp;
use crate::harness::provider::{Does, Provider};

fn discovery_says(refused: &Refusal) -> String {
    match refused {
        Refusal::Discovery(why) => why.describe(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_address_inside_is_not_called() {
    spec!("security/s.N1");
    let (site, there) = (TestApp::start().await, Provider::start().await);
    let refused = refusal(set_up(&site, new(&there.discovery())).await);
    assert_eq!(discovery_says(&refused), "the address is not one this server may call");
    assert!(there.heard("").is_empty());
}

#[tokio::test]
async fn another_issuer_gets_nothing() {
    spec!("security/s.N2");
    let (site, there) = (portal().await, Provider::start().await);
    there.tells("issuer", "https://evil.example");
    let told = discovery_says(&refusal(set_up(&site, new(&there.discovery())).await));
    assert!(told.starts_with("the issuer differs") && told.contains("https://evil.example"), "{told}");
    assert!(there.heard("POST").is_empty());
    assert_eq!(providers(&site).await, 0);
}

#[tokio::test]
async fn endpoints_elsewhere_are_confirmed_by_an_admin_or_refused() {
    spec!("security/s.N3", "security/s.N4");
    let (site, there, other) = (portal().await, Provider::start().await, Provider::start().await);
    there.tells("token_endpoint", format!("{}/token", other.issuer));
    let told = discovery_says(&refusal(set_up(&site, new(&there.discovery())).await));
    assert_eq!(
        told,
        format!("token_endpoint is at {}, which is another origin: confirm it in endpoints_elsewhere", other.issuer)
    );
    assert!(other.heard("").is_empty());
    let confirmed = super::New { endpoints_elsewhere: vec![other.issuer.clone()], ..new(&there.discovery()) };
    set_up(&site, confirmed).await.unwrap();
    assert_eq!(other.heard("POST /token").len(), 1);
    for unfit in ["javascript:alert(1)", "file:///etc/passwd", "http://10.0.0.1/register"] {
        there.tells("registration_endpoint", unfit);
        let refused = refusal(set_up(&site, new(&there.discovery())).await);
        assert!(matches!(refused, Refusal::Discovery(Why::Endpoint { .. })), "{unfit}: {refused:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    spec!("security/s.N5");
    let (site, there, other) = (portal().await, Provider::start().await, Provider::start().await);
    let away = |path: &str| {
        let to = format!("{}{path}", other.issuer);
        Does::Sends(format!("HTTP/1.1 307 X\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
    };
    there.does("POST /token", away("/token"));
    let refused = refusal(set_up(&site, new(&there.discovery())).await);
    assert_eq!(refused, Refusal::Token(Why::Redirected(307)));
    there.is_honest();
    set_up(&site, new(&there.discovery())).await.unwrap();
    there.does("POST /register", away("/register"));
    let refused = refusal(application(&site, ApplicationType::Web).await);
    assert_eq!(refused, Refusal::Refused(Why::Redirected(307)));
    assert!(other.heard("").is_empty());
    nothing_is_stored(&site).await;
}

#[tokio::test]
async fn slow_huge_packed_and_malformed_answers_are_given_up() {
    spec!("security/s.N6");
    let (site, there) = (portal().await, Provider::start().await);
    let line = "GET /.well-known/openid-configuration";
    let packed = "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\nxx";
    for (does, wanted) in [
        (Does::Waits, "the answer took too long"),
        (Does::Floods, "the answer is too large"),
        (Does::Sends(packed.to_owned()), "the answer is packed"),
        (Does::Sends("HTTP/1.1 200 X\r\nConnection: close\r\n\r\n<html>".to_owned()), "its answer is not JSON"),
        (Does::Says(503, json!({})), "it answered 503"),
        (Does::Says(200, json!([])), "its answer is not JSON"),
        (Does::Says(200, json!({})), "issuer is missing in its answer"),
        (Does::Sends("nonsense\r\n\r\n".to_owned()), "the connection broke before there was an answer"),
    ] {
        there.does(line, does);
        let began = Instant::now();
        assert_eq!(discovery_says(&refusal(set_up(&site, new(&there.discovery())).await)), wanted);
        assert!(began.elapsed() < Duration::from_secs(5));
    }
    assert_eq!(providers(&site).await, 0);
}

#[tokio::test]
async fn a_lying_registration_is_refused() {
    spec!("security/s.N7");
    let (site, there, _) = ready().await;
    let honest = json!({"client_id": "c", "client_secret": "s"});
    let with = |member: &str, value: Value| {
        let mut lie = honest.clone();
        lie[member] = value;
        lie
    };
    for lie in [
        with("client_id", Value::Null),
        with("client_secret", "s".repeat(5000).into()),
        with("redirect_uris", json!(["https://evil.example/cb"])),
        with("registration_client_uri", "https://evil.example/c".into()),
        with("registration_access_token", "a\r\nb".into()),
    ] {
        there.does("POST /register", Does::Says(201, lie.clone()));
        let refused = refusal(application(&site, ApplicationType::Web).await);
        assert!(matches!(refused, Refusal::Uncertain(_)), "{lie}: {refused:?}");
    }
    nothing_is_stored(&site).await;
    // The identifier of another application is not taken either, and nobody's client is ended for it.
    there.is_honest();
    let first = application(&site, ApplicationType::Web).await.unwrap();
    let taken = json!({"client_id": client_of(&first).client_id(), "client_secret": "s"});
    there.does("POST /register", Does::Says(201, taken));
    assert!(application(&site, ApplicationType::Web).await.is_err());
    there.does("POST /register", Does::Says(201, json!({"client_id": client_of(&first).row.id, "client_secret": "s"})));
    assert!(application(&site, ApplicationType::Web).await.is_err(), "it names a row");
    assert_eq!((clients(&site).await.len(), there.clients().len()), (1, 1));
}

#[tokio::test]
async fn a_broken_provider_is_left_alone_and_says_so_at_once() {
    spec!("security/s.N11", "portal/P-6");
    let (site, there, row) = ready().await;
    application(&site, ApplicationType::Web).await.unwrap();
    let before = clients(&site).await;
    there.does("POST /register", Does::Says(502, json!({"error": "bad_gateway"})));
    for _ in 0..3 {
        assert!(matches!(refusal(application(&site, ApplicationType::Web).await), Refusal::Uncertain(_)));
    }
    let heard = there.heard("POST /register").len();
    let paused = refusal(application(&site, ApplicationType::Web).await);
    assert!(matches!(paused, Refusal::Paused { .. }) && paused.retry_after().is_some(), "{paused:?}");
    assert_eq!(there.heard("POST /register").len(), heard);
    let shown = provider::find(&site.app, &site.tenant(), &admin(), row.id).await.unwrap();
    assert_eq!(shown.failure.as_deref(), Some("it answered 502 bad_gateway"));
    assert!(shown.failed_at.is_some() && shown.paused_until.is_some());
    assert_eq!(clients(&site).await, before, "what is stored stays as it is");
    // The job finds that it is well again.
    there.is_honest();
    provider::look_at_all(&site.app).await.unwrap();
    let well = provider::find(&site.app, &site.tenant(), &admin(), row.id).await.unwrap();
    assert_eq!((well.failed_at, well.paused_until, well.failures), (None, None, 0));
    application(&site, ApplicationType::Web).await.unwrap();
    // Endpoints that move afterwards are told, not followed (s.N3).
    there.tells("registration_endpoint", format!("{}/elsewhere", there.issuer));
    provider::look_at_all(&site.app).await.unwrap();
    let moved = provider::find(&site.app, &site.tenant(), &admin(), row.id).await.unwrap();
    assert!(moved.failure.unwrap().contains("moved"));
    application(&site, ApplicationType::Web).await.unwrap();
    assert!(there.heard("POST /elsewhere").is_empty());
    assert!(!calls(&site).await.is_empty(), "what is not known is looked into");
}

#[tokio::test]
async fn each_provider_has_a_token_of_its_own() {
    spec!("security/s.N13", "portal/D-22");
    let (site, there, _) = ready().await;
    application(&site, ApplicationType::Web).await.unwrap();
    application(&site, ApplicationType::Web).await.unwrap();
    assert_eq!(there.heard("POST /token").len(), 1, "fetched when it was set up, then remembered");
    let second = super::New { name: "Second".into(), client_id: Some("other".into()), ..new(&there.discovery()) };
    let second = set_up(&site, second).await.unwrap();
    provider::make_default(&site.app, &site.tenant(), &admin(), second.id).await.unwrap();
    application(&site, ApplicationType::Web).await.unwrap();
    let shown: Vec<String> =
        there.heard("POST /register").iter().map(|heard| heard.header("authorization").to_owned()).collect();
    assert_eq!(shown[0], shown[1]);
    assert_ne!(shown[1], shown[2]);
}

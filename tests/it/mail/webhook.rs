//! Is a webhook told of what happens, and can it know that it was us?

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use registrar::jobs::deliver;
use registrar::portal::list::Wanted;
use registrar::portal::webhook::{self, Change, New};
use registrar::portal::{Actor, Error};
use registrar::secret::Secret;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{only_row, rows};
use crate::harness::TestApp;

/// A receiver that answers all requests alike and keeps them.
struct Receiver {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    async fn says(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !is_whole(&request) {
                    let mut part = [0; 4096];
                    match stream.read(&mut part).await {
                        Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
                        _ => break,
                    }
                }
                kept.lock().unwrap().push(String::from_utf8(request).unwrap());
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { address, heard }
    }

    fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((header, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = header.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0_usize)
}

fn header<'r>(request: &'r str, name: &str) -> &'r str {
    let lines = request.split("\r\n\r\n").next().unwrap().lines();
    lines.filter_map(|line| line.split_once(": ")).find(|(known, _)| known.eq_ignore_ascii_case(name)).unwrap().1
}

fn body(request: &str) -> &str {
    request.split_once("\r\n\r\n").unwrap().1
}

/// A receiver's check, from the words of the Standard Webhooks specification.
fn is_ours(request: &str, secret: &Secret) -> bool {
    let key = STANDARD.decode(secret.expose().strip_prefix("whsec_").unwrap()).unwrap();
    let signed = [header(request, "webhook-id"), header(request, "webhook-timestamp"), body(request)].join(".");
    let (version, signature) = header(request, "webhook-signature").split_once(',').unwrap();
    let signature = STANDARD.decode(signature).unwrap();
    version == "v1" && hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes(), &signature).is_ok()
}

async fn server() -> TestApp {
    TestApp::with(&[("outbound.allow_networks", "127.0.0.0/8"), ("registration.profile", "interop")])
        .await
        .opened()
        .await
}

fn operator() -> Actor {
    Actor::operator("test")
}

async fn listens(server: &TestApp, url: &str, kinds: &[&str]) -> (entity::webhook::Model, Secret) {
    let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    webhook::create(&server.app, &server.tenant(), &operator(), New { url: url.to_owned(), kinds }).await.unwrap()
}

#[tokio::test]
async fn a_registration_is_told_to_who_waits_for_it_signed() {
    spec!("security/Q23");
    let (server, receiver) = (server().await, Receiver::says("204 No Content").await);
    let (_, secret) = listens(&server, &receiver.url(), &["client_registered"]).await;
    listens(&server, &receiver.url(), &["signed_in"]).await;
    let client = server.register(json!({"redirect_uris": ["https://c.example/cb"], "client_name": "Ünï"})).await;
    let row = only_row(&server.app).await;
    deliver::webhooks(&server.app).await.unwrap();
    let heard = receiver.heard();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].starts_with("POST /hook HTTP/1.1\r\n"));
    assert!(is_ours(&heard[0], &secret) && !is_ours(&heard[0].replace("Ünï", "Uni"), &secret));
    assert_eq!(header(&heard[0], "webhook-id"), row.id.to_string());
    assert_eq!(header(&heard[0], "content-type"), "application/json");
    let told: Value = serde_json::from_str(body(&heard[0])).unwrap();
    let target = format!("client:{}", client["client_id"].as_str().unwrap());
    assert_eq!([&told["kind"], &told["tenant"], &told["target"]], ["client_registered", "default", target.as_str()]);
    assert_eq!(told["id"], row.event_id.to_string());
    assert_eq!(told["data"]["client_name"], "Ünï");
    assert!(told["at"].is_i64() && told["actor"].is_string() && told.get("address").is_none());
    assert!(only_row(&server.app).await.done_at.is_some());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_an_error_is_tried_again() {
    spec!("security/s.B19");
    let (server, elsewhere) = (server().await, Receiver::says("204 No Content").await);
    let away = format!("302 Found\r\nLocation: {}", elsewhere.url());
    let receiver = Receiver::says(Box::leak(away.into_boxed_str())).await;
    let (row, _) = listens(&server, &receiver.url(), &[]).await;
    webhook::ping(&server.app, &server.tenant(), &operator(), row.id).await.unwrap();
    deliver::webhooks(&server.app).await.unwrap();
    assert!(!receiver.heard().is_empty() && elsewhere.heard().is_empty());
    for row in rows(&server.app).await {
        assert_eq!(row.last_error.as_deref(), Some("the receiver answered 302"));
        assert!(row.next_try_at.is_some() && row.done_at.is_none());
    }
}

#[tokio::test]
async fn an_address_inside_is_refused_without_being_called() {
    spec!("security/s.B19");
    let (server, canary) = (TestApp::start().await, Receiver::says("204 No Content").await);
    let inside = canary.address.port();
    for url in [
        canary.url(),
        format!("https://127.0.0.1:{inside}/"),
        format!("https://[::1]:{inside}/"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://10.0.0.1/".to_owned(),
        "https://ada:secret@example.org/".to_owned(),
        "ftp://example.org/".to_owned(),
        "hook".to_owned(),
        format!("https://example.org/{}", "x".repeat(2000)),
    ] {
        let new = New { url: url.clone(), kinds: vec!["no_such_kind".to_owned()] };
        let refused = webhook::create(&server.app, &server.tenant(), &operator(), new).await.unwrap_err();
        let Error::Invalid(wrong) = refused else { panic!("{url}: {refused:?}") };
        let fields: Vec<&str> = wrong.iter().map(|wrong| wrong.field.as_str()).collect();
        assert_eq!(fields, ["url", "kinds"], "{url}");
    }
    // A name that points inside is found out when it is called.
    let (row, _) = listens(&server, &format!("https://localhost:{inside}/"), &[]).await;
    webhook::ping(&server.app, &server.tenant(), &operator(), row.id).await.unwrap();
    deliver::webhooks(&server.app).await.unwrap();
    let row = rows(&server.app).await.pop().unwrap();
    assert_eq!(row.last_error.as_deref(), Some("the receiver could not be reached"));
    assert!(canary.heard().is_empty());
}

#[tokio::test]
async fn a_receiver_that_wants_no_more_is_left_alone() {
    let (server, receiver) = (server().await, Receiver::says("410 Gone").await);
    let (row, _) = listens(&server, &receiver.url(), &["client_registered"]).await;
    let (tenant, wanted) = (server.tenant(), Wanted::first(10));
    webhook::ping(&server.app, &tenant, &operator(), row.id).await.unwrap();
    deliver::webhooks(&server.app).await.unwrap();
    let found = webhook::find(&server.app, &tenant, &operator(), row.id).await.unwrap();
    assert_eq!((found.enabled, found.version), (false, 1));
    assert!(only_row(&server.app).await.failed_at.is_some());
    server.register(json!({"redirect_uris": ["https://c.example/cb"]})).await;
    assert_eq!(rows(&server.app).await.len(), 1);

    // An admin switches it on again, later removes it.
    let on = Change { enabled: Some(true), version: Some(1), ..Change::default() };
    let changed = webhook::change(&server.app, &tenant, &operator(), row.id, on.clone()).await.unwrap();
    assert_eq!((changed.enabled, changed.version), (true, 2));
    let late = webhook::change(&server.app, &tenant, &operator(), row.id, on).await.unwrap_err();
    assert!(matches!(late, Error::Conflict(_)));
    webhook::remove(&server.app, &tenant, &operator(), row.id).await.unwrap();
    assert_eq!(webhook::list(&server.app, &tenant, &operator(), &wanted).await.unwrap().total, 0);
    assert!(matches!(webhook::find(&server.app, &tenant, &operator(), row.id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn another_secret_signs_from_now_on() {
    let (server, receiver) = (server().await, Receiver::says("200 OK").await);
    let (row, before) = listens(&server, &receiver.url(), &["client_registered"]).await;
    let tenant = server.tenant();
    let (_, after) = webhook::rotate_secret(&server.app, &tenant, &operator(), row.id).await.unwrap();
    webhook::ping(&server.app, &tenant, &operator(), row.id).await.unwrap();
    deliver::webhooks(&server.app).await.unwrap();
    let heard = receiver.heard().remove(0);
    assert!(is_ours(&heard, &after) && !is_ours(&heard, &before));
    assert_eq!(serde_json::from_str::<Value>(body(&heard)).unwrap()["kind"], "ping");
}

#[tokio::test]
async fn a_replica_that_has_not_seen_a_removal_still_works() {
    spec!("security/Q23");
    let (server, receiver) = (server().await, Receiver::says("200 OK").await);
    let (row, _) = listens(&server, &receiver.url(), &["client_registered"]).await;
    let late = server.replica_with(&[("registration.profile", "interop")]).await;
    webhook::remove(&server.app, &server.tenant(), &operator(), row.id).await.unwrap();
    late.register(json!({"redirect_uris": ["https://c.example/cb"]})).await;
    deliver::webhooks(&server.app).await.unwrap();
    let left = only_row(&server.app).await;
    assert!(left.failed_at.is_some() && receiver.heard().is_empty());
    assert_eq!(left.last_error.as_deref(), Some("the webhook is not there any more"));
}

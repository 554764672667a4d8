//! Fetches against real listeners on this machine, and a canary that must hear nothing.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use super::resolve::Found;
use super::*;

const JSON: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";

/// A server that says the same to everybody and counts them.
struct Upstream {
    address: SocketAddr,
    heard: Arc<AtomicUsize>,
}

impl Upstream {
    async fn says(answer: impl Into<String>) -> Self {
        let answer: Arc<str> = answer.into().into();
        Self::does(move |mut stream| {
            let answer = Arc::clone(&answer);
            async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        })
        .await
    }

    async fn does<F>(act: impl Fn(TcpStream) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(act(stream));
            }
        });
        Self { address, heard }
    }

    fn url(&self) -> String {
        format!("http://{}/keys", self.address)
    }

    fn heard(&self) -> usize {
        self.heard.load(Ordering::Relaxed)
    }
}

fn json_answer(headers: &str, body: &str) -> String {
    format!("{JSON}{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

fn limits() -> OutboundLimits {
    OutboundLimits {
        connect: Duration::from_millis(200),
        total: Duration::from_millis(500),
        failure: Duration::ZERO,
        ..OutboundLimits::default()
    }
}

fn loopback() -> OutboundConfig {
    OutboundConfig {
        allowed_networks: vec!["127.0.0.1/32".parse().unwrap()],
        plain_http: PlainHttp::Loopback,
        extra_ca_pem: None,
    }
}

fn outbound(config: OutboundConfig, limits: OutboundLimits) -> Outbound {
    Outbound::new(config, limits, Clock::fixed(1_000_000), Arc::new(Metrics::new())).unwrap()
}

async fn reason(outbound: &Outbound, url: &str) -> Option<Reason> {
    outbound.get_json(url, Freshness::AsStated).await.err().map(|failed| failed.0)
}

#[tokio::test]
async fn a_document_is_fetched_once_and_remembered_as_long_as_it_says() {
    let upstream = Upstream::says(json_answer("Cache-Control: public, max-age=300\r\n", r#"{"keys":[]}"#)).await;
    let clock = Clock::fixed(1_000_000);
    let outbound = Outbound::new(loopback(), limits(), clock.clone(), Arc::new(Metrics::new())).unwrap();
    let wanted = Document { json: json!({"keys": []}), fetched_at: 1_000_000 };
    for _ in 0..3 {
        assert_eq!(*outbound.get_json(&upstream.url(), Freshness::AsStated).await.unwrap(), wanted);
    }
    assert_eq!(upstream.heard(), 1);
    clock.advance(299);
    outbound.get_json(&upstream.url(), Freshness::AsStated).await.unwrap();
    assert_eq!(upstream.heard(), 1);
    clock.advance(1);
    outbound.get_json(&upstream.url(), Freshness::AsStated).await.unwrap();
    assert_eq!(upstream.heard(), 2);
}

#[tokio::test]
async fn an_unknown_key_fetches_again_at_most_once_a_minute() {
    // s.S16
    let upstream = Upstream::says(json_answer("Cache-Control: max-age=300\r\n", "{}")).await;
    let clock = Clock::fixed(1_000_000);
    let outbound = Outbound::new(loopback(), limits(), clock.clone(), Arc::new(Metrics::new())).unwrap();
    for _ in 0..100 {
        outbound.get_json(&upstream.url(), Freshness::Newest).await.unwrap();
    }
    assert_eq!(upstream.heard(), 1);
    clock.advance(60);
    for _ in 0..100 {
        outbound.get_json(&upstream.url(), Freshness::Newest).await.unwrap();
    }
    assert_eq!(upstream.heard(), 2);
}

#[tokio::test]
async fn many_callers_make_one_fetch() {
    let upstream = Upstream::says(json_answer("", "{}")).await;
    let (outbound, url) = (outbound(loopback(), limits()), upstream.url());
    let all = (0..50).map(|_| outbound.get_json(&url, Freshness::AsStated));
    assert!(futures_util::future::join_all(all).await.iter().all(Result::is_ok));
    assert_eq!(upstream.heard(), 1);
}

#[tokio::test]
async fn no_spelling_of_an_inner_address_is_called() {
    // s.S1, s.S2
    let canary = Upstream::says(json_answer("", "{}")).await;
    let port = canary.address.port();
    let strict = outbound(OutboundConfig::default(), limits());
    let lax = OutboundConfig { plain_http: PlainHttp::Loopback, ..OutboundConfig::default() };
    let lax = outbound(lax, limits());
    for host in [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "[::1]",
        "0.0.0.0",
        "0",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::]",
        "127.0.0.2",
        "user@127.0.0.1",
        "user:pw@localhost",
        "1.1.1.1@127.0.0.1",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "[64:ff9b::7f00:1]",
    ] {
        for scheme in ["https", "http", "HTTPS"] {
            let url = format!("{scheme}://{host}:{port}/");
            assert_eq!(reason(&strict, &url).await, Some(Reason::Address), "{url}");
            assert_eq!(reason(&lax, &url).await, Some(Reason::Address), "{url}");
        }
    }
    assert_eq!(canary.heard(), 0);
}

#[tokio::test]
async fn cloud_metadata_is_refused_at_once() {
    // s.S3
    let strict = outbound(OutboundConfig::default(), OutboundLimits::default());
    let began = stopwatch();
    for host in ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "[fe80::1]"] {
        assert_eq!(reason(&strict, &format!("https://{host}/latest/meta-data")).await, Some(Reason::Address));
    }
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn other_schemes_are_refused() {
    // s.S8
    let outbound = outbound(loopback(), limits());
    for url in ["file:///etc/passwd", "gopher://127.0.0.1/", "data:application/json,{}", "ftp://127.0.0.1/", "", "/x"] {
        assert_eq!(reason(&outbound, url).await, Some(Reason::Address), "{url}");
    }
}

struct Says(Vec<IpAddr>);

impl Lookup for Says {
    fn lookup(&self, _: &str) -> Found {
        let found = self.0.clone();
        Box::pin(async move { Ok(found) })
    }
}

#[tokio::test]
async fn a_name_that_points_inside_is_refused_even_if_it_points_outside_as_well() {
    // s.S6
    let canary = Upstream::says(json_answer("", "{}")).await;
    let inside = canary.address.ip();
    for found in [vec![inside], vec![IpAddr::from([1, 1, 1, 1]), inside], vec![]] {
        let lookup = Arc::new(Says(found));
        let metrics = Arc::new(Metrics::new());
        let outbound =
            Outbound::with_lookup(OutboundConfig::default(), limits(), Clock::system(), metrics, lookup).unwrap();
        let url = format!("https://rebinding.example:{}/", canary.address.port());
        assert_eq!(reason(&outbound, &url).await, Some(Reason::Address));
    }
    assert_eq!(canary.heard(), 0);
}

#[tokio::test]
async fn a_name_is_called_at_the_address_that_was_judged() {
    // s.S6
    let upstream = Upstream::says(json_answer("", "{}")).await;
    let lookup = Arc::new(Says(vec![upstream.address.ip()]));
    let metrics = Arc::new(Metrics::new());
    let outbound = Outbound::with_lookup(loopback(), limits(), Clock::system(), metrics, lookup).unwrap();
    let url = format!("http://keys.example:{}/", upstream.address.port());
    assert!(outbound.get_json(&url, Freshness::AsStated).await.is_ok());
    assert_eq!(upstream.heard(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    // s.S5
    let canary = Upstream::says(json_answer("", "{}")).await;
    for status in [301, 302, 303, 307, 308] {
        let head = format!("HTTP/1.1 {status} Moved\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", canary.url());
        let upstream = Upstream::says(head).await;
        let outbound = outbound(loopback(), limits());
        assert_eq!(reason(&outbound, &upstream.url()).await, Some(Reason::Status), "{status}");
        assert_eq!(upstream.heard(), 1);
    }
    assert_eq!(canary.heard(), 0);
}

#[tokio::test]
async fn a_slow_answer_is_given_up() {
    // s.S14
    let upstream = Upstream::does(async |mut stream| {
        let _ = stream.read(&mut [0; 4096]).await;
        for byte in json_answer("", "{}").bytes().cycle() {
            if stream.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let outbound = outbound(loopback(), limits());
    let began = stopwatch();
    assert_eq!(reason(&outbound, &upstream.url()).await, Some(Reason::TooSlow));
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn an_endless_answer_is_given_up() {
    // s.S15
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let upstream = Upstream::does(move |mut stream| {
        let counted = Arc::clone(&counted);
        async move {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(format!("{JSON}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await;
            let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
            while stream.write_all(chunk.as_bytes()).await.is_ok() {
                counted.fetch_add(chunk.len(), Ordering::Relaxed);
            }
        }
    })
    .await;
    let outbound = outbound(loopback(), limits());
    assert_eq!(reason(&outbound, &upstream.url()).await, Some(Reason::TooLarge));
    assert!(sent.load(Ordering::Relaxed) < 64 << 20);
    let announced = Upstream::says(format!("{JSON}Content-Length: 70000\r\n\r\n")).await;
    assert_eq!(reason(&outbound, &announced.url()).await, Some(Reason::TooLarge));
}

#[tokio::test]
async fn only_plain_json_is_taken() {
    let answer =
        |head: &str, body: &str| format!("HTTP/1.1 200 OK\r\n{head}Content-Length: {}\r\n\r\n{body}", body.len());
    for (said, wanted) in [
        (answer("Content-Type: application/jwk-set+json; charset=utf-8\r\n", "{}"), None),
        (answer("Content-Type: text/html\r\n", "{}"), Some(Reason::ContentType)),
        (answer("", "{}"), Some(Reason::ContentType)),
        (answer("Content-Type: application/json\r\nContent-Encoding: gzip\r\n", "{}"), Some(Reason::ContentType)),
        (answer("Content-Type: application/json\r\n", "<html>"), Some(Reason::NotJson)),
        ("HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n\r\n{}".to_owned(), Some(Reason::Status)),
        ("nonsense\r\n\r\n".to_owned(), Some(Reason::Connection)),
    ] {
        let upstream = Upstream::says(said.clone()).await;
        assert_eq!(reason(&outbound(loopback(), limits()), &upstream.url()).await, wanted, "{said}");
    }
}

#[tokio::test]
async fn a_failure_says_the_same_and_takes_the_same_whatever_went_wrong() {
    // s.S18
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let silent = Upstream::does(async |_stream| tokio::time::sleep(Duration::from_secs(5)).await).await;
    let missing = Upstream::says("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
    let limits = OutboundLimits { failure: Duration::from_millis(500), ..limits() };
    let outbound = outbound(loopback(), limits);
    for url in [closed, silent.url(), missing.url()] {
        let began = stopwatch();
        let failed = outbound.get_json(&url, Freshness::AsStated).await.unwrap_err();
        let took = began.elapsed().as_millis();
        assert_eq!(failed.to_string(), "the document at this address could not be fetched");
        assert!((480..1000).contains(&took), "{url}: {took} ms");
    }
}

#[tokio::test]
async fn a_failure_is_remembered_for_a_while() {
    let upstream = Upstream::says("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n").await;
    let clock = Clock::fixed(1_000_000);
    let outbound = Outbound::new(loopback(), limits(), clock.clone(), Arc::new(Metrics::new())).unwrap();
    for _ in 0..5 {
        assert!(outbound.get_json(&upstream.url(), Freshness::Newest).await.is_err());
    }
    assert_eq!(upstream.heard(), 1);
    clock.advance(10);
    assert!(outbound.get_json(&upstream.url(), Freshness::Newest).await.is_err());
    assert_eq!(upstream.heard(), 2);
}

#[tokio::test]
async fn one_host_is_asked_for_few_documents_at_a_time() {
    // s.S14
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now_open, seen_most) = (Arc::clone(&open), Arc::clone(&most));
    let upstream = Upstream::does(move |mut stream| {
        let (open, most) = (Arc::clone(&now_open), Arc::clone(&seen_most));
        async move {
            let _ = stream.read(&mut [0; 4096]).await;
            most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            open.fetch_sub(1, Ordering::SeqCst);
            let _ = stream.write_all(json_answer("", "{}").as_bytes()).await;
        }
    })
    .await;
    let outbound = outbound(loopback(), limits());
    let urls: Vec<String> = (0..10).map(|number| format!("{}/{number}", upstream.url())).collect();
    let all = urls.iter().map(|url| outbound.get_json(url, Freshness::AsStated));
    assert!(futures_util::future::join_all(all).await.iter().all(Result::is_ok));
    assert_eq!((upstream.heard(), most.load(Ordering::SeqCst)), (10, 2));
}

#[tokio::test]
async fn an_extra_ca_file_is_taken_beside_or_instead_of_the_systems() {
    let upstream = Upstream::says("not TLS").await;
    let pem = include_bytes!("test_ca.pem").to_vec();
    let config = OutboundConfig { extra_ca_pem: Some(pem), ..loopback() };
    let outbound = outbound(config, limits());
    assert!(outbound.clients().await.is_ok());
    let url = format!("https://{}/", upstream.address);
    assert_eq!(reason(&outbound, &url).await, Some(Reason::Connection));
    assert_eq!(upstream.heard(), 1);
}

#[test]
fn a_ca_file_without_a_certificate_is_an_error() {
    let config = OutboundConfig { extra_ca_pem: Some(b"not a certificate".to_vec()), ..OutboundConfig::default() };
    let refused = Outbound::new(config, limits(), Clock::system(), Arc::new(Metrics::new())).map(|_| ());
    assert_eq!(
        refused.map_err(|error| error.to_string()),
        Err("the extra CA file holds no readable PEM certificate".to_owned())
    );
}

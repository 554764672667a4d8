//! The door as callers meet it: through real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use poem::{Endpoint, Route as Router, get, handler, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::listener::{ListenerLimits, serve};
use super::*;
use crate::clock::stopwatch;
use crate::edge::requests::ForwardedHeader;

const MOMENT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(5);

#[handler]
fn hello() -> &'static str {
    "hello"
}

#[handler]
fn who(request: &Request) -> String {
    let address = request.data::<ClientAddress>().unwrap().0;
    let visit = request.data::<Visit>().unwrap();
    visit.note_client_id("c1");
    format!("{address} {}", visit.request_id())
}

#[handler]
fn length(body: Vec<u8>) -> String {
    body.len().to_string()
}

#[handler]
async fn breaks(_request: &Request) -> String {
    panic!("canary-in-a-panic")
}

#[handler]
async fn hangs() -> &'static str {
    std::future::pending().await
}

#[handler]
async fn slow() -> &'static str {
    sleep(MOMENT * 2).await;
    "done"
}

#[handler]
fn large() -> Vec<u8> {
    vec![b'a'; 64 * 1024 * 1024]
}

fn door() -> (impl Endpoint<Output = Response>, Arc<Metrics>) {
    let router = Router::new()
        .at("/hello", get(hello))
        .at("/page", get(hello))
        .at("/who", get(who))
        .at("/length", post(length))
        .at("/long", post(length))
        .at("/breaks", get(breaks))
        .at("/slow", get(slow))
        .at("/hangs", get(hangs))
        .at("/large", get(large));
    let routes = Routes::new([
        Route::public("/hello", "GET"),
        Route::private("/page", "GET"),
        Route::public("/length", "POST"),
        Route::public("/long", "POST").body_bytes_max(1 << 20),
    ]);
    let metrics = Arc::new(Metrics::new());
    let settings = Settings {
        routes,
        transport: Transport::Https,
        proxies: TrustedProxies {
            networks: vec!["127.0.0.0/8".parse().unwrap()],
            header: ForwardedHeader::XForwardedFor,
        },
        body: BodyLimit { bytes_max: 1024, deadline: MOMENT },
        open_requests_max: 20,
        answer_within: MOMENT * 6,
        metrics: Arc::clone(&metrics),
    };
    (protect(router, settings), metrics)
}

fn quick() -> ListenerLimits {
    ListenerLimits { head: MOMENT, idle: MOMENT * 3, write: MOMENT, stop: MOMENT * 3, ..ListenerLimits::default() }
}

struct Server {
    address: std::net::SocketAddr,
    metrics: Arc<Metrics>,
    stop: Option<oneshot::Sender<()>>,
    task: tokio::task::JoinHandle<io::Result<()>>,
}

use std::io;

impl Server {
    async fn start(limits: ListenerLimits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let (door, metrics) = door();
        let task = tokio::spawn(serve(listener, door, limits, stopped));
        Self { address, metrics, stop: Some(stop), task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes and reads until the server closes.
    async fn talk(&self, sent: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        // The server may close before it has read everything.
        let _ = stream.write_all(sent.as_ref()).await;
        rest(&mut stream).await
    }

    async fn get(&self, path: &str) -> String {
        self.talk(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await
    }

    fn stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let mut part = [0; 4096];
    while let Ok(Ok(read)) = timeout(LONG, stream.read(&mut part)).await {
        if read == 0 {
            break;
        }
        all.extend_from_slice(&part[..read]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// How long until the server closes, at most [`LONG`].
async fn closes_after(stream: &mut TcpStream, began: Instant) -> Duration {
    rest(stream).await;
    began.elapsed()
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or("")
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[tokio::test]
async fn a_silent_a_half_and_a_dripping_head_are_cut_off() {
    // s.X14, S7
    let server = Server::start(quick()).await;
    let drip = async {
        let (began, mut stream) = (stopwatch(), server.connect().await);
        for byte in b"GET /hello HTTP/1.1\r\nHost: a\r\nX-Slow: 0123456789".iter().cycle().take(200) {
            if stream.write_all(&[*byte]).await.is_err() || began.elapsed() > LONG {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
        began.elapsed()
    };
    let send = async |bytes: &'static [u8]| {
        let (began, mut stream) = (stopwatch(), server.connect().await);
        stream.write_all(bytes).await.unwrap();
        closes_after(&mut stream, began).await
    };
    let (dripped, silent, half, preface) =
        tokio::join!(drip, send(b""), send(b"GET /hello HTTP/1.1\r\nHost: a\r\nX-Half: 1"), send(b"PRI * HT"));
    for (what, took) in [("dripped", dripped), ("silent", silent), ("half", half), ("preface", preface)] {
        assert!(took >= MOMENT / 2 && took < MOMENT * 10, "{what}: {took:?}");
    }
    assert_eq!(status(&server.get("/hello").await), "200");
}

#[tokio::test]
async fn a_half_second_head_is_cut_off_and_an_idle_connection_lives_longer() {
    let server = Server::start(ListenerLimits { idle: MOMENT * 5, ..quick() }).await;
    let request = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut part = [0; 4096];
    let mut stream = server.connect().await;
    stream.write_all(request).await.unwrap();
    assert!(stream.read(&mut part).await.unwrap() > 0);
    sleep(MOMENT * 2).await;
    stream.write_all(request).await.unwrap();
    assert!(stream.read(&mut part).await.unwrap() > 0, "idle for less than its limit");
    stream.write_all(b"GET /hello").await.unwrap();
    let took = closes_after(&mut stream, stopwatch()).await;
    assert!(took < MOMENT * 4, "a half head counts as a head and not as idle: {took:?}");
    let mut idle = server.connect().await;
    idle.write_all(request).await.unwrap();
    let took = closes_after(&mut idle, stopwatch()).await;
    assert!(took >= MOMENT * 4 && took < MOMENT * 15, "{took:?}");
}

#[tokio::test]
async fn a_slow_body_is_given_up_and_says_so() {
    // s.X15
    let server = Server::start(quick()).await;
    let answer = server.talk("POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc").await;
    assert_eq!(status(&answer), "400", "{answer}");
    assert_eq!(
        body(&answer),
        r#"{"error":"invalid_request","error_description":"the body did not arrive within 0 seconds"}"#
    );
}

#[tokio::test]
async fn a_reader_that_stops_reading_is_cut_off() {
    // s.X15
    let server = Server::start(quick()).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    sleep(MOMENT * 8).await;
    assert!(rest(&mut stream).await.len() < 64 * 1024 * 1024);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    // s.X6
    let server = Server::start(quick()).await;
    let cookie = format!("GET /hello HTTP/1.1\r\nHost: a\r\nCookie: {}\r\n\r\n", "a".repeat(120_000));
    let many = format!("GET /hello HTTP/1.1\r\nHost: a\r\n{}\r\n", "a: b\r\n".repeat(5000));
    for bomb in [cookie, many] {
        let answer = server.talk(bomb).await;
        assert!(["431", "400", ""].contains(&status(&answer)), "{answer}");
    }
    let fits = format!("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: {}\r\n\r\n", "a".repeat(20_000));
    assert_eq!(status(&server.talk(fits).await), "200");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_announced_or_chunked() {
    // s.R40
    let server = Server::start(quick()).await;
    let wanted = r#"{"error":"invalid_request","error_description":"the body is larger than 1024 bytes"}"#;
    let announced = format!("POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n{}", "a".repeat(2000));
    let chunk = format!("400\r\n{}\r\n", "a".repeat(1024));
    let head = "POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for request in [announced, format!("{head}{}0\r\n\r\n", chunk.repeat(3))] {
        let answer = server.talk(request).await;
        assert_eq!((status(&answer), body(&answer)), ("413", wanted));
        assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"), "CORS on errors too");
    }
    let head = "POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    let answer = server.talk(format!("{head}{chunk}0\r\n\r\n")).await;
    assert_eq!((status(&answer), body(&answer)), ("200", "1024"));
    let head = "POST /long HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\nConnection: close\r\n\r\n";
    let answer = server.talk(format!("{head}{}", "a".repeat(9000))).await;
    assert_eq!((status(&answer), body(&answer)), ("200", "9000"), "a route may have a limit of its own");
}

#[tokio::test]
async fn ambiguous_framing_gets_one_answer_and_the_connection_ends() {
    // s.X5
    let server = Server::start(quick()).await;
    for framing in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: xchunked",
        "Content-Length: 4\r\nContent-Length: 5",
        "Content-Length: +3",
        "Content-Length: -1",
    ] {
        let smuggled = "0\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
        let answer = server.talk(format!("POST /length HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n{smuggled}")).await;
        assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{framing}: {answer}");
        assert!(!answer.ends_with("hello"), "{framing}: {answer}");
    }
}

#[tokio::test]
async fn nonsense_on_the_port_is_refused() {
    // s.X4, s.X8
    let server = Server::start(quick()).await;
    let close = "Connection: close\r\n\r\n";
    for (request, wanted) in [
        (format!("GET /hello HTTP/1.1\r\n{close}"), "400"),
        (format!("GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n{close}"), "400"),
        (format!("TRACE /hello HTTP/1.1\r\nHost: a\r\n{close}"), "405"),
        (format!("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n{close}"), "405"),
        (format!("OPTIONS * HTTP/1.1\r\nHost: a\r\n{close}"), "404"),
        (format!("BREW /hello HTTP/1.1\r\nHost: a\r\n{close}"), "405"),
        (format!("GET http://evil/hello HTTP/1.1\r\nHost: a\r\n{close}"), "200"),
        (format!("GET /hello?{} HTTP/1.1\r\nHost: a\r\n{close}", "a".repeat(17_000)), "414"),
        (format!("GET /hello?{} HTTP/1.1\r\nHost: a\r\n{close}", "a&".repeat(200)), "400"),
    ] {
        let answer = server.talk(&request).await;
        assert_eq!(status(&answer), wanted, "{request}: {answer}");
    }
    for noise in [&b"GET /hello\r\n\r\n"[..], b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"] {
        let answer = server.talk(noise).await;
        assert!(answer.is_empty() || status(&answer) == "400", "{answer}");
    }
}

#[tokio::test]
async fn connections_are_capped_in_total_and_per_source() {
    // s.X16
    let total = Server::start(ListenerLimits { connections_max: 2, ..quick() }).await;
    let per_source = ListenerLimits { connections_per_source_max: 2, uncounted: Vec::new(), ..quick() };
    let per_source = Server::start(per_source).await;
    for server in [total, per_source] {
        let held = [server.connect().await, server.connect().await];
        sleep(MOMENT / 4).await;
        let answer = server.get("/hello").await;
        assert_eq!((status(&answer), header(&answer, "retry-after")), ("503", Some("1")));
        assert!(body(&answer).starts_with(r#"{"error":"temporarily_unavailable","error_description":"#));
        assert_eq!(body(&answer).len(), 98);
        drop(held);
        sleep(MOMENT / 2).await;
        assert_eq!(status(&server.get("/hello").await), "200");
    }
}

#[tokio::test]
async fn a_handler_that_waits_for_ever_is_answered_for() {
    // Q5: a database that hangs
    let server = Server::start(ListenerLimits::default()).await;
    let answer = server.get("/hangs").await;
    assert_eq!((status(&answer), header(&answer, "retry-after")), ("503", Some("1")));
    assert!(body(&answer).starts_with(r#"{"error":"temporarily_unavailable""#));
}

#[tokio::test]
async fn a_panic_is_a_500_with_a_request_id_and_is_counted() {
    // s.X17
    let server = Server::start(quick()).await;
    let before = panics();
    for _ in 0..3 {
        let answer = server.get("/breaks").await;
        let id = header(&answer, "x-request-id").unwrap();
        let text = "the server failed; the request id names the entry in its log";
        let wanted = format!(r#"{{"error":"server_error","error_description":"{text}","request_id":"{id}"}}"#);
        assert_eq!((status(&answer), body(&answer)), ("500", wanted.as_str()));
    }
    assert_eq!(panics() - before, 3);
    assert_eq!(status(&server.get("/hello").await), "200");
    assert!(server.metrics.text().contains("panics_total 3"));
    assert!(server.metrics.text().contains(r#"http_requests_total{route="other",status="5xx"} 3"#));
}

#[tokio::test]
async fn an_answer_carries_its_protection_and_its_request_id() {
    // s.X11, s.X12, interop.md §4.2
    let server = Server::start(quick()).await;
    let request = |path: &str| {
        format!(
            "GET {path} HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\nX-Request-Id: my-1\r\n\
             X-Forwarded-For: 9.9.9.9, 203.0.113.5\r\nConnection: close\r\n\r\n"
        )
    };
    for path in ["/hello", "/page", "/nothing"] {
        let answer = server.talk(request(path)).await;
        assert_eq!(header(&answer, "x-request-id"), Some("my-1"), "{path}");
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(header(&answer, "strict-transport-security"), Some("max-age=31536000"), "{path}");
        let shared = (path == "/hello").then_some("*");
        assert_eq!(header(&answer, "access-control-allow-origin"), shared, "{path}");
        assert_eq!(header(&answer, "access-control-allow-credentials"), None, "{path}");
    }
    let answer = server.get("/nothing%3Cscript%3E").await;
    assert_eq!(
        (status(&answer), body(&answer)),
        ("404", r#"{"error":"not_found","error_description":"nothing lives at this address"}"#)
    );
    assert_eq!(body(&server.talk(request("/who")).await), "203.0.113.5 my-1");
}

#[tokio::test]
async fn options_is_answered_without_the_handler_and_head_like_get() {
    let server = Server::start(quick()).await;
    let ask = async |method: &str, path: &str| {
        server.talk(format!("{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await
    };
    let answer = ask("OPTIONS", "/length").await;
    assert_eq!((status(&answer), header(&answer, "allow")), ("204", Some("POST, OPTIONS")));
    assert_eq!(header(&answer, "access-control-allow-methods"), Some("GET, POST, PUT, PATCH, DELETE, OPTIONS"));
    assert_eq!(header(&answer, "access-control-max-age"), Some("7200"));
    let answer = ask("OPTIONS", "/page").await;
    assert_eq!((status(&answer), header(&answer, "access-control-allow-origin")), ("204", None));
    let answer = ask("HEAD", "/hello").await;
    assert_eq!((status(&answer), body(&answer)), ("200", ""));
    let answer = ask("DELETE", "/hello").await;
    assert_eq!((status(&answer), header(&answer, "allow")), ("405", Some("GET, HEAD, OPTIONS")));
}

#[tokio::test]
async fn a_stop_lets_open_requests_finish_and_no_new_ones_in() {
    // Q16
    let mut server = Server::start(quick()).await;
    let mut open = server.connect().await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    open.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    sleep(MOMENT / 2).await;
    server.stop();
    let answer = rest(&mut open).await;
    assert_eq!((status(&answer), body(&answer)), ("200", "done"));
    assert_eq!(status(&rest(&mut idle).await), "200");
    timeout(LONG, &mut server.task).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let mut server = Server::start(ListenerLimits { stop: MOMENT / 4, ..quick() }).await;
    let mut open = server.connect().await;
    open.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    sleep(MOMENT / 4).await;
    server.stop();
    let began = stopwatch();
    timeout(LONG, &mut server.task).await.unwrap().unwrap().unwrap();
    assert!(began.elapsed() < MOMENT * 2);
    assert_eq!(rest(&mut open).await, "");
}

#[tokio::test]
async fn http_2_is_spoken_by_prior_knowledge_and_idle_ones_are_asked_to_leave() {
    let server = Server::start(quick()).await;
    let stream = hyper_util::rt::TokioIo::new(server.connect().await);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = || {
        let body = http_body_util::Full::new(bytes::Bytes::from_static(b"abc"));
        http::Request::post("http://id.example/length").body(body).unwrap()
    };
    let answer = sender.send_request(request()).await.unwrap();
    assert_eq!(answer.status(), 200);
    drop(answer);
    assert_eq!(sender.send_request(request()).await.unwrap().headers()["x-content-type-options"], "nosniff");
    timeout(LONG, connection).await.expect("the server asks an idle connection to leave").unwrap().unwrap();
}

#[tokio::test]
async fn more_requests_than_can_be_worked_on_are_told_to_come_back() {
    // Q13
    let server = Server::start(quick()).await;
    let all = futures_util::future::join_all((0..25).map(|_| server.get("/slow"))).await;
    let busy: Vec<_> = all.iter().filter(|answer| status(answer) == "503").collect();
    assert_eq!((busy.len(), all.iter().filter(|answer| status(answer) == "200").count()), (5, 20));
    let wanted = r#"{"error":"temporarily_unavailable","error_description":"the server is busy, try again"}"#;
    assert_eq!((header(busy[0], "retry-after"), body(busy[0])), (Some("1"), wanted));
    assert_eq!(status(&server.get("/slow").await), "200");
}

#[tokio::test]
async fn a_flood_of_http_2_resets_ends_its_connection_and_nothing_else() {
    // s.X7
    let server = Server::start(quick()).await;
    let stream = hyper_util::rt::TokioIo::new(server.connect().await);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, stream).await.unwrap();
    let connection = tokio::spawn(connection);
    for _ in 0..1000 {
        let body = http_body_util::Empty::<bytes::Bytes>::new();
        let request = http::Request::get("http://id.example/slow").body(body).unwrap();
        // Dropped as soon as it is sent: a reset.
        let _ = timeout(Duration::from_micros(1), sender.send_request(request)).await;
    }
    drop(sender);
    let _ = timeout(LONG, connection).await.expect("the connection ends");
    assert_eq!(status(&server.get("/slow").await), "200");
}

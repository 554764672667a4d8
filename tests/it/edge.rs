//! What every request passes, on the whole server.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::TestApp;
use crate::harness::party::text;

const OPENID: &str = "/.well-known/openid-configuration";

/// Sends bytes on a connection of its own and reads until the server closes it.
async fn raw(app: &TestApp, request: &str) -> String {
    let address = app.http.request("GET", "/").build().unwrap().url().clone();
    let mut stream = TcpStream::connect(("127.0.0.1", address.port().unwrap())).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[tokio::test]
async fn no_header_and_no_target_changes_a_url_we_hand_out() {
    // s.X1, s.X2, s.X3
    let app = TestApp::open().await;
    let document = app.http.get(OPENID).await.text;
    let lies = "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\n\
                X-Forwarded-Prefix: /evil\r\nForwarded: host=evil.example;proto=https\r\nX-Original-URL: /evil\r\n\
                X-Rewrite-URL: /evil\r\nX-Host: evil.example\r\n";
    for (target, host) in [
        (OPENID.to_owned(), "evil.example"),
        (OPENID.to_owned(), "127.0.0.1:1"),
        (OPENID.to_owned(), "EVIL.example:443"),
        (format!("http://evil.example{OPENID}"), "evil.example"),
        (format!("https://evil.example:444{OPENID}"), "other.example"),
    ] {
        let answer =
            raw(&app, &format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{lies}Connection: close\r\n\r\n")).await;
        assert_eq!(body(&answer), document, "{target} {host}");
    }
    let metadata = json!({"redirect_uris": ["https://client.example/cb"]}).to_string();
    let length = metadata.len();
    let answer = raw(
        &app,
        &format!(
            "POST http://evil.example/oidc/register HTTP/1.1\r\nHost: evil.example\r\n{lies}Connection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{metadata}"
        ),
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let client: Value = serde_json::from_str(body(&answer)).unwrap();
    assert!(text(&client, "registration_client_uri").starts_with(&app.url("/oidc/register/")));
    assert!(!answer.contains("evil"), "{answer}");
}

#[tokio::test]
async fn a_request_has_one_host() {
    // s.X4
    let app = TestApp::start().await;
    for hosts in
        ["", "Host: a\r\nHost: a\r\n", "Host: a\r\nHost: b\r\n", "Host: a b\r\n", "Host: a/b\r\n", "Host: \r\n"]
    {
        let answer = raw(&app, &format!("GET {OPENID} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{hosts:?}: {answer}");
    }
}

#[tokio::test]
async fn every_answer_is_protected_and_named() {
    // s.X12. Over TLS the issuer is https, and browsers are told to stay there.
    for issuer in ["", "https://id.example"] {
        let app = TestApp::with(if issuer.is_empty() { &[] } else { &[("server.issuer", "https://id.example")] }).await;
        for (method, path, status) in [
            ("GET", OPENID, 200),
            ("HEAD", OPENID, 200),
            ("OPTIONS", "/token", 204),
            ("GET", "/health/live", 200),
            ("GET", "/docs", 200),
            ("POST", "/token", 415),
            ("GET", "/token", 405),
            ("TRACE", "/token", 405),
            ("GET", "/userinfo", 401),
            ("GET", "/introspect", 401),
            ("GET", "/nothing/here", 404),
            ("GET", "/authorize", 400),
            ("POST", "/oidc/register", 403),
        ] {
            let answer = app.http.send(app.http.request(method, path)).await;
            // Registration may refuse for several reasons; what it says is proven elsewhere.
            assert!(answer.status == status || path == "/oidc/register", "{method} {path}: {}", answer.status);
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{method} {path}");
            assert_eq!(answer.header("x-frame-options"), "DENY", "{method} {path}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer", "{method} {path}");
            // A login may be in a window that its application opened and waits for.
            let opener = if path == "/authorize" { "unsafe-none" } else { "same-origin" };
            assert_eq!(answer.header("cross-origin-opener-policy"), opener, "{method} {path}");
            assert!(answer.header("content-security-policy").contains("default-src"), "{method} {path}");
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{method} {path}");
            assert!(answer.header("x-request-id").len() > 10, "{method} {path}");
            assert_eq!(answer.header("strict-transport-security").is_empty(), issuer.is_empty(), "{method} {path}");
            assert_eq!(answer.header("server"), "", "nobody needs to know what we are");
            assert!(answer.header("set-cookie").is_empty() || path == "/authorize", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn no_path_leads_to_a_file_and_none_is_reflected() {
    // s.X8, s.X9, s.X10, s.X18
    let app = TestApp::start().await;
    for path in [
        "/../../../../etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..;/..;/etc/passwd",
        "/docs/../../../etc/passwd",
        "/docs/..%2f..%2fetc%2fpasswd",
        "/docs/%2e%2e%2f%2e%2e%2fCargo.toml",
        "/docs/..%5c..%5cCargo.toml",
        "/docs/%00",
        "/static/../registrar.db",
        "/assets/..%2fregistrar.db",
        "/assets/%2e%2e/registrar.db",
        "/registrar.db",
        "/registrar.db-wal",
        "/registrar.db.key",
        "/registrar.toml",
        "/.env",
        "/.git/config",
        "/.git/HEAD",
        "//etc/passwd",
        "//evil.example",
        "//evil.example/%2e%2e",
        "/\\evil.example",
        "/%5cevil.example",
        "/https://evil.example",
        "/%0d%0aLocation:%20https://evil.example",
        "/<script>alert(1)</script>",
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/token/../.well-known/jwks.json",
        "/oidc/register/..%2f..%2fdocs",
    ] {
        let answer = raw(&app, &format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(matches!(status, "400" | "401" | "404" | "405"), "{path}: {answer}");
        let lower = answer.to_ascii_lowercase();
        for traitor in ["root:", "evil", "alert", "location:", "sqlite", "[package]", "select ", ".rs:", "panicked"] {
            assert!(!lower.contains(traitor), "{path}: {answer}");
        }
    }
    for method in ["TRACE", "CONNECT", "PROPFIND", "get", "FOO"] {
        let target = if method == "CONNECT" { "evil.example:443" } else { "/token" };
        let request = format!("{method} {target} HTTP/1.1\r\nHost: a\r\nX-Canary: canary\r\nConnection: close\r\n\r\n");
        let answer = raw(&app, &request).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(matches!(status, "400" | "404" | "405" | "501"), "{method}: {answer}");
        assert!(!answer.contains("canary"), "{method} echoes");
    }
}

#[tokio::test]
async fn no_page_of_another_origin_acts_with_cookies() {
    // s.X11
    let app = TestApp::open().await;
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1", "file://"] {
        for (method, path) in
            [("GET", OPENID), ("OPTIONS", "/token"), ("GET", "/userinfo"), ("OPTIONS", "/oidc/register")]
        {
            let answer = app.http.send(app.http.request(method, path).header("origin", origin)).await;
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{method} {path}");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "{method} {path}");
        }
        for path in ["/docs", "/health/live", "/", "/authorize"] {
            for method in ["GET", "OPTIONS"] {
                let answer = app.http.send(app.http.request(method, path).header("origin", origin)).await;
                assert_eq!(answer.header("access-control-allow-origin"), "", "{method} {path}");
                assert_eq!(answer.header("access-control-allow-credentials"), "", "{method} {path}");
            }
        }
    }
    let exposed = app.http.get("/userinfo").await;
    assert!(exposed.header("access-control-expose-headers").contains("www-authenticate"));
}

#[tokio::test]
async fn a_request_is_named_by_its_caller_if_the_name_is_harmless() {
    let app = TestApp::start().await;
    for (sent, kept) in [("abc-123", true), ("a b", false), ("<script>", false), (&*"a".repeat(65), false)] {
        let answer = app.http.send(app.http.request("GET", OPENID).header("x-request-id", sent)).await;
        assert_eq!(answer.header("x-request-id") == sent, kept, "{sent}");
    }
}

#[tokio::test]
async fn the_metadata_of_a_host_is_that_of_the_tenant_that_has_it() {
    let app = TestApp::open().await;
    registrar::oidc::setup::create_tenant(&app.app, "own", "Own", "https://own.example").await.unwrap();
    app.app.tenants.refresh(&app.app).await.unwrap();
    for (host, issuer) in [
        ("own.example", "https://own.example"),
        ("OWN.example", "https://own.example"),
        ("evil.example", &*app.issuer),
        ("own.example.evil.example", &*app.issuer),
    ] {
        let request = format!("GET {OPENID} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let document: Value = serde_json::from_str(body(&raw(&app, &request).await)).unwrap();
        assert_eq!(document["issuer"], json!(issuer), "{host}");
    }
}

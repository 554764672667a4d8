//! Does the registration endpoint hold against requests that mean no good? (security.md s.R28 to s.R70)

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use registrar::clock::Clock;
use serde_json::{Value, json};

use super::initial_access_token::{clients, ticket};
use crate::harness::database::Fresh;
use crate::harness::http::Auth;
use crate::harness::{Answer, TestApp};

const PAGE: &str = r#"{"redirect_uris":["https://a.example/cb"]}"#;

async fn post(app: &TestApp, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> Answer {
    let request = app.http.request("POST", "/oidc/register").body(body);
    let request = match content_type {
        Some(content_type) => request.header("content-type", content_type),
        None => request,
    };
    app.http.send(request).await
}

fn refused(status: u16, description: &str) -> (u16, Value) {
    (status, json!({"error": "invalid_request", "error_description": description}))
}

#[tokio::test]
async fn a_body_is_one_json_object_and_nothing_else() {
    // R1, s.R35, s.R36, s.R37, s.R39
    spec!("RFC7591-3/post-json", "OIDC-Registration-3.1/post-json");
    let app = TestApp::open().await;
    let utf16: Vec<u8> = PAGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bodies: [(&str, Vec<u8>); 26] = [
        ("nothing", b"".to_vec()),
        ("spaces", b" \r\n\t ".to_vec()),
        ("null", b"null".to_vec()),
        ("array", format!("[{PAGE}]").into_bytes()),
        ("text", b"\"x\"".to_vec()),
        ("number", b"1".to_vec()),
        ("cut off", PAGE.as_bytes()[..20].to_vec()),
        ("two objects", format!("{PAGE}{PAGE}").into_bytes()),
        ("more behind it", format!("{PAGE}x").into_bytes()),
        ("a comment", format!("/* */{PAGE}").into_bytes()),
        ("a comma too many", br#"{"redirect_uris":["https://a.example/cb"],}"#.to_vec()),
        ("single quotes", b"{'redirect_uris':['https://a.example/cb']}".to_vec()),
        ("a byte order mark", [b"\xef\xbb\xbf", PAGE.as_bytes()].concat()),
        ("UTF-16", utf16),
        ("a form", b"redirect_uris=https://a.example/cb".to_vec()),
        ("XML", b"<client/>".to_vec()),
        (
            "bytes that are no UTF-8",
            b"{\"redirect_uris\":[\"https://a.example/cb\"],\"client_name\":\"\xff\"}".to_vec(),
        ),
        ("an overlong byte", b"{\"redirect_uris\":[\"https://a.example/cb\"],\"client_name\":\"\xc0\x80\"}".to_vec()),
        ("a lone surrogate", br#"{"redirect_uris":["https://a.example/cb"],"client_name":"\ud800"}"#.to_vec()),
        ("half a pair", br#"{"redirect_uris":["https://a.example/cb"],"client_name":"\udc00x"}"#.to_vec()),
        ("1e400", br#"{"redirect_uris":["https://a.example/cb"],"default_max_age":1e400}"#.to_vec()),
        ("NaN", br#"{"redirect_uris":["https://a.example/cb"],"default_max_age":NaN}"#.to_vec()),
        (
            "26 digits",
            br#"{"redirect_uris":["https://a.example/cb"],"default_max_age":12345678901234567890123456}"#.to_vec(),
        ),
        ("twice", br#"{"redirect_uris":["https://a.example/cb"],"redirect_uris":["https://b.example/cb"]}"#.to_vec()),
        ("twice, deep", br#"{"redirect_uris":["https://a.example/cb"],"jwks":{"keys":[],"keys":[]}}"#.to_vec()),
        ("twice, escaped", br#"{"redirect_uris":["https://a.example/cb"],"redirect\u005furis":[]}"#.to_vec()),
    ];
    for (name, body) in bodies {
        let answer = post(&app, Some("application/json"), body).await;
        assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()), "{name}");
        assert_eq!(answer.header("content-type"), "application/json", "{name}");
        assert_eq!(answer.header("cache-control"), "no-store", "{name}");
    }
    let array = post(&app, Some("application/json"), "[]").await;
    assert_eq!((array.status, array.json()), refused(400, "the body is JSON but not one object"));
    assert_eq!(clients(&app).await, 0);
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    // s.R42, interop.md §4.2
    let app = TestApp::open().await;
    for other in [
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "application/jsonp",
        "application/json, text/plain",
        "*/*",
        "",
    ] {
        let answer = post(&app, Some(other), PAGE).await;
        assert_eq!(
            (answer.status, answer.json()),
            refused(415, "the body must be JSON: send Content-Type: application/json"),
            "{other}"
        );
    }
    let head = "POST /oidc/register HTTP/1.1\nHost: x.example\nContent-Type: application/json\n\
        Content-Type: text/plain\nContent-Length: 42";
    assert_eq!(app.http.wire(head, PAGE.as_bytes()).await.status, 415);
    assert_eq!(clients(&app).await, 0);
    for json in ["application/json", "Application/JSON; charset=utf-8", "application/scim+json"] {
        assert_eq!(post(&app, Some(json), PAGE).await.status, 201, "{json}");
    }
    // Without a type it is JSON where the profile says so, and else nothing.
    assert_eq!(post(&app, None, PAGE).await.status, 201);
    app.settings(json!({"registration": {"open": true, "profile": "strict"}})).await;
    assert_eq!(post(&app, None, PAGE).await.status, 415);
}

#[tokio::test]
async fn a_body_that_is_too_deep_too_large_or_packed_costs_nothing() {
    // s.R38, s.R40, s.R41
    let app = TestApp::open().await;
    let begun = Instant::now();
    let depths = [
        "[".repeat(60_000),
        format!("{{\"redirect_uris\":[\"https://a.example/cb\"],\"x\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000)),
        format!("{{\"redirect_uris\":[\"https://a.example/cb\"],\"x\":{}1{}}}", "{\"a\":".repeat(17), "}".repeat(17)),
    ];
    for deep in depths {
        assert_eq!(post(&app, Some("application/json"), deep).await.refusal(), (400, "invalid_request".to_owned()));
    }
    let padded = |bytes: usize| format!("{}{}", PAGE, " ".repeat(bytes - PAGE.len()));
    assert_eq!(post(&app, Some("application/json"), padded(65_536)).await.status, 201);
    // Announced: refused before a byte of it is sent.
    let head = |framing: &str| {
        format!("POST /oidc/register HTTP/1.1\nHost: x.example\nContent-Type: application/json\n{framing}")
    };
    for bytes in [65_537, 16 << 20] {
        let announced = app.http.wire(&head(&format!("Content-Length: {bytes}")), b"").await;
        assert_eq!((announced.status, announced.json()), refused(413, "the body is larger than 65536 bytes"));
        assert_eq!(announced.header("content-type"), "application/json");
    }
    // Not announced: refused as soon as it is too much.
    let chunk = format!("10001\r\n{}", " ".repeat(0x10001));
    let streamed = app.http.wire(&head("Transfer-Encoding: chunked"), chunk.as_bytes()).await;
    assert_eq!((streamed.status, streamed.json()), refused(413, "the body is larger than 65536 bytes"));
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![b' '; 8 << 20]).unwrap();
    let bomb = bomb.finish().unwrap();
    for encoding in ["gzip", "deflate", "br", "gzip, gzip"] {
        let packed = app.http.request("POST", "/oidc/register").header("content-type", "application/json");
        let answer = app.http.send(packed.header("content-encoding", encoding).body(bomb.clone())).await;
        assert_eq!(
            (answer.status, answer.json()),
            refused(415, "a body must be sent as it is: Content-Encoding is not taken")
        );
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(clients(&app).await, 1);
}

#[tokio::test]
async fn a_uri_or_a_list_that_is_too_long_is_refused_at_once() {
    // R1, s.R16, s.R17
    let app = TestApp::open().await;
    let begun = Instant::now();
    let many = |count: usize| (0..count).map(|n| format!("https://a.example/{n}")).collect::<Vec<_>>();
    let at_most = app.register(json!({"redirect_uris": many(50)})).await;
    assert_eq!(at_most["redirect_uris"], json!(many(50)));
    for uris in [
        many(51),
        many(2000),
        vec![format!("https://a.example/{}", "a".repeat(60_000))],
        vec![format!("https://{}.example/", "a.".repeat(20_000))],
        vec![format!("https://a.example/{}", "%".repeat(60_000))],
        vec![format!("{}:/", "a+".repeat(20_000))],
    ] {
        let answer = app.http.post_json("/oidc/register", &json!({"redirect_uris": uris})).await;
        assert_eq!(answer.refusal(), (400, "invalid_redirect_uri".to_owned()));
        // What was sent is quoted in part only.
        assert!(answer.text.len() < 4096, "{}", answer.text.len());
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_name_that_misleads_is_cleaned_or_under_strict_refused() {
    // R4, s.R31
    let app = TestApp::open().await;
    let names = [
        ("Ban\u{202e}k", Some("Bank")),
        ("Ba\u{200b}nk", Some("Bank")),
        ("Bank\r\nSet-Cookie: a=b", Some("Bank Set-Cookie: a=b")),
        ("Cafe\u{301}", Some("Caf\u{e9}")),
        ("\u{200b}", None),
    ];
    for (sent, kept) in names {
        let wanted = json!({"redirect_uris": ["https://a.example/cb"], "client_name": sent});
        let created = app.register(wanted).await;
        assert_eq!(created.get("client_name").and_then(Value::as_str), kept, "{sent:?}");
    }
    app.settings(json!({"registration": {"open": true, "profile": "strict"}})).await;
    for (sent, _) in &names[..3] {
        let wanted = json!({"redirect_uris": ["https://a.example/cb"], "client_name": sent});
        let refused = app.http.post_json("/oidc/register", &wanted).await;
        assert_eq!(refused.refusal(), (400, "invalid_client_metadata".to_owned()), "{sent:?}");
        assert_eq!(refused.json()["violations"][0]["member"], "client_name");
    }
}

#[tokio::test]
async fn no_header_of_a_request_ends_up_in_an_address() {
    // s.R70
    let app = TestApp::open().await;
    let uri = |answer: &Answer| answer.json()["registration_client_uri"].as_str().unwrap().to_owned();
    let lines = [
        "Host: evil.example",
        "Host: evil.example:1\nX-Forwarded-Host: evil.example",
        "Host: x.example\nX-Forwarded-Host: evil.example\nX-Forwarded-Proto: https\nX-Forwarded-Prefix: /evil",
        "Host: x.example\nForwarded: host=evil.example;proto=https",
        "Host: x.example\nX-Original-URL: /evil\nX-Rewrite-URL: /evil",
    ];
    for line in lines {
        let head = format!(
            "POST /oidc/register HTTP/1.1\n{line}\nContent-Type: application/json\nContent-Length: {}",
            PAGE.len()
        );
        let answer = app.http.wire(&head, PAGE.as_bytes()).await;
        assert_eq!(answer.status, 201, "{line}: {}", answer.text);
        assert!(uri(&answer).starts_with(&app.url("/oidc/register/")), "{line}: {}", answer.text);
        assert_eq!(answer.header("location"), uri(&answer), "{line}");
        assert!(!answer.text.contains("evil"), "{line}: {}", answer.text);
        assert!(answer.headers.values().all(|value| !value.to_str().unwrap().contains("evil")), "{line}");
    }
    // A request that is addressed to a whole URL, and requests without a valid host.
    let whole = format!(
        "POST http://evil.example/oidc/register HTTP/1.1\nHost: evil.example\nContent-Type: application/json\n\
         Content-Length: {}",
        PAGE.len()
    );
    let answer = app.http.wire(&whole, PAGE.as_bytes()).await;
    assert!(!answer.text.contains("evil"), "{}", answer.text);
    for line in ["Host: a.example\nHost: b.example", "Host: a b", "X: y"] {
        let head = format!("POST /oidc/register HTTP/1.1\n{line}\nContent-Type: application/json\nContent-Length: 2");
        assert_eq!(app.http.wire(&head, b"{}").await.status, 400, "{line}");
    }
}

#[tokio::test]
async fn other_methods_are_refused_and_none_is_hidden_in_a_header() {
    // s.R66, s.R67
    let app = TestApp::open().await;
    let refused = json!({"error": "method_not_allowed", "error_description": "this address takes POST, OPTIONS"});
    for method in ["GET", "PUT", "PATCH", "DELETE", "TRACE"] {
        let answer = app.http.send(app.http.request(method, "/oidc/register")).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST, OPTIONS"), "{method}");
        assert_eq!(answer.json(), refused, "{method}");
    }
    assert_eq!(app.http.send(app.http.request("HEAD", "/oidc/register")).await.status, 405);
    let created = app.register(serde_json::from_str(PAGE).unwrap()).await;
    let (uri, token) = (created["registration_client_uri"].as_str().unwrap(), &created["registration_access_token"]);
    let token = token.as_str().unwrap();
    for header in ["x-http-method-override", "x-http-method", "x-method-override"] {
        for (method, address) in [("POST", uri), ("GET", uri)] {
            let request = app.http.request(method, address).header(header, "DELETE").bearer_auth(token);
            let answer = app.http.send(request).await;
            assert_eq!(answer.status, if method == "GET" { 200 } else { 405 }, "{header}");
        }
    }
    let request = app.http.request("POST", &format!("{uri}?_method=DELETE")).bearer_auth(token);
    assert_eq!(app.http.send(request.form(&[("_method", "DELETE")])).await.status, 405);
    assert_eq!(app.http.bearer("GET", uri, token).await.expect(200), created);
}

#[tokio::test]
async fn a_refusal_never_answers_in_html_and_never_quotes_markup_as_such() {
    // s.R69
    let app = TestApp::open().await;
    for body in [
        r#"{"<img src=x onerror=alert(1)>":1}"#,
        r#"{"redirect_uris":["<script>alert(1)</script>"]}"#,
        r#"{"redirect_uris":["https://a.example/cb"],"token_endpoint_auth_method":"<script>"}"#,
        "<script>alert(1)</script>",
    ] {
        for accept in ["text/html", "*/*"] {
            let request = app.http.request("POST", "/oidc/register").header("content-type", "application/json");
            let answer = app.http.send(request.header("accept", accept).body(body)).await;
            assert_eq!(answer.status, 400, "{body}");
            for (name, value) in [
                ("content-type", "application/json"),
                ("x-content-type-options", "nosniff"),
                ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ] {
                assert_eq!(answer.header(name), value, "{body}");
            }
            answer.refusal();
        }
    }
}

#[tokio::test]
async fn a_source_that_registers_too_much_is_told_to_wait() {
    // s.R57, s.R59
    let limits = [("registration.per_source_per_minute", "10"), ("registration.profile", "interop")];
    let app = TestApp::with(&limits).await.opened().await;
    // Nobody becomes another source by saying so (s.R57).
    let asked = (1..=40).map(|n| {
        let request = app.http.request("POST", "/oidc/register").header("content-type", "application/json");
        let from = format!("203.0.113.{n}");
        let disguised = request.header("x-forwarded-for", &from).header("forwarded", format!("for={from}"));
        app.http.send(disguised.body(PAGE))
    });
    let answers = futures_util::future::join_all(asked).await;
    let (created, limited): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    // One more is let in every six seconds.
    assert!((10..=15).contains(&created.len()), "{}", created.len());
    for answer in limited {
        assert_eq!(answer.refusal(), (429, "temporarily_unavailable".to_owned()));
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=60).contains(&seconds)));
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
}

#[tokio::test]
async fn a_tenant_says_how_many_registrations_it_takes_and_takes_no_more() {
    spec!("portal/A35");
    let clock = Clock::fixed(Clock::system().now());
    let set = [("registration.profile", "interop"), ("registration.rate_per_second", "2")];
    let app = TestApp::on(Fresh::make().await, &set, clock.clone()).await.opened().await;
    let reset = (clock.now() + 1).to_string();
    let names = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
    let told = |answer: &Answer| names.map(|name| answer.header(name).to_owned());
    let ask = async |body: &'static str| {
        let request = app.http.request("POST", "/oidc/register").header("content-type", "application/json");
        app.http.send(request.body(body)).await
    };
    // Refused ones count, too.
    for (body, status, left) in [(PAGE, 201, "1"), ("{}", 400, "0"), (PAGE, 429, "0")] {
        let answer = ask(body).await;
        assert_eq!((answer.status, told(&answer)), (status, ["2", left, &reset].map(str::to_owned)), "{body}");
        assert!(answer.header("access-control-expose-headers").contains(names[1]));
        if status == 429 {
            assert_eq!(answer.refusal(), (429, "temporarily_unavailable".to_owned()));
            assert_eq!(answer.header("retry-after"), "1");
        }
    }
    // A token is another way in, with limits of its own.
    let ticket = ticket(&app, None).await;
    let page: Value = serde_json::from_str(PAGE).unwrap();
    let with_token = app.http.json("POST", "/oidc/register", Auth::Bearer(&ticket), &page).await;
    assert_eq!((with_token.status, told(&with_token)), (201, [""; 3].map(str::to_owned)));
    clock.advance(1);
    assert_eq!(ask(PAGE).await.status, 201);
    // The tenant's own word stands above the configuration.
    for (rate, limit, left) in [(7, "7", "2"), (0, "", "")] {
        let registration = json!({"open": true, "profile": "interop", "rate_per_second": rate});
        app.settings(json!({"registration": registration})).await;
        let answer = ask(PAGE).await;
        assert_eq!((answer.status, &told(&answer)[..2]), (201, &[limit.to_owned(), left.to_owned()][..]));
    }
}

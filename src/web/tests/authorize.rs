//! `GET` and `POST /authorize`.

use serde_json::json;

use super::site::{Browser, CALLBACK, CHALLENGE, ISSUER, Site, authorize};

#[tokio::test]
async fn a_person_signs_in_agrees_and_the_client_gets_a_code() {
    spec!(
        "RFC6749-3.1/resource-owner-verified",
        "RFC6749-4.1.2/state",
        "RFC9207-2/iss-success",
        "RFC7636-4.4/challenge-with-code",
    );
    // s.A18, s.A19, s.A47, s.A48, E13
    let site = Site::with_ada().await;
    site.client("acme", json!({})).await;
    let mut browser = site.browser();
    let state = "230 &%é\"<'+/?#=;:@[]".repeat(11);
    let login = browser.open(&authorize("acme", &[("state", &state), ("nonce", "n-1"), ("login_hint", "ada@x")])).await;
    assert_eq!((login.status, login.heading().as_str()), (200, "Sign in"));
    assert!(login.body.contains("value=\"ada@x\"") && login.body.contains("client.example"), "{}", login.body);
    let consent = browser.sign_in(&login, "ada@example.org").await;
    assert!(consent.body.contains("asks for access"), "{}", consent.body);
    let answered = browser.submit(&consent, &[("decision", "accept")]).await;
    let answer = answered.answer();
    assert_eq!(answer["state"], state);
    assert_eq!(answer["iss"], ISSUER);
    let code = site.opened(&answer["code"]);
    assert_eq!(code.redirect_uri, CALLBACK);
    assert!(code.redirect_uri_named);
    assert_eq!(code.challenge.as_deref(), Some(CHALLENGE));
    assert_eq!(code.scopes.to_string(), "openid");
    assert_eq!(code.authentication.nonce.as_deref(), Some("n-1"));
    assert_eq!(code.authentication.auth_time, site.clock.now());
    assert_eq!(code.authentication.amr, ["pwd"]);
    assert!(code.expires_at <= site.clock.now() + 60);
    // Once agreed to, the next request is answered at once, also silently.
    for more in [vec![], vec![("prompt", "none")]] {
        let again = browser.get(&authorize("acme", &more)).await;
        assert_ne!(again.answer()["code"], answer["code"]);
    }
}

#[tokio::test]
async fn until_the_redirect_uri_is_proven_errors_are_shown() {
    spec!("RFC6749-3.1.2.4/no-redirect-to-invalid", "RFC6749-4.1.2.1/unknown-client-no-redirect");
    // s.A1 to s.A8, s.A10, E10
    let site = Site::start().await;
    site.client("acme", json!({})).await;
    let mut browser = site.browser();
    let twice = format!("{}&client_id=acme", authorize("acme", &[]));
    let two_uris = format!("{}&redirect_uri=https%3A%2F%2Fevil.example", authorize("acme", &[]));
    let mut addresses = vec![
        authorize("nosuch", &[]),
        authorize("", &[]),
        authorize("acme", &[("redirect_uri", "")]),
        authorize("acme<script>", &[]),
        twice,
        two_uris,
    ];
    for uri in [
        "https://evil.example/",
        "https://client.example/cb/",
        "https://client.example:443/cb",
        "https://CLIENT.example/cb",
    ] {
        addresses.push(authorize("acme", &[("redirect_uri", uri)]));
    }
    for address in addresses {
        let page = browser.get(&address).await;
        assert_eq!((page.status, page.location()), (400, None), "{address}");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        assert!(page.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
        assert!(!page.body.contains("<script>"), "s.A29");
    }
    browser.headers = vec![("accept", "application/json".to_owned())];
    let refused = browser.get(&authorize("nosuch", &[])).await;
    let body: serde_json::Value = serde_json::from_str(&refused.body).unwrap();
    assert_eq!((refused.status, &body["error"]), (400, &json!("invalid_client")));
}

#[tokio::test]
async fn afterwards_errors_travel_with_state_and_issuer() {
    spec!("RFC6749-4.1.2.1/error-redirected", "RFC6749-4.1.2.1/error-state", "RFC9207-2/iss-error");
    // s.A11 to s.A17, s.A38, s.A42, s.A43, s.A46
    let site = Site::start().await;
    site.client("acme", json!({})).await;
    let mut browser = site.browser();
    let scopes = (0..700).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" ");
    let cases: [(&[(&str, &str)], &str); 22] = [
        (&[("response_type", "")], "invalid_request"),
        (&[("response_type", "none")], "unsupported_response_type"),
        (&[("response_mode", "web_message")], "invalid_request"),
        (&[("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("request", "e30.e30.")], "request_not_supported"),
        (&[("request_uri", "https://c.example/r")], "request_uri_not_supported"),
        (&[("registration", "{}")], "registration_not_supported"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "create")], "invalid_request"),
        (&[("prompt", "none")], "login_required"),
        (&[("max_age", "x")], "invalid_request"),
        (&[("claims", "[]")], "invalid_request"),
        (&[("id_token_hint", "a.b.c")], "invalid_request"),
        (&[("resource", "https://unknown.example")], "invalid_target"),
        (&[("audience", "https://unknown.example")], "invalid_target"),
        (&[("scope", "unknown")], "invalid_scope"),
        (&[("scope", &scopes)], "invalid_scope"),
        (&[("nonce", &"n".repeat(9000))], "invalid_request"),
    ];
    for (more, error) in cases {
        let refused = browser.get(&authorize("acme", more)).await;
        assert_eq!((refused.error().as_str(), refused.answer()["state"].as_str()), (error, "st"), "{more:?}");
    }
    for name in ["response_type", "scope", "code_challenge", "code_challenge_method", "unknown", "unknown"] {
        let address = authorize("acme", &[]);
        let refused = browser.get(&format!("{address}&{name}=a&{name}=b")).await;
        assert_eq!(refused.error(), "invalid_request", "{name}");
    }
    let refused = browser.get(&format!("{}&state=b", authorize("acme", &[]))).await;
    assert_eq!((refused.error().as_str(), refused.answer().get("state")), ("invalid_request", None));
    let refused = browser.get(&authorize("acme", &[("state", "a\r\nSet-Cookie: x=y")])).await;
    assert_eq!((refused.error().as_str(), refused.answer().get("state")), ("invalid_request", None), "s.A30");
}

#[tokio::test]
async fn what_the_client_did_not_register_is_refused() {
    // s.A12, s.A13, s.A15
    let site = Site::start().await;
    site.client("machine", json!({"grant_types": ["client_credentials"], "response_types": []})).await;
    site.client("posts", json!({"response_modes": ["query"]})).await;
    let confidential = json!({"token_endpoint_auth_method": "client_secret_basic"});
    site.client("confidential", confidential.clone()).await;
    let strict = site.client("strict", confidential).await;
    site.change(entity::client::Model { profile: "strict".to_owned(), ..strict }).await;
    let mut browser = site.browser();
    let no_pkce = [("code_challenge", ""), ("code_challenge_method", "")];
    assert_eq!(browser.get(&authorize("machine", &[])).await.error(), "unauthorized_client");
    assert_eq!(browser.get(&authorize("posts", &[("response_mode", "form_post")])).await.error(), "invalid_request");
    assert_eq!(browser.get(&authorize("strict", &no_pkce)).await.error(), "invalid_request");
    assert_eq!(browser.open(&authorize("confidential", &no_pkce)).await.heading(), "Sign in");
}

#[tokio::test]
async fn a_request_from_another_site_by_form_finds_the_session_again() {
    spec!("OIDC-Core-3.1.2.1/get-and-post");
    // OpenID Connect Core §3.1.2.1: POST; the first request comes without cookies (SameSite=Lax).
    let site = Site::with_ada().await;
    site.client("acme", json!({})).await;
    let mut browser = Browser::signed_in(&site).await;
    let cookies = std::mem::take(&mut browser.cookies);
    let fields = [
        ("client_id", "acme"),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "st"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let posted = browser.post("/authorize", &fields).await;
    assert_eq!((posted.status, browser.cookies.len()), (303, 0));
    browser.cookies = cookies;
    let consent = browser.follow(posted).await;
    assert!(consent.body.contains("asks for access"), "{}", consent.body);
    let answered = browser.submit(&consent, &[("decision", "accept")]).await;
    assert!(answered.answer().contains_key("code"));
    let refused = browser.post("/authorize", &[&fields[..], &[("prompt", "create")]].concat()).await;
    assert_eq!(refused.error(), "invalid_request");
    let refused = browser.post("/authorize", &[("client_id", "acme"), ("redirect_uri", "https://evil.example")]).await;
    assert_eq!((refused.status, refused.location()), (400, None));
}

#[tokio::test]
async fn an_answer_can_travel_in_a_form() {
    spec!("RFC9207-2/every-mode");
    // s.A14
    let site = Site::with_ada().await;
    let acme = site.client("acme", json!({})).await;
    site.change(entity::client::Model { first_party: true, ..acme }).await;
    let mut browser = Browser::signed_in(&site).await;
    let state = "\"><script>alert(1)</script>";
    let page = browser.get(&authorize("acme", &[("response_mode", "form_post"), ("state", state)])).await;
    assert_eq!((page.status, page.between("action=\"", "\"").as_deref()), (200, Some(CALLBACK)));
    assert!(page.body.contains("name=\"code\"") && page.body.contains("name=\"iss\""));
    assert!(!page.body.contains("<script>alert"));
    let refused = browser.get(&authorize("acme", &[("response_mode", "form_post"), ("prompt", "create")])).await;
    assert!(refused.body.contains("value=\"invalid_request\""), "{}", refused.body);
}

#[tokio::test]
async fn a_loopback_client_is_answered_on_its_port() {
    // E9, s.A9
    let site = Site::with_ada().await;
    site.client("app", json!({"redirect_uris": ["http://127.0.0.1/cb"], "application_type": "native"})).await;
    let mut browser = site.browser();
    let page = browser.open(&authorize("app", &[("redirect_uri", "http://127.0.0.1:51004/cb")])).await;
    let consent = browser.sign_in(&page, "ada@example.org").await;
    let answered = browser.submit(&consent, &[("decision", "accept")]).await;
    assert!(answered.location().unwrap().starts_with("http://127.0.0.1:51004/cb?code="));
    for uri in ["http://127.0.0.1:51004/cb2", "http://localhost:51004/cb", "http://127.0.0.1:1@evil.example/cb"] {
        let refused = browser.get(&authorize("app", &[("redirect_uri", uri)])).await;
        assert_eq!((refused.status, refused.location()), (400, None), "{uri}");
    }
}

#[tokio::test]
async fn a_resource_is_remembered_by_its_one_spelling() {
    // E12
    let site = Site::with_ada().await;
    let acme = site.client("acme", json!({})).await;
    site.change(entity::client::Model { first_party: true, ..acme }).await;
    site.service("https://api.example/mcp", &["orders"]).await;
    let mut browser = Browser::signed_in(&site).await;
    let more = [
        ("resource", "https://API.example/mcp/"),
        ("audience", "https://api.example/mcp"),
        ("scope", "orders nonsense"),
    ];
    let answer = browser.get(&authorize("acme", &more)).await.answer();
    let code = site.opened(&answer["code"]);
    assert_eq!(
        (code.resources, code.scopes.to_string()),
        (vec!["https://api.example/mcp".to_owned()], "orders".to_owned())
    );
}

#[tokio::test]
async fn nothing_is_stored_for_a_request_without_cookies() {
    // E14
    use sea_orm::{EntityTrait, PaginatorTrait};
    let site = Site::with_ada().await;
    site.client("acme", json!({})).await;
    let count = async || entity::event::Entity::find().count(site.app.db.pool()).await.unwrap();
    let before = count().await;
    let page = site.browser().open(&authorize("acme", &[])).await;
    assert_eq!((page.heading().as_str(), count().await), ("Sign in", before));
}

#[tokio::test]
async fn the_query_is_read_strictly() {
    // s.A44
    let site = Site::start().await;
    site.client("acme", json!({})).await;
    let mut browser = site.browser();
    for odd in ["&x=%", "&x=%ff", "&x=%C0%AF", &"&x=1".repeat(120)] {
        let refused = browser.get(&format!("{}{odd}", authorize("acme", &[]))).await;
        assert_eq!((refused.status, refused.location()), (400, None), "{odd}");
    }
    let locales = "x ".repeat(700);
    assert_eq!(browser.open(&authorize("acme", &[("ui_locales", &locales)])).await.status, 200);
    let german = browser.open(&authorize("acme", &[("ui_locales", "xx de")])).await;
    assert!(german.body.contains("<html lang=\"de\">"));
}

#[tokio::test]
async fn no_parameter_becomes_markup_on_any_page() {
    spec!("RFC6749-10.14/values-sanitised");
    // s.A29, s.A31 to s.A34
    let site = Site::with_ada().await;
    site.client("acme", json!({"client_name": "<img src=x onerror=alert(1)>"})).await;
    let mut browser = site.browser();
    let markup = "\"'><script>alert(1)</script>";
    for name in [
        "state",
        "nonce",
        "login_hint",
        "ui_locales",
        "display",
        "acr_values",
        "claims_locales",
        "x",
        "client_id",
        "redirect_uri",
        "scope",
        "resource",
        "audience",
        "prompt",
        "max_age",
        "claims",
        "id_token_hint",
        "request",
        "request_uri",
        "registration",
        "response_type",
        "response_mode",
        "code_challenge",
        "code_challenge_method",
    ] {
        let seen = browser.open(&authorize("acme", &[(name, markup)])).await;
        assert!(!seen.body.contains("<script>alert") && !seen.body.contains("<img src=x"), "{name}");
        if seen.status != 303 {
            let policy = seen.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"), "{name}");
            assert_eq!(seen.headers["x-frame-options"], "DENY");
            assert_eq!(seen.headers["referrer-policy"], "no-referrer");
            assert_eq!(seen.headers["cache-control"], "no-store");
        }
    }
    let login = browser.open(&authorize("acme", &[])).await;
    let consent = browser.sign_in(&login, "ada@example.org").await;
    assert!(consent.body.contains("client.example") && !consent.body.contains("<img src=x"));
}

//! How a client proves who it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use registrar::oidc::client::GrantType;
use registrar::oidc::registration::Policy;
use registrar::oidc::registration::initial_access_token as tickets;
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::http::{Answer, Auth, exposed};
use crate::harness::party::text;

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

fn id(client: &Value) -> &str {
    text(client, "client_id")
}

fn secret(client: &Value) -> &str {
    text(client, "client_secret")
}

async fn machine(app: &TestApp, method: &str) -> Value {
    app.register(json!({
        "redirect_uris": ["https://client.example/cb"],
        "grant_types": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_method": method,
    }))
    .await
}

async fn with_header(app: &TestApp, authorization: &[u8], fields: &[(&str, &str)]) -> Answer {
    let request = app.http.request("POST", "/token").header("authorization", authorization).form(fields);
    app.http.send(request).await
}

fn basic(pair: &str) -> Vec<u8> {
    format!("Basic {}", STANDARD.encode(pair)).into_bytes()
}

#[tokio::test]
async fn a_secret_is_taken_in_the_header_and_in_the_body() {
    spec!(
        "RFC6749-2.3.1/basic",
        "RFC6749-2.3.1/basic-over-body",
        "OIDC-Core-9/method-basic",
        "OIDC-Core-9/method-post",
    );
    // E6
    let app = TestApp::open().await;
    for method in ["client_secret_basic", "client_secret_post"] {
        let client = machine(&app, method).await;
        let (id, secret) = (id(&client), secret(&client));
        let in_header = app.http.form("/token", Auth::Basic(id, secret), &[GRANT]).await;
        let in_body = [GRANT, ("client_id", id), ("client_secret", secret)];
        let in_body = app.http.form("/token", Auth::None, &in_body).await;
        let named_twice = app.http.form("/token", Auth::Basic(id, secret), &[GRANT, ("client_id", id)]).await;
        let encoded: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let encoded = with_header(&app, &basic(&format!("{encoded}:{secret}")), &[GRANT]).await;
        let lower = String::from_utf8(basic(&format!("{id}:{secret}"))).unwrap().replacen("Basic", "bAsIc", 1);
        let lower = with_header(&app, lower.as_bytes(), &[GRANT]).await;
        for answer in [in_header, in_body, named_twice, encoded, lower] {
            assert_eq!(answer.status, 200, "{method}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn the_strict_profile_takes_the_registered_method_alone() {
    spec!("OIDC-Core-3.1.3.1/registered-method");
    // s.T13
    let app = TestApp::with(&[("registration.profile", "strict")]).await;
    // A31: the policy of a ticket lets machines in, which nobody else does.
    let policy = Policy { grant_types: Some(vec![GrantType::ClientCredentials]), ..Policy::default() };
    let new = tickets::New {
        name: "machines".into(),
        profile: None,
        policy,
        template: None,
        max_uses: None,
        expires_at: None,
        created_by: "system".into(),
    };
    let ticket = exposed(&tickets::create(&app.app, &app.tenant(), new).await.unwrap().0);
    for (method, header, body) in [("client_secret_basic", 200, 401), ("client_secret_post", 401, 200)] {
        let wanted = json!({"grant_types": ["client_credentials"], "token_endpoint_auth_method": method});
        let client = app.http.json("POST", "/oidc/register", Auth::Bearer(&ticket), &wanted).await.expect(201);
        let in_header = app.http.form("/token", Auth::Basic(id(&client), secret(&client)), &[GRANT]).await;
        let fields = [GRANT, ("client_id", id(&client)), ("client_secret", secret(&client))];
        let in_body = app.http.form("/token", Auth::None, &fields).await;
        assert_eq!((in_header.status, in_body.status), (header, body), "{method}");
    }
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_client_are_one_answer() {
    spec!(
        "RFC6749-3.2.1/confidential-authenticates",
        "RFC6749-5.2/invalid-client-challenge",
        "RFC6749-4.1.3/exchange-checks-given-authentication",
    );
    // s.T11, s.T13, s.T22, E10
    let app = TestApp::open().await;
    let (client, other, public) = (
        machine(&app, "client_secret_basic").await,
        machine(&app, "client_secret_post").await,
        app.native_client().await,
    );
    let right = secret(&client);
    let swapped: String =
        right.chars().map(|c| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect();
    let longer = format!("{right}A");
    let description = "the client is unknown, or it failed to authenticate";
    let expected = json!({"error": "invalid_client", "error_description": description});
    let wrong_pairs = [
        (id(&client), ""),
        (id(&client), "x"),
        (id(&client), &right[..63]),
        (id(&client), &longer),
        (id(&client), &swapped),
        (id(&client), secret(&other)),
        (id(&client), text(&client, "registration_access_token")),
        (id(&public), right),
        ("nobody", right),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef", right),
        ("' OR 1=1 --", right),
        ("%", right),
    ];
    for (id, secret) in wrong_pairs {
        let header = app.http.form("/token", Auth::Basic(id, secret), &[GRANT]).await;
        assert_eq!(header.expect(401), expected, "{id} {secret}");
        assert_eq!(header.header("www-authenticate"), "Basic realm=\"registrar\", charset=\"UTF-8\"");
        let body = app.http.form("/token", Auth::None, &[GRANT, ("client_id", id), ("client_secret", secret)]).await;
        assert_eq!(body.expect(401), expected, "{id} {secret}");
        assert_eq!(body.header("www-authenticate"), "", "no browser shall ask for a password");
    }
    let assertion = [
        GRANT,
        ("client_id", id(&client)),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", "eyJhbGciOiJIUzI1NiJ9.e30."),
    ];
    assert_eq!(app.http.form("/token", Auth::None, &assertion).await.expect(401), expected);
    assert_eq!(app.http.form("/token", Auth::None, &[GRANT, ("client_id", id(&client))]).await.expect(401), expected);
}

#[tokio::test]
async fn one_way_of_authenticating_is_enough() {
    spec!("RFC6749-2.3/one-method");
    // s.T12
    let app = TestApp::open().await;
    let (client, other) = (machine(&app, "client_secret_basic").await, machine(&app, "client_secret_basic").await);
    let auth = Auth::Basic(id(&client), secret(&client));
    let fields = [GRANT, ("client_id", id(&client)), ("client_secret", secret(&client))];
    let twice = app.http.form("/token", auth, &fields).await;
    let description = "the client authenticates twice: in the header and in the form";
    assert_eq!(twice.expect(400), json!({"error": "invalid_request", "error_description": description}));
    let mismatch = app.http.form("/token", auth, &[GRANT, ("client_id", id(&other))]).await;
    let description = "client_id differs from the Authorization header's";
    assert_eq!(mismatch.expect(400), json!({"error": "invalid_request", "error_description": description}));
    let mut two = app.http.request("POST", "/token").form(&[GRANT]);
    for _ in 0..2 {
        two = two.header("authorization", basic(&format!("{}:{}", id(&client), secret(&client))));
    }
    assert_eq!(app.http.send(two).await.refusal(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn credentials_in_the_address_are_not_looked_at() {
    spec!("RFC6749-2.3.1/credentials-not-in-uri");
    // s.T14
    let app = TestApp::open().await;
    let client = machine(&app, "client_secret_post").await;
    for path in ["/token", "/introspect", "/revoke"] {
        let address = format!("{path}?client_id={}&client_secret={}", id(&client), secret(&client));
        let answer = app.http.form(&address, Auth::None, &[GRANT, ("token", "x")]).await;
        assert_eq!(answer.refusal(), (401, "invalid_client".to_owned()), "{path}");
    }
    let address = format!("/introspect?token=x&client_id={}&client_secret={}", id(&client), secret(&client));
    assert_eq!(app.http.get(&address).await.refusal(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_header_that_cannot_be_read_is_not_nobody() {
    // s.T15
    let app = TestApp::open().await;
    let public = app.native_client().await;
    let client = machine(&app, "client_secret_post").await;
    let fields = [GRANT, ("client_id", id(&client)), ("client_secret", secret(&client))];
    let headers: [&[u8]; 16] = [
        b"",
        b"Basic",
        b"Basic ",
        b"Basic !!!",
        b"Basic %%%",
        &basic("no colon"),
        &basic(":secret"),
        &basic("%zz:%zz"),
        &basic("a\0b:c"),
        &basic("a\r\nb:c"),
        b"Basic /////w==",
        b"Basic YTpi, Basic YTpi",
        b"Bearer abc",
        b"Digest username=x",
        b"Negotiate",
        b"YTpi",
    ];
    for header in headers {
        let answer = with_header(&app, header, &fields).await;
        // Basic credentials beside those in the form are two ways at once.
        let (status, error) = answer.refusal();
        assert!(
            (status, &*error) == (401, "invalid_client") || (status, &*error) == (400, "invalid_request"),
            "{status} {error} {}",
            String::from_utf8_lossy(header)
        );
        let named = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", id(&public))];
        let answer = with_header(&app, header, &named).await;
        assert!(matches!(answer.status, 400 | 401), "{}", String::from_utf8_lossy(header));
        assert_ne!(answer.json()["error"], "invalid_grant", "served as if the header was not there");
    }
}

#[tokio::test]
async fn a_public_client_names_itself() {
    let app = TestApp::open().await;
    let public = app.native_client().await;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let named = app.token(id(&public), None, &fields).await;
    let empty = app.token(id(&public), Some(""), &fields).await;
    for answer in [named, empty] {
        assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    }
    let unnamed = app.http.form("/token", Auth::None, &fields).await;
    let description = "no client authentication: send client_id";
    assert_eq!(unnamed.expect(401), json!({"error": "invalid_client", "error_description": description}));
}

#[tokio::test]
async fn an_old_secret_is_dead_once_it_was_renewed() {
    let app = TestApp::open().await;
    let client = machine(&app, "client_secret_basic").await;
    let path = format!("{}/renew_secret", text(&client, "registration_client_uri"));
    let renewed = app.http.bearer("POST", &path, text(&client, "registration_access_token")).await.expect(200);
    let old = app.http.form("/token", Auth::Basic(id(&client), secret(&client)), &[GRANT]).await;
    assert_eq!(old.refusal(), (401, "invalid_client".to_owned()));
    let new = app.http.form("/token", Auth::Basic(id(&client), secret(&renewed)), &[GRANT]).await;
    assert_eq!(new.status, 200);
}

#[tokio::test]
async fn wrong_secrets_are_slowed_down_for_one_client_from_one_place() {
    spec!("RFC6749-2.3.1/brute-force");
    let app = TestApp::with(&[("registration.profile", "interop"), ("tokens.wrong_secrets_per_minute", "3")]).await;
    let app = app.opened().await;
    let metadata = || json!({"redirect_uris": ["https://client.example/cb"], "grant_types": ["client_credentials"]});
    let (guessed, other) = (app.register(metadata()).await, app.register(metadata()).await);
    let ask = async |client: &serde_json::Value, secret: &str| {
        let id = client["client_id"].as_str().unwrap().to_owned();
        app.token(&id, Some(secret), &[("grant_type", "client_credentials")]).await
    };
    for _ in 0..3 {
        assert_eq!(ask(&guessed, "wrong").await.refusal(), (401, "invalid_client".to_owned()));
    }
    let slowed = ask(&guessed, guessed["client_secret"].as_str().unwrap()).await;
    assert_eq!(slowed.refusal(), (429, "temporarily_unavailable".to_owned()));
    assert!(slowed.header("retry-after").parse::<u32>().unwrap() > 0);
    ask(&other, other["client_secret"].as_str().unwrap()).await.expect(200);
}

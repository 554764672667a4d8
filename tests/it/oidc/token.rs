//! What the token endpoint takes, and the tokens it gives.

use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::http::{Answer, Auth};
use crate::harness::party::{claims, jose_header, masked, text};

async fn send(app: &TestApp, client: &Value, body: &str) -> Answer {
    let request = app.http.request("POST", "/token").header("content-type", "application/x-www-form-urlencoded");
    let request = request.basic_auth(text(client, "client_id"), Some(text(client, "client_secret")));
    app.http.send(request.body(body.to_owned())).await
}

#[tokio::test]
async fn an_answer_has_all_tokens_and_no_cache_keeps_it() {
    spec!(
        "RFC6749-5.1/success-shape",
        "RFC6749-5.1/expires-in",
        "RFC6749-5.1/no-store",
        "OIDC-Core-3.1.3.3/token-response",
        "OIDC-Core-3.1.3.3/bearer",
        "OIDC-Core-3.1.3.3/no-store",
    );
    // s.T21
    let app = TestApp::open().await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let grant = app.grant(&client, &person, "openid email offline_access").await;
    let answer = app.exchange(&grant).await;
    let expected = json!({
        "access_token": "[jwt]",
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": "[refresh token]",
        "id_token": "[jwt]",
        "scope": "openid email offline_access",
    });
    assert_eq!(masked(answer.expect(200)), expected);
    let refused = app.exchange(&grant).await;
    assert_eq!(refused.status, 400);
    for answer in [answer, refused] {
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
}

#[tokio::test]
async fn the_access_token_says_what_rfc_9068_wants() {
    spec!("OIDC-Core-10.1/kid");
    let app = TestApp::at_a_standstill().await;
    app.service("https://api.example/orders", &["read", "write"]).await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let grant = app.grant(&client, &person, "openid read").await;
    let tokens = app.exchange(&grant).await.expect(200);
    let now = app.app.clock.now();
    let token = text(&tokens, "access_token");
    let mut said = claims(token);
    let jti = said["jti"].take();
    assert!(jti.as_str().unwrap().len() > 40, "{jti}");
    let expected = json!({
        "iss": app.issuer,
        "sub": person.id.to_string(),
        "aud": ["https://api.example/orders", app.url("/userinfo")],
        "exp": now + 3600,
        "iat": now,
        "jti": null,
        "client_id": client["client_id"],
        "scope": "openid read",
        "auth_time": now,
        "amr": ["pwd"],
    });
    assert_eq!(said, expected);
    let header = jose_header(token);
    let keys = app.http.get("/.well-known/jwks.json").await.expect(200);
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap();
    assert_eq!(header, json!({"alg": "ES256", "typ": "at+jwt", "kid": key["kid"]}));
    assert_eq!(key["alg"], "ES256");
}

#[tokio::test]
async fn the_id_token_says_what_openid_connect_wants() {
    spec!(
        "OIDC-Core-2/id-token-iss",
        "OIDC-Core-2/id-token-sub",
        "OIDC-Core-2/id-token-aud",
        "OIDC-Core-2/id-token-exp-iat",
        "OIDC-Core-2/id-token-nonce",
        "OIDC-Core-2/nonce-untouched",
        "OIDC-Core-2/id-token-signed",
        "OIDC-Core-2/id-token-not-none",
        "OIDC-Core-2/id-token-no-key-headers",
        "OIDC-Core-3.1.3.6/at-hash",
        "OIDC-Core-8/subject-public",
        "OIDC-Core-15.1/rs256",
        "OIDC-Core-15.1/auth-time",
        "OIDC-Discovery-4.3/issuer-identical",
    );
    let app = TestApp::at_a_standstill().await;
    let person = app.person("ada@example.org").await;
    let now = app.app.clock.now();
    for (asked, alg) in [(None, "RS256"), (Some("ES256"), "ES256"), (Some("EdDSA"), "EdDSA"), (Some("PS256"), "PS256")]
    {
        let mut metadata = json!({"redirect_uris": ["https://client.example/cb"]});
        if let Some(asked) = asked {
            metadata["id_token_signed_response_alg"] = asked.into();
        }
        let client = app.register(metadata).await;
        let grant = app.grant(&client, &person, "openid").await;
        let tokens = app.exchange(&grant).await.expect(200);
        let id_token = text(&tokens, "id_token");
        let expected = json!({
            "iss": app.issuer,
            "sub": person.id.to_string(),
            "aud": client["client_id"],
            "exp": now + 3600,
            "iat": now,
            "auth_time": now,
            "nonce": "n-0S6_WzA2Mj",
            "amr": ["pwd"],
            "at_hash": at_hash(alg, text(&tokens, "access_token")),
        });
        assert_eq!(claims(id_token), expected);
        let header = jose_header(id_token);
        assert_eq!(header, json!({"alg": alg, "typ": "JWT", "kid": header["kid"]}));
    }
}

fn at_hash(alg: &str, token: &str) -> String {
    use base64::Engine as _;
    let half = match alg {
        "EdDSA" => registrar::secret::sha512(token.as_bytes())[..32].to_vec(),
        _ => registrar::secret::sha256(token.as_bytes())[..16].to_vec(),
    };
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(half)
}

#[tokio::test]
async fn without_openid_there_is_no_id_token() {
    spec!("OIDC-Core-3.1.2.1/openid-scope", "OIDC-Core-3.1.3.2/openid-code");
    let app = TestApp::open().await;
    app.service("https://api.example", &["read"]).await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let grant = app.grant(&client, &person, "read profile").await;
    let tokens = app.exchange(&grant).await.expect(200);
    let expected = json!({
        "access_token": "[jwt]",
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": "[refresh token]",
        "scope": "read profile",
    });
    assert_eq!(masked(tokens), expected);
}

#[tokio::test]
async fn only_post_is_taken_under_every_name_of_the_endpoint() {
    spec!("RFC6749-3.2/post-only");
    let app = TestApp::open().await;
    let client = app.web_client().await;
    for path in ["/token", "/token/", "/oauth/token", "/oauth2/token"] {
        for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE"] {
            let answer = app.http.send(app.http.request(method, path)).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "POST, OPTIONS"), "{method} {path}");
        }
        let auth = Auth::Basic(text(&client, "client_id"), text(&client, "client_secret"));
        let answer = app.http.form(path, auth, &[("grant_type", "client_credentials")]).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn parameters_are_read_as_rfc_6749_wants() {
    spec!(
        "RFC6749-3.2/token-empty-is-omitted",
        "RFC6749-3.2/token-unknown-ignored",
        "RFC6749-3.2/token-not-repeated",
        "RFC6749-5.2/error-shape",
        "OIDC-Core-3.1.3.4/token-error",
    );
    // s.T16
    let app = TestApp::open().await;
    let client = app.web_client().await;
    let grant = "grant_type=client_credentials";
    for fine in ["", "&scope=", "&code=&refresh_token=", "&made_up=1&made_up_too=2", "&&&", "&audience=&resource="] {
        let answer = send(&app, &client, &format!("{grant}{fine}")).await;
        assert_eq!(answer.status, 200, "{fine}: {}", answer.text);
    }
    for (repeated, name) in [
        ("grant_type=client_credentials", "grant_type"),
        ("scope=a&scope=a", "scope"),
        ("scope=&scope=a", "scope"),
        ("made_up=1&made_up=2", "made_up"),
        ("%3Cscript%3E=1&%3Cscript%3E=2", "a parameter"),
    ] {
        let answer = send(&app, &client, &format!("{grant}&{repeated}")).await;
        let expected =
            json!({"error": "invalid_request", "error_description": format!("{name} occurs more than once")});
        assert_eq!(answer.expect(400), expected);
    }
    let answer = send(&app, &client, "code=x").await;
    let expected = json!({"error": "invalid_request", "error_description": "grant_type is missing"});
    assert_eq!(answer.expect(400), expected);
}

#[tokio::test]
async fn a_body_that_is_neither_form_nor_json_is_refused_quickly() {
    // s.T17, portal C7
    let app = TestApp::open().await;
    let client = app.web_client().await;
    let form = "application/x-www-form-urlencoded";
    let storm = "&".repeat(60_000);
    let names: String = (0..200).map(|number| format!("p{number}=1&")).collect();
    for (kind, body, status) in [
        ("application/json", "grant_type=client_credentials", 400),
        ("application/json", r#"["grant_type"]"#, 400),
        ("application/json", r#"{"grant_type":1}"#, 400),
        ("text/plain", "grant_type=client_credentials", 415),
        ("multipart/form-data; boundary=x", "--x--", 415),
        ("application/x-www-form-urlencodedx", "grant_type=client_credentials", 415),
        ("/;;=,", "grant_type=client_credentials", 415),
        ("", "grant_type=client_credentials", 415),
        (form, "", 400),
        (form, "grant_type=%", 400),
        (form, "grant_type=%ff", 400),
        (form, "grant_type=a%00b", 400),
        (form, &storm, 400),
        (form, &names, 400),
        (form, "grant_type", 400),
        (form, "=", 400),
    ] {
        let request = app.http.request("POST", "/token").header("content-type", kind);
        let request = request.basic_auth(text(&client, "client_id"), Some(text(&client, "client_secret")));
        let answer = app.http.send(request.body(body.to_owned())).await;
        let shown: String = body.chars().take(40).collect();
        assert_eq!(answer.refusal(), (status, "invalid_request".to_owned()), "{kind} {shown}");
    }
    let charset = app.http.request("POST", "/token").header("content-type", format!("{form}; charset=UTF-8"));
    let charset = charset.basic_auth(text(&client, "client_id"), Some(text(&client, "client_secret")));
    assert_eq!(app.http.send(charset.body("grant_type=client_credentials")).await.status, 200);
    let huge = send(&app, &client, &format!("grant_type=client_credentials&scope={}", "a".repeat(70_000))).await;
    assert_eq!(huge.status, 413, "{}", huge.text);
}

#[tokio::test]
async fn a_grant_that_is_unknown_or_was_not_registered_is_refused() {
    spec!("RFC6749-5.2/unsupported-grant-type", "RFC6749-5.2/unauthorized-client");
    // s.T18
    let app = TestApp::open().await;
    let client = app.register(json!({"redirect_uris": ["https://client.example/cb"]})).await;
    for unknown in [
        "password",
        "implicit",
        "Client_Credentials",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:device_code",
        "\u{e9}\"\\",
    ] {
        let fields = [
            ("grant_type", unknown),
            ("username", "ada"),
            ("password", "x"),
            ("assertion", "eyJhbGciOiJub25lIn0.e30."),
        ];
        let answer = app.token(text(&client, "client_id"), client["client_secret"].as_str(), &fields).await;
        let description = "grant_type is not one of authorization_code, refresh_token, client_credentials";
        let expected = json!({"error": "unsupported_grant_type", "error_description": description});
        assert_eq!(answer.expect(400), expected, "{unknown}");
    }
    for known in ["client_credentials", "refresh_token"] {
        let answer =
            app.token(text(&client, "client_id"), client["client_secret"].as_str(), &[("grant_type", known)]).await;
        let description = format!("the client did not register the grant type {known}");
        let expected = json!({"error": "unauthorized_client", "error_description": description});
        assert_eq!(answer.expect(400), expected);
    }
}

#[tokio::test]
async fn a_refusal_is_printable_and_a_malformed_scope_is_refused() {
    spec!("RFC6749-5.2/token-error-charset", "RFC6749-5.2/invalid-scope");
    let app = TestApp::open().await;
    let client = app.web_client().await;
    for (name, value, error) in [
        ("scope", "re\"ad", "invalid_scope"),
        ("scope", "re\\ad", "invalid_scope"),
        ("scope", "caf\u{e9}", "invalid_scope"),
        ("scope", "a\tb", "invalid_scope"),
        ("scope", "unheard-of", "invalid_scope"),
        ("resource", "https://\u{e9}.example/\"\\", "invalid_target"),
        ("resource", "a \"quoted\" \u{201c}thing\u{201d}", "invalid_target"),
        ("resource", "https://api.example/#fragment", "invalid_target"),
        ("audience", "unheard-of", "invalid_target"),
    ] {
        let fields = [("grant_type", "client_credentials"), (name, value)];
        let answer = app.token(text(&client, "client_id"), client["client_secret"].as_str(), &fields).await;
        assert_eq!(answer.refusal(), (400, error.to_owned()), "{value}");
        let body = answer.json();
        let allowed = |byte: u8| matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~');
        assert!(text(&body, "error_description").bytes().all(allowed), "{body}");
    }
}

#[tokio::test]
async fn a_token_that_never_ends_is_opaque_and_says_no_time() {
    // D-19, I7
    let app = TestApp::at_a_standstill().await;
    let service = app.service("https://api.example", &["read"]).await;
    set_lifetime(&app, &service, 0).await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let grant = app.grant(&client, &person, "read").await;
    let tokens = app.exchange(&grant).await.expect(200);
    let refresh = "[refresh token]";
    let expected =
        json!({"access_token": "[opaque token]", "token_type": "Bearer", "refresh_token": refresh, "scope": "read"});
    assert_eq!(masked(tokens.clone()), expected);
    app.app.clock.advance(86_400 * 3650);
    let mut said = app.introspect(&client, text(&tokens, "access_token")).await;
    assert!(!said["jti"].take().as_str().unwrap().is_empty());
    let issued = app.app.clock.now() - 86_400 * 3650;
    let expected = json!({
        "active": true,
        "client_id": client["client_id"],
        "token_type": "Bearer",
        "scope": "read",
        "sub": person.id.to_string(),
        "username": "ada@example.org",
        "aud": "https://api.example",
        "iss": app.issuer,
        "iat": issued,
        "jti": null,
        "auth_time": issued,
    });
    assert_eq!(said, expected);
}

#[tokio::test]
async fn a_service_decides_how_long_its_tokens_live() {
    let app = TestApp::at_a_standstill().await;
    let service = app.service("https://api.example", &["read"]).await;
    set_lifetime(&app, &service, 120).await;
    let client = app.web_client().await;
    let (_, tokens) = app.signed_in(&client, "read").await;
    assert_eq!(tokens["expires_in"], json!(120));
    let token = text(&tokens, "access_token");
    app.app.clock.advance(119);
    assert_eq!(app.introspect(&client, token).await["active"], json!(true));
    app.app.clock.advance(1);
    assert_eq!(app.introspect(&client, token).await, json!({"active": false}));
}

async fn set_lifetime(app: &TestApp, service: &entity::service::Model, seconds: i64) {
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
    let mut service = service.clone().into_active_model();
    service.access_token_seconds = Set(Some(seconds));
    service.update(app.app.db.pool()).await.unwrap();
    app.app.services.forget_all();
}

#[tokio::test]
async fn every_credential_is_long_and_another_one_each_time() {
    spec!("RFC6749-10.10/unguessable", "RFC6749-10.10/unguessable-160", "RFC6749-2.2/client-id-unique");
    let app = TestApp::open().await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let client = app.web_client().await;
        let (grant, tokens) = app.signed_in(&client, "openid offline_access").await;
        let jti = claims(text(&tokens, "access_token"))["jti"].clone();
        for credential in [
            text(&client, "client_id"),
            text(&client, "client_secret"),
            text(&client, "registration_access_token"),
            &grant.code,
            text(&tokens, "access_token"),
            text(&tokens, "refresh_token"),
            jti.as_str().unwrap(),
        ] {
            // 160 random bits are 27 characters of 6 bits.
            assert!(credential.len() >= 27, "{credential}");
            assert!(seen.insert(credential.to_owned()), "{credential} was given twice");
        }
    }
}

/// Every row of every table, as text.
async fn dump(app: &TestApp) -> String {
    let pool = app.app.db.pool();
    let mut text = String::new();
    macro_rules! rows {
        ($($table:ident),+ $(,)?) => {
            $(
                let rows = entity::$table::Entity::find().into_json().all(pool).await.unwrap();
                text.push_str(&serde_json::to_string(&rows).unwrap());
            )+
        };
    }
    rows!(application, client, client_secret, consent, deployment, event, initial_access_token, lease, revocation);
    rows!(service, session, signing_key, tenant, token, token_family, user);
    text
}

#[tokio::test]
async fn a_stolen_database_holds_no_credential() {
    spec!("RFC6749-10.3/tokens-confidential");
    // s.Z2
    let app = TestApp::open().await;
    let opaque = app.service("https://opaque.example", &["deal"]).await;
    set_lifetime(&app, &opaque, 0).await;
    let client = app.web_client().await;
    let (grant, tokens) = app.signed_in(&client, "openid offline_access").await;
    let (_, more) = app.signed_in(&client, "deal").await;
    let refreshed = app.refresh(&grant, text(&tokens, "refresh_token")).await.expect(200);
    let revoke = [("token", text(&more, "access_token"))];
    let auth = Auth::Basic(text(&client, "client_id"), text(&client, "client_secret"));
    app.http.form("/revoke", auth, &revoke).await.expect(200);
    let mut credentials = vec![
        text(&client, "client_secret").to_owned(),
        text(&client, "registration_access_token").to_owned(),
        grant.code.clone(),
        grant.verifier.clone(),
        crate::harness::PASSWORD.to_owned(),
    ];
    for tokens in [&tokens, &more, &refreshed] {
        for name in ["access_token", "refresh_token", "id_token"] {
            credentials.extend(tokens[name].as_str().map(str::to_owned));
        }
    }
    assert_eq!(credentials.len(), 13);
    let mut stores = vec![dump(&app).await.into_bytes()];
    if app.database().is_sqlite() {
        let path = registrar::db::migrate::sqlite_path(&app.database().url).unwrap();
        for suffix in ["", "-wal"] {
            stores.push(std::fs::read(format!("{}{suffix}", path.display())).unwrap());
        }
    }
    assert!(contains(&stores[0], text(&client, "client_id")), "the dump holds what was stored");
    for store in &stores {
        for credential in &credentials {
            assert!(!contains(store, credential), "{credential} is in the database");
        }
        assert!(!contains(store, "\"d\":"), "a private key is in the database in the clear");
    }
}

fn contains(store: &[u8], wanted: &str) -> bool {
    store.windows(wanted.len()).any(|window| window == wanted.as_bytes())
}

//! What the server says of itself.

use registrar::config::{self, Sources};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::http::{Answer, Auth};
use crate::harness::party::{claims, text};

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

/// A server with a tenant whose issuer has this path.
async fn with_tenant(path: &str) -> TestApp {
    let app = TestApp::open().await;
    registrar::oidc::setup::create_tenant(&app.app, "other", "Other", &app.url(path)).await.unwrap();
    app.app.tenants.refresh(&app.app).await.unwrap();
    app
}

#[tokio::test]
async fn the_document_says_all_this_and_nothing_else() {
    spec!(
        "portal/I10",
        "OIDC-Discovery-3/issuer",
        "OIDC-Discovery-3/endpoints",
        "OIDC-Discovery-3/userinfo-endpoint",
        "OIDC-Discovery-3/registration-endpoint",
        "OIDC-Discovery-3/scopes",
        "OIDC-Discovery-3/openid-scope",
        "OIDC-Discovery-3/response-types",
        "OIDC-Discovery-3/grant-types",
        "OIDC-Discovery-3/subject-types",
        "OIDC-Discovery-3/signing-algs",
        "OIDC-Discovery-3/claims",
        "OIDC-Discovery-3/claims-parameter",
        "OIDC-Discovery-3/request-parameters",
        "OIDC-Discovery-4/json",
        "OIDC-Discovery-4.2/ok",
        "OIDC-Core-15.2/discovery",
        "RFC8414-2/issuer",
        "RFC8414-2/authorization-endpoint",
        "RFC8414-2/token-endpoint",
        "RFC8414-2/response-types",
        "RFC8414-2/scopes",
        "RFC8414-2/grant-types",
        "RFC8414-3.2/ok-json",
        "RFC7636-7.2/no-plain",
        "RFC9207-2.3/metadata",
    );
    // s.J17
    let app = TestApp::open().await;
    let openid = app.http.get(OPENID).await;
    let oauth = app.http.get(OAUTH).await;
    assert_eq!(openid.text, oauth.text);
    let mut document = openid.expect(200);
    assert_eq!(openid.header("content-type"), "application/json");
    let claims = document["claims_supported"].take();
    for claim in ["sub", "iss", "auth_time", "name", "email", "email_verified", "address", "phone_number"] {
        assert!(claims.as_array().unwrap().contains(&json!(claim)), "{claim}");
    }
    let methods = ["client_secret_basic", "client_secret_post", "none"];
    let mut found: Vec<&str> =
        document["token_endpoint_auth_methods_supported"].as_array().unwrap().iter().flat_map(Value::as_str).collect();
    found.sort_unstable();
    assert_eq!(found, methods);
    for name in ["id_token_signing_alg_values_supported", "userinfo_signing_alg_values_supported"] {
        let mut found: Vec<&str> = document[name].as_array().unwrap().iter().flat_map(Value::as_str).collect();
        found.sort_unstable();
        assert_eq!(found, ["ES256", "EdDSA", "PS256", "RS256"], "no none and no HMAC in {name}");
    }
    let expected = json!({
        "issuer": app.issuer,
        "authorization_endpoint": app.url("/authorize"),
        "token_endpoint": app.url("/token"),
        "jwks_uri": app.url("/.well-known/jwks.json"),
        "registration_endpoint": app.url("/oidc/register"),
        "registration_renew_secret_endpoint": app.url("/oidc/register/:client_id/renew_secret"),
        "registration_templates_endpoint": app.url("/oidc/register_templates"),
        "userinfo_endpoint": app.url("/userinfo"),
        "introspection_endpoint": app.url("/introspect"),
        "revocation_endpoint": app.url("/revoke"),
        "end_session_endpoint": app.url("/logout"),
        "service_documentation": app.url("/docs"),
        "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access"],
        "response_types_supported": ["code"],
        "response_modes_supported": document["response_modes_supported"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "subject_types_supported": document["subject_types_supported"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "token_endpoint_auth_methods_supported": document["token_endpoint_auth_methods_supported"],
        "introspection_endpoint_auth_methods_supported": document["introspection_endpoint_auth_methods_supported"],
        "revocation_endpoint_auth_methods_supported": document["token_endpoint_auth_methods_supported"],
        "id_token_signing_alg_values_supported": document["id_token_signing_alg_values_supported"],
        "userinfo_signing_alg_values_supported": document["userinfo_signing_alg_values_supported"],
        "claim_types_supported": ["normal"],
        "claims_supported": null,
        "ui_locales_supported": ["en", "de"],
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    });
    assert_eq!(document, expected);
}

#[tokio::test]
async fn what_is_advertised_is_not_refused() {
    spec!("RFC8414-2/auth-methods", "OIDC-Discovery-4.2/no-empty-arrays", "RFC8414-3.2/no-empty-arrays");
    let app = TestApp::open().await;
    let document = app.http.get(OPENID).await.expect(200);
    for (name, value) in document.as_object().unwrap() {
        assert!(!value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()), "{name} says nothing");
        if let Some(address) =
            value.as_str().filter(|address| address.starts_with("http") && !address.contains(":client_id"))
        {
            let answer = app.http.send(app.http.request("OPTIONS", address)).await;
            assert!(name == "issuer" || answer.status == 204, "{name} leads nowhere: {}", answer.status);
        }
    }
    let list = |name: &str| -> Vec<String> { serde_json::from_value(document[name].clone()).unwrap() };
    for method in list("token_endpoint_auth_methods_supported") {
        let client = app
            .register(json!({"redirect_uris": ["https://client.example/cb"], "token_endpoint_auth_method": method}))
            .await;
        assert_eq!(client["token_endpoint_auth_method"], json!(method));
        let id = text(&client, "client_id");
        for (endpoint, fields, listed) in [
            (
                "/token",
                vec![("grant_type", "authorization_code"), ("code", "x")],
                "token_endpoint_auth_methods_supported",
            ),
            ("/revoke", vec![("token", "x")], "revocation_endpoint_auth_methods_supported"),
            ("/introspect", vec![("token", "x")], "introspection_endpoint_auth_methods_supported"),
        ] {
            let secret = client["client_secret"].as_str().unwrap_or_default();
            let (auth, more) = match method.as_str() {
                "client_secret_basic" => (Auth::Basic(id, secret), vec![]),
                "client_secret_post" => (Auth::None, vec![("client_id", id), ("client_secret", secret)]),
                _ => (Auth::None, vec![("client_id", id)]),
            };
            let answer = app.http.form(endpoint, auth, &[fields, more].concat()).await;
            assert_eq!(answer.status != 401, list(listed).contains(&method), "{method} at {endpoint}: {}", answer.text);
        }
    }
    let client = app.web_client().await;
    for grant in list("grant_types_supported") {
        let answer =
            app.token(text(&client, "client_id"), client["client_secret"].as_str(), &[("grant_type", &grant)]).await;
        let error = serde_json::from_str::<Value>(&answer.text).unwrap()["error"].clone();
        assert!(error.is_null() || error == "invalid_request", "{grant}: {error}");
    }
    for (member, listed) in [
        ("id_token_signed_response_alg", "id_token_signing_alg_values_supported"),
        ("userinfo_signed_response_alg", "userinfo_signing_alg_values_supported"),
        ("subject_type", "subject_types_supported"),
    ] {
        for value in list(listed) {
            let client = app.register(json!({"redirect_uris": ["https://client.example/cb"], member: value})).await;
            assert_eq!(client[member], json!(value));
            let (_, tokens) = app.signed_in(&client, "openid").await;
            let userinfo = app.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await;
            assert_eq!(userinfo.status, 200, "{member} {value}");
            let sub = claims(text(&tokens, "id_token"))["sub"].clone();
            let told = if member.starts_with("userinfo") { claims(&userinfo.text) } else { userinfo.json() };
            assert_eq!(told["sub"], sub);
        }
    }
}

#[tokio::test]
async fn off_loopback_everything_is_offered_over_tls() {
    spec!(
        "OIDC-Core-3.1.3/token-tls",
        "RFC7009-2/tls",
        "RFC7662-2/tls",
        "RFC8414-6.1/tls",
        "OIDC-Discovery-7.1/tls",
        "RFC6749-2.3.1/tls-for-secrets",
    );
    let complaints = |issuer: &str| match config::load(&Sources::nothing().set("server.issuer", issuer)) {
        Ok(_) => String::new(),
        Err(faults) => faults.to_string(),
    };
    assert!(complaints("http://id.example").contains("server.issuer"));
    for fine in ["https://id.example", "http://localhost:8080", "http://127.0.0.1:8080"] {
        assert!(!complaints(fine).contains("server.issuer"), "{fine}: {}", complaints(fine));
    }
    let app = TestApp::with(&[("server.issuer", "https://id.example/base")]).await;
    for (name, value) in app.http.get(&format!("/base{OPENID}")).await.expect(200).as_object().unwrap() {
        let address =
            value.as_str().filter(|_| name == "issuer" || name.ends_with("_endpoint") || name.ends_with("_uri"));
        assert!(address.is_none_or(|address| address.starts_with("https://id.example/base")), "{name}: {value}");
    }
}

#[tokio::test]
async fn both_documents_are_answered_conditionally_and_to_head() {
    spec!("RFC8414-3.1/get");
    let app = TestApp::open().await;
    for path in [OPENID, OAUTH, "/.well-known/jwks.json", "/jwks"] {
        let got = app.http.get(path).await;
        assert_eq!(got.status, 200);
        assert_eq!(got.header("cache-control"), "public, max-age=300");
        assert_eq!(got.header("access-control-allow-origin"), "*");
        let tag = got.header("etag").to_owned();
        assert!(tag.len() > 10 && tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        for known in [tag.clone(), format!("\"x\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
            let answer = app.http.send(app.http.request("GET", path).header("if-none-match", &known)).await;
            assert_eq!((answer.status, &*answer.text, answer.header("etag")), (304, "", &*tag), "{known}");
            assert_eq!(answer.header("cache-control"), "public, max-age=300");
        }
        let changed = app.http.send(app.http.request("GET", path).header("if-none-match", "\"x\"")).await;
        assert_eq!((changed.status, changed.text), (200, got.text.clone()));
        let head = app.http.send(app.http.request("HEAD", path)).await;
        assert_eq!((head.status, &*head.text, head.header("etag")), (200, "", &*tag));
        assert_eq!(head.header("content-type"), "application/json");
        let preflight = app.http.request("OPTIONS", path).header("origin", "https://app.example");
        let preflight = preflight.header("access-control-request-headers", "mcp-protocol-version");
        let preflight = app.http.send(preflight).await;
        assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, "*"));
        assert!(preflight.header("access-control-allow-headers").contains("mcp-protocol-version"));
        let posted = app.http.post_json(path, &json!({})).await;
        assert_eq!(posted.refusal(), (405, "method_not_allowed".to_owned()));
        assert_eq!(posted.header("allow"), "GET, HEAD, OPTIONS");
    }
}

#[tokio::test]
async fn a_tenant_with_a_path_has_both_documents_at_both_places() {
    spec!(
        "OIDC-Discovery-4/well-known-path",
        "OIDC-Discovery-4.1/path-no-slash",
        "RFC8414-3/well-known-path",
        "RFC8414-3.1/no-trailing-slash",
        "RFC8414-3.3/issuer-identical",
    );
    let app = with_tenant("/t/other").await;
    let issuer = app.url("/t/other");
    let mut texts = Vec::new();
    for path in [
        format!("{OPENID}/t/other"),
        format!("{OAUTH}/t/other"),
        format!("/t/other{OPENID}"),
        format!("/t/other{OAUTH}"),
        format!("{OAUTH}/t/other/"),
        format!("/t/other{OPENID}/"),
    ] {
        let answer = app.http.get(&path).await;
        let document = answer.expect(200);
        assert_eq!(document["issuer"], json!(issuer), "{path}");
        assert_eq!(document["token_endpoint"], json!(format!("{issuer}/token")));
        texts.push(answer.text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1);
    let own = app.http.get(OPENID).await.expect(200);
    assert_eq!(own["issuer"], json!(app.issuer), "the default tenant keeps its place");
    let ours = app.http.get("/.well-known/jwks.json").await.text;
    let theirs = app.http.get("/t/other/.well-known/jwks.json").await;
    assert_eq!(theirs.status, 200);
    assert_ne!(ours, theirs.text, "each tenant has keys of its own");
    for path in [
        format!("{OPENID}/t"),
        format!("{OPENID}/t/otherwise"),
        format!("/t/otherwise{OPENID}"),
        format!("{OPENID}t/other"),
    ] {
        assert_eq!(app.http.get(&path).await.refusal(), (404, "not_found".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn every_probe_of_the_clients_is_answered_as_they_expect() {
    // discovery-probes
    let case: Value = serde_json::from_str(include_str!("../../corpus/discovery-probes.json")).unwrap();
    let app = with_tenant("/tenant1").await;
    for probe in case["discovery"].as_array().unwrap() {
        let path = text(probe, "path");
        let mut request = app.http.request(text(probe, "method"), path);
        for (name, value) in probe["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        let answer = app.http.send(request).await;
        let expect = &probe["expect"];
        let statuses = expect["status"].as_array().cloned().unwrap_or_else(|| vec![expect["status"].clone()]);
        assert!(statuses.contains(&json!(answer.status)), "{path}: {}", answer.status);
        assert_eq!(answer.header("content-type"), text(expect, "content_type"), "{path}");
        if answer.status != 200 {
            assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{path}");
            continue;
        }
        document_is_whole(&case, &answer, path);
        let issuer = if path.contains("tenant1") { app.url("/tenant1") } else { app.issuer.clone() };
        assert_eq!(answer.json()["issuer"], json!(issuer), "{path}");
    }
}

fn document_is_whole(case: &Value, answer: &Answer, path: &str) {
    assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
    let document = answer.json();
    for member in case["expect"]["required_members"].as_array().unwrap() {
        assert!(!document[member.as_str().unwrap()].is_null(), "{path} lacks {member}");
    }
}

#[tokio::test]
async fn without_a_way_in_no_registration_endpoint_is_named() {
    // P-12, D-10
    let app = TestApp::start().await;
    app.settings(json!({"registration": {"open": false, "with_token": false}})).await;
    let document = app.http.get(OPENID).await.expect(200);
    assert_eq!(document.get("registration_endpoint"), None);
}

#[tokio::test]
async fn an_unknown_well_known_address_is_404_in_json() {
    let app = TestApp::start().await;
    for path in ["/.well-known/does-not-exist", "/.well-known/oauth-authorization-server/nope", "/nope"] {
        assert_eq!(app.http.get(path).await.refusal(), (404, "not_found".to_owned()), "{path}");
    }
}

//! How is a registration answered? `POST /oidc/register` (RFC 7591 §3, OpenID Connect Registration §3).

use std::collections::BTreeSet;

use registrar::config::{self, Files, Sources};
use registrar::oidc::client::record;
use serde_json::{Value, json};

use super::initial_access_token::{clients, ticket};
use crate::harness::http::Auth;
use crate::harness::{Answer, TestApp};

/// The whole refusal: one violation, and the sentence that tells it.
fn refusal(code: &str, member: &str, rule: &str, see: &str, got: Value, complaint: &str) -> Value {
    let mut violation = json!({"member": member, "rule": rule, "see": see});
    if !got.is_null() {
        violation["got"] = got;
    }
    json!({"error": code, "error_description": format!("{member} {complaint}"), "violations": [violation]})
}

/// The members an answer has besides what was registered.
fn issued(answer: &Value) -> Value {
    let mut issued = json!({});
    for member in registrar::oidc::registration::update::SERVER_MEMBERS {
        if let Some(value) = answer.get(member) {
            issued[member] = value.clone();
        }
    }
    issued
}

fn together(one: &Value, other: Value) -> Value {
    let mut all = one.clone();
    all.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    all
}

async fn register(app: &TestApp, wanted: Value) -> Answer {
    app.http.post_json("/oidc/register", &wanted).await
}

#[tokio::test]
async fn a_registration_is_answered_with_all_that_was_registered() {
    // E4, R19, R22, s.R63, s.R65
    spec!(
        "RFC7591-2/redirect-uris-supported",
        "RFC7591-3/post-json",
        "RFC7591-3.2.1/created",
        "RFC7591-3.2.1/client-id",
        "RFC7591-3.2.1/secret-expires-at",
        "RFC7591-3.2.1/all-metadata",
        "RFC7591-3.2.1/no-store",
        "RFC7592-2/uri-given",
        "RFC7592-3/registration-client-uri",
        "RFC7592-3/registration-access-token",
        "RFC7592-3/no-store",
        "OIDC-Registration-3.1/post-json",
        "OIDC-Registration-3.2/created",
        "OIDC-Registration-3.2/both-or-neither",
        "OIDC-Registration-3.2/secret-expires-at",
    );
    let app = TestApp::open().await;
    app.service("https://mcp.example", &["mcp:read"]).await;
    let wanted = json!({
        "client_name": "Shop", "client_name#ja": "店", "client_uri": "https://shop.example/",
        "logo_uri#de": "https://shop.example/l.png", "policy_uri": "https://shop.example/p",
        "tos_uri": "https://shop.example/t", "redirect_uris": ["https://shop.example/cb", "https://shop.example/cb?x=1"],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"], "response_types": ["code"],
        "response_modes": ["form_post", "query"], "application_type": "web", "contacts": ["a@shop.example"],
        "scope": "openid email offline_access mcp:read", "token_endpoint_auth_method": "client_secret_post",
        "jwks_uri": "https://shop.example/jwks", "subject_type": "public", "id_token_signed_response_alg": "EdDSA",
        "default_max_age": 3600, "require_auth_time": false, "initiate_login_uri": "https://shop.example/login",
        "post_logout_redirect_uris": ["https://shop.example/bye"], "software_id": "4NRB1", "software_version": "2.1",
        "dpop_bound_access_tokens": false,
    });
    let earliest = app.app.clock.now();
    let answer = register(&app, wanted.clone()).await;
    let created = answer.expect(201);
    let (id, secret) = (created["client_id"].as_str().unwrap(), created["client_secret"].as_str().unwrap());
    let token = created["registration_access_token"].as_str().unwrap();
    let issued_at = created["client_id_issued_at"].as_i64().unwrap();
    let uri = app.url(&format!("/oidc/register/{id}"));
    assert_eq!(
        created,
        together(
            &wanted,
            json!({
                "client_id": id, "client_id_issued_at": issued_at, "client_secret": secret,
                "client_secret_expires_at": 0, "registration_access_token": token, "registration_client_uri": uri,
            })
        )
    );
    assert!((earliest..=app.app.clock.now()).contains(&issued_at));
    assert!(id.len() == 32 && secret.len() == 64 && token.starts_with("rat_") && token.len() >= 47);
    for (name, value) in [
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("pragma", "no-cache"),
        ("location", uri.as_str()),
        ("access-control-allow-origin", "*"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let read = app.http.bearer("GET", &uri, token).await;
    assert_eq!((read.expect(200), read.header("cache-control")), (created.clone(), "no-store"));
}

#[tokio::test]
async fn what_is_not_said_gets_the_defaults_of_the_specifications() {
    spec!(
        "RFC7591-2/auth-method-default",
        "RFC7591-2/grant-types-default",
        "RFC7591-2/response-types-default",
        "OIDC-Registration-2/auth-method-default",
        "OIDC-Registration-2/application-type-default",
    );
    for profile in ["interop", "strict"] {
        let app = TestApp::with(&[("registration.profile", profile)]).await.opened().await;
        let created = register(&app, json!({"redirect_uris": ["https://a.example/cb"]})).await.expect(201);
        let chosen = json!({
            "redirect_uris": ["https://a.example/cb"], "application_type": "web",
            "grant_types": ["authorization_code"], "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_basic", "subject_type": "public",
            "id_token_signed_response_alg": "RS256",
        });
        assert_eq!(created, together(&chosen, issued(&created)), "{profile}");
    }
    // A profile that concludes native from a redirect URI says so.
    let app = TestApp::open().await;
    let native = register(&app, json!({"redirect_uris": ["http://127.0.0.1/cb"]})).await.expect(201);
    assert_eq!(native["application_type"], "native");
}

#[tokio::test]
async fn the_request_of_the_auth0_documentation_is_answered_as_it_says() {
    // A15, D-11, D-12
    let app = TestApp::start().await.opened().await;
    let sent = r#"{"client_name":"My Dynamic Application","redirect_uris": ["https://application.example.com/callback", "https://application.example.com/callback2"]}"#;
    let request = app.http.request("POST", "/oidc/register").header("content-type", "application/json").body(sent);
    let answer = app.http.send(request).await;
    let created = answer.expect(201);
    let (id, secret) = (created["client_id"].as_str().unwrap(), created["client_secret"].as_str().unwrap());
    assert_eq!(
        created,
        json!({
            "client_name": "My Dynamic Application", "client_id": id, "client_secret": secret,
            "redirect_uris":
                ["https://application.example.com/callback", "https://application.example.com/callback2"],
            "client_secret_expires_at": 0, "client_id_issued_at": created["client_id_issued_at"],
            "grant_types": ["authorization_code", "implicit", "refresh_token"],
            "response_types": ["code", "token", "id_token", "id_token token"],
            "application_type": "web", "token_endpoint_auth_method": "client_secret_post",
            "subject_type": "public", "id_token_signed_response_alg": "RS256",
        })
    );
    let alphanumeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    assert!(id.len() == 32 && secret.len() == 64 && alphanumeric(id) && alphanumeric(secret));
    // Third parties do not change their settings here: there is nowhere to go.
    assert_eq!(answer.header("location"), "");
    let page = json!({"client_name": "A page", "redirect_uris": ["https://application.example.com/callback"],
        "token_endpoint_auth_method": "none"});
    let page = register(&app, page).await.expect(201);
    assert_eq!((page.get("client_secret"), page.get("client_secret_expires_at")), (None, None));
}

#[tokio::test]
async fn a_token_and_its_address_come_together_or_not_at_all() {
    // D-12, E4
    spec!("OIDC-Registration-3.2/both-or-neither");
    let members = ["registration_access_token", "registration_client_uri"];
    for (profile, chosen, managed) in [
        ("permissive", Value::Null, false),
        ("interop", Value::Null, true),
        ("strict", Value::Null, false),
        ("strict", json!(true), true),
        ("permissive", json!(true), true),
        ("interop", json!(false), false),
    ] {
        let app = TestApp::start().await;
        let settings = json!({"open": true, "profile": profile, "open_management": chosen});
        app.settings(json!({"registration": settings})).await;
        let answer = register(&app, json!({"redirect_uris": ["https://a.example/cb"]})).await;
        let created = answer.expect(201);
        let there = members.map(|member| created.get(member).is_some());
        assert_eq!((there, answer.header("location").is_empty()), ([managed; 2], !managed), "{profile} {chosen}");
    }
}

#[tokio::test]
async fn members_that_mean_nothing_here_are_neither_kept_nor_repeated() {
    // s.R28, s.R29
    spec!("RFC7591-2/unknown-ignored");
    let app = TestApp::open().await;
    let plain = json!({"redirect_uris": ["https://a.example/cb"], "client_name": "Page"});
    let internal = json!({
        "client_id": "admin", "client_secret": "hunter2", "client_id_issued_at": 1, "client_secret_expires_at": 7,
        "registration_access_token": "x", "registration_client_uri": "https://evil.example", "skip_consent": true,
        "trusted": true, "first_party": true, "owner_id": "1", "enabled": true, "admin": true, "roles": ["admin"],
        "tenant_id": "2", "id": 7, "state": "active", "rights": "dcr_admin", "access_token_lifetime": 9, "policy": {},
        "profile": "permissive", "created_at": 0, "nested": {"a": [1, {"b": null}]}, "client_name#": "x",
        "https://ext.example/member": "value",
    });
    let plainly = register(&app, plain.clone()).await.expect(201);
    let greedy = register(&app, together(&plain, internal)).await.expect(201);
    assert_eq!(greedy, together(&plainly, issued(&greedy)));
    for member in ["client_id", "client_secret", "registration_access_token", "registration_client_uri"] {
        assert_ne!(greedy[member], plainly[member], "{member}");
    }
    assert!(greedy["client_id_issued_at"].as_i64().unwrap() > 1 && greedy["client_secret_expires_at"] == 0);
    let (tenant, id) = (app.tenant(), greedy["client_id"].as_str().unwrap());
    let row = record::find(&app.app, &tenant, id).await.unwrap().unwrap().row.clone();
    assert!(!row.first_party && row.rights.is_empty() && row.profile == "interop");
    assert_eq!(row.metadata.get("https://ext.example/member"), None);
}

#[tokio::test]
async fn a_public_client_gets_no_secret() {
    // R16, s.R64
    spec!("RFC7591-2/none-has-no-secret");
    let app = TestApp::open().await;
    let wanted = json!({"redirect_uris": ["http://127.0.0.1/cb"], "token_endpoint_auth_method": "none"});
    let created = register(&app, wanted).await.expect(201);
    let members: BTreeSet<&str> = created.as_object().unwrap().keys().map(String::as_str).collect();
    assert!(!members.contains("client_secret") && !members.contains("client_secret_expires_at"), "{created}");
    // It cannot act without a person, and no secret is its.
    let (id, fields) = (created["client_id"].as_str().unwrap(), [("grant_type", "client_credentials")]);
    assert_eq!(app.token(id, None, &fields).await.status, 400);
    assert_eq!(app.token(id, Some("guess"), &fields).await.refusal(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn no_two_clients_share_an_identifier_or_a_secret() {
    // s.R63, s.R59
    spec!(
        "RFC7591-3.2.1/client-id-unique",
        "RFC7591-3.2.1/secret-unique",
        "RFC7591-5/secret-per-instance",
        "OIDC-Registration-3.2/client-id-unique",
        "OIDC-Registration-3.2/secret-unique",
    );
    let app = TestApp::open().await;
    let wanted = json!({"redirect_uris": ["https://a.example/cb"], "client_name": "The same"});
    let asked = (0..24).map(|_| register(&app, wanted.clone()));
    let created: Vec<Value> =
        futures_util::future::join_all(asked).await.iter().map(|answer| answer.expect(201)).collect();
    for member in ["client_id", "client_secret", "registration_access_token", "registration_client_uri"] {
        let different: BTreeSet<&str> = created.iter().map(|client| client[member].as_str().unwrap()).collect();
        assert_eq!(different.len(), 24, "{member}");
    }
    // A secret is one client's alone.
    let of = |client: usize, member: &str| created[client][member].as_str().unwrap();
    let fields = [("token", "x")];
    let crossed = Auth::Basic(of(0, "client_id"), of(1, "client_secret"));
    assert_eq!(app.http.form("/introspect", crossed, &fields).await.status, 401);
    let own = Auth::Basic(of(0, "client_id"), of(0, "client_secret"));
    assert_eq!(app.http.form("/introspect", own, &fields).await.expect(200), json!({"active": false}));
}

#[tokio::test]
async fn a_refusal_is_400_with_a_registered_code_and_every_broken_rule() {
    // R21
    spec!(
        "RFC7591-3.2.2/error-shape",
        "RFC7591-3.2.2/redirect-uri",
        "RFC7591-3.2.2/client-metadata",
        "OIDC-Registration-3.3/error-shape",
    );
    let app = TestApp::open().await;
    let answer = register(&app, json!({"redirect_uris": ["https://c.example/cb#x"]})).await;
    assert_eq!(
        answer.expect(400),
        refusal(
            "invalid_redirect_uri",
            "redirect_uris",
            "R9",
            "RFC 9700 §2.1",
            json!("https://c.example/cb#x"),
            "'https://c.example/cb#x' has a fragment"
        )
    );
    for (name, value) in [
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("pragma", "no-cache"),
        ("access-control-allow-origin", "*"),
        ("x-content-type-options", "nosniff"),
        ("location", ""),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let several = json!({
        "redirect_uris": ["https://good.example/cb", "ftp://bad.example/"], "client_uri": "javascript:alert(1)",
        "contacts": ["nobody"], "default_max_age": -1, "token_endpoint_auth_method": "telepathy",
    });
    let body = register(&app, several).await.expect(400);
    let broken: Vec<(&str, &str)> = body["violations"].as_array().unwrap().iter().map(broken).collect();
    assert_eq!(body["error"], "invalid_redirect_uri");
    assert_eq!(
        broken,
        [
            ("redirect_uris", "R9"),
            ("token_endpoint_auth_method", "R5"),
            ("client_uri", "R3"),
            ("contacts", "R4"),
            ("default_max_age", "R2")
        ]
    );
    let method = json!({"redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": "telepathy"});
    assert_eq!(
        register(&app, method).await.expect(400),
        json!({
            "error": "invalid_client_metadata",
            "error_description": "token_endpoint_auth_method 'telepathy' is not supported by this server \
                (allowed: none, client_secret_basic, client_secret_post)",
            "violations": [{
                "member": "token_endpoint_auth_method", "rule": "R5", "got": "telepathy", "see": "RFC 7591 §2",
                "allowed": ["none", "client_secret_basic", "client_secret_post"],
            }],
        })
    );
    assert_eq!(clients(&app).await, 0);
}

fn broken(violation: &Value) -> (&str, &str) {
    (violation["member"].as_str().unwrap(), violation["rule"].as_str().unwrap())
}

/// Registers with each of these members beside a redirect URI: how it is refused.
async fn refused_members(app: &TestApp, wanted: &[Value]) -> Vec<(u16, String, String)> {
    let mut refused = Vec::new();
    for members in wanted {
        let answer =
            register(app, together(&json!({"redirect_uris": ["https://a.example/cb"]}), members.clone())).await;
        let (status, code) = answer.refusal();
        let first = answer.json()["violations"][0]["member"].as_str().unwrap_or_default().to_owned();
        refused.push((status, code, first));
    }
    refused
}

#[tokio::test]
async fn members_that_may_not_be_are_refused_by_name() {
    // R3, R6, R8, R11, s.R20 to s.R22, s.R26, s.R23, s.R24, s.R43, s.R44
    spec!(
        "RFC7591-2/jwks-exclusive",
        "RFC7591-3.2.2/unapproved-statement",
        "OIDC-Registration-2/jwks-exclusive",
        "OIDC-Registration-2/id-token-alg-none",
        "OIDC-Registration-2/auth-signing-alg-none",
        "OIDC-Registration-2/initiate-login-uri",
    );
    let key = json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    let metadata = "invalid_client_metadata";
    let cases = [
        (json!({"jwks": {"keys": [key]}, "jwks_uri": "https://a.example/jwks"}), metadata, "jwks"),
        (json!({"id_token_signed_response_alg": "none"}), metadata, "id_token_signed_response_alg"),
        (json!({"id_token_signed_response_alg": "HS256"}), metadata, "id_token_signed_response_alg"),
        (json!({"token_endpoint_auth_signing_alg": "none"}), metadata, "token_endpoint_auth_signing_alg"),
        (json!({"initiate_login_uri": "http://a.example/login"}), metadata, "initiate_login_uri"),
        (json!({"initiate_login_uri": "javascript:alert(1)"}), metadata, "initiate_login_uri"),
        (json!({"initiate_login_uri": "com.example.app:/login"}), metadata, "initiate_login_uri"),
        (json!({"token_endpoint_auth_method": "private_key_jwt"}), metadata, "token_endpoint_auth_method"),
        (
            json!({"jwks": {"keys": [together(&key, json!({"d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}))]}}),
            metadata,
            "jwks",
        ),
        (json!({"jwks": {"keys": [{"kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMko"}]}}), metadata, "jwks"),
        (json!({"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"}), metadata, "grant_types"),
        (
            json!({"software_statement": "eyJhbGciOiJub25lIn0.e30."}),
            "unapproved_software_statement",
            "software_statement",
        ),
        (
            json!({"software_statement": "eyJhbGciOiJOb05lIn0.e30."}),
            "unapproved_software_statement",
            "software_statement",
        ),
        (json!({"software_statement": "rubbish"}), "unapproved_software_statement", "software_statement"),
    ];
    let app = TestApp::open().await;
    let wanted: Vec<Value> = cases.iter().map(|(members, ..)| members.clone()).collect();
    let expected: Vec<(u16, String, String)> =
        cases.iter().map(|(_, code, member)| (400, (*code).to_owned(), (*member).to_owned())).collect();
    assert_eq!(refused_members(&app, &wanted).await, expected);
    assert_eq!(clients(&app).await, 0);
    let fine = json!({"redirect_uris": ["https://a.example/cb"], "initiate_login_uri": "https://a.example/login"});
    assert_eq!(register(&app, fine).await.expect(201)["initiate_login_uri"], "https://a.example/login");
}

#[tokio::test]
async fn who_uses_redirection_registers_where_to() {
    // R7, s.R18
    spec!("RFC7591-2/redirect-uris-required", "OIDC-Registration-2/redirect-uris");
    let app = TestApp::open().await;
    for wanted in [
        json!({}),
        json!({"redirect_uris": []}),
        json!({"redirect_uris": null}),
        json!({"response_types": ["code"]}),
        json!({"grant_types": ["authorization_code", "client_credentials"]}),
    ] {
        let body = register(&app, wanted.clone()).await.expect(400);
        let violations: Vec<_> = body["violations"].as_array().unwrap().iter().map(broken).collect();
        assert_eq!((&body["error"], &violations[..]), (&json!("invalid_redirect_uri"), &[("redirect_uris", "R7")][..]));
    }
    let machine = register(&app, json!({"grant_types": ["client_credentials"]})).await.expect(201);
    assert_eq!((machine.get("redirect_uris"), &machine["response_types"]), (None, &json!([])));
}

#[tokio::test]
async fn a_redirect_uri_is_https_the_own_machine_or_the_applications_own_scheme() {
    // R9, s.R1 to s.R14
    spec!("RFC7591-5/redirect-kinds", "OIDC-Registration-2/native-redirects", "OIDC-Registration-2/redirects-verified",);
    let strict = TestApp::with(&[("registration.profile", "strict")]).await.opened().await;
    let cases = [
        ("web", "https://a.example/cb", true),
        ("web", "http://a.example/cb", false),
        ("web", "http://127.0.0.1/cb", false),
        ("web", "com.example.app:/cb", false),
        ("native", "https://a.example/cb", true),
        ("native", "http://127.0.0.1/cb", true),
        ("native", "http://[::1]:8080/cb", true),
        ("native", "http://localhost:1/cb", true),
        ("native", "com.example.app:/cb", true),
        ("native", "http://a.example/cb", false),
        ("native", "http://localhost.evil.example/cb", false),
        ("native", "http://127.0.0.1.evil.example/cb", false),
        ("native", "http://127.0.0.1@evil.example/cb", false),
        ("native", "http://192.168.0.1/cb", false),
        ("native", "javascript:alert(1)", false),
        ("native", "data:text/html,x", false),
        ("native", "ftp://a.example/", false),
        ("native", "//a.example/cb", false),
        ("native", "/cb", false),
    ];
    for (kind, uri, fine) in cases {
        // Among good ones a bad one is found too.
        let uris = json!(["https://good.example/cb", uri]);
        let wanted = json!({"redirect_uris": uris, "application_type": kind, "token_endpoint_auth_method": "none"});
        let answer = register(&strict, wanted).await;
        if fine {
            assert_eq!(answer.expect(201)["redirect_uris"], uris, "{kind} {uri}");
        } else {
            assert_eq!(answer.refusal(), (400, "invalid_redirect_uri".to_owned()), "{kind} {uri}");
            assert_eq!(answer.json()["violations"][0]["got"], uri);
        }
    }
    for uri in ["http://a.example/cb", "http://localhost.evil.example/cb", "javascript:alert(1)"] {
        for profile in ["interop", "permissive"] {
            strict.settings(json!({"registration": {"open": true, "profile": profile}})).await;
            let answer = register(&strict, json!({"redirect_uris": [uri]})).await;
            assert_eq!(answer.refusal(), (400, "invalid_redirect_uri".to_owned()), "{profile} {uri}");
        }
    }
}

#[tokio::test]
async fn grants_and_responses_fit_each_other_when_they_are_registered() {
    // R8, E7, s.R25, s.R27
    spec!("RFC7591-2.1/consistent-grants", "OIDC-Registration-2/response-types-grant-types");
    let uris = json!({"redirect_uris": ["https://a.example/cb"]});
    let interop = TestApp::open().await;
    for (grants, responses, kept_grants, kept_responses) in [
        (json!(["authorization_code"]), json!(["code", "token"]), json!(["authorization_code"]), json!(["code"])),
        (json!(["client_credentials"]), json!(["code"]), json!(["client_credentials"]), json!([])),
        (json!(["authorization_code", "password"]), json!(["code"]), json!(["authorization_code"]), json!(["code"])),
    ] {
        let wanted = together(&uris, json!({"grant_types": grants, "response_types": responses}));
        let created = register(&interop, wanted.clone()).await.expect(201);
        assert_eq!((&created["grant_types"], &created["response_types"]), (&kept_grants, &kept_responses));
        let read = interop.http.bearer(
            "GET",
            created["registration_client_uri"].as_str().unwrap(),
            created["registration_access_token"].as_str().unwrap(),
        );
        assert_eq!(read.await.expect(200), created);
    }
    interop.settings(json!({"registration": {"open": true, "profile": "strict"}})).await;
    for (grants, responses) in [
        (json!(["authorization_code"]), json!(["code", "token"])),
        (json!(["client_credentials"]), json!(["code"])),
        (json!(["implicit"]), json!(["id_token"])),
    ] {
        let wanted = together(&uris, json!({"grant_types": grants, "response_types": responses}));
        assert_eq!(register(&interop, wanted).await.refusal(), (400, "invalid_client_metadata".to_owned()));
    }
}

#[tokio::test]
async fn scope_is_one_string_of_values_the_tenant_has() {
    // E8, s.R30
    spec!("RFC7591-2/scope-string");
    let app = TestApp::open().await;
    for (sent, kept) in [
        (json!("openid email"), Some("openid email")),
        (json!("openid   email openid "), Some("openid email")),
        (json!(["openid", "email"]), Some("openid email")),
        (json!("openid unknown admin dcr dcr_admin"), Some("openid")),
        (json!(""), None),
    ] {
        let wanted = json!({"redirect_uris": ["https://a.example/cb"], "scope": sent});
        let created = register(&app, wanted).await.expect(201);
        assert_eq!(created.get("scope").and_then(Value::as_str), kept, "{sent}");
    }
    for sent in [json!({"openid": true}), json!(7), json!([["openid"]])] {
        let wanted = json!({"redirect_uris": ["https://a.example/cb"], "scope": sent});
        assert_eq!(register(&app, wanted).await.refusal(), (400, "invalid_client_metadata".to_owned()), "{sent}");
    }
}

#[tokio::test]
async fn languages_are_kept_and_a_name_without_one_is_kept_without() {
    spec!("RFC7591-2.2/tagged-languages", "OIDC-Registration-2.1/tagged-languages");
    let app = TestApp::open().await;
    let names = json!({"redirect_uris": ["https://a.example/cb"], "client_name": "Shop", "client_name#de": "Laden",
        "client_name#ja-Hani-JP": "店"});
    let created = register(&app, names.clone()).await.expect(201);
    for (member, value) in names.as_object().unwrap() {
        assert_eq!(&created[member], value, "{member}");
    }
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_stores_nothing() {
    // registration.md §1, §5
    let app = TestApp::open().await;
    let wanted = json!({"redirect_uris": ["https://a.example/cb"], "client_name": "Page", "scope": "openid nope"});
    let answer = app.http.post_json("/oidc/register?dry_run=true", &wanted).await;
    assert_eq!(
        answer.expect(200),
        json!({
            "redirect_uris": ["https://a.example/cb"], "client_name": "Page", "scope": "openid",
            "application_type": "web", "grant_types": ["authorization_code"], "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_basic", "subject_type": "public",
            "id_token_signed_response_alg": "RS256",
        })
    );
    assert_eq!((answer.header("location"), answer.header("cache-control")), ("", "no-store"));
    let script = json!({"redirect_uris": ["javascript:alert(1)"]});
    let refused = app.http.post_json("/oidc/register?dry_run=true", &script).await;
    assert_eq!(refused.refusal(), (400, "invalid_redirect_uri".to_owned()));
    assert_eq!(refused.json(), register(&app, script).await.json());
    let odd = app.http.post_json("/oidc/register?dry_run=perhaps", &wanted).await;
    assert_eq!(odd.refusal(), (400, "invalid_request".to_owned()));
    assert_eq!(clients(&app).await, 0);
    assert_eq!(app.http.post_json("/oidc/register?dry_run=false", &wanted).await.status, 201);
}

#[tokio::test]
async fn every_address_a_client_is_given_is_https_except_on_loopback() {
    // s.R70
    spec!("RFC7591-3/tls", "RFC7592-2/tls", "OIDC-Registration-3/tls", "OIDC-Registration-8.3/endpoint-tls",);
    let load = |issuer: &str| {
        let sources = Sources { files: Files::Disk, ..Sources::nothing() };
        config::load(&sources.set("server.issuer", issuer).set("database.url", "sqlite::memory:"))
    };
    let fault = load("http://id.example").map(|_| ()).unwrap_err().to_string();
    assert!(fault.contains("server.issuer") && fault.contains("is http on a host that is not loopback"), "{fault}");
    let app = TestApp::with(&[("server.issuer", "https://id.example")]).await.opened().await;
    let ticket = ticket(&app, None).await;
    let ask = |method: &'static str, path: &'static str| app.http.request(method, path).header("host", "id.example");
    let body = r#"{"redirect_uris":["https://a.example/cb"]}"#;
    let post = ask("POST", "/oidc/register").header("content-type", "application/json").bearer_auth(&ticket).body(body);
    let answer = app.http.send(post).await;
    let created = answer.expect(201);
    let uri = format!("https://id.example/oidc/register/{}", created["client_id"].as_str().unwrap());
    assert_eq!((&created["registration_client_uri"], answer.header("location")), (&json!(uri), uri.as_str()));
    let metadata = app.http.send(ask("GET", "/.well-known/openid-configuration")).await.expect(200);
    let urls: Vec<(&String, &str)> =
        metadata.as_object().unwrap().iter().filter_map(|(name, value)| Some((name, value.as_str()?))).collect();
    assert!(urls.iter().any(|(name, _)| *name == "registration_endpoint"));
    for (name, url) in urls {
        assert!(url.starts_with("https://id.example"), "{name} is {url}");
    }
}

#[tokio::test]
async fn a_key_with_a_character_no_database_keeps_is_refused() {
    let app = TestApp::open().await;
    let jwks = json!({"keys": [{"kty": "X", "a": ["\u{0}"]}]});
    let metadata = json!({"redirect_uris": ["https://c.example/cb"], "jwks": jwks});
    let refused = app.http.post_json("/oidc/register", &metadata).await;
    assert_eq!(refused.refusal(), (400, "invalid_client_metadata".to_owned()));
}

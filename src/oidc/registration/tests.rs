//! What registrants send, and what it becomes under each profile.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod house;
mod managing;
mod registering;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Policy, Profile, Rules, validate};
use crate::oidc::client::{Chosen, GrantType, Metadata, SecretNeed};
use crate::oidc::{Code, Error};

fn judged(profile: &Profile, policy: &Policy, wanted: &Value) -> Result<Metadata, Error> {
    let scopes: BTreeSet<String> =
        ["openid", "profile", "email", "mcp:read", "dcr_admin"].into_iter().map(str::to_owned).collect();
    let acr_values = ["urn:mace:incommon:iap:silver".to_owned()];
    let rules = Rules {
        profile,
        policy,
        scopes: &scopes,
        signing_algs: &crate::oidc::keys::Algorithm::ALL,
        acr_values: &acr_values,
        kin: crate::oidc::registration::Kin::Alone,
    };
    validate(wanted.as_object().unwrap(), &rules)
}

fn accepted(profile: &Profile, wanted: &Value) -> Value {
    let metadata = judged(profile, &Policy::default(), wanted).unwrap_or_else(|error| panic!("{wanted}: {error}"));
    Value::Object(metadata.to_members())
}

fn refused(profile: &Profile, wanted: &Value) -> Error {
    match judged(profile, &Policy::default(), wanted) {
        Ok(metadata) => panic!("{wanted} was accepted as {:?}", metadata.to_members()),
        Err(error) => {
            assert!(!error.description.is_empty() && !error.violations.is_empty());
            assert!(
                error.description.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\')
            );
            error
        }
    }
}

/// A registration that is fine, with `members` added.
fn with(members: Value) -> Value {
    let mut wanted = json!({"redirect_uris": ["https://app.example.com/cb"], "client_name": "t"});
    wanted.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    wanted
}

fn broken(error: &Error) -> Vec<(&str, &str)> {
    error.violations.iter().map(|violation| (violation.member.as_str(), violation.rule)).collect()
}

#[test]
fn what_is_not_said_gets_the_default_of_the_profile() {
    // registration.md §2 Defaults, D-11, D-13, E6
    let rest = |grants: Value, responses: Value, method: &str| {
        json!({
            "client_name": "t", "redirect_uris": ["https://app.example.com/cb"], "grant_types": grants,
            "response_types": responses, "application_type": "web", "token_endpoint_auth_method": method,
            "subject_type": "public", "id_token_signed_response_alg": "RS256",
        })
    };
    let all = json!(["authorization_code", "implicit", "refresh_token"]);
    let fronts = json!(["code", "token", "id_token", "id_token token"]);
    assert_eq!(accepted(&Profile::PERMISSIVE, &with(json!({}))), rest(all, fronts, "client_secret_post"));
    for profile in [&Profile::INTEROP, &Profile::STRICT] {
        let usual = rest(json!(["authorization_code"]), json!(["code"]), "client_secret_basic");
        assert_eq!(accepted(profile, &with(json!({}))), usual);
    }
}

#[test]
fn a_browser_or_native_client_that_says_so_is_public_by_default() {
    // D-11, G17, R16
    for (profile, kind, method) in [
        (&Profile::PERMISSIVE, "browser", "none"),
        (&Profile::PERMISSIVE, "native", "none"),
        (&Profile::PERMISSIVE, "web", "client_secret_post"),
        (&Profile::INTEROP, "browser", "none"),
        (&Profile::INTEROP, "native", "client_secret_basic"),
        (&Profile::STRICT, "native", "client_secret_basic"),
    ] {
        let members = accepted(profile, &with(json!({"application_type": kind})));
        assert_eq!(members["token_endpoint_auth_method"], method, "{} {kind}", profile.name);
    }
    let guessed = json!({"redirect_uris": ["http://localhost:3000/cb"]});
    let members = accepted(&Profile::PERMISSIVE, &guessed);
    assert_eq!(
        (&members["application_type"], &members["token_endpoint_auth_method"]),
        (&json!("native"), &json!("client_secret_post"))
    );
}

#[test]
fn what_is_left_empty_is_as_good_as_absent_and_never_echoed() {
    // R2, E5
    let mut wanted = with(json!({}));
    for member in [
        "client_uri",
        "logo_uri",
        "contacts",
        "jwks",
        "scope",
        "software_id",
        "default_max_age",
        "require_auth_time",
        "response_types",
        "grant_types",
        "request_uris",
        "software_statement",
        "token_endpoint_auth_method",
        "client_name#de",
        "post_logout_redirect_uris",
        "subject_type",
        "dpop_bound_access_tokens",
    ] {
        for empty in [json!(null), json!(""), json!([])] {
            wanted[member] = empty;
            let members = accepted(&Profile::INTEROP, &wanted);
            assert_eq!(members, accepted(&Profile::INTEROP, &with(json!({}))), "{member}");
        }
    }
}

#[test]
fn members_nobody_asked_about_are_dropped() {
    // s.R28, s.R29
    let internal = json!({
        "client_id": "admin", "client_secret": "hunter2", "client_id_issued_at": 1, "client_secret_expires_at": 0,
        "registration_access_token": "x", "registration_client_uri": "https://evil.example", "skip_consent": true,
        "trusted": true, "first_party": true, "owner_id": "1", "enabled": true, "admin": true, "roles": ["admin"],
        "tenant_id": "2", "id": 7, "state": "active", "token_lifetime": 99, "access_token_lifetime": 9, "policy": {},
        "profile": "permissive", "created_at": 0, "last_used_at": 0, "expires_at": 1, "url": "javascript:1",
        "nested": {"a": [1, {"b": null}]}, "client_name#": "x", "scope#de": "x", "description": ["x"],
    });
    assert_eq!(accepted(&Profile::INTEROP, &with(internal)), accepted(&Profile::INTEROP, &with(json!({}))));
}

#[test]
fn every_member_that_is_built_is_kept() {
    // registration.md §2; registration.md §11 (i18n, software_id dropped)
    let wanted = json!({
        "client_name": "Shop", "client_name#ja": "店", "client_uri": "https://shop.example/", "logo_uri#de": "https://shop.example/l.png",
        "policy_uri": "https://shop.example/p", "tos_uri": "https://shop.example/t",
        "redirect_uris": ["https://shop.example/cb", "https://shop.example/cb?x=1"],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"], "response_types": ["code"],
        "response_modes": ["form_post", "query"], "application_type": "web", "contacts": ["a@shop.example"],
        "scope": "openid email offline_access", "token_endpoint_auth_method": "client_secret_post",
        "jwks_uri": "https://shop.example/jwks", "subject_type": "pairwise",
        "sector_identifier_uri": "https://shop.example/sector.json", "id_token_signed_response_alg": "EdDSA",
        "userinfo_signed_response_alg": "ES256", "default_max_age": 3600, "require_auth_time": false,
        "default_acr_values": ["urn:mace:incommon:iap:silver"], "initiate_login_uri": "https://shop.example/login",
        "post_logout_redirect_uris": ["https://shop.example/bye"], "software_id": "4NRB1", "software_version": "2.1",
        "tls_client_certificate_bound_access_tokens": false, "dpop_bound_access_tokens": false,
        "require_pushed_authorization_requests": false, "require_signed_request_object": false,
        "backchannel_logout_session_required": false, "frontchannel_logout_session_required": false,
    });
    for profile in Profile::ALL {
        let metadata = judged(profile, &Policy::default(), &wanted).unwrap();
        assert_eq!(Value::Object(metadata.to_members()), wanted);
        let stored = serde_json::to_string(&metadata).unwrap();
        // Which of it was chosen stands in a column of its own.
        let chosen = Chosen::read(Some(&metadata.chosen().words()));
        let read = serde_json::from_str::<Metadata>(&stored).unwrap();
        assert_eq!(Metadata { chosen, ..read }, metadata);
        assert_eq!(metadata.sector().as_deref(), Some("shop.example"));
        assert_eq!(metadata.secret_need(), SecretNeed::Issue);
        assert_eq!(metadata.name(&["ja-JP"]), Some("店"));
        assert_eq!(metadata.scopes().collect::<Vec<_>>(), ["openid", "email", "offline_access"]);
    }
}

#[test]
fn a_row_of_a_newer_release_can_be_read() {
    let mut members = accepted(&Profile::INTEROP, &with(json!({"client_name#de": "T"})));
    let metadata: Metadata = serde_json::from_value(members.clone()).unwrap();
    members["some_future_member"] = json!({"a": [1]});
    assert_eq!(serde_json::from_value::<Metadata>(members).unwrap(), metadata);
}

#[test]
fn all_broken_rules_are_told_at_once() {
    // R21
    let wanted = json!({
        "redirect_uris": ["https://good.example/cb", "https://bad.example/cb#x", "ftp://bad.example/"],
        "client_uri": "javascript:alert(1)", "contacts": ["nobody"], "default_max_age": -1,
        "token_endpoint_auth_method": "telepathy",
    });
    let error = refused(&Profile::INTEROP, &wanted);
    assert_eq!(error.code, Code::InvalidRedirectUri);
    assert_eq!(
        broken(&error),
        [
            ("redirect_uris", "R9"),
            ("redirect_uris", "R9"),
            ("token_endpoint_auth_method", "R5"),
            ("client_uri", "R3"),
            ("contacts", "R4"),
            ("default_max_age", "R2"),
        ]
    );
    assert_eq!(
        error.description,
        "redirect_uris 'https://bad.example/cb#x' has a fragment; \
         redirect_uris 'ftp://bad.example/' uses the scheme ftp, which is never allowed; \
         token_endpoint_auth_method 'telepathy' is not supported by this server \
         (allowed: none, client_secret_basic, client_secret_post); \
         client_uri 'javascript:alert(1)' uses the scheme javascript, which is never allowed; \
         contacts 'nobody' is no e-mail address; and 1 more, listed in violations"
    );
    assert_eq!(
        serde_json::to_value(&error.violations[2]).unwrap(),
        json!({
            "member": "token_endpoint_auth_method", "rule": "R5", "got": "telepathy", "see": "RFC 7591 §2",
            "allowed": ["none", "client_secret_basic", "client_secret_post"],
        })
    );
}

#[test]
fn a_feature_that_is_not_built_is_refused_by_name() {
    // registration.md §2: never accept silently
    for (member, value) in [
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("token_endpoint_auth_method", json!("client_secret_jwt")),
        ("token_endpoint_auth_method", json!("tls_client_auth")),
        ("tls_client_auth_subject_dn", json!("CN=a")),
        ("dpop_bound_access_tokens", json!(true)),
        ("require_pushed_authorization_requests", json!(true)),
        ("tls_client_certificate_bound_access_tokens", json!(true)),
        ("require_signed_request_object", json!(true)),
        ("id_token_signed_response_alg", json!("HS384")),
        ("id_token_signed_response_alg", json!("none")),
        ("id_token_encrypted_response_alg", json!("RSA-OAEP")),
        ("userinfo_signed_response_alg", json!("none")),
        ("userinfo_encrypted_response_enc", json!("A128GCM")),
        ("introspection_signed_response_alg", json!("RS256")),
        ("authorization_signed_response_alg", json!("RS256")),
        ("request_object_signing_alg", json!("RS256")),
        ("request_uris", json!(["https://a.example/r"])),
        ("backchannel_logout_uri", json!("https://a.example/b")),
        ("frontchannel_logout_uri", json!("https://a.example/f")),
        ("authorization_details_types", json!(["x"])),
        ("backchannel_token_delivery_mode", json!("poll")),
        ("backchannel_user_code_parameter", json!(true)),
        ("grant_types", json!(["urn:ietf:params:oauth:grant-type:device_code"])),
        ("response_types", json!(["none"])),
        ("response_modes", json!(["web_message"])),
        ("default_acr_values", json!(["gold"])),
    ] {
        for profile in Profile::ALL {
            let error = refused(profile, &with(json!({member: value})));
            assert_eq!(error.code, Code::InvalidClientMetadata, "{member}");
            assert_eq!(error.violations[0].member, member);
            assert!(error.description.contains("support"), "{error}");
        }
    }
    let statement = refused(&Profile::INTEROP, &with(json!({"software_statement": "e30.e30."})));
    assert_eq!(statement.code, Code::UnapprovedSoftwareStatement);
}

#[test]
fn implicit_and_password_are_offered_by_the_permissive_profile_only() {
    spec!("portal/D-13");
    for (member, value) in [
        ("grant_types", json!(["implicit"])),
        ("grant_types", json!(["password"])),
        ("response_types", json!(["id_token token"])),
        ("id_token_signed_response_alg", json!("HS256")),
    ] {
        for profile in [&Profile::INTEROP, &Profile::STRICT] {
            let error = refused(profile, &with(json!({member: value})));
            assert_eq!(error.violations[0].member, member);
            assert!(error.description.contains("support"), "{error}");
        }
        accepted(&Profile::PERMISSIVE, &with(json!({member: value})));
    }
}

#[test]
fn what_a_response_type_needs_is_there_and_what_none_needs_goes() {
    // R8
    for (grants, responses, kept_grants, kept_responses) in [
        (json!([]), json!(["code"]), json!(["authorization_code", "refresh_token"]), json!(["code"])),
        (json!([]), json!(["token id_token"]), json!(["implicit", "refresh_token"]), json!(["id_token token"])),
        (json!(["implicit"]), json!(["code", "token"]), json!(["implicit"]), json!(["token"])),
        (
            json!(["implicit", "authorization_code"]),
            json!(["id_token code"]),
            json!(["implicit", "authorization_code"]),
            json!(["code id_token"]),
        ),
        (json!(["implicit"]), json!([]), json!(["implicit"]), json!(["token", "id_token", "id_token token"])),
        (json!(["password"]), json!([]), json!(["password"]), json!([])),
    ] {
        let members =
            accepted(&Profile::PERMISSIVE, &with(json!({"grant_types": grants, "response_types": responses})));
        assert_eq!((&members["grant_types"], &members["response_types"]), (&kept_grants, &kept_responses), "{grants}");
    }
}

#[test]
fn nobody_signs_with_the_secret_of_a_client_that_has_none() {
    // s.R24
    let hs256 = json!({"id_token_signed_response_alg": "HS256", "token_endpoint_auth_method": "none"});
    let error = refused(&Profile::PERMISSIVE, &with(hs256));
    assert_eq!(broken(&error), [("id_token_signed_response_alg", "R5")]);
    assert!(error.description.contains("needs a client secret"), "{error}");
    let restricted = Policy { signing_algs: Some(vec![crate::oidc::keys::Algorithm::ES256]), ..Policy::default() };
    let wanted = with(json!({"id_token_signed_response_alg": "HS256"}));
    assert!(judged(&Profile::PERMISSIVE, &restricted, &wanted).is_err());
}

#[test]
fn grants_and_responses_that_disagree_are_repaired_or_under_strict_refused() {
    // R8, E7, s.R25
    for (grants, responses, kept_grants, kept_responses) in [
        (
            json!(["authorization_code"]),
            json!(["code", "token", "id_token token"]),
            json!(["authorization_code"]),
            json!(["code"]),
        ),
        (
            json!(["authorization_code", "implicit", "password"]),
            json!(["token", "code"]),
            json!(["authorization_code"]),
            json!(["code"]),
        ),
        (
            json!(["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"]),
            json!(["code"]),
            json!(["refresh_token"]),
            json!([]),
        ),
        (json!(["client_credentials"]), json!(["code"]), json!(["client_credentials"]), json!([])),
    ] {
        let wanted = with(json!({"grant_types": grants, "response_types": responses}));
        let members = accepted(&Profile::INTEROP, &wanted);
        assert_eq!((&members["grant_types"], &members["response_types"]), (&kept_grants, &kept_responses));
        assert_eq!(refused(&Profile::STRICT, &wanted).code, Code::InvalidClientMetadata);
    }
    let doubled = with(
        json!({"grant_types": ["refresh_token", "authorization_code", "refresh_token"], "response_types": ["code", "code code"]}),
    );
    let members = accepted(&Profile::STRICT, &doubled);
    assert_eq!(
        (&members["grant_types"], &members["response_types"]),
        (&json!(["refresh_token", "authorization_code"]), &json!(["code"]))
    );
}

#[test]
fn a_machine_needs_no_redirect_uri_and_everybody_else_does() {
    // R7, s.R18, s.R26, s.M9
    let machine = accepted(&Profile::INTEROP, &json!({"grant_types": ["client_credentials"]}));
    assert_eq!(machine["response_types"], json!([]));
    assert_eq!(
        accepted(&Profile::PERMISSIVE, &json!({"application_type": "backend_to_backend"}))["grant_types"],
        json!(["client_credentials"])
    );
    for wanted in
        [json!({}), json!({"redirect_uris": []}), json!({"grant_types": ["authorization_code", "client_credentials"]})]
    {
        assert_eq!(broken(&refused(&Profile::INTEROP, &wanted)), [("redirect_uris", "R7")]);
    }
    let public = json!({"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"});
    for profile in Profile::ALL {
        assert_eq!(broken(&refused(profile, &public)), [("grant_types", "R8")]);
    }
}

#[test]
fn a_grant_that_a_client_may_not_have_is_left_out_if_another_is_left() {
    spec!("portal/A30");
    let some = Policy {
        grant_types: Some(vec![GrantType::AuthorizationCode, GrantType::ClientCredentials]),
        ..Policy::default()
    };
    let both = with(json!({"grant_types": ["client_credentials", "authorization_code", "refresh_token"]}));
    let public = with(json!({
        "grant_types": ["client_credentials", "authorization_code"], "token_endpoint_auth_method": "none",
    }));
    for profile in [&Profile::PERMISSIVE, &Profile::INTEROP] {
        let kept = |wanted: &Value| judged(profile, &some, wanted).unwrap().to_members()["grant_types"].clone();
        assert_eq!(kept(&both), json!(["client_credentials", "authorization_code"]), "{}", profile.name);
        assert_eq!(kept(&public), json!(["authorization_code"]), "{}", profile.name);
        let none = with(json!({"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"}));
        let refused = judged(profile, &some, &none).unwrap_err();
        assert_eq!(refused.violations[0].allowed, ["authorization_code"]);
        let none = with(json!({"grant_types": ["refresh_token"]}));
        let refused = judged(profile, &some, &none).unwrap_err();
        assert_eq!(refused.violations[0].allowed, ["authorization_code", "client_credentials"]);
    }
    for wanted in [&both, &public] {
        assert_eq!(broken(&judged(&Profile::STRICT, &some, wanted).unwrap_err())[0].0, "grant_types");
    }
}

#[test]
fn redirect_uris_fit_the_type_of_the_client() {
    // R9, E1, E2, s.R13, s.R14, s.R15
    let uris = |kind: Option<&str>, uri: &str| {
        let mut wanted = json!({"redirect_uris": [uri], "token_endpoint_auth_method": "none"});
        if let Some(kind) = kind {
            wanted["application_type"] = kind.into();
        }
        wanted
    };
    let (private, dotless, loopback) =
        ("com.example.app:/cb", "cursor://anysphere.cursor-mcp/cb", "http://127.0.0.1:1/cb");
    for (profile, kind, uri, fine) in [
        (&Profile::STRICT, Some("web"), loopback, false),
        (&Profile::STRICT, None, loopback, false),
        (&Profile::STRICT, Some("native"), loopback, true),
        (&Profile::STRICT, Some("native"), "https://app.example/cb", true),
        (&Profile::STRICT, Some("native"), private, true),
        (&Profile::STRICT, Some("native"), dotless, false),
        (&Profile::PERMISSIVE, Some("web"), loopback, true),
        (&Profile::PERMISSIVE, Some("web"), private, false),
        (&Profile::PERMISSIVE, Some("browser"), private, false),
        (&Profile::PERMISSIVE, Some("native"), dotless, true),
        (&Profile::INTEROP, Some("web"), loopback, true),
        (&Profile::INTEROP, Some("web"), private, true),
        (&Profile::INTEROP, None, dotless, true),
    ] {
        let verdict = judged(profile, &Policy::default(), &uris(kind, uri));
        assert_eq!(verdict.is_ok(), fine, "{} {kind:?} {uri}: {verdict:?}", profile.name);
    }
    for profile in Profile::ALL {
        for uri in [
            "http://client.example/cb",
            "http://localhost.evil.example/cb",
            "http://127.0.0.1.evil.example/",
            "https://co.uk/cb",
            "https://com/cb",
            "myapp:/cb",
            "example.com:443/cb",
            "https://app.example/cb#",
            "javascript:alert(1)//",
            "/cb",
            "https://*.app.example/cb",
            "http://127.0.0.1@evil.example/",
            " ",
        ] {
            for kind in ["web", "native"] {
                assert_eq!(refused(profile, &uris(Some(kind), uri)).code, Code::InvalidRedirectUri, "{uri}");
            }
            let mut logout = with(json!({}));
            logout["post_logout_redirect_uris"] = json!([uri]);
            assert_eq!(refused(profile, &logout).code, Code::InvalidClientMetadata, "{uri}"); // s.R5
        }
    }
}

#[test]
fn arrays_and_uris_have_limits() {
    // E3, s.R16
    let many: Vec<String> = (0..51).map(|number| format!("https://app.example/{number}")).collect();
    assert_eq!(refused(&Profile::INTEROP, &json!({"redirect_uris": many})).code, Code::InvalidRedirectUri);
    assert!(judged(&Profile::INTEROP, &Policy::default(), &json!({"redirect_uris": many[..50]})).is_ok());
    let long = format!("https://app.example/{}", "x".repeat(1981));
    assert_eq!(refused(&Profile::INTEROP, &json!({"redirect_uris": [long]})).code, Code::InvalidRedirectUri);
    let contacts: Vec<String> = (0..101).map(|number| format!("{number}@a.example")).collect();
    assert_eq!(broken(&refused(&Profile::INTEROP, &with(json!({"contacts": contacts})))), [("contacts", "R2")]);
}

#[test]
fn the_worst_body_within_the_limit_is_judged_at_once() {
    // s.R17, s.A42: nothing here is quadratic in the length of the body
    let words: Vec<String> = (0..13_000).map(|number| format!("{number:x}")).collect();
    let slow = std::time::Duration::from_secs(2);
    let start = crate::clock::stopwatch();
    for member in ["scope", "redirect_uris", "grant_types", "contacts", "userinfo_encryption_alg_values_supported"] {
        let _ = judged(&Profile::INTEROP, &Policy::default(), &with(json!({member: words})));
        let _ = judged(&Profile::INTEROP, &Policy::default(), &with(json!({member: words.join(" ")})));
        let _ = judged(&Profile::INTEROP, &Policy::default(), &with(json!({member: "é ".repeat(20_000)})));
    }
    let names: Map<String, Value> = (0..3000).map(|number| (format!("client_name#a-{number}"), "x".into())).collect();
    assert_eq!(refused(&Profile::INTEROP, &with(Value::Object(names))).violations.len(), 1);
    assert!(start.elapsed() < slow, "{:?}", start.elapsed());
}

#[test]
fn uris_for_people_and_for_fetching_lead_to_the_web() {
    // R3, s.R6, s.R7
    for member in [
        "client_uri",
        "logo_uri",
        "policy_uri",
        "tos_uri",
        "tos_uri#fr",
        "jwks_uri",
        "initiate_login_uri",
        "sector_identifier_uri",
    ] {
        for uri in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "/x",
            "com.example:/x",
            "https://a@b.example/",
        ] {
            assert_eq!(broken(&refused(&Profile::INTEROP, &with(json!({member: uri})))), [(member, "R3")], "{uri}");
        }
    }
    for member in ["jwks_uri", "initiate_login_uri", "sector_identifier_uri"] {
        assert_eq!(broken(&refused(&Profile::INTEROP, &with(json!({member: "http://a.example/"})))), [(member, "R3")]);
    }
    accepted(
        &Profile::INTEROP,
        &with(json!({"client_uri": "http://a.example/#x", "jwks_uri": "http://127.0.0.1:8/jwks"})),
    );
}

#[test]
fn the_clients_own_list_of_abilities_is_obeyed() {
    // R17, RP Metadata Choices §2; s.R64: the secret follows the effective method
    let chosen = with(json!({
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
        "id_token_signing_alg_values_supported": ["HS256", "ES256", "RS256"],
        "userinfo_signing_alg_values_supported": ["PS256"], "subject_types_supported": ["pairwise", "public"],
        "userinfo_encryption_alg_values_supported": ["RSA-OAEP"],
    }));
    let metadata = judged(&Profile::INTEROP, &Policy::default(), &chosen).unwrap();
    assert_eq!(metadata.secret_need(), SecretNeed::Withhold);
    let members = Value::Object(metadata.to_members());
    assert_eq!(
        members,
        json!({
            "client_name": "t", "redirect_uris": ["https://app.example.com/cb"], "grant_types": ["authorization_code"],
            "response_types": ["code"], "application_type": "web", "token_endpoint_auth_method": "none",
            "subject_type": "pairwise", "id_token_signed_response_alg": "ES256", "userinfo_signed_response_alg": "PS256",
        })
    );
    let outside =
        with(json!({"id_token_signed_response_alg": "RS256", "id_token_signing_alg_values_supported": ["ES256"]}));
    assert_eq!(broken(&refused(&Profile::INTEROP, &outside)), [("id_token_signed_response_alg", "R17")]);
    let none = with(json!({"id_token_signing_alg_values_supported": ["HS256"]}));
    assert_eq!(broken(&refused(&Profile::INTEROP, &none)), [("id_token_signing_alg_values_supported", "R17")]);
}

#[test]
fn a_signing_algorithm_without_a_signing_method_is_dropped_or_under_strict_refused() {
    // R6, s.R23, interop.md §5.3
    let wanted = with(json!({"token_endpoint_auth_signing_alg": "RS256"}));
    assert_eq!(accepted(&Profile::INTEROP, &wanted), accepted(&Profile::INTEROP, &with(json!({}))));
    assert_eq!(broken(&refused(&Profile::STRICT, &wanted)), [("token_endpoint_auth_signing_alg", "R6")]);
    for alg in ["none", "NoNe", "telepathy"] {
        let wanted = with(json!({"token_endpoint_auth_signing_alg": alg}));
        assert_eq!(broken(&refused(&Profile::INTEROP, &wanted)), [("token_endpoint_auth_signing_alg", "R6")]);
    }
}

#[test]
fn scopes_are_those_the_tenant_has_and_the_policy_gives() {
    // E8, s.R30
    let scope = |policy: &Policy, scope: Value| {
        let wanted = with(json!({"scope": scope, "grant_types": ["authorization_code", "refresh_token"]}));
        judged(&Profile::INTEROP, policy, &wanted).unwrap().to_members().get("scope").cloned()
    };
    let open = Policy::default();
    assert_eq!(
        scope(&open, json!("openid  mcp:read admin offline_access openid")),
        Some(json!("openid mcp:read offline_access"))
    );
    assert_eq!(scope(&open, json!(["openid", "email profile"])), Some(json!("openid email profile")));
    assert_eq!(scope(&open, json!("dcr_admin mcp:tools")), None);
    let policy = Policy {
        scopes: Some(vec!["email".to_owned(), "dcr_admin".to_owned(), "unknown".to_owned()]),
        default_scopes: vec!["email".to_owned(), "gone".to_owned()],
        ..Policy::default()
    };
    assert_eq!(
        scope(&policy, json!("openid dcr_admin unknown offline_access")),
        Some(json!("dcr_admin offline_access"))
    );
    assert_eq!(scope(&policy, json!("openid")), Some(json!("email")));
    assert_eq!(broken(&refused(&Profile::INTEROP, &with(json!({"scope": "a\"b"})))), [("scope", "R4")]);
}

#[test]
fn a_policy_holds_for_defaults_as_for_wishes() {
    // s.R58
    let policy: Policy = serde_json::from_value(json!({
        "redirect_hosts": ["*.example.com", "localhost"], "grant_types": ["authorization_code"], "auth_methods": ["none"],
        "signing_algs": ["ES256"], "required": ["client_name", "contacts"],
    }))
    .unwrap();
    let fine = with(json!({"contacts": ["a@b.example"]}));
    let members = Value::Object(judged(&Profile::PERMISSIVE, &policy, &fine).unwrap().to_members());
    assert_eq!(
        members,
        json!({
            "client_name": "t", "redirect_uris": ["https://app.example.com/cb"], "grant_types": ["authorization_code"],
            "response_types": ["code"], "application_type": "web", "contacts": ["a@b.example"],
            "token_endpoint_auth_method": "none", "subject_type": "public", "id_token_signed_response_alg": "ES256",
        })
    );
    let wanted = json!({
        "redirect_uris": ["https://example.com/cb", "http://127.0.0.1/cb", "com.example.app:/cb", "http://localhost/cb"],
        "grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": "RS256", "client_name": "t",
    });
    let error = judged(&Profile::PERMISSIVE, &policy, &wanted).unwrap_err();
    assert_eq!(
        broken(&error),
        [
            ("redirect_uris", "policy"),
            ("redirect_uris", "policy"),
            ("redirect_uris", "policy"),
            ("grant_types", "policy"),
            ("token_endpoint_auth_method", "policy"),
            ("id_token_signed_response_alg", "policy"),
            ("contacts", "policy"),
        ]
    );
}

#[test]
fn pairwise_subjects_over_several_hosts_need_a_sector_document() {
    // R15
    let wanted = json!({"redirect_uris": ["https://a.example/cb", "https://b.example/cb"], "subject_type": "pairwise"});
    assert_eq!(broken(&refused(&Profile::STRICT, &wanted)), [("sector_identifier_uri", "R15")]);
    let mut joined = wanted;
    joined["sector_identifier_uri"] = json!("https://a.example/sector.json");
    let metadata = judged(&Profile::STRICT, &Policy::default(), &joined).unwrap();
    let check = |body: &str| super::sector::check_sector_document(&metadata, body.as_bytes());
    assert!(check(r#"["https://b.example/cb","https://a.example/cb","https://c.example/"]"#).is_ok());
    for body in [r#"["https://a.example/cb"]"#, "{}", r#"["https://a.example/cb",1]"#, "<html>"] {
        let error = check(body).unwrap_err();
        assert_eq!((error.code, broken(&error)), (Code::InvalidClientMetadata, vec![("sector_identifier_uri", "R15")]));
    }
}

#[test]
fn keys_come_by_value_or_by_reference_and_hold_no_secret() {
    // R11, s.R20, s.R21
    let both = with(json!({"jwks": {"keys": []}, "jwks_uri": "https://a.example/jwks"}));
    assert_eq!(refused(&Profile::INTEROP, &both).description, "jwks and jwks_uri exclude each other");
    let holes = with(json!({"jwks": {"keys": [{"kty": "AKP", "kid": "", "x5t": null, "pub": "x"}], "note": null}}));
    assert_eq!(accepted(&Profile::INTEROP, &holes)["jwks"], json!({"keys": [{"kty": "AKP", "pub": "x"}]}));
    let private = with(json!({"jwks": {"keys": [{"kty": "EC", "d": "x"}]}}));
    assert_eq!(broken(&refused(&Profile::INTEROP, &private)), [("jwks", "R11")]);
    for jwks in [json!({}), json!({"keys": {}}), json!("x"), json!({"keys": [1]})] {
        assert_eq!(broken(&refused(&Profile::INTEROP, &with(json!({"jwks": jwks})))), [("jwks", "R11")]);
    }
}

#[test]
fn names_that_mislead_are_cleaned_or_under_strict_refused() {
    // R4, s.R31
    for name in ["Claude\u{202e}edualC", "Pay\u{200b}Pal", "a\nb", "x\u{0}", "\u{feff}Bank"] {
        let wanted = with(json!({"client_name": name}));
        let shown = accepted(&Profile::INTEROP, &wanted)["client_name"].as_str().unwrap().to_owned();
        assert!(shown.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == ' '), "{shown:?}");
        assert_eq!(broken(&refused(&Profile::STRICT, &wanted)), [("client_name", "R4")]);
    }
    assert_eq!(
        broken(&refused(&Profile::INTEROP, &with(json!({"client_name": "é".repeat(201)})))),
        [("client_name", "R4")]
    );
    accepted(&Profile::STRICT, &with(json!({"client_name": "é".repeat(200)})));
}

#[test]
fn no_wrong_type_passes_or_panics() {
    // R2, s.R19, s.R37
    let wrong = [
        json!(true),
        json!(1),
        json!(-1),
        json!(1.5),
        json!("x"),
        json!(" "),
        json!("\u{0}"),
        json!("é"),
        json!({}),
        json!({"a": "b"}),
        json!({"keys": "x"}),
        json!([null]),
        json!([""]),
        json!([1]),
        json!([true]),
        json!([[]]),
        json!([["x"]]),
        json!([{}]),
        json!(["x", null]),
        json!(["x", 1]),
        json!([{"a": [1]}]),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(1e18),
        json!("null"),
        json!("[]"),
        json!("true"),
        json!("-1"),
        json!("x".repeat(5000)),
        json!(vec!["x"; 500]),
        json!(vec![json!({}); 500]),
        json!(false),
        json!(0),
        json!("javascript:1"),
        json!(["javascript:1"]),
        json!("\u{202e}"),
        json!([false]),
        json!([[[[[]]]]]),
        json!({"keys": [{"kty": {}}]}),
    ];
    assert_eq!(wrong.len(), 39);
    let members = [
        "redirect_uris",
        "response_types",
        "grant_types",
        "response_modes",
        "application_type",
        "client_name",
        "client_uri",
        "logo_uri#de",
        "contacts",
        "scope",
        "jwks",
        "jwks_uri",
        "sector_identifier_uri",
        "subject_type",
        "software_id",
        "software_version",
        "software_statement",
        "token_endpoint_auth_method",
        "token_endpoint_auth_signing_alg",
        "id_token_signed_response_alg",
        "userinfo_signed_response_alg",
        "default_max_age",
        "require_auth_time",
        "default_acr_values",
        "initiate_login_uri",
        "post_logout_redirect_uris",
        "dpop_bound_access_tokens",
        "request_uris",
        "token_endpoint_auth_methods_supported",
        "code_challenge_methods_supported",
    ];
    for profile in Profile::ALL {
        for member in members {
            for value in &wrong {
                match judged(profile, &Policy::default(), &with(json!({member: value}))) {
                    Err(error) => assert_eq!(error.code.status(), 400, "{member} {value}"),
                    // What is taken is of the right kind: the row can be read again.
                    Ok(metadata) => {
                        let members = Value::Object(metadata.to_members());
                        assert_eq!(serde_json::from_value::<Metadata>(members).unwrap(), metadata, "{member} {value}");
                    }
                }
            }
            let object = judged(profile, &Policy::default(), &with(json!({member: {"a": "b"}})));
            assert!(object.is_err(), "{member} is no object");
        }
    }
}

#[test]
fn validating_what_was_answered_changes_nothing() {
    // R18: clients echo what they got; S1
    for profile in Profile::ALL {
        let first = accepted(
            profile,
            &with(json!({"scope": "openid x", "client_name": " a  b ", "contacts": ["a@b.example"]})),
        );
        assert_eq!(accepted(profile, &first), first);
    }
}

#[test]
fn the_fingerprint_does_not_depend_on_the_order_of_members() {
    // E16
    let print = |wanted: Value| judged(&Profile::INTEROP, &Policy::default(), &wanted).unwrap().fingerprint();
    let key = |first: &str, second: &str| {
        let mut key = Map::new();
        key.insert(first.to_owned(), "AKP".into());
        key.insert(second.to_owned(), "AKP".into());
        json!({"keys": [key]})
    };
    let one = print(with(json!({"jwks": key("kty", "pub"), "scope": "openid"})));
    assert_eq!(one, print(with(json!({"scope": "openid", "unknown": 1, "jwks": key("pub", "kty")}))));
    assert_ne!(one, print(with(json!({"scope": "email", "jwks": key("kty", "pub")}))));
}

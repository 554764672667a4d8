//! `/api/v2/tenants/settings`.

use serde_json::{Value, json};

use super::{Managed, invalid, lacks};

#[tokio::test]
async fn the_settings_are_told_as_a_whole() {
    spec!("portal/A26");
    let server = Managed::start().await;
    let mut settings = server.get("/tenants/settings").await.expect(200);
    let flags = settings["flags"].take();
    let expected = json!({
        "acr_values_supported": [], "allowed_logout_urls": [],
        "authorization_response_iss_parameter_supported": true,
        "change_password": {"enabled": false, "html": ""},
        "client_id_metadata_document_supported": false, "customize_mfa_in_postlogin_action": false,
        "default_audience": "", "default_directory": "", "default_redirection_uri": "", "device_flow": {},
        "dynamic_client_registration_security_mode": "permissive", "enable_ai_guide": false,
        "enabled_locales": ["en", "de"], "ephemeral_session_lifetime": 72,
        "error_page": {"html": "", "show_log_link": false, "url": ""}, "flags": null, "friendly_name": "Registrar",
        "guardian_mfa_page": {"enabled": false, "html": ""}, "idle_ephemeral_session_lifetime": 24,
        "idle_session_lifetime": 72, "legacy_sandbox_version": "", "mtls": {"enable_endpoint_aliases": false},
        "oidc_logout": {"rp_logout_end_session_endpoint_discovery": true}, "picture_url": "",
        "pushed_authorization_requests_supported": false, "resource_parameter_profile": "compatibility",
        "sandbox_version": "", "session_cookie": {"mode": "persistent"}, "session_lifetime": 168,
        "sessions": {"oidc_logout_prompt_enabled": true},
        "skip_non_verifiable_callback_uri_confirmation_prompt": false, "support_email": "", "support_url": "",
        "universal_login": {"colors": {}},
    });
    assert_eq!(settings, expected);
    assert_eq!(flags["enable_dynamic_client_registration"], json!(false));
    assert_eq!((&flags["enable_sso"], flags.as_object().unwrap().len()), (&json!(false), 37));
    let some = server.get("/tenants/settings?fields=session_lifetime,friendly_name").await.expect(200);
    assert_eq!(some, json!({"friendly_name": "Registrar", "session_lifetime": 168}));
}

#[tokio::test]
async fn registration_is_opened_by_the_flag() {
    spec!("portal/A2", "portal/A3", "portal/A4", "portal/A6", "portal/A27");
    let server = Managed::start().await;
    let wanted = json!({"client_name": "t", "redirect_uris": ["https://c.example/cb"]});
    let refused = server.app.http.post_json("/oidc/register", &wanted).await;
    assert_eq!(refused.status, 401);
    let answer =
        server.patch("/tenants/settings", json!({"flags": {"enable_dynamic_client_registration": true}})).await;
    assert_eq!(answer.expect(200)["flags"]["enable_dynamic_client_registration"], json!(true));
    server.app.http.post_json("/oidc/register", &wanted).await.expect(201);
    server.patch("/tenants/settings", json!({"flags": {"enable_dynamic_client_registration": null}})).await.expect(200);
    assert_eq!(server.app.http.post_json("/oidc/register", &wanted).await.status, 401);
}

#[tokio::test]
async fn a_patch_merges_flag_by_flag_and_null_removes() {
    spec!("portal/A26", "portal/A27");
    let server = Managed::start().await;
    server.app.service("https://api.example", &["read"]).await;
    let before = server.get("/tenants/settings").await.expect(200);
    let patch = json!({
        "flags": {"universal_login": true, "revoke_refresh_token_grant": true},
        "friendly_name": "Acme", "support_email": "help@acme.example", "support_url": "https://acme.example/help",
        "default_audience": "https://api.example", "session_lifetime": 24, "idle_session_lifetime": 2.0,
        "dynamic_client_registration_security_mode": "strict", "picture_url": "https://acme.example/logo.png",
        "error_page": {"html": "", "show_log_link": true, "url": "https://acme.example/error"},
    });
    let mut expected = before.clone();
    for (name, value) in patch.as_object().unwrap().iter().filter(|(name, _)| *name != "flags") {
        expected[name.as_str()] = value.clone();
    }
    expected["idle_session_lifetime"] = json!(2);
    expected["flags"]["universal_login"] = json!(true);
    expected["flags"]["revoke_refresh_token_grant"] = json!(true);
    assert_eq!(server.patch("/tenants/settings", patch.clone()).await.expect(200), expected);
    assert_eq!(
        server.patch("/tenants/settings", json!({"flags": {"enable_sso": true}})).await.expect(200)["flags"]["universal_login"],
        json!(true)
    );
    let nothing: Value = patch
        .as_object()
        .unwrap()
        .keys()
        .map(|name| (name.clone(), Value::Null))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let mut after = before;
    // A tenant has a name: without one it is called as its addresses are.
    after["friendly_name"] = json!("default");
    assert_eq!(server.patch("/tenants/settings", nothing).await.expect(200), after);
}

#[tokio::test]
async fn what_is_wrong_with_a_patch_is_told_at_once_and_nothing_changes() {
    spec!("portal/A28");
    let server = Managed::start().await;
    let before = server.get("/tenants/settings").await.expect(200);
    let answer = server
        .patch(
            "/tenants/settings",
            json!({
                "flags": {"enable_dynamic_client_registration": "yes", "fly": true}, "friendly_name": 1,
                "session_lifetime": 1.5, "dynamic_client_registration_security_mode": "lax", "unheard_of": 1,
                "enabled_locales": "en",
            }),
        )
        .await;
    let expected = invalid(
        "'Expected type string but found type integer' on property friendly_name, \
         'Expected a whole number of hours' on property session_lifetime, \
         'No enum match: expected one of strict, permissive' on property dynamic_client_registration_security_mode, \
         'Expected type boolean but found type string' on property flags.enable_dynamic_client_registration, \
         'Additional properties not allowed: fly' on property flags, \
         'Expected type array but found type string' on property enabled_locales, \
         'Additional properties not allowed: unheard_of'",
    );
    assert_eq!(answer.expect(400), expected);
    let answer = server
        .patch("/tenants/settings", json!({"support_email": "nobody", "session_lifetime": 0, "default_audience": "x"}))
        .await;
    let expected = invalid(
        "'must be the audience of a service' on property default_audience, \
         'must be an e-mail address' on property support_email, 'must be from 1 to 8760' on property session_lifetime",
    );
    assert_eq!(answer.expect(400), expected);
    assert_eq!(server.get("/tenants/settings").await.expect(200), before);
}

#[tokio::test]
async fn the_scope_update_tenant_settings_is_needed() {
    spec!("portal/A5", "portal/A25", "portal/A28");
    let server = Managed::with(&["read:tenant_settings"]).await;
    server.get("/tenants/settings").await.expect(200);
    let patch = json!({"flags": {"enable_dynamic_client_registration": true}});
    let answer = server.patch("/tenants/settings", patch).await;
    assert_eq!(answer.expect(403), lacks("update:tenant_settings"));
    let other = Managed::with(&["read:clients"]).await;
    let answer = other.get("/tenants/settings").await;
    assert_eq!(answer.expect(403), lacks("read:tenant_settings,update:tenant_settings"));
}

#[tokio::test]
async fn sessions_live_as_long_as_the_settings_say() {
    spec!("portal/A26");
    use registrar::oidc::session::sign_in::{Attempt, sign_in};
    use registrar::oidc::session::{Arrival, session};
    use registrar::secret::Secret;
    let app = crate::harness::TestApp::at_a_standstill().await;
    let person = app.person("ada@example.org").await;
    let password = Secret::new(crate::harness::PASSWORD);
    let arrival = Arrival { address: "127.0.0.1".parse().unwrap(), agent: None };
    app.settings(json!({"session": {"max_hours": 3, "idle_hours": 1}})).await;
    let attempt =
        || Attempt { email: &person.email, password: &password, previous: None, known_browser: None, arrival };
    let signed_in = sign_in(&app.app, &app.tenant(), attempt()).await.unwrap();
    let now = app.app.clock.now();
    assert_eq!((signed_in.session.row.idle_at, signed_in.session.row.expires_at), (now + 3600, now + 3 * 3600));
    app.app.clock.advance(1800);
    assert!(session::find(&app.app, &app.tenant(), &signed_in.cookie).await.unwrap().is_some());
    // Shortened for those that are there, too.
    app.settings(json!({"session": {"max_hours": 1, "idle_hours": 1}})).await;
    app.app.clock.advance(1801);
    assert!(session::find(&app.app, &app.tenant(), &signed_in.cookie).await.unwrap().is_none());
}

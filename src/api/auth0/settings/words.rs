//! Which settings does Auth0 have, and what are ours called there? One table; what has no effect here is kept.

use serde_json::{Map, Value, json};

use crate::api::auth0::members::Members;
use crate::app::App;
use crate::portal::settings::Shown;

/// Settings that are stored and read back: name, type, and what is told where nothing is stored.
const KEPT: [(&str, &str, &str); 26] = [
    ("acr_values_supported", "array", "[]"),
    ("allowed_logout_urls", "array", "[]"),
    ("authorization_response_iss_parameter_supported", "boolean", "true"),
    ("change_password", "object", r#"{"enabled":false,"html":""}"#),
    ("client_id_metadata_document_supported", "boolean", "false"),
    ("customize_mfa_in_postlogin_action", "boolean", "false"),
    ("default_directory", "string", r#""""#),
    ("default_redirection_uri", "string", r#""""#),
    ("device_flow", "object", "{}"),
    ("enabled_locales", "array", r#"["en","de"]"#),
    ("ephemeral_session_lifetime", "number", "72"),
    ("error_page", "object", r#"{"html":"","show_log_link":false,"url":""}"#),
    ("guardian_mfa_page", "object", r#"{"enabled":false,"html":""}"#),
    ("idle_ephemeral_session_lifetime", "number", "24"),
    ("legacy_sandbox_version", "string", r#""""#),
    ("mtls", "object", r#"{"enable_endpoint_aliases":false}"#),
    ("oidc_logout", "object", r#"{"rp_logout_end_session_endpoint_discovery":true}"#),
    ("picture_url", "string", r#""""#),
    ("pushed_authorization_requests_supported", "boolean", "false"),
    ("resource_parameter_profile", "string", r#""compatibility""#),
    ("sandbox_version", "string", r#""""#),
    ("session_cookie", "object", r#"{"mode":"persistent"}"#),
    ("sessions", "object", r#"{"oidc_logout_prompt_enabled":true}"#),
    ("skip_non_verifiable_callback_uri_confirmation_prompt", "boolean", "false"),
    ("universal_login", "object", r#"{"colors":{}}"#),
    ("enable_ai_guide", "boolean", "false"),
];

/// Flags that are stored and read back; `false` where nothing is stored.
const KEPT_FLAGS: [&str; 34] = [
    "allow_changing_enable_sso",
    "allow_legacy_delegation_grant_types",
    "allow_legacy_ro_grant_types",
    "allow_legacy_tokeninfo_endpoint",
    "allow_other_legacy_grant_types",
    "cannot_change_enforce_client_authentication_on_passwordless_start",
    "change_pwd_flow_v1",
    "custom_domains_provisioning",
    "dashboard_insights_view",
    "dashboard_log_streams_next",
    "disable_clickjack_protection_headers",
    "disable_fields_map_fix",
    "disable_impersonation",
    "disable_management_api_sms_obfuscation",
    "enable_adfs_waad_email_verification",
    "enable_apis_section",
    "enable_client_connections",
    "enable_custom_domain_in_emails",
    "enable_idtoken_api2",
    "enable_legacy_logs_search_v2",
    "enable_legacy_profile",
    "enable_pipeline2",
    "enable_public_signup_user_exists_error",
    "enable_sso",
    "enforce_client_authentication_on_passwordless_start",
    "genai_trial",
    "improved_signup_bot_detection_in_classic",
    "mfa_show_factor_list_on_enrollment",
    "no_disclose_enterprise_connections",
    "remove_alg_from_jwks",
    "require_pushed_authorization_requests",
    "require_signed_request_object",
    "trust_azure_adfs_email_verified_connection_property",
    "universal_login",
];

/// Flags with effect: their name, and the section and member of the settings they are.
const FLAGS: [(&str, &str, &str); 3] = [
    ("enable_dynamic_client_registration", "registration", "open"),
    ("revoke_refresh_token_grant", "consent", "ends_with_token"),
    ("use_scope_descriptions_for_consent", "consent", "scope_descriptions"),
];

/// What a body changes, in the words of the rules, and all that is wrong with it: members that are no setting, and values
/// of another type.
pub fn patch(mut body: Members, slug: &str) -> (Value, Vec<String>) {
    let mut patch = json!({});
    if let Some(name) = body.text("friendly_name") {
        patch["name"] = name.unwrap_or_else(|| slug.to_owned()).into();
    }
    if let Some(audience) = body.text("default_audience") {
        patch["default_audience"] = audience.filter(|audience| !audience.is_empty()).into();
    }
    for (name, section, member) in
        [("support_email", "about", "support_email"), ("support_url", "about", "support_url")]
    {
        if let Some(text) = body.text(name) {
            patch[section][member] = text.filter(|text| !text.is_empty()).into();
        }
    }
    for (name, member) in [("idle_session_lifetime", "idle_hours"), ("session_lifetime", "max_hours")] {
        match body.number(name) {
            None => {}
            Some(None) => patch["session"][member] = Value::Null,
            // Scripts write 72 and 72.0.
            Some(Some(hours)) if hours.fract() == 0.0 && hours.abs() < 1e9 => {
                patch["session"][member] = json!(hours as i64);
            }
            Some(Some(_)) => body.complain(name, "Expected a whole number of hours"),
        }
    }
    match body.text("dynamic_client_registration_security_mode") {
        None => {}
        Some(None) => patch["registration"]["profile"] = Value::Null,
        Some(Some(mode)) if ["strict", "permissive"].contains(&mode.as_str()) => {
            patch["registration"]["profile"] = mode.into();
        }
        Some(Some(_)) => body
            .complain("dynamic_client_registration_security_mode", "No enum match: expected one of strict, permissive"),
    }
    flags(&mut body, &mut patch);
    for (name, kind, _) in KEPT {
        if let Some(value) = body.value(name, kind) {
            patch["kept"][name] = value.unwrap_or(Value::Null);
        }
    }
    (patch, body.complaints())
}

fn flags(body: &mut Members, patch: &mut Value) {
    let Some(sent) = body.object("flags") else { return };
    let Some(sent) = sent else {
        patch["kept"]["flags"] = Value::Null;
        for (_, section, member) in FLAGS {
            patch[section][member] = Value::Null;
        }
        return;
    };
    let mut flags = Members::new(sent);
    for (name, section, member) in FLAGS {
        if let Some(flag) = flags.flag(name) {
            patch[section][member] = flag.into();
        }
    }
    for name in KEPT_FLAGS {
        if let Some(flag) = flags.flag(name) {
            patch["kept"]["flags"][name] = flag.into();
        }
    }
    body.rejoin("flags", flags);
}

/// The whole of the settings.
pub fn told(app: &App, shown: &Shown) -> Value {
    let (settings, sessions) = (&shown.settings, &app.config.sessions);
    let hours = |chosen: Option<u32>, configured: i64| chosen.map_or(configured / 3600, i64::from);
    let profile = settings.registration.profile.as_deref().unwrap_or(app.config.registration.profile.name());
    let mut all = Map::new();
    for (name, _, default) in KEPT {
        let kept = settings.kept.get(name).cloned();
        all.insert(name.to_owned(), kept.unwrap_or_else(|| serde_json::from_str(default).unwrap_or_default()));
    }
    let ours = [
        ("friendly_name", json!(shown.name)),
        ("default_audience", json!(settings.default_audience.as_deref().unwrap_or_default())),
        ("support_email", json!(settings.about.support_email.as_deref().unwrap_or_default())),
        ("support_url", json!(settings.about.support_url.as_deref().unwrap_or_default())),
        ("session_lifetime", json!(hours(settings.session.max_hours, sessions.max_seconds))),
        ("idle_session_lifetime", json!(hours(settings.session.idle_hours, sessions.idle_seconds))),
        ("dynamic_client_registration_security_mode", json!(profile)),
    ];
    all.extend(ours.map(|(name, value)| (name.to_owned(), value)));
    let kept = settings.kept.get("flags");
    let whole = serde_json::to_value(settings).unwrap_or_default();
    let mut flags = Map::new();
    for name in KEPT_FLAGS {
        let flag = kept.and_then(|kept| kept.get(name)).and_then(Value::as_bool).unwrap_or_default();
        flags.insert(name.to_owned(), flag.into());
    }
    for (name, section, member) in FLAGS {
        flags.insert(name.to_owned(), whole[section][member].clone());
    }
    flags.sort_keys();
    all.insert("flags".to_owned(), Value::Object(flags));
    all.sort_keys();
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn patched(body: Value) -> (Value, Vec<String>) {
        patch(Members::new(body.as_object().unwrap().clone()), "acme")
    }

    #[test]
    fn a_body_becomes_settings() {
        // A4, A27
        let body = json!({
            "flags": {"enable_dynamic_client_registration": true, "enable_sso": null, "universal_login": true},
            "friendly_name": null, "default_audience": "", "support_email": "a@b.example",
            "session_lifetime": 24.0, "dynamic_client_registration_security_mode": "strict",
            "picture_url": "https://a.example/p", "sandbox_version": null,
        });
        let expected = json!({
            "name": "acme", "default_audience": null, "about": {"support_email": "a@b.example"},
            "session": {"max_hours": 24}, "registration": {"open": true, "profile": "strict"},
            "kept": {
                "flags": {"enable_sso": null, "universal_login": true}, "picture_url": "https://a.example/p",
                "sandbox_version": null,
            },
        });
        assert_eq!(patched(body), (expected, Vec::new()));
    }

    #[test]
    fn every_default_is_of_its_type() {
        for (name, kind, default) in KEPT {
            let value: Value = serde_json::from_str(default).unwrap();
            let mut members = Members::new(Map::from_iter([(name.to_owned(), value.clone())]));
            assert_eq!(members.value(name, kind), Some(Some(value)), "{name}");
        }
    }
}

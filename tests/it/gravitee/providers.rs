//! Where applications are registered, as Gravitee's management API tells it (portal.md G36 to G45).

use serde_json::{Value, json};

use super::{Script, code, coded, id, millis, reaching, refusal, wish, wrong};
use crate::harness::TestApp;
use crate::harness::provider::{Does, Provider};

const PROVIDERS: &str = "/configuration/applications/registration/providers";

/// A portal that may call this machine, and has registration on.
async fn portal() -> TestApp {
    let app = reaching().await;
    app.settings(json!({"registration": {"portal": true}})).await;
    app
}

/// A provider with client credentials that is asked for.
fn by_credentials(provider: &Provider) -> Value {
    json!({
        "name": "The provider", "description": "Where clients live", "discovery_endpoint": provider.discovery(),
        "initial_access_token_type": "CLIENT_CREDENTIALS", "client_id": "portal", "client_secret": "secret+1",
        "scopes": ["dcr_admin", "other"], "renew_client_secret_support": true,
        "renew_client_secret_endpoint": "{#registration_endpoint}/{#client_id}/renew_secret",
        "renew_client_secret_method": "POST", "trust_store": {"type": "NONE"}, "key_store": {"type": "NONE"},
        "unheard": "of",
    })
}

fn token_of(provider: &Provider, token: &str) -> Value {
    json!({
        "name": "By token", "discovery_endpoint": provider.discovery(),
        "initial_access_token_type": "INITIAL_ACCESS_TOKEN", "initial_access_token": token,
    })
}

#[tokio::test]
async fn a_provider_is_set_up_read_changed_and_removed() {
    spec!("portal/G36", "portal/G37", "portal/G8", "portal/G9", "portal/G39");
    let app = portal().await;
    let there = Provider::start().await;
    let admin = Script::admin(&app).await;
    assert_eq!(admin.get(PROVIDERS).await.expect(200), json!([]));
    let answer = admin.post(PROVIDERS, by_credentials(&there)).await;
    let location = answer.header("location").to_owned();
    let made = answer.expect(201);
    let path = format!("{PROVIDERS}/{}", id(&made));
    assert_eq!(location, format!("{}{}{path}", app.issuer, super::HOME));
    let at = &made["created_at"];
    assert!(at.as_i64().unwrap() > 1_000_000_000_000 && at.as_i64().unwrap() <= millis(&app), "{at}");
    let expected = json!({
        "id": id(&made), "name": "The provider", "description": "Where clients live",
        "discovery_endpoint": there.discovery(), "initial_access_token_type": "CLIENT_CREDENTIALS",
        "client_id": "portal", "scopes": ["dcr_admin", "other"], "renew_client_secret_support": true,
        "renew_client_secret_endpoint": "{#registration_endpoint}/{#client_id}/renew_secret",
        "renew_client_secret_method": "POST", "claim_mappings": {}, "trust_store": {"type": "NONE"},
        "key_store": {"type": "NONE"}, "endpoints_elsewhere": [], "default": true, "created_at": at,
        "updated_at": made["updated_at"],
    });
    assert_eq!(made, expected, "what is secret is not told");
    assert_eq!(admin.get(&path).await.expect(200), expected);
    let listed = json!({
        "id": id(&made), "name": "The provider", "description": "Where clients live", "created_at": at,
        "updated_at": made["updated_at"],
    });
    assert_eq!(admin.get(PROVIDERS).await.expect(200), json!([listed]));
    // What was read is sent back, as Gravitee's console does: secrets that are not in it stay.
    let mut change = expected;
    change["name"] = "Renamed".into();
    assert_eq!(admin.put(&path, change).await.expect(200)["name"], "Renamed");
    let second = admin.post(PROVIDERS, token_of(&there, "iat-1")).await.expect(201);
    assert_eq!(second["default"], false, "several may be there, and one is the default (D-3)");
    let taken = admin.post(PROVIDERS, token_of(&there, "iat-2")).await;
    assert_eq!(code(&taken), coded(400, "clientRegistrationProvider.exists"));
    assert_eq!(admin.delete(&path).await.expect(204), Value::Null);
    assert_eq!(code(&admin.get(&path).await), coded(404, "clientRegistrationProvider.notFound"));
    assert_eq!(code(&admin.put(&path, token_of(&there, "x")).await), coded(404, "clientRegistrationProvider.notFound"));
    let dev = Script::developer(&app, "dev@example.org").await;
    for answer in [dev.get(PROVIDERS).await, dev.post(PROVIDERS, json!({})).await, dev.delete(&path).await] {
        assert_eq!(code(&answer), coded(403, "forbidden"));
    }
}

#[tokio::test]
async fn a_provider_that_does_not_work_is_not_stored_and_the_admin_hears_why() {
    spec!("portal/G38", "portal/G10");
    let app = portal().await;
    let there = Provider::start().await;
    let admin = Script::admin(&app).await;
    let asked = async |change: Value| {
        let mut body = by_credentials(&there);
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        refusal(&admin.post(PROVIDERS, body).await)
    };
    let empty = json!({"initial_access_token_type": "INITIAL_ACCESS_TOKEN", "initial_access_token": ""});
    let (status, told, _) = asked(empty).await;
    assert_eq!((status, told.as_str()), (400, "clientRegistrationProvider.accessToken.missing"));
    let (_, told, _) = asked(json!({"claim_mappings": {"app": "client_name"}})).await;
    assert_eq!(told, "clientRegistrationProvider.claimMappings.invalid");
    let (_, told, message) = asked(json!({"renew_client_secret_method": "GET"})).await;
    assert_eq!(told, "clientRegistrationProvider.renewClientSecret.invalid");
    let end = "Please check the renew endpoint and use a valid HTTP method (POST, PUT, PATCH)";
    assert!(message.ends_with(end), "{message}");
    let nowhere = format!("{}/.well-known/nothing", there.issuer);
    let (_, told, message) = asked(json!({"discovery_endpoint": nowhere})).await;
    assert_eq!(told, "clientRegistrationProvider.invalid");
    let start = "Client Registration provider is invalid or cannot be reached, making it impossible to create an \
                 oauth-based application";
    assert!(message.starts_with(start), "{message}");
    there.does("POST /token", Does::Says(401, json!({"error": "invalid_client", "error_description": "wrong secret"})));
    let (_, told, message) = asked(json!({})).await;
    assert_eq!(told, "clientRegistrationProvider.exception");
    let start = "Unexpected response from OIDC Token endpoint: error[invalid_client] description[wrong secret]";
    assert!(message.starts_with(start), "{message}");
    assert_eq!(admin.get(PROVIDERS).await.expect(200), json!([]), "nothing is stored");
    let bad = json!({
        "name": 5, "initial_access_token_type": "MAGIC", "scopes": "a b", "claim_mappings": [],
        "trust_store": {"type": "JKS", "path": "/etc/passwd"},
    });
    let mut told = wrong(&admin.post(PROVIDERS, bad).await);
    told.sort();
    assert_eq!(
        told,
        [
            "claim_mappings",
            "discovery_endpoint",
            "initial_access_token_type",
            "name",
            "scopes",
            "trust_store.content",
            "trust_store.path",
        ]
    );
}

#[tokio::test]
async fn an_application_is_registered_renewed_and_kept_in_step_at_a_provider() {
    spec!("portal/G5", "portal/G13", "portal/G12");
    // G15, G16
    let app = portal().await;
    let there = Provider::start().await;
    let admin = Script::admin(&app).await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let made = admin.post(PROVIDERS, by_credentials(&there)).await.expect(201);
    assert_eq!(there.heard("POST /token").len(), 1, "at once");
    let application = dev.oauth("Web", "web", &["authorization_code", "refresh_token"]).await;
    let oauth = &application["settings"]["oauth"];
    let client_id = oauth["client_id"].as_str().unwrap();
    assert_eq!(client_id, there.clients()[0]["client_id"]);
    assert_eq!(oauth["client_secret"], format!("secret-{client_id}"));
    assert_eq!(oauth["renew_client_secret_supported"], true);
    assert_eq!(there.heard("POST /register")[0].header("authorization"), "Bearer iat-1");
    let path = format!("/applications/{}", id(&application));
    let renewed = dev.call(&format!("{path}/renew_secret")).await.expect(200);
    assert_ne!(renewed["settings"]["oauth"]["client_secret"], oauth["client_secret"]);
    let mut change = wish("Web", "web", &["authorization_code"]);
    change["settings"]["oauth"]["redirect_uris"] = json!(["https://moved.example/cb"]);
    dev.put(&path, change.clone()).await.expect(200);
    assert_eq!(there.clients()[0]["redirect_uris"], json!(["https://moved.example/cb"]));
    // A provider that is down damages nothing.
    there.does(&format!("PUT /register/{client_id}"), Does::Says(503, json!({"error": "temporarily_unavailable"})));
    change["settings"]["oauth"]["redirect_uris"] = json!(["https://again.example/cb"]);
    let down = dev.put(&path, change).await;
    assert_eq!(code(&down), coded(400, "clientRegistrationProvider.exception"));
    let kept = dev.get(&path).await.expect(200);
    assert_eq!(kept["settings"]["oauth"]["redirect_uris"], json!(["https://moved.example/cb"]));
    let used = admin.delete(&format!("{PROVIDERS}/{}", id(&made))).await;
    assert_eq!(code(&used), coded(400, "clientRegistrationProvider.used"));
}

#[tokio::test]
async fn what_an_application_says_beyond_the_standard_reaches_a_provider_that_wants_it() {
    // G37, G41
    let app = portal().await;
    let there = Provider::start().await;
    let mut provider = by_credentials(&there);
    provider["claim_mappings"] = json!({"team": "owner_team"});
    Script::admin(&app).await.post(PROVIDERS, provider).await.expect(201);
    let dev = Script::developer(&app, "dev@example.org").await;
    let mut shop = wish("Shop", "web", &["authorization_code"]);
    shop["settings"]["oauth"]["additional_client_metadata"] = json!({"team": "blue", "unmapped": "x"});
    let made = dev.post("/applications", shop).await.expect(201);
    let kept = json!({"team": "blue", "unmapped": "x"});
    assert_eq!(made["settings"]["oauth"]["additional_client_metadata"], kept);
    let sent = there.heard("POST /register")[0].json();
    assert_eq!((&sent["owner_team"], sent.get("unmapped")), (&json!("blue"), None));
}

#[tokio::test]
async fn a_provider_that_refuses_leaves_no_application() {
    // G38, P-7
    let app = portal().await;
    let there = Provider::start().await;
    let admin = Script::admin(&app).await;
    let dev = Script::developer(&app, "dev@example.org").await;
    admin.post(PROVIDERS, token_of(&there, "pasted")).await.expect(201);
    assert_eq!(there.heard("POST /token").len(), 0, "no token is asked for (G15)");
    let no = json!({"error": "invalid_redirect_uri", "error_description": "client.example is not welcome"});
    there.does("POST /register", Does::Says(400, no));
    let refused = dev.post("/applications", wish("Web", "web", &["authorization_code"])).await;
    let (status, told, message) = refusal(&refused);
    assert_eq!((status, told.as_str()), (400, "clientRegistrationProvider.exception"));
    assert!(message.contains("invalid_redirect_uri") && message.contains("client.example is not welcome"), "{message}");
    assert_eq!(dev.get("/applications").await.expect(200), json!([]));
    there.is_honest();
    let made = dev.oauth("Web", "web", &["authorization_code"]).await;
    assert_eq!(made["settings"]["oauth"]["renew_client_secret_supported"], false);
    let refused = dev.call(&format!("/applications/{}/renew_secret", id(&made))).await;
    assert_eq!(code(&refused), coded(400, "application.renewSecret"));
}

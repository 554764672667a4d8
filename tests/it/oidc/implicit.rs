//! What comes back through the browser without a code? (RFC 6749 §4.2, OpenID Connect Core §3.2)

use std::collections::BTreeMap;

use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

use crate::harness::browser::forms;
use crate::harness::front::{CALLBACK, EMAIL, Front, fragment, half_hash, metadata};
use crate::harness::http::Auth;
use crate::harness::party::{claims, jose_header, text};

fn keys(location: &str) -> Vec<&str> {
    let (_, fragment) = location.split_once('#').unwrap();
    fragment.split('&').map(|pair| pair.split('=').next().unwrap()).collect()
}

fn error(answer: &BTreeMap<String, String>) -> (&str, &str) {
    assert!(["code", "access_token", "id_token"].iter().all(|name| !answer.contains_key(*name)), "{answer:?}");
    (&answer["error"], answer.get("state").map(String::as_str).unwrap_or_default())
}

#[tokio::test]
async fn a_client_that_declares_nothing_gets_an_access_token_in_the_fragment() {
    spec!("portal/A17", "portal/A18", "portal/A20", "portal/A23", "portal/A34", "portal/K19", "portal/D-13");
    let front = Front::start().await;
    assert_eq!(front.client["grant_types"], json!(["authorization_code", "implicit", "refresh_token"]));
    assert_eq!(front.client["response_types"], json!(["code", "token", "id_token", "id_token token"]));
    let state = "230 &%é\"<'+/?#=;:@[]";
    let location = front.location("token", &[("state", state), ("nonce", "")]).await;
    assert_eq!(keys(&location), ["access_token", "expires_in", "token_type", "state", "iss"]);
    let answer = fragment(&location);
    assert_eq!((answer["state"].as_str(), answer["token_type"].as_str()), (state, "Bearer"));
    assert_eq!((answer["expires_in"].as_str(), &answer["iss"]), ("3600", &front.app.issuer));
    let said = claims(&answer["access_token"]);
    assert_eq!((&said["aud"], &said["scope"]), (&json!(front.app.url("/userinfo")), &json!("openid")));
    let userinfo = front.app.http.bearer("GET", "/userinfo", &answer["access_token"]).await.expect(200);
    assert_eq!(userinfo, json!({"sub": front.person.id.to_string()}));
}

#[tokio::test]
async fn an_id_token_is_bound_to_its_request_and_to_the_access_token_beside_it() {
    spec!(
        "portal/A17",
        "portal/A21",
        "portal/A34",
        "OIDC-Core-15.2/dynamic-response-types",
        "OIDC-Core-3.2.2.5/fragment",
        "OIDC-Core-3.2.2.9/at-hash"
    );
    let front = Front::start().await;
    let location = front.location("token id_token", &[("scope", "openid email")]).await;
    assert_eq!(keys(&location), ["access_token", "expires_in", "token_type", "state", "id_token", "iss"]);
    let answer = fragment(&location);
    let said = claims(&answer["id_token"]);
    assert_eq!(said["at_hash"], half_hash(&answer["access_token"]));
    assert_eq!(said["s_hash"], half_hash("st"));
    assert_eq!((&said["nonce"], &said["aud"]), (&json!("n-1"), &front.client["client_id"]));
    assert_eq!((said.get("c_hash"), said.get("email")), (None, None), "the access token buys the rest at userinfo");
    let userinfo = front.app.http.bearer("GET", "/userinfo", &answer["access_token"]).await.expect(200);
    assert_eq!((&userinfo["sub"], &userinfo["email"]), (&said["sub"], &json!(EMAIL)));
    let document = front.app.http.get("/.well-known/openid-configuration").await.expect(200);
    let list = |name: &str| document[name].as_array().unwrap().clone();
    for response in ["code", "id_token", "id_token token", "token", "code id_token", "code token"] {
        assert!(list("response_types_supported").contains(&json!(response)), "{response}");
    }
    assert_eq!(document["response_modes_supported"], json!(["query", "fragment", "form_post"]));
    assert!(list("grant_types_supported").contains(&json!("implicit")));
}

#[tokio::test]
async fn an_id_token_alone_says_what_the_scopes_give() {
    // OpenID Connect Core §5.4
    let front = Front::start().await;
    let location = front.location("id_token", &[("scope", "openid email")]).await;
    assert_eq!(keys(&location), ["state", "id_token", "iss"]);
    let said = claims(&fragment(&location)["id_token"]);
    assert_eq!((&said["email"], &said["email_verified"], said.get("at_hash")), (&json!(EMAIL), &json!(true), None));
}

#[tokio::test]
async fn an_id_token_means_openid_and_demands_a_nonce() {
    spec!("portal/A21", "portal/D-14", "OIDC-Core-3.2.2.1/nonce");
    let front = Front::start().await;
    for response in ["id_token", "id_token token"] {
        assert_eq!(error(&front.refused(response, &[("nonce", "")]).await), ("invalid_request", "st"), "{response}");
        let answer = front.answer(response, &[("scope", "")]).await;
        assert_eq!(claims(&answer["id_token"])["sub"], json!(front.person.id.to_string()));
    }
    // What was granted is not what was asked for.
    let answer = front.answer("id_token token", &[("scope", "")]).await;
    assert_eq!(answer["scope"], "openid");
    let without = front.browser().get(&front.request("id_token", &[("scope", ""), ("redirect_uri", "")])).await;
    assert_eq!((without.status, without.header("location")), (400, ""));
}

#[tokio::test]
async fn a_token_never_travels_in_a_query_and_errors_travel_as_the_answer_would() {
    spec!("OIDC-Core-3.2.2.6/error-fragment");
    let front = Front::start().await;
    for (more, code) in [
        (("response_mode", "query"), "invalid_request"),
        (("response_mode", "web_message"), "invalid_request"),
        (("response_mode", "fragment.jwt"), "invalid_request"),
        (("prompt", "none"), "login_required"),
        (("prompt", "none login"), "invalid_request"),
        (("scope", "nonsense"), "invalid_scope"),
        (("audience", "https://unknown.example"), "invalid_target"),
        (("request", "e30.e30."), "request_not_supported"),
    ] {
        assert_eq!(error(&front.refused("token", &[more]).await), (code, "st"), "{more:?}");
    }
    for name in ["response_type", "response_mode", "nonce", "scope"] {
        let request = format!("{}&{name}=a&{name}=b", front.request("token", &[]));
        let refused = front.browser().get(&request).await;
        assert!(refused.header("location").contains("error=invalid_request"), "{name}: {:?}", refused.headers);
    }
    // A code has nothing against a fragment.
    assert!(front.answer("code", &[("response_mode", "fragment")]).await.contains_key("code"));
}

#[tokio::test]
async fn what_a_client_may_ask_for_is_what_it_registered() {
    spec!("portal/D-13");
    // s.A12
    let mut front = Front::start().await;
    let none = json!({"token_endpoint_auth_method": "none"});
    assert_eq!(error(&front.refused("code token", &[]).await), ("unauthorized_client", "st"));
    let code_only = json!({"response_types": ["code"], "token_endpoint_auth_method": "none"});
    front.client = front.app.register(metadata(code_only)).await;
    assert_eq!(front.client["grant_types"], json!(["authorization_code", "refresh_token"]));
    for response in ["token", "id_token", "id_token token", "code id_token"] {
        assert_eq!(error(&front.refused(response, &[]).await), ("unauthorized_client", "st"), "{response}");
    }
    for profile in ["strict", "interop"] {
        front.app.settings(json!({"registration": {"open": true, "profile": profile}})).await;
        front.client = front.app.register(metadata(none.clone())).await;
        for response in ["token", "id_token", "id_token token", "code token"] {
            let refused = front.refused(response, &[]).await;
            assert_eq!(error(&refused), ("unsupported_response_type", "st"), "{profile} {response}");
        }
    }
}

#[tokio::test]
async fn what_is_taken_from_a_client_meanwhile_is_not_given() {
    // s.A12
    let mut front = Front::start().await;
    front.app.settings(json!({"registration": {"open": true, "open_management": true}})).await;
    front.client = front.app.register(metadata(json!({"token_endpoint_auth_method": "none"}))).await;
    let mut browser = front.browser();
    let (_, form) = front.consent(&mut browser, &front.request("token", &[])).await;
    let mut changed = metadata(json!({"token_endpoint_auth_method": "none", "response_types": ["code"]}));
    changed["client_id"] = front.client["client_id"].clone();
    let (uri, token) =
        (text(&front.client, "registration_client_uri"), text(&front.client, "registration_access_token"));
    front.app.http.json("PUT", uri, Auth::Bearer(token), &changed).await.expect(200);
    let decided = browser.submit(&form.set("decision", "accept")).await;
    let ended = browser.follow(decided).await;
    assert_eq!(error(&fragment(ended.header("location"))), ("unauthorized_client", "st"));
}

#[tokio::test]
async fn a_third_party_gets_nothing_without_consent() {
    spec!("portal/A19", "portal/A24");
    let front = Front::start().await;
    let mut browser = front.browser();
    let (_, form) = front.consent(&mut browser, &front.request("token", &[])).await;
    let declined = browser.submit(&form.set("decision", "decline")).await;
    let declined = browser.follow(declined).await;
    assert_eq!(error(&fragment(declined.header("location"))), ("access_denied", "st"));
    let silent = browser.get(&front.request("token", &[("prompt", "none")])).await;
    assert_eq!(error(&fragment(silent.header("location"))), ("consent_required", "st"));
    let elsewhere = browser.get(&front.request("token", &[("redirect_uri", "https://evil.example/cb")])).await;
    assert_eq!((elsewhere.status, elsewhere.header("location")), (400, ""));
}

#[tokio::test]
async fn a_form_carries_the_answer_and_runs_nothing_of_it() {
    spec!("portal/A34");
    // s.A14, U8
    let front = Front::start().await;
    let mut browser = front.browser();
    browser.authorize(&front.request("id_token token", &[]), EMAIL).await;
    let state = "\"'></form></script><script>alert(1)</script>&";
    let by_form = [("response_mode", "form_post"), ("state", state)];
    let page = browser.get(&front.request("id_token token", &by_form)).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"), "{}", page.text);
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
    assert_eq!(page.text.matches("<script>").count(), 1, "the one that submits: {}", page.text);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'sha256-"), "{policy}");
    assert!(policy.ends_with("; form-action https:"), "{policy}");
    assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(page.text.contains("type=\"submit\""), "who runs no script has a button: {}", page.text);
    let form = forms(&page.text).remove(0);
    let names: Vec<&str> = form.fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["access_token", "expires_in", "token_type", "state", "id_token", "iss"]);
    assert_eq!((form.action.as_str(), form.fields[3].1.as_str()), (CALLBACK, state));
    let failed = browser.get(&front.request("token", &[("response_mode", "form_post"), ("scope", "nonsense")])).await;
    let fields = forms(&failed.text).remove(0).fields;
    assert_eq!((failed.status, fields[0].clone()), (200, ("error".to_owned(), "invalid_scope".to_owned())));
}

#[tokio::test]
async fn a_client_that_takes_forms_only_gets_forms() {
    let members = json!({"token_endpoint_auth_method": "none", "response_modes": ["form_post"]});
    let front = Front::with(members, json!({})).await;
    let page = front.browser().get(&front.request("token", &[("prompt", "none")])).await;
    assert_eq!((page.status, forms(&page.text)[0].fields[0].1.as_str()), (200, "login_required"));
    let page = front.browser().get(&front.request("token", &[("response_mode", "fragment")])).await;
    assert_eq!((page.status, forms(&page.text)[0].fields[0].1.as_str()), (200, "invalid_request"));
}

#[tokio::test]
async fn a_token_that_never_ends_says_nothing_of_an_end() {
    spec!("portal/K26");
    let front = Front::start().await;
    let service = front.app.service("https://api.example", &["read:contacts"]).await;
    let mut service = service.into_active_model();
    service.access_token_seconds = Set(Some(0));
    service.update(front.app.app.db.pool()).await.unwrap();
    front.app.app.services.forget_all();
    let more = [("scope", "read:contacts"), ("audience", "https://api.example")];
    let location = front.location("token", &more).await;
    assert_eq!(keys(&location), ["access_token", "token_type", "state", "iss"]);
    let token = &fragment(&location)["access_token"];
    let asks = front.app.register(json!({"redirect_uris": [CALLBACK]})).await;
    front.app.allow(&asks, "introspect:any").await;
    let active = front.app.introspect(&asks, token).await;
    assert_eq!((&active["active"], active.get("exp")), (&json!(true), None), "{active}");
    let fields = [("token", token.as_str()), ("client_id", text(&front.client, "client_id"))];
    assert_eq!(front.app.http.form("/revoke", Auth::None, &fields).await.status, 200);
    assert_eq!(front.app.introspect(&asks, token).await, json!({"active": false}));
}

#[tokio::test]
async fn an_access_token_for_an_api_is_for_that_api() {
    spec!("portal/A16");
    let front = Front::start().await;
    front.app.service("https://api.example", &["read:contacts"]).await;
    let more = [("scope", "openid profile read:contacts offline_access"), ("audience", "https://api.example")];
    let answer = front.answer("id_token token", &more).await;
    let said = claims(&answer["access_token"]);
    assert_eq!(said["aud"], json!(["https://api.example", front.app.url("/userinfo")]));
    assert_eq!(
        (&said["scope"], answer["scope"].as_str()),
        (&json!("openid profile read:contacts"), "openid profile read:contacts")
    );
}

#[tokio::test]
async fn an_id_token_may_be_signed_with_the_secret_of_its_client() {
    spec!("portal/A13");
    let members = json!({"id_token_signed_response_alg": "HS256", "token_endpoint_auth_method": "client_secret_post"});
    let front = Front::with(members, json!({})).await;
    let mut browser = front.browser();
    let location = browser.authorize(&front.request("id_token token", &[]), EMAIL).await;
    let answer = fragment(&location);
    let token = &answer["id_token"];
    assert_eq!(jose_header(token), json!({"alg": "HS256", "typ": "JWT"}));
    let verifier = josekit::jws::HS256.verifier_from_bytes(text(&front.client, "client_secret")).unwrap();
    let (payload, _) = josekit::jwt::decode_with_verifier(token, &verifier).unwrap();
    assert_eq!(payload.claim("at_hash"), Some(&half_hash(&answer["access_token"])));
    // It is taken back as a hint, and a forged one is not.
    let silent = |hint: &str| front.request("token", &[("prompt", "none"), ("id_token_hint", hint)]);
    let known = browser.get(&silent(token)).await;
    assert!(fragment(known.header("location")).contains_key("access_token"), "{:?}", known.headers);
    let (signed, _) = token.rsplit_once('.').unwrap();
    let forged = browser.get(&silent(&format!("{signed}.AAAA"))).await;
    assert_eq!(error(&fragment(forged.header("location"))), ("invalid_request", "st"));
    let away = format!("/logout?id_token_hint={token}");
    assert_eq!(browser.get(&away.replace(signed, "e30.e30")).await.status, 400);
    assert_eq!(browser.get(&away).await.status, 303, "the hint of this session speaks for the person");
    let tokens = front.exchange(&front.answer("code", &[("response_mode", "fragment")]).await).await;
    let (payload, _) = josekit::jwt::decode_with_verifier(text(&tokens, "id_token"), &verifier).unwrap();
    assert_eq!(payload.claim("nonce"), Some(&Value::from("n-1")));
}

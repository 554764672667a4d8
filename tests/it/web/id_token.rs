//! What the client learns at the end: the ID token, and userinfo beside it.

use serde_json::json;

use super::{Flow, jwt, metadata};
use crate::harness::http::Auth;

#[tokio::test]
async fn an_id_token_says_who_signed_in_where_for_whom_and_when() {
    spec!(
        "OIDC-Core-2/id-token-iss",
        "OIDC-Core-2/id-token-sub",
        "OIDC-Core-2/id-token-aud",
        "OIDC-Core-2/id-token-exp-iat",
        "OIDC-Core-2/id-token-nonce",
        "OIDC-Core-2/id-token-signed",
        "OIDC-Core-2/id-token-not-none",
        "OIDC-Core-3.1.3.3/token-response",
        "OIDC-Core-10.1/kid",
        "OIDC-Core-15.1/auth-time",
        "RFC7636-4.2/s256",
    );
    let flow = Flow::start().await;
    let before = flow.app.app.clock.now();
    let tokens = flow.tokens(&[("max_age", "1000"), ("nonce", "n &\"é")]).await;
    let after = flow.app.app.clock.now();
    let claims = jwt(&tokens["id_token"], 1);
    assert_eq!(claims["iss"], json!(flow.app.issuer));
    let sub = claims["sub"].as_str().unwrap();
    assert!(sub == flow.person.id.to_string() && sub.len() <= 255 && sub.is_ascii());
    assert_eq!(claims["aud"], flow.client["client_id"]);
    assert_eq!(claims["nonce"], "n &\"é");
    let seconds = |name: &str| claims[name].as_i64().unwrap_or_else(|| panic!("{name} in {claims}"));
    assert!((before..=after).contains(&seconds("iat")) && seconds("exp") > after);
    assert!((before..=after).contains(&seconds("auth_time")));
    let header = jwt(&tokens["id_token"], 0);
    assert_eq!(header["alg"], "RS256");
    assert!(!tokens["id_token"].as_str().unwrap().ends_with('.'), "a signature follows");
    let keys = flow.app.http.get("/jwks").await.expect(200);
    let known: Vec<_> = keys["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
    assert!(known.contains(&&header["kid"]), "{header} in {known:?}");
}

#[tokio::test]
async fn an_id_token_is_for_openid_requests_only() {
    spec!("OIDC-Core-3.1.2.1/openid-scope", "OIDC-Core-3.1.3.2/openid-code");
    let flow = Flow::start().await;
    assert!(flow.tokens(&[("scope", "openid")]).await.get("id_token").is_some());
    assert_eq!(flow.tokens(&[("scope", "email")]).await.get("id_token"), None);
}

#[tokio::test]
async fn each_scope_releases_its_own_claims_and_sub_is_the_same_everywhere() {
    spec!(
        "OIDC-Core-5.4/scope-claims",
        "OIDC-Core-5.1.1/address",
        "OIDC-Core-5.3.2/userinfo-sub",
        "OIDC-Core-5.3.2/userinfo-same-sub",
        "OIDC-Core-5.3.2/userinfo-json",
        "OIDC-Core-5.3/userinfo-bearer",
        "OIDC-Core-5.3/userinfo-get-and-post",
    );
    let flow = Flow::start().await;
    let claims = json!({
        "address": {"country": "GB", "locality": "London"},
        "phone_number": "+441", "phone_number_verified": true, "given_name": "Ada",
    });
    let person = flow.app.person_with("bob@example.org", claims).await;
    for (scope, wanted) in [
        ("openid", json!({})),
        ("openid profile", json!({"name": "Ada Lovelace", "given_name": "Ada"})),
        ("openid email", json!({"email": "bob@example.org", "email_verified": true})),
        ("openid address", json!({"address": {"country": "GB", "locality": "London"}})),
        ("openid phone", json!({"phone_number": "+441", "phone_number_verified": true})),
    ] {
        let location = flow.browser().authorize(&flow.request(&[("scope", scope)]), "bob@example.org").await;
        let tokens = flow.exchange(&super::parameters(&location), &[]).await.expect(200);
        let token = tokens["access_token"].as_str().unwrap();
        let told = flow.app.http.bearer("GET", "/userinfo", token).await;
        assert_eq!(told.header("content-type"), "application/json");
        let mut told = told.expect(200);
        assert_eq!(flow.app.http.bearer("POST", "/userinfo", token).await.expect(200), told);
        assert_eq!(told["sub"], jwt(&tokens["id_token"], 1)["sub"]);
        let members = told.as_object_mut().unwrap();
        assert_eq!(members.remove("sub"), Some(json!(person.id.to_string())));
        members.remove("updated_at");
        assert_eq!(told, wanted, "{scope}");
    }
}

#[tokio::test]
async fn a_person_is_the_same_to_every_client_unless_it_asked_for_pairs() {
    spec!("OIDC-Core-8/subject-public");
    let mut flow = Flow::start().await;
    let first = jwt(&flow.tokens(&[]).await["id_token"], 1);
    flow.client = flow.app.register(metadata(json!({"subject_type": "public"}))).await;
    let second = jwt(&flow.tokens(&[]).await["id_token"], 1);
    assert_eq!(first["sub"], second["sub"]);
    assert_ne!(first["aud"], second["aud"]);
}

#[tokio::test]
async fn refusals_of_userinfo_are_those_of_bearer_tokens() {
    spec!("OIDC-Core-5.3.3/userinfo-error");
    let flow = Flow::start().await;
    let plain = flow.tokens(&[("scope", "email")]).await;
    let nothing = flow.app.http.form("/userinfo", Auth::None, &[]).await;
    assert_eq!(nothing.status, 401);
    assert!(nothing.headers["www-authenticate"].as_bytes().starts_with(b"Bearer"), "{:?}", nothing.headers);
    let wrong = flow.app.http.bearer("GET", "/userinfo", "x").await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.header("www-authenticate").contains("error=\"invalid_token\""), "{:?}", wrong.headers);
    let narrow = flow.app.http.bearer("GET", "/userinfo", plain["access_token"].as_str().unwrap()).await;
    assert_eq!(narrow.status, 403);
    assert!(narrow.header("www-authenticate").contains("error=\"insufficient_scope\""), "{:?}", narrow.headers);
}

#[tokio::test]
async fn a_silent_request_renews_what_the_person_agreed_to() {
    spec!("OIDC-Core-3.1.2.1/max-age-auth-time");
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    let first = flow.agreed(&mut browser, &[]).await;
    let first = jwt(&flow.exchange(&first, &[]).await.expect(200)["id_token"], 1);
    let silent = browser.get(&flow.request(&[("prompt", "none"), ("max_age", "1000"), ("nonce", "n-2")])).await;
    let second = flow.exchange(&super::parameters(silent.header("location")), &[]).await.expect(200);
    let second = jwt(&second["id_token"], 1);
    assert_eq!((&second["sub"], &second["nonce"]), (&first["sub"], &json!("n-2")));
    assert!(second["auth_time"].is_i64(), "{second}");
}

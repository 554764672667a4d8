//! Which claims does a client get that asks for them one by one? (OpenID Connect Core §5.5, portal.md A16, A22)

use registrar::oidc::user::add::{self, New, Password};
use serde_json::{Map, Value, json};

use crate::harness::front::{EMAIL, Front, fragment};
use crate::harness::http::Auth;
use crate::harness::party::{claims, text};

const GROUPS: &str = "https://acme.example/groups";

async fn front() -> Front {
    let about = json!({"given_name": "Ada", "locale": "en", GROUPS: ["maths"], "https://acme.example/plan": "gold", "colour": "red"});
    Front::with(json!({"token_endpoint_auth_method": "none"}), about).await
}

fn asked(claims: &Value) -> String {
    claims.to_string()
}

/// What is said about the person, without what every ID token has.
fn about(id_token: &str) -> Value {
    let Value::Object(said) = claims(id_token) else { panic!("{id_token}") };
    let own = ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "s_hash"];
    said.into_iter().filter(|(name, _)| !own.contains(&name.as_str())).collect()
}

#[tokio::test]
async fn each_claim_goes_where_it_was_asked_for() {
    spec!("OIDC-Core-5.5/claims-parameter");
    let front = front().await;
    let wanted = asked(&json!({
        "userinfo": {"given_name": {"essential": true}, GROUPS: null, "colour": null, "nickname": null, "iss": null},
        "id_token": {"email": null, GROUPS: {"value": ["other"]}, "auth_time": {"essential": true}, "colour": null},
        "unheard_of": {"x": null},
    }));
    let more = [("response_mode", "fragment"), ("claims", wanted.as_str())];
    let tokens = front.exchange(&front.answer("code", &more).await).await;
    assert_eq!(about(text(&tokens, "id_token")), json!({"email": EMAIL, GROUPS: ["maths"]}));
    let userinfo = front.app.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await.expect(200);
    let sub = front.person.id.to_string();
    assert_eq!(userinfo, json!({"sub": sub, "given_name": "Ada", GROUPS: ["maths"]}));
    let implicit = front.answer("id_token token", &[("claims", &wanted)]).await;
    assert_eq!(about(&implicit["id_token"]), json!({"email": EMAIL, GROUPS: ["maths"]}));
    let userinfo = front.app.http.bearer("GET", "/userinfo", &implicit["access_token"]).await.expect(200);
    assert_eq!(userinfo, json!({"sub": sub, "given_name": "Ada", GROUPS: ["maths"]}));
}

#[tokio::test]
async fn a_refresh_goes_on_with_the_claims_and_plain_oauth_has_none() {
    let front = front().await;
    let wanted = asked(&json!({"userinfo": {GROUPS: null}, "id_token": {"email": null}}));
    let more = [("response_mode", "fragment"), ("claims", wanted.as_str()), ("scope", "openid offline_access")];
    let tokens = front.exchange(&front.answer("code", &more).await).await;
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&tokens, "refresh_token")),
        ("client_id", text(&front.client, "client_id")),
    ];
    let refreshed = front.app.http.form("/token", Auth::None, &fields).await.expect(200);
    assert_eq!(about(text(&refreshed, "id_token")), json!({"email": EMAIL}));
    let userinfo = front.app.http.bearer("GET", "/userinfo", text(&refreshed, "access_token")).await.expect(200);
    assert_eq!(userinfo, json!({"sub": front.person.id.to_string(), GROUPS: ["maths"]}));
    // Without openid the parameter is unknown, and the unknown is ignored.
    let mut browser = front.browser();
    let plain = front.request("token", &[("scope", ""), ("claims", &wanted), ("prompt", "consent")]);
    let (page, _) = front.consent(&mut browser, &plain).await;
    assert!(!page.text.contains(GROUPS), "{}", page.text);
}

#[tokio::test]
async fn a_custom_claim_may_be_asked_for_as_a_scope() {
    spec!("portal/A16");
    let front = front().await;
    let scope = format!("openid {GROUPS} https://acme.example/nothing");
    let answer = front.answer("id_token token", &[("scope", &scope)]).await;
    let userinfo = front.app.http.bearer("GET", "/userinfo", &answer["access_token"]).await.expect(200);
    assert_eq!(userinfo, json!({"sub": front.person.id.to_string(), GROUPS: ["maths"]}));
    assert_eq!(about(&answer["id_token"]), json!({}));
    let alone = front.answer("id_token", &[("scope", &scope)]).await;
    assert_eq!(about(&alone["id_token"]), json!({GROUPS: ["maths"]}), "there is nothing to ask userinfo with");
    // A service that has such a scope is meant by it.
    front.app.service("https://api.example", &[GROUPS]).await;
    let answer = front.answer("token", &[("scope", GROUPS)]).await;
    assert_eq!(claims(&answer["access_token"])["scope"], json!(GROUPS));
}

#[tokio::test]
async fn the_person_agrees_to_each_claim() {
    // s.A24
    let front = front().await;
    let mut browser = front.browser();
    let plain = front.request("token", &[]);
    browser.authorize(&plain, EMAIL).await;
    let silent = browser.get(&front.request("token", &[("prompt", "none")])).await;
    assert!(fragment(silent.header("location")).contains_key("access_token"));
    for wanted in [json!({"userinfo": {GROUPS: null}}), json!({"id_token": {"email": null}})] {
        let wanted = asked(&wanted);
        let more = [("claims", wanted.as_str()), ("prompt", "none")];
        let silent = browser.get(&front.request("token", &more)).await;
        assert_eq!(fragment(silent.header("location"))["error"], "consent_required", "{wanted}");
    }
    let wanted = asked(&json!({"userinfo": {GROUPS: null, "phone_number": null}}));
    let first = browser.get(&front.request("token", &[("claims", &wanted)])).await;
    let page = browser.follow(first).await;
    assert!(page.text.contains(GROUPS) && page.text.contains("phone"), "{}", page.text);
    browser.authorize(&front.request("token", &[("claims", &wanted)]), EMAIL).await;
    let silent = browser.get(&front.request("token", &[("claims", &wanted), ("prompt", "none")])).await;
    assert!(fragment(silent.header("location")).contains_key("access_token"));
}

#[tokio::test]
async fn sub_names_the_person_it_must_be_about() {
    // OpenID Connect Core §5.5.1, §3.1.2.2
    let front = front().await;
    let bob = front.app.person("bob@example.org").await;
    let mut browser = front.browser();
    let answer = fragment(&browser.authorize(&front.request("id_token token", &[]), EMAIL).await);
    let (ada, bob) = (front.person.id.to_string(), bob.id.to_string());
    for member in ["id_token", "userinfo"] {
        for (sub, expected) in [(&ada, None), (&bob, Some("login_required"))] {
            let wanted = asked(&json!({member: {"sub": {"value": sub}}}));
            let more = [("claims", wanted.as_str()), ("prompt", "none")];
            let silent = fragment(browser.get(&front.request("id_token token", &more)).await.header("location"));
            assert_eq!(silent.get("error").map(String::as_str), expected, "{member} {sub}");
        }
    }
    let wanted = asked(&json!({"id_token": {"sub": {"value": bob}}}));
    let more = [("claims", wanted.as_str()), ("id_token_hint", answer["id_token"].as_str())];
    assert_eq!(front.refused("id_token token", &more).await["error"], "invalid_request");
}

#[tokio::test]
async fn an_essential_context_that_nobody_can_meet_ends_the_request() {
    // OpenID Connect Core §5.5.1.1
    let front = front().await;
    let of = |acr: &Value| asked(&json!({"id_token": {"acr": acr}}));
    let strong = of(&json!({"essential": true, "values": ["urn:example:gold", "urn:example:silver"]}));
    let refused = front.answer("token", &[("claims", &strong)]).await;
    assert_eq!(refused["error"], "unmet_authentication_requirements");
    for fine in [json!({"essential": true, "value": "1"}), json!({"values": ["urn:example:gold"]}), json!(null)] {
        let answer = front.answer("id_token", &[("claims", &of(&fine))]).await;
        assert_eq!(claims(&answer["id_token"])["acr"], "1", "{fine}");
    }
}

#[tokio::test]
async fn nonsense_is_refused() {
    // s.A43
    let front = front().await;
    let many: Map<String, Value> = (0..99).map(|n| (format!("https://a.example/{n}"), Value::Null)).collect();
    for wrong in [
        "[]".to_owned(),
        "{".to_owned(),
        "null".to_owned(),
        r#"{"userinfo": "email"}"#.to_owned(),
        r#"{"userinfo": {"email": true}}"#.to_owned(),
        r#"{"userinfo": {"email": {"essential": 1}}}"#.to_owned(),
        format!(r#"{{"x": {}1{}}}"#, "[".repeat(50), "]".repeat(50)),
        asked(&json!({"userinfo": many})),
    ] {
        assert_eq!(front.refused("token", &[("claims", &wrong)]).await["error"], "invalid_request", "{wrong}");
    }
}

#[tokio::test]
async fn a_custom_claim_of_a_person_has_a_name_of_its_own() {
    spec!("portal/A22");
    let front = front().await;
    let add = async |email: &str, name: &str| {
        let new = New {
            email: email.to_owned(),
            name: None,
            role: entity::user::Role::User,
            email_verified: false,
            password: Password::None,
            claims: Map::from_iter([(name.to_owned(), json!("x"))]),
        };
        add::add(&front.app.app, &front.app.tenant(), "admin", vec![new]).await
    };
    for odd in ["groups", "sub", "urn:acme:groups", ""] {
        let refused = add("bob@example.org", odd).await.unwrap_err();
        assert_eq!(refused.code, registrar::oidc::Code::InvalidRequest, "{odd}");
    }
    let refused = add("bob@example.org", "groups").await.unwrap_err();
    assert!(refused.description.contains("https://example.com/groups"), "{}", refused.description);
    assert!(add("bob@example.org", GROUPS).await.is_ok());
}

//! Who learns what about a token.

use registrar::oidc::keys::{Kind, jwt};
use registrar::oidc::token::claims::AccessClaims;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::http::{Answer, Auth};
use crate::harness::party::{claims, disfigured, jose_header, text};

fn auth(client: &Value) -> Auth<'_> {
    Auth::Basic(text(client, "client_id"), text(client, "client_secret"))
}

fn inactive() -> Value {
    json!({"active": false})
}

async fn ask(app: &TestApp, client: &Value, fields: &[(&str, &str)]) -> Answer {
    app.http.form("/introspect", auth(client), fields).await
}

#[tokio::test]
async fn a_client_learns_everything_about_its_own_token() {
    spec!(
        "RFC7662-2.1/post-form",
        "RFC7662-2.2/active",
        "RFC7662-2.2/claims",
        "RFC7662-2.1/hint-extends",
        "portal/I1",
        "portal/I3",
        "portal/I7",
        "portal/I9"
    );
    // I3, I7, s.I6
    let app = TestApp::at_a_standstill().await;
    app.service("https://api.example", &["read"]).await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let grant = app.grant(&client, &person, "openid read offline_access").await;
    let tokens = app.exchange(&grant).await.expect(200);
    let now = app.app.clock.now();
    let access = json!({
        "active": true,
        "client_id": client["client_id"],
        "token_type": "Bearer",
        "scope": "openid read offline_access",
        "sub": person.id.to_string(),
        "username": "ada@example.org",
        "aud": ["https://api.example", app.url("/userinfo")],
        "iss": app.issuer,
        "iat": now,
        "exp": now + 3600,
        "jti": claims(text(&tokens, "access_token"))["jti"],
        "auth_time": now,
    });
    let refresh = json!({
        "active": true,
        "client_id": client["client_id"],
        "scope": "openid read offline_access",
        "sub": person.id.to_string(),
        "username": "ada@example.org",
        "iss": app.issuer,
        "iat": now,
        "exp": now + 30 * 86_400,
    });
    for hint in ["", "access_token", "refresh_token", "unheard_of"] {
        let about = |token: &'static str| {
            let fields = [("token", text(&tokens, token).to_owned()), ("token_type_hint", hint.to_owned())];
            let (app, client) = (&app, &client);
            async move {
                let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                ask(app, client, &fields).await
            }
        };
        let answer = about("access_token").await;
        assert_eq!(answer.expect(200), access, "{hint}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(about("refresh_token").await.expect(200), refresh, "{hint}");
    }
}

#[tokio::test]
async fn nobody_is_answered_without_proving_who_it_is() {
    spec!("RFC7662-2.1/authorization", "RFC7662-2.3/bad-credentials", "RFC7662-2.3/bad-bearer", "portal/I6");
    // I6, s.I1, s.I4
    let app = TestApp::open().await;
    let (client, public) = (app.web_client().await, app.native_client().await);
    let (_, tokens) = app.signed_in(&public, "openid").await;
    let token = ("token", text(&tokens, "access_token"));
    let id = text(&client, "client_id");
    let named = ("client_id", text(&public, "client_id"));
    let right = auth(&client);
    for (auth, fields) in [
        (Auth::None, vec![token]),
        (Auth::None, vec![token, named]),
        (Auth::None, vec![token, ("client_id", id)]),
        (Auth::None, vec![token, ("client_id", id), ("client_secret", "wrong")]),
        (Auth::Basic(id, "wrong"), vec![token]),
        (Auth::Basic("nobody", "wrong"), vec![token]),
        (Auth::Bearer("wrong"), vec![token]),
        (Auth::Bearer(text(&tokens, "access_token")), vec![token]),
    ] {
        let answer = app.http.form("/introspect", auth, &fields).await;
        assert_eq!(answer.refusal(), (401, "invalid_client".to_owned()), "{auth:?}");
        let challenged = answer.header("www-authenticate").starts_with("Basic ");
        assert_eq!(challenged, !matches!(auth, Auth::None), "{auth:?}");
    }
    assert_eq!(app.http.form("/introspect", right, &[token]).await.expect(200), inactive());
}

#[tokio::test]
async fn a_request_without_a_token_is_refused() {
    spec!("RFC7662-2.1/token-required");
    let app = TestApp::open().await;
    let client = app.web_client().await;
    for fields in [&[][..], &[("token", "")], &[("token_type_hint", "access_token")]] {
        let expected = json!({"error": "invalid_request", "error_description": "token is missing"});
        assert_eq!(ask(&app, &client, fields).await.expect(400), expected);
    }
    let twice = [("token", "a"), ("token", "b")];
    assert_eq!(ask(&app, &client, &twice).await.refusal(), (400, "invalid_request".to_owned()));
    let json = app.http.json("POST", "/introspect", auth(&client), &json!({"token": "x"})).await;
    assert_eq!(json.refusal(), (415, "invalid_request".to_owned()));
}

#[tokio::test]
async fn a_token_of_somebody_else_is_not_active_whoever_asks() {
    spec!(
        "RFC7662-2.2/inactive",
        "RFC7662-2.2/inactive-says-nothing",
        "RFC7662-4/audience",
        "portal/G26",
        "portal/I11",
        "portal/I12"
    );
    // s.I2, s.I3, I11, I12
    let app = TestApp::open().await;
    app.service("https://api.example", &["read"]).await;
    app.service("https://other.example", &["other"]).await;
    let (client, stranger) = (app.web_client().await, app.web_client().await);
    let (server, wrong_server, operator) = (app.web_client().await, app.web_client().await, app.web_client().await);
    app.allow(&server, "introspect:https://api.example").await;
    app.allow(&wrong_server, "introspect:https://other.example").await;
    app.allow(&operator, "introspect:any").await;
    let (_, tokens) = app.signed_in(&client, "openid read offline_access").await;
    for (caller, access) in
        [(&client, true), (&server, true), (&operator, true), (&stranger, false), (&wrong_server, false)]
    {
        let said = app.introspect(caller, text(&tokens, "access_token")).await;
        assert_eq!(said["active"], json!(access));
        assert!(access || said == inactive(), "{said}");
        let said = app.introspect(caller, text(&tokens, "refresh_token")).await;
        assert_eq!(said == inactive(), caller["client_id"] != client["client_id"]);
        assert_eq!(app.introspect(caller, text(&tokens, "id_token")).await, inactive());
    }
    let request = app.http.request("POST", "/introspect").form(&[("token", text(&tokens, "access_token"))]);
    let request = request.basic_auth(text(&stranger, "client_id"), Some(text(&stranger, "client_secret")));
    let answer = app.http.send(request.header("accept", "application/token-introspection+jwt")).await;
    assert_eq!((answer.expect(200), answer.header("content-type")), (inactive(), "application/json"));
}

#[tokio::test]
async fn what_is_not_exactly_a_token_is_not_active_and_no_error() {
    spec!("RFC7662-2.3/unknown-token-no-error", "RFC7662-4/signature", "portal/I2");
    // s.I5, s.I7
    let app = TestApp::open().await;
    let client = app.web_client().await;
    let (_, tokens) = app.signed_in(&client, "openid offline_access").await;
    let access = text(&tokens, "access_token");
    let mut wrong = disfigured(access);
    wrong.extend(disfigured(text(&tokens, "refresh_token")));
    wrong.extend(["x", "%", "_", "' OR '1'='1", "at_", "at_%", "rt_", "...", "eyJ..", "null"].map(str::to_owned));
    wrong.push(format!("Bearer {access}"));
    wrong.push("A".repeat(40_000));
    wrong.extend(forged(&app, access).await);
    for token in wrong {
        assert_eq!(ask(&app, &client, &[("token", &token)]).await.expect(200), inactive(), "{token}");
        let shown = token.trim();
        if shown.bytes().all(|byte| byte.is_ascii_graphic()) && shown.len() < 16_000 && shown == token {
            assert_eq!(app.http.bearer("GET", "/userinfo", &token).await.status, 401, "{token}");
        }
    }
}

/// Tokens with the claims of `token` that this server did not sign.
async fn forged(app: &TestApp, token: &str) -> Vec<String> {
    use base64::Engine as _;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    let payload = token.split('.').nth(1).unwrap();
    let keys = app.http.get("/.well-known/jwks.json").await;
    let kid = jose_header(token)["kid"].clone();
    let key = keys.json()["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid).unwrap().clone();
    let mut forged = Vec::new();
    for alg in ["none", "None", "nOnE"] {
        let header = encode(json!({"alg": alg, "typ": "at+jwt", "kid": kid}).to_string().as_bytes());
        forged.push(format!("{header}.{payload}."));
        forged.push(format!("{header}.{payload}.{}", token.rsplit('.').next().unwrap()));
    }
    // HMAC keyed with what everybody can read.
    for public in [key.to_string(), keys.text.clone(), key["x"].as_str().unwrap().to_owned()] {
        let mut header = josekit::jws::JwsHeader::new();
        header.set_token_type("at+jwt");
        header.set_key_id(kid.as_str().unwrap());
        let signer = josekit::jws::HS256.signer_from_bytes(public.as_bytes()).unwrap();
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
        forged.push(josekit::jws::serialize_compact(&claims, &header, &signer).unwrap());
    }
    // A key of the attacker, under our kid and with the key in the header.
    let own = josekit::jwk::Jwk::generate_ec_key(josekit::jwk::alg::ec::EcCurve::P256).unwrap();
    let mut header = josekit::jws::JwsHeader::new();
    header.set_token_type("at+jwt");
    header.set_key_id(kid.as_str().unwrap());
    header.set_jwk(own.to_public_key().unwrap());
    let signer = josekit::jws::ES256.signer_from_jwk(&own).unwrap();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    forged.push(josekit::jws::serialize_compact(&claims, &header, &signer).unwrap());
    forged
}

#[tokio::test]
async fn a_token_is_active_from_its_beginning_to_its_end() {
    spec!("RFC7662-4/expired", "RFC7662-4/not-before");
    let app = TestApp::at_a_standstill().await;
    let client = app.web_client().await;
    let (_, tokens) = app.signed_in(&client, "openid").await;
    let token = text(&tokens, "access_token");
    app.app.clock.advance(3599);
    assert_eq!(app.introspect(&client, token).await["active"], json!(true));
    app.app.clock.advance(1);
    assert_eq!(app.introspect(&client, token).await, inactive());
    assert_eq!(app.http.bearer("GET", "/userinfo", token).await.status, 401);

    let (_, tokens) = app.signed_in(&client, "openid").await;
    let mut early: AccessClaims = serde_json::from_value(claims(text(&tokens, "access_token"))).unwrap();
    early.iat += 120;
    let tenant = app.tenant();
    let key = tenant.keys.signing(app.app.config.keys.access_token_alg).unwrap();
    let early = jwt::sign(key, Kind::AccessToken, &early).unwrap();
    assert_eq!(app.introspect(&client, &early).await, inactive());
    app.app.clock.advance(120);
    assert_eq!(app.introspect(&client, &early).await["active"], json!(true));
}

#[tokio::test]
async fn a_gateway_may_ask_by_get_where_that_is_not_switched_off() {
    spec!("portal/I4", "portal/D-9");
    // I4
    let app = TestApp::open().await;
    let client = app.web_client().await;
    let (_, tokens) = app.signed_in(&client, "openid").await;
    let token = text(&tokens, "access_token");
    for path in ["/introspect", "/oauth/introspect", "/oauth/check_token", "/oauth2/introspect", "/oidc/introspect"] {
        let address = format!("{path}?token={token}");
        let request = |method: &str| {
            let request = app.http.request(method, &address);
            request.basic_auth(text(&client, "client_id"), Some(text(&client, "client_secret")))
        };
        for method in ["GET", "POST"] {
            let answer = app.http.send(request(method)).await;
            assert_eq!(answer.expect(200)["active"], json!(true), "{method} {path}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        let form = app.http.form(path, auth(&client), &[("token", token)]).await;
        assert_eq!(form.expect(200)["active"], json!(true), "{path}");
    }
    let stale = app.http.get(&format!("/introspect?token={token}")).await;
    assert_eq!(stale.refusal(), (401, "invalid_client".to_owned()));

    app.settings(json!({"registration": {"open": true}, "introspection": {"allow_get": false}})).await;
    let request = app.http.request("GET", &format!("/introspect?token={token}"));
    let request = request.basic_auth(text(&client, "client_id"), Some(text(&client, "client_secret")));
    let answer = app.http.send(request).await;
    assert_eq!(answer.refusal(), (405, "method_not_allowed".to_owned()));
    assert_eq!(answer.header("allow"), "POST, OPTIONS");
}

#[tokio::test]
async fn a_token_of_another_tenant_is_not_active() {
    spec!("portal/I5", "portal/I6");
    // I6
    let app = TestApp::open().await;
    let (client, issuer) = (app.web_client().await, app.url("/t/other"));
    registrar::oidc::setup::create_tenant(&app.app, "other", "Other", &issuer).await.unwrap();
    app.app.tenants.refresh(&app.app).await.unwrap();
    let (_, tokens) = app.signed_in(&client, "openid offline_access").await;
    let other = app.app.tenants.by_slug("other").unwrap();
    let mut foreign: AccessClaims = serde_json::from_value(claims(text(&tokens, "access_token"))).unwrap();
    foreign.iss = issuer.clone();
    let key = other.keys.signing(app.app.config.keys.access_token_alg).unwrap();
    let foreign = jwt::sign(key, Kind::AccessToken, &foreign).unwrap();
    assert_eq!(app.introspect(&client, &foreign).await, inactive());
    for name in ["access_token", "refresh_token"] {
        let there = app.http.bearer("GET", "/t/other/userinfo", text(&tokens, name)).await;
        assert_eq!(there.refusal(), (401, "invalid_token".to_owned()), "{name}");
    }
    // As Gravitee's access management names them (I5).
    for path in ["/default/oauth/introspect", "/default/oauth/check_token"] {
        let here = app.http.form(path, auth(&client), &[("token", text(&tokens, "access_token"))]).await;
        assert_eq!(here.expect(200)["active"], true, "{path}");
    }
    let here = app.http.bearer("GET", "/default/oidc/userinfo", text(&tokens, "access_token")).await;
    assert_eq!(here.status, 200);
    let there = app.http.form("/other/oauth/introspect", auth(&client), &[("token", "x")]).await;
    assert_eq!(there.status, 401, "a client of another tenant");
    let there = app.http.form("/t/other/introspect", auth(&client), &[("token", "x")]).await;
    assert_eq!(there.refusal(), (401, "invalid_client".to_owned()), "a client lives in one tenant");
}

#[tokio::test]
async fn a_token_ends_with_the_person_and_with_the_client() {
    let app = TestApp::open().await;
    let (operator, client, person) =
        (app.web_client().await, app.web_client().await, app.person("ada@example.org").await);
    app.allow(&operator, "introspect:any").await;
    let tokens = app.exchange(&app.grant(&client, &person, "openid").await).await.expect(200);
    let token = text(&tokens, "access_token");
    let put = |state: entity::user::UserState| {
        let mut person = person.clone().into_active_model();
        person.state = Set(state);
        let app = &app;
        async move {
            person.update(app.app.db.pool()).await.unwrap();
            app.app.users.forget_all();
        }
    };
    put(entity::user::UserState::Disabled).await;
    assert_eq!(app.introspect(&operator, token).await, inactive());
    put(entity::user::UserState::Active).await;
    assert_eq!(app.introspect(&operator, token).await["active"], json!(true));
    app.delete(&client).await;
    assert_eq!(app.introspect(&operator, token).await, inactive());
}

#[tokio::test]
async fn tokens_for_a_service_taken_out_of_service_are_not_active() {
    // I8: what would not be issued now is not good now
    let app = TestApp::at_a_standstill().await;
    let service = app.service("https://api.example", &["read"]).await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let grant = app.grant(&client, &person, "openid read").await;
    let tokens = app.exchange(&grant).await.expect(200);
    let token = text(&tokens, "access_token");
    assert_eq!(app.introspect(&client, token).await["active"], json!(true));
    let mut service = service.into_active_model();
    service.enabled = Set(false);
    service.update(app.app.db.pool()).await.unwrap();
    app.app.services.forget_all();
    assert_eq!(app.introspect(&client, token).await, inactive());
}

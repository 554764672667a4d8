//! The OAuth endpoints of a service (portal.md K4, K54 to K64, D-20).

use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::{Body, Kong, text};
use crate::harness::Answer;
use crate::harness::http::{Auth, pkce};

const ALL_FLOWS: &str = "name=application-registration&config.display_name=Billing\
    &config.enable_client_credentials=true&config.enable_authorization_code=true&config.enable_password_grant=true\
    &config.enable_implicit_grant=true&config.scopes[]=read+write";

struct Site {
    kong: Kong,
    credential: Value,
    key: String,
}

impl Site {
    async fn with(plugin: &str) -> Self {
        let kong = Kong::start().await;
        let (_, plugin) = kong.billing(plugin).await;
        let key = plugin["config"]["provision_key"].as_str().unwrap().to_owned();
        let credential = kong.approved().await;
        Self { kong, credential, key }
    }

    async fn start() -> Self {
        Self::with(ALL_FLOWS).await
    }

    fn id(&self) -> &str {
        text(&self.credential, "client_id")
    }

    fn secret(&self) -> &str {
        text(&self.credential, "client_secret")
    }

    async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        let own = [("client_id", self.id()), ("client_secret", self.secret())];
        self.kong.app.http.form("/billing/oauth2/token", Auth::None, &[&own, fields].concat()).await
    }

    async fn authorize(&self, fields: &[(&str, &str)]) -> Answer {
        let own = [("client_id", self.id()), ("provision_key", &self.key), ("authenticated_userid", "u-1")];
        let fields: Vec<_> = own
            .into_iter()
            .filter(|(name, _)| !fields.iter().any(|(other, _)| other == name))
            .collect::<Vec<_>>()
            .into_iter()
            .chain(fields.iter().copied())
            .collect();
        self.kong.app.http.form("/billing/oauth2/authorize", Auth::None, &fields).await
    }

    async fn introspected(&self, token: &str) -> Value {
        let http = &self.kong.app.http;
        http.form("/introspect", Auth::Basic(self.id(), self.secret()), &[("token", token)]).await.expect(200)
    }
}

fn refused(answer: &Answer) -> (u16, String, String) {
    let body = answer.json();
    (answer.status, text(&body, "error").to_owned(), text(&body, "error_description").to_owned())
}

fn told(status: u16, code: &str, description: &str) -> (u16, String, String) {
    (status, code.to_owned(), description.to_owned())
}

#[tokio::test]
async fn client_credentials_get_a_token_in_kongs_shape() {
    spec!("portal/K59", "portal/K60", "portal/K62", "portal/K55");
    let site = Site::start().await;
    let answer = site.token(&[("grant_type", "client_credentials"), ("scope", "read"), ("state", "s")]).await;
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let body = answer.expect(200);
    let token = text(&body, "access_token").to_owned();
    let wanted = json!({"access_token": token, "expires_in": 7200, "state": "s", "token_type": "bearer"});
    assert_eq!(body, wanted);
    let active = site.introspected(&token).await;
    assert_eq!((&active["active"], &active["scope"]), (&json!(true), &json!("read")));
    // K55: JSON, and parameters in the query, over which those of the body win.
    let sent = json!({"grant_type": "client_credentials", "client_id": site.id(), "client_secret": site.secret()});
    site.kong.app.http.post_json("/billing/oauth2/token?grant_type=x&state=q", &sent).await.expect(200);
    let http = &site.kong.app.http;
    let basic = http.form(
        "/billing/oauth2/token",
        Auth::Basic(site.id(), site.secret()),
        &[("grant_type", "client_credentials")],
    );
    basic.await.expect(200);
    let wrong = http
        .form("/billing/oauth2/token", Auth::Basic(site.id(), "wrong"), &[("grant_type", "client_credentials")])
        .await;
    assert_eq!(wrong.header("www-authenticate"), "Basic realm=\"OAuth2.0\"");
    assert_eq!(refused(&wrong), told(401, "invalid_client", "Invalid client authentication"));
    let fields = [("grant_type", "client_credentials"), ("client_id", site.id()), ("client_secret", "wrong")];
    let wrong = http.form("/billing/oauth2/token", Auth::None, &fields).await;
    assert_eq!(refused(&wrong), told(400, "invalid_client", "Invalid client authentication"));
    // A secret in the address is not looked at (P-13).
    let leaked = format!("/billing/oauth2/token?client_secret={}", site.secret());
    let leaked =
        http.form(&leaked, Auth::None, &[("grant_type", "client_credentials"), ("client_id", site.id())]).await;
    assert_eq!(leaked.status, 400);
}

#[tokio::test]
async fn only_post_is_taken_and_only_where_there_is_a_service() {
    spec!("portal/K54", "portal/K59");
    let site = Site::start().await;
    let http = &site.kong.app.http;
    for (path, place) in [("token", "token endpoint"), ("authorize", "authorization endpoint")] {
        let answer = http.get(&format!("/billing/oauth2/{path}")).await;
        assert_eq!(answer.header("allow"), "POST, OPTIONS");
        let description = format!("The HTTP method GET is invalid for the {place}");
        assert_eq!(answer.expect(405), json!({"error": "invalid_method", "error_description": description}));
        assert_eq!(http.form(&format!("/nothing/oauth2/{path}"), Auth::None, &[]).await.status, 404);
    }
    for grant in ["", "implicit", "x"] {
        let answer = site.token(&[("grant_type", grant)]).await;
        assert_eq!(refused(&answer), told(400, "unsupported_grant_type", "Invalid grant_type"), "{grant}");
    }
    let unknown = site.token(&[("grant_type", "client_credentials"), ("scope", "read x")]).await;
    assert_eq!(refused(&unknown), told(400, "invalid_scope", "\"x\" is an invalid scope"));
}

#[tokio::test]
async fn a_password_grant_is_vouched_for_by_the_provision_key() {
    spec!("portal/K61", "portal/K57", "portal/D-20");
    let site = Site::start().await;
    let ask = async |more: &[(&str, &str)]| site.token(&[&[("grant_type", "password")], more].concat()).await;
    let body =
        ask(&[("provision_key", &site.key), ("authenticated_userid", "u-1"), ("scope", "write")]).await.expect(200);
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["refresh_token", "token_type", "access_token", "expires_in"]);
    let active = site.introspected(text(&body, "access_token")).await;
    assert_eq!((&active["active"], &active["scope"]), (&json!(true), &json!("write")));
    // I7: nobody has the address that was made up for them.
    assert_eq!(active["username"], "u-1");
    assert_eq!(site.introspected(text(&body, "refresh_token")).await["username"], "u-1");
    // The same person again is the same subject, another is another.
    let subject = async |named: &str| {
        let body = ask(&[("provision_key", &site.key), ("authenticated_userid", named)]).await.expect(200);
        site.introspected(text(&body, "access_token")).await["sub"].clone()
    };
    assert_eq!(subject("u-1").await, active["sub"]);
    assert_ne!(subject("u-2").await, active["sub"]);
    // s.L17: an address that nobody proved is a word like any other.
    let meta = json!({"full_name": "Ada"}).to_string();
    let body = json!({"email": "ada@example.org", "password": "correct horse", "meta": meta});
    site.kong.app.http.post_json("/kong/portal/register", &body).await.expect(200);
    let unproven = site.kong.get("/developers/ada@example.org").await;
    assert_ne!(subject("ada@example.org").await, unproven["id"]);
    let admin = site.kong.get("/developers/root@example.org").await;
    assert_eq!(subject("root@example.org").await, admin["id"]);
    assert_eq!(subject(text(&admin, "id")).await, admin["id"]);
    // s.K5: whoever it is, the word reaches no further than the service.
    for scope in ["openid", "services:write"] {
        let more =
            [("provision_key", site.key.as_str()), ("authenticated_userid", "root@example.org"), ("scope", scope)];
        assert_eq!(ask(&more).await.status, 400, "{scope}");
    }
    for (more, wanted) in [
        (vec![("authenticated_userid", "u-1")], told(400, "invalid_provision_key", "Invalid provision_key")),
        (
            vec![("authenticated_userid", "u-1"), ("provision_key", "wrong")],
            told(400, "invalid_provision_key", "Invalid provision_key"),
        ),
        (
            vec![("provision_key", site.key.as_str())],
            told(400, "invalid_authenticated_userid", "Missing authenticated_userid parameter"),
        ),
    ] {
        assert_eq!(refused(&ask(&more).await), wanted);
    }
    // P-13: not from the address.
    let path = format!("/billing/oauth2/token?provision_key={}", site.key);
    let fields = [
        ("grant_type", "password"),
        ("client_id", site.id()),
        ("client_secret", site.secret()),
        ("authenticated_userid", "u-1"),
    ];
    let answer = site.kong.app.http.form(&path, Auth::None, &fields).await;
    assert_eq!(refused(&answer).1, "invalid_provision_key");
    // D-20: the standard endpoint takes the key, too.
    let fields = [("grant_type", "password"), ("provision_key", site.key.as_str()), ("authenticated_userid", "u-1")];
    let standard = site.kong.app.http.form("/token", Auth::Basic(site.id(), site.secret()), &fields).await.expect(200);
    assert_eq!(site.introspected(text(&standard, "access_token")).await["sub"], active["sub"]);
    // K61: client credentials for a person.
    let fields = [("grant_type", "client_credentials"), ("authenticated_userid", "u-1")];
    assert_eq!(refused(&site.token(&fields).await).1, "invalid_provision_key");
    let fields = [&fields[..], &[("provision_key", &site.key)]].concat();
    let body = site.token(&fields).await.expect(200);
    assert!(body.get("refresh_token").is_none());
    assert_eq!(site.introspected(text(&body, "access_token")).await["sub"], active["sub"]);
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_and_a_wrong_one_is_not() {
    spec!("portal/K63");
    let site = Site::start().await;
    let fields =
        [("grant_type", "password"), ("provision_key", &site.key), ("authenticated_userid", "u-1"), ("scope", "read")];
    let body = site.token(&fields).await.expect(200);
    let refresh = async |token: &str, scope: &str| {
        site.token(&[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)]).await
    };
    let first = text(&body, "refresh_token");
    assert_eq!(refused(&refresh(first, "write").await), told(400, "invalid_scope", "Scope mismatch"));
    let next = refresh(first, "").await.expect(200);
    assert_ne!(next["refresh_token"], body["refresh_token"]);
    for wrong in ["x", first] {
        assert_eq!(refused(&refresh(wrong, "").await), told(400, "invalid_request", "Invalid refresh_token"));
    }
    // The pair before has ended, and whoever asked twice keeps the new one.
    let active = async |pair: &Value| site.introspected(text(pair, "access_token")).await["active"].clone();
    assert_eq!((active(&body).await, active(&next).await), (json!(false), json!(true)));
    // One of another client.
    site.kong.app.settings(json!({"registration": {"open": true}})).await;
    let other = site.kong.app.register(json!({"redirect_uris": ["https://other.example/cb"]})).await;
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&next, "refresh_token")),
        ("client_id", text(&other, "client_id")),
        ("client_secret", text(&other, "client_secret")),
    ];
    let foreign = site.kong.app.http.form("/billing/oauth2/token", Auth::None, &fields).await;
    assert_eq!(refused(&foreign), told(400, "invalid_client", "Invalid client authentication"));
    // At the tenant's own endpoint that is what RFC 6749 says, and an access token lives on after a refresh.
    let standard = site.kong.app.http.form("/token", Auth::None, &fields).await;
    assert_eq!(standard.refusal(), (400, "invalid_grant".to_owned()));
    let fields = [("grant_type", "refresh_token"), ("refresh_token", text(&next, "refresh_token"))];
    let last = site.kong.app.http.form("/token", Auth::Basic(site.id(), site.secret()), &fields).await.expect(200);
    assert_eq!((active(&next).await, active(&last).await), (json!(true), json!(true)));
}

#[tokio::test]
async fn a_refresh_ends_the_opaque_token_before_it() {
    spec!("portal/K63");
    let site = Site::start().await;
    entity::service::Entity::update_many()
        .col_expr(entity::service::Column::TokenFormat, Expr::value(entity::service::TokenFormat::Opaque))
        .exec(site.kong.app.app.db.pool())
        .await
        .unwrap();
    site.kong.app.app.services.forget_all();
    let fields = [("grant_type", "password"), ("provision_key", &site.key), ("authenticated_userid", "u-1")];
    let body = site.token(&fields).await.expect(200);
    assert!(text(&body, "access_token").starts_with("at_"), "{body}");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", text(&body, "refresh_token"))];
    let next = site.token(&fields).await.expect(200);
    assert_eq!(site.introspected(text(&body, "access_token")).await, json!({"active": false}));
    assert_eq!(site.introspected(text(&next, "access_token")).await["active"], true);
}

#[tokio::test]
async fn the_sites_own_consent_page_gets_codes_and_tokens() {
    spec!("portal/K56", "portal/K58", "portal/K64");
    let site = Site::start().await;
    let (verifier, challenge) = pkce();
    let sent = async |more: &[(&str, &str)]| {
        let answer = site.authorize(more).await;
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        (answer.status, text(&answer.json(), "redirect_uri").to_owned())
    };
    let asked = [
        ("response_type", "code"),
        ("scope", "read"),
        ("state", "s 1"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let (status, uri) = sent(&asked).await;
    let code = uri.strip_prefix("https://shop.example/cb?code=").and_then(|rest| rest.strip_suffix("&state=s+1"));
    let code = code.unwrap_or_else(|| panic!("{uri}"));
    assert_eq!(status, 200);
    let exchange =
        async |more: &[(&str, &str)]| site.token(&[&[("grant_type", "authorization_code")], more].concat()).await;
    let body = exchange(&[("code", code), ("code_verifier", &verifier)]).await.expect(200);
    assert_eq!(site.introspected(text(&body, "access_token")).await["scope"], "read");
    let again = exchange(&[("code", code), ("code_verifier", &verifier)]).await;
    assert_eq!(refused(&again), told(400, "invalid_request", "Invalid code"));
    let (_, uri) = sent(&asked).await;
    let code = uri.split(['=', '&']).nth(1).unwrap();
    let (other, _) = pkce();
    assert_eq!(refused(&exchange(&[("code", code), ("code_verifier", &other)]).await).1, "invalid_grant");
    let (status, uri) = sent(&[("response_type", "token"), ("state", "s")]).await;
    let fragment = uri.strip_prefix("https://shop.example/cb#access_token=").unwrap_or_else(|| panic!("{uri}"));
    assert!(status == 200 && fragment.ends_with("&expires_in=7200&token_type=bearer&state=s"), "{fragment}");
    let (status, uri) = sent(&[("response_type", "x"), ("state", "s")]).await;
    let wanted =
        "https://shop.example/cb?error=unsupported_response_type&error_description=Invalid+response_type&state=s";
    assert_eq!((status, uri.as_str()), (400, wanted));
    let (status, uri) = sent(&[("response_type", "code"), ("scope", "x")]).await;
    assert!(status == 400 && uri.contains("error=invalid_scope"), "{uri}");
}

#[tokio::test]
async fn without_a_redirect_uri_that_is_known_the_site_is_told_itself() {
    spec!("portal/K57");
    let site = Site::start().await;
    let redirect = "Invalid redirect_uri that does not match with any redirect_uri created with the application";
    for (more, wanted) in [
        (("provision_key", "wrong"), told(400, "invalid_provision_key", "Invalid provision_key")),
        (
            ("authenticated_userid", ""),
            told(400, "invalid_authenticated_userid", "Missing authenticated_userid parameter"),
        ),
        (("client_id", "nobody"), told(400, "invalid_client", "Invalid client authentication")),
        (("redirect_uri", "https://evil.test/cb"), told(400, "invalid_request", redirect)),
    ] {
        let answer = site.authorize(&[("response_type", "code"), more]).await;
        assert_eq!(refused(&answer), wanted, "{more:?}");
    }
}

#[tokio::test]
async fn tokens_for_ever_have_no_end_and_no_refresh_token() {
    spec!("portal/K62", "portal/K57");
    let plugin = format!("{ALL_FLOWS}&config.token_expiration=0&config.mandatory_scope=true");
    let site = Site::with(&plugin).await;
    let fields = [("grant_type", "password"), ("provision_key", site.key.as_str()), ("authenticated_userid", "u-1")];
    let none = site.token(&fields).await;
    assert_eq!(refused(&none), told(400, "invalid_scope", "You must specify a scope"));
    let body = site.token(&[&fields[..], &[("scope", "read")]].concat()).await.expect(200);
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["token_type", "access_token"]);
}

#[tokio::test]
async fn a_flow_that_is_off_and_a_service_without_a_plugin_give_nothing() {
    spec!("portal/D-26", "portal/K59");
    let site = Site::with(super::PLUGIN).await;
    let fields = [("grant_type", "password"), ("provision_key", site.key.as_str()), ("authenticated_userid", "u-1")];
    assert_eq!(refused(&site.token(&fields).await), told(400, "unsupported_grant_type", "Invalid grant_type"));
    let credentials = [("grant_type", "client_credentials")];
    site.token(&credentials).await.expect(200);
    let plugins = site.kong.get("/plugins").await;
    let path = format!("/plugins/{}", text(&plugins["data"][0], "id"));
    assert_eq!(site.kong.call("DELETE", &path, Body::None).await.status, 204);
    assert_eq!(site.token(&credentials).await.status, 404);
}

#[tokio::test]
async fn plain_http_is_for_this_machine_alone() {
    spec!("portal/K4");
    let site = Site::start().await;
    // Behind a trusted proxy that names a caller elsewhere.
    let app = crate::harness::TestApp::with(&[("server.trusted_proxies", "127.0.0.1/32")]).await;
    let kong = Kong::of(app).await;
    kong.billing(ALL_FLOWS).await;
    let request = kong.app.http.request("POST", "/billing/oauth2/token").header("x-forwarded-for", "203.0.113.9");
    let answer = kong.app.http.send(request).await;
    assert_eq!(refused(&answer), told(400, "access_denied", "You must use HTTPS"));
    site.token(&[("grant_type", "client_credentials")]).await.expect(200);
}

#[tokio::test]
async fn a_trusted_proxy_says_whether_a_request_came_by_tls() {
    spec!("portal/K4");
    let app = crate::harness::TestApp::with(&[("server.trusted_proxies", "127.0.0.1/32")]).await;
    let kong = Kong::of(app).await;
    kong.billing(ALL_FLOWS).await;
    let send = async |kong: &Kong, proto: &str| {
        let request = kong.app.http.request("POST", "/billing/oauth2/token").header("x-forwarded-for", "203.0.113.9");
        kong.app.http.send(request.header("x-forwarded-proto", proto)).await
    };
    let unsupported = told(400, "unsupported_grant_type", "Invalid grant_type");
    let plain = told(400, "access_denied", "You must use HTTPS");
    assert_eq!(refused(&send(&kong, "https").await), unsupported);
    assert_eq!(refused(&send(&kong, "http").await), plain);
    // What a caller claims before the proxy's own word does not help.
    assert_eq!(refused(&send(&kong, "https, http").await), plain);
    // A stranger's word is not heard.
    let app = crate::harness::TestApp::with(&[("server.trusted_proxies", "10.0.0.0/8")]).await;
    let kong = Kong::of(app).await;
    kong.billing(ALL_FLOWS).await;
    assert_eq!(refused(&send(&kong, "http").await), unsupported);
}

//! How does a client manage itself? `/oidc/register/{client_id}` (RFC 7592, OpenID Connect Registration §4).

use entity::client::{self, ClientState};
use entity::event;
use registrar::oidc::registration::Profile;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait, sea_query::Expr};
use serde_json::{Value, json};

use super::initial_access_token::delegate_token;
use crate::harness::http::{Auth, pkce};
use crate::harness::{Answer, Browser, TestApp};

/// A registered client as its program knows it: the last answer it got.
#[derive(Clone, Debug)]
struct Known(Value);

impl Known {
    async fn new(app: &TestApp, wanted: Value) -> Self {
        Self(app.register(wanted).await)
    }

    async fn page(app: &TestApp) -> Self {
        Self::new(app, page()).await
    }

    fn id(&self) -> &str {
        self.0["client_id"].as_str().unwrap()
    }

    fn uri(&self) -> &str {
        self.0["registration_client_uri"].as_str().unwrap()
    }

    fn token(&self) -> &str {
        self.0["registration_access_token"].as_str().unwrap()
    }

    async fn read(&self, app: &TestApp) -> Answer {
        app.http.bearer("GET", self.uri(), self.token()).await
    }

    async fn send(&self, app: &TestApp, method: &str, body: &Value) -> Answer {
        app.http.json(method, self.uri(), Auth::Bearer(self.token()), body).await
    }

    /// Its last answer, with these members changed.
    fn with(&self, members: Value) -> Value {
        let mut changed = self.0.clone();
        changed.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        changed
    }

    /// Its last answer without these members.
    fn without(&self, members: &[&str]) -> Value {
        let mut changed = self.0.clone();
        for member in members {
            changed.as_object_mut().unwrap().remove(*member);
        }
        changed
    }
}

fn page() -> Value {
    json!({"redirect_uris": ["https://a.example/cb"], "client_name": "Page"})
}

/// The one answer to a wrong token and to an unknown client.
fn not_yours() -> Value {
    json!({
        "error": "invalid_token",
        "error_description": "the token is not one that manages this client, or there is no such client",
    })
}

#[track_caller]
fn assert_not_yours(answer: &Answer, case: &str) {
    assert_eq!(answer.expect(401), not_yours(), "{case}");
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer realm=\"registrar\", error=\"invalid_token\", error_description=\"the token is not one that manages \
         this client, or there is no such client\"",
        "{case}"
    );
    assert_eq!((answer.header("cache-control"), answer.header("access-control-allow-origin")), ("no-store", "*"));
}

const METHODS: [&str; 4] = ["GET", "PUT", "PATCH", "DELETE"];

#[tokio::test]
async fn a_registration_is_read_with_its_own_token() {
    spec!("RFC7592-2/bearer", "RFC7592-2.1/read", "OIDC-Registration-4.2/read-bearer", "OIDC-Registration-4.3/read-ok",);
    let app = TestApp::open().await;
    let known = Known::page(&app).await;
    for _ in 0..2 {
        let answer = known.read(&app).await;
        assert_eq!(answer.expect(200), known.0);
        for (name, value) in [
            ("content-type", "application/json"),
            ("cache-control", "no-store"),
            ("pragma", "no-cache"),
            ("access-control-allow-origin", "*"),
        ] {
            assert_eq!(answer.header(name), value, "{name}");
        }
    }
    let replica = app.replica().await;
    let elsewhere = format!("http://{}/oidc/register/{}", replica.http.authority(), known.id());
    assert_eq!(app.http.bearer("GET", &elsewhere, known.token()).await.expect(200), known.0);
}

#[tokio::test]
async fn without_its_token_a_registration_is_neither_read_nor_changed() {
    // s.M2, s.M4
    spec!("RFC7592-2/bearer", "RFC7592-2.1/read-wrong-token", "OIDC-Registration-4.4/read-unknown");
    let app = TestApp::open().await;
    let known = Known::page(&app).await;
    let (token, cut) = (known.token(), &known.token()[..known.token().len() - 1]);
    let values = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer null".to_owned()),
        Some(format!("Bearer {cut}")),
        Some(format!("Bearer {token}A")),
        Some(format!("Bearer {token} {token}")),
        Some(format!("Basic {token}")),
        Some(token.to_owned()),
        Some(format!("Bearer {}", known.id())),
        Some(format!("Bearer {}", known.0["client_secret"].as_str().unwrap())),
    ];
    for method in METHODS {
        for value in &values {
            for address in [known.uri().to_owned(), format!("{}?access_token={token}", known.uri())] {
                let request = app.http.request(method, &address).header("content-type", "application/json");
                let request = match value {
                    Some(value) => request.header("authorization", value),
                    None => request,
                };
                let mut body = known.0.clone();
                body["access_token"] = json!(token);
                let answer = app.http.send(request.body(body.to_string())).await;
                assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()), "{method} {value:?}");
                assert!(answer.header("www-authenticate").starts_with("Bearer realm="), "{method} {value:?}");
                assert!(!answer.text.contains("a.example"), "{method} {value:?}");
            }
        }
    }
    assert_eq!(known.read(&app).await.expect(200), known.0);
}

#[tokio::test]
async fn another_clients_token_is_answered_like_an_unknown_client_and_harms_nobody() {
    // R20, s.M1, s.M3, s.M16
    spec!(
        "RFC7592-2.1/read-unknown-client",
        "RFC7592-2.2/update-unknown-client",
        "RFC7592-2.3/delete-unknown-client",
        "RFC7592-5/token-one-client",
        "OIDC-Registration-4.4/read-no-404",
        "OIDC-Registration-4.4/read-unknown",
    );
    let app = TestApp::open().await;
    let (one, two) = (Known::page(&app).await, Known::page(&app).await);
    let missing = app.url("/oidc/register/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    for method in METHODS {
        for uri in [two.uri(), &missing] {
            let answer = app.http.json(method, uri, Auth::Bearer(one.token()), &two.0).await;
            assert_not_yours(&answer, &format!("{method} {uri}"));
        }
    }
    let renewed = app.http.bearer("POST", &format!("{}/renew_secret", two.uri()), one.token()).await;
    assert_not_yours(&renewed, "renew_secret");
    assert_eq!((one.read(&app).await.expect(200), two.read(&app).await.expect(200)), (one.0.clone(), two.0.clone()));
    let told = event::Entity::find().filter(event::Column::Kind.eq("registration_token_misused"));
    assert_eq!(told.count(app.app.db.pool()).await.unwrap(), 9);
    let swapped = |c: char| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    let odd = [
        two.id().chars().map(swapped).collect(),
        "..%2f".to_owned(),
        "%2e%2e%2f%2e%2e%2ftoken".to_owned(),
        format!("..%2f{}", two.id()),
        format!("{}%00", two.id()),
        format!("{}%20", two.id()),
        format!("{}%0d%0aX:1", two.id()),
        format!("{}'--", two.id()),
        format!("{};x", two.id()),
        "%ff%fe".to_owned(),
        "%F0%9F%98%80".to_owned(),
        "*".to_owned(),
        "null".to_owned(),
        "A".repeat(5000),
    ];
    for id in odd {
        let head = |method| {
            format!(
                "{method} /oidc/register/{id} HTTP/1.1\nHost: {}\nAuthorization: Bearer {}",
                app.http.authority(),
                two.token()
            )
        };
        for method in ["GET", "DELETE"] {
            let answer = app.http.wire(&head(method), b"").await;
            assert!((400..500).contains(&answer.status), "{method} {id}: {}", answer.text);
            assert!(answer.status != 404 && !answer.text.contains("client_secret"), "{method} {id}: {}", answer.text);
            answer.refusal();
        }
    }
    assert_eq!(two.read(&app).await.expect(200), two.0);
}

#[tokio::test]
async fn who_may_register_only_may_not_manage_and_is_told_403() {
    // registration.md §4
    spec!("RFC7592-2.1/read-not-permitted", "RFC7592-2.2/update-not-permitted", "RFC7592-2.3/delete-not-permitted");
    let app = TestApp::open().await;
    let known = Known::page(&app).await;
    let registrar = delegate_token(&app, "dcr", "dcr").await;
    let admin = delegate_token(&app, "dcr dcr_admin", "dcr_admin").await;
    for method in METHODS {
        let answer = app.http.json(method, known.uri(), Auth::Bearer(&registrar), &known.0).await;
        let description = "the access token needs the scope dcr_admin";
        assert_eq!(answer.expect(403), json!({"error": "insufficient_scope", "error_description": description}));
        let challenge =
            format!("Bearer realm=\"registrar\", error=\"insufficient_scope\", error_description=\"{description}\"");
        assert_eq!(answer.header("www-authenticate"), challenge, "{method}");
    }
    // The scope reads and changes every client that registered itself, and leaves it its token.
    let read = app.http.bearer("GET", known.uri(), &admin).await.expect(200);
    assert_eq!(read, known.without(&["registration_access_token"]));
    let patch = json!({"client_name": "Named"});
    let changed = app.http.json("PATCH", known.uri(), Auth::Bearer(&admin), &patch).await.expect(200);
    assert_eq!((&changed["client_name"], changed.get("registration_access_token")), (&json!("Named"), None));
    assert_eq!(known.read(&app).await.expect(200), known.with(patch));
    assert_eq!(app.http.bearer("DELETE", known.uri(), &admin).await.expect(204), Value::Null);
    assert_not_yours(&app.http.bearer("GET", known.uri(), &admin).await, "gone");
}

#[tokio::test]
async fn put_replaces_what_was_registered_and_what_it_leaves_out_is_gone() {
    // R18, R19, R2
    spec!("RFC7592-2.2/replace", "RFC7592-2.2/omitted-removed", "RFC7592-2.2/replaced-values-returned");
    let app = TestApp::open().await;
    let known = Known::new(
        &app,
        json!({
            "redirect_uris": ["https://a.example/cb"], "client_name": "Page", "client_name#de": "Seite",
            "contacts": ["a@a.example"], "grant_types": ["authorization_code", "refresh_token"],
            "id_token_signed_response_alg": "ES256", "default_max_age": 60, "logo_uri": "https://a.example/l",
        }),
    )
    .await;
    let wanted = json!({"client_id": known.id(), "redirect_uris": ["https://b.example/cb"], "client_name": "New",
        "contacts": null, "response_types": ["code", "token"]});
    let answer = known.send(&app, "PUT", &wanted).await;
    let replaced = answer.expect(200);
    assert_eq!(
        replaced,
        json!({
            "client_id": known.id(), "client_id_issued_at": known.0["client_id_issued_at"],
            "client_secret": known.0["client_secret"], "client_secret_expires_at": 0,
            "registration_access_token": replaced["registration_access_token"],
            "registration_client_uri": known.uri(), "redirect_uris": ["https://b.example/cb"], "client_name": "New",
            "grant_types": ["authorization_code"], "response_types": ["code"], "application_type": "web",
            "token_endpoint_auth_method": "client_secret_basic", "subject_type": "public",
            "id_token_signed_response_alg": "RS256",
        })
    );
    assert_eq!((answer.header("cache-control"), answer.header("content-type")), ("no-store", "application/json"));
    assert_eq!(Known(replaced.clone()).read(&app).await.expect(200), replaced);
    // What counts is what is registered now: the address that is gone leads nowhere.
    let (_, challenge) = pkce();
    let gone = format!(
        "/authorize?response_type=code&client_id={}&redirect_uri=https://a.example/cb&scope=openid&\
         code_challenge={challenge}&code_challenge_method=S256",
        known.id()
    );
    let page = Browser::new(&app.http).get(&gone).await;
    assert_eq!((page.status, page.header("location")), (400, ""));
}

#[tokio::test]
async fn an_update_that_is_refused_changes_nothing() {
    // R18, R21, s.M5 to s.M9, s.M17, S1
    spec!(
        "RFC7592-2.2/client-id-required",
        "RFC7592-2.2/secret-matches",
        "RFC7592-2.2/secret-not-chosen",
        "RFC7592-2.2/server-members-refused",
        "RFC7592-2.2/update-invalid",
    );
    let app = TestApp::open().await;
    let (known, other) = (Known::page(&app).await, Known::page(&app).await);
    let metadata = "invalid_client_metadata";
    let cases = [
        (known.without(&["client_id"]), metadata, "client_id"),
        (known.with(json!({"client_id": null})), metadata, "client_id"),
        (known.with(json!({"client_id": other.id()})), metadata, "client_id"),
        (known.with(json!({"client_secret": "chosen"})), metadata, "client_secret"),
        (known.with(json!({"client_secret": other.0["client_secret"]})), metadata, "client_secret"),
        (known.with(json!({"client_secret": ""})), metadata, "client_secret"),
        (known.with(json!({"client_secret_expires_at": 1})), metadata, "client_secret_expires_at"),
        (known.with(json!({"client_id_issued_at": 1})), metadata, "client_id_issued_at"),
        (known.with(json!({"registration_access_token": other.token()})), metadata, "registration_access_token"),
        (known.with(json!({"registration_client_uri": other.uri()})), metadata, "registration_client_uri"),
        (known.with(json!({"redirect_uris": ["javascript:alert(1)"]})), "invalid_redirect_uri", "redirect_uris"),
        (known.with(json!({"redirect_uris": ["data:text/html,x"]})), "invalid_redirect_uri", "redirect_uris"),
        (known.with(json!({"redirect_uris": ["https://a.example/cb#x"]})), "invalid_redirect_uri", "redirect_uris"),
        (
            known.with(json!({"redirect_uris": ["http://localhost.evil.example/"]})),
            "invalid_redirect_uri",
            "redirect_uris",
        ),
        (known.without(&["redirect_uris"]), "invalid_redirect_uri", "redirect_uris"),
        (known.with(json!({"jwks": {"keys": []}, "jwks_uri": "https://a.example/j"})), metadata, "jwks"),
        (
            known.with(json!({"token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]})),
            metadata,
            "grant_types",
        ),
    ];
    for (body, code, member) in &cases {
        let answer = known.send(&app, "PUT", body).await;
        assert_eq!(answer.refusal(), (400, (*code).to_owned()), "{body}");
        assert_eq!(answer.json()["violations"][0]["member"], *member, "{body}");
    }
    for (content_type, body, status) in [
        ("text/plain", known.0.to_string(), 415),
        ("application/x-www-form-urlencoded", "client_name=x".to_owned(), 415),
        ("application/json", "{".to_owned(), 400),
        ("application/json", "[]".to_owned(), 400),
        ("application/json", String::new(), 400),
    ] {
        for method in ["PUT", "PATCH"] {
            let request = app.http.request(method, known.uri()).header("content-type", content_type);
            let answer = app.http.send(request.bearer_auth(known.token()).body(body.clone())).await;
            assert_eq!(answer.refusal(), (status, "invalid_request".to_owned()), "{method} {body}");
        }
    }
    assert_eq!(known.read(&app).await.expect(200), known.0);
    assert_eq!(other.read(&app).await.expect(200), other.0);
}

#[tokio::test]
async fn a_client_may_send_back_all_it_got_unless_its_profile_is_strict() {
    // R18
    spec!("RFC7592-2.2/secret-matches", "RFC7592-2.2/server-members-refused");
    let app = TestApp::open().await;
    let known = Known::page(&app).await;
    let changed = known.send(&app, "PUT", &known.0).await.expect(200);
    assert_eq!(
        Known(changed.clone()).without(&["registration_access_token"]),
        known.without(&["registration_access_token"])
    );
    let registration = json!({"open": true, "open_management": true, "profile": Profile::STRICT.name});
    app.settings(json!({"registration": registration})).await;
    let strict = Known::page(&app).await;
    let refused = strict.send(&app, "PUT", &strict.0).await;
    assert_eq!(refused.refusal(), (400, "invalid_client_metadata".to_owned()));
    let violations = refused.json()["violations"].clone();
    let members: Vec<&str> =
        violations.as_array().unwrap().iter().map(|violation| violation["member"].as_str().unwrap()).collect();
    let never =
        ["client_id_issued_at", "client_secret_expires_at", "registration_access_token", "registration_client_uri"];
    assert_eq!(members, never);
    assert_eq!(strict.send(&app, "PUT", &strict.without(&never)).await.status, 200);
    // The first client keeps the profile it was made under.
    let known = Known(changed);
    assert_eq!(known.send(&app, "PUT", &known.0).await.status, 200);
}

#[tokio::test]
async fn patch_changes_what_it_names_and_null_removes() {
    // RFC 7396, R2
    let app = TestApp::open().await;
    let known = Known::new(
        &app,
        json!({"redirect_uris": ["https://a.example/cb"], "client_name": "Page", "client_name#de": "Seite",
            "contacts": ["a@a.example"], "policy_uri": "https://a.example/p"}),
    )
    .await;
    let patch = json!({"client_name": "New", "client_name#de": null, "contacts": null, "policy_uri": null,
        "unknown": null, "logo_uri": "https://a.example/l", "client_id": null, "client_secret": null});
    let changed = known.send(&app, "PATCH", &patch).await.expect(200);
    let gone = ["client_name#de", "contacts", "policy_uri"];
    let expected = known.with(json!({"client_name": "New", "logo_uri": "https://a.example/l",
        "registration_access_token": changed["registration_access_token"]}));
    assert_eq!(changed, Known(expected).without(&gone));
    let known = Known(changed);
    assert_eq!(known.read(&app).await.expect(200), known.0);
    for patch in [
        json!({"redirect_uris": null}),
        json!({"redirect_uris": ["javascript:alert(1)"]}),
        json!({"client_secret": "chosen"}),
        json!({"client_id": "chosen"}),
    ] {
        assert_eq!(known.send(&app, "PATCH", &patch).await.status, 400, "{patch}");
    }
    assert_eq!(known.read(&app).await.expect(200), known.0);
    // Nothing to change is no mistake, and a merge patch may say what it is.
    let request = app.http.request("PATCH", known.uri()).header("content-type", "application/merge-patch+json");
    assert_eq!(app.http.send(request.bearer_auth(known.token()).body("{}")).await.status, 200);
}

#[tokio::test]
async fn an_update_renews_the_token_and_the_old_one_lives_until_the_new_one_is_used() {
    // R19, s.M11, s.M12, s.M18
    spec!("RFC7592-5/token-does-not-expire");
    let app = TestApp::open().await;
    let first = Known::page(&app).await;
    let patch = |name: &str| json!({"client_name": name});
    let lost = Known(first.send(&app, "PATCH", &patch("Lost")).await.expect(200));
    assert_ne!(lost.token(), first.token());
    // The answer was lost: the old token still works, and the one that was never used is forgotten.
    let second = Known(first.send(&app, "PATCH", &patch("Second")).await.expect(200));
    assert_not_yours(&lost.read(&app).await, "the lost one");
    assert_eq!(first.read(&app).await.expect(200)["client_name"], "Second");
    assert_eq!(second.read(&app).await.expect(200), second.0);
    assert_not_yours(&first.read(&app).await, "the first use of the new one ends the old one");
    assert_not_yours(&first.send(&app, "PATCH", &patch("Evil")).await, "and it changes nothing");
    assert_eq!(second.read(&app).await.expect(200), second.0);
    // Of several at once one wins, and one line of tokens lives.
    let asked = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|name| {
        let (app, second) = (&app, &second);
        async move { second.send(app, "PATCH", &json!({"client_name": name})).await }
    });
    let answers = futures_util::future::join_all(asked).await;
    let mut winners = Vec::new();
    for answer in answers {
        match answer.status {
            200 => winners.push(Known(answer.json())),
            _ => assert_eq!(answer.refusal(), (409, "conflict".to_owned())),
        }
    }
    assert!(!winners.is_empty());
    let mut alive = Vec::new();
    for winner in &winners {
        alive.extend((winner.read(&app).await.status == 200).then_some(winner));
    }
    assert_eq!(alive.len(), 1);
    assert_not_yours(&second.read(&app).await, "before the race");
}

#[tokio::test]
async fn the_secret_is_renewed_at_once_and_comes_and_goes_with_the_method() {
    // G16, R16, s.M9
    let app = TestApp::open().await;
    let known = Known::page(&app).await;
    let works = async |secret: &Value| {
        let auth = Auth::Basic(known.id(), secret.as_str().unwrap());
        app.http.form("/introspect", auth, &[("token", "x")]).await.status
    };
    assert_eq!(works(&known.0["client_secret"]).await, 200);
    let answer = app.http.bearer("POST", &format!("{}/renew_secret", known.uri()), known.token()).await;
    let renewed = Known(answer.expect(200));
    assert_eq!(answer.header("cache-control"), "no-store");
    let fresh = json!({"client_secret": renewed.0["client_secret"],
        "registration_access_token": renewed.0["registration_access_token"]});
    assert_eq!(renewed.0, known.with(fresh));
    assert!(renewed.0["client_secret"] != known.0["client_secret"] && renewed.token() != known.token());
    assert_eq!((works(&known.0["client_secret"]).await, works(&renewed.0["client_secret"]).await), (401, 200));
    let public = json!({"token_endpoint_auth_method": "none"});
    let public = Known(renewed.send(&app, "PATCH", &public).await.expect(200));
    assert_eq!((public.0.get("client_secret"), public.0.get("client_secret_expires_at")), (None, None));
    assert_eq!(works(&renewed.0["client_secret"]).await, 401);
    let refused = app.http.bearer("POST", &format!("{}/renew_secret", public.uri()), public.token()).await;
    assert_eq!(
        refused.expect(400),
        json!({"error": "invalid_request",
            "error_description": "a client with the authentication method none has no secret"})
    );
    let again = json!({"token_endpoint_auth_method": "client_secret_basic"});
    let again = Known(public.send(&app, "PATCH", &again).await.expect(200));
    assert_ne!(again.0["client_secret"], renewed.0["client_secret"]);
    assert_eq!((works(&again.0["client_secret"]).await, works(&renewed.0["client_secret"]).await), (200, 401));
}

#[tokio::test]
async fn a_deleted_client_is_dead_at_every_endpoint() {
    // s.M13, s.M14, E12
    spec!(
        "RFC7592-2.1/read-unknown-client-token",
        "RFC7592-2.3/delete",
        "RFC7592-2.3/delete-dead",
        "RFC7592-2.3/delete-grants",
    );
    let app = TestApp::open().await;
    let person = app.person("ada@example.org").await;
    let grants = json!(["authorization_code", "refresh_token", "client_credentials"]);
    let wanted =
        json!({"redirect_uris": ["https://a.example/cb"], "grant_types": grants, "scope": "openid offline_access"});
    let known = Known::new(&app, wanted).await;
    let witness = Known::page(&app).await;
    let grant = app.grant(&known.0, &person, "openid offline_access").await;
    let tokens = app.exchange(&grant).await.expect(200);
    let unspent = app.grant(&known.0, &person, "openid").await;
    let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    assert_eq!(app.http.bearer("GET", "/userinfo", access).await.status, 200);
    let asked = (0..8).map(|_| app.http.bearer("DELETE", known.uri(), known.token()));
    let answers = futures_util::future::join_all(asked).await;
    let (deleted, late): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 204);
    assert_eq!((deleted.len(), deleted[0].text.as_str(), deleted[0].header("content-type")), (1, "", ""));
    for answer in late {
        assert_not_yours(answer, "the others");
    }
    for method in METHODS {
        assert_not_yours(&known.send(&app, method, &known.0).await, method);
    }
    let invalid_client = (401, "invalid_client".to_owned());
    assert_eq!(app.exchange(&unspent).await.refusal(), invalid_client);
    assert_eq!(app.refresh(&grant, refresh).await.refusal(), invalid_client);
    let secret = known.0["client_secret"].as_str().unwrap();
    let machine = [("grant_type", "client_credentials")];
    assert_eq!(app.token(known.id(), Some(secret), &machine).await.refusal(), invalid_client);
    for path in ["/introspect", "/revoke"] {
        let answer = app.http.form(path, Auth::Basic(known.id(), secret), &[("token", access)]).await;
        assert_eq!(answer.refusal(), invalid_client, "{path}");
    }
    assert_eq!(app.http.bearer("GET", "/userinfo", access).await.refusal(), (401, "invalid_token".to_owned()));
    for token in [access, refresh] {
        assert_eq!(app.introspect(&witness.0, token).await, json!({"active": false}));
    }
    let (_, challenge) = pkce();
    let ask = format!(
        "/authorize?response_type=code&client_id={}&redirect_uri=https://a.example/cb&scope=openid&\
         code_challenge={challenge}&code_challenge_method=S256",
        known.id()
    );
    let page = Browser::new(&app.http).get(&ask).await;
    assert_eq!((page.status, page.header("location")), (400, ""));
}

#[tokio::test]
async fn a_client_that_was_taken_out_of_service_neither_manages_itself_nor_gets_tokens() {
    // s.M10
    let app = TestApp::open().await;
    let known = Known::new(&app, json!({"grant_types": ["client_credentials"]})).await;
    let disable = client::Entity::update_many().col_expr(client::Column::State, Expr::value(ClientState::Disabled));
    app.app.db.execute(disable.build(app.app.db.backend())).await.unwrap();
    app.app.clients.forget_all();
    for method in METHODS {
        assert_not_yours(&known.send(&app, method, &known.0).await, method);
    }
    let renewed = app.http.bearer("POST", &format!("{}/renew_secret", known.uri()), known.token()).await;
    assert_not_yours(&renewed, "renew_secret");
    let secret = known.0["client_secret"].as_str();
    let asked = app.token(known.id(), secret, &[("grant_type", "client_credentials")]).await;
    assert_eq!(asked.refusal(), (401, "invalid_client".to_owned()));
    let enable = client::Entity::update_many().col_expr(client::Column::State, Expr::value(ClientState::Active));
    app.app.db.execute(enable.build(app.app.db.backend())).await.unwrap();
    app.app.clients.forget_all();
    assert_eq!(known.read(&app).await.expect(200), known.0);
}

#[tokio::test]
async fn only_the_methods_of_the_address_are_taken() {
    // s.R66
    let app = TestApp::open().await;
    let known = Known::page(&app).await;
    let (own, renew) = (known.uri().to_owned(), format!("{}/renew_secret", known.uri()));
    for (method, uri, allow) in [
        ("POST", &own, "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
        ("GET", &renew, "POST, OPTIONS"),
        ("DELETE", &renew, "POST, OPTIONS"),
    ] {
        let answer = app.http.bearer(method, uri, known.token()).await;
        assert_eq!(answer.refusal(), (405, "method_not_allowed".to_owned()), "{method} {uri}");
        assert_eq!(answer.header("allow"), allow);
    }
    for uri in [&own, &renew] {
        let preflight = app.http.request("OPTIONS", uri).header("origin", "https://spa.example");
        let answer = app.http.send(preflight.header("access-control-request-method", "PUT")).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, "*"));
        assert!(answer.header("access-control-allow-methods").contains("PATCH"));
        assert!(answer.header("access-control-allow-headers").contains("authorization"));
    }
    let head = app.http.bearer("HEAD", &own, known.token()).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(known.read(&app).await.expect(200), known.0);
}

//! What is a client that follows a template, and who follows one? (portal.md G18, D-6, D-15)

use std::time::Duration;

use serde_json::{Value, json};

use super::initial_access_token::{delegate_token, ticket};
use crate::harness::http::Auth;
use crate::harness::party::{claims, text};
use crate::harness::{Answer, PASSWORD, TestApp};

const API: &str = "https://api.example";

/// A server where anybody may register and manage themselves, with a service, and an admin's token.
struct House {
    app: TestApp,
    admin: String,
}

impl House {
    async fn open() -> Self {
        Self::with(json!({})).await
    }

    async fn with(more: Value) -> Self {
        let app = TestApp::start().await;
        let mut registration = json!({"open": true, "open_management": true});
        registration.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        app.settings(json!({"registration": registration, "grants": {"password": true}})).await;
        app.service(API, &["read", "write"]).await;
        let admin = app.management_token("clients:write initial_access_tokens:write").await;
        Self { app, admin }
    }

    async fn admin(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.app.http.json(method, &format!("/api/admin{path}"), Auth::Bearer(&self.admin), body).await
    }

    async fn template(&self, metadata: Value) -> Value {
        self.admin("POST", "/templates", &json!({"metadata": metadata})).await.expect(201)
    }

    async fn change(&self, template: &Value, metadata: Value) -> Value {
        let path = format!("/templates/{}", text(template, "software_id"));
        self.admin("PATCH", &path, &json!({"metadata": metadata})).await.expect(200)
    }

    /// A program that registers itself, with the template as its `software_id`.
    async fn follower(&self, template: &Value, more: Value) -> Value {
        let mut wanted = json!({"software_id": template["software_id"]});
        wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.app.register(wanted).await
    }

    async fn token(&self, client: &Value, scope: &str) -> Answer {
        token(&self.app, client, scope).await
    }

    /// The registration as it is now.
    async fn read(&self, client: &Value) -> Value {
        let (uri, token) = (text(client, "registration_client_uri"), text(client, "registration_access_token"));
        self.app.http.bearer("GET", uri, token).await.expect(200)
    }

    async fn authorize(&self, client: &Value, redirect_uri: &str) -> u16 {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", text(client, "client_id"))
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", "openid")
            .finish();
        self.app.http.get(&format!("/authorize?{query}")).await.status
    }
}

async fn token(app: &TestApp, client: &Value, scope: &str) -> Answer {
    let fields = [("grant_type", "client_credentials"), ("scope", scope), ("resource", API)];
    app.token(text(client, "client_id"), client["client_secret"].as_str(), &fields).await
}

fn machine() -> Value {
    json!({"client_name": "Machines", "grant_types": ["client_credentials"], "scope": "read write"})
}

#[tokio::test]
async fn a_change_of_a_template_changes_the_next_token_of_all_who_follow_it() {
    spec!("portal/G18", "portal/D-6");
    let house = House::open().await;
    let template = house.template(machine()).await;
    let client = house.follower(&template, json!({"application_type": "backend_to_backend"})).await;
    let said = |client: &Value| json!([client["client_name"], client["grant_types"], client["scope"]]);
    assert_eq!(said(&client), json!(["Machines", ["client_credentials"], "read write"]));
    assert_eq!(client.get("redirect_uris"), None);
    let first = house.token(&client, "read write").await.expect(200);
    assert_eq!(first["scope"], "read write");
    let replica = house.app.replica().await;
    assert_eq!(token(&replica, &client, "read write").await.expect(200)["scope"], "read write");

    house.change(&template, json!({"scope": "read", "client_name": "Readers"})).await;
    assert_eq!(house.token(&client, "read write").await.expect(200)["scope"], "read");
    assert_eq!(house.token(&client, "write").await.refusal(), (400, "invalid_scope".to_owned()));
    assert_eq!(said(&house.read(&client).await), json!(["Readers", ["client_credentials"], "read"]));
    // What is out was issued under what the template no longer says.
    let introspected = house.app.introspect(&client, text(&first, "access_token")).await;
    assert_eq!(introspected, json!({"active": false}));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(token(&replica, &client, "read write").await.expect(200)["scope"], "read");

    house.change(&template, json!({"grant_types": ["authorization_code"]})).await;
    assert_eq!(house.token(&client, "read").await.refusal(), (400, "unauthorized_client".to_owned()));
    // What it leaves open, those who follow it say.
    house.change(&template, json!({"grant_types": null, "scope": null})).await;
    assert_eq!(house.token(&client, "write").await.expect(200)["scope"], "write");
}

#[tokio::test]
async fn a_client_has_what_both_it_and_its_template_chose() {
    spec!("portal/D-6");
    let house = House::open().await;
    let template = house.template(machine()).await;
    let wanted = json!({"client_name": "Mine", "scope": "write openid", "grant_types":
        ["client_credentials", "refresh_token"]});
    let client = house.follower(&template, wanted).await;
    let said = json!([client["client_name"], client["grant_types"], client["scope"]]);
    assert_eq!(said, json!(["Mine", ["client_credentials"], "write"]));
    assert_eq!(house.token(&client, "read").await.refusal(), (400, "invalid_scope".to_owned()));
    // A wider template gives it what it asked for then, not what it never wanted.
    house.change(&template, json!({"grant_types": ["client_credentials", "password", "refresh_token"]})).await;
    assert_eq!(house.read(&client).await["grant_types"], json!(["client_credentials", "refresh_token"]));
    let nothing = json!({"software_id": template["software_id"], "grant_types": ["implicit"],
        "redirect_uris": ["https://a.example/cb"]});
    let refused = house.app.http.post_json("/oidc/register", &nothing).await;
    assert_eq!(refused.refusal(), (400, "invalid_client_metadata".to_owned()));
    let description = refused.json()["error_description"].to_string();
    assert!(description.contains("grant_types has no value that the template allows"), "{description}");
}

#[tokio::test]
async fn redirect_uris_follow_the_template_while_the_client_has_none() {
    spec!("portal/D-6");
    let house = House::open().await;
    let (old, new) = ("https://apps.example/cb", "https://apps.example/new");
    let metadata = json!({"redirect_uris": [old], "grant_types": ["authorization_code"], "logo_uri":
        "https://apps.example/logo", "contacts": ["ops@apps.example"], "client_name": "Apps", "client_name#de": "Äpps"});
    let template = house.template(metadata).await;
    let client = house.follower(&template, json!({})).await;
    assert_eq!(client["redirect_uris"], json!([old]));
    for member in ["logo_uri", "contacts", "client_name", "client_name#de"] {
        assert_eq!(client[member], template["metadata"][member], "{member}");
    }
    let mine = house.follower(&template, json!({"redirect_uris": ["https://mine.example/cb"]})).await;
    assert_eq!((house.authorize(&client, old).await, house.authorize(&client, new).await), (303, 400));
    house.change(&template, json!({"redirect_uris": [new]})).await;
    assert_eq!((house.authorize(&client, old).await, house.authorize(&client, new).await), (400, 303));
    assert_eq!(house.authorize(&mine, "https://mine.example/cb").await, 303);
    assert_eq!(house.authorize(&mine, new).await, 400);
    // Without any, there would be no place to be sent to.
    let empty = house.template(json!({"grant_types": ["authorization_code"]})).await;
    let wanted = json!({"software_id": empty["software_id"]});
    let refused = house.app.http.post_json("/oidc/register", &wanted).await;
    assert_eq!(refused.refusal(), (400, "invalid_redirect_uri".to_owned()));
}

#[tokio::test]
async fn what_a_client_only_sends_back_is_no_choice_of_its_own() {
    spec!("portal/D-6");
    let house = House::open().await;
    let template = house
        .template(json!({"redirect_uris": ["https://apps.example/cb"], "grant_types":
        ["authorization_code", "refresh_token"], "scope": "read", "client_name": "Apps"}))
        .await;
    let client = house.follower(&template, json!({})).await;
    let (uri, token) = (text(&client, "registration_client_uri"), text(&client, "registration_access_token"));
    let mut echo = client.clone();
    echo["scope"] = json!(["read"]);
    echo["policy_uri"] = json!("https://mine.example/policy");
    let put = house.app.http.json("PUT", uri, Auth::Bearer(token), &echo).await.expect(200);
    house
        .change(
            &template,
            json!({"redirect_uris": ["https://apps.example/new"], "scope": "read write", "grant_types":
        ["authorization_code"], "client_name": "New"}),
        )
        .await;
    let now = house.read(&put).await;
    let said = json!([now["redirect_uris"], now["scope"], now["grant_types"], now["client_name"], now["policy_uri"]]);
    let expected = json!([
        ["https://apps.example/new"],
        "read write",
        ["authorization_code"],
        "New",
        "https://mine.example/policy"
    ]);
    assert_eq!(said, expected);
    // A patch says what it says, and no more.
    let patch = json!({"client_name": "Mine"});
    let (uri, token) = (text(&now, "registration_client_uri"), text(&now, "registration_access_token"));
    let patched = house.app.http.json("PATCH", uri, Auth::Bearer(token), &patch).await.expect(200);
    house.change(&template, json!({"client_name": "Newer", "scope": "write"})).await;
    let now = house.read(&patched).await;
    assert_eq!(json!([now["client_name"], now["scope"]]), json!(["Mine", "write"]));
}

#[tokio::test]
async fn a_template_is_no_client_and_stays_while_it_is_followed() {
    spec!("portal/G51", "portal/D-6");
    let house = House::open().await;
    let template = house.template(machine()).await;
    let id = text(&template, "software_id");
    let of_it = json!({"client_id": id, "client_secret": "x"});
    assert_eq!(house.token(&of_it, "read").await.refusal(), (401, "invalid_client".to_owned()));
    assert_eq!(house.authorize(&of_it, "https://apps.example/cb").await, 400);
    let caller = Auth::Basic(id, "x");
    let introspected = house.app.http.form("/introspect", caller, &[("token", "x")]).await;
    assert_eq!(introspected.refusal(), (401, "invalid_client".to_owned()));
    let revoked = house.app.http.form("/revoke", Auth::Basic(id, "x"), &[("token", "x")]).await;
    assert_eq!(revoked.refusal(), (401, "invalid_client".to_owned()));
    let manager = delegate_token(&house.app, "dcr dcr_admin", "dcr_admin").await;
    let managed = house.app.http.bearer("GET", &format!("/oidc/register/{id}"), &manager).await;
    assert_eq!(managed.refusal(), (401, "invalid_token".to_owned()));
    for path in [format!("/clients/{id}"), format!("/clients/{}", text(&template, "id"))] {
        house.admin("GET", &path, &json!({})).await.expect(404);
        house.admin("POST", &format!("{path}/trust"), &json!({})).await.expect(404);
    }
    let clients = house.admin("GET", "/clients", &json!({})).await.expect(200);
    assert!(!clients.to_string().contains(id), "{clients}");

    let client = house.follower(&template, json!({})).await;
    let path = format!("/templates/{id}");
    assert_eq!(house.admin("GET", &path, &json!({})).await.expect(200)["clients"], 1);
    assert_eq!(house.admin("DELETE", &path, &json!({})).await.status, 409);
    assert_eq!(house.token(&client, "read").await.status, 200);
    let (uri, token) = (text(&client, "registration_client_uri"), text(&client, "registration_access_token"));
    house.app.http.bearer("DELETE", uri, token).await.expect(204);
    let stale = house.app.http.request("DELETE", &format!("/api/admin{path}")).bearer_auth(&house.admin);
    assert_eq!(house.app.http.send(stale.header("if-match", "\"v7\"")).await.status, 412);
    house.admin("DELETE", &path, &json!({})).await.expect(204);
    house.admin("GET", &path, &json!({})).await.expect(404);
}

#[tokio::test]
async fn a_software_id_that_names_no_template_is_stored_unless_one_is_required() {
    spec!("portal/D-15", "portal/G51", "portal/G52");
    let house = House::open().await;
    let page = |software_id: Value| json!({"redirect_uris": ["https://a.example/cb"], "software_id": software_id});
    let client = house.app.register(page(json!("4NRB1-0XZABZI9E6-5SM3R"))).await;
    assert_eq!(client["software_id"], "4NRB1-0XZABZI9E6-5SM3R");
    let naming = house.app.register(page(client["client_id"].clone())).await;
    assert_eq!(naming["redirect_uris"], json!(["https://a.example/cb"]));

    let strict = House::with(json!({"templates_required": true})).await;
    let template = strict.template(machine()).await;
    let client = strict.follower(&template, json!({})).await;
    for (sent, description) in [
        (json!("4NRB1-X"), "No template found for software_id 4NRB1-X"),
        (client["client_id"].clone(), "Client behind software_id is not a template"),
        (Value::Null, "software_id is missing: it names the template to follow"),
    ] {
        let refused = strict.app.http.post_json("/oidc/register", &page(sent)).await;
        assert_eq!(refused.refusal(), (400, "invalid_client_metadata".to_owned()));
        assert_eq!(refused.json()["error_description"], description);
        assert_eq!(refused.json()["violations"][0]["member"], "software_id");
    }
    // A client keeps its template whatever it says later.
    let (uri, token) = (text(&client, "registration_client_uri"), text(&client, "registration_access_token"));
    let put = json!({"client_id": client["client_id"], "software_id": "other", "scope": "read write openid"});
    let put = strict.app.http.json("PUT", uri, Auth::Bearer(token), &put).await.expect(200);
    assert_eq!(json!([put["software_id"], put["scope"]]), json!(["other", "read write"]));
}

#[tokio::test]
async fn whoever_may_register_with_a_token_sees_the_templates() {
    spec!("portal/G46", "portal/G47", "portal/G51");
    let house = House::open().await;
    let invited = ticket(&house.app, Some(1)).await;
    let templates = |token: &str| {
        let request = house.app.http.request("GET", "/oidc/register_templates").bearer_auth(token);
        house.app.http.send(request)
    };
    assert_eq!(templates(&invited).await.expect(200), json!([]));
    let named = house.template(machine()).await;
    let unnamed = house.template(json!({"scope": "read"})).await;
    let expected = json!([
        {"software_id": named["software_id"], "description": "Machines"},
        {"software_id": unnamed["software_id"], "description": unnamed["software_id"]},
    ]);
    let registrar = delegate_token(&house.app, "dcr", "dcr").await;
    for token in [&invited, &invited, &registrar] {
        assert_eq!(templates(token).await.expect(200), expected);
    }
    assert_eq!(templates("iat_x").await.refusal(), (401, "invalid_token".to_owned()));
    let anonymous = house.app.http.get("/oidc/register_templates").await;
    assert_eq!(anonymous.refusal(), (401, "invalid_token".to_owned()));
    let discovery = || house.app.http.get("/.well-known/openid-configuration");
    let endpoint = "registration_templates_endpoint";
    assert_eq!(discovery().await.expect(200)[endpoint], house.app.url("/oidc/register_templates"));
    // Looking spends nothing.
    let page = json!({"redirect_uris": ["https://a.example/cb"]});
    house.app.http.json("POST", "/oidc/register", Auth::Bearer(&invited), &page).await.expect(201);

    house.app.settings(json!({"registration": {"open": true, "templates": false}})).await;
    assert_eq!(discovery().await.expect(200).get(endpoint), None);
    let forbidden =
        json!({"error": "registration_forbidden", "error_description": "Not allowed to access to this resource."});
    assert_eq!(templates(&registrar).await.expect(403), forbidden);
    let alone = house.app.http.post_json("/oidc/register", &json!({"software_id": named["software_id"]})).await;
    assert_eq!(alone.refusal(), (400, "invalid_redirect_uri".to_owned()));
}

#[tokio::test]
async fn an_initial_access_token_makes_its_clients_follow_its_template() {
    spec!("portal/D-6");
    let house = House::open().await;
    let metadata = json!({"grant_types": ["password"], "scope": "read"});
    let new = json!({"metadata": metadata, "first_party": true, "token_format": "opaque"});
    let template = house.admin("POST", "/templates", &new).await.expect(201);
    let other = house.template(machine()).await;
    let wrong = json!({"name": "t", "template": "unknown"});
    assert_eq!(house.admin("POST", "/initial-access-tokens", &wrong).await.status, 400);
    let new = json!({"name": "t", "template": template["software_id"]});
    let made = house.admin("POST", "/initial-access-tokens", &new).await.expect(201);
    assert_eq!(made["template_id"], template["id"]);
    let bearer = Auth::Bearer(text(&made, "initial_access_token"));
    // It counts before a software_id.
    let wish = json!({"software_id": other["software_id"]});
    let client = house.app.http.json("POST", "/oidc/register", bearer, &wish).await.expect(201);
    assert_eq!(json!([client["grant_types"], client["scope"]]), json!([["password"], "read"]));
    let offered = house.app.http.bearer("GET", "/oidc/register_templates", text(&made, "initial_access_token")).await;
    assert_eq!(offered.expect(200).as_array().unwrap().len(), 1);

    // An admin let it in, so it is one of ours, as the template says; who came by themselves is not.
    house.app.person("ada@example.org").await;
    let fields = [
        ("grant_type", "password"),
        ("username", "ada@example.org"),
        ("password", PASSWORD),
        ("scope", "read"),
        ("resource", API),
    ];
    let ask = |client: Value| {
        let app = &house.app;
        async move { app.token(text(&client, "client_id"), client["client_secret"].as_str(), &fields).await }
    };
    let tokens = ask(client.clone()).await.expect(200);
    assert!(text(&tokens, "access_token").starts_with("at_"), "the template wants opaque tokens: {tokens}");
    let stranger = house.follower(&template, json!({})).await;
    assert_eq!(ask(stranger).await.refusal(), (400, "unauthorized_client".to_owned()));

    let path = format!("/templates/{}", text(&other, "software_id"));
    let new = json!({"name": "t", "template": other["id"]});
    let waiting = house.admin("POST", "/initial-access-tokens", &new).await.expect(201);
    assert_eq!(house.admin("DELETE", &path, &json!({})).await.status, 409);
    let revoke = format!("/initial-access-tokens/{}", text(&waiting, "id"));
    house.admin("DELETE", &revoke, &json!({})).await.expect(204);
    house.admin("DELETE", &path, &json!({})).await.expect(204);
}

#[tokio::test]
async fn an_admin_makes_a_client_follow_a_template_and_leave_it() {
    spec!("portal/D-6");
    let house = House::open().await;
    let template = house.template(machine()).await;
    let client = house.app.register(json!({"client_name": "Own", "grant_types": ["client_credentials"]})).await;
    assert_eq!(house.token(&client, "write").await.expect(200)["scope"], "write");
    house.change(&template, json!({"scope": "read"})).await;
    let at = |verb: &str| format!("/clients/{}/{verb}", text(&client, "client_id"));
    let wish = json!({"template": template["software_id"]});
    let followed = house.admin("POST", &at("follow-template"), &wish).await.expect(200);
    assert_eq!(followed["template_id"], template["id"]);
    assert_eq!(house.token(&client, "write").await.refusal(), (400, "invalid_scope".to_owned()));
    let left = house.admin("POST", &at("leave-template"), &json!({})).await.expect(200);
    assert_eq!(left["template_id"], Value::Null);
    let issued = house.token(&client, "write").await.expect(200);
    assert_eq!(claims(text(&issued, "access_token"))["scope"], "write");
    assert_eq!(house.admin("POST", &at("follow-template"), &json!({"template": "none"})).await.status, 400);
    // A client that lives of its template cannot leave it.
    let pages = house.template(json!({"redirect_uris": ["https://apps.example/cb"]})).await;
    let follower = house.follower(&pages, json!({"grant_types": ["authorization_code"]})).await;
    let leave = format!("/clients/{}/leave-template", text(&follower, "client_id"));
    assert_eq!(house.admin("POST", &leave, &json!({})).await.status, 400);
    let log = house.app.http.bearer("GET", "/api/admin/clients", &house.admin).await.expect(200);
    assert_eq!(log["total"], 2);
}

#[tokio::test]
async fn templates_are_listed_changed_by_version_and_refused_with_all_that_is_wrong() {
    let house = House::open().await;
    let (first, second) = (house.template(machine()).await, house.template(json!({})).await);
    let listed = house.admin("GET", "/templates", &json!({})).await.expect(200);
    assert_eq!(listed["items"], json!([first, second]));
    assert_eq!((&listed["total"], &second["version"], &second["clients"]), (&json!(2), &json!(1), &json!(0)));
    let path = format!("/api/admin/templates/{}", text(&first, "id"));
    let send = |tag: &'static str| {
        let body = json!({"first_party": true, "metadata": {"tos_uri": "https://a.example/tos"}});
        let request = house.app.http.request("PATCH", &path).bearer_auth(&house.admin).header("if-match", tag);
        house.app.http.send(request.json(&body))
    };
    let changed = send("\"v1\"").await;
    assert_eq!(changed.header("etag"), "\"v2\"");
    let changed = changed.expect(200);
    assert_eq!(json!([changed["first_party"], changed["metadata"]["scope"]]), json!([true, "read write"]));
    assert_eq!(changed["metadata"]["tos_uri"], "https://a.example/tos");
    assert_eq!(send("\"v1\"").await.status, 412);
    for wrong in [json!({"scope": "read unheard"}), json!({"redirect_uris": ["javascript:alert(1)"]})] {
        let refused = house.admin("POST", "/templates", &json!({"metadata": wrong})).await;
        assert_eq!(refused.status, 400, "{wrong}");
    }
}

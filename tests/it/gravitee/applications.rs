//! Applications, as Gravitee's management API tells them (portal.md G55 to G63).

use serde_json::{Value, json};

use super::{Script, code, coded, id, millis, refusal, registering, registers_here, simple, wish, wrong};
use crate::harness::TestApp;

fn path(application: &Value) -> String {
    format!("/applications/{}", id(application))
}

#[tokio::test]
async fn a_simple_application_is_made_read_changed_and_archived() {
    spec!("portal/G55", "portal/G56", "portal/G3");
    let app = TestApp::at_a_standstill().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let wish = json!({
        "name": "Shop", "description": "Sells", "domain": "shop.example", "groups": ["g-1"],
        "settings": {"app": {"type": "Web shop", "client_id": "my-shop"}}, "unheard": "of",
    });
    let made = dev.post("/applications", wish).await;
    let expected_location = format!("{}{}{}", app.issuer, super::HOME, path(&made.json()));
    assert_eq!(made.header("location"), expected_location);
    let made = made.expect(201);
    let owner = dev.actor.user.as_ref().unwrap();
    let mut expected = json!({
        "id": id(&made), "name": "Shop", "description": "Sells", "domain": "shop.example", "groups": ["g-1"],
        "status": "ACTIVE", "type": "SIMPLE", "created_at": millis(&app), "updated_at": millis(&app),
        "owner": {"id": owner.id, "email": "dev@example.org", "type": "USER",
                  "displayName": owner.name.clone().unwrap_or("dev@example.org".to_owned())},
        "settings": {"app": {"type": "Web shop", "client_id": "my-shop"}},
        "disable_membership_notifications": false, "api_key_mode": "UNSPECIFIED", "origin": "MANAGEMENT",
    });
    assert_eq!(made, expected);
    assert_eq!(dev.get(&path(&made)).await.expect(200), expected);

    let listed = dev.get("/applications").await.expect(200);
    let picture = format!("{}{}{}/picture?hash={}", app.issuer, super::HOME, path(&made), millis(&app));
    expected["picture_url"] = picture.into();
    assert_eq!(listed, json!([expected]));
    let page = json!({"current": 1, "per_page": 5, "size": 1, "total_pages": 1, "total_elements": 1});
    let paged = dev.get("/applications/_paged?size=5&query=HO").await.expect(200);
    assert_eq!(paged, json!({"data": [expected], "page": page}));

    let change = json!({"name": "Store", "description": "", "settings": {"app": {"client_id": "my-store"}}});
    let changed = dev.put(&path(&made), change).await.expect(200);
    assert_eq!((&changed["name"], &changed["settings"]), (&json!("Store"), &json!({"app": {"client_id": "my-store"}})));
    assert_eq!((changed.get("domain"), &changed["groups"]), (None, &json!([])), "everything is what was sent");
    assert_eq!(dev.delete(&path(&made)).await.expect(204), Value::Null);
    let gone = coded(404, "application.notFound");
    assert_eq!(code(&dev.get(&path(&made)).await), gone);
    assert_eq!(code(&dev.delete(&path(&made)).await), gone);
}

#[tokio::test]
async fn an_application_without_settings_is_simple_and_one_with_both_is_none() {
    spec!("portal/G55");
    let app = registering().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let old = json!({"name": "Old", "description": "Legacy", "type": "Legacy", "clientId": "legacy-1"});
    let made = dev.post("/applications", old).await.expect(201);
    assert_eq!(made["settings"], json!({"app": {"type": "Legacy", "client_id": "legacy-1"}}));
    let mut both = wish("Both", "web", &["authorization_code"]);
    both["settings"]["app"] = json!({});
    let told = "Application is defined with a missing type or multiple types (app / oauth)";
    let expected = (400, "application.invalid".to_owned(), told.to_owned());
    assert_eq!(refusal(&dev.post("/applications", both.clone()).await), expected);
    assert_eq!(refusal(&dev.put(&path(&made), both).await), expected);
    assert_eq!(refusal(&dev.put(&path(&made), wish("x", "web", &["authorization_code"])).await), expected);
    let none = json!({"name": "None", "description": "x", "settings": {}});
    assert_eq!(refusal(&dev.put(&path(&made), none).await), expected);
    let bad = json!({"name": 5, "settings": {"app": [], "oauth": {"grant_types": "x", "redirect_uris": [1]}}});
    let fields = ["description", "name", "settings.app", "settings.oauth.grant_types", "settings.oauth.redirect_uris"];
    let mut told = wrong(&dev.post("/applications", bad).await);
    told.sort();
    assert_eq!(told, fields);
    let missing = dev.post("/applications", json!({})).await.json();
    assert_eq!(
        missing,
        json!({
            "message": "Name must not be null", "http_status": 400, "path": "name",
            "details": [{"message": "name must not be null", "location": "name"},
                        {"message": "description must not be null", "location": "description"}],
        })
    );
}

#[tokio::test]
async fn an_application_with_a_client_is_registered_where_an_admin_said() {
    spec!("portal/G56", "portal/G7", "portal/G17");
    let app = registering().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let made = dev.oauth("Web", "web", &["authorization_code", "refresh_token"]).await;
    let oauth = &made["settings"]["oauth"];
    assert_eq!(oauth["client_secret"].as_str().unwrap().len(), 64);
    assert_eq!(
        *oauth,
        json!({
            "client_id": oauth["client_id"], "client_secret": oauth["client_secret"],
            "redirect_uris": ["https://client.example/cb"], "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token"], "application_type": "web",
            "renew_client_secret_supported": true,
        })
    );
    assert_eq!(made["type"], "WEB");
    assert_eq!(dev.get(&path(&made)).await.expect(200)["settings"], made["settings"], "its owner may exchange it");
    let listed = &dev.get("/applications").await.expect(200)[0]["settings"]["oauth"];
    assert_eq!((listed.get("client_secret"), &listed["client_id"]), (None, &oauth["client_id"]));
    for kind in ["browser", "native"] {
        let public = dev.oauth(kind, kind, &["authorization_code"]).await;
        assert_eq!(public["settings"]["oauth"].get("client_secret"), None, "{kind}");
        assert_eq!(public["settings"]["oauth"]["renew_client_secret_supported"], false);
    }
    let machine = dev.oauth("Machine", "backend_to_backend", &["client_credentials"]).await;
    assert_eq!(machine["settings"]["oauth"]["grant_types"], json!(["client_credentials"]));
    assert_eq!(machine["settings"]["oauth"]["response_types"], json!([]));
    let mut change = wish("Web", "web", &["implicit"]);
    change["settings"]["oauth"]["redirect_uris"] = json!(["https://other.example/cb"]);
    let changed = dev.put(&path(&made), change).await.expect(200);
    let oauth = &changed["settings"]["oauth"];
    assert_eq!(oauth["redirect_uris"], json!(["https://other.example/cb"]));
    assert_eq!(oauth["grant_types"], json!(["authorization_code", "implicit"]), "mandatory ones are added (D-7)");
}

#[tokio::test]
async fn refusals_have_the_codes_that_scripts_compare() {
    spec!("portal/G57", "portal/G4", "portal/D-7", "portal/D-3");
    let app = TestApp::start().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let asked = async |body: Value| refusal(&dev.post("/applications", body).await);
    let expected = |status: u16, code: &str, message: &str| (status, code.to_owned(), message.to_owned());
    let web = || wish("Web", "web", &["authorization_code"]);
    assert_eq!(asked(web()).await, expected(400, "", "The client registration is disabled"));
    app.settings(json!({"registration": {"portal": true}})).await;
    let missing = "No Dynamic Client Registration provider has been defined, making impossible to create an oauth-based \
                   application.";
    assert_eq!(asked(web()).await, expected(400, "clientRegistrationProvider.missing", missing));
    registers_here(&app).await;
    app.settings(json!({"registration": {"portal": true}, "types": {"native": false}})).await;
    let off = asked(wish("Phone", "native", &["authorization_code"])).await;
    assert_eq!(off, expected(400, "", "Application type 'native' is not allowed"));
    assert_eq!(asked(wish("x", "spaceship", &["implicit"])).await.1, "applicationType.notFound");
    let none = dev.post("/applications", wish("x", "web", &[])).await;
    assert_eq!(code(&none), coded(404, "application.grantTypesNotFound"));
    let wrong_grants = dev.post("/applications", wish("x", "web", &["authorization_code", "password"])).await;
    assert_eq!(code(&wrong_grants), coded(400, "application.grantTypesNotAllowed"));
    let parameters = json!({"applicationType": "web", "targetGrantTypes": "authorization_code|password"});
    assert_eq!(wrong_grants.json()["parameters"], parameters);
    let mut nowhere = web();
    nowhere["settings"]["oauth"]["redirect_uris"] = json!([]);
    assert_eq!(asked(nowhere).await.1, "application.redirectUrisNotFound");
    dev.post("/applications", simple("One", Some("taken"))).await.expect(201);
    let taken = dev.post("/applications", simple("Two", Some("taken"))).await;
    let told = "An application already exists with client_id [taken]";
    assert_eq!(refusal(&taken), expected(400, "application.clientId.exists", told));
    assert_eq!(taken.json()["parameters"], json!({"clientId": "taken"}));
}

#[tokio::test]
async fn a_secret_is_renewed_and_the_old_one_is_refused() {
    spec!("portal/G60");
    // G16
    let app = registering().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let made = dev.oauth("Machine", "backend_to_backend", &["client_credentials"]).await;
    let renewed = dev.call(&format!("{}/renew_secret", path(&made))).await.expect(200);
    let secret = |told: &Value| told["settings"]["oauth"]["client_secret"].as_str().unwrap().to_owned();
    assert_ne!(secret(&renewed), secret(&made));
    let client_id = made["settings"]["oauth"]["client_id"].as_str().unwrap();
    let form = [("grant_type", "client_credentials")];
    let token = async |secret: &str| {
        app.http.form("/token", crate::harness::http::Auth::Basic(client_id, secret), &form).await.status
    };
    assert_eq!((token(&secret(&made)).await, token(&secret(&renewed)).await), (401, 200));
    for kind in ["browser", "simple"] {
        let other = match kind {
            "simple" => dev.post("/applications", simple("Simple", Some("s-1"))).await.expect(201),
            kind => dev.oauth(kind, kind, &["authorization_code"]).await,
        };
        let refused = dev.call(&format!("{}/renew_secret", path(&other))).await;
        assert_eq!(code(&refused), coded(400, "application.renewSecret"), "{kind}");
    }
}

#[tokio::test]
async fn nobody_but_its_people_knows_an_application() {
    spec!("portal/G29");
    let app = registering().await;
    let (dev, other) =
        (Script::developer(&app, "dev@example.org").await, Script::developer(&app, "o@example.org").await);
    let made = dev.oauth("Web", "web", &["authorization_code"]).await;
    let path = path(&made);
    let hidden = coded(404, "application.notFound");
    assert_eq!(code(&other.get(&path).await), hidden);
    assert_eq!(code(&other.put(&path, wish("x", "web", &["authorization_code"])).await), hidden);
    assert_eq!(code(&other.delete(&path).await), hidden);
    for below in ["/members", "/members/permissions", "/subscriptions", "/configuration", "/picture"] {
        assert_eq!(code(&other.get(&format!("{path}{below}")).await), hidden, "{below}");
    }
    assert_eq!(code(&other.call(&format!("{path}/renew_secret")).await), hidden);
    assert_eq!(code(&other.call(&format!("{path}/_restore")).await), coded(403, "forbidden"));
    assert_eq!(other.get("/applications").await.expect(200), json!([]));
    assert_eq!(code(&dev.get("/applications/not-an-id").await), hidden);
}

#[tokio::test]
async fn an_archived_application_is_restored_by_an_admin_alone() {
    spec!("portal/G61", "portal/G34", "portal/D-23");
    let app = registering().await;
    let (dev, admin) = (Script::developer(&app, "dev@example.org").await, Script::admin(&app).await);
    let made = dev.post("/applications", simple("Shop", Some("shop-1"))).await.expect(201);
    let path = path(&made);
    let restore = format!("{path}/_restore");
    let told = "Application [Shop] is active and cannot be restored.";
    assert_eq!(refusal(&admin.call(&restore).await), (400, "application.active".to_owned(), told.to_owned()));
    dev.delete(&path).await.expect(204);
    let forbidden = "You do not have sufficient rights to access this resource";
    let expected = (403, "forbidden".to_owned(), forbidden.to_owned());
    assert_eq!(refusal(&dev.get("/applications?status=ARCHIVED").await), expected);
    assert_eq!(refusal(&dev.call(&restore).await), expected);

    let archived = admin.get("/applications/_paged?status=ARCHIVED&order=-updated_at").await.expect(200);
    assert_eq!((&archived["data"][0]["status"], archived["data"][0].get("owner")), (&json!("ARCHIVED"), None));
    assert_eq!(admin.get(&path).await.expect(200)["status"], "ARCHIVED");
    let change = simple("Shop", Some("shop-1"));
    assert_eq!(code(&admin.put(&path, change).await), coded(400, "application.archived"));
    for gone in [
        admin.delete(&path).await,
        admin.get(&format!("{path}/members")).await,
        admin.get(&format!("{path}/subscriptions")).await,
        admin.get(&format!("{path}/configuration")).await,
        admin.call(&format!("{path}/renew_secret")).await,
    ] {
        assert_eq!(code(&gone), coded(404, "application.notFound"));
    }
    let squatter = dev.post("/applications", simple("Squatter", Some("shop-1"))).await.expect(201);
    assert_eq!(code(&admin.call(&restore).await), coded(400, "application.clientId.exists"));
    dev.delete(&self::path(&squatter)).await.expect(204);
    let back = admin.call(&restore).await.expect(200);
    assert_eq!((&back["status"], &back["owner"]["email"]), (&json!("ACTIVE"), &json!("admin@example.org")));
    assert_eq!(back["settings"], json!({"app": {"client_id": "shop-1"}}));
    assert_eq!(code(&dev.get(&path).await), coded(404, "application.notFound"), "it is the admin's now");
}

#[tokio::test]
async fn a_list_is_filtered_ordered_and_paged() {
    spec!("portal/G58");
    let app = TestApp::start().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    for name in ["banana", "Apple", "cherry"] {
        dev.post("/applications", simple(name, None)).await.expect(201);
    }
    let names = async |query: &str| {
        let listed = dev.get(&format!("/applications/_paged?{query}")).await.expect(200);
        let data = listed["data"].as_array().unwrap().clone();
        data.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["Apple", "banana", "cherry"]);
    assert_eq!(names("order=-name&size=2").await, ["cherry", "banana"]);
    assert_eq!(names("order=-name&size=2&page=2").await, ["Apple"]);
    assert_eq!(names("query=AN").await, ["banana"]);
    assert_eq!(wrong(&dev.get("/applications/_paged?page=0&size=501").await), ["page", "size"]);
    assert_eq!(wrong(&dev.get("/applications?status=GONE&order=size").await), ["status", "order"]);
    assert_eq!(dev.get("/applications/_paged?page=x").await.status, 400);
}

#[tokio::test]
async fn a_picture_is_kept_and_shown() {
    // G56
    let app = TestApp::start().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let png = "data:image/png;base64,iVBORw0KGgo=";
    let mut body = simple("Shop", None);
    body["picture"] = png.into();
    let made = dev.post("/applications", body).await.expect(201);
    assert_eq!(made["picture"], png);
    let picture = dev.get(&format!("{}/picture", path(&made))).await;
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));
    let kept = dev.put(&path(&made), simple("Shop", None)).await.expect(200);
    assert_eq!(kept["picture"], png, "one that is not sent stays");
    let mut none = simple("Shop", None);
    none["picture"] = Value::Null;
    assert_eq!(dev.put(&path(&made), none).await.expect(200).get("picture"), None);
    let mut bad = simple("Shop", None);
    bad["picture"] = "https://elsewhere.example/logo.png".into();
    assert_eq!(wrong(&dev.put(&path(&made), bad).await), ["picture"]);
}

//! From the registration of an application to the end of its client, at a provider.

use registrar::jobs::expire;
use registrar::oidc::client::ApplicationType;
use registrar::portal::client::{self, Which, secret};
use registrar::portal::provider::{self, Change, Refusal};
use registrar::portal::{Actor, Error, application as applications};
use serde_json::{Value, json};

use super::super::admin;
use super::{application, calls, client_of, clients, new, nothing_is_stored, portal, ready, refusal, set_up};
use crate::harness::provider::{Does, Provider};

fn ada() -> Actor {
    Actor::operator("ada")
}

#[tokio::test]
async fn an_application_is_registered_with_the_provider() {
    spec!("portal/G5", "portal/G13", "portal/G14", "portal/G17", "portal/G41");
    let (site, there) = (portal().await, Provider::start().await);
    // What a real Gravitee is used to.
    there.tells("registration_renew_secret_endpoint", format!("{}/register/:client_id/renew_secret", there.issuer));
    let templated = super::New { software_id: Some("template-1".to_owned()), ..new(&there.discovery()) };
    set_up(&site, templated).await.unwrap();
    let web = application(&site, ApplicationType::Web).await.unwrap();
    let asked = &there.heard("POST /register")[0];
    assert_eq!(asked.header("authorization"), "Bearer iat-1");
    assert!(!asked.header("idempotency-key").is_empty());
    assert_eq!(
        asked.json(),
        json!({
            "client_name": "Shop", "application_type": "web", "redirect_uris": ["https://client.example/cb"],
            "grant_types": ["authorization_code", "implicit", "refresh_token", "client_credentials", "password"],
            "response_types": ["code", "token", "id_token"], "software_id": "template-1",
        })
    );
    let given = web.secret.clone().unwrap();
    assert!(client_of(&web).client_id().starts_with("remote-") && given.expose().starts_with("secret-remote-"));
    let browser = application(&site, ApplicationType::Browser).await.unwrap();
    let backend = application(&site, ApplicationType::BackendToBackend).await.unwrap();
    application(&site, ApplicationType::Native).await.unwrap();
    assert!(browser.secret.is_none() && backend.secret.is_some());
    // Empty lists are sent, and nothing that is not there (portal.md 9.1, P-3).
    let asked = there.heard("POST /register")[2].json();
    let wanted = json!({
        "application_type": "backend_to_backend", "client_name": "Shop", "grant_types": ["client_credentials"],
        "redirect_uris": [], "response_types": [], "software_id": "template-1",
    });
    assert_eq!(asked, wanted);
    assert!(calls(&site).await.is_empty());
    let sealed = clients(&site).await.pop().unwrap();
    assert!(!format!("{sealed:?}").contains("rat-remote"), "s.N9");
}

#[tokio::test]
async fn a_token_that_is_refused_is_fetched_once_more() {
    spec!("portal/D-22");
    let (site, there, _) = ready().await;
    there.does("POST /register", Does::Says(401, json!({"error": "invalid_token"})));
    let refused = refusal(application(&site, ApplicationType::Web).await);
    assert_eq!(refused.describe(), "the provider did not do it: it answered 401 invalid_token");
    let shown: Vec<String> =
        there.heard("POST /register").iter().map(|heard| heard.header("authorization").to_owned()).collect();
    assert_eq!(shown, ["Bearer iat-1", "Bearer iat-2"]);
    nothing_is_stored(&site).await;
    assert!(calls(&site).await.is_empty(), "a definite no leaves nothing to look into");
}

#[tokio::test]
async fn what_the_provider_says_no_to_is_told_and_not_stored() {
    spec!("portal/P-7");
    let (site, there, _) = ready().await;
    let no = json!({"error": "invalid_redirect_uri", "error_description": "client.example is on no list"});
    there.does("POST /register", Does::Says(400, no));
    let told = refusal(application(&site, ApplicationType::Web).await).describe();
    assert_eq!(told, "the provider did not do it: it answered 400 invalid_redirect_uri: client.example is on no list");
    nothing_is_stored(&site).await;
    assert!(calls(&site).await.is_empty());
}

#[tokio::test]
async fn a_change_goes_to_the_provider_first() {
    spec!("portal/G43", "portal/P-4", "portal/P-6");
    let (site, there, _) = ready().await;
    let (app, tenant) = (&site.app, site.tenant());
    let made = application(&site, ApplicationType::Web).await.unwrap();
    let id = made.application.row.id;
    let uris = |uri: &str| applications::Change {
        redirect_uris: Some(vec![uri.to_owned()]),
        ..applications::Change::default()
    };
    applications::change(app, &tenant, &ada(), id, None, uris("https://two.example/cb")).await.unwrap();
    let put = &there.heard("PUT")[0];
    let body = put.json();
    assert_eq!(body["client_id"], client_of(&made).client_id());
    assert_eq!(body["redirect_uris"], json!(["https://two.example/cb"]));
    assert_eq!(body["client_secret"], made.secret.as_ref().unwrap().expose());
    assert!(body.get("registration_access_token").is_none() && !put.body.contains("null"));
    let rename = applications::Change { name: Some("Market".to_owned()), ..applications::Change::default() };
    applications::change(app, &tenant, &ada(), id, None, rename).await.unwrap();
    let put = &there.heard("PUT")[1];
    assert_eq!(
        (put.json()["client_name"].as_str(), put.json()["redirect_uris"][0].as_str()),
        (Some("Market"), Some("https://two.example/cb"))
    );
    assert_ne!(put.header("authorization"), there.heard("PUT")[0].header("authorization"), "the rotated token is used");
    // Down: an error, and what is stored stays.
    let before = clients(&site).await;
    there.does(&format!("PUT /register/{}", client_of(&made).client_id()), Does::Says(400, json!({"error": "no"})));
    let refused = applications::change(app, &tenant, &ada(), id, None, uris("https://three.example/cb")).await;
    assert!(matches!(refused, Err(Error::Provider(Refusal::Refused(_)))), "{refused:?}");
    assert_eq!(clients(&site).await, before);
    assert!(calls(&site).await.is_empty());
}

#[tokio::test]
async fn a_secret_is_renewed_where_it_came_from() {
    spec!("portal/G16", "portal/G44");
    let (site, there, row) = ready().await;
    let (app, tenant) = (&site.app, site.tenant());
    let made = application(&site, ApplicationType::Web).await.unwrap();
    let (id, client_id) = (made.application.row.id, client_of(&made).client_id().to_owned());
    let which = Which::of(id, &client_id);
    let renewed = secret::regenerate(app, &tenant, &ada(), which).await.unwrap();
    let asked = &there.heard("POST /register/")[0];
    assert_eq!(
        (asked.line.as_str(), asked.body.as_str()),
        (format!("POST /register/{client_id}/renew_secret").as_str(), "")
    );
    assert!(asked.header("authorization").starts_with("Bearer rat-"));
    assert!(renewed.value.expose().starts_with("renewed-"));
    let kept = secret::reveal(app, &tenant, &ada(), which).await.unwrap().unwrap();
    assert_eq!(kept.expose(), renewed.value.expose());
    let listed = secret::list(app, &tenant, &ada(), which).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(matches!(secret::add(app, &tenant, &ada(), which, None).await, Err(Error::Invalid(_))));
    let off = Change { renew_secret: Some(false), ..Change::default() };
    provider::change(app, &tenant, &admin(), row.id, off).await.unwrap();
    assert_eq!(refusal(secret::regenerate(app, &tenant, &ada(), which).await), Refusal::NoRenewal);
    assert!(calls(&site).await.is_empty());
}

#[tokio::test]
async fn a_client_that_is_removed_ends_at_its_provider_too() {
    spec!("portal/G45", "portal/D-5", "portal/P-1");
    let (site, there, row) = ready().await;
    let (app, tenant) = (&site.app, site.tenant());
    let made = application(&site, ApplicationType::Web).await.unwrap();
    let client_id = client_of(&made).client_id().to_owned();
    let line = format!("DELETE /register/{client_id}");
    there.does(&line, Does::Says(500, json!({})));
    client::remove(app, &tenant, &ada(), Which::anywhere(&client_id)).await.unwrap();
    assert_eq!(there.clients().len(), 1, "it is asked for by a job");
    provider::reconcile(app).await.unwrap();
    let waiting = calls(&site).await;
    assert_eq!((waiting.len(), waiting[0].attempts, waiting[0].failure.as_deref()), (1, 1, Some("it answered 500")));
    let kept = provider::remove(app, &tenant, &admin(), row.id, None).await;
    assert!(matches!(kept, Err(Error::Conflict(_))), "{kept:?}");
    there.is_honest();
    due(&site).await;
    provider::reconcile(app).await.unwrap();
    assert!(there.clients().is_empty() && calls(&site).await.is_empty());
    provider::remove(app, &tenant, &admin(), row.id, None).await.unwrap();
}

#[tokio::test]
async fn archived_applications_keep_their_clients_there_until_they_are_purged() {
    spec!("portal/D-5");
    let (site, there, _) = ready().await;
    let (app, tenant) = (&site.app, site.tenant());
    let made = application(&site, ApplicationType::Web).await.unwrap();
    applications::archive(app, &tenant, &ada(), made.application.row.id).await.unwrap();
    provider::reconcile(app).await.unwrap();
    assert_eq!((there.clients().len(), calls(&site).await.len()), (1, 0));
    let archived = clients(&site).await.pop().unwrap();
    let back = provider::secret_rows(app, &archived);
    assert_eq!(back.len(), 1, "its secret comes back with it");
    assert_eq!(provider::purge(app, app.clock.now() + 1).await.unwrap(), 1);
    assert_eq!(provider::purge(app, app.clock.now() + 1).await.unwrap(), 0);
    provider::reconcile(app).await.unwrap();
    assert!(there.clients().is_empty() && calls(&site).await.is_empty());
    expire::sweep(app).await.unwrap();
}

#[tokio::test]
async fn what_changed_at_the_provider_is_reported() {
    let (site, there, _) = ready().await;
    let made = application(&site, ApplicationType::Web).await.unwrap();
    let client_id = client_of(&made).client_id().to_owned();
    provider::compare_all(&site.app).await.unwrap();
    assert_eq!(clients(&site).await[0].drift, None);
    there.edit(&client_id, "client_name", "Somebody else's");
    forget_comparison(&site).await;
    provider::compare_all(&site.app).await.unwrap();
    let row = clients(&site).await.pop().unwrap();
    assert_eq!(row.drift, Some(json!({"client_name": {"here": "Shop", "there": "Somebody else's"}})));
    let told = site.log(site.tenant().id, &format!("client:{client_id}")).await;
    assert_eq!(told.last().unwrap()["differences"]["client_name"]["there"], "Somebody else's");
    let heard = there.heard("GET /register").len();
    provider::compare_all(&site.app).await.unwrap();
    assert_eq!(there.heard("GET /register").len(), heard, "slowly");
}

#[tokio::test]
async fn what_cannot_be_stored_here_does_not_stay_there() {
    spec!("security/s.N8");
    let (site, there, _) = ready().await;
    let (app, tenant) = (&site.app, site.tenant());
    let new = |name: &str| applications::New {
        custom_id: Some("shop-1".to_owned()),
        redirect_uris: vec!["https://client.example/cb".to_owned()],
        ..applications::New::named(name, ApplicationType::Web)
    };
    applications::create(app, &tenant, &ada(), new("One")).await.unwrap();
    let taken = applications::create(app, &tenant, &ada(), new("Two")).await;
    assert!(matches!(taken, Err(Error::Taken { field: "custom_id", .. })), "{taken:?}");
    provider::reconcile(app).await.unwrap();
    let left: Vec<Value> = there.clients();
    assert_eq!((left.len(), &left[0]["client_name"]), (1, &json!("One")));
    assert!(calls(&site).await.is_empty());
}

pub(super) async fn due(site: &crate::harness::TestApp) {
    use sea_orm::EntityTrait;
    use sea_orm::sea_query::Expr;
    entity::remote_call::Entity::update_many()
        .col_expr(entity::remote_call::Column::NextTryAt, Expr::value(0_i64))
        .exec(site.app.db.pool())
        .await
        .unwrap();
}

async fn forget_comparison(site: &crate::harness::TestApp) {
    use sea_orm::EntityTrait;
    use sea_orm::sea_query::Expr;
    entity::client::Entity::update_many()
        .col_expr(entity::client::Column::ComparedAt, Expr::value(Option::<i64>::None))
        .exec(site.app.db.pool())
        .await
        .unwrap();
}

#[tokio::test]
async fn an_identifier_is_one_segment_of_the_address_of_a_renewal() {
    spec!("security/s.N10");
    let (site, there) = (portal().await, Provider::start().await);
    let other = Provider::start().await;
    let elsewhere = format!("{}/{{#client_id}}", other.issuer);
    let leads = super::New { renew_secret_endpoint: Some(elsewhere), ..new(&there.discovery()) };
    let refused = refusal(set_up(&site, leads).await).describe();
    assert!(refused.contains("renew_secret_endpoint is at") && other.heard("").is_empty(), "{refused}");
    for moves in ["https://{#client_id}.example/", "{#client_id}/x"] {
        let moves = super::New { renew_secret_endpoint: Some(moves.to_owned()), ..new(&there.discovery()) };
        assert!(set_up(&site, moves).await.is_err());
    }
    set_up(&site, new(&there.discovery())).await.unwrap();
    let odd = "a/../../x?y#z{}";
    let given = json!({
        "client_id": odd, "client_secret": "s", "registration_access_token": "rat",
        "registration_client_uri": format!("{}/register/odd", there.issuer),
    });
    there.does("POST /register", Does::Says(201, given));
    let made = application(&site, ApplicationType::Web).await.unwrap();
    let line = "POST /register/a%2F..%2F..%2Fx%3Fy%23z%7B%7D/renew_secret";
    there.does(line, Does::Says(200, json!({"client_secret": "t"})));
    let key = client_of(&made).row.id.to_string();
    let which = Which::of(made.application.row.id, &key);
    let renewed = secret::regenerate(&site.app, &site.tenant(), &ada(), which).await.unwrap();
    assert_eq!((renewed.value.expose(), there.heard(line).len()), ("t", 1));
}

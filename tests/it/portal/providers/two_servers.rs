//! Two of our servers, one the provider of the other.

use entity::provider::TicketFrom;
use registrar::oidc::client::{ApplicationType, rights};
use registrar::oidc::registration::Policy;
use registrar::oidc::registration::initial_access_token as tickets;
use registrar::portal::client::{self, Which, secret};
use registrar::portal::provider::{self, Refusal};
use registrar::portal::{Actor, application as applications};
use registrar::secret::Secret;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::lifecycle::due;
use super::{New, application, calls, client_of, new, nothing_is_stored, portal, refusal, set_up};
use crate::harness::TestApp;
use crate::harness::http::Auth;
use crate::harness::provider::Gate;

/// A server behind a gate, and a portal that registers its applications there.
async fn pair() -> (TestApp, TestApp, Gate) {
    let mut gate = Gate::make().await;
    let there = TestApp::with(&[("server.issuer", &gate.url)]).await;
    gate.leads_to(there.http.base().trim_start_matches("http://").parse().unwrap());
    (portal().await, there, gate)
}

async fn with_ticket(site: &TestApp, there: &TestApp, max_uses: Option<i64>) -> entity::provider::Model {
    let ticket = tickets::New {
        name: "the portal".to_owned(),
        profile: None,
        policy: Policy::default(),
        template: None,
        max_uses,
        expires_at: None,
        created_by: "test".to_owned(),
    };
    let (token, _) = tickets::create(&there.app, &there.tenant(), ticket).await.unwrap();
    let discovery = format!("{}/.well-known/openid-configuration", there.issuer);
    let new = New {
        ticket_from: TicketFrom::InitialAccessToken,
        initial_access_token: Some(token),
        client_id: None,
        client_secret: None,
        ..new(&discovery)
    };
    set_up(site, new).await.unwrap()
}

/// A client there that lets the portal register others: client credentials.
async fn with_credentials(site: &TestApp, there: &TestApp) -> entity::provider::Model {
    let made = application(there, ApplicationType::BackendToBackend).await.unwrap();
    let client_id = client_of(&made).client_id().to_owned();
    let right = rights::Change::Grant("dcr".parse().unwrap());
    rights::change(&there.app, &there.tenant(), "admin", &client_id, right).await.unwrap();
    let discovery = format!("{}/.well-known/openid-configuration", there.issuer);
    let new = New {
        client_id: Some(client_id),
        client_secret: made.secret,
        scopes: vec!["dcr".to_owned()],
        ..new(&discovery)
    };
    set_up(site, new).await.unwrap()
}

/// The clients that live there and registered themselves.
async fn living(there: &TestApp) -> Vec<entity::client::Model> {
    let living = entity::client::Entity::find()
        .filter(entity::client::Column::LiveKey.is_not_null())
        .filter(entity::client::Column::RegistrationTokenHash.is_not_null());
    living.all(there.app.db.pool()).await.unwrap()
}

async fn gets_a_token(there: &TestApp, client_id: &str, secret: &Secret) -> bool {
    let form = [("grant_type", "client_credentials")];
    there.http.form("/token", Auth::Basic(client_id, secret.expose()), &form).await.status == 200
}

async fn whole_life(site: &TestApp, there: &TestApp, kind: ApplicationType) {
    let (app, tenant, ada) = (&site.app, site.tenant(), Actor::operator("ada"));
    let made = application(site, kind).await.unwrap();
    let (id, client_id) = (made.application.row.id, client_of(&made).client_id().to_owned());
    let row = living(there).await.pop().unwrap();
    assert_eq!(
        (row.client_id.as_str(), row.metadata["application_type"].as_str()),
        (client_id.as_str(), Some(kind.as_str()))
    );
    let has_secret = matches!(kind, ApplicationType::Web | ApplicationType::BackendToBackend);
    assert_eq!(made.secret.is_some(), has_secret, "{kind}");
    let rename = applications::Change { name: Some("Market".to_owned()), ..applications::Change::default() };
    applications::change(app, &tenant, &ada, id, None, rename).await.unwrap();
    assert_eq!(living(there).await.pop().unwrap().name.as_deref(), Some("Market"));
    if let Some(first) = made.secret {
        assert!(gets_a_token(there, &client_id, &first).await, "{kind}");
        let renewed = secret::regenerate(app, &tenant, &ada, Which::of(id, &client_id)).await.unwrap();
        assert!(!gets_a_token(there, &client_id, &first).await, "{kind}");
        assert!(gets_a_token(there, &client_id, &renewed.value).await, "{kind}");
    }
    client::remove(app, &tenant, &ada, Which::anywhere(&client_id)).await.unwrap();
    provider::reconcile(app).await.unwrap();
    assert!(living(there).await.is_empty() && calls(site).await.is_empty(), "{kind}");
}

#[tokio::test]
async fn every_type_of_application_lives_its_life_at_another_of_our_servers() {
    spec!("portal/G4", "portal/G5", "portal/G16", "portal/G43");
    let (site, there, _gate) = pair().await;
    with_ticket(&site, &there, None).await;
    for kind in
        [ApplicationType::Web, ApplicationType::Browser, ApplicationType::Native, ApplicationType::BackendToBackend]
    {
        whole_life(&site, &there, kind).await;
    }
}

#[tokio::test]
async fn client_credentials_are_as_good_as_a_ticket() {
    spec!("portal/G11", "portal/G12", "portal/D-21");
    let (site, there, _gate) = pair().await;
    with_credentials(&site, &there).await;
    whole_life(&site, &there, ApplicationType::Web).await;
}

#[tokio::test]
async fn an_answer_that_is_lost_between_two_servers_leaves_no_orphan() {
    spec!("security/s.N8");
    for uses in [None, Some(1)] {
        let (site, there, gate) = pair().await;
        with_ticket(&site, &there, uses).await;
        gate.loses("POST /oidc/register");
        let lost = refusal(application(&site, ApplicationType::Web).await);
        assert!(matches!(lost, Refusal::Uncertain(_)), "{lost:?}");
        assert_eq!((gate.lost(), living(&there).await.len()), (1, 1));
        nothing_is_stored(&site).await;
        due(&site).await;
        // A ticket for one use is used up: it is still good for the answer it bought.
        provider::reconcile(&site.app).await.unwrap();
        assert!(living(&there).await.is_empty() && calls(&site).await.is_empty(), "{uses:?}");
    }
}

#[tokio::test]
async fn an_answer_to_a_change_that_is_lost_is_looked_into() {
    spec!("portal/P-6");
    let (site, there, gate) = pair().await;
    with_ticket(&site, &there, None).await;
    let (app, tenant, ada) = (&site.app, site.tenant(), Actor::operator("ada"));
    let made = application(&site, ApplicationType::Web).await.unwrap();
    let (id, client_id) = (made.application.row.id, client_of(&made).client_id().to_owned());
    gate.loses("PUT /oidc/register");
    let rename = applications::Change { name: Some("Market".to_owned()), ..applications::Change::default() };
    let lost = refusal(applications::change(app, &tenant, &ada, id, None, rename.clone()).await);
    assert!(matches!(lost, Refusal::Uncertain(_)), "{lost:?}");
    let stored = applications::find(app, &tenant, &ada, id).await.unwrap();
    assert_eq!(stored.row.name, "Shop");
    due(&site).await;
    provider::reconcile(app).await.unwrap();
    assert!(calls(&site).await.is_empty());
    let row = super::clients(&site).await.pop().unwrap();
    assert_eq!(row.drift, Some(json!({"client_name": {"here": "Shop", "there": "Market"}})));
    // The token that was good before is good until its successor is used (R19): it goes on.
    applications::change(app, &tenant, &ada, id, None, rename).await.unwrap();
    let renewed = secret::regenerate(app, &tenant, &ada, Which::of(id, &client_id)).await.unwrap();
    assert!(gets_a_token(&there, &client_id, &renewed.value).await);
}

#[tokio::test]
async fn a_registration_that_is_sent_again_under_its_key_is_made_once() {
    let there = TestApp::with(&[("registration.profile", "interop")]).await;
    let (site, body) = (&there, json!({"redirect_uris": ["https://c.example/cb"], "client_name": "once"}));
    let ticket = |max_uses| tickets::New {
        name: "t".to_owned(),
        profile: None,
        policy: Policy::default(),
        template: None,
        max_uses,
        expires_at: None,
        created_by: "test".to_owned(),
    };
    let (token, _) = tickets::create(&site.app, &site.tenant(), ticket(Some(2))).await.unwrap();
    let send = async |token: &Secret, key: &str, body: &serde_json::Value| {
        let request = site.http.request("POST", "/oidc/register").bearer_auth(token.expose());
        let request = request.header("idempotency-key", key).header("content-type", "application/json");
        site.http.send(request.body(body.to_string())).await
    };
    let first = send(&token, "k1", &body).await;
    let again = send(&token, "k1", &body).await;
    assert_eq!((first.status, again.status), (201, 201), "{}", again.text);
    assert_eq!(first.json(), again.json());
    assert_eq!(first.header("location"), again.header("location"));
    let other = send(&token, "k1", &json!({"redirect_uris": ["https://d.example/cb"]})).await;
    assert_eq!(other.refusal(), (400, "invalid_request".to_owned()));
    assert_ne!(send(&token, "k2", &body).await.expect(201)["client_id"], first.json()["client_id"]);
    // Used up: the answers it bought are still told, and nothing else.
    assert_eq!(send(&token, "k1", &body).await.json(), first.json());
    assert_eq!(send(&token, "k3", &body).await.status, 401);
    let (stranger, _) = tickets::create(&site.app, &site.tenant(), ticket(None)).await.unwrap();
    assert_ne!(send(&stranger, "k1", &body).await.expect(201)["client_id"], first.json()["client_id"]);
    assert_eq!(send(&stranger, "", &body).await.refusal().0, 400);
    // Many at once under one key are one.
    let bodies = vec![body.clone(); 8];
    let all = futures_util::future::join_all(bodies.iter().map(|body| send(&stranger, "race", body))).await;
    let ids: std::collections::BTreeSet<String> =
        all.iter().map(|answer| answer.expect(201)["client_id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    let metadata = site.http.get("/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["registration_idempotency_key_supported"], true);
}

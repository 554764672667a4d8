//! Providers where applications are registered: set up by an admin, tried before anything is stored.

mod cut;
mod foreign;
mod lifecycle;
mod setup;
mod tls;
mod two_servers;
mod upstream;

use std::collections::BTreeMap;

use entity::provider::{Model, TicketFrom};
use entity::{client, remote_call};
use registrar::oidc::client::ApplicationType;
use registrar::oidc::client::record::Client;
use registrar::portal::application::{Created, New as NewApplication, create};
use registrar::portal::provider::{self, New, Refusal, Stores};
use registrar::portal::{Actor, Error};
use registrar::secret::Secret;
use sea_orm::EntityTrait;
use serde_json::json;

use super::admin;
use crate::harness::TestApp;
use crate::harness::provider::Provider;

/// A portal that may call this machine, and registers applications at its default provider.
async fn portal() -> TestApp {
    portal_with(&[]).await
}

async fn portal_with(set: &[(&str, &str)]) -> TestApp {
    let set = [
        &[
            ("outbound.allow_networks", "127.0.0.0/8"),
            ("outbound.total_timeout_seconds", "1"),
            ("outbound.connect_timeout_seconds", "1"),
        ],
        set,
    ]
    .concat();
    let site = TestApp::with(&set).await;
    site.settings(json!({"registration": {"portal": true}})).await;
    site
}

/// The client of an application that was made.
fn client_of(made: &Created) -> &Client {
    made.client.as_deref().expect("an application of this type has a client")
}

/// A provider to be set up, with client credentials.
fn new(discovery: &str) -> New {
    New {
        name: "The provider".to_owned(),
        description: None,
        discovery_endpoint: discovery.to_owned(),
        ticket_from: TicketFrom::ClientCredentials,
        client_id: Some("portal".to_owned()),
        client_secret: Some(Secret::new("canary+secret")),
        scopes: vec!["dcr_admin".to_owned(), "other".to_owned()],
        initial_access_token: None,
        software_id: None,
        renew_secret: true,
        renew_secret_endpoint: Some("{#registration_endpoint}/{#client_id}/renew_secret".to_owned()),
        renew_secret_method: Some("POST".to_owned()),
        claim_mappings: BTreeMap::new(),
        endpoints_elsewhere: Vec::new(),
        tls: Stores::default(),
    }
}

async fn set_up(site: &TestApp, new: New) -> Result<Model, Error> {
    provider::create(&site.app, &site.tenant(), &admin(), new).await
}

async fn application(site: &TestApp, kind: ApplicationType) -> Result<Created, Error> {
    let ada = Actor::operator("ada");
    let redirects = match kind {
        ApplicationType::BackendToBackend => Vec::new(),
        ApplicationType::Native => vec!["http://127.0.0.1/callback".to_owned()],
        _ => vec!["https://client.example/cb".to_owned()],
    };
    let new = NewApplication { redirect_uris: redirects, ..NewApplication::named("Shop", kind) };
    create(&site.app, &site.tenant(), &ada, new).await
}

#[track_caller]
fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Refusal {
    match outcome {
        Err(Error::Provider(refusal)) => refusal,
        other => panic!("no provider refused: {other:?}"),
    }
}

async fn calls(site: &TestApp) -> Vec<remote_call::Model> {
    remote_call::Entity::find().all(site.app.db.pool()).await.unwrap()
}

async fn clients(site: &TestApp) -> Vec<client::Model> {
    client::Entity::find().all(site.app.db.pool()).await.unwrap()
}

async fn providers(site: &TestApp) -> usize {
    entity::provider::Entity::find().all(site.app.db.pool()).await.unwrap().len()
}

/// Nothing of a provider's failure is left behind.
async fn nothing_is_stored(site: &TestApp) {
    assert!(clients(site).await.is_empty());
    assert!(entity::application::Entity::find().all(site.app.db.pool()).await.unwrap().is_empty());
}

/// A portal with a provider that is set up.
async fn ready() -> (TestApp, Provider, Model) {
    let (site, there) = (portal().await, Provider::start().await);
    let row = set_up(&site, new(&there.discovery())).await.unwrap();
    (site, there, row)
}

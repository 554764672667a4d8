//! Setting up, changing, choosing and removing: the steps of portal.md G38, in their order.

use entity::provider::{Place, TicketFrom};
use registrar::oidc::client::ApplicationType;
use registrar::portal::list::Wanted;
use registrar::portal::provider::{self, Change, Refusal, Why};
use registrar::portal::{Action, Conflict, Error};
use registrar::secret::Secret;
use serde_json::json;

use super::super::admin;
use super::{application, client_of, clients, new, portal, providers, ready, refusal, set_up};
use crate::harness::provider::{Does, Provider};

#[tokio::test]
async fn a_provider_is_tried_before_it_is_stored() {
    spec!("portal/G8", "portal/G9", "portal/G10", "portal/G11", "portal/G12", "portal/G40");
    let (site, there) = (portal().await, Provider::start().await);
    let row = set_up(&site, new(&there.discovery())).await.unwrap();
    let token = &there.heard("POST /token")[0];
    // Identifier and secret as they are, scopes joined by spaces.
    assert_eq!(token.header("authorization"), "Basic cG9ydGFsOmNhbmFyeStzZWNyZXQ=");
    assert_eq!(token.body, "grant_type=client_credentials&scope=dcr_admin+other");
    assert_eq!(row.default_key, Some(site.tenant().id.to_string()));
    assert_eq!(provider::default_of(&site.app, &site.tenant()).await.unwrap().unwrap().id, row.id);
    there.does("POST /token", Does::Says(401, json!({"error": "invalid_client", "error_description": "who?\r\n<b>"})));
    let refused = refusal(set_up(&site, super::New { name: "Other".into(), ..new(&there.discovery()) }).await);
    let wanted =
        "Unexpected response from OIDC Token endpoint: error[invalid_client] description[who? <b>] (status 401)";
    assert_eq!(refused.describe(), wanted);
    assert_eq!(providers(&site).await, 1);
}

#[tokio::test]
async fn the_first_step_that_fails_is_told() {
    spec!("portal/G38", "portal/P-7");
    let (site, there) = (portal().await, Provider::start().await);
    let base = || new(&there.discovery());
    let empty = super::New {
        ticket_from: TicketFrom::InitialAccessToken,
        initial_access_token: Some(Secret::new("")),
        claim_mappings: [("x".to_owned(), "client_name".to_owned())].into(),
        renew_secret_method: Some("GET".to_owned()),
        ..base()
    };
    assert_eq!(refusal(set_up(&site, empty.clone()).await), Refusal::TokenMissing);
    let mapped = super::New { initial_access_token: Some(Secret::new("iat")), ..empty.clone() };
    assert_eq!(refusal(set_up(&site, mapped.clone()).await), Refusal::ClaimMappings(vec!["client_name".to_owned()]));
    let renewed = super::New { claim_mappings: Default::default(), ..mapped };
    assert_eq!(refusal(set_up(&site, renewed.clone()).await), Refusal::RenewSecret);
    let lost = super::New { renew_secret: false, discovery_endpoint: format!("{}/none", there.issuer), ..renewed };
    assert_eq!(refusal(set_up(&site, lost.clone()).await), Refusal::Discovery(Why::NotWellKnown));
    // Nobody was asked for any of it.
    assert!(there.heard("").is_empty());
    let fine = super::New { discovery_endpoint: there.discovery(), ..lost };
    set_up(&site, fine).await.unwrap();
    assert!(there.heard("POST /token").is_empty(), "a token that was entered is not fetched (G15)");
    assert_eq!(providers(&site).await, 1);
}

#[tokio::test]
async fn a_change_is_tried_as_well_and_stores_nothing_if_it_fails() {
    spec!("portal/G15", "portal/G36", "portal/G37");
    let (site, there, row) = ready().await;
    let (app, tenant) = (&site.app, site.tenant());
    there.does("POST /token", Does::Says(400, json!({"error": "invalid_scope"})));
    let scopes = Change { scopes: Some(vec!["more".to_owned()]), ..Change::default() };
    let refused = refusal(provider::change(app, &tenant, &admin(), row.id, scopes.clone()).await);
    assert!(matches!(refused, Refusal::Token(_)), "{refused:?}");
    assert_eq!(provider::find(app, &tenant, &admin(), row.id).await.unwrap(), row);
    there.is_honest();
    let changed = provider::change(app, &tenant, &admin(), row.id, scopes).await.unwrap();
    assert_eq!((changed.version, changed.scopes.as_slice()), (1, &["more".to_owned()][..]));
    // The secret stayed: it was not sent again.
    assert!(there.heard("POST /token").last().unwrap().header("authorization").starts_with("Basic cG9ydGFs"));
    let old = Change { version: Some(0), ..Change::default() };
    let stale = provider::change(app, &tenant, &admin(), row.id, old).await;
    assert!(matches!(stale, Err(Error::Conflict(Conflict::Changed))), "{stale:?}");
    assert_eq!(provider::test(app, &tenant, &admin(), row.id).await.unwrap().issuer, there.issuer);
}

#[tokio::test]
async fn there_are_several_and_one_default_and_this_server_is_one_step_away() {
    spec!("portal/G7", "portal/G39", "portal/D-3");
    let (site, there, first) = ready().await;
    let (app, tenant) = (&site.app, site.tenant());
    let second = set_up(&site, super::New { name: "Second".into(), ..new(&there.discovery()) }).await.unwrap();
    assert_eq!(second.default_key, None);
    let taken = set_up(&site, super::New { name: "Second".into(), ..new(&there.discovery()) }).await;
    assert!(matches!(taken, Err(Error::Taken { field: "name", .. })), "{taken:?}");
    provider::make_default(app, &tenant, &admin(), second.id).await.unwrap();
    let default = async || provider::default_of(app, &tenant).await.unwrap().unwrap();
    assert_eq!(default().await.id, second.id);
    let here = provider::use_this_server(app, &tenant, &admin()).await.unwrap();
    assert_eq!((here.place, default().await.id), (Place::Here, here.id));
    assert_eq!(provider::use_this_server(app, &tenant, &admin()).await.unwrap().id, here.id);
    let calls = there.heard("").len();
    let made = application(&site, ApplicationType::Web).await.unwrap();
    assert_eq!(client_of(&made).row.kind, entity::client::ClientKind::Own);
    assert_eq!(there.heard("").len(), calls);
    let listed = provider::list(app, &tenant, &admin(), &Wanted::first(10)).await.unwrap();
    assert_eq!(listed.total, 3);
    provider::remove(app, &tenant, &admin(), first.id, None).await.unwrap();
    assert_eq!(providers(&site).await, 2);
}

#[tokio::test]
async fn a_provider_with_clients_stays() {
    let (site, _there, row) = ready().await;
    application(&site, ApplicationType::Web).await.unwrap();
    let kept = provider::remove(&site.app, &site.tenant(), &admin(), row.id, None).await;
    assert!(matches!(kept, Err(Error::Conflict(Conflict::StillUsed(_)))), "{kept:?}");
    assert_eq!(clients(&site).await.len(), 1);
}

#[tokio::test]
async fn only_admins_see_and_change_providers() {
    let (site, there, row) = ready().await;
    let (app, tenant) = (&site.app, site.tenant());
    let ada = site.developer("ada@example.org").await;
    let seen = provider::find(app, &tenant, &ada, row.id).await;
    assert!(matches!(seen, Err(Error::NotAllowed(Action::ReadProviders))), "{seen:?}");
    let made = provider::create(app, &tenant, &ada, new(&there.discovery())).await;
    assert!(matches!(made, Err(Error::NotAllowed(Action::WriteProviders))), "{made:?}");
    let neighbour = site.neighbour().await;
    assert!(matches!(provider::find(app, &neighbour, &admin(), row.id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn credentials_are_in_no_row_and_no_event() {
    spec!("security/s.N9");
    let (site, _there, row) = ready().await;
    let told = site.log(site.tenant().id, &format!("provider:{}", row.id)).await;
    assert_eq!(told.len(), 1);
    for text in [format!("{row:?}"), json!(told).to_string(), format!("{:?}", new("x"))] {
        assert!(!text.contains("canary"), "{text}");
    }
}

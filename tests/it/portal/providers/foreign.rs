//! A provider that others wrote: `cargo xtask clients` starts it and says where it is.

use entity::provider::TicketFrom;
use registrar::oidc::client::ApplicationType;
use registrar::portal::client::{self, Which, secret};
use registrar::portal::provider::{self, Refusal};
use registrar::portal::{Actor, application as applications};
use registrar::secret::Secret;
use serde_json::Value;

use super::{New, application, calls, client_of, clients, new, portal, refusal, set_up};
use crate::harness::Http;
use crate::harness::http::Auth;

#[tokio::test]
#[ignore = "needs a provider: cargo xtask clients"]
async fn applications_live_their_lives_at_a_provider_that_others_wrote() {
    spec!("portal/G8", "portal/G11", "portal/G13", "portal/G43", "portal/D-5");
    let told: Value = serde_json::from_str(&std::env::var("REGISTRAR_TEST_PROVIDER").unwrap()).unwrap();
    let (issuer, token) = (told["issuer"].as_str().unwrap(), told["token"].as_str().unwrap());
    let site = portal().await;
    let discovery = format!("{issuer}/.well-known/openid-configuration");
    let entered = |token: &str| New {
        ticket_from: TicketFrom::InitialAccessToken,
        initial_access_token: Some(Secret::new(token)),
        client_id: None,
        client_secret: None,
        renew_secret: false,
        ..new(&discovery)
    };
    set_up(&site, entered(token)).await.unwrap();
    let (app, tenant, ada, there) = (&site.app, site.tenant(), Actor::operator("ada"), Http::new(issuer));
    for kind in
        [ApplicationType::Web, ApplicationType::Browser, ApplicationType::Native, ApplicationType::BackendToBackend]
    {
        let made = application(&site, kind).await.unwrap_or_else(|error| panic!("{kind}: {error}"));
        let (id, client_id) = (made.application.row.id, client_of(&made).client_id().to_owned());
        let has_secret = matches!(kind, ApplicationType::Web | ApplicationType::BackendToBackend);
        assert_eq!(made.secret.is_some(), has_secret, "{kind}");
        let rename = applications::Change { name: Some("Market".to_owned()), ..applications::Change::default() };
        // Twice: the token is another one after each change.
        applications::change(app, &tenant, &ada, id, None, rename).await.unwrap();
        let rename = applications::Change { name: Some("Bazaar".to_owned()), ..applications::Change::default() };
        applications::change(app, &tenant, &ada, id, None, rename).await.unwrap();
        provider::compare_all(app).await.unwrap();
        let row = clients(&site).await.into_iter().find(|row| row.client_id == client_id).unwrap();
        assert_eq!(row.drift, None, "{kind}");
        let which = Which::of(id, &client_id);
        assert_eq!(refusal(secret::regenerate(app, &tenant, &ada, which).await), Refusal::NoRenewal);
        client::remove(app, &tenant, &ada, Which::anywhere(&client_id)).await.unwrap();
        provider::reconcile(app).await.unwrap();
        assert!(calls(&site).await.is_empty(), "{kind}");
        let form = [("grant_type", "client_credentials"), ("client_id", client_id.as_str())];
        let gone = there.form("/token", Auth::None, &form).await.json();
        assert_eq!(gone["error"], "invalid_client", "{kind}");
    }
    let wrong = super::New { name: "Wrong".to_owned(), ..entered("not-a-token") };
    let wrong = set_up(&site, wrong).await.unwrap();
    provider::make_default(app, &tenant, &super::super::admin(), wrong.id).await.unwrap();
    let refused = refusal(application(&site, ApplicationType::Web).await).describe();
    assert!(refused.contains("invalid_token"), "{refused}");
}

//! Does registering keep its promises, also when several register at once?

use std::net::IpAddr;

use entity::client::ClientState;
use entity::{application, client_secret, initial_access_token};
use sea_orm::EntityTrait;
use serde_json::json;

use super::house::{NOW, PAGE, body, caller, code, family, house, id, interop, token};
use crate::db::Rows;
use crate::oidc::Code;
use crate::oidc::registration::admission::Caller;
use crate::oidc::registration::register::{Intent, register};
use crate::oidc::registration::{Policy, Profile, initial_access_token as tickets, retire, update};
use crate::secret::Secret;

#[tokio::test]
async fn a_registration_is_answered_in_full_and_stored_as_hashes() {
    // E4, R19, R22, s.R63, s.R65
    let house = interop().await;
    let information = house.register(None, PAGE).await.unwrap();
    let (client_id, rat) = (id(&information), token(&information));
    let secret = information.client_secret.clone().unwrap();
    assert_eq!(client_id.len(), 32);
    assert!(client_id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(
        serde_json::to_value(&information).unwrap(),
        json!({
            "client_id": client_id, "client_id_issued_at": NOW, "client_secret": secret.expose(),
            "client_secret_expires_at": 0, "registration_access_token": rat.expose(),
            "registration_client_uri": house.tenant.url(&format!("/oidc/register/{client_id}")),
            "client_name": "Page", "redirect_uris": ["https://a.example/cb"],
            "grant_types": ["authorization_code"], "response_types": ["code"], "application_type": "web",
            "token_endpoint_auth_method": "client_secret_basic", "subject_type": "public",
            "id_token_signed_response_alg": "RS256",
        })
    );
    assert!(rat.expose().starts_with("rat_"));
    let row = house.row(client_id).await;
    assert_eq!(row.registration_token_hash.as_deref(), Some(rat.hash().as_str()));
    assert_eq!(row.policy, json!({}));
    let kept = client_secret::Entity::find().one(house.app.db.pool()).await.unwrap().unwrap();
    assert_eq!(kept.hash, secret.hash().as_str());
    assert!(!kept.value_sealed.unwrap().contains(secret.expose()));
    let application = application::Entity::find().one(house.app.db.pool()).await.unwrap().unwrap();
    assert_eq!((application.name.as_str(), application.kind.as_str()), ("Page", "web"));
    assert_eq!(house.events("client_registered").await, 1);
    let read = house.read(rat, client_id).await.unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), serde_json::to_value(&information).unwrap());
}

#[tokio::test]
async fn a_public_client_gets_no_secret_and_under_permissive_no_token() {
    // s.R64, D-12, A15
    let house = house(json!({"open": true, "profile": "permissive"}), &[]).await;
    let wanted = r#"{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"none"}"#;
    let information = house.register(None, wanted).await.unwrap();
    let members = serde_json::to_value(&information).unwrap();
    for member in ["client_secret", "client_secret_expires_at", "registration_access_token", "registration_client_uri"]
    {
        assert_eq!(members.get(member), None, "{member}");
    }
    let stranger = Secret::token("rat_");
    assert_eq!(code(house.read(&stranger, id(&information)).await), Code::InvalidToken);
    let ticket = house.ticket(None).await;
    assert!(house.register(Some(&ticket), wanted).await.unwrap().registration_access_token.is_some());
}

#[tokio::test]
async fn who_may_register_is_for_the_tenant_to_say() {
    // D-10, s.R46, s.R47, s.R55
    let closed = house(json!({"open": false, "with_token": false}), &[]).await;
    let ticket = closed.ticket(None).await;
    assert_eq!(code(closed.register(None, PAGE).await), Code::RegistrationForbidden);
    assert_eq!(code(closed.register(Some(&ticket), PAGE).await), Code::RegistrationForbidden);
    let by_ticket = house(json!({}), &[]).await;
    assert_eq!(code(by_ticket.register(None, PAGE).await), Code::InvalidToken);
    let open = interop().await;
    let information = open.register(None, PAGE).await.unwrap();
    let ticket = open.ticket(None).await;
    let cut = Secret::new(&ticket.expose()[..ticket.expose().len() - 1]);
    let longer = Secret::new(format!("{}A", ticket.expose()));
    let secret = information.client_secret.clone().unwrap();
    for wrong in [&cut, &longer, &secret, token(&information), &Secret::new("null"), &Secret::new("at_x")] {
        assert_eq!(code(open.register(Some(wrong), PAGE).await), Code::InvalidToken);
    }
    // s.R56
    assert_eq!(code(open.read(&ticket, id(&information)).await), Code::InvalidToken);
}

#[tokio::test]
async fn a_ticket_for_one_registers_one_however_many_ask_at_once() {
    // s.R52
    let house = house(json!({}), &[]).await;
    let ticket = house.ticket(Some(1)).await;
    let asked: Vec<_> = (0..12).map(|_| house.register(Some(&ticket), PAGE)).collect();
    let outcomes = futures_util::future::join_all(asked).await;
    let (registered, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(registered.len(), 1);
    assert!(refused.into_iter().all(|outcome| code(outcome) == Code::InvalidToken));
    assert_eq!(house.clients().await, 1);
    assert_eq!(house.events("client_registered").await, 1);
}

#[tokio::test]
async fn a_registration_that_fails_or_is_a_rehearsal_spends_no_ticket() {
    // s.R54
    let house = house(json!({}), &[]).await;
    let ticket = house.ticket(Some(1)).await;
    let wrong = r#"{"redirect_uris":["javascript:alert(1)"]}"#;
    assert_eq!(code(house.register(Some(&ticket), wrong).await), Code::InvalidRedirectUri);
    let rehearsed =
        register(&house.app, &house.tenant, caller(Some(&ticket)), body(PAGE), Intent::DryRun).await.unwrap();
    let members = serde_json::to_value(&rehearsed).unwrap();
    for member in update::SERVER_MEMBERS {
        assert_eq!(members.get(member), None, "{member}");
    }
    assert_eq!(members["client_name"], "Page");
    assert_eq!(house.clients().await, 0);
    assert!(house.register(Some(&ticket), PAGE).await.is_ok());
    assert_eq!(code(house.register(Some(&ticket), PAGE).await), Code::InvalidToken);
    let uses = initial_access_token::Entity::find().one(house.app.db.pool()).await.unwrap().unwrap().uses;
    assert_eq!(uses, 1);
}

#[tokio::test]
async fn a_ticket_that_ended_or_was_revoked_is_refused_and_binds_its_clients_to_its_policy() {
    // s.R53, registration.md §4
    let house = house(json!({}), &[]).await;
    let policy: Policy = serde_json::from_value(json!({"redirect_hosts": ["*.example.com"]})).unwrap();
    let new = tickets::New {
        name: "partners".into(),
        profile: Some(&Profile::STRICT),
        policy,
        template: None,
        max_uses: None,
        expires_at: Some(NOW + 2),
        created_by: "user:1".into(),
    };
    let (ticket, _) = tickets::create(&house.app, &house.tenant, new.clone()).await.unwrap();
    assert_eq!(code(house.register(Some(&ticket), PAGE).await), Code::InvalidRedirectUri);
    let fitting = r#"{"redirect_uris":["https://a.example.com/cb"]}"#;
    let information = house.register(Some(&ticket), fitting).await.unwrap();
    let row = house.row(id(&information)).await;
    assert_eq!((row.profile.as_str(), &row.policy["redirect_hosts"]), ("strict", &json!(["*.example.com"])));
    let elsewhere = json!({"client_id": id(&information), "redirect_uris": ["https://a.example/cb"]});
    assert_eq!(code(house.put(token(&information), id(&information), elsewhere).await), Code::InvalidRedirectUri);
    house.clock.advance(2);
    assert_eq!(code(house.register(Some(&ticket), fitting).await), Code::InvalidToken);
    let lasting = tickets::New { expires_at: None, ..new };
    let (ticket, made) = tickets::create(&house.app, &house.tenant, lasting).await.unwrap();
    tickets::revoke(&house.app, &house.tenant, made.id, "user:1").await.unwrap();
    assert_eq!(code(house.register(Some(&ticket), fitting).await), Code::InvalidToken);
    assert_eq!(code(tickets::revoke(&house.app, &house.tenant, made.id, "user:1").await), Code::NotFound);
    assert_eq!(tickets::list(&house.app, &house.tenant).await.unwrap().len(), 2);
    assert_eq!(house.events("initial_access_token_created").await, 2);
    assert_eq!(house.events("initial_access_token_revoked").await, 1);
}

#[tokio::test]
async fn wrong_tokens_close_the_door_for_their_source() {
    // s.R50, R20
    let house = interop().await;
    let wrong = Secret::token("iat_");
    for _ in 0..20 {
        assert_eq!(code(house.register(Some(&wrong), PAGE).await), Code::InvalidToken);
    }
    let refused = house.register(Some(&wrong), PAGE).await.unwrap_err();
    assert_eq!((refused.code, refused.retry_after.is_some()), (Code::TooManyRequests, true));
    let ticket = house.ticket(None).await;
    let elsewhere = Caller { token: Some(&ticket), from: IpAddr::from([192, 0, 2, 8]) };
    assert!(register(&house.app, &house.tenant, elsewhere, body(PAGE), Intent::Register).await.is_ok());
    assert!(house.register(None, PAGE).await.is_ok());
}

#[tokio::test]
async fn clients_nobody_used_make_room_and_tickets_have_their_own() {
    // s.R60, E15
    let house = house(json!({"open": true, "profile": "interop"}), &[("registration.open_clients_max", "3")]).await;
    let asked: Vec<_> = (0..12).map(|_| house.register(None, PAGE)).collect();
    let outcomes = futures_util::future::join_all(asked).await;
    let registered: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    assert_eq!(registered.len(), 3);
    let refused = house.register(None, PAGE).await.unwrap_err();
    assert_eq!((refused.code, refused.retry_after), (Code::TemporarilyUnavailable, Some(60)));
    let ticket = house.ticket(None).await;
    assert!(house.register(Some(&ticket), PAGE).await.is_ok());
    // A quarter of an hour later the oldest that was not used goes; the used one stays.
    let used = house.row(id(registered[0])).await.id;
    house.app.usage.used(used, house.clock.now());
    house.clock.advance(900);
    for _ in 0..2 {
        house.register(None, PAGE).await.unwrap();
    }
    assert_eq!(code(house.register(None, PAGE).await), Code::TemporarilyUnavailable);
    assert_eq!(house.row(id(registered[0])).await.state, ClientState::Active);
    for gone in &registered[1..] {
        let row = house.row(id(gone)).await;
        assert_eq!((row.state, row.ended_reason.as_deref()), (ClientState::Ended, Some("unused")));
    }
    assert_eq!(house.events("client_expired").await, 2);
}

#[tokio::test]
async fn clients_nobody_used_are_retired_in_time_unless_they_came_with_a_ticket_or_have_tokens() {
    // s.R61
    let house = interop().await;
    let (idle, busy) = (house.register(None, PAGE).await.unwrap(), house.register(None, PAGE).await.unwrap());
    let ticket = house.ticket(None).await;
    let invited = house.register(Some(&ticket), PAGE).await.unwrap();
    let key = house.row(id(&busy)).await.id;
    house.app.db.insert(Rows { token_families: vec![family(&house, key)], ..Rows::default() }).await.unwrap();
    assert_eq!(retire::retire_unused(&house.app).await.unwrap(), 0);
    house.clock.advance(30 * 86_400);
    assert_eq!(retire::retire_unused(&house.app).await.unwrap(), 1);
    assert_eq!(code(house.read(token(&idle), id(&idle)).await), Code::InvalidToken);
    assert!(house.read(token(&busy), id(&busy)).await.is_ok());
    assert!(house.read(token(&invited), id(&invited)).await.is_ok());
}

#[tokio::test]
async fn a_sector_document_that_may_not_be_fetched_refuses_the_registration() {
    // R15, s.S4
    let house = interop().await;
    let wanted =
        json!({"redirect_uris": ["https://a.example/cb"], "sector_identifier_uri": "https://127.0.0.1/s.json"});
    let refused = house.register(None, &wanted.to_string()).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidClientMetadata);
    assert_eq!(refused.description, "sector_identifier_uri points at a document that could not be fetched");
    assert_eq!(house.clients().await, 0);
}

#[tokio::test]
async fn only_scopes_of_the_tenant_are_registered_and_none_that_rules_over_clients() {
    // E8, s.R30
    let house = interop().await;
    let wanted = json!({"redirect_uris": ["https://a.example/cb"], "scope": "openid unknown dcr dcr_admin email"});
    let information = house.register(None, &wanted.to_string()).await.unwrap();
    assert_eq!(serde_json::to_value(&information).unwrap()["scope"], "openid email");
}

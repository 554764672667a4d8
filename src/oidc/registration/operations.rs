//! Do the operations keep their promises on a database, also when several run at once?
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::net::IpAddr;
use std::sync::Arc;

use entity::application::ApplicationStatus;
use entity::client::ClientState;
use entity::id::{ClientKey, FamilyId, UserId};
use entity::{application, client, client_secret, event, initial_access_token, token_family};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait, sea_query::Expr};
use serde_json::{Value, json};

use super::admission::Caller;
use super::body::{Body, Media};
use super::information::ClientInformation;
use super::initial_access_token as tickets;
use super::register::{Intent, register};
use super::replace::{Extent, update};
use super::{Policy, delete, manage, renew, retire};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{self, Files, Sources};
use crate::db::Rows;
use crate::oidc::client::record;
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret::Secret;

const NOW: i64 = 1_800_000_000;
const KEY: &str = "Zm9yLXRlc3RzLW9ubHktMDEyMzQ1Njc4OTpBQkNERUY";
const PAGE: &str = r#"{"redirect_uris":["https://a.example/cb"],"client_name":"Page"}"#;

struct House {
    app: Arc<App>,
    tenant: Arc<Tenant>,
    clock: Clock,
    _folder: tempfile::TempDir,
}

/// A server whose default tenant has these registration settings.
async fn house(registration: Value, settings: &[(&str, &str)]) -> House {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let file = |name: &str| folder.path().join(name).display().to_string();
    let mut sources = Sources { files: Files::Disk, clock: clock.clone(), ..Sources::nothing() }
        .set("database.url", format!("sqlite://{}", file("registrar.db")))
        .set("secrets.key_encryption_key", KEY)
        .set("keys.algorithms", "RS256")
        .set("keys.access_token_alg", "RS256")
        .set("registration.per_source_per_minute", "0")
        .set("registration.global_per_minute", "0");
    for (key, value) in settings {
        sources = sources.set(key, *value);
    }
    let config = config::load(&sources).expect("the configuration is right").config;
    let (app, _) = App::start(config, clock.clone()).await.unwrap();
    let update = entity::tenant::Entity::update_many()
        .col_expr(entity::tenant::Column::Settings, Expr::value(json!({"registration": registration})));
    app.db.execute(update.build(app.db.backend())).await.unwrap();
    app.tenants.refresh(&app).await.unwrap();
    let tenant = app.tenants.by_slug("default").unwrap();
    House { app, tenant, clock, _folder: folder }
}

async fn interop() -> House {
    house(json!({"open": true, "profile": "interop"}), &[]).await
}

fn from() -> IpAddr {
    IpAddr::from([192, 0, 2, 7])
}

fn caller(token: Option<&Secret>) -> Caller<'_> {
    Caller { token, from: from() }
}

fn body(json: &str) -> Body<'_> {
    Body { media: Media::Json, bytes: json.as_bytes() }
}

impl House {
    async fn register(&self, token: Option<&Secret>, json: &str) -> Result<ClientInformation, Error> {
        register(&self.app, &self.tenant, caller(token), body(json), Intent::Register).await
    }

    async fn ticket(&self, max_uses: Option<i64>) -> Secret {
        let new = tickets::New {
            name: "test".into(),
            profile: None,
            policy: Policy::default(),
            max_uses,
            expires_at: None,
            created_by: "system".into(),
        };
        tickets::create(&self.app, &self.tenant, new).await.unwrap().0
    }

    async fn read(&self, token: &Secret, client_id: &str) -> Result<ClientInformation, Error> {
        manage::read(&self.app, &self.tenant, caller(Some(token)), client_id).await
    }

    async fn put(&self, token: &Secret, client_id: &str, json: Value) -> Result<ClientInformation, Error> {
        let json = json.to_string();
        update(&self.app, &self.tenant, caller(Some(token)), client_id, body(&json), Extent::Whole).await
    }

    async fn patch(&self, token: &Secret, client_id: &str, json: Value) -> Result<ClientInformation, Error> {
        let json = json.to_string();
        update(&self.app, &self.tenant, caller(Some(token)), client_id, body(&json), Extent::Part).await
    }

    async fn delete(&self, token: &Secret, client_id: &str) -> Result<(), Error> {
        delete::delete(&self.app, &self.tenant, caller(Some(token)), client_id).await
    }

    async fn row(&self, client_id: &str) -> client::Model {
        let found = client::Entity::find().filter(client::Column::ClientId.eq(client_id));
        found.one(self.app.db.pool()).await.unwrap().unwrap()
    }

    async fn clients(&self) -> u64 {
        client::Entity::find().count(self.app.db.pool()).await.unwrap()
    }

    async fn events(&self, kind: &str) -> u64 {
        let told = event::Entity::find().filter(event::Column::Kind.eq(kind));
        told.count(self.app.db.pool()).await.unwrap()
    }
}

fn id(information: &ClientInformation) -> &str {
    information.client_id.as_deref().unwrap()
}

fn token(information: &ClientInformation) -> &Secret {
    information.registration_access_token.as_ref().unwrap()
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Code {
    outcome.expect_err("it should be refused").code
}

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
    for member in
        ["client_secret", "client_secret_expires_at", "registration_access_token", "registration_client_uri"]
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
    for member in super::update::SERVER_MEMBERS {
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
        profile: Some(&super::Profile::STRICT),
        policy,
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
async fn the_token_of_another_client_is_refused_like_an_unknown_client_and_stays_alive() {
    // R20, s.M1, s.M3, s.M16
    let house = interop().await;
    let (one, two) = (house.register(None, PAGE).await.unwrap(), house.register(None, PAGE).await.unwrap());
    let foreign = house.read(token(&one), id(&two)).await.unwrap_err();
    let unknown = house.read(token(&one), "doesnotexist").await.unwrap_err();
    let odd = house.read(token(&one), "..%2f\u{0}").await.unwrap_err();
    for error in [&unknown, &odd] {
        assert_eq!((error.code, &error.description), (foreign.code, &foreign.description));
    }
    assert_eq!(foreign.code, Code::InvalidToken);
    assert_eq!(code(house.delete(token(&one), id(&two)).await), Code::InvalidToken);
    assert_eq!(house.events("registration_token_misused").await, 3);
    assert!(house.read(token(&one), id(&one)).await.is_ok());
    assert!(house.read(token(&two), id(&two)).await.is_ok());
}

#[tokio::test]
async fn an_update_rotates_the_token_and_the_old_one_lives_until_the_new_one_is_used() {
    // R18, R19, s.M11, s.M18, G43
    let house = interop().await;
    let before = house.register(None, PAGE).await.unwrap();
    let client_id = id(&before);
    let wanted = json!({"client_id": client_id, "redirect_uris": ["https://b.example/cb"], "client_name": "New"});
    let first = house.put(token(&before), client_id, wanted.clone()).await.unwrap();
    assert_eq!(first.client_secret, before.client_secret);
    assert_eq!(first.client_id_issued_at, Some(NOW));
    assert_eq!(first.metadata.redirect_uris(), ["https://b.example/cb"]);
    // The answer was lost: the old token still works, and what it led to is forgotten.
    let second = house.put(token(&before), client_id, wanted).await.unwrap();
    assert_eq!(code(house.read(token(&first), client_id).await), Code::InvalidToken);
    assert!(house.read(token(&before), client_id).await.is_ok());
    assert!(house.read(token(&second), client_id).await.is_ok());
    assert_eq!(code(house.read(token(&before), client_id).await), Code::InvalidToken);
    let row = house.row(client_id).await;
    assert_eq!((row.metadata_version, row.registration_token_previous_hash), (3, None));
    assert_eq!(row.name.as_deref(), Some("New"));
    let found = record::find(&house.app, &house.tenant, client_id).await.unwrap().unwrap();
    assert_eq!(found.metadata.redirect_uris(), ["https://b.example/cb"]);
}

#[tokio::test]
async fn an_update_that_is_refused_changes_nothing() {
    // s.M5, s.M6, s.M7, s.M8, S1
    let house = interop().await;
    let before = house.register(None, PAGE).await.unwrap();
    let client_id = id(&before);
    let bodies = [
        json!({"redirect_uris": ["https://b.example/cb"]}),
        json!({"client_id": "other", "redirect_uris": ["https://b.example/cb"]}),
        json!({"client_id": client_id, "redirect_uris": ["https://b.example/cb"], "client_secret": "chosen"}),
        json!({"client_id": client_id, "redirect_uris": ["javascript:alert(1)"]}),
        json!({"client_id": client_id}),
    ];
    for body in bodies {
        assert_eq!(house.put(token(&before), client_id, body).await.unwrap_err().code.status(), 400);
    }
    let after = house.read(token(&before), client_id).await.unwrap();
    assert_eq!(serde_json::to_value(&after).unwrap(), serde_json::to_value(&before).unwrap());
    assert_eq!(house.row(client_id).await.metadata_version, 1);
}

#[tokio::test]
async fn the_secret_comes_and_goes_with_the_authentication_method_and_renewal_replaces_it() {
    // R16, s.M9, G16, s.R64
    let house = interop().await;
    let before = house.register(None, PAGE).await.unwrap();
    let client_id = id(&before);
    let public = house.patch(token(&before), client_id, json!({"token_endpoint_auth_method": "none"})).await.unwrap();
    assert_eq!((&public.client_secret, public.client_secret_expires_at), (&None, None));
    assert_eq!(public.metadata.redirect_uris(), before.metadata.redirect_uris());
    let renewed = renew::renew_secret(&house.app, &house.tenant, caller(Some(token(&public))), client_id).await;
    assert_eq!(code(renewed), Code::InvalidRequest);
    let method = json!({"token_endpoint_auth_method": "client_secret_post"});
    let again = house.patch(token(&public), client_id, method).await.unwrap();
    assert!(again.client_secret.is_some() && again.client_secret != before.client_secret);
    let renewed =
        renew::renew_secret(&house.app, &house.tenant, caller(Some(token(&again))), client_id).await.unwrap();
    assert!(renewed.client_secret.is_some() && renewed.client_secret != again.client_secret);
    assert_eq!(renewed.client_secret_expires_at, Some(0));
    let kept = client_secret::Entity::find().all(house.app.db.pool()).await.unwrap();
    let hashes: Vec<&str> = kept.iter().map(|row| row.hash.as_str()).collect();
    assert_eq!(hashes, [renewed.client_secret.as_ref().unwrap().hash().as_str()]);
    let read = house.read(token(&renewed), client_id).await.unwrap();
    assert_eq!(read.client_secret, renewed.client_secret);
    assert_eq!(house.events("client_secret_renewed").await, 1);
}

#[tokio::test]
async fn of_several_updates_at_once_one_wins_and_one_line_of_tokens_lives() {
    // s.M12
    let house = interop().await;
    let before = house.register(None, PAGE).await.unwrap();
    let client_id = id(&before);
    let wanted = |n| json!({"client_id": client_id, "redirect_uris": ["https://a.example/cb"], "client_name": format!("n{n}")});
    let asked: Vec<_> = (0..8).map(|n| house.put(token(&before), client_id, wanted(n))).collect();
    let outcomes = futures_util::future::join_all(asked).await;
    let mut winners = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(information) => winners.push(information),
            Err(error) => assert_eq!(error.code, Code::Conflict),
        }
    }
    assert!(!winners.is_empty());
    let row = house.row(client_id).await;
    assert_eq!(row.metadata_version, 1 + i64::try_from(winners.len()).unwrap());
    let mut alive = 0;
    for winner in &winners {
        alive += usize::from(house.read(token(winner), client_id).await.is_ok());
    }
    assert_eq!(alive, 1);
    assert_eq!(code(house.read(token(&before), client_id).await), Code::InvalidToken);
}

#[tokio::test]
async fn of_several_deletions_at_once_one_succeeds_and_everything_is_gone() {
    // s.M13, s.M14, registration.md §6
    let house = interop().await;
    let information = house.register(None, PAGE).await.unwrap();
    let client_id = id(&information);
    let key = house.row(client_id).await.id;
    house.app.db.insert(Rows { token_families: vec![family(&house, key)], ..Rows::default() }).await.unwrap();
    let asked: Vec<_> = (0..8).map(|_| house.delete(token(&information), client_id)).collect();
    let outcomes = futures_util::future::join_all(asked).await;
    let (deleted, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(deleted.len(), 1);
    assert!(refused.into_iter().all(|outcome| code(outcome) == Code::InvalidToken));
    let row = house.row(client_id).await;
    assert_eq!((row.state, row.live_key, row.registration_token_hash), (ClientState::Ended, None, None));
    assert_eq!((row.name.as_deref(), row.ended_at), (Some("Page"), Some(NOW)));
    assert_eq!(row.ended_reason.as_deref(), Some("deleted"));
    let pool = house.app.db.pool();
    assert_eq!(client_secret::Entity::find().count(pool).await.unwrap(), 0);
    let family = token_family::Entity::find().one(pool).await.unwrap().unwrap();
    assert_eq!(family.revoked_at, Some(NOW));
    let application = application::Entity::find().one(pool).await.unwrap().unwrap();
    assert_eq!(application.status, ApplicationStatus::Archived);
    assert_eq!(house.events("client_deleted").await, 1);
    assert!(record::find_any(&house.app, &house.tenant, client_id).await.unwrap().is_none());
    assert_eq!(code(house.read(token(&information), client_id).await), Code::InvalidToken);
    let wanted = json!({"client_id": client_id, "redirect_uris": ["https://a.example/cb"]});
    assert_eq!(code(house.put(token(&information), client_id, wanted).await), Code::InvalidToken);
}

#[tokio::test]
async fn a_client_that_an_admin_took_out_of_service_cannot_manage_itself() {
    // s.M10
    let house = interop().await;
    let information = house.register(None, PAGE).await.unwrap();
    let client_id = id(&information);
    let disable = client::Entity::update_many().col_expr(client::Column::State, Expr::value(ClientState::Disabled));
    house.app.db.execute(disable.build(house.app.db.backend())).await.unwrap();
    let wanted = json!({"client_id": client_id, "redirect_uris": ["https://a.example/cb"]});
    assert_eq!(code(house.put(token(&information), client_id, wanted).await), Code::InvalidToken);
    assert_eq!(code(house.delete(token(&information), client_id).await), Code::InvalidToken);
    assert_eq!(house.row(client_id).await.state, ClientState::Disabled);
}

#[tokio::test]
async fn clients_nobody_used_make_room_and_tickets_have_their_own() {
    // s.R60, E15
    let house =
        house(json!({"open": true, "profile": "interop"}), &[("registration.open_clients_max", "3")]).await;
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

fn family(house: &House, client_key: ClientKey) -> token_family::Model {
    token_family::Model {
        id: FamilyId(crate::secret::new_id()),
        tenant_id: house.tenant.id,
        client_key,
        user_id: UserId(crate::secret::new_id()),
        session_id: None,
        scopes: "openid".into(),
        audience: "".into(),
        detail: json!({}),
        refreshable: true,
        generation: 1,
        rotated_at: NOW,
        idle_at: NOW + 1000,
        expires_at: NOW + 1000,
        revoked_at: None,
        revoked_reason: None,
        created_at: NOW,
    }
}

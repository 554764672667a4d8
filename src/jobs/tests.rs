//! Do the jobs do what they say, and only that?

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use entity::application::{ApplicationStatus, Source};
use entity::client::{ClientKind, ClientState};
use entity::id::{ApplicationId, ClientKey, FamilyId, InitialAccessTokenId, SessionId, TokenId};
use entity::word::Words;
use entity::{
    application, client, client_secret, event, initial_access_token, revocation, session, token, token_family, user,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::{Jobs, expire, lease, retire_clients, rotate_keys};
use crate::app::App;
use crate::clock::{Clock, Seconds};
use crate::config::{self, Files, Sources};
use crate::db::Rows;
use crate::oidc::keys::Algorithm;
use crate::oidc::tenant::{DEFAULT_SLUG, Tenant};
use crate::secret;

const NOW: Seconds = 1_800_000_000;
const DAY: Seconds = 86_400;

struct House {
    app: Arc<App>,
    tenant: Arc<Tenant>,
    clock: Clock,
    _folder: tempfile::TempDir,
}

async fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("registrar.db").display());
    let sources = Sources { files: Files::Disk, ..Sources::nothing() };
    let sources = sources.set("database.url", url).set("keys.algorithms", "RS256,ES256");
    let config = config::load(&sources).unwrap().config;
    let clock = Clock::fixed(NOW);
    let (app, _) = App::start(config, clock.clone()).await.unwrap();
    let tenant = app.tenants.by_slug(DEFAULT_SLUG).unwrap();
    House { app, tenant, clock, _folder: folder }
}

impl House {
    async fn user(&self) -> user::Model {
        user::Entity::find().one(self.app.db.pool()).await.unwrap().unwrap()
    }

    async fn client(&self, source: Source, issued_at: Seconds) -> client::Model {
        let application = application::Model {
            id: ApplicationId(secret::new_id()),
            tenant_id: self.tenant.id,
            name: "An application".into(),
            description: None,
            kind: "web".into(),
            status: ApplicationStatus::Active,
            source,
            primary_owner_id: None,
            is_default: false,
            custom_id: None,
            domain: None,
            picture: None,
            notify: true,
            kept: None,
            version: 0,
            archived_at: None,
            created_at: issued_at,
            updated_at: issued_at,
        };
        let client_id = secret::alphanumeric(32);
        let client = client::Model {
            id: ClientKey(secret::new_id()),
            tenant_id: self.tenant.id,
            application_id: Some(application.id),
            client_id: client_id.clone(),
            live_key: Some(client_id),
            name: Some("An application".into()),
            profile: "permissive".into(),
            policy: json!({}),
            metadata: json!({}),
            metadata_version: 1,
            token_format: None,
            rights: Words::default(),
            first_party: false,
            state: ClientState::Active,
            registration_token_hash: Some("x".into()),
            registration_token_previous_hash: None,
            initial_access_token_id: None,
            issued_at,
            last_used_at: None,
            ended_at: None,
            ended_reason: None,
            kept: None,
            kind: ClientKind::Own,
            provider_id: None,
            template_id: None,
            chosen: None,
            remote_sealed: None,
            drift: None,
            updated_at: issued_at,
        };
        let secret = client_secret::Model {
            id: secret::new_id().into(),
            tenant_id: self.tenant.id,
            client_key: client.id,
            name: None,
            hash: secret::hash(client.client_id.as_bytes()).into(),
            value_sealed: None,
            hint: "abcd".into(),
            expires_at: 0,
            created_at: issued_at,
        };
        let rows = Rows {
            applications: vec![application],
            clients: vec![client.clone()],
            client_secrets: vec![secret],
            ..Rows::default()
        };
        self.app.db.insert(rows).await.unwrap();
        client
    }

    async fn family(&self, client: ClientKey, idle_at: Seconds, revoked_at: Option<Seconds>) -> FamilyId {
        let family = token_family::Model {
            id: FamilyId(secret::new_id()),
            tenant_id: self.tenant.id,
            client_key: client,
            user_id: self.user().await.id,
            session_id: None,
            scopes: Words::from("openid"),
            audience: Words::default(),
            detail: json!({}),
            refreshable: true,
            generation: 0,
            rotated_at: NOW,
            idle_at,
            expires_at: NOW + 365 * DAY,
            revoked_at,
            revoked_reason: revoked_at.map(|_| "revoked".into()),
            created_at: NOW,
        };
        let id = family.id;
        self.app.db.insert(Rows { token_families: vec![family], ..Rows::default() }).await.unwrap();
        id
    }

    async fn token(&self, client: ClientKey, family_id: Option<FamilyId>, expires_at: Option<Seconds>) -> TokenId {
        let token = token::Model {
            id: TokenId(secret::new_id()),
            tenant_id: self.tenant.id,
            hash: secret::hash(&secret::bytes::<16>()).into(),
            family_id,
            client_key: client,
            user_id: None,
            scopes: Words::default(),
            audience: Words::default(),
            expires_at,
            revoked_at: None,
            created_at: NOW,
        };
        let id = token.id;
        self.app.db.insert(Rows { tokens: vec![token], ..Rows::default() }).await.unwrap();
        id
    }

    async fn session(&self, idle_at: Seconds, ended_at: Option<Seconds>) -> SessionId {
        let session = session::Model {
            id: SessionId(secret::new_id()),
            tenant_id: self.tenant.id,
            user_id: self.user().await.id,
            hash: secret::hash(&secret::bytes::<16>()).into(),
            auth_time: NOW,
            amr: Words::from("pwd"),
            idle_at,
            used_at: None,
            expires_at: NOW + 30 * DAY,
            ended_at,
            address: None,
            agent: None,
            created_at: NOW,
        };
        session.into_active_model().reset_all().insert(self.app.db.pool()).await.unwrap().id
    }

    async fn ticket(&self, max_uses: Option<i64>, expires_at: Option<Seconds>, created_at: Seconds) {
        let ticket = initial_access_token::Model {
            id: InitialAccessTokenId(secret::new_id()),
            tenant_id: self.tenant.id,
            name: "ci".into(),
            hash: secret::hash(&secret::bytes::<16>()).into(),
            hint: "abcd".into(),
            profile: None,
            policy: json!({}),
            template_id: None,
            max_uses,
            uses: 1,
            expires_at,
            revoked_at: None,
            created_by: "cli".into(),
            created_at,
        };
        ticket.into_active_model().reset_all().insert(self.app.db.pool()).await.unwrap();
    }

    async fn count<E: EntityTrait<Model: Send + Sync>>(&self) -> u64
    where
        for<'db> sea_orm::Select<E>: PaginatorTrait<'db, sea_orm::DatabaseConnection>,
    {
        E::find().count(self.app.db.pool()).await.unwrap()
    }

    async fn state(&self, client: &client::Model) -> client::Model {
        client::Entity::find_by_id(client.id).one(self.app.db.pool()).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn of_two_replicas_one_does_a_job_and_once_an_interval() {
    let house = house().await;
    let take = async |holder: &str| lease::take(&house.app, "a_job", holder, 300, 60).await.unwrap();
    let first = take("one").await.expect("nobody has it");
    assert!(take("two").await.is_none(), "the first one does it");
    first.succeeded(&house.app).await.unwrap();
    assert!(take("two").await.is_none(), "it is not due");
    assert!(lease::take(&house.app, "a_job", "cli", 300, 0).await.unwrap().is_some_and(|lease| {
        drop(lease);
        true
    }));
    house.clock.advance(299);
    assert!(take("two").await.is_none(), "the command line still has it, though it died");
    house.clock.advance(1);
    let second = take("two").await.expect("the lease ended");
    second.failed(&house.app).await.unwrap();
    assert!(take("one").await.is_some(), "what failed is tried again at once");
}

#[tokio::test]
async fn two_replicas_that_ask_at_the_same_moment_get_one_lease() {
    let house = house().await;
    let mut tries = tokio::task::JoinSet::new();
    for number in 0..16 {
        let app = house.app.clone();
        tries.spawn(async move { lease::take(&app, "a_job", &number.to_string(), 300, 60).await.unwrap().is_some() });
    }
    let taken = tries.join_all().await.into_iter().filter(|taken| *taken).count();
    assert_eq!(taken, 1);
}

#[tokio::test]
async fn what_has_ended_is_removed_and_what_lives_stays() {
    // Q17
    let house = house().await;
    let client = house.client(Source::Admin, NOW).await.id;
    for _ in 0..1203 {
        house.token(client, None, Some(NOW - 1)).await;
    }
    let live = [house.token(client, None, Some(NOW + 1)).await, house.token(client, None, None).await];
    house.session(NOW, None).await;
    let open = house.session(NOW + 1, None).await;
    let signed_out = house.session(NOW + 1, Some(NOW - 1)).await;
    let long_ago = NOW - 2 * DAY;
    house.family(client, long_ago, None).await;
    let eternal = house.family(client, long_ago, None).await;
    let eternal_token = house.token(client, Some(eternal), None).await;
    let young = house.family(client, NOW - 60, None).await;
    let revoked = house.family(client, NOW + DAY, Some(long_ago)).await;
    let revocation =
        |jti: &str, expires_at| revocation::Model { jti: jti.into(), tenant_id: house.tenant.id, expires_at };
    let revocations = vec![revocation("old", NOW - DAY), revocation("live", NOW + 1), revocation("margin", NOW - 10)];
    house.app.db.insert(Rows { revocations, ..Rows::default() }).await.unwrap();

    expire::run(&house.app).await.unwrap();
    let mut tokens: Vec<TokenId> =
        token::Entity::find().all(house.app.db.pool()).await.unwrap().iter().map(|token| token.id).collect();
    tokens.sort();
    assert_eq!(tokens, [live[0], live[1], eternal_token]);
    let families = async || {
        let all = token_family::Entity::find().all(house.app.db.pool()).await.unwrap();
        all.iter().map(|family| family.id).collect::<Vec<_>>()
    };
    let mut found = families().await;
    found.sort();
    assert_eq!(found, [eternal, young, revoked], "its tokens may still be good, or its code be shown again");
    let sessions = async || {
        let all = session::Entity::find().all(house.app.db.pool()).await.unwrap();
        all.iter().map(|session| session.id).collect::<Vec<_>>()
    };
    assert_eq!(sessions().await.len(), 2);
    assert_eq!(house.count::<revocation::Entity>().await, 2);

    expire::sweep(&house.app).await.unwrap();
    assert_eq!(sessions().await, [open], "{signed_out} was signed out");
    let mut found = families().await;
    found.sort();
    assert_eq!(found, [eternal, young]);
}

#[tokio::test]
async fn tombstones_explain_for_ninety_days() {
    let house = house().await;
    let live = house.client(Source::Open, NOW).await;
    let gone = house.client(Source::Open, NOW).await;
    let update = client::ActiveModel {
        state: sea_orm::ActiveValue::Set(ClientState::Ended),
        live_key: sea_orm::ActiveValue::Set(None),
        ended_at: sea_orm::ActiveValue::Set(Some(NOW)),
        ..gone.clone().into_active_model()
    };
    update.update(house.app.db.pool()).await.unwrap();
    house.token(gone.id, None, None).await;
    house.family(gone.id, NOW + 400 * DAY, None).await;
    house.ticket(Some(1), None, NOW).await;
    house.ticket(None, Some(NOW), NOW).await;
    house.ticket(Some(2), None, NOW).await;
    house.ticket(None, None, NOW).await;

    house.clock.advance(90 * DAY - 1);
    expire::sweep(&house.app).await.unwrap();
    assert_eq!(house.count::<client::Entity>().await, 2);
    assert_eq!(house.count::<initial_access_token::Entity>().await, 4);
    house.clock.advance(1);
    expire::sweep(&house.app).await.unwrap();
    let clients = client::Entity::find().all(house.app.db.pool()).await.unwrap();
    assert_eq!(clients.iter().map(|client| client.id).collect::<Vec<_>>(), [live.id]);
    assert_eq!(house.count::<client_secret::Entity>().await, 1);
    assert_eq!(house.count::<token::Entity>().await, 0);
    assert_eq!(house.count::<token_family::Entity>().await, 0);
    assert_eq!(house.count::<initial_access_token::Entity>().await, 2, "those that can still be used");
}

#[tokio::test]
async fn a_client_that_nobody_used_ends_and_one_that_was_used_stays() {
    // registration.md §6
    let house = house().await;
    let unused = house.client(Source::Open, NOW).await;
    let used = house.client(Source::Open, NOW).await;
    let granted = house.client(Source::Open, NOW).await;
    let by_ticket = house.client(Source::Iat, NOW).await;
    house.family(granted.id, NOW + 400 * DAY, None).await;
    house.clock.advance(30 * DAY - 1);
    let young = house.client(Source::Open, NOW + 30 * DAY - 1).await;
    house.app.usage.used(used.id, house.clock.now());
    retire_clients::run(&house.app).await.unwrap();
    assert_eq!(house.state(&unused).await.state, ClientState::Active);
    house.clock.advance(1);
    retire_clients::run(&house.app).await.unwrap();
    for stays in [&used, &granted, &by_ticket, &young] {
        assert_eq!(house.state(stays).await.state, ClientState::Active);
    }
    let gone = client::Model {
        live_key: None,
        state: ClientState::Ended,
        registration_token_hash: None,
        ended_at: Some(NOW + 30 * DAY),
        ended_reason: Some("unused".into()),
        updated_at: NOW + 30 * DAY,
        ..unused.clone()
    };
    assert_eq!(house.state(&unused).await, gone);
    let told = event::Entity::find()
        .filter(event::Column::Kind.eq("client_expired"))
        .all(house.app.db.pool())
        .await
        .unwrap()
        .into_iter()
        .map(|event| (event.actor, event.target))
        .collect::<Vec<_>>();
    assert_eq!(told, [("system".to_owned(), format!("client:{}", unused.client_id))]);
    retire_clients::run(&house.app).await.unwrap();
}

#[tokio::test]
async fn keys_are_published_a_day_before_they_sign() {
    // Q9
    let house = house().await;
    let current = || {
        let tenant = house.app.tenants.by_slug(DEFAULT_SLUG).unwrap();
        (tenant.keys.signing(Algorithm::ES256).unwrap().kid().to_owned(), tenant.keys.keys().len())
    };
    let (first, keys) = current();
    assert_eq!(keys, 2);
    rotate_keys::run(&house.app).await.unwrap();
    assert_eq!(current(), (first.clone(), 2));
    house.clock.advance(89 * DAY);
    rotate_keys::run(&house.app).await.unwrap();
    assert_eq!(current(), (first.clone(), 4), "the next keys are published");
    house.clock.advance(DAY);
    rotate_keys::run(&house.app).await.unwrap();
    let (second, keys) = current();
    assert!(second != first && keys == 4, "the first keys stay published");
    house.clock.advance(2 * DAY);
    rotate_keys::run(&house.app).await.unwrap();
    assert_eq!(current(), (second, 2));
}

#[tokio::test]
async fn every_job_runs_soon_after_the_start() {
    let house = house().await;
    let jobs = Jobs::start(&house.app);
    let ran =
        |text: &str, job: &str| text.contains(&format!("job_runs_total{{job=\"{job}\",outcome=\"succeeded\"}} 1"));
    for _ in 0..200 {
        let text = house.app.metrics.text();
        if ["watch", "usage", "expire", "sweep", "retire_clients", "rotate_keys"].iter().all(|job| ran(&text, job)) {
            return jobs.stop(std::time::Duration::from_secs(5)).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("not every job ran:\n{}", house.app.metrics.text());
}

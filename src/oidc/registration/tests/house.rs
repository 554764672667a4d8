//! A server without its door, for tests of the operations on a database.

use std::net::IpAddr;
use std::sync::Arc;

use entity::id::{ClientKey, FamilyId, UserId};
use entity::{client, event, token_family};
use sea_orm::{
    ColumnTrait, ConnectionTrait, Database, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait, sea_query::Expr,
};
use serde_json::{Value, json};

use crate::app::App;
use crate::clock::Clock;
use crate::config::{self, Files, Sources};
use crate::oidc::client::authenticate::{Presented, authenticate};
use crate::oidc::registration::admission::Caller;
use crate::oidc::registration::body::{Body, Media};
use crate::oidc::registration::information::ClientInformation;
use crate::oidc::registration::initial_access_token as tickets;
use crate::oidc::registration::register::{Intent, register};
use crate::oidc::registration::replace::{Extent, update};
use crate::oidc::registration::{Policy, delete, manage};
use crate::oidc::tenant::Tenant;
use crate::oidc::token::{TokenRequest, answer};
use crate::oidc::{Code, Error};
use crate::secret::Secret;

pub(super) const NOW: i64 = 1_800_000_000;
const KEY: &str = "Zm9yLXRlc3RzLW9ubHktMDEyMzQ1Njc4OTpBQkNERUY";
pub(super) const PAGE: &str = r#"{"redirect_uris":["https://a.example/cb"],"client_name":"Page"}"#;

pub(super) struct House {
    pub(super) app: Arc<App>,
    pub(super) tenant: Arc<Tenant>,
    pub(super) clock: Clock,
    _folder: tempfile::TempDir,
}

/// A server whose default tenant has these registration settings.
pub(super) async fn house(registration: Value, settings: &[(&str, &str)]) -> House {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let mut sources = Sources { files: Files::Disk, clock: clock.clone(), ..Sources::nothing() }
        .set("database.url", database(&folder).await)
        .set("database.connections_max", "4")
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

/// An SQLite file, or a new database on the server that `REGISTRAR_TEST_DATABASE` names.
async fn database(folder: &tempfile::TempDir) -> String {
    let Some(server) = std::env::var("REGISTRAR_TEST_DATABASE").ok().filter(|url| !url.is_empty()) else {
        return format!("sqlite://{}", folder.path().join("registrar.db").display());
    };
    let name = format!("lib_{}", crate::secret::new_id().simple());
    let admin = Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    url.to_string()
}

pub(super) async fn interop() -> House {
    house(json!({"open": true, "profile": "interop"}), &[]).await
}

pub(super) fn from() -> IpAddr {
    IpAddr::from([192, 0, 2, 7])
}

pub(super) fn caller(token: Option<&Secret>) -> Caller<'_> {
    Caller { token, from: from() }
}

pub(super) fn body(json: &str) -> Body<'_> {
    Body { media: Media::Json, bytes: json.as_bytes() }
}

impl House {
    pub(super) async fn register(&self, token: Option<&Secret>, json: &str) -> Result<ClientInformation, Error> {
        register(&self.app, &self.tenant, caller(token), body(json), Intent::Register).await
    }

    pub(super) async fn ticket(&self, max_uses: Option<i64>) -> Secret {
        let new = tickets::New {
            name: "test".into(),
            profile: None,
            policy: Policy::default(),
            template: None,
            max_uses,
            expires_at: None,
            created_by: "system".into(),
        };
        tickets::create(&self.app, &self.tenant, new).await.unwrap().0
    }

    pub(super) async fn read(&self, token: &Secret, client_id: &str) -> Result<ClientInformation, Error> {
        manage::read(&self.app, &self.tenant, caller(Some(token)), client_id).await
    }

    pub(super) async fn put(&self, token: &Secret, client_id: &str, json: Value) -> Result<ClientInformation, Error> {
        let json = json.to_string();
        update(&self.app, &self.tenant, caller(Some(token)), client_id, body(&json), Extent::Whole).await
    }

    pub(super) async fn patch(&self, token: &Secret, client_id: &str, json: Value) -> Result<ClientInformation, Error> {
        let json = json.to_string();
        update(&self.app, &self.tenant, caller(Some(token)), client_id, body(&json), Extent::Part).await
    }

    pub(super) async fn delete(&self, token: &Secret, client_id: &str) -> Result<(), Error> {
        delete::delete(&self.app, &self.tenant, caller(Some(token)), client_id).await
    }

    /// An access token with `scope`, of a client that an admin gave these rights.
    pub(super) async fn access_token(&self, rights: &str, scope: &str) -> Secret {
        let ticket = self.ticket(None).await;
        let machine = r#"{"grant_types":["client_credentials"]}"#;
        let registered = self.register(Some(&ticket), machine).await.unwrap();
        let give = client::Entity::update_many()
            .col_expr(client::Column::Rights, Expr::value(rights))
            .filter(client::Column::ClientId.eq(id(&registered)));
        self.app.db.execute(give.build(self.app.db.backend())).await.unwrap();
        let presented = Presented {
            basic: None,
            client_id: registered.client_id,
            client_secret: registered.client_secret,
            from: None,
        };
        let client = authenticate(&self.app, &self.tenant, &presented).await.unwrap();
        let request = TokenRequest {
            grant_type: Some("client_credentials".to_owned()),
            scope: Some(scope.to_owned()),
            ..TokenRequest::default()
        };
        answer(&self.app, &self.tenant, &client, &request).await.unwrap().access_token
    }

    pub(super) async fn row(&self, client_id: &str) -> client::Model {
        let found = client::Entity::find().filter(client::Column::ClientId.eq(client_id));
        found.one(self.app.db.pool()).await.unwrap().unwrap()
    }

    pub(super) async fn clients(&self) -> u64 {
        client::Entity::find().count(self.app.db.pool()).await.unwrap()
    }

    pub(super) async fn events(&self, kind: &str) -> u64 {
        let told = event::Entity::find().filter(event::Column::Kind.eq(kind));
        told.count(self.app.db.pool()).await.unwrap()
    }
}

pub(super) fn id(information: &ClientInformation) -> &str {
    information.client_id.as_deref().unwrap()
}

pub(super) fn token(information: &ClientInformation) -> &Secret {
    information.registration_access_token.as_ref().unwrap()
}

pub(super) fn code<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Code {
    outcome.expect_err("it should be refused").code
}

pub(super) fn family(house: &House, client_key: ClientKey) -> token_family::Model {
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

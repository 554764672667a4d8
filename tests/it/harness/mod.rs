//! A whole server on a fresh database, and the clients and browsers that talk to it.
//!
//! The database is SQLite, or a new one on the server that `REGISTRAR_TEST_DATABASE` names. Signing keys and the first
//! admin are made once a process and copied, because RSA keys take long.

pub mod browser;
pub mod database;
pub mod front;
pub mod grant;
pub mod http;
pub mod kong;
pub mod party;
pub mod portal;
pub mod postbox;
pub mod wire;

use std::net::SocketAddr;
use std::sync::Arc;

use registrar::app::{App, routes, settings};
use registrar::clock::Clock;
use registrar::config::{self, Files, Sources};
use registrar::edge::listener;
use registrar::secret;
use serde_json::{Value, json};

pub use browser::Browser;
pub use http::{Answer, Http};

/// A password every test person has.
pub const PASSWORD: &str = "correct horse battery";

/// A server under test; it ends with the test.
pub struct TestApp {
    /// Its insides, for looking at rows and moving the clock.
    pub app: Arc<App>,
    /// Where it listens, as a URL without a slash at the end: the issuer.
    pub issuer: String,
    /// A client that follows no redirects.
    pub http: Http,
    database: database::Fresh,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl TestApp {
    /// A server with the default configuration, but without limits of rate.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A server on which anybody may register, with the interop profile.
    pub async fn open() -> Self {
        Self::with(&[("registration.profile", "interop")]).await.opened().await
    }

    /// A server with some settings set.
    pub async fn with(set: &[(&str, &str)]) -> Self {
        let database = database::Fresh::make().await;
        Self::on(database, set, Clock::system()).await
    }

    /// A server on which anybody may register, with the interop profile and a clock that stands until it is moved.
    pub async fn at_a_standstill() -> Self {
        let clock = Clock::fixed(Clock::system().now());
        let database = database::Fresh::make().await;
        Self::on(database, &[("registration.profile", "interop")], clock).await.opened().await
    }

    /// Another replica on the same database.
    pub async fn replica(&self) -> Self {
        self.replica_with(&[]).await
    }

    /// Another replica on the same database, with some settings set.
    pub async fn replica_with(&self, set: &[(&str, &str)]) -> Self {
        let set = [&[("server.issuer", self.issuer.as_str())], set].concat();
        Self::on(self.database.again(), &set, self.app.clock.clone()).await
    }

    /// A server with this clock on this database, whatever is in it.
    pub async fn on(database: database::Fresh, set: &[(&str, &str)], clock: Clock) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let base = format!("http://127.0.0.1:{}", address.port());
        let config = configuration(&database, &base, set);
        let issuer = config.server.issuer.as_str().to_owned();
        let (app, _) = App::start(config, clock).await.unwrap();
        let endpoint = routes::endpoint(app.clone());
        let limits = settings::listener(&app.config);
        let serving = tokio::spawn(listener::serve(listener, endpoint, limits, std::future::pending::<()>()));
        Self { http: Http::new(&base), app, issuer, database, serving }
    }

    /// Lets anybody register, on the default tenant.
    pub async fn opened(self) -> Self {
        self.settings(json!({"registration": {"open": true}})).await;
        self
    }

    /// Replaces the settings of the default tenant.
    pub async fn settings(&self, settings: Value) {
        use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
        let tenants = entity::tenant::Entity::find().all(self.app.db.pool()).await.unwrap();
        let tenant = tenants.into_iter().find(|tenant| tenant.slug == "default").unwrap();
        let mut tenant = tenant.into_active_model();
        tenant.settings = Set(settings);
        tenant.update(self.app.db.pool()).await.unwrap();
        self.app.tenants.refresh(&self.app).await.unwrap();
    }

    /// The default tenant.
    pub fn tenant(&self) -> Arc<registrar::oidc::tenant::Tenant> {
        self.app.tenants.by_slug("default").unwrap()
    }

    /// Makes a person with [`PASSWORD`].
    pub async fn person(&self, email: &str) -> entity::user::Model {
        self.person_with(email, json!({})).await
    }

    /// Makes a person with [`PASSWORD`] and these claims.
    pub async fn person_with(&self, email: &str, claims: Value) -> entity::user::Model {
        use sea_orm::{ActiveModelTrait, IntoActiveModel};
        let now = self.app.clock.now();
        let person = entity::user::Model {
            id: secret::new_id().into(),
            tenant_id: self.tenant().id,
            email: email.to_owned(),
            email_key: registrar::oidc::user::email_key(email).unwrap(),
            email_verified: true,
            name: Some("Ada Lovelace".to_owned()),
            role: entity::user::Role::User,
            state: entity::user::UserState::Active,
            approval: entity::user::Approval::Approved,
            meta: None,
            custom_id: None,
            first_login_at: None,
            default_application_at: None,
            password_hash: Some(self.app.passwords.hash(&PASSWORD.to_owned().into()).await.unwrap()),
            password_changed_at: now,
            claims,
            created_at: now,
            updated_at: now,
        };
        person.into_active_model().reset_all().insert(self.app.db.pool()).await.unwrap()
    }

    /// Makes a service with these scopes.
    pub async fn service(&self, audience: &str, scopes: &[&str]) -> entity::service::Model {
        use sea_orm::{ActiveModelTrait, IntoActiveModel};
        let now = self.app.clock.now();
        let scopes: Vec<Value> =
            scopes.iter().map(|scope| json!({"value": scope, "description": format!("May {scope}")})).collect();
        let service = entity::service::Model {
            access: entity::service::Access::Open,
            published: true,
            owner_id: None,
            upstream: None,
            tags: None,
            version: 0,
            id: secret::new_id().into(),
            tenant_id: self.tenant().id,
            name: audience.to_owned(),
            description: None,
            audience: audience.to_owned(),
            enabled: true,
            scopes: scopes.into(),
            token_format: entity::service::TokenFormat::Jwt,
            access_token_seconds: None,
            kept: None,
            created_at: now,
            updated_at: now,
        };
        let service = service.into_active_model().reset_all().insert(self.app.db.pool()).await.unwrap();
        self.app.services.forget_all();
        service
    }

    /// Registers a client by HTTP.
    pub async fn register(&self, metadata: Value) -> Value {
        let answer = self.http.post_json("/oidc/register", &metadata).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()
    }

    /// The database under it.
    pub fn database(&self) -> &database::Fresh {
        &self.database
    }

    /// A URL of the server.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }
}

/// The configuration of a test: a fixed key, cheap password hashes, no limits of rate, and what the test sets.
pub fn configuration(database: &database::Fresh, base: &str, set: &[(&str, &str)]) -> config::Config {
    let mut sources = Sources { files: Files::Disk, clock: Clock::system(), ..Sources::nothing() };
    let settings = [
        ("server.issuer", base),
        ("server.metrics_listen", ""),
        ("kong_admin.listen", ""),
        ("database.url", &database.url),
        ("database.connections_max", "4"),
        ("secrets.key_encryption_key", KEY),
        ("login.argon2_memory_kib", "8192"),
        ("login.argon2_iterations", "1"),
        ("login.per_source_per_minute", "0"),
        ("registration.per_source_per_minute", "0"),
        ("registration.global_per_minute", "0"),
        ("registration.wrong_token_per_minute", "0"),
        ("tokens.wrong_secrets_per_minute", "0"),
    ];
    for (key, value) in settings.iter().chain(set) {
        sources = sources.set(key, *value);
    }
    config::load(&sources).unwrap_or_else(|faults| panic!("{faults}")).config
}

/// The key-encryption key of every test.
pub const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

//! What does the house consist of? Everything wired together, and every route on one screen.

use std::sync::Arc;

use entity::id::{ApplicationId, FamilyId, TenantId, UserId};
use entity::{token_family, user};

pub mod part;
pub mod routes;
pub mod settings;

use crate::clock::Clock;
use crate::config::Config;
use crate::db::cache::Cache;
use crate::db::{self, Db, migrate};
use crate::health::Lifecycle;
use crate::limit::Limiter;
use crate::mail::Mailer;
use crate::oidc::Error;
use crate::oidc::client::record::{CacheKey, Client};
use crate::oidc::client::standing::Standing;
use crate::oidc::client::usage::Usage;
use crate::oidc::registration::memory::Memory;
use crate::oidc::service::Service;
use crate::oidc::session::password::Passwords;
use crate::oidc::setup::{self, FirstStart};
use crate::oidc::tenant::Tenants;
use crate::oidc::token::access::VerifiedTokens;
use crate::outbound::Outbound;
use crate::portal::provider::ticket::Tickets;
use crate::secret::Sealer;
use crate::telemetry::Metrics;

/// The server's insides: what every rule is given.
#[derive(Debug)]
pub struct App {
    /// What the operator decided.
    pub config: Config,
    /// What time it is.
    pub clock: Clock,
    /// The rows.
    pub db: Db,
    /// The keys outside the database.
    pub sealer: Sealer,
    /// Whose requests these are.
    pub tenants: Tenants,
    /// Clients by identifier.
    pub clients: Cache<CacheKey, Arc<Client>>,
    /// How applications stand.
    pub standings: Cache<ApplicationId, Arc<Standing>>,
    /// Services by tenant.
    pub services: Cache<TenantId, Arc<Vec<Service>>>,
    /// People by identity.
    pub users: Cache<UserId, Arc<user::Model>>,
    /// Token families by identity.
    pub families: Cache<FamilyId, Arc<token_family::Model>>,
    /// Whether a `jti` was revoked.
    pub revocations: Cache<String, bool>,
    /// JWTs whose signature was found right.
    pub verified: VerifiedTokens,
    /// When clients were last used, until it is written down.
    pub usage: Usage,
    /// What registration remembers between requests.
    pub registration: Memory,
    /// Password hashing on a bounded pool.
    pub passwords: Passwords,
    /// Initial access tokens that providers gave.
    pub tickets: Tickets,
    /// How much one caller may ask for.
    pub limiter: Limiter,
    /// The way out.
    pub outbound: Outbound,
    /// The way to the mail server; `None`: there is none.
    pub mailer: Option<Mailer>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Whether it is about to stop.
    pub lifecycle: Lifecycle,
}

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The key-encryption key.
    #[error("{0}")]
    Key(String),
    /// The database.
    #[error("the database cannot be used: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// Its tables are not up to date, and this process may not change that.
    #[error(
        "the database's tables are not up to date ({0} missing) and database.migrate_at_start is off: run registrar migrate"
    )]
    Tables(String),
    /// What must be in it before the first request.
    #[error("{0}")]
    Setup(#[from] Error),
    /// The certificates of outbound calls.
    #[error("outbound.ca_file: {0}")]
    Certificates(String),
    /// The directory of the SQLite file.
    #[error("{0}")]
    Files(#[from] std::io::Error),
}

impl App {
    /// Connects to the database, brings it up to date and puts in what must be there.
    ///
    /// # Errors
    /// [`StartError`] says what to mend.
    pub async fn start(config: Config, clock: Clock) -> Result<(Arc<Self>, FirstStart), StartError> {
        let app = Self::connect(config, clock).await?;
        let first = migrate::locked(&app.db_settings(), async |_| setup::ensure(&app).await).await?;
        app.tenants.refresh(&app).await?;
        Ok((Arc::new(app), first))
    }

    /// Connects to the database and, where the configuration says so, brings its tables up to date.
    ///
    /// # Errors
    /// [`StartError`] says what to mend.
    pub async fn connect(config: Config, clock: Clock) -> Result<Self, StartError> {
        let key = config.secrets.key.obtain().map_err(|error| StartError::Key(error.to_string()))?;
        settings::make_file(&config.database.url)?;
        let settings = db_settings(&config);
        if config.database.migrate_at_start {
            migrate::locked(&settings, async |connection| migrate::run(connection).await).await?;
        }
        let db = Db::connect(&settings).await?;
        if !config.database.migrate_at_start {
            let pending = migrate::pending(db.pool()).await?;
            if !pending.is_empty() {
                return Err(StartError::Tables(pending.join(", ")));
            }
        }
        let metrics = Arc::new(Metrics::new());
        let outbound = settings::outbound(&config, &clock, &metrics)?;
        Ok(Self {
            sealer: Sealer::new(key.bytes()),
            db,
            tenants: Tenants::default(),
            clients: Cache::new(10_000),
            standings: Cache::new(10_000),
            services: Cache::new(1_000),
            users: Cache::new(10_000),
            families: Cache::new(20_000),
            revocations: Cache::new(20_000),
            verified: VerifiedTokens::default(),
            usage: Usage::default(),
            registration: Memory::default(),
            passwords: Passwords::new(&config.login),
            tickets: Tickets::default(),
            limiter: Limiter::new(clock.clone(), &settings::limits(&config)),
            outbound,
            mailer: settings::mailer(&config),
            metrics,
            lifecycle: Lifecycle::default(),
            config,
            clock,
        })
    }

    /// How the database is reached.
    pub fn db_settings(&self) -> db::Settings {
        db_settings(&self.config)
    }
}

/// How the database is reached.
pub fn db_settings(config: &Config) -> db::Settings {
    db::Settings {
        url: config.database.url.connect_with().expose().to_owned(),
        connections_max: config.database.connections_max,
        acquire_timeout: config.database.acquire_timeout,
    }
}

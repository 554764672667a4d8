//! A fresh database for each test.

use std::sync::Arc;

use registrar::app::App;
use registrar::clock::Clock;
use sea_orm::{ActiveModelTrait, ConnectionTrait, Database, EntityTrait, IntoActiveModel};
use tokio::sync::OnceCell;

/// A database of its own; an SQLite file goes with the test, the others with their cluster.
pub struct Fresh {
    /// How to reach it.
    pub url: String,
    folder: Arc<tempfile::TempDir>,
}

/// The rows of a first start: keys take long to make, and no test minds sharing them.
struct Template {
    deployment: entity::deployment::Model,
    tenant: entity::tenant::Model,
    keys: Vec<entity::signing_key::Model>,
    admin: entity::user::Model,
}

static TEMPLATE: OnceCell<Template> = OnceCell::const_new();

impl Fresh {
    /// An empty database with the rows of a first start.
    pub async fn make() -> Self {
        let fresh = Self::empty().await;
        let template = TEMPLATE.get_or_init(Template::make).await;
        template.copy_to(&fresh).await;
        fresh
    }

    /// A database without a table.
    pub async fn empty() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let Some(server) = std::env::var("REGISTRAR_TEST_DATABASE").ok().filter(|url| !url.is_empty()) else {
            let url = format!("sqlite://{}", folder.path().join("registrar.db").display());
            return Self { url, folder };
        };
        let name = format!("it_{}", registrar::secret::new_id().simple());
        let admin = Database::connect(&server).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        admin.close().await.unwrap();
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&name);
        Self { url: url.to_string(), folder }
    }

    /// The same database, for another replica.
    pub fn again(&self) -> Self {
        Self { url: self.url.clone(), folder: self.folder.clone() }
    }

    /// The same database, reached by another port of this machine.
    pub fn by_port(&self, port: u16) -> Self {
        let mut url = url::Url::parse(&self.url).unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(port)).unwrap();
        Self { url: url.to_string(), folder: self.folder.clone() }
    }

    /// Whether it is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }
}

impl Template {
    async fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("template.db").display());
        let database = Fresh { url, folder: Arc::new(folder) };
        let config = super::configuration(&database, "http://127.0.0.1:1", &[]);
        let (app, _) = App::start(config, Clock::system()).await.unwrap();
        let pool = app.db.pool();
        Self {
            deployment: entity::deployment::Entity::find().one(pool).await.unwrap().unwrap(),
            tenant: entity::tenant::Entity::find().one(pool).await.unwrap().unwrap(),
            keys: entity::signing_key::Entity::find().all(pool).await.unwrap(),
            admin: entity::user::Entity::find().one(pool).await.unwrap().unwrap(),
        }
    }

    async fn copy_to(&self, database: &Fresh) {
        let app =
            App::connect(super::configuration(database, "http://127.0.0.1:1", &[]), Clock::system()).await.unwrap();
        let pool = app.db.pool();
        self.deployment.clone().into_active_model().reset_all().insert(pool).await.unwrap();
        self.tenant.clone().into_active_model().reset_all().insert(pool).await.unwrap();
        for key in &self.keys {
            key.clone().into_active_model().reset_all().insert(pool).await.unwrap();
        }
        self.admin.clone().into_active_model().reset_all().insert(pool).await.unwrap();
        pool.close_by_ref().await.unwrap();
    }
}

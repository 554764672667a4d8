//! What must be there before the first request? The default tenant, its keys, and one admin.

use entity::id::{TenantId, UserId};
use entity::signing_key::KeyState;
use entity::user::{Approval, Role, UserState};
use entity::{deployment, tenant, user};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseConnection, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter,
};
use serde_json::json;

use super::Error;
use super::keys::{Algorithm, rotation};
use super::session::sign_in_link;
use super::tenant::DEFAULT_SLUG;
use crate::app::App;
use crate::secret::{self, Purpose, Secret};

/// What the first start made that the operator must be told.
#[derive(Clone, Debug, Default)]
pub struct FirstStart {
    /// The first admin's e-mail address and one-time sign-in link.
    pub admin: Option<(String, Secret)>,
}

/// Puts in what is missing. Run under the lock of [`crate::db::migrate::locked`], so that of several replicas started
/// together on an empty database one does it and the others find it done.
///
/// # Errors
/// When the database cannot be asked, or was sealed with another key-encryption key.
pub async fn ensure(app: &App) -> Result<FirstStart, Error> {
    check_key(app).await?;
    let pool = app.db.pool();
    let default = tenant::Entity::find().filter(tenant::Column::Slug.eq(DEFAULT_SLUG)).one(pool).await?;
    let issuer = app.config.server.issuer.as_str();
    let Some(default) = default else {
        let made = create_tenant(app, DEFAULT_SLUG, "Registrar", issuer).await?;
        return first_admin(app, &made).await;
    };
    if default.issuer != issuer {
        let mut moved = default.clone().into_active_model();
        moved.issuer = Set(issuer.to_owned());
        moved.updated_at = Set(app.clock.now());
        moved.update(pool).await?;
    }
    ensure_keys(app, pool, default.id).await?;
    first_admin(app, &default).await
}

/// Makes a tenant with its signing keys.
///
/// # Errors
/// When its short name or issuer is taken, or the database cannot be asked.
pub async fn create_tenant(app: &App, slug: &str, name: &str, issuer: &str) -> Result<tenant::Model, Error> {
    let now = app.clock.now();
    let row = tenant::Model {
        id: TenantId(secret::new_id()),
        slug: slug.to_owned(),
        name: name.to_owned(),
        issuer: issuer.to_owned(),
        settings: json!({}),
        created_at: now,
        updated_at: now,
    };
    let made = row.into_active_model().reset_all().insert(app.db.pool()).await?;
    ensure_keys(app, app.db.pool(), made.id).await?;
    Ok(made)
}

async fn ensure_keys(app: &App, pool: &DatabaseConnection, tenant_id: TenantId) -> Result<(), Error> {
    let published = rotation::published(pool, tenant_id).await?;
    let has = |algorithm: &Algorithm| published.iter().any(|key| key.algorithm == algorithm.as_str());
    let missing: Vec<Algorithm> =
        app.config.keys.algorithms.iter().copied().filter(|algorithm| !has(algorithm)).collect();
    let now = app.clock.now();
    for algorithm in missing {
        let key = rotation::generate(&app.sealer, tenant_id, algorithm, KeyState::Current, now);
        key.map_err(Error::internal)?.into_active_model().reset_all().insert(pool).await?;
    }
    Ok(())
}

/// The key-encryption key must be the one this database was sealed with: a wrong one is told now, not at first use.
async fn check_key(app: &App) -> Result<(), Error> {
    const CONTEXT: &[u8] = b"deployment";
    let pool = app.db.pool();
    let Some(deployment) = deployment::Entity::find_by_id(1).one(pool).await? else {
        let row = deployment::Model {
            id: 1,
            key_check: app.sealer.seal_text(Purpose::KeyCheck, CONTEXT, b"ok"),
            created_at: app.clock.now(),
        };
        row.into_active_model().reset_all().insert(pool).await?;
        return Ok(());
    };
    let opened = app.sealer.open_text(Purpose::KeyCheck, CONTEXT, &deployment.key_check);
    opened.map(drop).map_err(|_| {
        let why = "the key-encryption key is not the one this database was sealed with: set secrets.key_encryption_key or \
                   secrets.key_file to that key, or restore its file";
        Error::internal(std::io::Error::other(why))
    })
}

/// Makes the first admin of a tenant in which nobody is.
async fn first_admin(app: &App, tenant: &tenant::Model) -> Result<FirstStart, Error> {
    let people = user::Entity::find().filter(user::Column::TenantId.eq(tenant.id)).count(app.db.pool()).await?;
    if people > 0 {
        return Ok(FirstStart::default());
    }
    let bootstrap = &app.config.bootstrap;
    let now = app.clock.now();
    let password_hash = match &bootstrap.admin_password {
        Some(password) => Some(app.passwords.hash(password).await?),
        None => None,
    };
    let has_password = password_hash.is_some();
    let admin = user::Model {
        id: UserId(secret::new_id()),
        tenant_id: tenant.id,
        email: bootstrap.admin_email.clone(),
        email_key: super::user::email_key(&bootstrap.admin_email).unwrap_or_else(|| bootstrap.admin_email.clone()),
        email_verified: false,
        name: None,
        role: Role::Admin,
        state: UserState::Active,
        approval: Approval::Approved,
        meta: None,
        custom_id: None,
        first_login_at: None,
        default_application_at: None,
        password_hash,
        password_changed_at: now,
        claims: json!({}),
        created_at: now,
        updated_at: now,
    };
    let admin = admin.into_active_model().reset_all().insert(app.db.pool()).await?;
    if has_password {
        return Ok(FirstStart::default());
    }
    let link = sign_in_link::make(app, tenant.id, &tenant.issuer, &admin);
    Ok(FirstStart { admin: Some((admin.email, link)) })
}

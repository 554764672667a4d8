//! Whose request is this, and what may that tenant's admins have chosen?

pub mod application_settings;
pub mod manage;
mod registration;

pub use application_settings::{TypeSettings, UserSettings};
pub use registration::RegistrationSettings;

use std::sync::{Arc, RwLock};

use entity::id::TenantId;
use entity::{signing_key, tenant, webhook};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use super::discovery::Documents;
use super::keys::KeyRing;
use super::registration::profile::Profile;
use crate::app::App;
use crate::oidc::Error;

/// What a tenant's admins may change while the server runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How applications may register themselves.
    pub registration: RegistrationSettings,
    /// Introspection (RFC 7662).
    pub introspection: IntrospectionSettings,
    /// How developers come to the portal.
    pub portal: PortalSettings,
    /// What skips the queue.
    pub auto_approve: AutoApprove,
    /// When mails are sent.
    pub mail: MailSettings,
    /// Policies of services.
    pub policies: PolicySettings,
    /// Which types of applications developers make.
    pub types: TypeSettings,
    /// What people find when they come.
    pub users: UserSettings,
    /// How long people stay signed in.
    pub session: SessionSettings,
    /// What people are asked, and for how long it holds.
    pub consent: ConsentSettings,
    /// What is known of the tenant beyond its name.
    pub about: AboutSettings,
    /// Grants that have to be switched on.
    pub grants: GrantSettings,
    /// The audience of a token whose request names none and whose scopes belong to no service.
    pub default_audience: Option<String>,
    /// How long archived applications are kept, in days; `None`: as configured.
    pub retention_days: Option<u32>,
    /// What other products' scripts store and read back; without effect here.
    pub kept: serde_json::Map<String, serde_json::Value>,
}

impl Settings {
    /// The profile of new clients: the tenant's own, else the configured one.
    pub fn profile(&self, app: &App) -> &'static Profile {
        let chosen = self.registration.profile.as_deref().and_then(Profile::named);
        chosen.or_else(|| Profile::named(app.config.registration.profile.name())).unwrap_or(&Profile::STRICT)
    }
}

/// How developers come to the portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PortalSettings {
    /// Anybody may ask to be a developer.
    pub sign_up: bool,
    /// Only with an e-mail address of these domains; empty: of any.
    pub sign_up_domains: Vec<String>,
}

impl Default for PortalSettings {
    fn default() -> Self {
        Self { sign_up: true, sign_up_domains: Vec::new() }
    }
}

/// What skips the queue (portal.md N21). It stands above what a policy says; what waits already goes on waiting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AutoApprove {
    /// Developers.
    pub developers: bool,
    /// Contracts.
    pub contracts: bool,
}

/// When mails are sent (portal.md K74).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailSettings {
    /// To those who decide, when somebody asks.
    pub on_request: bool,
    /// To those who asked, when somebody decided.
    pub on_status: bool,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self { on_request: true, on_status: true }
    }
}

/// Policies of services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicySettings {
    /// A policy may let tokens live for ever (security.md s.K4).
    pub endless_tokens: bool,
}

impl Default for PolicySettings {
    fn default() -> Self {
        Self { endless_tokens: true }
    }
}

/// How long people stay signed in; `None`: as configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionSettings {
    /// Hours without being used.
    pub idle_hours: Option<u32>,
    /// Hours in any case.
    pub max_hours: Option<u32>,
}

/// What people are asked, and for how long it holds (portal.md A27).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsentSettings {
    /// Scopes are shown by their descriptions, where they have one; else by their names.
    pub scope_descriptions: bool,
    /// A client that revokes its refresh token has to ask again.
    pub ends_with_token: bool,
}

impl Default for ConsentSettings {
    fn default() -> Self {
        Self { scope_descriptions: true, ends_with_token: false }
    }
}

/// What is known of the tenant beyond its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AboutSettings {
    /// Whom people write to.
    pub support_email: Option<String>,
    /// Where people read more.
    pub support_url: Option<String>,
}

/// Introspection (RFC 7662).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IntrospectionSettings {
    /// GET is answered too; `None`: as configured.
    pub allow_get: Option<bool>,
}

/// Grants that have to be switched on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GrantSettings {
    /// Applications of the tenant's own may exchange a person's password for tokens (RFC 6749 §4.3, D-20).
    pub password: bool,
}

/// A tenant as requests see it: never changed, but replaced as a whole.
#[derive(Debug)]
pub struct Tenant {
    /// Its row.
    pub id: TenantId,
    /// Short name.
    pub slug: String,
    /// Name shown to people.
    pub name: String,
    /// Its issuer identifier, byte for byte as clients compare it.
    pub issuer: String,
    /// What its admins chose.
    pub settings: Settings,
    /// Its keys.
    pub keys: KeyRing,
    /// Its discovery documents, ready to send.
    pub documents: Documents,
    /// Who is told of events.
    pub webhooks: Vec<webhook::Model>,
    version: Version,
}

/// What must be equal for a loaded tenant to be still right.
#[derive(Clone, Debug, PartialEq)]
struct Version {
    tenant: tenant::Model,
    keys: Vec<(String, signing_key::KeyState)>,
    webhooks: Vec<webhook::Model>,
}

impl Tenant {
    /// The path of its issuer: empty, or starting with a slash.
    pub fn path(&self) -> &str {
        path_of(&self.issuer)
    }

    /// Scheme and authority of its issuer.
    pub fn origin(&self) -> &str {
        &self.issuer[..self.issuer.len() - self.path().len()]
    }

    /// Host and port of its issuer.
    pub fn authority(&self) -> &str {
        let origin = self.origin();
        origin.find("://").map_or(origin, |at| &origin[at + 3..])
    }

    /// The address of one of its endpoints: `path` starts with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// Whether people reach it over TLS.
    pub fn is_https(&self) -> bool {
        self.issuer.starts_with("https://")
    }
}

fn path_of(issuer: &str) -> &str {
    let authority = issuer.find("://").map_or(0, |at| at + 3);
    issuer[authority..].find('/').map_or("", |slash| &issuer[authority + slash..])
}

/// The tenants of this server, as they were at most a second ago.
#[derive(Debug, Default)]
pub struct Tenants {
    all: RwLock<Arc<Vec<Arc<Tenant>>>>,
}

impl Tenants {
    /// All of them, the one with the longest path first.
    pub fn all(&self) -> Arc<Vec<Arc<Tenant>>> {
        self.all.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// The tenant with this short name.
    pub fn by_slug(&self, slug: &str) -> Option<Arc<Tenant>> {
        self.all().iter().find(|tenant| tenant.slug == slug).cloned()
    }

    /// The tenant a request is for, and what of its path comes after the issuer's.
    ///
    /// The host chooses between tenants that have one of their own; nothing of it ever enters an answer (S8).
    pub fn of_path(&self, host: &str, path: &str) -> Option<(Arc<Tenant>, usize)> {
        let all = self.all();
        let fits = |tenant: &&Arc<Tenant>| {
            path.strip_prefix(tenant.path()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut fitting = all.iter().filter(fits);
        let found = fitting.clone().find(|tenant| tenant.authority() == host);
        let found = found.or_else(|| fitting.find(|tenant| !tenant.path().is_empty() || tenant.slug == DEFAULT_SLUG));
        found.map(|tenant| (tenant.clone(), tenant.path().len()))
    }

    /// The tenant with this identity.
    pub fn by_id(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.all().iter().find(|tenant| tenant.id == id).cloned()
    }

    /// The tenant whose issuer has exactly this path (RFC 8414 §3.1).
    pub fn with_path(&self, host: &str, path: &str) -> Option<Arc<Tenant>> {
        let all = self.all();
        let mut fitting = all.iter().filter(|tenant| tenant.path() == path);
        fitting.clone().find(|tenant| tenant.authority() == host).or_else(|| fitting.next()).cloned()
    }

    /// Brings the tenants up to date; those whose rows did not change stay as they are.
    ///
    /// # Errors
    /// When the database cannot be asked, or a key cannot be opened: the tenants stay as they were.
    pub async fn refresh(&self, app: &App) -> Result<(), Error> {
        let before = self.all();
        let rows = load(app).await?;
        let mut after = Vec::with_capacity(rows.len());
        for (row, keys, webhooks) in rows {
            let version = Version {
                tenant: row.clone(),
                keys: keys.iter().map(|key| (key.kid.clone(), key.state)).collect(),
                webhooks,
            };
            let kept = before.iter().find(|tenant| tenant.version == version);
            let tenant = match kept {
                Some(tenant) => tenant.clone(),
                None => Arc::new(Tenant::prepare(app, row, &keys, version)?),
            };
            after.push(tenant);
        }
        after.sort_by_key(|tenant| std::cmp::Reverse(tenant.path().len()));
        let is_published = |kid: &str| {
            after.iter().any(|tenant: &Arc<Tenant>| tenant.version.keys.iter().any(|(known, _)| known == kid))
        };
        let gone = before.iter().flat_map(|tenant| &tenant.version.keys).any(|(kid, _)| !is_published(kid));
        *self.all.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(after);
        if gone {
            // Signatures of a key that leaked must not stay right because they were found right before.
            app.verified.forget_all();
        }
        Ok(())
    }
}

/// The tenant made at first start.
pub const DEFAULT_SLUG: &str = "default";

type Loaded = (tenant::Model, Vec<signing_key::Model>, Vec<webhook::Model>);

async fn load(app: &App) -> Result<Vec<Loaded>, DbErr> {
    let tenants = tenant::Entity::find().all(app.db.pool()).await?;
    let keys = signing_key::Entity::find().order_by_asc(signing_key::Column::Id).all(app.db.pool()).await?;
    let enabled = webhook::Entity::find().filter(webhook::Column::Enabled.eq(true));
    let webhooks = enabled.order_by_asc(webhook::Column::Id).all(app.db.pool()).await?;
    let keys_of = |id: TenantId| keys.iter().filter(move |key| key.tenant_id == id).cloned().collect();
    let webhooks_of = |id: TenantId| webhooks.iter().filter(move |webhook| webhook.tenant_id == id).cloned().collect();
    Ok(tenants
        .into_iter()
        .map(|tenant| {
            let (keys, webhooks) = (keys_of(tenant.id), webhooks_of(tenant.id));
            (tenant, keys, webhooks)
        })
        .collect())
}

impl Tenant {
    fn prepare(app: &App, row: tenant::Model, keys: &[signing_key::Model], version: Version) -> Result<Self, Error> {
        let settings: Settings = serde_json::from_value(row.settings).map_err(Error::internal)?;
        let keys = KeyRing::load(&app.sealer, keys)?;
        let documents = Documents::build(&row.issuer, &settings, settings.profile(app), &keys);
        Ok(Self {
            id: row.id,
            slug: row.slug,
            name: row.name,
            issuer: row.issuer,
            settings,
            keys,
            documents,
            webhooks: version.webhooks.clone(),
            version,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_has_a_path_or_none() {
        assert_eq!(path_of("https://id.example"), "");
        assert_eq!(path_of("http://localhost:8080/t/one"), "/t/one");
    }

    #[test]
    fn settings_that_are_not_stored_have_their_defaults() {
        let settings: Settings = serde_json::from_str(r#"{"registration":{"open":true}}"#).unwrap_or_default();
        assert!(settings.registration.open && settings.registration.with_token);
    }
}

//! Which client is this? Its rows as requests see them, at most a second old.

use std::sync::Arc;

use entity::client::{self, ClientKind, ClientState};
use entity::client_secret;
use entity::id::TenantId;
use entity::service::TokenFormat;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::metadata::{Chosen, Metadata};
use super::template::{self, Following, Template};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::Error;
use crate::oidc::registration::policy::Policy;
use crate::oidc::registration::profile::Profile;
use crate::oidc::tenant::Tenant;

/// A client that lives.
#[derive(Debug)]
pub struct Client {
    /// Its row.
    pub row: client::Model,
    /// What it is: what it registered, and what the template it follows makes of that.
    pub metadata: Metadata,
    /// What it follows, if it does, and what it is without that.
    pub following: Option<Box<Following>>,
    /// The profile it was made under.
    pub profile: &'static Profile,
    /// The registration policy it was made under.
    pub policy: Policy,
    /// Its secrets, newest last.
    pub secrets: Vec<client_secret::Model>,
}

impl Client {
    /// Puts the rows together.
    ///
    /// # Errors
    /// `server_error` when a row holds what this release cannot read.
    pub fn new(row: client::Model, secrets: Vec<client_secret::Model>) -> Result<Self, Error> {
        let mut metadata: Metadata = serde_json::from_value(row.metadata.clone()).map_err(Error::internal)?;
        metadata.chosen = Chosen::read(row.chosen.as_ref());
        let profile = Profile::named(&row.profile)
            .ok_or_else(|| Error::internal(std::io::Error::other(format!("unknown profile {}", row.profile))))?;
        let policy = serde_json::from_value(row.policy.clone()).map_err(Error::internal)?;
        Ok(Self { row, metadata, following: None, profile, policy, secrets })
    }

    /// The same client, as the template it follows makes it.
    #[must_use]
    pub fn follow(mut self, template: Arc<Template>) -> Self {
        let own = match self.following.take() {
            Some(before) => before.own,
            None => self.metadata,
        };
        self.metadata = template::resolve(&own, &template.metadata, self.profile);
        self.following = Some(Box::new(Following { own, template }));
        self
    }

    /// What it registered itself.
    pub fn own_metadata(&self) -> &Metadata {
        self.following.as_ref().map_or(&self.metadata, |following| &following.own)
    }

    /// Whether it is ours: people are not asked for consent.
    pub fn is_first_party(&self) -> bool {
        self.following.as_ref().map_or(self.row.first_party, |following| following.is_first_party(&self.row))
    }

    /// What its access tokens look like; `None`: as the service wants.
    pub fn token_format(&self) -> Option<TokenFormat> {
        let of_template = self.following.as_ref().and_then(|following| following.template.token_format);
        of_template.or(self.row.token_format)
    }

    /// Its identifier in the protocol.
    pub fn client_id(&self) -> &str {
        &self.row.client_id
    }

    /// The secrets that are valid at `now`.
    pub fn live_secrets(&self, now: Seconds) -> impl Iterator<Item = &client_secret::Model> {
        self.secrets.iter().filter(move |secret| secret.expires_at == 0 || secret.expires_at > now)
    }
}

/// The identifier of a client in its tenant: what the cache is keyed by.
pub type CacheKey = (TenantId, String);

/// The client with this identifier, if it is there and active.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, client_id: &str) -> Result<Option<Arc<Client>>, Error> {
    Ok(find_any(app, tenant, client_id).await?.filter(|client| client.row.state == ClientState::Active))
}

/// The client with this identifier, also one that an admin took out of service.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find_any(app: &App, tenant: &Tenant, client_id: &str) -> Result<Option<Arc<Client>>, Error> {
    if !is_client_id(client_id) {
        return Ok(None);
    }
    let key = (tenant.id, client_id.to_owned());
    app.clients.get(key, async |_| load(app, tenant, client_id).await).await
}

/// Whether `text` could be an identifier of ours: what is not never reaches the database (s.M16).
pub fn is_client_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// The client as the database has it now, past the cache: for those who will change it. A template is none, and a client
/// that gets its tokens elsewhere is unknown here.
///
/// # Errors
/// When the database cannot be asked.
pub async fn load(app: &App, tenant: &Tenant, client_id: &str) -> Result<Option<Arc<Client>>, Error> {
    let row = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant.id))
        .filter(client::Column::LiveKey.eq(client_id))
        .one(app.db.pool())
        .await?;
    let Some(row) = row.filter(|row| row.kind == ClientKind::Own) else { return Ok(None) };
    let template = match row.template_id {
        Some(key) => match template::of_key(app.db.pool(), tenant.id, key).await? {
            Some(template) => Some(template),
            // Without what bounds it nobody can say what it may do.
            None => return Ok(None),
        },
        None => None,
    };
    let secrets =
        client_secret::Entity::find().filter(client_secret::Column::ClientKey.eq(row.id)).all(app.db.pool()).await?;
    let client = Client::new(row, secrets)?;
    Ok(Some(Arc::new(match template {
        Some(template) => client.follow(template),
        None => client,
    })))
}

/// The client a token's rows point at, if it is active.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find_by_key(app: &App, tenant: &Tenant, key: entity::id::ClientKey) -> Result<Option<Arc<Client>>, Error> {
    let row = client::Entity::find_by_id(key).filter(client::Column::TenantId.eq(tenant.id)).one(app.db.pool()).await?;
    let Some(live) = row.and_then(|row| row.live_key) else { return Ok(None) };
    find(app, tenant, &live).await
}

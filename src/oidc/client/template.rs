//! What is a client that follows a template? Its own values and the template's, put together at each reading
//! (portal.md D-6, G18).
//!
//! Nothing of a template is ever copied into the rows of those who follow it: when it changes, they have changed. What says
//! who a client is, it may say itself; what bounds a client, the template bounds.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use entity::client::{self, ClientKind};
use entity::id::{ClientKey, TenantId};
use entity::service::TokenFormat;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::capability::{AuthMethod, GrantType, ResponseType};
use super::metadata::{Chosen, Metadata};
use crate::oidc::Error;
use crate::oidc::registration::profile::Profile;

/// A client that gets no tokens: others follow it.
#[derive(Debug)]
pub struct Template {
    /// Its row.
    pub key: ClientKey,
    /// What clients name as their `software_id`.
    pub client_id: String,
    /// What it says.
    pub metadata: Metadata,
    /// Those who follow it are ours, if an admin let them in.
    pub first_party: bool,
    /// What the access tokens of those who follow it look like; `None`: as each client and service wants.
    pub token_format: Option<TokenFormat>,
}

impl Template {
    /// Reads a row.
    ///
    /// # Errors
    /// `server_error` when the row holds what this release cannot read.
    pub fn new(row: client::Model) -> Result<Self, Error> {
        let mut metadata: Metadata = serde_json::from_value(row.metadata).map_err(Error::internal)?;
        metadata.chosen = Chosen::read(row.chosen.as_ref());
        let (first_party, token_format) = (row.first_party, row.token_format);
        Ok(Self { key: row.id, client_id: row.client_id, metadata, first_party, token_format })
    }
}

/// What a client is without its template, and the template.
#[derive(Debug)]
pub struct Following {
    /// What it registered itself.
    pub own: Metadata,
    /// What it follows.
    pub template: Arc<Template>,
}

impl Following {
    /// Whether people are not asked for consent: the template says so, and an admin let this client in or said it of the
    /// client too. Who registers openly may name any template, which must not make them one of ours.
    pub(super) fn is_first_party(&self, row: &client::Model) -> bool {
        self.template.first_party && (row.first_party || row.initial_access_token_id.is_some())
    }

    /// Whether the template says which scopes there are.
    pub(in crate::oidc) fn binds_scopes(&self) -> bool {
        self.template.metadata.chosen.scope
    }
}

/// What a client with this profile is that registered `own` and follows `template`.
pub fn resolve(own: &Metadata, template: &Metadata, profile: &Profile) -> Metadata {
    let mut whole = own.clone();
    whole.display.complete(&template.display);
    if whole.redirect_uris.is_empty() {
        whole.redirect_uris.clone_from(&template.redirect_uris);
        // Pairwise subjects follow whoever owns the addresses.
        if whole.sector_identifier_uri.is_none() {
            whole.sector_identifier_uri.clone_from(&template.sector_identifier_uri);
        }
    }
    if whole.post_logout_redirect_uris.is_empty() {
        whole.post_logout_redirect_uris.clone_from(&template.post_logout_redirect_uris);
    }
    if whole.contacts.is_empty() {
        whole.contacts.clone_from(&template.contacts);
    }
    if whole.jwks.is_none() && whole.jwks_uri.is_none() {
        whole.jwks.clone_from(&template.jwks);
        whole.jwks_uri.clone_from(&template.jwks_uri);
    }
    let asked = (own.chosen.grant_types, own.grant_types.as_slice());
    whole.grant_types = allowed_grants(asked, own.token_endpoint_auth_method, template, profile);
    whole.response_types = response_types(own, template, profile, &whole.grant_types);
    whole.scope = scope(own, template);
    if !template.response_modes.is_empty() {
        let both: Vec<_> =
            own.response_modes.iter().copied().filter(|it| template.response_modes.contains(it)).collect();
        // An empty list would mean any.
        whole.response_modes = if both.is_empty() { template.response_modes.clone() } else { both };
    }
    whole.default_max_age = [own.default_max_age, template.default_max_age].into_iter().flatten().min();
    if template.require_auth_time() {
        whole.require_auth_time = Some(true);
    }
    whole
}

/// The grants of a client that has `own`, chosen or not: what the template has; if both chose, what both have.
pub fn allowed_grants(
    own: (bool, &[GrantType]),
    method: AuthMethod,
    template: &Metadata,
    profile: &Profile,
) -> Vec<GrantType> {
    let grants = both(own, (template.chosen.grant_types, &template.grant_types));
    // A client that cannot prove itself must not act in its own name (s.R26).
    let fits = |grant: &GrantType| {
        profile.offered_grants.contains(grant) && (*grant != GrantType::ClientCredentials || method != AuthMethod::None)
    };
    grants.into_iter().filter(fits).collect()
}

fn response_types(own: &Metadata, template: &Metadata, profile: &Profile, grants: &[GrantType]) -> Vec<ResponseType> {
    let (mine, theirs) = (own.chosen.response_types, template.chosen.response_types);
    let wanted = match (mine, theirs) {
        // Neither chose: what the grants are for (D-13).
        (false, false) => profile.response_types.to_vec(),
        _ => both((mine, &own.response_types), (theirs, &template.response_types)),
    };
    let has = |response: &ResponseType| response.needs().iter().all(|grant| grants.contains(grant));
    wanted.into_iter().filter(has).collect()
}

/// What the template chose, what both did, or else the client's.
fn both<T: Copy + PartialEq>(own: (bool, &[T]), template: (bool, &[T])) -> Vec<T> {
    match (own, template) {
        ((_, own), (false, _)) => own.to_vec(),
        ((false, _), (true, template)) => template.to_vec(),
        ((true, own), (true, template)) => own.iter().copied().filter(|it| template.contains(it)).collect(),
    }
}

fn scope(own: &Metadata, template: &Metadata) -> Option<String> {
    match (own.chosen.scope, template.chosen.scope) {
        (_, false) => own.scope.clone(),
        (false, true) => template.scope.clone(),
        (true, true) => {
            let both: Vec<&str> = own.scopes().filter(|scope| template.scopes().any(|known| known == *scope)).collect();
            (!both.is_empty()).then(|| both.join(" "))
        }
    }
}

/// The template with this row, also one that is gone: those who follow it must not be unbound by that.
///
/// # Errors
/// When the database cannot be asked.
pub(super) async fn of_key<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    key: ClientKey,
) -> Result<Option<Arc<Template>>, Error> {
    let row = client::Entity::find_by_id(key).filter(client::Column::TenantId.eq(tenant)).one(connection).await?;
    row.map(|row| Template::new(row).map(Arc::new)).transpose()
}

/// The template with this row, if it is not gone.
///
/// # Errors
/// When the database cannot be asked.
pub async fn living<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    key: ClientKey,
) -> Result<Option<Arc<Template>>, Error> {
    let row = client::Entity::find_by_id(key)
        .filter(client::Column::TenantId.eq(tenant))
        .filter(client::Column::Kind.eq(ClientKind::Template))
        .filter(client::Column::LiveKey.is_not_null())
        .one(connection)
        .await?;
    row.map(|row| Template::new(row).map(Arc::new)).transpose()
}

/// The templates of a tenant, the oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn all<C: ConnectionTrait>(connection: &C, tenant: TenantId) -> Result<Vec<Template>, Error> {
    let rows = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant))
        .filter(client::Column::Kind.eq(ClientKind::Template))
        .filter(client::Column::LiveKey.is_not_null())
        .order_by_asc(client::Column::Id)
        .all(connection)
        .await?;
    rows.into_iter().map(Template::new).collect()
}

/// The templates of these clients, by their rows; no question is asked if none follows one.
///
/// # Errors
/// When the database cannot be asked.
pub async fn of_clients<C: ConnectionTrait>(
    connection: &C,
    rows: &[client::Model],
) -> Result<HashMap<ClientKey, Arc<Template>>, Error> {
    let keys: HashSet<ClientKey> = rows.iter().filter_map(|row| row.template_id).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let found = client::Entity::find().filter(client::Column::Id.is_in(keys)).all(connection).await?;
    found.into_iter().map(|row| Ok((row.id, Arc::new(Template::new(row)?)))).collect()
}

/// What a `software_id` names.
#[derive(Debug)]
pub enum Named {
    /// A template.
    Template(Arc<Template>),
    /// A client that is none.
    Client,
    /// Nothing here: it is free text (RFC 7591 §2).
    Nothing,
}

/// What there is with this `software_id`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn named<C: ConnectionTrait>(connection: &C, tenant: TenantId, software_id: &str) -> Result<Named, Error> {
    if !super::record::is_client_id(software_id) {
        return Ok(Named::Nothing);
    }
    let row = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant))
        .filter(client::Column::LiveKey.eq(software_id))
        .one(connection)
        .await?;
    Ok(match row {
        Some(row) if row.kind == ClientKind::Template => Named::Template(Arc::new(Template::new(row)?)),
        Some(_) => Named::Client,
        None => Named::Nothing,
    })
}

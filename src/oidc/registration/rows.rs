//! Of which rows does a new client consist? One maker, whether it registers itself or somebody makes it in the portal.

use entity::application::{self, ApplicationStatus, Source};
use entity::client::{self, ClientKind, ClientState};
use entity::id::{ApplicationId, ClientKey, InitialAccessTokenId, TenantId};
use entity::word::Words;
use serde_json::{Value, json};

use super::policy::Policy;
use super::profile::Profile;
use crate::clock::Seconds;
use crate::oidc::Error;
use crate::oidc::client::Metadata;
use crate::secret::Secret;

/// A client about to be stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewClient<'a> {
    pub(crate) tenant_id: TenantId,
    pub(crate) id: ClientKey,
    /// `None` for a template.
    pub(crate) application_id: Option<ApplicationId>,
    pub(crate) client_id: &'a str,
    pub(crate) profile: &'static Profile,
    pub(crate) policy: &'a Policy,
    /// What `judge` made of the wish.
    pub(crate) metadata: &'a Metadata,
    /// Its registration access token, where it manages itself.
    pub(crate) registration_token: Option<&'a Secret>,
    pub(crate) ticket: Option<InitialAccessTokenId>,
    /// The template it follows.
    pub(crate) template: Option<ClientKey>,
    /// Seconds since 1970.
    pub(crate) at: Seconds,
}

impl NewClient<'_> {
    /// Its row.
    ///
    /// # Errors
    /// `server_error` when something of it cannot be written as JSON.
    pub(crate) fn row(self) -> Result<client::Model, Error> {
        Ok(client::Model {
            id: self.id,
            tenant_id: self.tenant_id,
            application_id: self.application_id,
            client_id: self.client_id.to_owned(),
            live_key: Some(self.client_id.to_owned()),
            name: self.metadata.name(&[]).map(str::to_owned),
            profile: self.profile.name.to_owned(),
            policy: stored(self.policy)?,
            metadata: serde_json::to_value(self.metadata).map_err(Error::internal)?,
            metadata_version: 1,
            token_format: None,
            rights: Words::default(),
            first_party: false,
            state: ClientState::Active,
            registration_token_hash: self.registration_token.map(|token| token.hash().into()),
            registration_token_previous_hash: None,
            initial_access_token_id: self.ticket,
            issued_at: self.at,
            last_used_at: None,
            ended_at: None,
            ended_reason: None,
            kept: None,
            kind: ClientKind::Own,
            provider_id: None,
            template_id: self.template,
            chosen: Some(self.metadata.chosen().words()),
            remote_sealed: None,
            drift: None,
            updated_at: self.at,
        })
    }
}

/// The row of a client that is known by this identifier elsewhere, and gets nothing here: what it registered says that it
/// may use no grant.
pub(crate) fn known_elsewhere(
    tenant_id: TenantId,
    id: ClientKey,
    application_id: ApplicationId,
    client_id: &str,
    name: &str,
    at: Seconds,
) -> client::Model {
    client::Model {
        id,
        tenant_id,
        application_id: Some(application_id),
        client_id: client_id.to_owned(),
        live_key: Some(client_id.to_owned()),
        name: Some(name.to_owned()),
        profile: Profile::PERMISSIVE.name.to_owned(),
        policy: json!({}),
        metadata: json!({
            "client_name": name,
            "grant_types": [],
            "response_types": [],
            "application_type": "web",
            "token_endpoint_auth_method": "none",
            "subject_type": "public",
            "id_token_signed_response_alg": "RS256",
        }),
        metadata_version: 1,
        token_format: None,
        rights: Words::default(),
        first_party: false,
        state: ClientState::Active,
        registration_token_hash: None,
        registration_token_previous_hash: None,
        initial_access_token_id: None,
        issued_at: at,
        last_used_at: None,
        ended_at: None,
        ended_reason: None,
        kept: None,
        kind: ClientKind::External,
        provider_id: None,
        template_id: None,
        chosen: None,
        remote_sealed: None,
        drift: None,
        updated_at: at,
    }
}

/// The row of an application that nobody answers for yet.
pub(crate) fn application(
    tenant_id: TenantId,
    id: ApplicationId,
    name: &str,
    kind: &str,
    source: Source,
    at: Seconds,
) -> application::Model {
    application::Model {
        id,
        tenant_id,
        name: name.to_owned(),
        description: None,
        kind: kind.to_owned(),
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
        created_at: at,
        updated_at: at,
    }
}

/// A policy as it is stored: one that restricts nothing takes no room.
fn stored(policy: &Policy) -> Result<Value, Error> {
    if *policy == Policy::default() {
        return Ok(json!({}));
    }
    serde_json::to_value(policy).map_err(Error::internal)
}

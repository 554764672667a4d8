//! `client`: the OAuth identity of an application.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::id::{ApplicationId, ClientKey, InitialAccessTokenId, ProviderId, TenantId};
use crate::service::TokenFormat;
use crate::word::Words;

/// Whether a client may do anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ClientState {
    /// May.
    Active,
    /// An admin took it out of service; its registration token is refused too.
    Disabled,
    /// Gone; the row is its tombstone.
    Ended,
}

/// Whose client it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// It gets its tokens here.
    Own,
    /// It is known by this identifier elsewhere: to a provider, or to whomever its developer said.
    External,
    /// It gets no tokens: others follow it.
    Template,
}

/// One row of `client`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "client")]
pub struct Model {
    /// Identity of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClientKey,
    /// Whose.
    pub tenant_id: TenantId,
    /// The application it belongs to.
    pub application_id: Option<ApplicationId>,
    /// The identifier of the protocol: 32 characters of `[A-Za-z0-9]`.
    pub client_id: String,
    /// `client_id` while it lives, `None` afterwards: unique in its tenant.
    pub live_key: Option<String>,
    /// `client_name`, kept for the tombstone.
    pub name: Option<String>,
    /// The registration profile it was made under; fixed at creation.
    pub profile: String,
    /// The registration policy it was made under.
    #[sea_orm(column_type = "JsonBinary")]
    pub policy: Json,
    /// Its registered metadata (RFC 7591 §2), canonical.
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Json,
    /// Counts the changes of the metadata; guards concurrent updates.
    pub metadata_version: i64,
    /// What its access tokens look like; `None`: as the service wants.
    pub token_format: Option<TokenFormat>,
    /// What an admin lets it do beyond its own tokens: `dcr`, `dcr_admin`, `introspect:any`, `introspect:{audience}`.
    pub rights: Words,
    /// Ours: people are not asked for consent.
    pub first_party: bool,
    /// Whether it may do anything.
    pub state: ClientState,
    /// SHA-256 of its registration access token (RFC 7592).
    pub registration_token_hash: Option<String>,
    /// The one before, valid until the new one is first used.
    pub registration_token_previous_hash: Option<String>,
    /// The ticket it registered with.
    pub initial_access_token_id: Option<InitialAccessTokenId>,
    /// `client_id_issued_at`, seconds since 1970.
    pub issued_at: i64,
    /// Seconds since 1970; coarse, written in batches.
    pub last_used_at: Option<i64>,
    /// When it was deleted or expired.
    pub ended_at: Option<i64>,
    /// Why: `deleted`, `unused`, `archived`.
    pub ended_reason: Option<String>,
    /// What other products' scripts store with it and read back; without effect here.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub kept: Option<Json>,
    /// Whose client it is.
    pub kind: ClientKind,
    /// Where it is registered, if that is a provider elsewhere.
    pub provider_id: Option<ProviderId>,
    /// The template it follows.
    pub template_id: Option<ClientKey>,
    /// Which of `grant_types`, `response_types` and `scope` it chose itself; the others are defaults. `None`: it was made
    /// before this was noted, and chose all of them.
    pub chosen: Option<Words>,
    /// Where and with which token it is managed at its provider (RFC 7592); sealed JSON.
    #[sea_orm(column_type = "Text", nullable)]
    pub remote_sealed: Option<String>,
    /// How its provider's view differs from ours, as last compared: member by member.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub drift: Option<Json>,
    /// Seconds since 1970.
    pub updated_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! `provider`: an OpenID provider where applications of the portal are registered.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::id::{ProviderId, TenantId};
use crate::word::Words;

/// Where a provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// This server, for this tenant: nothing is called.
    Here,
    /// Another server.
    Elsewhere,
}

/// Where the initial access token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TicketFrom {
    /// The provider's token endpoint, for client credentials.
    ClientCredentials,
    /// An admin entered it.
    InitialAccessToken,
}

/// One row of `provider`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "provider")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProviderId,
    /// Whose.
    pub tenant_id: TenantId,
    /// Name shown to people; unique in its tenant.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Where it is.
    pub place: Place,
    /// The identity of the tenant while this is its default provider, else `None`: at most one is.
    pub default_key: Option<String>,
    /// The address of its metadata (OpenID Connect Discovery 1.0 §4).
    pub discovery_endpoint: String,
    /// Where the initial access token comes from.
    pub ticket_from: TicketFrom,
    /// The client it knows us as.
    pub client_id: Option<String>,
    /// That client's secret, sealed.
    #[sea_orm(column_type = "Text", nullable)]
    pub client_secret_sealed: Option<String>,
    /// The scopes we ask for with client credentials.
    pub scopes: Words,
    /// The initial access token an admin entered, sealed.
    #[sea_orm(column_type = "Text", nullable)]
    pub initial_access_token_sealed: Option<String>,
    /// The template there that our clients follow (RFC 7591 §2).
    pub software_id: Option<String>,
    /// Whether secrets can be renewed there, which is outside RFC 7592.
    pub renew_secret: bool,
    /// Where, with `{#client_id}`, `{#token_endpoint}` and `{#registration_endpoint}` to be filled in.
    pub renew_secret_endpoint: Option<String>,
    /// By which method: POST, PUT or PATCH.
    pub renew_secret_method: Option<String>,
    /// Which of an application's additional metadata goes into which member of a registration.
    #[sea_orm(column_type = "JsonBinary")]
    pub claim_mappings: Json,
    /// Origins other than its own that its metadata may send us to, as an admin confirmed.
    pub endpoints_elsewhere: Words,
    /// Whom we believe there and who we are to it, on the level of TLS; sealed JSON.
    #[sea_orm(column_type = "Text", nullable)]
    pub tls_sealed: Option<String>,
    /// What its metadata said when it was last read.
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Json,
    /// When that was, in seconds since 1970.
    pub metadata_at: i64,
    /// Since when it has not answered as it should; `None`: it does. Seconds since 1970.
    pub failed_at: Option<i64>,
    /// What went wrong last.
    pub failure: Option<String>,
    /// How often in a row that was.
    pub failures: i64,
    /// It is not asked before that, in seconds since 1970.
    pub paused_until: Option<i64>,
    /// Counts the changes; guards concurrent updates.
    pub version: i64,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! `service`: a protected resource, known by its audience.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::id::{ServiceId, TenantId, UserId};

/// What an access token looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TokenFormat {
    /// A signed JWT (RFC 9068), without a row of its own.
    Jwt,
    /// A random string, looked up.
    Opaque,
}

/// Who gets tokens for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Every client.
    Open,
    /// Every client with a person behind it; a client that speaks for itself needs a contract.
    People,
    /// Clients of applications with an approved contract.
    Contract,
}

/// One row of `service`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "service")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ServiceId,
    /// Whose.
    pub tenant_id: TenantId,
    /// Name in lists and on the command line.
    pub name: String,
    /// One sentence for people.
    pub description: Option<String>,
    /// What stands in `aud`; also the `resource` of RFC 8707.
    pub audience: String,
    /// Tokens are issued for it.
    pub enabled: bool,
    /// Who gets tokens for it.
    pub access: Access,
    /// Shown in the catalog.
    pub published: bool,
    /// The publisher who looks after it.
    pub owner_id: Option<UserId>,
    /// Where it runs and how a gateway reaches it; kept for those who manage gateways.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub upstream: Option<Json>,
    /// Words to find it by; `None`: none were given.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub tags: Option<Json>,
    /// `[{"value","description"}]`: the scopes it knows.
    #[sea_orm(column_type = "JsonBinary")]
    pub scopes: Json,
    /// What its access tokens look like.
    pub token_format: TokenFormat,
    /// How long its access tokens live; 0 for ever; `None`: the default.
    pub access_token_seconds: Option<i64>,
    /// What other products' scripts store with it and read back; without effect here.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub kept: Option<Json>,
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

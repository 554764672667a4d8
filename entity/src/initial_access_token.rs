//! `initial_access_token`: a ticket to register (RFC 7591 §3).

use sea_orm::entity::prelude::*;

use crate::id::{ClientKey, InitialAccessTokenId, TenantId};

/// One row of `initial_access_token`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "initial_access_token")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InitialAccessTokenId,
    /// Whose.
    pub tenant_id: TenantId,
    /// What it is for.
    pub name: String,
    /// SHA-256 of the token, base64url.
    pub hash: String,
    /// Its last four characters.
    pub hint: String,
    /// The registration profile of its clients; `None`: the tenant's.
    pub profile: Option<String>,
    /// The registration policy of its clients.
    #[sea_orm(column_type = "JsonBinary")]
    pub policy: Json,
    /// The template its clients follow.
    pub template_id: Option<ClientKey>,
    /// How often it may be used; `None`: without limit.
    pub max_uses: Option<i64>,
    /// How often it was used.
    pub uses: i64,
    /// Seconds since 1970.
    pub expires_at: Option<i64>,
    /// Seconds since 1970.
    pub revoked_at: Option<i64>,
    /// Who made it.
    pub created_by: String,
    /// Seconds since 1970.
    pub created_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

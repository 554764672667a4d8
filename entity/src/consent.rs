//! `consent`: what a person let a client do.

use sea_orm::entity::prelude::*;

use crate::id::{ClientKey, ConsentId, TenantId, UserId};
use crate::word::Words;

/// One row of `consent`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "consent")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConsentId,
    /// Whose.
    pub tenant_id: TenantId,
    /// The person.
    pub user_id: UserId,
    /// The client.
    pub client_key: ClientKey,
    /// The service's id, or empty for the scopes of OpenID Connect.
    pub service_key: String,
    /// The scopes agreed to.
    pub scopes: Words,
    /// Digest of what the person was shown: another name or redirect URI asks again (s.A23).
    pub metadata_hash: String,
    /// Seconds since 1970.
    pub revoked_at: Option<i64>,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

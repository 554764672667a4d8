//! `revocation`: a JWT access token that was revoked before its time.

use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// One row of `revocation`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "revocation")]
pub struct Model {
    /// The token's identifier.
    #[sea_orm(primary_key, auto_increment = false)]
    pub jti: String,
    /// Whose.
    pub tenant_id: TenantId,
    /// When the token would have ended, seconds since 1970: the row may go then.
    pub expires_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

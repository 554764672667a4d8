//! `idempotency`: the answer a repeated request gets again.

use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// One row of `idempotency`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    /// SHA-256 of the caller and the key they chose, base64url.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_hash: String,
    /// Whose.
    pub tenant_id: TenantId,
    /// SHA-256 of the request: method, path and body.
    pub request_hash: String,
    /// The answer's status; `None` while the request is under way.
    pub status: Option<i64>,
    /// The answer, sealed: it may hold a secret that is shown once.
    #[sea_orm(column_type = "Text", nullable)]
    pub answer_sealed: Option<String>,
    /// Seconds since 1970.
    pub created_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

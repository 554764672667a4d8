//! `event`: the audit log.

use sea_orm::entity::prelude::*;

use crate::id::{EventId, TenantId};

/// One row of `event`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// Identity, ordered by time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventId,
    /// Whose.
    pub tenant_id: TenantId,
    /// What happened, e.g. `client_registered`.
    pub kind: String,
    /// Who did it, e.g. `user:…`, `client:…`, `anonymous`, `system`.
    pub actor: String,
    /// What it was done to, e.g. `client:…`.
    pub target: String,
    /// More about it; never a secret.
    #[sea_orm(column_type = "JsonBinary")]
    pub data: Json,
    /// Where the request came from.
    pub address: Option<String>,
    /// Seconds since 1970.
    pub at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

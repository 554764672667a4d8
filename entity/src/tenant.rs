//! `tenant`: an isolation unit with one issuer.

use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// One row of `tenant`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tenant")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TenantId,
    /// Short name in paths and on the command line.
    pub slug: String,
    /// Name shown to people.
    pub name: String,
    /// Its issuer identifier, without a trailing slash (RFC 8414 §2).
    pub issuer: String,
    /// What its admins may change at run time; a typed struct with defaults reads it.
    #[sea_orm(column_type = "JsonBinary")]
    pub settings: Json,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

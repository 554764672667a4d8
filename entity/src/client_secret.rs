//! `client_secret`: one of several secrets of a client.

use sea_orm::entity::prelude::*;

use crate::id::{ClientKey, ClientSecretId, TenantId};

/// One row of `client_secret`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "client_secret")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClientSecretId,
    /// Whose.
    pub tenant_id: TenantId,
    /// The client.
    pub client_key: ClientKey,
    /// What it is for, for people with several.
    pub name: Option<String>,
    /// SHA-256 of the secret, base64url.
    pub hash: String,
    /// The secret itself, sealed; `None` where only hashes are kept.
    pub value_sealed: Option<String>,
    /// Its last four characters.
    pub hint: String,
    /// Seconds since 1970; 0: never (RFC 7591 §3.2.1).
    pub expires_at: i64,
    /// Seconds since 1970.
    pub created_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

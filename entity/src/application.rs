//! `application`: what a developer registers; owns clients.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::id::{ApplicationId, TenantId, UserId};

/// Whether an application lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ApplicationStatus {
    /// It does.
    Active,
    /// Put away; its clients are refused.
    Archived,
}

/// How an application came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A developer in the portal.
    Portal,
    /// An admin.
    Admin,
    /// It registered itself, without a ticket.
    Open,
    /// It registered itself with an initial access token.
    Iat,
    /// A client with the scope `dcr` or `dcr_admin` registered it.
    Delegate,
    /// Another portal registered it through its bridge.
    Bridge,
}

/// One row of `application`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "application")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApplicationId,
    /// Whose.
    pub tenant_id: TenantId,
    /// Name shown to people.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// Its type: simple, web, native, browser, backend_to_backend.
    pub kind: String,
    /// Whether it lives.
    pub status: ApplicationStatus,
    /// How it came to be.
    pub source: Source,
    /// Who answers for it; `None` when it registered itself.
    pub primary_owner_id: Option<UserId>,
    /// Made for a new person at their first sign-in.
    pub is_default: bool,
    /// What another system calls it; unique in its tenant.
    pub custom_id: Option<String>,
    /// The domain it belongs to.
    pub domain: Option<String>,
    /// Its picture, as a `data:` URL.
    #[sea_orm(column_type = "Text", nullable)]
    pub picture: Option<String>,
    /// Mails about it go to its primary owner.
    pub notify: bool,
    /// What other products' scripts store with it and read back; without effect here.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub kept: Option<Json>,
    /// Counts the changes; guards concurrent updates.
    pub version: i64,
    /// Seconds since 1970.
    pub archived_at: Option<i64>,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

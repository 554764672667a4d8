//! `personal_token`: what a person gave to a script so that it acts for them.

use sea_orm::entity::prelude::*;

use crate::id::{PersonalTokenId, TenantId, UserId};
use crate::word::Words;

/// One row of `personal_token`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "personal_token")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PersonalTokenId,
    /// Whose.
    pub tenant_id: TenantId,
    /// Whom it stands for.
    pub user_id: UserId,
    /// What it is for.
    pub name: String,
    /// SHA-256 of the token, base64url.
    pub hash: String,
    /// Its last four characters.
    pub hint: String,
    /// What it may do, within what the person may; empty: all of that.
    pub scopes: Words,
    /// Seconds since 1970; `None`: never.
    pub expires_at: Option<i64>,
    /// Seconds since 1970.
    pub revoked_at: Option<i64>,
    /// Seconds since 1970.
    pub created_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

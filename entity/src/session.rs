//! `session`: a person signed in with a browser.

use sea_orm::entity::prelude::*;

use crate::id::{SessionId, TenantId, UserId};
use crate::word::Words;

/// One row of `session`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Identity; the `sid` of ID tokens.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// Whose.
    pub tenant_id: TenantId,
    /// The person.
    pub user_id: UserId,
    /// SHA-256 of the cookie, base64url.
    pub hash: String,
    /// When the person proved who they are, seconds since 1970.
    pub auth_time: i64,
    /// How (RFC 8176).
    pub amr: Words,
    /// Ends unless used before, seconds since 1970.
    pub idle_at: i64,
    /// When it was last used, to the minute, seconds since 1970; `None`: not since that is written down.
    pub used_at: Option<i64>,
    /// Ends in any case, seconds since 1970.
    pub expires_at: i64,
    /// Signed out, seconds since 1970.
    pub ended_at: Option<i64>,
    /// Where the browser was.
    pub address: Option<String>,
    /// What the browser called itself.
    pub agent: Option<String>,
    /// Seconds since 1970.
    pub created_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

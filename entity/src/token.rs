//! `token`: an opaque access token.

use sea_orm::entity::prelude::*;

use crate::id::{ClientKey, FamilyId, TenantId, TokenId, UserId};
use crate::word::Words;

/// One row of `token`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    /// Identity; the `jti` of introspection answers.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TokenId,
    /// Whose.
    pub tenant_id: TenantId,
    /// SHA-256 of the token, base64url.
    pub hash: String,
    /// The family it was issued from; `None` for client_credentials.
    pub family_id: Option<FamilyId>,
    /// The client.
    pub client_key: ClientKey,
    /// The person.
    pub user_id: Option<UserId>,
    /// What was granted.
    pub scopes: Words,
    /// Whom it is for.
    pub audience: Words,
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

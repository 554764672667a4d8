//! `token_family`: one redeemed authorization code and all that was issued from it.
//!
//! Its insertion is what spends the code: the primary key is the code's own identity, so a second redemption finds the
//! row there. Its `generation` is the refresh token that is valid now.

use sea_orm::entity::prelude::*;

use crate::id::{ClientKey, FamilyId, SessionId, TenantId, UserId};
use crate::word::Words;

/// One row of `token_family`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "token_family")]
pub struct Model {
    /// Identity, chosen when the code was issued.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FamilyId,
    /// Whose.
    pub tenant_id: TenantId,
    /// The client.
    pub client_key: ClientKey,
    /// The person.
    pub user_id: UserId,
    /// The session the code came from.
    pub session_id: Option<SessionId>,
    /// What was granted.
    pub scopes: Words,
    /// The resources asked for (RFC 8707), canonical.
    pub audience: Words,
    /// What later tokens repeat: `auth_time`, `acr`, `amr`, nonce, and the audience the person saw.
    #[sea_orm(column_type = "JsonBinary")]
    pub detail: Json,
    /// A refresh token was issued.
    pub refreshable: bool,
    /// The number of the refresh token that is valid now.
    pub generation: i64,
    /// When it became valid, seconds since 1970.
    pub rotated_at: i64,
    /// The refresh token ends unless used before, seconds since 1970.
    pub idle_at: i64,
    /// No refresh after it, seconds since 1970.
    pub expires_at: i64,
    /// Seconds since 1970.
    pub revoked_at: Option<i64>,
    /// `code_replayed`, `refresh_replayed`, `revoked`, `wrong_verifier`, ….
    pub revoked_reason: Option<String>,
    /// Seconds since 1970.
    pub created_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

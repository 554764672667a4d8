//! `policy`: the registration and token rules of one service.

use sea_orm::entity::prelude::*;

use crate::id::{PolicyId, ServiceId, TenantId};

/// One row of `policy`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "policy")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PolicyId,
    /// Whose.
    pub tenant_id: TenantId,
    /// The service it rules; at most one policy a service.
    pub service_id: ServiceId,
    /// Name of the service in the portal.
    pub display_name: String,
    /// The display name in its normal form: unique in its tenant.
    pub display_name_key: String,
    /// Shown with the service in the portal.
    pub description: Option<String>,
    /// New contracts skip the queue.
    pub auto_approve: bool,
    /// Tokens by an authorization code (RFC 6749 §4.1).
    pub enable_authorization_code: bool,
    /// Tokens by client credentials (RFC 6749 §4.4).
    pub enable_client_credentials: bool,
    /// Tokens in the answer of the authorization endpoint (RFC 6749 §4.2).
    pub enable_implicit_grant: bool,
    /// Tokens by a password or a provision key (RFC 6749 §4.3).
    pub enable_password_grant: bool,
    /// A token has at least one scope of the service.
    pub mandatory_scope: bool,
    /// The scopes as they were given: each element may hold several, separated by spaces; `None`: none were.
    /// What they mean stands in `service.scopes`.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub scope_elements: Option<Json>,
    /// The header that carries the access token, in lower case.
    pub auth_header_name: String,
    /// Seconds an access token lives; 0: for ever.
    pub token_expiration: i64,
    /// Seconds a refresh token lives; 0: for ever.
    pub refresh_token_ttl: i64,
    /// SHA-256 of the provision key, base64url.
    pub provision_key_hash: String,
    /// The provision key, sealed.
    pub provision_key_sealed: String,
    /// A request must say what it is for.
    pub comment_required: bool,
    /// Kept for those who sent it; without effect. `None`: nobody did.
    pub show_issuer: Option<bool>,
    /// New contracts may be requested; without it those that exist go on.
    pub enabled: bool,
    /// Words to find it by; `None`: none were given.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub tags: Option<Json>,
    /// What other products' scripts store with it and read back; without effect here.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub kept: Option<Json>,
    /// Counts the changes; guards concurrent updates.
    pub version: i64,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

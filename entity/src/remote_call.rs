//! `remote_call`: something a provider was or is to be asked for, until we know how it ended.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::id::{ClientKey, ProviderId, RemoteCallId, TenantId};

/// What a provider is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// A new client (RFC 7591).
    Register,
    /// Other metadata (RFC 7592 §2.2).
    Update,
    /// Another secret.
    Renew,
    /// The end of a client (RFC 7592 §2.3).
    Delete,
}

/// One row of `remote_call`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "remote_call")]
pub struct Model {
    /// Identity, and the key under which the call may be repeated.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RemoteCallId,
    /// Whose.
    pub tenant_id: TenantId,
    /// Who is asked. It may be gone.
    pub provider_id: ProviderId,
    /// The client it is about; it may not be there yet, or no more.
    pub client_key: Option<ClientKey>,
    /// What is asked for.
    pub kind: CallKind,
    /// With which words and credentials; sealed JSON.
    #[sea_orm(column_type = "Text")]
    pub request_sealed: String,
    /// How often it was tried to bring it to an end.
    pub attempts: i64,
    /// When somebody should look after it, in seconds since 1970.
    pub next_try_at: i64,
    /// What went wrong last.
    pub failure: Option<String>,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

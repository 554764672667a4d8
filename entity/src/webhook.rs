//! `webhook`: an address that is told of events.

use sea_orm::entity::prelude::*;

use crate::id::{TenantId, WebhookId};
use crate::word::Words;

/// One row of `webhook`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookId,
    /// Whose.
    pub tenant_id: TenantId,
    /// Where requests go; empty: it was removed, and the row stays a while for replicas that have not seen it yet.
    pub url: String,
    /// The kinds of events it is told of; empty: all.
    pub kinds: Words,
    /// What requests are signed with, sealed.
    pub secret_sealed: String,
    /// Requests are sent.
    pub enabled: bool,
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

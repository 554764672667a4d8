//! `document`: a specification or a guide shown in the portal.

use sea_orm::entity::prelude::*;

use crate::id::{DocumentId, ServiceId, TenantId};

/// One row of `document`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "document")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DocumentId,
    /// Whose.
    pub tenant_id: TenantId,
    /// The service it tells of; `None`: it waits in the portal to be linked.
    pub service_id: Option<ServiceId>,
    /// Where it stands among the portal's documents, e.g. `specs/orders.yaml`; unique in its tenant.
    pub path: String,
    /// Name shown to people.
    pub title: String,
    /// `application/yaml`, `application/json`, `text/markdown`, ….
    pub media_type: String,
    /// The text itself.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// Shown to developers.
    pub published: bool,
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

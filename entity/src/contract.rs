//! `contract`: the permission of one application for one service.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::id::{ApplicationId, ContractId, ServiceId, TenantId};
use crate::word::Words;

/// How far a contract has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ContractState {
    /// Somebody asked; nobody decided.
    Pending,
    /// The application may have tokens for the service.
    Approved,
    /// Refused.
    Rejected,
    /// It was approved and is not any more.
    Revoked,
    /// Over; the row is what a later request starts from.
    Closed,
}

/// One row of `contract`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contract")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContractId,
    /// Whose.
    pub tenant_id: TenantId,
    /// The application; with the service unique.
    pub application_id: ApplicationId,
    /// The service.
    pub service_id: ServiceId,
    /// How far it has come.
    pub state: ContractState,
    /// Approved, but paused.
    pub suspended: bool,
    /// What whoever asked for it wrote.
    pub request: Option<String>,
    /// What whoever decided wrote.
    pub reason: Option<String>,
    /// Seconds since 1970.
    pub requested_at: i64,
    /// Seconds since 1970.
    pub processed_at: Option<i64>,
    /// Who decided, e.g. `user:…`, `system`.
    pub processed_by: Option<String>,
    /// The scopes it is for; `None`: all of the service.
    pub scopes: Option<Words>,
    /// Not before, seconds since 1970.
    pub starts_at: Option<i64>,
    /// Not from then on, seconds since 1970.
    pub ends_at: Option<i64>,
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

//! `delivery`: what is still to be sent about an event. The outbox: written with the event, in its transaction.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::id::{DeliveryId, EventId, TenantId, WebhookId};

/// By which way it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A mail to one person.
    Mail,
    /// A signed request to a webhook.
    Webhook,
}

/// One row of `delivery`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    /// Identity, ordered by time; the `Message-ID` of a mail and the id of a webhook's request.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeliveryId,
    /// Whose.
    pub tenant_id: TenantId,
    /// What it tells of.
    pub event_id: EventId,
    /// By which way it goes.
    pub channel: Channel,
    /// The webhook, where it goes to one.
    pub webhook_id: Option<WebhookId>,
    /// The address of a mail.
    pub recipient: Option<String>,
    /// Which message, e.g. `contract_approved`.
    pub kind: String,
    /// What the message says; never a secret.
    #[sea_orm(column_type = "JsonBinary")]
    pub data: Json,
    /// How often it was tried.
    pub attempts: i64,
    /// Not before, seconds since 1970; `None`: no more.
    pub next_try_at: Option<i64>,
    /// Seconds since 1970.
    pub done_at: Option<i64>,
    /// Given up, seconds since 1970.
    pub failed_at: Option<i64>,
    /// What went wrong the last time.
    pub last_error: Option<String>,
    /// Seconds since 1970.
    pub created_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

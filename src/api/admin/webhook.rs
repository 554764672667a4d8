//! `/webhooks` and `/deliveries`: who is told of events, and what is still to be sent? (portal.md K74)

use entity::id::{DeliveryId, WebhookId};
use poem::Request;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told, ToldSecret};
use super::body::Body;
use super::caller::Caller;
use super::nullable::Nullable;
use super::page::{Asked, Page};
use super::precondition::Seen;
use super::problem::Problem;
use super::word::{Channel, Progress};
use crate::portal::delivery::{self, Filter};
use crate::portal::webhook::{self as rule, Change, New};

/// The webhooks of the tenant, and the outbox.
#[derive(Debug)]
pub struct WebhookApi;

/// Somebody who is told of events.
#[derive(Debug, Object)]
struct Webhook {
    /// Identity.
    id: Uuid,
    /// Where requests go.
    url: String,
    /// The kinds of events it is told of; empty: all.
    kinds: Vec<String>,
    /// Whether requests are sent.
    enabled: bool,
    /// Counts the changes; the `ETag` is `"v"` and this number.
    version: i64,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970.
    updated_at: i64,
}

/// A webhook with the secret its requests are signed with, told this once.
#[derive(Debug, Object)]
struct MadeWebhook {
    /// It.
    #[oai(flatten)]
    about: Webhook,
    /// What its requests are signed with.
    secret: String,
}

/// A webhook to be added.
#[derive(Debug, Object)]
struct NewWebhook {
    /// Where requests go: `https`, at a host on the public internet.
    url: String,
    /// The kinds of events it is told of; empty: all.
    kinds: Option<Vec<String>>,
}

/// What is to change of a webhook; what is left out stays.
#[derive(Debug, Object)]
struct WebhookChange {
    /// Where requests go.
    url: Option<String>,
    /// The kinds of events it is told of; empty: all.
    kinds: Option<Vec<String>>,
    /// Whether requests are sent.
    enabled: Option<bool>,
}

/// A message on its way, or at its end.
#[derive(Debug, Object)]
struct Delivery {
    /// Identity.
    id: Uuid,
    /// The event it tells of.
    event_id: Uuid,
    /// By which way it goes.
    channel: Channel,
    /// The webhook, where it goes to one.
    webhook_id: Nullable<Uuid>,
    /// The address of a mail.
    recipient: Nullable<String>,
    /// Which message, e.g. `contract_approved`.
    kind: String,
    /// How far it has come.
    progress: Progress,
    /// How often it was tried.
    attempts: i64,
    /// Not before, seconds since 1970; `null`: no more.
    next_try_at: Nullable<i64>,
    /// Seconds since 1970.
    done_at: Nullable<i64>,
    /// Given up, seconds since 1970.
    failed_at: Nullable<i64>,
    /// What went wrong the last time.
    last_error: Nullable<String>,
    /// Seconds since 1970.
    created_at: i64,
}

impl From<entity::webhook::Model> for Webhook {
    fn from(row: entity::webhook::Model) -> Self {
        Self {
            id: row.id.0,
            url: row.url,
            kinds: row.kinds.as_slice().to_vec(),
            enabled: row.enabled,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<entity::delivery::Model> for Delivery {
    fn from(row: entity::delivery::Model) -> Self {
        Self {
            id: row.id.0,
            event_id: row.event_id.0,
            channel: row.channel.into(),
            webhook_id: row.webhook_id.map(|id| id.0).into(),
            progress: delivery::Progress::of(&row).into(),
            recipient: row.recipient.into(),
            kind: row.kind,
            attempts: row.attempts,
            next_try_at: row.next_try_at.into(),
            done_at: row.done_at.into(),
            failed_at: row.failed_at.into(),
            last_error: row.last_error.into(),
            created_at: row.created_at,
        }
    }
}

fn told(row: entity::webhook::Model) -> Told<Webhook> {
    let version = row.version;
    Told::new(&row.into()).version(version)
}

#[OpenApi(tag = "Part::Events")]
impl WebhookApi {
    /// List webhooks.
    #[oai(path = "/webhooks", method = "get", operation_id = "list_webhooks")]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
    ) -> Result<Told<Page<Webhook>>, Problem> {
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &[])?;
        let listed = rule::list(&caller.app, &caller.tenant, &caller.actor, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, Webhook::from))
    }

    /// Add a webhook.
    ///
    /// The secret its requests are signed with is told this once.
    #[oai(path = "/webhooks", method = "post", operation_id = "create_webhook")]
    async fn create(&self, caller: Caller, body: Body<NewWebhook>) -> Result<Told<MadeWebhook, 201>, Problem> {
        let new = New { url: body.0.url, kinds: body.0.kinds.unwrap_or_default() };
        let (row, secret) = rule::create(&caller.app, &caller.tenant, &caller.actor, new).await?;
        let (at, version) = (caller.url(&format!("/webhooks/{}", row.id)), row.version);
        let made = MadeWebhook { about: row.into(), secret: secret.expose().to_owned() };
        Ok(Told::new(&made).version(version).at(&at))
    }

    /// Read a webhook.
    #[oai(path = "/webhooks/:webhook", method = "get", operation_id = "read_webhook")]
    async fn read(&self, caller: Caller, webhook: Path<Uuid>) -> Result<Told<Webhook>, Problem> {
        let id = WebhookId(webhook.0);
        Ok(told(rule::find(&caller.app, &caller.tenant, &caller.actor, id).await?))
    }

    /// Change a webhook.
    ///
    /// Messages that wait go to the new address.
    #[oai(path = "/webhooks/:webhook", method = "patch", operation_id = "change_webhook")]
    async fn change(
        &self,
        caller: Caller,
        webhook: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<WebhookChange>,
    ) -> Result<Told<Webhook>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let WebhookChange { url, kinds, enabled } = body.0;
        let change = Change { url, kinds, enabled, version: seen.version()? };
        let changed = rule::change(&caller.app, &caller.tenant, &caller.actor, WebhookId(webhook.0), change).await;
        changed.map(told).map_err(|error| seen.refuse(error))
    }

    /// Remove a webhook.
    ///
    /// Messages that wait for it are given up.
    #[oai(path = "/webhooks/:webhook", method = "delete", operation_id = "remove_webhook")]
    async fn remove(
        &self,
        caller: Caller,
        webhook: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<Gone, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (id, expected) = (WebhookId(webhook.0), seen.version()?);
        let removed = rule::remove_version(&caller.app, &caller.tenant, &caller.actor, id, expected).await;
        removed.map(|()| Gone::Done).map_err(|error| seen.refuse(error))
    }

    /// Send a message that only shows that messages arrive.
    #[oai(path = "/webhooks/:webhook/ping", method = "post", operation_id = "ping_webhook")]
    async fn ping(&self, caller: Caller, webhook: Path<Uuid>) -> Result<Told<Delivery>, Problem> {
        let sent = rule::ping(&caller.app, &caller.tenant, &caller.actor, WebhookId(webhook.0)).await?;
        Ok(Told::new(&sent.into()))
    }

    /// Give a webhook another secret.
    ///
    /// What is sent from now on is signed with it.
    #[oai(path = "/webhooks/:webhook/rotate-secret", method = "post", operation_id = "rotate_webhook_secret")]
    async fn rotate_secret(&self, caller: Caller, webhook: Path<Uuid>) -> Result<Told<ToldSecret>, Problem> {
        let id = WebhookId(webhook.0);
        let (row, secret) = rule::rotate_secret(&caller.app, &caller.tenant, &caller.actor, id).await?;
        Ok(Told::new(&ToldSecret { secret: secret.expose().to_owned() }).version(row.version))
    }

    /// List messages.
    ///
    /// The oldest first. What a mail says is not told.
    #[oai(path = "/deliveries", method = "get", operation_id = "list_deliveries")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list_deliveries(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
        /// Only by this way.
        channel: Query<Option<Channel>>,
        /// Only to this webhook.
        webhook: Query<Option<Uuid>>,
        /// Only those that have come so far.
        progress: Query<Option<Progress>>,
    ) -> Result<Told<Page<Delivery>>, Problem> {
        let filters = ["channel", "webhook", "progress"];
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &filters)?;
        let filter = Filter {
            channel: channel.0.map(Into::into),
            webhook: webhook.0.map(WebhookId),
            progress: progress.0.map(Into::into),
        };
        let listed = delivery::list(&caller.app, &caller.tenant, &caller.actor, &filter, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, Delivery::from))
    }

    /// Read a message.
    #[oai(path = "/deliveries/:delivery", method = "get", operation_id = "read_delivery")]
    async fn read_delivery(&self, caller: Caller, delivery: Path<Uuid>) -> Result<Told<Delivery>, Problem> {
        let id = DeliveryId(delivery.0);
        Ok(Told::new(&delivery::find(&caller.app, &caller.tenant, &caller.actor, id).await?.into()))
    }

    /// Send a message again that was given up.
    #[oai(path = "/deliveries/:delivery/retry", method = "post", operation_id = "retry_delivery")]
    async fn retry_delivery(&self, caller: Caller, delivery: Path<Uuid>) -> Result<Told<Delivery>, Problem> {
        let id = DeliveryId(delivery.0);
        Ok(Told::new(&delivery::retry(&caller.app, &caller.tenant, &caller.actor, id).await?.into()))
    }
}

//! Who is told of events, at which address, and how do they know that it was us?

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entity::delivery;
use entity::id::WebhookId;
use entity::webhook::{self, Model};
use entity::word::Words;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany,
};
use serde_json::{Value, json};

use super::list::{Listed, Wanted};
use super::{Action, Actor, Conflict, Error, Rule, Wrong};
use crate::app::App;
use crate::db::{Rows, Told};
use crate::oidc::event::{self, Kind};
use crate::oidc::tenant::Tenant;
use crate::secret::{self, Purpose, Secret};

/// How the secrets of webhooks begin (Standard Webhooks 1.0).
pub const SECRET_PREFIX: &str = "whsec_";
/// The kind of a message that only shows that messages arrive.
pub const PING: &str = "ping";
/// Each event is written once more for each: there are few.
const WEBHOOKS_MAX: u64 = 20;
const URL_BYTES_MAX: usize = 2000;

/// A webhook to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct New {
    /// Where requests go.
    pub url: String,
    /// The kinds of events it is told of; empty: all.
    pub kinds: Vec<String>,
}

/// What changes about a webhook; `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Where requests go.
    pub url: Option<String>,
    /// The kinds of events it is told of; empty: all.
    pub kinds: Option<Vec<String>>,
    /// Whether requests are sent.
    pub enabled: Option<bool>,
    /// The version that was read; `None`: whichever it is.
    pub version: Option<i64>,
}

/// Adds a webhook. The secret its requests are signed with is returned this once.
///
/// # Errors
/// `NotAllowed`; `Invalid` with every wrong field; when the database cannot be asked.
pub async fn create(app: &App, tenant: &Tenant, actor: &Actor, new: New) -> Result<(Model, Secret), Error> {
    actor.may(Action::WriteWebhooks)?;
    let mut wrong = complaints(app, Some(&new.url), Some(&new.kinds));
    if present(tenant).count(app.db.pool()).await? >= WEBHOOKS_MAX {
        wrong.push(Wrong::new("", Rule::Form, format!("the tenant has {WEBHOOKS_MAX} webhooks, which is the most")));
    }
    refuse(wrong)?;
    let (id, secret, now) = (WebhookId(secret::new_id()), new_secret(), app.clock.now());
    let row = Model {
        id,
        tenant_id: tenant.id,
        url: new.url,
        kinds: Words::new(new.kinds),
        secret_sealed: seal(app, id, &secret),
        enabled: true,
        version: 0,
        created_at: now,
        updated_at: now,
    };
    let told = told(app, tenant, actor, &row, "webhook_added");
    let stored = row.clone();
    app.db
        .transaction(move |transaction| {
            let (row, told) = (stored.clone().into_active_model(), told.clone());
            Box::pin(async move {
                webhook::Entity::insert(row).exec_without_returning(transaction).await?;
                Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?;
                Ok::<_, Error>(())
            })
        })
        .await?;
    app.tenants.refresh(app).await?;
    Ok((row, secret))
}

/// The webhooks of a tenant.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn list(app: &App, tenant: &Tenant, actor: &Actor, wanted: &Wanted) -> Result<Listed<Model>, Error> {
    may_read(actor)?;
    let mut found = present(tenant);
    let total = found.clone().count(app.db.pool()).await?;
    if let Some(after) = wanted.after {
        found = found.filter(webhook::Column::Id.gt(WebhookId(after)));
    }
    let part = found.order_by_asc(webhook::Column::Id).offset(wanted.skip).limit(wanted.limit.saturating_add(1));
    Ok(Listed::of(part.all(app.db.pool()).await?, wanted, total, |row| row.id.0))
}

/// One webhook.
///
/// # Errors
/// `NotAllowed`; `NotFound`; when the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, id: WebhookId) -> Result<Model, Error> {
    may_read(actor)?;
    load(app, tenant, id).await
}

/// Changes a webhook. Messages that wait go to the new address.
///
/// # Errors
/// `NotAllowed`; `NotFound`; `Invalid` with every wrong field; `Conflict` if it changed since it was read.
pub async fn change(app: &App, tenant: &Tenant, actor: &Actor, id: WebhookId, change: Change) -> Result<Model, Error> {
    actor.may(Action::WriteWebhooks)?;
    let before = load(app, tenant, id).await?;
    refuse(complaints(app, change.url.as_deref(), change.kinds.as_deref()))?;
    if change.version.is_some_and(|version| version != before.version) {
        return Err(Error::Conflict(Conflict::Changed));
    }
    let after = Model {
        url: change.url.unwrap_or_else(|| before.url.clone()),
        kinds: change.kinds.map_or_else(|| before.kinds.clone(), Words::new),
        enabled: change.enabled.unwrap_or(before.enabled),
        ..before.clone()
    };
    if after == before {
        return Ok(after);
    }
    let told = told(app, tenant, actor, &after, "webhook_changed");
    store(app, after, told).await
}

/// Gives a webhook another secret, returned this once. What is sent from now on is signed with it.
///
/// # Errors
/// `NotAllowed`; `NotFound`; `Conflict` if it changed at the same moment; when the database cannot be asked.
pub async fn rotate_secret(app: &App, tenant: &Tenant, actor: &Actor, id: WebhookId) -> Result<(Model, Secret), Error> {
    actor.may(Action::WriteWebhooks)?;
    let before = load(app, tenant, id).await?;
    let secret = new_secret();
    let after = Model { secret_sealed: seal(app, id, &secret), ..before };
    let told = told(app, tenant, actor, &after, "webhook_secret_renewed");
    Ok((store(app, after, told).await?, secret))
}

/// Removes a webhook. Messages that wait for it are given up.
///
/// The row goes later: a replica that has not seen it yet still writes messages for it, and they need their parent.
///
/// # Errors
/// `NotAllowed`; `NotFound`; `Conflict` if it changed at the same moment; when the database cannot be asked.
pub async fn remove(app: &App, tenant: &Tenant, actor: &Actor, id: WebhookId) -> Result<(), Error> {
    remove_version(app, tenant, actor, id, None).await
}

/// As [`remove`], if the webhook has the version the caller saw; `None`: whichever is there.
///
/// # Errors
/// As [`remove`]; `Conflict(Changed)` for another version.
pub async fn remove_version(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: WebhookId,
    expected: Option<i64>,
) -> Result<(), Error> {
    actor.may(Action::WriteWebhooks)?;
    let before = load(app, tenant, id).await?;
    if expected.is_some_and(|expected| expected != before.version) {
        return Err(Error::Conflict(Conflict::Changed));
    }
    let told = told(app, tenant, actor, &before, "webhook_removed");
    let after =
        Model { url: String::new(), secret_sealed: String::new(), kinds: Words::default(), enabled: false, ..before };
    store(app, after, told).await.map(drop)
}

/// Sends a message that only shows that messages arrive, of kind [`PING`]. Its fate is in the outbox.
///
/// # Errors
/// `NotAllowed`; `NotFound`; when the database cannot be asked.
pub async fn ping(app: &App, tenant: &Tenant, actor: &Actor, id: WebhookId) -> Result<delivery::Model, Error> {
    actor.may(Action::WriteWebhooks)?;
    let webhook = load(app, tenant, id).await?;
    let told = told(app, tenant, actor, &webhook, "webhook_tested");
    let mut message = event::message(tenant, &told.event);
    message["kind"] = PING.into();
    let sent = event::request(&webhook, told.event.id, PING, message, app.clock.now());
    let rows = Rows { events: vec![told], deliveries: vec![sent.clone()], ..Rows::default() };
    app.db.insert(rows).await?;
    Ok(sent)
}

/// Switches a webhook off whose receiver said that it wants no more (410).
///
/// # Errors
/// When the database cannot be asked.
pub async fn gone(app: &App, webhook: &Model) -> Result<(), crate::oidc::Error> {
    let Some(tenant) = app.tenants.by_id(webhook.tenant_id) else { return Ok(()) };
    let told = told(app, &tenant, &Actor::operator("system"), webhook, "webhook_switched_off");
    match store(app, Model { enabled: false, ..webhook.clone() }, told).await {
        // Somebody changed it at the same moment: what they want counts.
        Ok(_) | Err(Error::Conflict(_)) => Ok(()),
        Err(error) => Err(crate::oidc::Error::internal(error)),
    }
}

/// What its requests are signed with; `None`: it was sealed with another key.
pub fn secret(app: &App, webhook: &Model) -> Option<Secret> {
    let opened = app.sealer.open_text(Purpose::WebhookSecret, webhook.id.0.as_bytes(), &webhook.secret_sealed);
    opened.ok().and_then(|plain| String::from_utf8(plain.to_vec()).ok()).map(Secret::new)
}

/// Whether it was removed, and only its row is left.
pub fn is_removed(webhook: &Model) -> bool {
    webhook.url.is_empty()
}

fn may_read(actor: &Actor) -> Result<(), Error> {
    if actor.can(Action::WriteWebhooks) { Ok(()) } else { actor.may(Action::ReadEvents) }
}

fn present(tenant: &Tenant) -> sea_orm::Select<webhook::Entity> {
    webhook::Entity::find().filter(webhook::Column::TenantId.eq(tenant.id)).filter(webhook::Column::Url.ne(""))
}

async fn load(app: &App, tenant: &Tenant, id: WebhookId) -> Result<Model, Error> {
    present(tenant).filter(webhook::Column::Id.eq(id)).one(app.db.pool()).await?.ok_or(Error::NotFound)
}

fn new_secret() -> Secret {
    Secret::new(format!("{SECRET_PREFIX}{}", STANDARD.encode(secret::bytes::<32>())))
}

fn seal(app: &App, id: WebhookId, secret: &Secret) -> String {
    app.sealer.seal_text(Purpose::WebhookSecret, id.0.as_bytes(), secret.expose().as_bytes())
}

/// What is wrong with an address and with kinds, if they are given.
fn complaints(app: &App, url: Option<&str>, kinds: Option<&[String]>) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if let Some(url) = url {
        if url.len() > URL_BYTES_MAX {
            wrong.push(Wrong::new("url", Rule::Length, format!("must have at most {URL_BYTES_MAX} bytes")));
        } else if !app.outbound.admits(url) {
            let complaint = "must be an https URL of a host on the public internet, without a user and a password";
            wrong.push(Wrong::new("url", Rule::Form, complaint));
        }
    }
    for kind in kinds.unwrap_or_default() {
        if !Kind::all().any(|known| known.as_str() == kind) {
            let shown: String = kind.chars().take(64).collect();
            let known = Kind::all().map(Kind::as_str).collect::<Vec<_>>().join(", ");
            wrong.push(Wrong::new("kinds", Rule::Unknown, format!("has {shown:?}, which is none of {known}")));
        }
    }
    wrong
}

fn refuse(wrong: Vec<Wrong>) -> Result<(), Error> {
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// The event of a change. An address may hold a secret behind its host: only scheme and host are written down.
fn told(app: &App, tenant: &Tenant, actor: &Actor, row: &Model, change: &str) -> Told {
    let host = url::Url::parse(&row.url).map_or_else(|_| Value::Null, |url| url.origin().ascii_serialization().into());
    let kinds: Vec<&str> = row.kinds.iter().collect();
    let data = json!({"change": change, "host": host, "kinds": kinds, "enabled": row.enabled});
    event::event(app, tenant.id, Kind::Administered, actor.label(), &format!("webhook:{}", row.id), data)
}

/// Stores what a webhook is now, if it is still at the version it was read at.
async fn store(app: &App, after: Model, told: Told) -> Result<Model, Error> {
    let after = Model { version: after.version + 1, updated_at: app.clock.now(), ..after };
    let update = update(&after);
    app.db
        .transaction(move |transaction| {
            let (update, told) = (update.clone(), told.clone());
            Box::pin(async move {
                if update.exec(transaction).await?.rows_affected == 0 {
                    return Err(Error::Conflict(Conflict::Changed));
                }
                Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?;
                Ok(())
            })
        })
        .await?;
    app.tenants.refresh(app).await?;
    Ok(after)
}

fn update(after: &Model) -> UpdateMany<webhook::Entity> {
    webhook::Entity::update_many()
        .col_expr(webhook::Column::Url, Expr::value(after.url.as_str()))
        .col_expr(webhook::Column::Kinds, Expr::value(after.kinds.clone()))
        .col_expr(webhook::Column::SecretSealed, Expr::value(after.secret_sealed.as_str()))
        .col_expr(webhook::Column::Enabled, Expr::value(after.enabled))
        .col_expr(webhook::Column::Version, Expr::value(after.version))
        .col_expr(webhook::Column::UpdatedAt, Expr::value(after.updated_at))
        .filter(webhook::Column::Id.eq(after.id))
        .filter(webhook::Column::Url.ne(""))
        .filter(webhook::Column::Version.eq(after.version - 1))
}

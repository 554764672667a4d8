//! Was this registration made before? Whoever heard no answer sends it again under the same `Idempotency-Key`, and gets the
//! first answer again: no client is left that nobody knows (security.md promise 14).
//!
//! The answer is stored in the transaction that stores the client, so that nothing lies between the two. Only callers with
//! a token have keys: without one there is nobody whose key it would be.

use entity::idempotency::{Column, Entity, Model};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};

use super::admission::{Admission, Caller, Way, admit};
use super::body::Body;
use super::credentials::INITIAL_TOKEN_PREFIX;
use super::information::ClientInformation;
use super::initial_access_token::{find_living, spend};
use super::register::{Intent, count, judged, prepare, register};
use super::template::followed;
use crate::app::App;
use crate::db::{Rows, TransactionError, is_duplicate};
use crate::oidc::repetition::{IDEMPOTENCY_KEY, KEPT_SECONDS, KEY_MAX, digest, is_key};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret::Purpose;

/// The status of the answer that is kept.
const CREATED: i64 = 201;

/// A key of one caller, for one request.
struct Key {
    hash: String,
    request: String,
}

impl Key {
    fn new(tenant: &Tenant, caller: &str, text: &str, body: &[u8]) -> Self {
        let hash = digest(&[b"registration", tenant.id.0.as_bytes(), caller.as_bytes(), text.as_bytes()]);
        Self { hash, request: digest(&[b"POST", body]) }
    }
}

/// Registers a client as [`register`] does, once, however often it is sent under the same key by the same caller within a
/// day. A ticket that the first registration used up is still good for its answer. Without a token the key says nothing.
///
/// # Errors
/// As [`register`]; `invalid_request` for what is no key, and for a key that was used for another body.
pub async fn register_once(
    app: &App,
    tenant: &Tenant,
    caller: Caller<'_>,
    body: Body<'_>,
    key: &str,
) -> Result<ClientInformation, Error> {
    let Some(token) = caller.token else { return register(app, tenant, caller, body, Intent::Register).await };
    if !is_key(key) {
        let why = format!("{IDEMPOTENCY_KEY} must have 1 to {KEY_MAX} printable ASCII characters");
        return Err(Error::new(Code::InvalidRequest, why));
    }
    let refused = match admit(app, tenant, caller).await {
        Ok(admission) => {
            let outcome = admitted(app, tenant, &admission, caller, body, key).await;
            count(app, admission.way.name(), &outcome);
            return outcome;
        }
        Err(error) => error,
    };
    if refused.code == Code::InvalidToken
        && token.expose().starts_with(INITIAL_TOKEN_PREFIX)
        && let Some(ticket) = find_living(app, tenant, token).await?
    {
        let key = Key::new(tenant, &Way::Ticket(Box::new(ticket)).actor(), key, body.bytes);
        if let Some(again) = known(app, &key).await? {
            return Ok(again);
        }
    }
    count(app, "none", &Err(refused.clone()));
    Err(refused)
}

async fn admitted(
    app: &App,
    tenant: &Tenant,
    admission: &Admission,
    caller: Caller<'_>,
    body: Body<'_>,
    key: &str,
) -> Result<ClientInformation, Error> {
    let key = Key::new(tenant, &admission.way.actor(), key, body.bytes);
    if let Some(again) = known(app, &key).await? {
        return Ok(again);
    }
    let wanted = body.members(admission.profile, app.config.registration.json_depth_max)?;
    let template = followed(app, tenant, admission, &wanted).await?;
    let metadata = judged(app, tenant, admission, &wanted, template.as_deref()).await?;
    let (rows, information) = prepare(app, tenant, admission, caller, metadata, template.as_deref())?;
    let kept = kept(app, tenant, &key, &information)?;
    match store(app, admission, rows, kept).await {
        // Another request with this key was faster, or used the ticket up.
        Err(error) if error.code == Code::InvalidToken || error.database().is_some_and(is_duplicate) => {
            known(app, &key).await?.ok_or(error)
        }
        Err(error) => Err(error),
        Ok(()) => {
            if let Way::Delegate(delegate) = &admission.way {
                app.usage.used(delegate.row.id, app.clock.now());
            }
            Ok(information)
        }
    }
}

/// Stores a client with the answer that tells of it.
async fn store(app: &App, admission: &Admission, rows: Rows, kept: Model) -> Result<(), Error> {
    let now = app.clock.now();
    let ticket = match &admission.way {
        Way::Ticket(ticket) => Some(ticket.id),
        Way::Open | Way::Delegate(_) => None,
    };
    app.db
        .transaction(move |transaction| {
            let (rows, kept) = (rows.clone(), kept.clone());
            Box::pin(async move {
                if let Some(ticket) = ticket
                    && !spend(transaction, ticket, now).await?
                {
                    let why = "the initial access token was used up, expired or revoked meanwhile";
                    return Err(Error::new(Code::InvalidToken, why));
                }
                keep(transaction, kept).await?;
                Ok(rows.insert(transaction).await?)
            })
        })
        .await
}

async fn keep(transaction: &DatabaseTransaction, kept: Model) -> Result<(), Error> {
    let outlived = Column::CreatedAt.lte(kept.created_at - KEPT_SECONDS);
    Entity::delete_many().filter(Column::KeyHash.eq(kept.key_hash.as_str())).filter(outlived).exec(transaction).await?;
    Entity::insert(kept.into_active_model()).exec_without_returning(transaction).await?;
    Ok(())
}

fn kept(app: &App, tenant: &Tenant, key: &Key, information: &ClientInformation) -> Result<Model, Error> {
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(information).map_err(Error::internal)?);
    Ok(Model {
        key_hash: key.hash.clone(),
        tenant_id: tenant.id,
        request_hash: key.request.clone(),
        status: Some(CREATED),
        answer_sealed: Some(app.sealer.seal_text(Purpose::Answer, key.hash.as_bytes(), &plain)),
        created_at: app.clock.now(),
    })
}

/// The answer that was given under this key, if it is kept.
async fn known(app: &App, key: &Key) -> Result<Option<ClientInformation>, Error> {
    let found = Entity::find_by_id(key.hash.as_str()).one(app.db.pool()).await?;
    let young = |row: &Model| app.clock.now() - row.created_at < KEPT_SECONDS;
    let Some(row) = found.filter(young) else { return Ok(None) };
    if row.request_hash != key.request {
        let why = format!("this {IDEMPOTENCY_KEY} was used for another registration: choose a fresh one for each");
        return Err(Error::new(Code::InvalidRequest, why));
    }
    let Some(sealed) = row.answer_sealed else { return Ok(None) };
    let plain = app.sealer.open_text(Purpose::Answer, key.hash.as_bytes(), &sealed).map_err(Error::internal)?;
    let members = serde_json::from_slice(&plain).map_err(Error::internal)?;
    ClientInformation::again(members).map(Some)
}

//! How does an application get its client at a provider? The intent is written down first, so that whatever dies in
//! between leaves a trace that a job follows (RFC 7591, security.md s.N8).

use entity::client::{self, ClientKind};
use entity::client_secret;
use entity::id::{ApplicationId, ClientKey, ProviderId, RemoteCallId};
use entity::provider::{self, Model as Provider};
use entity::remote_call::{self, CallKind};
use http::{HeaderMap, HeaderValue, Method};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::answer::{self, Registered};
use super::discovery::Metadata;
use super::line::{As, IDEMPOTENCY_KEY, Line, noted};
use super::refusal::{Refusal, Why};
use super::remote::given;
use super::request::{self, Wanted};
use super::{store, ticket};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::registration::rows::NewClient;
use crate::oidc::registration::{Policy, Profile};
use crate::oidc::tenant::Tenant;
use crate::portal::Error;
use crate::secret::{self, Purpose, Secret};

/// Seconds after which somebody looks after a call: longer than the request that makes it lives.
const LOOKED_AFTER_SECONDS: Seconds = 30;

/// An application about to get a client.
#[derive(Clone, Copy, Debug)]
pub struct Registering<'a> {
    /// The application.
    pub application: ApplicationId,
    /// The identity its client will have here.
    pub client: ClientKey,
    /// What it wants.
    pub wanted: Wanted<'a>,
}

/// A client that a provider registered, and that is not stored here yet.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Its row.
    pub row: client::Model,
    /// The row of its secret, if it has one.
    pub secret_row: Option<client_secret::Model>,
    /// Its secret.
    pub secret: Option<Secret>,
    call: RemoteCallId,
    provider: ProviderId,
    end: Option<Ending>,
}

/// What is asked for, until it is known how that ended; sealed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Asked {
    /// The body of a registration.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub body: Map<String, Value>,
    /// What people know the client by.
    pub name: String,
    /// Where it is managed, for its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Ending>,
}

/// Where and with which token a client is ended there.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Ending {
    pub uri: String,
    pub token: String,
    pub client_id: String,
}

impl std::fmt::Debug for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ending").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// Registers a client at a provider. Its rows are for the caller to store, in the transaction that also calls
/// [`Remote::settle_in`]; if that transaction fails, [`Remote::give_up`] ends the client there.
///
/// # Errors
/// `Provider`: `Paused`, `Token`, `Refused` when nothing was done there, `Uncertain` when that is not known, which a job
/// looks into. When the database cannot be asked.
pub async fn register(
    app: &App,
    tenant: &Tenant,
    provider: &Provider,
    registering: Registering<'_>,
) -> Result<Remote, Error> {
    let line = Line::open(app, provider)?;
    let there = Metadata::kept(provider).map_err(Refusal::Discovery)?;
    let body = request::body(provider, &there, &registering.wanted)?;
    let token = match ticket::obtain(&line, provider, &there, None).await {
        // A token that is remembered says nothing about how the provider is.
        Ok(token) => token,
        failed => noted(app, provider, failed).await?.map_err(Refusal::Token)?,
    };
    let name = registering.wanted.metadata.name(&[]).unwrap_or_default().to_owned();
    let asked = Asked { body, name, end: None };
    let call = intend(app, provider, CallKind::Register, Some(registering.client), &asked).await?;
    let answered = send(&line, provider, &there, call, &asked.body, token).await;
    let redirects = registering.wanted.metadata.redirect_uris();
    let registered = match noted(app, provider, answered).await? {
        Ok(answer) => answer::read(answer, &there, &provider.endpoints_elsewhere, redirects),
        Err(why) => Err(why),
    };
    match registered {
        Ok(registered) => remote(app, tenant, provider, registering, call, registered).await,
        Err(why) if why.is_uncertain() => Err(Refusal::Uncertain(why).into()),
        Err(why) => {
            end(app, call).await?;
            Err(Refusal::Refused(why).into())
        }
    }
}

/// Sends a registration; with another token, once, if this one is refused (D-22).
pub(super) async fn send(
    line: &Line<'_>,
    provider: &Provider,
    there: &Metadata,
    call: RemoteCallId,
    body: &Map<String, Value>,
    token: Secret,
) -> Result<Map<String, Value>, Why> {
    let body = Value::Object(body.clone());
    let post = async |token: &Secret| {
        let mut headers = HeaderMap::new();
        if let Ok(key) = HeaderValue::from_str(&call.to_string()) {
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        let who = As::Bearer(token);
        line.json_with(Method::POST, &there.registration_endpoint, who, headers, &body).await
    };
    let first = post(&token).await?;
    if first.status != 401 || provider.ticket_from == provider::TicketFrom::InitialAccessToken {
        return first.object(&[200, 201]);
    }
    let fresh = ticket::obtain(line, provider, there, Some(&token)).await?;
    post(&fresh).await?.object(&[200, 201])
}

/// Writes down what is about to be asked for.
///
/// # Errors
/// `NotFound` if the provider was removed meanwhile; when the database cannot be asked.
pub(super) async fn intend(
    app: &App,
    provider: &Provider,
    kind: CallKind,
    client: Option<ClientKey>,
    asked: &Asked,
) -> Result<RemoteCallId, Error> {
    let due = app.clock.now().saturating_add(LOOKED_AFTER_SECONDS);
    let row = call_row(app, provider.id, provider.tenant_id, kind, client, asked, due)?;
    let (id, provider) = (row.id, provider.id);
    app.db
        .transaction(move |transaction| {
            let row = row.clone().into_active_model();
            Box::pin(async move {
                store::locked(transaction, provider).await?;
                remote_call::Entity::insert(row).exec_without_returning(transaction).await?;
                Ok::<_, Error>(())
            })
        })
        .await?;
    Ok(id)
}

/// A call that is due at `due`.
pub(super) fn call_row(
    app: &App,
    provider_id: ProviderId,
    tenant_id: entity::id::TenantId,
    kind: CallKind,
    client_key: Option<ClientKey>,
    asked: &Asked,
    due: Seconds,
) -> Result<remote_call::Model, Error> {
    let (id, now) = (RemoteCallId(secret::new_id()), app.clock.now());
    Ok(remote_call::Model {
        id,
        tenant_id,
        provider_id,
        client_key,
        kind,
        request_sealed: asked.seal(app, id)?,
        attempts: 0,
        next_try_at: due,
        failure: None,
        created_at: now,
        updated_at: now,
    })
}

impl Asked {
    pub fn seal(&self, app: &App, id: RemoteCallId) -> Result<String, Error> {
        let plain = Zeroizing::new(serde_json::to_vec(self).map_err(Error::internal)?);
        Ok(app.sealer.seal_text(Purpose::Provider, id.0.as_bytes(), &plain))
    }

    pub fn of(app: &App, row: &remote_call::Model) -> Option<Self> {
        let plain = app.sealer.open_text(Purpose::Provider, row.id.0.as_bytes(), &row.request_sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

/// A call came to its end.
pub(super) async fn end(app: &App, call: RemoteCallId) -> Result<(), Error> {
    let delete = remote_call::Entity::delete_by_id(call);
    app.db.execute(delete.build(app.db.backend())).await?;
    Ok(())
}

/// Ends a call inside the transaction that stores what came of it.
///
/// # Errors
/// [`Refusal::TakenOver`] if a job looks after it by now: what came of it must not be stored.
pub(super) async fn settle(transaction: &DatabaseTransaction, call: RemoteCallId) -> Result<(), Error> {
    let ended = remote_call::Entity::delete_many()
        .filter(remote_call::Column::Id.eq(call))
        .filter(remote_call::Column::Attempts.eq(0_i64))
        .filter(remote_call::Column::Kind.ne(CallKind::Delete))
        .exec(transaction)
        .await?;
    if ended.rows_affected == 0 { Err(Refusal::TakenOver.into()) } else { Ok(()) }
}

async fn remote(
    app: &App,
    tenant: &Tenant,
    provider: &Provider,
    registering: Registering<'_>,
    call: RemoteCallId,
    registered: Registered,
) -> Result<Remote, Error> {
    let metadata = answer::metadata(app, tenant, registering.wanted.metadata, &registered).await;
    let (key, policy) = (registering.client, Policy::default());
    let row = NewClient {
        tenant_id: tenant.id,
        id: key,
        application_id: Some(registering.application),
        client_id: &registered.client_id,
        profile: &Profile::PERMISSIVE,
        policy: &policy,
        metadata: &metadata,
        registration_token: None,
        template: None,
        ticket: None,
        at: app.clock.now(),
    };
    let row = client::Model {
        kind: ClientKind::External,
        provider_id: Some(provider.id),
        remote_sealed: Some(registered.managed.seal(app, key)?),
        ..row.row()?
    };
    let secret_row =
        registered.secret.as_ref().map(|secret| given(app, tenant.id, key, secret, registered.secret_expires_at));
    let end = registered.managed.access().map(|(uri, token)| Ending {
        uri: uri.to_owned(),
        token: token.expose().to_owned(),
        client_id: registered.client_id.clone(),
    });
    Ok(Remote { row, secret_row, secret: registered.secret, call, provider: provider.id, end })
}

impl Remote {
    /// Notes that the client is stored, in the transaction that stores it.
    ///
    /// # Errors
    /// [`Refusal::TakenOver`]; `Taken` if the provider gave it an identifier that stands for another client here (s.N7).
    pub async fn settle_in(&self, transaction: &DatabaseTransaction) -> Result<(), Error> {
        if let Some(key) = crate::portal::client::key(&self.row.client_id)
            && client::Entity::find_by_id(key).one(transaction).await?.is_some()
        {
            return Err(Error::Taken { field: "client_id", value: self.row.client_id.clone() });
        }
        settle(transaction, self.call).await
    }

    /// Has the client ended at its provider, because it could not be stored here.
    ///
    /// # Errors
    /// When the database cannot be asked; then a job finds the intent.
    pub async fn give_up(self, app: &App) -> Result<(), Error> {
        if is_known(app, self.provider, &self.row.client_id).await? {
            // The provider gave the same client out twice: it belongs to somebody.
            return end(app, self.call).await;
        }
        let Some(ending) = self.end else {
            let name = self.row.name.clone().unwrap_or_default();
            super::reconcile::tell_left(app, self.row.tenant_id, self.provider, &name, "it cannot be managed there")
                .await?;
            return end(app, self.call).await;
        };
        turn_into_end(app, self.call, self.row.name.clone().unwrap_or_default(), ending).await
    }
}

/// From now on the call is one for the end of the client, due at once.
pub(super) async fn turn_into_end(app: &App, call: RemoteCallId, name: String, ending: Ending) -> Result<(), Error> {
    let asked = Asked { body: Map::new(), name, end: Some(ending) };
    let update = remote_call::Entity::update_many()
        .col_expr(remote_call::Column::Kind, Expr::value(CallKind::Delete))
        .col_expr(remote_call::Column::RequestSealed, Expr::value(asked.seal(app, call)?))
        .col_expr(remote_call::Column::Attempts, Expr::value(0_i64))
        .col_expr(remote_call::Column::NextTryAt, Expr::value(app.clock.now()))
        .filter(remote_call::Column::Id.eq(call));
    app.db.execute(update.build(app.db.backend())).await?;
    Ok(())
}

/// Whether a client with this identifier at this provider belongs to an application here.
pub(super) async fn is_known(app: &App, provider: ProviderId, client_id: &str) -> Result<bool, Error> {
    let known = client::Entity::find()
        .filter(client::Column::ProviderId.eq(provider))
        .filter(client::Column::ClientId.eq(client_id))
        .filter(client::Column::RemoteSealed.is_not_null());
    Ok(known.one(app.db.pool()).await?.is_some())
}

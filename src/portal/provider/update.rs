//! How does a client change at its provider? There first, and here only what was answered (RFC 7592 §2.2, portal.md G43,
//! P-6).

use entity::client;
use entity::client_secret;
use entity::id::{ClientKey, RemoteCallId};
use entity::provider::Model as Provider;
use entity::remote_call::CallKind;
use http::Method;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Map, Value};

use super::answer;
use super::discovery::Metadata;
use super::line::{As, Line, noted};
use super::refusal::{Refusal, Why};
use super::register::{Asked, end, intend, settle};
use super::remote::{Managed, given, is_elsewhere};
use super::request;
use super::store;
use crate::app::App;
use crate::oidc;
use crate::oidc::client::record::Client;
use crate::oidc::tenant::Tenant;
use crate::portal::Error;
use crate::secret::Secret;

/// Members of an answer that are not sent back (RFC 7592 §2.2).
const OURS_TO_READ: [&str; 4] =
    ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];

/// A change that was made at a provider, and is not stored here yet.
#[derive(Clone, Debug)]
pub struct Updated {
    call: RemoteCallId,
    client: ClientKey,
    remote_sealed: String,
    /// A secret that came with it and is another than before.
    secret: Option<client_secret::Model>,
}

/// Changes a client at its provider into what `after` says. `None`: it lives here, there is nobody to be asked.
///
/// # Errors
/// `Provider`; nothing is to be stored here then. When the database cannot be asked.
pub async fn update(
    app: &App,
    tenant: &Tenant,
    client: &Client,
    after: &oidc::client::Metadata,
) -> Result<Option<Updated>, Error> {
    let Some((provider, managed)) = managed(app, tenant, &client.row).await? else { return Ok(None) };
    let there = Metadata::kept(&provider).map_err(Refusal::Discovery)?;
    let line = Line::open(app, &provider)?;
    let Some((uri, token)) = managed.access() else { return Err(Refusal::NotManaged.into()) };
    let body = body(&managed, client.client_id(), request::changed(&there, &client.metadata, after));
    let asked = Asked { body: Map::new(), name: client.row.name.clone().unwrap_or_default(), end: None };
    let call = intend(app, &provider, CallKind::Update, Some(client.row.id), &asked).await?;
    let reply = line.json(Method::PUT, uri, As::Bearer(token), &body).await;
    let answer = noted(app, &provider, reply.and_then(|reply| reply.object(&[200]))).await?;
    let known = Known { provider: &provider, there: &there, managed: &managed, redirects: after.redirect_uris() };
    conclude(app, client, call, known, answer).await.map(Some)
}

/// The provider of a client that lives elsewhere, and what is known of it there.
pub(super) async fn managed(
    app: &App,
    tenant: &Tenant,
    row: &client::Model,
) -> Result<Option<(Provider, Managed)>, Error> {
    let Some(id) = row.provider_id.filter(|_| is_elsewhere(row)) else { return Ok(None) };
    let provider = store::load(app, tenant, id).await?;
    let managed = Managed::of(app, row).ok_or(Refusal::NotManaged)?;
    Ok(Some((provider, managed)))
}

/// What was answered last, with what changes, and the identifier.
fn body(managed: &Managed, client_id: &str, changed: Map<String, Value>) -> Value {
    let mut body = managed.answer.clone();
    body.retain(|member, _| !OURS_TO_READ.contains(&member.as_str()));
    body.extend(changed);
    body.retain(|_, value| !value.is_null());
    body.insert("client_id".to_owned(), client_id.into());
    body.into()
}

/// What is known of a client when its provider answers.
pub(super) struct Known<'a> {
    pub provider: &'a Provider,
    pub there: &'a Metadata,
    pub managed: &'a Managed,
    /// Where it may be sent back to.
    pub redirects: &'a [String],
}

/// What an answer changes here; the whole of what was kept is replaced by it.
pub(super) async fn conclude(
    app: &App,
    client: &Client,
    call: RemoteCallId,
    known: Known<'_>,
    answer: Result<Map<String, Value>, Why>,
) -> Result<Updated, Error> {
    let read = |answer: Map<String, Value>| {
        let answer = with_identity(answer, client.client_id());
        let read = answer::read(answer, known.there, &known.provider.endpoints_elsewhere, known.redirects)?;
        if read.client_id == client.client_id() {
            return Ok(read);
        }
        Err(Why::Answer("client_id is another client's".to_owned()))
    };
    match answer.and_then(read) {
        Ok(read) => {
            let before = known.managed.secret();
            let fresh = read.secret.clone().filter(|secret| Some(secret) != before.as_ref());
            let row = |secret: &Secret| given(app, client.row.tenant_id, client.row.id, secret, read.secret_expires_at);
            let secret = fresh.as_ref().map(row);
            let remote_sealed = known.managed.succeeded_by(read.managed).seal(app, client.row.id)?;
            Ok(Updated { call, client: client.row.id, remote_sealed, secret })
        }
        Err(why) if why.is_uncertain() => Err(Refusal::Uncertain(why).into()),
        Err(why) => {
            end(app, call).await?;
            Err(Refusal::Refused(why).into())
        }
    }
}

/// An answer that does not repeat the identifier means the client that was asked for.
fn with_identity(mut answer: Map<String, Value>, client_id: &str) -> Map<String, Value> {
    answer.entry("client_id").or_insert_with(|| client_id.into());
    answer
}

impl Updated {
    /// Stores what the provider answered, in the transaction that stores the change.
    ///
    /// # Errors
    /// [`Refusal::TakenOver`] if a job looks after it by now.
    pub async fn settle_in(&self, transaction: &DatabaseTransaction) -> Result<(), Error> {
        settle(transaction, self.call).await?;
        self.keep_in(transaction).await
    }

    /// Stores what the provider answered.
    pub(super) async fn keep_in(&self, transaction: &DatabaseTransaction) -> Result<(), Error> {
        client::Entity::update_many()
            .col_expr(client::Column::RemoteSealed, Expr::value(self.remote_sealed.as_str()))
            .filter(client::Column::Id.eq(self.client))
            .filter(client::Column::RemoteSealed.is_not_null())
            .exec(transaction)
            .await?;
        let Some(secret) = self.secret.clone() else { return Ok(()) };
        let of_client = client_secret::Column::ClientKey.eq(self.client);
        client_secret::Entity::delete_many().filter(of_client).exec(transaction).await?;
        client_secret::Entity::insert(secret.into_active_model()).exec_without_returning(transaction).await?;
        Ok(())
    }

    /// The row of the secret that came with it, if it is another than before.
    pub fn secret(&self) -> Option<&client_secret::Model> {
        self.secret.as_ref()
    }
}

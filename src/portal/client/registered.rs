//! How does an admin make, see and change clients, each as a whole? As registration judges them, one application each.

use std::collections::HashMap;
use std::sync::Arc;

use entity::application::{self, Source};
use entity::client::{self, ClientKind};
use entity::id::{ApplicationId, ClientKey};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Map, Value, json};

use super::complaints::only_wrong;
use super::{Added, Which, forget, reached, refused, target, with_secrets};
use crate::app::App;
use crate::db::Rows;
use crate::oidc::client::record::Client;
use crate::oidc::client::{ApplicationType, Metadata, SecretNeed};
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::change as stored;
use crate::oidc::registration::credentials::{new_client_id, new_secret};
use crate::oidc::registration::judge::{judge, judge_patch};
use crate::oidc::registration::rows::{self, NewClient};
use crate::oidc::registration::{Policy, Profile};
use crate::oidc::tenant::Tenant;
use crate::oidc::tenant::manage::merged;
use crate::portal::list::{Listed, Wanted};
use crate::portal::membership::Reach;
use crate::portal::service::check;
use crate::portal::{Action, Actor, Error, Wrong};
use crate::secret;

/// A client to be made.
#[derive(Clone, Debug, Default)]
pub struct New {
    /// Its metadata, as a registrant would send it (RFC 7591 §2).
    pub members: Map<String, Value>,
    /// What it does: at most 4000 characters.
    pub description: Option<String>,
    /// Ours: people are not asked for consent.
    pub first_party: bool,
    /// What is kept for those who send it: at most 16 KiB.
    pub kept: Map<String, Value>,
}

/// What is to change; what is not said stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Members of its metadata; `null` takes one away (RFC 7396).
    pub members: Map<String, Value>,
    /// What it does; an inner `None`: nothing is said.
    pub description: Option<Option<String>>,
    /// Whether people are asked for consent.
    pub first_party: Option<bool>,
    /// Of what is kept for those who send it; `null` takes one away.
    pub kept: Map<String, Value>,
}

/// A client with what its application says of it.
#[derive(Clone, Debug)]
pub struct Registered {
    /// It.
    pub client: Arc<Client>,
    /// What it does.
    pub description: Option<String>,
}

/// Which clients are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Ours, or not.
    pub first_party: Option<bool>,
    /// Of one of these types; empty: of any.
    pub kinds: Vec<ApplicationType>,
}

/// All that is wrong with a client that is to be made, for those who tell it together with what else is wrong.
///
/// # Errors
/// When the database cannot be asked.
pub async fn complaints(app: &App, tenant: &Tenant, new: &New) -> Result<Vec<Wrong>, Error> {
    let kept = (!new.kept.is_empty()).then(|| Value::Object(new.kept.clone()));
    let judged = judge(app, tenant, &new.members, &Profile::PERMISSIVE, Policy::default()).await.map_err(refused);
    also(judged, complaints_beside(new.description.as_deref(), kept.as_ref()))
        .map_or_else(only_wrong, |_| Ok(Vec::new()))
}

/// All that is wrong with a change of a client; likewise.
///
/// # Errors
/// When the database cannot be asked.
pub async fn change_complaints(
    app: &App,
    tenant: &Tenant,
    client: &Client,
    change: &Change,
) -> Result<Vec<Wrong>, Error> {
    judged(app, tenant, client, change).await.map_or_else(only_wrong, |_| Ok(Vec::new()))
}

/// What a change makes of a client: its metadata, and what is kept.
async fn judged(
    app: &App,
    tenant: &Tenant,
    client: &Client,
    change: &Change,
) -> Result<(Metadata, Option<Value>), Error> {
    let kept = merged(&client.row.kept.clone().unwrap_or_else(|| json!({})), &Value::Object(change.kept.clone()));
    let kept = Some(kept).filter(|kept| *kept != json!({}));
    let judged = judge_patch(app, tenant, client, &change.members, client.policy.clone()).await.map_err(refused);
    let description = change.description.as_ref().and_then(|text| text.as_deref());
    Ok((also(judged, complaints_beside(description, kept.as_ref()))?, kept))
}

/// Makes a client with an application of its own, which nobody but admins answers for.
///
/// # Errors
/// `Invalid` as registration judges; `NotAllowed`.
pub async fn register(app: &App, tenant: &Tenant, actor: &Actor, new: New) -> Result<Added, Error> {
    actor.may(Action::WriteClients)?;
    let profile = &Profile::PERMISSIVE;
    let kept = (!new.kept.is_empty()).then(|| Value::Object(new.kept.clone()));
    let judged = judge(app, tenant, &new.members, profile, Policy::default()).await.map_err(refused);
    let metadata = also(judged, complaints_beside(new.description.as_deref(), kept.as_ref()))?;
    let (key, application_id, now) = (ClientKey(secret::new_id()), ApplicationId(secret::new_id()), app.clock.now());
    let client_id = new_client_id();
    let (secret, secret_row) = match metadata.secret_need() {
        SecretNeed::Issue => Some(new_secret(app, tenant.id, key)).unzip(),
        SecretNeed::Withhold => (None, None),
    };
    let name = metadata.name(&[]).unwrap_or(&client_id);
    let kind = metadata.application_type().as_str();
    let application = rows::application(tenant.id, application_id, name, kind, Source::Admin, now);
    let row = NewClient {
        tenant_id: tenant.id,
        id: key,
        application_id: Some(application_id),
        client_id: &client_id,
        profile,
        policy: &Policy::default(),
        metadata: &metadata,
        registration_token: None,
        ticket: None,
        template: None,
        at: now,
    };
    let row = client::Model { first_party: new.first_party, kept, ..row.row()? };
    let data = json!({"way": "admin", "profile": profile.name, "client_name": row.name, "application": application_id});
    let told = event(app, tenant.id, Kind::ClientRegistered, actor.label(), &target(&row), data);
    let rows = Rows {
        applications: vec![application::Model { description: new.description, ..application }],
        clients: vec![row.clone()],
        client_secrets: secret_row.iter().cloned().collect(),
        events: vec![told],
        ..Rows::default()
    };
    app.db.insert(rows).await?;
    Ok(Added { client: Arc::new(Client::new(row, secret_row.into_iter().collect())?), secret })
}

/// Changes a client, whoever made it.
///
/// # Errors
/// As [`register`]; `NotFound` for one that is unknown or gone; `Conflict(Changed)` when another change came first.
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    client_id: &str,
    change: Change,
) -> Result<Registered, Error> {
    actor.may(Action::WriteClients)?;
    let client = reached(app, tenant, actor, Which::anywhere(client_id), Reach::Change).await?;
    let (metadata, kept) = judged(app, tenant, &client, &change).await?;
    let secrets = match metadata.secret_need() {
        SecretNeed::Issue if client.secrets.is_empty() => {
            stored::Secrets::Replace(new_secret(app, tenant.id, client.row.id).1)
        }
        SecretNeed::Withhold if !client.secrets.is_empty() => stored::Secrets::Withdraw,
        _ => stored::Secrets::Keep,
    };
    let first_party = change.first_party.unwrap_or(client.row.first_party);
    let data = json!({"first_party": first_party, "members": change.members.keys().collect::<Vec<_>>()});
    let told = event(app, tenant.id, Kind::ClientUpdated, actor.label(), &target(&client.row), data);
    let now = app.clock.now();
    let prepared = stored::Change::by_others(&client.row, &metadata, secrets, told, now)?;
    let beside = Beside { row: client.row.clone(), first_party, kept, description: change.description, at: now };
    let done = app
        .db
        .transaction(move |transaction| {
            let (prepared, beside) = (prepared.clone(), beside.clone());
            Box::pin(async move {
                prepared.store_in(transaction).await?;
                beside.store(transaction).await
            })
        })
        .await;
    forget(app, &client.row);
    done?;
    find(app, tenant, &Actor::operator(actor.label()), client_id).await
}

/// What changes beside the metadata.
#[derive(Clone, Debug)]
struct Beside {
    row: client::Model,
    first_party: bool,
    kept: Option<Value>,
    description: Option<Option<String>>,
    at: i64,
}

impl Beside {
    async fn store<C: ConnectionTrait>(self, connection: &C) -> Result<(), Error> {
        client::Entity::update_many()
            .col_expr(client::Column::FirstParty, Expr::value(self.first_party))
            .col_expr(client::Column::Kept, Expr::value(self.kept))
            .filter(client::Column::Id.eq(self.row.id))
            .exec(connection)
            .await?;
        if let (Some(description), Some(application)) = (self.description, self.row.application_id) {
            application::Entity::update_many()
                .col_expr(application::Column::Description, Expr::value(description))
                .col_expr(application::Column::Version, Expr::col(application::Column::Version).add(1))
                .col_expr(application::Column::UpdatedAt, Expr::value(self.at))
                .filter(application::Column::Id.eq(application))
                .exec(connection)
                .await?;
        }
        Ok(())
    }
}

/// Removes a client. An application that nobody else answers for and that has no other client goes with it (D-16).
///
/// # Errors
/// `NotFound`, also for the second of two removals; `NotAllowed`.
pub async fn remove(app: &App, tenant: &Tenant, actor: &Actor, client_id: &str) -> Result<(), Error> {
    actor.may(Action::WriteClients)?;
    let which = Which::anywhere(client_id);
    let client = reached(app, tenant, actor, which, Reach::Change).await?;
    let Some(id) = client.row.application_id else { return super::remove(app, tenant, actor, which).await };
    let pool = app.db.pool();
    let application = application::Entity::find_by_id(id).one(pool).await?.ok_or(Error::NotFound)?;
    let alone = super::of_application(pool, id).await?.len() == 1;
    if alone && application.primary_owner_id.is_none() {
        // Who removes clients need not reach into applications.
        return super::application::archive(app, tenant, &Actor::operator(actor.label()), id).await;
    }
    super::remove(app, tenant, actor, which).await
}

/// A client that lives.
///
/// # Errors
/// `NotFound`, `NotAllowed`.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, client_id: &str) -> Result<Registered, Error> {
    actor.may(Action::ReadClients)?;
    let client = reached(app, tenant, actor, Which::anywhere(client_id), Reach::See).await?;
    let mut all = described(app.db.pool(), vec![client]).await?;
    all.pop().ok_or(Error::NotFound)
}

/// All clients that live, the oldest first.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<Registered>, Error> {
    actor.may(Action::ReadClients)?;
    let mut query = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant.id))
        .filter(client::Column::LiveKey.is_not_null())
        .filter(client::Column::Kind.ne(ClientKind::Template));
    if let Some(first_party) = filter.first_party {
        query = query.filter(client::Column::FirstParty.eq(first_party));
    }
    if !filter.kinds.is_empty() {
        let mut of_kind = Query::select();
        of_kind
            .column(application::Column::Id)
            .from(application::Entity)
            .and_where(application::Column::TenantId.eq(tenant.id))
            .and_where(application::Column::Kind.is_in(filter.kinds.iter().map(|kind| kind.as_str())));
        query = query.filter(client::Column::ApplicationId.in_subquery(of_kind));
    }
    let total = query.clone().count(app.db.pool()).await?;
    if let Some(after) = wanted.after {
        query = query.filter(client::Column::Id.gt(ClientKey(after)));
    }
    let limit = wanted.limit.saturating_add(1);
    let rows = query.order_by_asc(client::Column::Id).offset(wanted.skip).limit(limit).all(app.db.pool()).await?;
    let clients = with_secrets(app.db.pool(), rows).await?;
    let all = described(app.db.pool(), clients).await?;
    Ok(Listed::of(all, wanted, total, |registered| registered.client.row.id.0))
}

async fn described<C: ConnectionTrait>(connection: &C, clients: Vec<Arc<Client>>) -> Result<Vec<Registered>, Error> {
    let ids = clients.iter().filter_map(|client| client.row.application_id);
    let rows = application::Entity::find().filter(application::Column::Id.is_in(ids)).all(connection).await?;
    let texts: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row.description)).collect();
    let of = |client: Arc<Client>| {
        let description = client.row.application_id.and_then(|id| texts.get(&id).cloned()).flatten();
        Registered { client, description }
    };
    Ok(clients.into_iter().map(of).collect())
}

/// The identifier of the oldest client of each of these applications that has one.
///
/// # Errors
/// When the database cannot be asked.
pub async fn client_ids(
    app: &App,
    tenant: &Tenant,
    applications: impl IntoIterator<Item = ApplicationId>,
) -> Result<HashMap<ApplicationId, String>, Error> {
    let rows = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant.id))
        .filter(client::Column::LiveKey.is_not_null())
        .filter(client::Column::ApplicationId.is_in(applications))
        .order_by_desc(client::Column::Id)
        .all(app.db.pool())
        .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.application_id?, row.client_id))).collect())
}

fn complaints_beside(description: Option<&str>, kept: Option<&Value>) -> Vec<Wrong> {
    let description = description.and_then(|text| check::paragraph("description", text));
    description.into_iter().chain(kept.and_then(|kept| check::kept("kept", kept))).collect()
}

/// What is wrong with the metadata and with what stands beside it, at once.
fn also(judged: Result<Metadata, Error>, more: Vec<Wrong>) -> Result<Metadata, Error> {
    match judged {
        Ok(metadata) if more.is_empty() => Ok(metadata),
        Ok(_) => Err(Error::Invalid(more)),
        Err(Error::Invalid(wrong)) => Err(Error::Invalid(wrong.into_iter().chain(more).collect())),
        Err(error) => Err(error),
    }
}

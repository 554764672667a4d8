//! Which templates does the tenant have, who follows them, and who may change them? Admins (portal.md G18, D-6, U30).

use std::collections::HashMap;

use entity::client::{self, ClientKind, ClientState};
use entity::id::{ClientKey, TenantId};
use entity::initial_access_token as ticket;
use entity::service::TokenFormat;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::{Map, Value, json};

use super::client::{key, refused, target};
use super::list::{Listed, Wanted};
use super::{Action, Actor, Conflict, Error, Rule, Wrong};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told};
use crate::oidc::client::record::is_client_id;
use crate::oidc::client::{Chosen, Metadata};
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::credentials::new_client_id;
use crate::oidc::registration::judge::judge_as;
use crate::oidc::registration::rows::NewClient;
use crate::oidc::registration::update::patched;
use crate::oidc::registration::{Kin, Policy, Profile};
use crate::oidc::tenant::Tenant;
use crate::secret;

mod follow;

pub use follow::{follow, leave};

/// What is judged by: it offers all there is, and each client's own profile bounds what comes of it.
const PROFILE: &Profile = &Profile::PERMISSIVE;

/// A template to be made.
#[derive(Clone, Debug, Default)]
pub struct New {
    /// What it says of those who follow it (RFC 7591 §2). What it leaves out, they say.
    pub members: Map<String, Value>,
    /// Those who follow it and whom an admin let in are ours: people are not asked for consent.
    pub first_party: bool,
    /// What their access tokens look like; `None`: as each service wants.
    pub token_format: Option<TokenFormat>,
}

/// What is to change; what is not said stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Members of what it says; `null` takes one away (RFC 7396).
    pub members: Map<String, Value>,
    /// Whether people are asked for consent.
    pub first_party: Option<bool>,
    /// An inner `None`: as each service wants.
    pub token_format: Option<Option<TokenFormat>>,
}

/// A template, and how many follow it.
#[derive(Clone, Debug)]
pub struct Template {
    /// Its row.
    pub row: client::Model,
    /// What it says, without what it leaves to those who follow it.
    pub members: Map<String, Value>,
    /// How many clients follow it.
    pub clients: u64,
}

/// Makes a template. Whoever names its `client_id` as `software_id` follows it from then on.
///
/// # Errors
/// `Invalid` as registration judges, and for scopes there are none of; `NotAllowed`.
pub async fn create(app: &App, tenant: &Tenant, actor: &Actor, new: New) -> Result<Template, Error> {
    actor.may(Action::WriteClients)?;
    let metadata = judged(app, tenant, &new.members).await?;
    let client_id = new_client_id();
    let row = NewClient {
        tenant_id: tenant.id,
        id: ClientKey(secret::new_id()),
        application_id: None,
        client_id: &client_id,
        profile: PROFILE,
        policy: &Policy::default(),
        metadata: &metadata,
        registration_token: None,
        ticket: None,
        template: None,
        at: app.clock.now(),
    };
    let row = row.row()?;
    let row = client::Model {
        kind: ClientKind::Template,
        first_party: new.first_party,
        token_format: new.token_format,
        ..row
    };
    let told = told(app, tenant, actor, Kind::TemplateCreated, &row, json!({"client_name": row.name}));
    app.db.insert(Rows { clients: vec![row.clone()], events: vec![told], ..Rows::default() }).await?;
    shown(row, 0)
}

/// Changes a template that has the version the caller saw; `None`: whichever it has. Those who follow it have changed with
/// it, on other replicas within a second.
///
/// # Errors
/// As [`create`]; `NotFound`; `Conflict(Changed)` for another version, or when another change came first.
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: &str,
    expected: Option<i64>,
    change: Change,
) -> Result<Template, Error> {
    actor.may(Action::WriteClients)?;
    let before = row(app.db.pool(), tenant, which).await?.ok_or(Error::NotFound)?;
    if expected.is_some_and(|expected| expected != before.metadata_version) {
        return Err(Error::Conflict(Conflict::Changed));
    }
    let mut wanted = patched(&metadata_of(&before)?, &change.members);
    let chosen = Chosen::read(before.chosen.as_ref()).patched(&change.members);
    left_open(&mut wanted, chosen);
    let metadata = judged(app, tenant, &wanted).await?;
    let after = client::Model {
        name: metadata.name(&[]).map(str::to_owned),
        metadata: serde_json::to_value(&metadata).map_err(Error::internal)?,
        chosen: Some(metadata.chosen().words()),
        first_party: change.first_party.unwrap_or(before.first_party),
        token_format: change.token_format.unwrap_or(before.token_format),
        metadata_version: before.metadata_version + 1,
        updated_at: app.clock.now(),
        ..before
    };
    let data = json!({"members": change.members.keys().collect::<Vec<_>>(), "first_party": after.first_party});
    let told = told(app, tenant, actor, Kind::TemplateUpdated, &after, data);
    let stored = after.clone();
    let done = app
        .db
        .transaction(move |transaction| {
            let (row, told) = (stored.clone(), told.clone());
            Box::pin(async move { store(transaction, row, told).await })
        })
        .await;
    // Whoever follows it is kept with what it said before.
    app.clients.forget_all();
    done?;
    let clients = followers(tenant.id, after.id).count(app.db.pool()).await?;
    shown(after, clients)
}

async fn store<C: ConnectionTrait>(connection: &C, after: client::Model, told: Told) -> Result<(), Error> {
    let updated = client::Entity::update_many()
        .col_expr(client::Column::Name, Expr::value(after.name))
        .col_expr(client::Column::Metadata, Expr::value(after.metadata))
        .col_expr(client::Column::Chosen, Expr::value(after.chosen))
        .col_expr(client::Column::FirstParty, Expr::value(after.first_party))
        .col_expr(client::Column::TokenFormat, Expr::value(after.token_format))
        .col_expr(client::Column::MetadataVersion, Expr::value(after.metadata_version))
        .col_expr(client::Column::UpdatedAt, Expr::value(after.updated_at))
        .filter(client::Column::Id.eq(after.id))
        .filter(client::Column::LiveKey.is_not_null())
        .filter(client::Column::MetadataVersion.eq(after.metadata_version - 1))
        .exec(connection)
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::Conflict(Conflict::Changed));
    }
    Ok(Rows { events: vec![told], ..Rows::default() }.insert(connection).await?)
}

/// Removes a template that nobody follows.
///
/// # Errors
/// `NotFound`; `Conflict(StillUsed)` while clients follow it or a usable initial access token says that they will;
/// `Conflict(Changed)` for another version than `expected`; `NotAllowed`.
pub async fn remove(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: &str,
    expected: Option<i64>,
) -> Result<(), Error> {
    actor.may(Action::WriteClients)?;
    let row = row(app.db.pool(), tenant, which).await?.ok_or(Error::NotFound)?;
    if expected.is_some_and(|expected| expected != row.metadata_version) {
        return Err(Error::Conflict(Conflict::Changed));
    }
    let told = told(app, tenant, actor, Kind::TemplateDeleted, &row, json!({"client_name": row.name}));
    let now = app.clock.now();
    let done = app
        .db
        .transaction(move |transaction| {
            let (row, told) = (row.clone(), told.clone());
            Box::pin(async move { end(transaction, row, told, now).await })
        })
        .await;
    app.clients.forget_all();
    done
}

async fn end<C: ConnectionTrait>(connection: &C, row: client::Model, told: Told, now: Seconds) -> Result<(), Error> {
    let ended = client::Entity::update_many()
        .col_expr(client::Column::State, Expr::value(ClientState::Ended))
        .col_expr(client::Column::LiveKey, Expr::value(Option::<String>::None))
        .col_expr(client::Column::EndedAt, Expr::value(now))
        .col_expr(client::Column::EndedReason, Expr::value("deleted"))
        .col_expr(client::Column::UpdatedAt, Expr::value(now))
        .filter(client::Column::Id.eq(row.id))
        .filter(client::Column::LiveKey.is_not_null())
        .filter(client::Column::MetadataVersion.eq(row.metadata_version))
        .exec(connection)
        .await?;
    if ended.rows_affected == 0 {
        return Err(Error::Conflict(Conflict::Changed));
    }
    // Asked after the row is locked: whoever links a client to it waits for that lock.
    if followers(row.tenant_id, row.id).count(connection).await? > 0 {
        return Err(Error::Conflict(Conflict::StillUsed("clients follow this template")));
    }
    let usable = ticket::Entity::find()
        .filter(ticket::Column::TenantId.eq(row.tenant_id))
        .filter(ticket::Column::TemplateId.eq(row.id))
        .filter(ticket::Column::RevokedAt.is_null())
        .filter(Condition::any().add(ticket::Column::ExpiresAt.is_null()).add(ticket::Column::ExpiresAt.gt(now)))
        .filter(
            Condition::any()
                .add(ticket::Column::MaxUses.is_null())
                .add(Expr::col(ticket::Column::Uses).lt(Expr::col(ticket::Column::MaxUses))),
        );
    if usable.count(connection).await? > 0 {
        let why = "initial access tokens make clients follow this template: revoke them first";
        return Err(Error::Conflict(Conflict::StillUsed(why)));
    }
    Ok(Rows { events: vec![told], ..Rows::default() }.insert(connection).await?)
}

/// One template.
///
/// # Errors
/// `NotFound`, `NotAllowed`; when the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, which: &str) -> Result<Template, Error> {
    actor.may(Action::ReadClients)?;
    let row = row(app.db.pool(), tenant, which).await?.ok_or(Error::NotFound)?;
    let clients = followers(tenant.id, row.id).count(app.db.pool()).await?;
    shown(row, clients)
}

/// The templates of a tenant, the oldest first.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn list(app: &App, tenant: &Tenant, actor: &Actor, wanted: &Wanted) -> Result<Listed<Template>, Error> {
    actor.may(Action::ReadClients)?;
    let pool = app.db.pool();
    let mut found = living(tenant.id);
    let total = found.clone().count(pool).await?;
    if let Some(after) = wanted.after {
        found = found.filter(client::Column::Id.gt(ClientKey(after)));
    }
    let part = found.order_by_asc(client::Column::Id).offset(wanted.skip).limit(wanted.limit.saturating_add(1));
    let rows = part.all(pool).await?;
    let counted: Vec<(ClientKey, i64)> = client::Entity::find()
        .select_only()
        .column(client::Column::TemplateId)
        .column_as(client::Column::Id.count(), "clients")
        .filter(client::Column::TenantId.eq(tenant.id))
        .filter(client::Column::LiveKey.is_not_null())
        .filter(client::Column::TemplateId.is_in(rows.iter().map(|row| row.id)))
        .group_by(client::Column::TemplateId)
        .into_tuple()
        .all(pool)
        .await?;
    let counted: HashMap<ClientKey, i64> = counted.into_iter().collect();
    let of = |row: client::Model| {
        let clients = counted.get(&row.id).copied().unwrap_or_default();
        shown(row, u64::try_from(clients).unwrap_or_default())
    };
    let all: Vec<Template> = rows.into_iter().map(of).collect::<Result<_, _>>()?;
    Ok(Listed::of(all, wanted, total, |template| template.row.id.0))
}

/// The template with this identity or `client_id`.
pub(super) async fn row<C: ConnectionTrait>(
    connection: &C,
    tenant: &Tenant,
    which: &str,
) -> Result<Option<client::Model>, Error> {
    if !is_client_id(which) {
        return Ok(None);
    }
    let named = living(tenant.id).filter(client::Column::LiveKey.eq(which)).one(connection).await?;
    match key(which) {
        Some(key) if named.is_none() => {
            Ok(living(tenant.id).filter(client::Column::Id.eq(key)).one(connection).await?)
        }
        _ => Ok(named),
    }
}

fn living(tenant: TenantId) -> Select<client::Entity> {
    client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant))
        .filter(client::Column::Kind.eq(ClientKind::Template))
        .filter(client::Column::LiveKey.is_not_null())
}

fn followers(tenant: TenantId, template: ClientKey) -> Select<client::Entity> {
    client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant))
        .filter(client::Column::LiveKey.is_not_null())
        .filter(client::Column::TemplateId.eq(template))
}

/// What it says, as registration judges; but a scope that nobody has is told, as leaving it out would bound less.
async fn judged(app: &App, tenant: &Tenant, members: &Map<String, Value>) -> Result<Metadata, Error> {
    let metadata = judge_as(app, tenant, members, PROFILE, Policy::default(), Kin::Template).await.map_err(refused)?;
    let sent: Vec<&str> = match members.get("scope") {
        Some(Value::String(text)) => text.split(' ').collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).flat_map(|item| item.split(' ')).collect(),
        _ => Vec::new(),
    };
    let unknown = |scope: &&str| !scope.is_empty() && !metadata.scopes().any(|known| known == *scope);
    match sent.into_iter().find(unknown) {
        Some(scope) => Err(Error::invalid("scope", Rule::Unknown, format!("has {scope}, which no service knows"))),
        None => Ok(metadata),
    }
}

fn metadata_of(row: &client::Model) -> Result<Metadata, Error> {
    serde_json::from_value(row.metadata.clone()).map_err(Error::internal)
}

/// Takes away what was not chosen: defaults bound nobody.
fn left_open(members: &mut Map<String, Value>, chosen: Chosen) {
    members.retain(|member, _| !Chosen::MEMBERS.contains(&member.as_str()) || chosen.has(member));
}

fn shown(row: client::Model, clients: u64) -> Result<Template, Error> {
    let mut members = metadata_of(&row)?.to_members();
    left_open(&mut members, Chosen::read(row.chosen.as_ref()));
    Ok(Template { row, members, clients })
}

fn told(app: &App, tenant: &Tenant, actor: &Actor, kind: Kind, row: &client::Model, data: Value) -> Told {
    event(app, tenant.id, kind, actor.label(), &target(row), data)
}

fn no_such_template() -> Error {
    Error::Invalid(vec![Wrong::new("template", Rule::Missing, "must be a template")])
}

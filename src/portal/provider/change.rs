//! How does an admin set up a provider, change it, and choose where applications go? Nothing is stored that was not
//! tried (portal.md G12, G38).

use std::collections::BTreeMap;

use entity::id::ProviderId;
use entity::provider::{Column, Entity, Model, Place, TicketFrom};
use entity::word::Words;
use entity::{client, remote_call};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};
use serde_json::{Value, json};

use super::check::{check, renewal};
use super::discovery::{self, Metadata};
use super::draft::{Change, Draft, New};
use super::line::Line;
use super::refusal::Refusal;
use super::store::{load, locked};
use super::ticket::{self, Credentials};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told, TransactionError, is_duplicate};
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::outbound::Tls;
use crate::portal::{Action, Actor, Conflict, Error, Rule};
use crate::secret::{self, Secret};

/// What a provider showed when it was tried.
struct Proven {
    metadata: Metadata,
    ticket: Option<(Secret, Seconds)>,
}

/// Sets up a provider: its metadata is fetched and an initial access token obtained at once. The first of a tenant
/// becomes its default.
///
/// # Errors
/// `NotAllowed`; `Invalid` with every wrong field; `Provider` with the first step that failed (portal.md G38); `Taken`
/// for the name. Nothing is stored then.
pub async fn create(app: &App, tenant: &Tenant, actor: &Actor, new: New) -> Result<Model, Error> {
    actor.may(Action::WriteProviders)?;
    let tls = new.tls.read()?;
    let draft = new.with(tls);
    let proven = prove(app, &draft).await?;
    let (id, now) = (ProviderId(secret::new_id()), app.clock.now());
    let has_default = super::default_of(app, tenant).await?.is_some();
    let row = Model {
        version: 0,
        created_at: now,
        default_key: (!has_default).then(|| tenant.id.to_string()),
        ..draft.row(app, tenant, id, &proven.metadata)?
    };
    let told = told(app, tenant, actor, &row, "provider_added");
    let stored = row.clone();
    let done = app
        .db
        .transaction(move |transaction| {
            let (row, told) = (stored.clone().into_active_model(), told.clone());
            Box::pin(async move {
                Entity::insert(row).exec_without_returning(transaction).await?;
                Ok::<_, Error>(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
            })
        })
        .await;
    done.map_err(|error| taken(error, &row.name))?;
    if let Some((token, seconds)) = proven.ticket {
        ticket::keep(app, &row, token, seconds).await;
    }
    Ok(row)
}

/// Changes a provider, after it was tried as it is to be.
///
/// # Errors
/// As [`create`]; `NotFound`; `Conflict(Changed)` if it changed since it was read; `Invalid` for this server itself, of
/// which only name and description can be changed.
pub async fn change(app: &App, tenant: &Tenant, actor: &Actor, id: ProviderId, change: Change) -> Result<Model, Error> {
    actor.may(Action::WriteProviders)?;
    let before = load(app, tenant, id).await?;
    if change.version.is_some_and(|version| version != before.version) {
        return Err(Error::Conflict(Conflict::Changed));
    }
    let draft = Draft::of(app, &before)?.changed(change)?;
    let (after, ticket) = match before.place {
        Place::Here => (here(&before, draft)?, None),
        Place::Elsewhere => {
            let proven = prove(app, &draft).await?;
            (draft.row(app, tenant, id, &proven.metadata)?, proven.ticket)
        }
    };
    let after = Model {
        version: before.version + 1,
        created_at: before.created_at,
        default_key: before.default_key.clone(),
        ..after
    };
    let told = told(app, tenant, actor, &after, "provider_changed");
    store(app, &after, told).await?;
    if let Some((token, seconds)) = ticket {
        ticket::keep(app, &after, token, seconds).await;
    }
    Ok(after)
}

/// Tries a provider as it is stored: metadata and initial access token, both anew.
///
/// # Errors
/// `NotAllowed`, `NotFound`; `Provider` with the step that failed.
pub async fn test(app: &App, tenant: &Tenant, actor: &Actor, id: ProviderId) -> Result<Metadata, Error> {
    actor.may(Action::WriteProviders)?;
    let row = load(app, tenant, id).await?;
    if row.place == Place::Here {
        return Ok(Metadata::kept(&row).map_err(Refusal::Discovery)?);
    }
    let draft = Draft::of(app, &row)?;
    let proven = prove(app, &draft).await?;
    super::health::well(app, &row).await?;
    Ok(proven.metadata)
}

/// Makes a provider the one where applications are registered.
///
/// # Errors
/// `NotAllowed`, `NotFound`; `Conflict(Changed)` if another was chosen at the same moment.
pub async fn make_default(app: &App, tenant: &Tenant, actor: &Actor, id: ProviderId) -> Result<Model, Error> {
    actor.may(Action::WriteProviders)?;
    let row = load(app, tenant, id).await?;
    let (key, told) = (tenant.id.to_string(), told(app, tenant, actor, &row, "provider_made_default"));
    let done = app
        .db
        .transaction(move |transaction| {
            let (key, told) = (key.clone(), told.clone());
            Box::pin(async move {
                choose(transaction, id, &key).await?;
                Ok::<_, Error>(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
            })
        })
        .await;
    match done {
        Err(error) if error.database().is_some_and(is_duplicate) => Err(Error::Conflict(Conflict::Changed)),
        Err(error) => Err(error),
        Ok(()) => load(app, tenant, id).await,
    }
}

async fn choose(transaction: &DatabaseTransaction, id: ProviderId, key: &str) -> Result<(), Error> {
    let set =
        |value: Option<&str>| Entity::update_many().col_expr(Column::DefaultKey, Expr::value(value.map(str::to_owned)));
    set(None).filter(Column::DefaultKey.eq(key)).filter(Column::Id.ne(id)).exec(transaction).await?;
    if set(Some(key)).filter(Column::Id.eq(id)).exec(transaction).await?.rows_affected == 0 {
        return Err(Error::NotFound);
    }
    Ok(())
}

/// Makes this server, for this tenant, the provider where applications are registered (D-3, portal.md G7).
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn use_this_server(app: &App, tenant: &Tenant, actor: &Actor) -> Result<Model, Error> {
    actor.may(Action::WriteProviders)?;
    let known = Entity::find().filter(Column::TenantId.eq(tenant.id)).filter(Column::Place.eq(Place::Here));
    if let Some(row) = known.one(app.db.pool()).await? {
        return make_default(app, tenant, actor, row.id).await;
    }
    let (id, now) = (ProviderId(secret::new_id()), app.clock.now());
    let at = |path: &str| tenant.url(path);
    let metadata = Metadata {
        issuer: tenant.issuer.clone(),
        token_endpoint: Some(at(crate::oidc::endpoint::TOKEN)),
        registration_endpoint: at(crate::oidc::endpoint::REGISTRATION),
        repeats: true,
        four_types: true,
        grants: Vec::new(),
        responses: Vec::new(),
    };
    let draft = Draft {
        name: "This server".to_owned(),
        description: None,
        discovery_endpoint: at("/.well-known/openid-configuration"),
        ticket_from: TicketFrom::InitialAccessToken,
        client_id: None,
        client_secret: None,
        scopes: Vec::new(),
        initial_access_token: None,
        software_id: None,
        renew_secret: true,
        renew_secret_endpoint: None,
        renew_secret_method: None,
        claim_mappings: BTreeMap::new(),
        endpoints_elsewhere: Vec::new(),
        tls: Tls::default(),
    };
    let row = Model { place: Place::Here, created_at: now, ..draft.row(app, tenant, id, &metadata)? };
    let (key, told) = (tenant.id.to_string(), told(app, tenant, actor, &row, "provider_added"));
    let stored = row.clone();
    let done = app
        .db
        .transaction(move |transaction| {
            let (row, key, told) = (stored.clone().into_active_model(), key.clone(), told.clone());
            Box::pin(async move {
                Entity::insert(row).exec_without_returning(transaction).await?;
                choose(transaction, id, &key).await?;
                Ok::<_, Error>(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
            })
        })
        .await;
    done.map_err(|error| taken(error, &row.name))?;
    load(app, tenant, id).await
}

/// Removes a provider that nothing depends on. `expected` is the version the caller saw; `None`: whichever is there.
///
/// # Errors
/// `NotAllowed`, `NotFound`; `Conflict(StillUsed)` while clients are registered there or something is still to be asked of
/// it; `Conflict(Changed)` for another version.
pub async fn remove(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ProviderId,
    expected: Option<i64>,
) -> Result<(), Error> {
    actor.may(Action::WriteProviders)?;
    let row = load(app, tenant, id).await?;
    let told = told(app, tenant, actor, &row, "provider_removed");
    app.db
        .transaction(move |transaction| {
            let told = told.clone();
            Box::pin(async move {
                let row = locked(transaction, id).await?;
                if expected.is_some_and(|expected| expected != row.version) {
                    return Err(Error::Conflict(Conflict::Changed));
                }
                let clients = client::Entity::find()
                    .filter(client::Column::ProviderId.eq(id))
                    .filter(client::Column::LiveKey.is_not_null().or(client::Column::RemoteSealed.is_not_null()));
                if clients.count(transaction).await? > 0 {
                    return Err(Error::Conflict(Conflict::StillUsed("clients that are registered there")));
                }
                let calls = remote_call::Entity::find().filter(remote_call::Column::ProviderId.eq(id));
                if calls.count(transaction).await? > 0 {
                    return Err(Error::Conflict(Conflict::StillUsed("requests to it that have not come to their end")));
                }
                row.into_active_model().delete(transaction).await?;
                Ok(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
            })
        })
        .await
}

/// Takes the steps of portal.md G38 but the last.
async fn prove(app: &App, draft: &Draft) -> Result<Proven, Error> {
    check(draft)?;
    let line = Line::with(app, draft.tls.clone());
    let elsewhere = Words::new(draft.endpoints_elsewhere.iter().cloned());
    let fetched = discovery::fetch(&line, &draft.discovery_endpoint, &elsewhere).await;
    let metadata = fetched.map_err(Refusal::Discovery)?;
    renewal(app, draft, &metadata)?;
    let ticket = match (&draft.client_id, &draft.client_secret) {
        (Some(client_id), Some(secret)) if draft.ticket_from == TicketFrom::ClientCredentials => {
            let (client_id, secret, scopes) = (client_id.clone(), secret.clone(), draft.scopes.clone());
            let credentials = Credentials { client_id, secret, scopes };
            Some(ticket::fetch(&line, &metadata, &credentials).await.map_err(Refusal::Token)?)
        }
        _ => None,
    };
    Ok(Proven { metadata, ticket })
}

/// Of this server itself there is nothing to be said but what it is called.
fn here(before: &Model, draft: Draft) -> Result<Model, Error> {
    if draft.discovery_endpoint != before.discovery_endpoint || draft.ticket_from != before.ticket_from {
        return Err(Error::invalid("discovery_endpoint", Rule::Fixed, "cannot be changed: it is this server's own"));
    }
    if !(3..=100).contains(&draft.name.trim().chars().count()) {
        return Err(Error::invalid("name", Rule::Length, "must have 3 to 100 characters"));
    }
    Ok(Model { name: draft.name, description: draft.description, ..before.clone() })
}

fn taken(error: Error, name: &str) -> Error {
    match error.database().is_some_and(is_duplicate) {
        true => Error::Taken { field: "name", value: name.to_owned() },
        false => error,
    }
}

/// The event of a change. Of secrets only that they are there is written down (s.N9).
fn told(app: &App, tenant: &Tenant, actor: &Actor, row: &Model, change: &str) -> Told {
    let data: Value = json!({
        "change": change,
        "name": row.name,
        "discovery_endpoint": row.discovery_endpoint,
        "place": row.place,
        "ticket_from": row.ticket_from,
        "client_id": row.client_id,
        "scopes": row.scopes.as_slice(),
        "endpoints_elsewhere": row.endpoints_elsewhere.as_slice(),
        "default": row.default_key.is_some(),
    });
    event(app, tenant.id, Kind::Administered, actor.label(), &format!("provider:{}", row.id), data)
}

/// Stores what a provider is now, if it is still at the version it was read at.
async fn store(app: &App, after: &Model, told: Told) -> Result<(), Error> {
    let stored = after.clone();
    let done = app
        .db
        .transaction(move |transaction| {
            let (after, told) = (stored.clone(), told.clone());
            Box::pin(async move {
                let (id, version) = (after.id, after.version);
                let mut row = after.into_active_model().reset_all();
                // Which one is the default is not this change's business.
                row.default_key = sea_orm::ActiveValue::NotSet;
                row.id = sea_orm::ActiveValue::NotSet;
                let update =
                    Entity::update_many().set(row).filter(Column::Id.eq(id)).filter(Column::Version.eq(version - 1));
                if update.exec(transaction).await?.rows_affected == 0 {
                    return Err(Error::Conflict(Conflict::Changed));
                }
                Ok(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
            })
        })
        .await;
    done.map_err(|error| taken(error, &after.name))
}

//! Which secrets has a client? Several at once, so that one can be exchanged while another is in use (portal.md N25).

use std::collections::HashMap;
use std::sync::Arc;

use entity::id::{ApplicationId, ClientKey, ClientSecretId};
use entity::{client, client_secret};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::{Which, check_rights, elsewhere, forget, reached, target};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{InTransaction, Rows, Told};
use crate::oidc::client::SecretNeed;
use crate::oidc::client::record::Client;
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::credentials::{self, new_secret, newest_secret};
use crate::oidc::tenant::Tenant;
use crate::portal::membership::Reach;
use crate::portal::{Action, Actor, Conflict, Error, Rule, application};
use crate::secret::Secret;

/// So many secrets a client has, at most (portal.md N30).
pub const SECRETS_MAX: usize = 20;

/// A secret, without its value (s.B14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretInfo {
    /// Identity.
    pub id: ClientSecretId,
    /// What it is for.
    pub name: Option<String>,
    /// Its last four characters.
    pub hint: String,
    /// Seconds since 1970; 0: never.
    pub expires_at: Seconds,
    /// Seconds since 1970.
    pub created_at: Seconds,
}

impl From<&client_secret::Model> for SecretInfo {
    fn from(row: &client_secret::Model) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            hint: row.hint.clone(),
            expires_at: row.expires_at,
            created_at: row.created_at,
        }
    }
}

/// A secret that was made.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// What lists will say of it.
    pub info: SecretInfo,
    /// Its value, shown this once.
    pub value: Secret,
}

/// The secrets of a client, the oldest first.
///
/// # Errors
/// As [`super::find`].
pub async fn list(app: &App, tenant: &Tenant, actor: &Actor, which: Which<'_>) -> Result<Vec<SecretInfo>, Error> {
    let client = reached(app, tenant, actor, which, Reach::See).await?;
    Ok(client.secrets.iter().map(SecretInfo::from).collect())
}

/// Adds a secret: the others stay good. `name` has 1 to 200 characters.
///
/// # Errors
/// `Invalid` for the name, for a public client and beyond [`SECRETS_MAX`]; `NotFound`, `NotAllowed`.
pub async fn add(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: Which<'_>,
    name: Option<String>,
) -> Result<NewSecret, Error> {
    let client = reached(app, tenant, actor, which, Reach::Change).await?;
    check_name(name.as_deref())?;
    elsewhere::refuse(&client.row)?;
    let (value, row) = fresh(app, tenant, &client)?;
    let row = client_secret::Model { name, ..row };
    let (info, key) = (SecretInfo::from(&row), client.row.id);
    let told = told(app, tenant, actor, &client, "added", &info);
    store(app, &client, move |transaction| {
        let rows = Rows { client_secrets: vec![row.clone()], events: vec![told.clone()], ..Rows::default() };
        Box::pin(async move {
            if locked(transaction, key).await?.len() >= SECRETS_MAX {
                let complaint = format!("has {SECRETS_MAX} secrets, which is the most");
                return Err(Error::invalid("", Rule::Range { least: 0, most: SECRETS_MAX as i64 }, complaint));
            }
            Ok(rows.insert(transaction).await?)
        })
    })
    .await?;
    Ok(NewSecret { info, value })
}

/// Gives a secret another name.
///
/// # Errors
/// As [`add`]; `NotFound` for a secret of another client.
pub async fn rename(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: Which<'_>,
    id: ClientSecretId,
    name: Option<String>,
) -> Result<SecretInfo, Error> {
    let client = reached(app, tenant, actor, which, Reach::Change).await?;
    check_name(name.as_deref())?;
    let known = client.secrets.iter().find(|secret| secret.id == id).ok_or(Error::NotFound)?;
    let info = SecretInfo { name: name.clone(), ..SecretInfo::from(known) };
    let told = told(app, tenant, actor, &client, "renamed", &info);
    let key = client.row.id;
    store(app, &client, move |transaction| {
        let (told, name) = (told.clone(), name.clone());
        Box::pin(async move {
            let renamed = client_secret::Entity::update_many()
                .col_expr(client_secret::Column::Name, Expr::value(name))
                .filter(client_secret::Column::Id.eq(id))
                .filter(client_secret::Column::ClientKey.eq(key))
                .exec(transaction)
                .await?;
            if renamed.rows_affected == 0 {
                return Err(Error::NotFound);
            }
            Ok(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
        })
    })
    .await?;
    Ok(info)
}

/// Removes a secret: it is refused from now on.
///
/// # Errors
/// `Conflict(LastOne)` for the only one; `NotFound` for a secret of another client; `NotAllowed`.
pub async fn remove(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: Which<'_>,
    id: ClientSecretId,
) -> Result<(), Error> {
    let client = reached(app, tenant, actor, which, Reach::Change).await?;
    elsewhere::refuse(&client.row)?;
    let known = client.secrets.iter().find(|secret| secret.id == id).ok_or(Error::NotFound)?;
    let told = told(app, tenant, actor, &client, "removed", &SecretInfo::from(known));
    let key = client.row.id;
    store(app, &client, move |transaction| {
        let told = told.clone();
        Box::pin(async move {
            let secrets = locked(transaction, key).await?;
            if !secrets.iter().any(|secret| secret.id == id) {
                return Err(Error::NotFound);
            }
            if secrets.len() == 1 {
                return Err(Error::Conflict(Conflict::LastOne("the only secret of a client cannot be removed")));
            }
            client_secret::Entity::delete_by_id(id).exec(transaction).await?;
            Ok(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
        })
    })
    .await
}

/// Exchanges the only secret of a client for a fresh one: the old one is refused from now on. That of a client that lives
/// elsewhere is renewed there.
///
/// # Errors
/// `Provider` for a client that lives elsewhere; `Conflict(SeveralSecrets)` if it has more than one; `Invalid` for a public client; `NotFound`, `NotAllowed`.
pub async fn regenerate(app: &App, tenant: &Tenant, actor: &Actor, which: Which<'_>) -> Result<NewSecret, Error> {
    let client = reached(app, tenant, actor, which, Reach::Change).await?;
    if let Some(renewed) = elsewhere::renewed(app, tenant, actor, &client).await? {
        return Ok(renewed);
    }
    let (value, row) = fresh(app, tenant, &client)?;
    let row = client_secret::Model { name: client.secrets.first().and_then(|old| old.name.clone()), ..row };
    let (info, key) = (SecretInfo::from(&row), client.row.id);
    let told = event(app, tenant.id, Kind::ClientSecretRenewed, actor.label(), &target(&client.row), json!({}));
    let seen: Vec<ClientSecretId> = client.secrets.iter().map(|secret| secret.id).collect();
    store(app, &client, move |transaction| {
        let (rows, seen) =
            (Rows { client_secrets: vec![row.clone()], events: vec![told.clone()], ..Rows::default() }, seen.clone());
        Box::pin(async move {
            let secrets = locked(transaction, key).await?;
            if secrets.len() > 1 {
                return Err(Error::Conflict(Conflict::SeveralSecrets));
            }
            // Of two exchanges at once the second would make the first one's answer worthless.
            if secrets.iter().any(|secret| !seen.contains(&secret.id)) {
                return Err(Error::Conflict(Conflict::Changed));
            }
            let of_client = client_secret::Column::ClientKey.eq(key);
            client_secret::Entity::delete_many().filter(of_client).exec(transaction).await?;
            Ok(rows.insert(transaction).await?)
        })
    })
    .await?;
    Ok(NewSecret { info, value })
}

/// The value of the newest secret of a client, if a copy was kept: for those who may exchange it anyway (D-4). Reading
/// it is written into the audit log.
///
/// # Errors
/// `NotFound`, `NotAllowed` for those who may only see the application.
pub async fn reveal(app: &App, tenant: &Tenant, actor: &Actor, which: Which<'_>) -> Result<Option<Secret>, Error> {
    let client = reached(app, tenant, actor, which, Reach::Change).await?;
    let value = newest_secret(app, &client).and_then(|row| credentials::reveal(app, row));
    if value.is_some() {
        let told = event(app, tenant.id, Kind::ClientSecretRevealed, actor.label(), &target(&client.row), json!({}));
        app.db.insert(Rows { events: vec![told], ..Rows::default() }).await?;
    }
    Ok(value)
}

/// The values of the newest secrets of all clients of an application, where a copy was kept, by client: for those who may
/// exchange them anyway (D-4). Reading them is one entry of the audit log, and none if there is nothing to read.
///
/// # Errors
/// As [`reveal`].
pub async fn reveal_all(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application: ApplicationId,
    clients: &[Arc<Client>],
) -> Result<HashMap<ClientKey, Secret>, Error> {
    if !actor.can(Action::WriteClients) {
        application::living(app.db.pool(), tenant, actor, application, Reach::Change).await?;
    }
    let (mut values, mut told) = (HashMap::new(), Vec::new());
    for client in clients.iter().filter(|client| client.row.application_id == Some(application)) {
        match check_rights(app, actor, &client.row).await {
            Ok(()) => {}
            // Those of this client alone are not for them.
            Err(Error::NotAllowed(_)) => continue,
            Err(error) => return Err(error),
        }
        if let Some(value) = newest_secret(app, client).and_then(|row| credentials::reveal(app, row)) {
            values.insert(client.row.id, value);
            told.push(client.client_id());
        }
    }
    if !told.is_empty() {
        let (target, data) = (format!("application:{application}"), json!({"clients": told}));
        let told = event(app, tenant.id, Kind::ClientSecretRevealed, actor.label(), &target, data);
        app.db.insert(Rows { events: vec![told], ..Rows::default() }).await?;
    }
    Ok(values)
}

/// Whether nothing but hashes is kept of a client's secrets.
pub fn is_hash_only(client: &Client) -> bool {
    !client.secrets.is_empty() && client.secrets.iter().all(|secret| secret.value_sealed.is_none())
}

/// Whether the secret of a client can be exchanged: one that lives here always, one elsewhere where its provider does that
/// (portal.md G16).
///
/// # Errors
/// When the database cannot be asked.
pub async fn is_renewable(app: &App, client: &Client) -> Result<bool, Error> {
    let Some(id) = client.row.provider_id.filter(|_| client.row.kind == client::ClientKind::External) else {
        return Ok(!client.secrets.is_empty());
    };
    let found = entity::provider::Entity::find_by_id(id).one(app.db.pool()).await?;
    Ok(found.is_some_and(|provider| provider.renew_secret))
}

fn check_name(name: Option<&str>) -> Result<(), Error> {
    let fine = |name: &str| {
        (1..=200).contains(&name.chars().count()) && !name.chars().any(char::is_control) && !name.trim().is_empty()
    };
    match name {
        Some(name) if !fine(name) => {
            let complaint = "must have 1 to 200 characters, none of them a control character";
            Err(Error::invalid("name", Rule::Length, complaint))
        }
        _ => Ok(()),
    }
}

fn fresh(app: &App, tenant: &Tenant, client: &Client) -> Result<(Secret, client_secret::Model), Error> {
    if client.metadata.secret_need() == SecretNeed::Withhold {
        return Err(Error::invalid("", Rule::Contradiction, "is a public client, which has no secret"));
    }
    Ok(new_secret(app, tenant.id, client.row.id))
}

fn told(app: &App, tenant: &Tenant, actor: &Actor, client: &Client, what: &str, secret: &SecretInfo) -> Told {
    let data = json!({"change": what, "secret": secret.id, "name": secret.name, "hint": secret.hint});
    event(app, tenant.id, Kind::ClientSecretsChanged, actor.label(), &target(&client.row), data)
}

/// The secrets of a client that lives, while nobody else changes them.
async fn locked(transaction: &DatabaseTransaction, key: ClientKey) -> Result<Vec<client_secret::Model>, Error> {
    let living = client::Entity::find_by_id(key).filter(client::Column::LiveKey.is_not_null());
    living.lock_exclusive().one(transaction).await?.ok_or(Error::NotFound)?;
    let secrets = client_secret::Entity::find()
        .filter(client_secret::Column::ClientKey.eq(key))
        .order_by_asc(client_secret::Column::Id);
    Ok(secrets.all(transaction).await?)
}

async fn store<F>(app: &App, client: &Client, work: F) -> Result<(), Error>
where
    F: for<'t> Fn(&'t DatabaseTransaction) -> InTransaction<'t, Result<(), Error>> + Send + 'static,
{
    let stored = app.db.transaction(work).await;
    forget(app, &client.row);
    stored
}

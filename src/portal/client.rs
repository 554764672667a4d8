//! What is a client to those who look after its application? What it registered, and hints of its secrets.

pub mod add;
pub mod change;
pub mod complaints;
pub mod management;
pub mod registered;
pub mod remove;
pub mod secret;
pub mod standing;

pub use add::{Added, CLIENTS_MAX, Copies, Given, Grants, New, add, add_keeping};
pub use change::{Change, change, change_version};
pub use remove::{remove, remove_version};
pub use secret::{NewSecret, SECRETS_MAX, SecretInfo};

use std::collections::HashMap;
use std::sync::Arc;

use entity::client::{self, ClientKind};
use entity::client_secret;
use entity::id::{ApplicationId, ClientKey};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::application;
use super::membership::{Reach, of_their_own};
use super::{Action, Actor, Error, Rule, Wrong};
use crate::app::App;
use crate::oidc;
use crate::oidc::client::record::{self, Client};
use crate::oidc::client::template;
use crate::oidc::scope::MANAGEMENT_SCOPES;
use crate::oidc::tenant::Tenant;

/// Digits of an identity, and the hyphens between them.
const UUID_LENGTH: usize = 36;

/// Which client is meant.
#[derive(Clone, Copy, Debug)]
pub struct Which<'a> {
    /// The application it must belong to (s.B2); `None`: whichever.
    pub application: Option<ApplicationId>,
    /// The identity of its row, or its `client_id`.
    pub client: &'a str,
}

impl<'a> Which<'a> {
    /// A client of this application.
    pub fn of(application: ApplicationId, client: &'a str) -> Self {
        Self { application: Some(application), client }
    }

    /// A client of whichever application.
    pub fn anywhere(client: &'a str) -> Self {
        Self { application: None, client }
    }
}

/// The clients of an application that live, the oldest first: its credentials, as some dialects say.
///
/// # Errors
/// As [`super::application::find`].
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application: ApplicationId,
) -> Result<Vec<Arc<Client>>, Error> {
    application::living(app.db.pool(), tenant, actor, application, Reach::See).await?;
    of_application(app.db.pool(), application).await
}

/// The first client of each of these applications, which the caller was shown: what stands for the application where it is
/// listed.
///
/// # Errors
/// When the database cannot be asked.
pub async fn first_of(
    app: &App,
    tenant: &Tenant,
    applications: &[ApplicationId],
) -> Result<HashMap<ApplicationId, Arc<Client>>, Error> {
    if applications.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant.id))
        .filter(client::Column::ApplicationId.is_in(applications.iter().copied()))
        .filter(client::Column::LiveKey.is_not_null())
        .order_by_asc(client::Column::Id)
        .all(app.db.pool())
        .await?;
    let mut first: HashMap<ApplicationId, client::Model> = HashMap::new();
    for row in rows {
        if let Some(application) = row.application_id {
            first.entry(application).or_insert(row);
        }
    }
    let clients = with_secrets(app.db.pool(), first.into_values().collect()).await?;
    Ok(clients.into_iter().filter_map(|client| Some((client.row.application_id?, client))).collect())
}

/// A client that lives. Those with [`Action::ReadClients`] see every client of the tenant.
///
/// # Errors
/// `NotFound`, also for a client of another application than `which` names; `NotApproved`.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, which: Which<'_>) -> Result<Arc<Client>, Error> {
    reached(app, tenant, actor, which, Reach::See).await
}

/// The client, if the actor reaches into its application at least as far as `needed`, or manages all clients.
pub(super) async fn reached(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: Which<'_>,
    needed: Reach,
) -> Result<Arc<Client>, Error> {
    let over_all = if needed == Reach::See { Action::ReadClients } else { Action::WriteClients };
    let pool = app.db.pool();
    if let Some(application) = which.application
        && !actor.can(over_all)
    {
        application::living(pool, tenant, actor, application, needed).await?;
    }
    let Some(row) = row(pool, tenant, which).await? else {
        if !actor.can(over_all) {
            actor.may(Action::ReadOwn)?;
        }
        return Err(Error::NotFound);
    };
    if !actor.can(over_all) {
        match row.application_id {
            Some(_) if which.application.is_some() => {}
            Some(application) => drop(application::living(pool, tenant, actor, application, needed).await?),
            None => return Err(Error::NotFound),
        }
    }
    if needed != Reach::See {
        check_rights(app, actor, &row).await?;
        if row.kind == ClientKind::External && row.provider_id.is_none() {
            let complaint =
                "is known elsewhere: its application says by which identifier, and there is nothing else here";
            return Err(Error::invalid("", Rule::Fixed, complaint));
        }
    }
    with_secrets(pool, vec![row]).await?.pop().ok_or(Error::NotFound)
}

/// A token with scopes must not get at a secret that buys others at the management API, unless it is the secret of an
/// application of its person.
///
/// # Errors
/// `NotAllowed`.
pub(super) async fn check_rights(app: &App, actor: &Actor, row: &client::Model) -> Result<(), Error> {
    let beyond = |right: &str| MANAGEMENT_SCOPES.contains(&right) && actor.lacks_scope(right);
    if !row.rights.iter().any(beyond) {
        return Ok(());
    }
    if let Some(id) = row.application_id
        && let Some(application) = entity::application::Entity::find_by_id(id).one(app.db.pool()).await?
        && of_their_own(app.db.pool(), actor, &application).await?.is_some_and(|reached| reached >= Reach::Change)
    {
        return Ok(());
    }
    Err(Error::NotAllowed(Action::WriteClients))
}

async fn row<C: ConnectionTrait>(
    connection: &C,
    tenant: &Tenant,
    which: Which<'_>,
) -> Result<Option<client::Model>, Error> {
    if !record::is_client_id(which.client) {
        return Ok(None);
    }
    let mut query = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant.id))
        .filter(client::Column::LiveKey.is_not_null())
        .filter(client::Column::Kind.ne(ClientKind::Template));
    if let Some(application) = which.application {
        query = query.filter(client::Column::ApplicationId.eq(application));
    }
    let named = query.clone().filter(client::Column::LiveKey.eq(which.client)).one(connection).await?;
    match key(which.client) {
        Some(key) if named.is_none() => Ok(query.filter(client::Column::Id.eq(key)).one(connection).await?),
        _ => Ok(named),
    }
}

/// The identity of a row that this text is, in the one spelling that answers have. Nobody is given a `client_id` that
/// could be one: it would hide the client with this identity.
pub(super) fn key(text: &str) -> Option<ClientKey> {
    (text.len() == UUID_LENGTH).then(|| Uuid::try_parse(text).ok()).flatten().map(ClientKey)
}

/// The clients of an application that live, the oldest first.
pub(super) async fn of_application<C: ConnectionTrait>(
    connection: &C,
    application: ApplicationId,
) -> Result<Vec<Arc<Client>>, Error> {
    let rows = client::Entity::find()
        .filter(client::Column::ApplicationId.eq(application))
        .filter(client::Column::LiveKey.is_not_null())
        .order_by_asc(client::Column::Id)
        .all(connection)
        .await?;
    with_secrets(connection, rows).await
}

async fn with_secrets<C: ConnectionTrait>(connection: &C, rows: Vec<client::Model>) -> Result<Vec<Arc<Client>>, Error> {
    let secrets = client_secret::Entity::find()
        .filter(client_secret::Column::ClientKey.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(client_secret::Column::Id)
        .all(connection)
        .await?;
    let templates = template::of_clients(connection, &rows).await?;
    let of = |row: client::Model| {
        let own = secrets.iter().filter(|secret| secret.client_key == row.id).cloned().collect();
        let template = row.template_id.and_then(|key| templates.get(&key).cloned());
        let client = Client::new(row, own)?;
        Ok(Arc::new(match template {
            Some(template) => client.follow(template),
            None => client,
        }))
    };
    rows.into_iter().map(of).collect()
}

/// Drops what is remembered of a client: call it after every commit that changes it or its secrets.
pub(super) fn forget(app: &App, row: &client::Model) {
    app.clients.forget(&(row.tenant_id, row.client_id.clone()));
    if let Some(application) = row.application_id {
        application::forget_application(app, application);
    }
}

/// What registration refused, as the portal tells it: every field that is wrong.
pub(super) fn refused(error: oidc::Error) -> Error {
    if error.violations.is_empty() {
        return error.into();
    }
    let wrong = error.violations.into_iter().map(|violation| {
        let field = if violation.member == "client_name" { "name" } else { &violation.member };
        let rule = match (violation.rule, violation.got.is_some()) {
            ("R7", _) => Rule::Required,
            ("R8", _) => Rule::Contradiction,
            ("R5", true) => Rule::Unknown,
            _ => Rule::Form,
        };
        Wrong::new(field, rule, violation.complaint)
    });
    Error::Invalid(wrong.collect())
}

/// How the audit log names a client.
pub(super) fn target(row: &client::Model) -> String {
    format!("client:{}", row.client_id)
}

//! Which clients may use the management API, and for what? (portal.md A29, A36)

use entity::client;
use entity::id::ClientKey;
use entity::word::Words;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::app::App;
use crate::oidc::client::rights::{self, Right};
use crate::oidc::scope::MANAGEMENT_SCOPES;
use crate::oidc::tenant::Tenant;
use crate::portal::{Action, Actor, Error, Rule, Wrong};

/// What a client may do at the management API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    /// The client's row.
    pub key: ClientKey,
    /// Its identifier.
    pub client_id: String,
    /// The scopes its tokens may have there.
    pub scopes: Words,
}

impl Rights {
    fn of(row: client::Model) -> Option<Self> {
        let scopes = row.rights.only(|right| MANAGEMENT_SCOPES.contains(&right));
        (!scopes.is_empty()).then_some(Self { key: row.id, client_id: row.client_id, scopes })
    }
}

/// Every client that may do anything there, the oldest first.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn list(app: &App, tenant: &Tenant, actor: &Actor) -> Result<Vec<Rights>, Error> {
    actor.may(Action::ReadContracts)?;
    // Publishers see what concerns their services; this concerns the whole tenant.
    if actor.role() != Action::ReadClients.role() {
        return Ok(Vec::new());
    }
    let rows = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant.id))
        .filter(client::Column::LiveKey.is_not_null())
        .filter(client::Column::Rights.ne(Words::default()))
        .order_by_asc(client::Column::Id)
        .all(app.db.pool())
        .await?;
    Ok(rows.into_iter().filter_map(Rights::of).collect())
}

/// Says what a client may do there: exactly `scopes`, or nothing. Nobody gives more than they have themselves.
///
/// # Errors
/// `NotFound` for a client that is unknown or gone; `Invalid` for scopes there are none of; `NotAllowed`, also for a
/// scope that the actor's own token lacks.
pub async fn set(app: &App, tenant: &Tenant, actor: &Actor, client_id: &str, scopes: &Words) -> Result<(), Error> {
    actor.may(Action::DecideContracts)?;
    // A publisher decides about services, not about the tenant.
    if actor.role() != Action::WriteClients.role() {
        return Err(Error::NotAllowed(Action::DecideContracts));
    }
    let before = list(app, tenant, &Actor::operator(actor.label())).await?;
    let before = before.into_iter().find(|rights| rights.client_id == client_id);
    let had = |scope: &str| before.as_ref().is_some_and(|before| before.scopes.contains(scope));
    let (mut rights, mut wrong) = (Vec::new(), Vec::new());
    for scope in scopes.iter() {
        match scope.parse::<Right>() {
            Ok(right) if MANAGEMENT_SCOPES.contains(&scope) => rights.push(right),
            _ => wrong.push(Wrong::new("scope", Rule::Unknown, format!("has {scope:?}, which is not one of this API"))),
        }
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if scopes.iter().any(|scope| !had(scope) && actor.lacks_scope(scope)) {
        return Err(Error::NotAllowed(Action::DecideContracts));
    }
    rights::change(app, tenant, actor.label(), client_id, rights::Change::Manage(rights)).await?;
    Ok(())
}

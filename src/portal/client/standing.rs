//! Which clients does the tenant have, whoever made them, and what are they let do beyond their own tokens?

use std::collections::HashMap;

use entity::application::{self, Source};
use entity::client::{self, ClientKind, ClientState};
use entity::id::{ApplicationId, ClientKey};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Which, reached, row, with_secrets};
use crate::app::App;
use crate::oidc::client::record::Client;
use crate::oidc::client::rights::{self, Right};
use crate::oidc::scope::MANAGEMENT_SCOPES;
use crate::oidc::tenant::Tenant;
use crate::portal::application::list::containing;
use crate::portal::list::{Listed, Wanted};
use crate::portal::membership::Reach;
use crate::portal::{Action, Actor, Error, Rule};

/// A client, and how it came to be.
#[derive(Clone, Debug)]
pub struct Known {
    /// It.
    pub client: std::sync::Arc<Client>,
    /// How its application came to be; `None`: it has none.
    pub source: Option<Source>,
}

/// Which clients are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// That came to be in one of these ways; empty: in any.
    pub sources: Vec<Source>,
    /// In this state.
    pub state: Option<ClientState>,
    /// With this in their name, whatever the case, or with this `client_id`.
    pub search: Option<String>,
}

/// The clients of a tenant that are not gone, the oldest first.
///
/// # Errors
/// `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<Known>, Error> {
    actor.may(Action::ReadClients)?;
    let pool = app.db.pool();
    let mut found = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant.id))
        .filter(client::Column::LiveKey.is_not_null())
        .filter(client::Column::Kind.ne(ClientKind::Template));
    if !filter.sources.is_empty() {
        let mut of_source = Query::select();
        of_source
            .column(application::Column::Id)
            .from(application::Entity)
            .and_where(application::Column::TenantId.eq(tenant.id))
            .and_where(application::Column::Source.is_in(filter.sources.iter().copied()));
        found = found.filter(client::Column::ApplicationId.in_subquery(of_source));
    }
    if let Some(state) = filter.state {
        found = found.filter(client::Column::State.eq(state));
    }
    if let Some(search) = filter.search.as_deref().map(str::trim).filter(|search| !search.is_empty()) {
        let name = Expr::expr(Func::lower(Expr::col((client::Entity, client::Column::Name))));
        let named = Condition::any().add(name.like(containing(search)));
        found = found.filter(named.add(client::Column::LiveKey.eq(search)));
    }
    let total = found.clone().count(pool).await?;
    if let Some(after) = wanted.after {
        found = found.filter(client::Column::Id.gt(ClientKey(after)));
    }
    let part = found.order_by_asc(client::Column::Id).offset(wanted.skip).limit(wanted.limit.saturating_add(1));
    let clients = with_secrets(pool, part.all(pool).await?).await?;
    let sources = sources(app, clients.iter().filter_map(|client| client.row.application_id)).await?;
    let known = clients.into_iter().map(|client| Known { source: source(&sources, &client), client }).collect();
    Ok(Listed::of(known, wanted, total, |known| known.client.row.id.0))
}

/// One client of the tenant, whoever made it.
///
/// # Errors
/// `NotFound`, `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, which: &str) -> Result<Known, Error> {
    actor.may(Action::ReadClients)?;
    let client = reached(app, tenant, actor, Which::anywhere(which), Reach::See).await?;
    let sources = sources(app, client.row.application_id).await?;
    Ok(Known { source: source(&sources, &client), client })
}

async fn sources(
    app: &App,
    ids: impl IntoIterator<Item = ApplicationId>,
) -> Result<HashMap<ApplicationId, Source>, Error> {
    let rows = crate::portal::application::rows().filter(application::Column::Id.is_in(ids)).all(app.db.pool()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.source)).collect())
}

fn source(sources: &HashMap<ApplicationId, Source>, client: &Client) -> Option<Source> {
    client.row.application_id.and_then(|id| sources.get(&id).copied())
}

/// Changes what a client is let do, for those who manage all clients. Doing it twice is doing it once. Rights of the
/// management API are granted only by those who have them: nobody gives away more than they may do.
///
/// # Errors
/// `NotFound`; `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: &str,
    change: rights::Change,
) -> Result<Known, Error> {
    actor.may(Action::WriteClients)?;
    if let rights::Change::Grant(right) = &change {
        let right = right.to_string();
        if MANAGEMENT_SCOPES.contains(&right.as_str()) && actor.lacks_scope(&right) {
            return Err(Error::NotAllowed(Action::WriteClients));
        }
    }
    let Some(row) = row(app.db.pool(), tenant, Which::anywhere(which)).await? else { return Err(Error::NotFound) };
    rights::change(app, tenant, actor.label(), &row.client_id, change).await?;
    app.families.forget_all();
    let client = reached(app, tenant, actor, Which::anywhere(&row.client_id), Reach::Change).await?;
    let sources = sources(app, client.row.application_id).await?;
    Ok(Known { source: source(&sources, &client), client })
}

/// Removes any client, for those who manage all clients.
///
/// # Errors
/// `NotFound`; `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn remove(app: &App, tenant: &Tenant, actor: &Actor, which: &str) -> Result<(), Error> {
    actor.may(Action::WriteClients)?;
    super::remove(app, tenant, actor, Which::anywhere(which)).await
}

/// The right that is written so.
///
/// # Errors
/// `Invalid` with those there are.
pub fn right(text: &str) -> Result<Right, Error> {
    text.parse().map_err(|complaint: String| Error::invalid("right", Rule::Unknown, complaint))
}

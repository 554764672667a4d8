//! What have people agreed to, for those who look after a tenant? (portal.md A33)

use entity::id::ConsentId;

use super::list::{Listed, Wanted};
use super::{Action, Actor, Error};
use crate::app::App;
use crate::oidc::authorization::consent::given::{self, Part};
use crate::oidc::tenant::Tenant;

pub use crate::oidc::authorization::consent::given::{Filter, Given};

/// What people agreed to and did not take back.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<Given>, Error> {
    actor.may(Action::ReadConsents)?;
    let part = Part { after: wanted.after, skip: wanted.skip, limit: wanted.limit.saturating_add(1) };
    let (items, total) = given::list(app, tenant, filter, part).await?;
    Ok(Listed::of(items, wanted, total, |given| given.row.id.0))
}

/// Takes one back for whoever gave it; their tokens of that client end.
///
/// # Errors
/// `NotFound` for one that is unknown or taken back already; `NotAllowed`.
pub async fn revoke(app: &App, tenant: &Tenant, actor: &Actor, id: ConsentId) -> Result<(), Error> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    if revoke_all(app, tenant, actor, &filter).await? == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Takes back all that `filter` means. How many there were.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn revoke_all(app: &App, tenant: &Tenant, actor: &Actor, filter: &Filter) -> Result<u64, Error> {
    actor.may(Action::WriteConsents)?;
    Ok(given::revoke(app, tenant, actor.label(), filter).await?)
}

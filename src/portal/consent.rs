//! What have people agreed to, for themselves (U10) and for those who look after a tenant? (portal.md A33)

use std::sync::Arc;

use entity::consent;
use entity::id::{ClientKey, ConsentId, UserId};
use uuid::Uuid;

use super::list::{Listed, Wanted};
use super::{Action, Actor, Error};
use crate::app::App;
use crate::oidc::authorization::consent::given::{self, Part};
use crate::oidc::client::record::{self, Client};
use crate::oidc::service::{self, Service};
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

/// What somebody lets one application do.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// Its client.
    pub client: Arc<Client>,
    /// What, service by service; the earliest first.
    pub parts: Vec<AgreedPart>,
}

/// What somebody lets an application do at one place.
#[derive(Clone, Debug)]
pub struct AgreedPart {
    /// Its row.
    pub row: consent::Model,
    /// The service; `None`: the person's own account.
    pub service: Option<Service>,
}

/// A part of what somebody agreed to, and where the next part begins.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// By application, the earliest first; those of applications that are gone are left out.
    pub agreed: Vec<Agreed>,
    /// After this identity; `None`: there is no more.
    pub next: Option<Uuid>,
}

/// What `person` agreed to, for that person: whatever their role, and whether the portal is open to them.
///
/// # Errors
/// When the database cannot be asked.
pub async fn own(app: &App, tenant: &Tenant, person: UserId, wanted: &Wanted) -> Result<Own, Error> {
    let filter = Filter { user: Some(person), ..Filter::default() };
    let part = Part { after: wanted.after, skip: wanted.skip, limit: wanted.limit.saturating_add(1) };
    let (items, total) = given::list(app, tenant, &filter, part).await?;
    let listed = Listed::of(items, wanted, total, |given| given.row.id.0);
    let services = service::all(app, tenant).await?;
    let mut agreed: Vec<Agreed> = Vec::new();
    for given in listed.items {
        let service = services.iter().find(|service| service.row.id.to_string() == given.row.service_key).cloned();
        let (key, part) = (given.row.client_key, AgreedPart { row: given.row, service });
        match agreed.iter_mut().find(|known| known.client.row.id == key) {
            Some(known) => known.parts.push(part),
            None => agreed.extend(
                living(app, tenant, key, &given.client_id).await?.map(|client| Agreed { client, parts: vec![part] }),
            ),
        }
    }
    Ok(Own { agreed, next: listed.next })
}

async fn living(app: &App, tenant: &Tenant, key: ClientKey, client_id: &str) -> Result<Option<Arc<Client>>, Error> {
    Ok(record::find_any(app, tenant, client_id).await?.filter(|client| client.row.id == key))
}

/// `person` takes back all they agreed to for a client; every token it got for them ends (A33).
///
/// # Errors
/// `NotFound` where there is nothing to take back.
pub async fn take_back(app: &App, tenant: &Tenant, person: UserId, client_id: &str) -> Result<(), Error> {
    let filter = Filter { user: Some(person), client_id: Some(client_id.to_owned()), ..Filter::default() };
    match given::revoke(app, tenant, &format!("user:{person}"), &filter).await? {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}

//! Which contracts are there, for the one who asks? Closed ones only for those who ask for them.

use entity::contract::ContractState;
use entity::id::{ApplicationId, ContractId, ServiceId};

use super::Contract;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::application::Whose;
use crate::portal::list::{Listed, Wanted};
use crate::portal::{Actor, Error};

/// Which contracts are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Whose.
    pub whose: Whose,
    /// Of this application.
    pub application: Option<ApplicationId>,
    /// For this service.
    pub service: Option<ServiceId>,
    /// In one of these states; empty: in any but closed.
    pub states: Vec<ContractState>,
}

/// The contracts this actor may see: all for admins, for publishers those for the services they look after, and for
/// everybody those of applications they reach. The total counts no others (s.B3).
///
/// # Errors
/// `NotFound` for an application or a service in the filter that the actor may not know of; `NotApproved`, `NotAllowed`.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<Contract>, Error> {
    let _ = (app, tenant, actor, filter, wanted);
    todo!()
}

/// A contract that is not closed.
///
/// # Errors
/// `NotFound` for one that is closed, unknown or nobody's business of this actor; `NotApproved`.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, id: ContractId) -> Result<Contract, Error> {
    let _ = (app, tenant, actor, id);
    todo!()
}

/// A contract, also a closed one.
///
/// # Errors
/// As [`find`].
pub async fn find_any(app: &App, tenant: &Tenant, actor: &Actor, id: ContractId) -> Result<Contract, Error> {
    let _ = (app, tenant, actor, id);
    todo!()
}

/// The contract of this application for this service, unless it is closed.
///
/// # Errors
/// As [`find`].
pub async fn find_between(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application: ApplicationId,
    service: ServiceId,
) -> Result<Contract, Error> {
    let _ = (app, tenant, actor, application, service);
    todo!()
}

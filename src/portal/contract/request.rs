//! How does an application come to a contract? Somebody asks for it; the policy says whether somebody has to decide.

use entity::id::{ApplicationId, ServiceId};
use entity::word::Words;

use super::Contract;
use super::state::OnRejected;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};

/// Who approves a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approval {
    /// Nobody has to if the policy or the tenant says so, else somebody who may decide.
    #[default]
    AsConfigured,
    /// The one who asks: needs the right to decide, too.
    AtOnce,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// For this application.
    pub application_id: ApplicationId,
    /// To use this service.
    pub service_id: ServiceId,
    /// What it is for: at most 2000 characters; must be there where the policy says so.
    pub comment: Option<String>,
    /// Only these scopes of the service; `None`: all of them.
    pub scopes: Option<Words>,
    /// What a contract that was rejected means.
    pub on_rejected: OnRejected,
    /// Who approves.
    pub approval: Approval,
}

impl Request {
    /// For all scopes, without a comment, as configured.
    pub fn new(application_id: ApplicationId, service_id: ServiceId) -> Self {
        Self {
            application_id,
            service_id,
            comment: None,
            scopes: None,
            on_rejected: OnRejected::Refuse,
            approval: Approval::AsConfigured,
        }
    }
}

/// Asks for a contract (portal.md §8.4 rows 1 to 4). There is one for each application and service: an old one that is
/// closed, or rejected where [`OnRejected::Again`] is said, begins anew under the same identity.
///
/// # Errors
/// `NotFound` for an application or a service this actor may not know of (K3); `Conflict(RegistrationDisabled)` (N14);
/// `Conflict(AlreadyRequested)` with the state it is in; `Conflict(Archived)`; `Invalid` for a missing comment and
/// scopes the service does not know; `NotApproved`, `NotAllowed`.
pub async fn request(app: &App, tenant: &Tenant, actor: &Actor, request: Request) -> Result<Contract, Error> {
    let _ = (app, tenant, actor, request);
    todo!()
}

//! What do those who look after a service decide about a contract? (portal.md §8.4 rows 5 to 9)

use entity::id::ContractId;

use super::Contract;
use super::state::Event;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error};

/// What is decided; a reason has at most 2000 characters and is told to the developer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The application may use the service: from pending, rejected or revoked.
    Approve,
    /// It may not: from pending.
    Reject {
        /// Why.
        reason: Option<String>,
    },
    /// It may not any more: from approved. Its tokens for the service end.
    Revoke {
        /// Why.
        reason: Option<String>,
    },
    /// It may not for a while.
    Suspend,
    /// It may again.
    Resume,
}

impl Decision {
    /// What it is to the contract.
    pub fn event(&self) -> Event {
        match self {
            Self::Approve => Event::Approve,
            Self::Reject { .. } => Event::Reject,
            Self::Revoke { .. } => Event::Revoke,
            Self::Suspend => Event::Suspend,
            Self::Resume => Event::Resume,
        }
    }

    /// Why, where that was said.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Reject { reason } | Self::Revoke { reason } => reason.as_deref(),
            Self::Approve | Self::Suspend | Self::Resume => None,
        }
    }
}

/// Decides about a contract: admins, and the publisher who looks after the service.
///
/// # Errors
/// `Conflict(ContractState)` with the state it is in, also for the second of two decisions at once;
/// `Conflict(Archived)` for approving a contract of an archived application; `Invalid` for a reason that is too long;
/// `NotFound` for one the actor may not know of or that is closed; `NotAllowed` for the application's own developers
/// (s.B5).
pub async fn decide(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ContractId,
    decision: Decision,
) -> Result<Contract, Error> {
    let _ = (app, tenant, actor, id, decision);
    todo!()
}

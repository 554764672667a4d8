//! What do those who look after a service decide about a contract? (portal.md §8.4 rows 5 to 9)

use entity::application;
use entity::contract::{self, ContractState};
use entity::id::{ContractId, UserId};
use entity::user::Role;
use sea_orm::EntityTrait;

use super::state::{Event, Standing, next};
use super::transition::{Application, Tokens, Transition, mails_to_developers, processed, standing, told};
use super::{Contract, TEXT_MAX, find, find_any};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::event::Kind;
use crate::oidc::tenant::Tenant;
use crate::portal::notice::Notice;
use crate::portal::{Action, Actor, Error, Rule};

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
    let before = find(app, tenant, actor, id).await?;
    may_decide(actor, before.service.owner_id)?;
    decided(app, tenant, actor, before, decision, Terms::default()).await
}

/// What goes with an approval.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    /// What is told to the developer.
    pub reason: Option<String>,
    /// Not before, seconds since 1970; `None`: as it was.
    pub starts_at: Option<Seconds>,
    /// Not from then on, seconds since 1970; `None`: as it was.
    pub ends_at: Option<Seconds>,
}

/// Decides about a contract whose decider asks, which was `before`.
pub(super) async fn decided(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    before: Contract,
    decision: Decision,
    terms: Terms,
) -> Result<Contract, Error> {
    let id = before.row.id;
    if decision.reason().is_some_and(|reason| reason.chars().count() > TEXT_MAX) {
        let complaint = format!("must have at most {TEXT_MAX} characters");
        return Err(Error::invalid("reason", Rule::Length, complaint));
    }
    let from = standing(&before.row);
    let to = next(Some(from), decision.event()).map_err(Error::Conflict)?;
    let after = under(terms, after(app, actor, &before.row, to, &decision));
    let application = application::Entity::find_by_id(after.application_id).one(app.db.pool()).await?;
    let application = application.ok_or(Error::NotFound)?;
    let (kind, notice) = telling(&decision);
    let told = told(app, tenant, actor, kind, Some(from), &after);
    let shown = Contract { row: after.clone(), ..before };
    let mails = mails_to_developers(app, tenant, &told, notice, &shown, &application).await?;
    let step = Transition {
        from: Some(from),
        after,
        application: match decision {
            Decision::Approve => Application::MustLive,
            _ => Application::MayBeArchived,
        },
        tokens: match to.state {
            ContractState::Revoked => Tokens::End { audience: shown.service.audience.clone() },
            _ => Tokens::Stay,
        },
        told,
        mails,
    };
    step.store(app).await?;
    find_any(app, tenant, actor, id).await
}

/// Whether `actor` decides about contracts for a service that `owner` looks after.
///
/// # Errors
/// `NotAllowed`, `NotApproved`.
pub(super) fn may_decide(actor: &Actor, owner: Option<UserId>) -> Result<(), Error> {
    actor.may(Action::DecideContracts)?;
    let looks_after = owner.is_some() && owner == actor.user_id();
    if actor.role() < Role::Admin && !looks_after {
        return Err(Error::NotAllowed(Action::DecideContracts));
    }
    Ok(())
}

fn after(app: &App, actor: &Actor, row: &contract::Model, to: Standing, decision: &Decision) -> contract::Model {
    let now = app.clock.now();
    match decision {
        // Who approved it stays known while it is paused.
        Decision::Suspend | Decision::Resume => {
            contract::Model { suspended: to.suspended, updated_at: now, ..row.clone() }
        }
        _ => contract::Model { reason: decision.reason().map(str::to_owned), ..processed(row, to, actor.label(), now) },
    }
}

/// The row with what goes with an approval.
fn under(terms: Terms, row: contract::Model) -> contract::Model {
    contract::Model {
        reason: terms.reason.or(row.reason),
        starts_at: terms.starts_at.or(row.starts_at),
        ends_at: terms.ends_at.or(row.ends_at),
        ..row
    }
}

fn telling(decision: &Decision) -> (Kind, Notice) {
    match decision {
        Decision::Approve => (Kind::ContractApproved, Notice::ContractApproved),
        Decision::Reject { .. } => (Kind::ContractRejected, Notice::ContractRejected),
        Decision::Revoke { .. } => (Kind::ContractRevoked, Notice::ContractRevoked),
        Decision::Suspend => (Kind::ContractSuspended, Notice::ContractPaused),
        Decision::Resume => (Kind::ContractResumed, Notice::ContractResumed),
    }
}

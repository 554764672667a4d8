//! What is made of a request that waits? It is accepted, perhaps for a time, or refused, once (portal.md G69).

use entity::contract::ContractState;
use entity::id::ContractId;

use super::change::wrong_times;
use super::decide::{Decision, Terms, decided, may_decide};
use super::{Contract, TEXT_MAX, find};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Conflict, Error, Rule, Wrong};

/// Whether the application may use the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Accept,
    /// It may not.
    Refuse,
}

/// What is made of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processed {
    /// Whether it is accepted.
    pub verdict: Verdict,
    /// Why, told to the developer: at most 2000 characters.
    pub reason: Option<String>,
    /// Of an accepted one: not before, seconds since 1970; `None`: at once.
    pub starts_at: Option<Seconds>,
    /// Of an accepted one: not from then on, seconds since 1970; `None`: for ever.
    pub ends_at: Option<Seconds>,
}

/// Processes a request that waits: admins, and the publisher who looks after the service.
///
/// # Errors
/// `Conflict(ContractState)` with the state of one that does not wait any more, also for the second of two at once;
/// `Conflict(Archived)`; `Invalid` for a reason that is too long and an end that is not after the start; `NotFound`,
/// `NotAllowed`.
pub async fn process(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ContractId,
    processed: Processed,
) -> Result<Contract, Error> {
    let before = find(app, tenant, actor, id).await?;
    may_decide(actor, before.service.owner_id)?;
    if before.row.state != ContractState::Pending {
        return Err(Error::Conflict(Conflict::ContractState(before.row.state)));
    }
    let Processed { verdict, reason, starts_at, ends_at } = processed;
    let mut wrong = wrong_times(starts_at, ends_at);
    if reason.as_deref().is_some_and(|reason| reason.chars().count() > TEXT_MAX) {
        wrong.push(Wrong::new("reason", Rule::Length, format!("must have at most {TEXT_MAX} characters")));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let (decision, terms) = match verdict {
        Verdict::Accept => (Decision::Approve, Terms { reason, starts_at, ends_at }),
        Verdict::Refuse => (Decision::Reject { reason }, Terms::default()),
    };
    decided(app, tenant, actor, before, decision, terms).await
}

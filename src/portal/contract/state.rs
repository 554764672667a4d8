//! How does a contract move on? The table of portal.md §8.4, and nothing else.

use entity::contract::ContractState::{self, Approved, Closed, Pending, Rejected, Revoked};

use crate::portal::Conflict;

/// What a request for a contract that was rejected means: the products differ (D-18).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRejected {
    /// It is refused: unregister first.
    #[default]
    Refuse,
    /// It is a new request.
    Again,
}

/// What can happen to a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody asks, and somebody else has to decide.
    Request(OnRejected),
    /// Somebody asks, and it is approved without a decision.
    RequestApproved(OnRejected),
    /// Somebody approves.
    Approve,
    /// Somebody rejects.
    Reject,
    /// Somebody takes back an approval.
    Revoke,
    /// Somebody pauses it.
    Suspend,
    /// Somebody lets it go on.
    Resume,
    /// A developer does not want it any more.
    Unregister,
    /// Somebody who decides removes it.
    Delete,
    /// The application is archived.
    Archive,
    /// The application is back.
    Restore,
}

/// How far a contract has come: its state, and whether it is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: ContractState,
    /// Approved, but paused.
    pub suspended: bool,
}

impl Standing {
    /// In this state, not paused.
    pub const fn of(state: ContractState) -> Self {
        Self { state, suspended: false }
    }
}

/// Where `event` leads from `from`; `None`: there is no contract yet.
///
/// # Errors
/// `AlreadyRequested` for a request where a contract is; `ContractState` for everything else that the table has no row
/// for.
pub fn next(from: Option<Standing>, event: Event) -> Result<Standing, Conflict> {
    let Some(from) = from else {
        return match event {
            Event::Request(_) => Ok(Standing::of(Pending)),
            Event::RequestApproved(_) => Ok(Standing::of(Approved)),
            _ => Err(Conflict::ContractState(Closed)),
        };
    };
    let to = match (from.state, event) {
        // Rows 1 to 4.
        (Closed | Rejected, Event::Request(OnRejected::Again)) | (Closed, Event::Request(OnRejected::Refuse)) => {
            Pending
        }
        (Closed | Rejected, Event::RequestApproved(OnRejected::Again))
        | (Closed, Event::RequestApproved(OnRejected::Refuse)) => Approved,
        (state, Event::Request(_) | Event::RequestApproved(_)) => return Err(Conflict::AlreadyRequested(state)),
        // Rows 5 and 8.
        (Pending | Revoked | Rejected, Event::Approve) => Approved,
        // Row 6.
        (Pending, Event::Reject) => Rejected,
        // Row 7.
        (Approved, Event::Revoke) => Revoked,
        // Row 9.
        (Approved, Event::Suspend) if !from.suspended => return Ok(Standing { suspended: true, ..from }),
        (Approved, Event::Resume) if from.suspended => return Ok(Standing::of(Approved)),
        // A pause is not shaken off by asking anew.
        (Approved, Event::Unregister) if from.suspended => return Err(Conflict::ContractState(Approved)),
        // Rows 10 and 11.
        (Pending | Approved | Rejected, Event::Unregister) => Closed,
        // Row 12: what is closed is not there to be deleted.
        (Pending | Approved | Rejected | Revoked, Event::Delete) => Closed,
        // Rows 13 and 14; the others are over already.
        (Approved, Event::Archive) => Closed,
        (Pending, Event::Archive) => Rejected,
        // Row 15.
        (_, Event::Restore) => Pending,
        (state, _) => return Err(Conflict::ContractState(state)),
    };
    Ok(Standing::of(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [ContractState; 5] = [Pending, Approved, Rejected, Revoked, Closed];

    fn all(event: Event) -> [Result<ContractState, Conflict>; 5] {
        STATES.map(|state| next(Some(Standing::of(state)), event).map(|standing| standing.state))
    }

    fn no(state: ContractState) -> Result<ContractState, Conflict> {
        Err(Conflict::ContractState(state))
    }

    fn there(state: ContractState) -> Result<ContractState, Conflict> {
        Err(Conflict::AlreadyRequested(state))
    }

    #[test]
    fn a_request_begins_a_contract_or_finds_one() {
        // Rows 1 to 4, K40, D-18
        for rejected in [OnRejected::Refuse, OnRejected::Again] {
            assert_eq!(next(None, Event::Request(rejected)), Ok(Standing::of(Pending)));
            assert_eq!(next(None, Event::RequestApproved(rejected)), Ok(Standing::of(Approved)));
        }
        let [pending, approved, revoked] = [Pending, Approved, Revoked].map(there);
        assert_eq!(
            all(Event::Request(OnRejected::Refuse)),
            [pending.clone(), approved.clone(), there(Rejected), revoked.clone(), Ok(Pending)]
        );
        assert_eq!(
            all(Event::Request(OnRejected::Again)),
            [pending.clone(), approved.clone(), Ok(Pending), revoked.clone(), Ok(Pending)]
        );
        assert_eq!(
            all(Event::RequestApproved(OnRejected::Refuse)),
            [pending.clone(), approved.clone(), there(Rejected), revoked.clone(), Ok(Approved)]
        );
        assert_eq!(
            all(Event::RequestApproved(OnRejected::Again)),
            [pending, approved, Ok(Approved), revoked, Ok(Approved)]
        );
    }

    #[test]
    fn those_who_decide_approve_reject_and_revoke() {
        // Rows 5 to 8, N20
        assert_eq!(all(Event::Approve), [Ok(Approved), no(Approved), Ok(Approved), Ok(Approved), no(Closed)]);
        assert_eq!(all(Event::Reject), [Ok(Rejected), no(Approved), no(Rejected), no(Revoked), no(Closed)]);
        assert_eq!(all(Event::Revoke), [no(Pending), Ok(Revoked), no(Rejected), no(Revoked), no(Closed)]);
    }

    #[test]
    fn only_what_is_approved_is_paused_and_only_what_is_paused_goes_on() {
        // Row 9
        let paused = Standing { state: Approved, suspended: true };
        assert_eq!(next(Some(Standing::of(Approved)), Event::Suspend), Ok(paused));
        assert_eq!(next(Some(paused), Event::Resume), Ok(Standing::of(Approved)));
        assert_eq!(next(Some(paused), Event::Suspend), Err(Conflict::ContractState(Approved)));
        assert_eq!(next(Some(paused), Event::Revoke), Ok(Standing::of(Revoked)));
        assert_eq!(all(Event::Resume), STATES.map(no));
        assert_eq!(all(Event::Suspend), [no(Pending), Ok(Approved), no(Rejected), no(Revoked), no(Closed)]);
    }

    #[test]
    fn a_developer_ends_everything_but_a_revocation() {
        // Rows 10 to 12, N10, D-17
        assert_eq!(all(Event::Unregister), [Ok(Closed), Ok(Closed), Ok(Closed), no(Revoked), no(Closed)]);
        assert_eq!(all(Event::Delete), [Ok(Closed), Ok(Closed), Ok(Closed), Ok(Closed), no(Closed)]);
    }

    #[test]
    fn archiving_ends_contracts_and_restoring_asks_for_them_again() {
        // Rows 13 to 15, s.B7
        assert_eq!(all(Event::Archive), [Ok(Rejected), Ok(Closed), no(Rejected), no(Revoked), no(Closed)]);
        assert_eq!(all(Event::Restore), STATES.map(|_| Ok(Pending)));
    }

    #[test]
    fn nothing_but_a_request_happens_to_a_contract_that_is_not_there() {
        for event in [
            Event::Approve,
            Event::Reject,
            Event::Revoke,
            Event::Suspend,
            Event::Resume,
            Event::Unregister,
            Event::Delete,
            Event::Archive,
            Event::Restore,
        ] {
            assert_eq!(next(None, event), Err(Conflict::ContractState(Closed)), "{event:?}");
        }
    }
}

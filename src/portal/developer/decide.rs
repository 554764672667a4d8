//! Is the portal open to a developer? (portal.md §8.4)

use entity::id::UserId;
use entity::user::{self, Approval};

use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Conflict, Error};

/// What is decided about a developer; a reason has at most 2000 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The portal is open: from pending, rejected or revoked.
    Approve,
    /// It is not: from pending.
    Reject {
        /// Why.
        reason: Option<String>,
    },
    /// It is not any more: from approved. Sessions end, and applications get no tokens.
    Revoke {
        /// Why.
        reason: Option<String>,
    },
}

/// Where a decision leads.
///
/// # Errors
/// `DeveloperState` for a decision the state does not allow.
pub fn next(from: Approval, decision: &Decision) -> Result<Approval, Conflict> {
    match (from, decision) {
        (Approval::Pending | Approval::Rejected | Approval::Revoked, Decision::Approve) => Ok(Approval::Approved),
        (Approval::Pending, Decision::Reject { .. }) => Ok(Approval::Rejected),
        (Approval::Approved, Decision::Revoke { .. }) => Ok(Approval::Revoked),
        _ => Err(Conflict::DeveloperState(from)),
    }
}

/// Decides about a developer.
///
/// # Errors
/// `Conflict(DeveloperState)` with the state, also for the second of two decisions at once; `Conflict(LastOne)` for
/// oneself; `NotFound`, `NotAllowed`.
pub async fn decide(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: UserId,
    decision: Decision,
) -> Result<user::Model, Error> {
    let _ = (app, tenant, actor, id, decision);
    todo!()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_developer_is_approved_rejected_and_revoked_as_the_table_says() {
        use Approval::{Approved, Pending, Rejected, Revoked};
        let all = |decision: Decision| [Pending, Approved, Rejected, Revoked].map(|from| next(from, &decision));
        let no = |state| Err(Conflict::DeveloperState(state));
        assert_eq!(all(Decision::Approve), [Ok(Approved), no(Approved), Ok(Approved), Ok(Approved)]);
        assert_eq!(all(Decision::Reject { reason: None }), [Ok(Rejected), no(Approved), no(Rejected), no(Revoked)]);
        assert_eq!(all(Decision::Revoke { reason: None }), [no(Pending), Ok(Revoked), no(Rejected), no(Revoked)]);
    }
}

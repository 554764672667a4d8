//! Which number stands for how far something has come? (portal.md K68)

use entity::contract::ContractState;
use entity::user::Approval;

use super::schema::Complaints;
use super::{Refusal, schema::Rule};

/// The rule of a field with a status.
pub const RANGE: Rule = Rule::Between(0, 3);

/// How far a developer or a contract has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0.
    Approved,
    /// 1: somebody asked, nobody decided.
    Requested,
    /// 2.
    Rejected,
    /// 3.
    Revoked,
}

impl Status {
    /// Its number.
    pub fn number(self) -> i64 {
        match self {
            Self::Approved => 0,
            Self::Requested => 1,
            Self::Rejected => 2,
            Self::Revoked => 3,
        }
    }

    /// The one with this number.
    pub fn of_number(number: i64) -> Option<Self> {
        [Self::Approved, Self::Requested, Self::Rejected, Self::Revoked].into_iter().find(|it| it.number() == number)
    }

    /// Reads the filter of a list.
    ///
    /// # Errors
    /// Code 11 for what is no status.
    pub fn filter(text: Option<&str>) -> Result<Option<Self>, Refusal> {
        let read = |text: &str| text.parse().ok().and_then(Self::of_number);
        let refuse = || Refusal::invalid_option("status", "must be 0, 1, 2 or 3");
        text.map(|text| read(text).ok_or_else(refuse)).transpose()
    }

    /// Its name in an export.
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "APPROVED",
            Self::Requested => "PENDING",
            Self::Rejected => "REJECTED",
            Self::Revoked => "REVOKED",
        }
    }

    /// 400: nothing leads from `self` to `wanted`.
    pub fn unreachable(self, wanted: Self) -> Refusal {
        let text = format!("cannot go from {} to {}", self.number(), wanted.number());
        Refusal::schema_violation(&Complaints::one("status", text))
    }
}

impl From<Approval> for Status {
    fn from(approval: Approval) -> Self {
        match approval {
            Approval::Approved => Self::Approved,
            Approval::Pending => Self::Requested,
            Approval::Rejected => Self::Rejected,
            Approval::Revoked => Self::Revoked,
        }
    }
}

impl From<Status> for Approval {
    fn from(status: Status) -> Self {
        match status {
            Status::Approved => Self::Approved,
            Status::Requested => Self::Pending,
            Status::Rejected => Self::Rejected,
            Status::Revoked => Self::Revoked,
        }
    }
}

impl From<ContractState> for Status {
    fn from(state: ContractState) -> Self {
        match state {
            ContractState::Approved => Self::Approved,
            ContractState::Pending => Self::Requested,
            ContractState::Rejected => Self::Rejected,
            // A closed one is in no list (§8.4).
            ContractState::Revoked | ContractState::Closed => Self::Revoked,
        }
    }
}

impl From<Status> for ContractState {
    fn from(status: Status) -> Self {
        match status {
            Status::Approved => Self::Approved,
            Status::Requested => Self::Pending,
            Status::Rejected => Self::Rejected,
            Status::Revoked => Self::Revoked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_number() {
        // K68
        let all = [Approval::Approved, Approval::Pending, Approval::Rejected, Approval::Revoked];
        assert_eq!(all.map(|approval| Status::from(approval).number()), [0, 1, 2, 3]);
        let all = [ContractState::Approved, ContractState::Pending, ContractState::Rejected, ContractState::Revoked];
        assert_eq!(all.map(|state| Status::from(state).number()), [0, 1, 2, 3]);
        assert_eq!(Status::of_number(4), None);
        assert!(Status::filter(Some("4")).is_err() && Status::filter(Some("x")).is_err());
        assert!(matches!(Status::filter(Some("2")), Ok(Some(Status::Rejected))));
    }
}

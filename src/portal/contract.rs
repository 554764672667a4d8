//! What is a contract to those who may see it? How far it has come, between which application and which service.

pub mod change;
pub mod close;
pub mod decide;
pub mod grant;
pub mod list;
pub mod process;
pub mod request;
pub(in crate::portal) mod restore;
pub mod state;
pub(in crate::portal) mod transition;

pub use change::{Change, change};
pub use close::{delete, delete_version, unregister, unregister_version};
pub use decide::{Decision, decide};
pub use grant::grant;
pub use list::{Filter, count_of, find, find_any, find_between, granted_scopes, list};
pub use process::{Processed, Verdict, process};
pub use request::{Approval, Clients, Request, request};
pub use state::{Event, OnRejected, next};

use entity::contract::{self, ContractState};
use entity::id::{ApplicationId, ServiceId, UserId};

use super::person::Person;

/// How long a comment or a reason may be, in characters.
const TEXT_MAX: usize = 2000;

/// A contract with the names of its two sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Contract {
    /// Its row.
    pub row: contract::Model,
    /// The application.
    pub application: OfApplication,
    /// The service.
    pub service: OfService,
}

/// The application's side of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfApplication {
    /// Identity.
    pub id: ApplicationId,
    /// Name.
    pub name: String,
    /// Its primary owner.
    pub owner: Option<Person>,
}

/// The service's side of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfService {
    /// Identity.
    pub id: ServiceId,
    /// Name in lists.
    pub name: String,
    /// Name in the portal, where the service has a policy.
    pub display_name: Option<String>,
    /// Its audience.
    pub audience: String,
    /// The publisher who looks after it.
    pub owner_id: Option<UserId>,
}

impl Contract {
    /// How far it has come.
    pub fn state(&self) -> ContractState {
        self.row.state
    }
}

//! Which rules does a service have for those who register applications for it? At most one policy a service.
//!
//! A policy is named by its identity, or by the service that has it. Removing it closes the service for all who need a
//! contract; disabling it only ends the asking for new contracts (portal.md D-26, N22).

pub mod change;
pub mod find;
pub mod provision_key;
pub mod remove;
pub mod scopes;
pub mod store;

use entity::policy::Model;
use entity::service;

pub use change::Change;
pub use find::{find, for_writing, list, of_service};
pub use provision_key::{provision_key, rotate_provision_key};
pub use remove::remove;
pub use store::{change, complaints, create, replace};

/// A policy with the service that has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its row.
    pub row: Model,
    /// The service's row.
    pub service: service::Model,
}

impl Policy {
    /// Its scopes as they were given, each element with one or several; those of the service if none were given; `None`:
    /// there are none (portal.md K20, K21, D-25).
    pub fn scopes(&self) -> Option<Vec<String>> {
        let given = scopes::elements(self.row.scope_elements.as_ref());
        given.or_else(|| Some(scopes::values(&self.service.scopes)).filter(|scopes| !scopes.is_empty()))
    }

    /// Its tags.
    pub fn tags(&self) -> Option<Vec<String>> {
        self.row.tags.as_ref().map(|tags| crate::portal::service::find::tags(Some(tags)))
    }
}

/// Seconds of a lifetime, at most (portal.md K49).
pub const LIFETIME_MAX: i64 = 100_000_000;

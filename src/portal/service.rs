//! Which services are there, and who may see and change them?
//!
//! A service is named by a reference: its identity as a UUID, or its name.

pub mod catalog;
pub mod change;
pub mod check;
pub mod find;
mod judge;
pub mod remove;
pub mod store;
mod tokens;
pub(in crate::portal) mod write;

pub use catalog::{Registration, Shown, catalog, shown};
pub use change::Change;
pub use find::{Filter, Reference, Tags, Which, find, list};
pub use judge::looks_after;
pub use remove::remove;
pub use store::{change, complaints, create, replace};

pub use crate::oidc::service::{Scope, Service};

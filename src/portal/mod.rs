//! What must an API portal decide? Services, policies, applications, contracts, developers: rules without HTTP.

pub mod actor;
pub mod error;
pub mod list;
pub mod permission;

pub use actor::Actor;
pub use error::{Conflict, Error, Rule, Wrong};
pub use permission::Action;

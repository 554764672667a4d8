//! What must an API portal decide? Services, policies, applications, contracts, developers: rules without HTTP.

pub mod actor;
pub mod delivery;
pub mod error;
pub mod list;
pub mod notice;
pub mod permission;
pub mod personal_token;
pub mod webhook;

pub use actor::Actor;
pub use error::{Conflict, Error, Rule, Wrong};
pub use permission::Action;

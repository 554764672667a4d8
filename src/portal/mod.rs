//! What must an API portal decide? Services, policies, applications, contracts, developers: rules without HTTP.

pub mod actor;
pub mod application;
pub mod application_type;
pub mod audit;
pub mod bridge;
pub mod client;
pub mod consent;
pub mod contract;
pub mod delivery;
pub mod developer;
pub mod document;
pub mod error;
pub mod idempotency;
pub mod initial_access_token;
pub mod list;
pub mod membership;
pub mod notice;
pub mod overview;
pub mod permission;
pub mod person;
pub mod personal_token;
pub mod policy;
pub mod service;
pub mod settings;
pub mod signing_key;
pub mod tag;
pub mod template;
pub mod user;
pub mod webhook;

pub use actor::Actor;
pub use error::{Conflict, Error, Rule, Wrong};
pub use permission::Action;

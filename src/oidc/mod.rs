//! What an OpenID provider must decide: rules, no HTTP.

pub mod authorization;
pub mod client;
pub mod discovery;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod introspection;
pub mod keys;
pub mod registration;
pub mod repetition;
pub mod revocation;
pub mod scope;
pub mod service;
pub mod session;
pub mod setup;
pub mod tenant;
pub mod token;
pub mod user;
pub mod userinfo;
pub mod verify;

pub use error::{Code, Error, Violation};

//! What an OpenID provider must decide: rules, no HTTP.

pub mod client;
pub mod error;
pub mod keys;
pub mod registration;

pub use error::{Code, Error, Violation};

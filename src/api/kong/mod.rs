//! How do Kong's APIs say what we do? Its bodies, its refusals, its lists, its entities and its endpoints (portal.md §1).
//!
//! Nothing here decides: bodies become changes, values become answers, refusals become envelopes.

pub mod admin;
pub mod answer;
pub mod application;
pub mod body;
pub mod call;
pub mod credential;
pub mod developer;
pub mod document_object;
pub mod error;
pub mod information;
pub mod instance;
pub mod oauth2;
pub mod page;
pub mod plugin;
pub mod portal;
pub mod schema;
pub mod service;
pub mod status;

pub use body::{KongBody, Tree};
pub use error::Refusal;

/// Where the Admin API is below an issuer.
pub const ADMIN: &str = "/kong/admin";
/// Where the Portal API is below an issuer.
pub const PORTAL: &str = "/kong/portal";

//! How does Kong's Admin API say what we do? Its bodies, its refusals, its lists and its entities (portal.md §1).
//!
//! Nothing here decides: bodies become changes, values become answers, refusals become envelopes.

pub mod body;
pub mod error;
pub mod information;
pub mod page;
pub mod plugin;
pub mod schema;
pub mod service;

pub use body::{KongBody, Tree};
pub use error::Refusal;

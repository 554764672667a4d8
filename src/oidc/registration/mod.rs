//! May this client be registered, and as what? (RFC 7591, RFC 7592)

pub mod admission;
pub mod body;
pub mod bridge;
pub(crate) mod change;
mod choices;
mod coherence;
pub mod credentials;
pub mod delete;
mod display;
mod draft;
pub(crate) mod end;
pub mod information;
pub mod initial_access_token;
pub mod json;
pub(crate) mod judge;
mod keys;
pub mod manage;
pub mod memory;
mod open_clients;
pub mod policy;
pub mod profile;
pub mod register;
pub mod renew;
pub mod replace;
pub mod retire;
pub(crate) mod rows;
pub mod sector;
pub mod template;
#[cfg(test)]
mod tests;
mod unbuilt;
pub mod update;
mod uris;
pub mod validate;

pub use policy::Policy;
pub use profile::Profile;
pub use validate::{Kin, Rules, validate};

//! May this client be registered, and as what? (RFC 7591, RFC 7592)

mod choices;
mod coherence;
mod display;
mod draft;
pub mod json;
mod keys;
pub mod policy;
pub mod profile;
pub mod sector;
#[cfg(test)]
mod tests;
mod unbuilt;
pub mod update;
mod uris;
pub mod validate;

pub use policy::Policy;
pub use profile::Profile;
pub use validate::{Rules, validate};

//! What Registrar remembers: one file a table. Rows and what is always true of them; no clock, no decisions.
//!
//! Times are seconds since 1970, 64-bit. Secrets are stored as SHA-256 digests or sealed, never in clear.

pub mod application;
pub mod client;
pub mod client_secret;
pub mod consent;
pub mod contract;
pub mod delivery;
pub mod deployment;
pub mod document;
pub mod event;
pub mod id;
pub mod idempotency;
pub mod initial_access_token;
pub mod lease;
pub mod membership;
pub mod personal_token;
pub mod policy;
pub mod provider;
pub mod remote_call;
pub mod revocation;
pub mod service;
pub mod session;
pub mod signing_key;
pub mod tenant;
pub mod token;
pub mod token_family;
pub mod user;
pub mod webhook;
pub mod word;

//! JSON, one folder a dialect: words, no rules.

pub mod admin;
pub mod auth0;
pub mod caller;
pub mod docs;
pub mod gravitee;
pub mod health;
pub mod kong;
pub mod konnect;
pub mod oidc;
pub mod verify;

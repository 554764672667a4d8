//! JSON, one folder a dialect: words, no rules.

pub mod health;
pub mod oidc;

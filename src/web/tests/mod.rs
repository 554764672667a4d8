//! Do the pages lead a person from a client's request to its answer, and nobody astray?

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod authorize;
mod consent;
mod session;
mod sign_out;
pub(crate) mod site;

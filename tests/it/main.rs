//! Does the whole behave? One binary, so that it links once: the house itself first, then each endpoint, page and job.

// Tests stand outside the house: they may fail loudly, print, and measure time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::disallowed_methods)]

#[macro_use]
#[path = "../../src/spec.rs"]
mod spec;

mod admin;
mod auth0;
mod clients;
mod corpus_flows;
mod corpus_rules;
mod edge;
mod gravitee;
mod harness;
mod kong;
mod konnect;
mod layout;
mod mail;
mod migrations;
mod oidc;
mod personal_token;
mod portal;
mod refusals;
mod reliability;
mod requirements;
mod seeds;
mod sources;
mod web;

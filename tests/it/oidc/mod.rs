//! The protocol endpoints, one file each.

mod client_configuration;
mod discovery;
mod initial_access_token;
mod registration;
mod registration_corpus;
mod registration_obeyed;
mod registration_wire;

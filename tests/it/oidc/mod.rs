//! The protocol endpoints, one file each.

mod authorization_code;
mod client_authentication;
mod client_credentials;
mod discovery;
mod introspection;
mod keys;
mod refresh_token;
mod revocation;
mod token;
mod userinfo;

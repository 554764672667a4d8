//! The protocol endpoints, one file each.

mod authorization_code;
mod claims;
mod client_authentication;
mod client_configuration;
mod client_credentials;
mod contracts;
mod discovery;
mod gravitee;
mod hybrid;
mod implicit;
mod initial_access_token;
mod introspection;
mod keys;
mod password_grant;
mod refresh_token;
mod registration;
mod registration_corpus;
mod registration_obeyed;
mod registration_wire;
mod revocation;
mod templates;
mod token;
mod userinfo;
mod verify;
mod verify_nginx;

//! The dialect of OAuth 2.0 and OpenID Connect.

pub mod client_metadata;
pub mod credentials;
pub mod discovery;
pub mod error;
pub mod form;
pub mod form_or_json;
pub mod introspection;
pub mod payload;
pub mod registration;
pub mod revocation;
pub mod token;
pub mod userinfo;

use poem_openapi::Tags;

/// The parts of the document.
#[derive(Tags)]
pub enum Part {
    /// What the server says of itself.
    Discovery,
    /// Applications register themselves.
    Registration,
    /// People let applications act for them.
    Authorization,
    /// Tokens are issued, checked and given back.
    Tokens,
}

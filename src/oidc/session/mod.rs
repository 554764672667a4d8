//! Who is at this browser?

pub mod form_token;
pub mod id_token_hint;
pub mod known_browser;
pub mod new_password;
pub mod open;
pub mod password;
#[allow(clippy::module_inception)] // the row and the folder have one word
pub mod session;
pub mod sign_in;
pub mod sign_in_link;
pub mod sign_out;

pub use session::{ACR_PASSWORD, Arrival, PASSWORD, Session};

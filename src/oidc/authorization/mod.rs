//! May this client act for this person, and where does the answer go? (RFC 6749 §3.1)
//!
//! A request comes in through [`request::read`], travels through the pages as a sealed [`in_flight::InFlight`], and
//! [`advance::advance`] says after each page what comes next.

pub mod advance;
pub mod answer;
pub mod claims;
pub mod code;
pub mod consent;
pub mod in_flight;
pub mod next_step;
pub mod parameters;
pub mod request;
mod response;
mod wanted;

pub use answer::{Answer, AuthorizeError, WayBack};
pub use request::AuthorizationRequest;

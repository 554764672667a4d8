//! May this client act for this person, and where does the answer go? (RFC 6749 §3.1)

pub mod code;

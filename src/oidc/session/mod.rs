//! Who is at this browser?

pub mod password;
pub mod sign_in_link;

//! HTML for people.

pub mod asset;
pub mod page;
pub mod shown;
pub mod text;

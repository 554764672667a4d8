//! The developer portal's pages, in words: they translate between forms and the rules in `portal`, and decide nothing.

pub mod agreed;
pub mod application;
pub mod applications;
pub mod catalog;
pub mod client;
mod document;
mod markdown;
mod operations;
pub mod password;
pub mod profile;
pub mod refusal;
pub mod register;
pub mod sign_up;
pub mod token;
mod visit;

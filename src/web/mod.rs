//! HTML for people.

pub mod answer;
pub mod asset;
pub mod authorization;
pub mod consent;
pub mod console;
pub mod cookie;
pub mod device;
pub mod form;
pub mod home;
pub mod login;
pub mod openapi;
pub mod page;
pub mod portal;
pub mod return_path;
pub mod routes;
pub mod select_account;
pub mod sign_in_link;
pub mod sign_out;
pub mod text;
pub mod visitor;

pub use crate::shown;

#[cfg(test)]
mod tests;

//! What can be asked of the program from a shell?

pub mod args;
pub mod config;
pub mod output;
pub mod password;
pub mod words;

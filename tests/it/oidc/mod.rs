//! The protocol endpoints, one file each.

mod discovery;

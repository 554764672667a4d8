//! HTML for people.

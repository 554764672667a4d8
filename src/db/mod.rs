//! How do rows reach the database?

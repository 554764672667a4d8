//! Clients that other people wrote, unmodified.

mod openidconnect;

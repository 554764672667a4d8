//! How does the server call out?

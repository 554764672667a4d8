//! May this client be registered, and as what? (RFC 7591, RFC 7592)

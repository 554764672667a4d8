//! What every request passes, on the whole server.

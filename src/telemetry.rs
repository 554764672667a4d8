//! What does the server say of itself? Logs and metrics.

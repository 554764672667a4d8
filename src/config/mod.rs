//! What is configured? Defaults, file, environment, flags, checked as a whole.

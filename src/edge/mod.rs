//! What does every request pass through?

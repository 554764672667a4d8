//! Is the server alive, and ready?

//! How much may one caller ask for?

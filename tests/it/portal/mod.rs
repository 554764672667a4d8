//! What an API portal decides, on a real database.

mod applications;
mod clients;
mod contracts;
mod developers;
mod parties;

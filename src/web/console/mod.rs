//! What do those see who look after services, applications and people? The pages of the console.

pub mod address;
pub mod applications;
pub mod clients;
pub mod contracts;
pub mod deliveries;
pub mod desk;
pub mod developers;
pub mod documents;
pub mod events;
pub mod keys;
pub mod overview;
pub mod policy;
pub mod services;
pub mod settings;
pub mod tickets;
pub mod users;
pub mod webhooks;
pub mod words;

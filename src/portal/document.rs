//! Which documents are there, and who may see and change them? (portal.md K29, K30)
//!
//! A document stands in the portal under its path. It tells of one service, or waits to be linked to one. Publishers
//! manage the documents of the services they look after; those that wait are the admins' affair, but for linking them.

pub mod change;
pub mod find;
pub mod link;
pub mod media;
pub mod path;

pub use change::{Change, Upload, add, change, remove};
pub use entity::document::Model as Document;
pub use find::{Filter, Heading, catalog, find, list, of_path, of_service, shown};
pub use link::{link, link_id, unlink};
pub use media::Media;

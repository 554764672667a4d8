//! Who are we? The keys tokens are signed with: made, published, used, retired.

pub mod algorithm;
pub mod jwt;
pub mod ring;
pub mod rotation;

pub use algorithm::{Algorithm, IdTokenAlgorithm};
pub use jwt::Kind;
pub use ring::{Key, KeyRing};

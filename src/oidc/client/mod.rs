//! What is a client? Its valid metadata, and what each member of it means for the requests it makes.

pub mod authenticate;
pub mod capability;
pub mod list;
pub mod localised;
pub mod metadata;
pub mod record;
pub mod redirect_uri;
pub mod rights;
pub mod standing;
pub mod template;
pub mod uri;
pub mod usage;

pub use capability::{ApplicationType, AuthMethod, GrantType, ResponseMode, ResponseType, SubjectType, Word};
pub use localised::Localised;
pub use metadata::{Chosen, Metadata, SecretNeed};
pub use redirect_uri::{LoopbackPorts, RegisteredRedirectUri};

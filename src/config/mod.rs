//! What has the operator decided? The configuration, checked as a whole before anything starts.
//!
//! [`Sources`] hold everything a configuration is made from; [`load`] puts the layers on top of one another (defaults,
//! file, environment, command line), checks the whole and answers with a [`Config`] of proven types or with every
//! [`Fault`] at once.

mod certificates;
pub mod check;
pub mod database_url;
pub mod environment;
pub mod fault;
pub mod issuer;
pub mod key_file;
pub mod layer;
mod mail;
mod read;
pub mod reference;
pub mod section;
pub mod show;
pub mod source;
mod suggest;
pub mod value;

#[cfg(test)]
mod bad;
#[cfg(test)]
mod tests;

pub use check::load;
pub use database_url::DatabaseUrl;
pub use fault::{Fault, Faults};
pub use issuer::Issuer;
pub use key_file::{KeyEncryptionKey, KeySource};
pub use layer::{Setting, Settings};
pub use section::{
    Algorithm, Bootstrap, CaFile, Database, Door, Introspection, Keys, KongAdmin, Log, LogFormat, Login, Mail, MailTls,
    Outbound, PerMinute, Profile, Registration, Secrets, Server, Sessions, Tokens,
};
pub use source::{Files, Flag, Source, Sources};

/// A configuration that was checked: what its types say is true.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the server listens, and what it is called.
    pub server: Server,
    /// The address of its own that Kong's scripts use.
    pub kong_admin: KongAdmin,
    /// Where everything is remembered.
    pub database: Database,
    /// What seals the secrets in it.
    pub secrets: Secrets,
    /// What tokens are signed with.
    pub keys: Keys,
    /// What the server says about itself.
    pub log: Log,
    /// How applications may register.
    pub registration: Registration,
    /// How long tokens live.
    pub tokens: Tokens,
    /// How long people stay signed in.
    pub sessions: Sessions,
    /// How passwords are kept, and how fast they may be guessed.
    pub login: Login,
    /// How the server calls out.
    pub outbound: Outbound,
    /// How mails leave; `None`: they wait.
    pub mail: Option<Mail>,
    /// How tokens are asked about.
    pub introspection: Introspection,
    /// The first administrator.
    pub bootstrap: Bootstrap,
}

/// A checked configuration, and where each value came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// To work with.
    pub config: Config,
    /// To show; secrets are hidden.
    pub settings: Settings,
}

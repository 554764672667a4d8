//! What does each section of a checked configuration hold? Every field is the key of the same name.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::database_url::DatabaseUrl;
use super::issuer::{Http, Issuer};
use super::key_file::KeySource;
use crate::clock::Seconds;
pub use crate::oidc::keys::Algorithm;
use crate::secret::Secret;

/// `[server]`.
#[derive(Clone, Debug)]
pub struct Server {
    /// For people and applications.
    pub listen: SocketAddr,
    /// Of the default tenant, and the start of every URL handed out (s.X1, s.X2).
    pub issuer: Issuer,
    /// Which issuers tenants may have besides.
    pub allow_insecure_issuer: Http,
    /// For Prometheus; `None`: not served.
    pub metrics_listen: Option<SocketAddr>,
    /// Who may name a caller's address.
    pub trusted_proxies: Vec<IpNet>,
    /// Altogether.
    pub connections_max: usize,
    /// Of one address that is not a trusted proxy.
    pub connections_per_address_max: usize,
    /// To the end of the header.
    pub header_timeout: Duration,
    /// To the end of the body.
    pub body_timeout: Duration,
    /// One write without progress.
    pub write_timeout: Duration,
    /// To the next request.
    pub idle_timeout: Duration,
    /// All header lines together.
    pub header_bytes_max: usize,
    /// Of any request.
    pub body_bytes_max: usize,
    /// For requests under way after SIGTERM.
    pub shutdown: Duration,
}

/// `[kong_admin]`.
#[derive(Clone, Debug)]
pub struct KongAdmin {
    /// Of its own; `None`: only below the issuers.
    pub listen: Option<SocketAddr>,
    /// Whether callers must present a token there.
    pub auth: Door,
    /// Names it may be asked for by, besides loopback's and the address itself.
    pub hosts: Vec<String>,
}

/// Who gets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Whoever presents a token.
    Locked,
    /// Whoever is there.
    Open,
}

/// `[database]`.
#[derive(Clone, Debug)]
pub struct Database {
    /// Which, where, and the password.
    pub url: DatabaseUrl,
    /// Of this process.
    pub connections_max: u32,
    /// Then 503.
    pub acquire_timeout: Duration,
    /// Whether, and so who, brings the tables up to date.
    pub migrate_at_start: bool,
}

/// `[secrets]`: both keys come to one thing.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// The key-encryption key, or where it will be made.
    pub key: KeySource,
}

/// `[keys]`.
#[derive(Clone, Debug)]
pub struct Keys {
    /// In the order of preference; RS256 is always among them.
    pub algorithms: Vec<Algorithm>,
    /// One of `algorithms`.
    pub access_token_alg: Algorithm,
    /// How long a key signs (`rotation_days`).
    pub rotation_seconds: Seconds,
    /// How long it is published before.
    pub publish_ahead_seconds: Seconds,
    /// How long it is published after.
    pub retire_overlap_seconds: Seconds,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, else JSON.
    Auto,
    /// For people.
    Text,
    /// One object a line.
    Json,
}

/// `[log]`.
#[derive(Clone, Debug)]
pub struct Log {
    /// How.
    pub format: LogFormat,
    /// What: directives `tracing_subscriber::EnvFilter` understands.
    pub level: String,
}

/// How far registration bends to what clients send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// To everything that is safe.
    Permissive,
    /// To what deployed clients need.
    Interop,
    /// Not at all: every recommendation is a rule.
    Strict,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Permissive, Self::Interop, Self::Strict];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Permissive => "permissive",
            Self::Interop => "interop",
            Self::Strict => "strict",
        }
    }
}

/// So many in a minute; `None`: no limit.
pub type PerMinute = Option<NonZeroU32>;

/// `[registration]`.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Of tenants that choose none.
    pub profile: Profile,
    /// Without a token, from one address.
    pub per_source_per_minute: PerMinute,
    /// Without a token, altogether.
    pub global_per_minute: PerMinute,
    /// Without a token, in a second, at one tenant that chooses nothing else; `None`: no limit.
    pub rate_per_second: Option<NonZeroU32>,
    /// Wrong tokens from one address (s.R50).
    pub wrong_token_per_minute: PerMinute,
    /// Clients without a token, per tenant; `None`: no limit.
    pub open_clients_max: Option<NonZeroU32>,
    /// Nesting of a request's JSON (R1).
    pub json_depth_max: usize,
    /// Of one member (R1).
    pub uris_per_array_max: usize,
    /// `unused_ttl_days`; `None`: unused clients stay.
    pub unused_ttl_seconds: Option<Seconds>,
    /// `retention_days`, of tenants that choose no other.
    pub retention_seconds: Seconds,
}

/// `[tokens]`.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Of access tokens whose service says nothing else.
    pub access_token_seconds: Seconds,
    /// Of ID tokens.
    pub id_token_seconds: Seconds,
    /// Of authorization codes.
    pub code_seconds: Seconds,
    /// Of a refresh token that is not used (`refresh_idle_days`).
    pub refresh_idle_seconds: Seconds,
    /// Of a family of refresh tokens (`refresh_absolute_days`).
    pub refresh_absolute_seconds: Seconds,
    /// Of a refresh token that was just replaced (E11).
    pub refresh_grace_seconds: Seconds,
    /// For one client from one address (RFC 6749 §2.3.1).
    pub wrong_secrets_per_minute: PerMinute,
}

/// `[sessions]`.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// Without doing anything (`idle_hours`).
    pub idle_seconds: Seconds,
    /// Altogether (`max_hours`).
    pub max_seconds: Seconds,
}

/// `[login]`.
#[derive(Clone, Debug)]
pub struct Login {
    /// Wrong passwords for one account before it waits (s.L5).
    pub free_attempts: u32,
    /// Until all of them are free again, one after the other (s.L8).
    pub forget_seconds: Seconds,
    /// Tries from one address, whatever the account.
    pub per_source_per_minute: PerMinute,
    /// Of a one-time sign-in link.
    pub sign_in_link_seconds: Seconds,
    /// Of one hash, in KiB.
    pub argon2_memory_kib: u32,
    /// Passes.
    pub argon2_iterations: u32,
    /// Lanes.
    pub argon2_parallelism: u32,
    /// Hashes at the same time (s.L13).
    pub argon2_concurrency: usize,
}

/// `[outbound]`.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// May be called although not public.
    pub allow_networks: Vec<IpNet>,
    /// Further certificate authorities: checked PEM text.
    pub ca: Option<CaFile>,
    /// To reach the host.
    pub connect_timeout: Duration,
    /// For the whole call.
    pub total_timeout: Duration,
    /// Of an answer.
    pub body_bytes_max: usize,
    /// Altogether.
    pub concurrency_max: usize,
    /// To one host.
    pub concurrency_per_host_max: usize,
}

/// Further certificate authorities (`ca_file`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaFile {
    /// Where they were read from.
    pub path: PathBuf,
    /// At least one certificate, each readable as DER.
    pub pem: String,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// Not at all.
    None,
    /// It begins in the clear and becomes TLS, or ends (RFC 3207).
    StartTls,
    /// It is TLS from the start (RFC 8314 §3).
    Tls,
}

/// `[mail]` with a host.
#[derive(Clone, Debug)]
pub struct Mail {
    /// A name or an address.
    pub host: String,
    /// Never 0.
    pub port: u16,
    /// How.
    pub tls: MailTls,
    /// Name and password; `None`: no sign-in.
    pub login: Option<(String, Secret)>,
    /// A sound address.
    pub from_address: String,
    /// `None`: the tenant's name.
    pub from_name: Option<String>,
    /// For one mail.
    pub timeout: Duration,
}

/// `[introspection]`.
#[derive(Clone, Debug)]
pub struct Introspection {
    /// GET besides POST.
    pub allow_get: bool,
}

/// `[bootstrap]`.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    /// To sign in with.
    pub admin_email: String,
    /// From `admin_password_file`; `None`: a one-time link is printed.
    pub admin_password: Option<Secret>,
}

//! What does the configuration mean for the parts that know nothing of it?

use std::sync::Arc;

use super::StartError;
use crate::clock::Clock;
use crate::config::{self, Config, DatabaseUrl};
use crate::edge::body::BodyLimit;
use crate::edge::listener::ListenerLimits;
use crate::edge::requests::TrustedProxies;
use crate::limit::{Limits, Quota};
use crate::mail::Mailer;
use crate::oidc::keys::rotation::Lifetimes;
use crate::outbound::{Outbound, OutboundConfig, OutboundLimits, PlainHttp};
use crate::telemetry::Metrics;

fn per_minute(requests: config::PerMinute) -> Option<Quota> {
    requests.map(|requests| Quota::new(requests.get(), 60))
}

/// How much one caller may ask for.
pub fn limits(config: &Config) -> Limits {
    let registration = &config.registration;
    let login = &config.login;
    let per_account = Quota::new(login.free_attempts, u32::try_from(login.forget_seconds).unwrap_or(u32::MAX));
    Limits {
        registration_per_source: per_minute(registration.per_source_per_minute),
        registration_per_token: per_minute(registration.per_source_per_minute),
        registration_total: per_minute(registration.global_per_minute),
        wrong_credentials_per_source: per_minute(registration.wrong_token_per_minute),
        wrong_secrets_per_client: per_minute(config.tokens.wrong_secrets_per_minute),
        revocation_per_source: None,
        sign_in_per_account: Some(per_account),
        sign_in_per_known_browser: Some(per_account),
        sign_in_per_source: per_minute(login.per_source_per_minute),
        ..Limits::default()
    }
}

/// The way out.
pub(super) fn outbound(config: &Config, clock: &Clock, metrics: &Arc<Metrics>) -> Result<Outbound, StartError> {
    let section = &config.outbound;
    // Whoever lists a loopback address means something beside the server, where there is nobody to listen in.
    let lists_loopback = section.allow_networks.iter().any(|network| network.addr().is_loopback());
    let plain_http = if lists_loopback { PlainHttp::Loopback } else { PlainHttp::Refused };
    let settings = OutboundConfig {
        allowed_networks: section.allow_networks.clone(),
        plain_http,
        extra_ca_pem: section.ca.as_ref().map(|file| file.pem.clone().into_bytes()),
    };
    let limits = OutboundLimits {
        connect: section.connect_timeout,
        total: section.total_timeout,
        body_bytes_max: section.body_bytes_max,
        fetches_max: section.concurrency_max,
        fetches_per_host_max: section.concurrency_per_host_max,
        ..OutboundLimits::default()
    };
    Outbound::new(settings, limits, clock.clone(), metrics.clone())
        .map_err(|_| StartError::Certificates("no certificate can be read from it".to_owned()))
}

/// The way to the mail server.
pub(super) fn mailer(config: &Config) -> Option<Mailer> {
    let ca = config.outbound.ca.as_ref().map(|file| file.pem.clone());
    let authority = config.server.issuer.authority();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    config.mail.clone().map(|mail| Mailer::new(mail, host, ca))
}

/// What one connection may cost.
pub fn listener(config: &Config) -> ListenerLimits {
    let server = &config.server;
    let mut limits = ListenerLimits {
        head: server.header_timeout,
        idle: server.idle_timeout,
        write: server.write_timeout,
        stop: server.shutdown,
        head_bytes_max: server.header_bytes_max,
        connections_max: server.connections_max,
        connections_per_source_max: server.connections_per_address_max,
        ..ListenerLimits::default()
    };
    limits.uncounted.extend(server.trusted_proxies.iter().copied());
    limits
}

/// What one body may cost.
pub fn body(config: &Config) -> BodyLimit {
    BodyLimit { bytes_max: config.server.body_bytes_max, deadline: config.server.body_timeout }
}

/// Whose word about a caller's address is taken.
pub fn proxies(config: &Config) -> TrustedProxies {
    TrustedProxies { networks: config.server.trusted_proxies.clone(), ..TrustedProxies::default() }
}

/// How long the parts of a signing key's life take.
pub fn key_lifetimes(config: &Config) -> Lifetimes {
    Lifetimes {
        signs: config.keys.rotation_seconds,
        published_before: config.keys.publish_ahead_seconds,
        published_after: config.keys.retire_overlap_seconds,
    }
}

/// Makes the file of an SQLite database, and its folder, if they are not there. Nobody else may read it: it holds password
/// hashes; the files SQLite puts beside it take over its mode.
///
/// # Errors
/// When the file system refuses.
pub fn make_file(url: &DatabaseUrl) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
    let Some(path) = url.sqlite_path() else { return Ok(()) };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

//! How does the server call out?
//!
//! Only through this client, and only to the public internet unless the configuration names a network (security.md S3).
//! A name is resolved first, every address it has is judged, and the connection goes to exactly those addresses: there is
//! no second look-up that could answer differently. Redirects are not followed, so there is no second host either.

#![allow(clippy::disallowed_methods)] // the home of the client that may call out

mod address;
mod exchange;
mod resolve;
mod send;
mod settings;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use reqwest::{Certificate, Client, ClientBuilder, Response, StatusCode, Url, redirect};
use tokio::sync::{OnceCell, Semaphore};
use url::Host;

use crate::clock::{Clock, Seconds, stopwatch};
use crate::telemetry::{Metrics, Outcome};

pub use exchange::{Answer, Failure, Request, Tls};
pub use resolve::{Lookup, SystemLookup};
pub use settings::{OutboundConfig, OutboundLimits, PlainHttp};

/// A document could not be fetched. There is one text for all reasons, because they would map a network for whoever
/// chooses the address (s.S18); the reason itself is for our log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document at this address could not be fetched")]
pub struct FetchFailed(Reason);

impl FetchFailed {
    /// The reason, for the log of the server and nobody else.
    pub fn reason(self) -> &'static str {
        self.0.as_str()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Address,
    Connection,
    Status,
    ContentType,
    TooLarge,
    TooSlow,
    NotJson,
    Busy,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Address => "the address is not one the server may call",
            Self::Connection => "no connection, or it broke",
            Self::Status => "the status is not 200",
            Self::ContentType => "the content type is not JSON, or the body is packed",
            Self::TooLarge => "the body is too large",
            Self::TooSlow => "the answer took too long",
            Self::NotJson => "the body is not JSON",
            Self::Busy => "too many fetches are under way",
        }
    }
}

/// The certificates of the configuration cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the extra CA file holds no readable PEM certificate")]
pub struct BadCertificates;

/// How fresh a document must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// As fresh as it says itself.
    AsStated,
    /// As new as may be, because what was looked for is not in it (an unknown `kid`). It is fetched again unless the last
    /// fetch is less than [`OutboundLimits::fresh_seconds_min`] ago (s.S16).
    Newest,
}

/// A JSON document that was fetched.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What it says.
    pub json: serde_json::Value,
    /// When it was fetched, in seconds since 1970.
    pub fetched_at: Seconds,
}

/// The one client. Cheap to share behind an `Arc`.
pub struct Outbound {
    config: OutboundConfig,
    limits: OutboundLimits,
    clock: Clock,
    metrics: Arc<Metrics>,
    lookup: Arc<dyn Lookup>,
    certificates: Vec<Certificate>,
    /// Made at the first fetch: reading the system's certificates would slow every start.
    clients: OnceCell<Clients>,
    /// Clients with certificates of their own, by these.
    own_clients: moka::sync::Cache<String, Client>,
    turns: Semaphore,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
    slots: moka::sync::Cache<String, Arc<Slot>>,
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").field("config", &self.config).field("limits", &self.limits).finish_non_exhaustive()
    }
}

struct Clients {
    tls: Client,
    loopback: Client,
}

/// The memory of one address. Whoever holds the lock fetches; all others wait and find the result.
#[derive(Default)]
struct Slot(tokio::sync::Mutex<Option<Remembered>>);

#[derive(Clone)]
struct Remembered {
    outcome: Result<Arc<Document>, FetchFailed>,
    fetched_at: Seconds,
    fresh_until: Seconds,
}

impl Outbound {
    /// A client that resolves names as the system does.
    ///
    /// # Errors
    /// [`BadCertificates`] if the extra certificates cannot be read.
    pub fn new(
        config: OutboundConfig,
        limits: OutboundLimits,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> Result<Self, BadCertificates> {
        Self::with_lookup(config, limits, clock, metrics, Arc::new(SystemLookup::default()))
    }

    /// A client with another way to resolve names. Its addresses are judged all the same.
    ///
    /// # Errors
    /// As [`Outbound::new`].
    pub fn with_lookup(
        config: OutboundConfig,
        limits: OutboundLimits,
        clock: Clock,
        metrics: Arc<Metrics>,
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, BadCertificates> {
        let certificates = match &config.extra_ca_pem {
            None => Vec::new(),
            Some(pem) => Certificate::from_pem_bundle(pem).map_err(|_| BadCertificates)?,
        };
        if config.extra_ca_pem.is_some() && certificates.is_empty() {
            return Err(BadCertificates);
        }
        Ok(Self {
            turns: Semaphore::new(limits.fetches_max),
            slots: moka::sync::Cache::builder()
                .max_capacity(limits.documents_max)
                .time_to_idle(Duration::from_secs(limits.fresh_seconds_max.unsigned_abs()))
                .build(),
            config,
            limits,
            clock,
            metrics,
            lookup,
            certificates,
            clients: OnceCell::new(),
            own_clients: moka::sync::Cache::new(exchange::CLIENTS_MAX),
            hosts: Mutex::default(),
        })
    }

    /// Fetches a JSON document, or remembers it. Many callers for one address make one fetch.
    ///
    /// # Errors
    /// [`FetchFailed`] for an address that may not be called and for everything that can go wrong on the way.
    pub async fn get_json(&self, address: &str, freshness: Freshness) -> Result<Arc<Document>, FetchFailed> {
        let began = stopwatch();
        let url = self.judge(address).inspect_err(|failed| self.note(address, *failed))?;
        let slot = self.slots.get_with_by_ref(url.as_str(), Arc::default);
        let mut remembered = slot.0.lock().await;
        let now = self.clock.now();
        if let Some(known) = remembered.as_ref()
            && known.serves(freshness, now, &self.limits)
        {
            return known.outcome.clone();
        }
        let left = self.limits.total.saturating_sub(began.elapsed());
        let fetched = tokio::time::timeout(left, self.fetch(&url)).await;
        let outcome = fetched.unwrap_or(Err(FetchFailed(Reason::TooSlow)));
        let fresh_seconds = match &outcome {
            Ok((_, seconds)) => (*seconds).clamp(self.limits.fresh_seconds_min, self.limits.fresh_seconds_max),
            Err(_) => self.limits.failure_seconds,
        };
        let outcome = outcome.map(|(json, _)| Arc::new(Document { json, fetched_at: now }));
        let fresh_until = now.saturating_add(fresh_seconds);
        *remembered = Some(Remembered { outcome: outcome.clone(), fetched_at: now, fresh_until });
        drop(remembered);
        match &outcome {
            Ok(_) => self.metrics.outbound(Outcome::Accepted),
            Err(failed) => {
                self.note(address, *failed);
                if failed.0 != Reason::Address {
                    tokio::time::sleep(self.limits.failure.saturating_sub(began.elapsed())).await;
                }
            }
        }
        outcome
    }

    fn note(&self, address: &str, failed: FetchFailed) {
        let outcome = if failed.0 == Reason::Address { Outcome::Refused } else { Outcome::Failed };
        self.metrics.outbound(outcome);
        // The query may hold anything.
        let address = address.split(['?', '#']).next().unwrap_or_default();
        let shown: String = address.chars().take(200).collect();
        tracing::info!(address = shown, reason = failed.reason(), "a fetch failed");
    }

    /// The address, if it may be called as far as can be said before its name is resolved.
    fn judge(&self, address: &str) -> Result<Url, FetchFailed> {
        let refused = FetchFailed(Reason::Address);
        let mut url = Url::parse(address).map_err(|_| refused)?;
        let guard = match url.scheme() {
            "https" => self.tls_guard(),
            "http" if self.config.plain_http == PlainHttp::Loopback => self.loopback_guard(),
            _ => return Err(refused),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused);
        }
        let literal = match url.host() {
            None => return Err(refused),
            Some(Host::Domain(_)) => None,
            Some(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
            Some(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
        };
        // An address in the URL never meets the resolver, so it is judged here.
        if literal.is_some_and(|literal| !guard.admits(literal)) {
            return Err(refused);
        }
        url.set_fragment(None);
        Ok(url)
    }

    fn tls_guard(&self) -> address::Guard {
        address::Guard::public_and(self.config.allowed_networks.clone())
    }

    fn loopback_guard(&self) -> address::Guard {
        address::Guard::loopback_of(self.config.allowed_networks.clone())
    }

    async fn fetch(&self, url: &Url) -> Result<(serde_json::Value, Seconds), FetchFailed> {
        let busy = FetchFailed(Reason::Busy);
        let host = self.host_turns(url.host_str().unwrap_or_default());
        let _host_turn = host.acquire().await.map_err(|_| busy)?;
        let _turn = self.turns.acquire().await.map_err(|_| busy)?;
        let clients = self.clients.get_or_try_init(|| self.clients()).await?;
        let client = if url.scheme() == "https" { &clients.tls } else { &clients.loopback };
        let request = client.get(url.clone()).header(ACCEPT, "application/json");
        let answer = request.send().await.map_err(|error| FetchFailed(resolve::reason(&error)))?;
        if answer.status() != StatusCode::OK {
            return Err(FetchFailed(Reason::Status));
        }
        if !is_plain_json(answer.headers()) {
            return Err(FetchFailed(Reason::ContentType));
        }
        let fresh_seconds = max_age(answer.headers());
        let body = read(answer, self.limits.body_bytes_max).await?;
        let json = serde_json::from_slice(&body).map_err(|_| FetchFailed(Reason::NotJson))?;
        Ok((json, fresh_seconds))
    }

    fn host_turns(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() > 256 {
            hosts.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        let fresh = || Arc::new(Semaphore::new(self.limits.fetches_per_host_max));
        Arc::clone(hosts.entry(host.to_owned()).or_insert_with(fresh))
    }

    /// The clients, made on a thread that may block: the system's certificates are read from disk.
    async fn clients(&self) -> Result<Clients, FetchFailed> {
        let (tls_guard, loopback_guard) = (self.tls_guard(), self.loopback_guard());
        let (limits, certificates) = (self.limits, self.certificates.clone());
        let lookup = Arc::clone(&self.lookup);
        let made = tokio::task::spawn_blocking(move || {
            let base = |guard: &address::Guard| base(limits, Arc::clone(&lookup), guard.clone());
            let tls = || base(&tls_guard).https_only(true);
            // A bare system has no certificates; the extra ones must work there as well.
            let tls = tls().tls_certs_merge(certificates.clone()).build().or_else(|error| {
                tracing::warn!(%error, "the system's certificates are not used");
                tls().tls_certs_only(certificates.clone()).build()
            });
            Ok::<_, reqwest::Error>(Clients { tls: tls?, loopback: base(&loopback_guard).tls_certs_only([]).build()? })
        });
        let made = made.await.map_err(|_| FetchFailed(Reason::Connection))?;
        made.map_err(|error| {
            tracing::error!(%error, "the client for fetches could not be made");
            FetchFailed(Reason::Connection)
        })
    }
}

/// What both clients have in common: no redirects, no proxy from the environment, no cookies, no second look-up.
fn base(limits: OutboundLimits, lookup: Arc<dyn Lookup>, guard: address::Guard) -> ClientBuilder {
    Client::builder()
        .dns_resolver(Arc::new(resolve::Guarded::new(lookup, guard)))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(Duration::from_secs(30))
        .user_agent(concat!("registrar/", env!("CARGO_PKG_VERSION")))
}

impl Remembered {
    fn serves(&self, freshness: Freshness, now: Seconds, limits: &OutboundLimits) -> bool {
        let newest_until = self.fetched_at.saturating_add(limits.fresh_seconds_min);
        now < match freshness {
            Freshness::AsStated => self.fresh_until,
            Freshness::Newest => self.fresh_until.min(newest_until),
        }
    }
}

/// `application/json` or `+json`, as it is: nothing is unpacked.
fn is_plain_json(headers: &HeaderMap) -> bool {
    if headers.contains_key(CONTENT_ENCODING) {
        return false;
    }
    let Some(kind) = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// `max-age` of `Cache-Control` (RFC 9111 §5.2.2.1); 0 if there is none, or the document asks not to be kept.
fn max_age(headers: &HeaderMap) -> Seconds {
    let mut seconds = 0;
    for line in headers.get_all(CACHE_CONTROL) {
        for directive in line.to_str().unwrap_or_default().split(',') {
            let directive = directive.trim().to_ascii_lowercase();
            if directive == "no-store" || directive == "no-cache" {
                return 0;
            }
            if let Some(age) = directive.strip_prefix("max-age=") {
                seconds = age.trim_matches('"').parse().unwrap_or(0);
            }
        }
    }
    seconds
}

async fn read(mut answer: Response, bytes_max: usize) -> Result<Bytes, FetchFailed> {
    let too_large = FetchFailed(Reason::TooLarge);
    if answer.content_length().is_some_and(|length| length > bytes_max as u64) {
        return Err(too_large);
    }
    let mut body = BytesMut::new();
    while let Some(part) = answer.chunk().await.map_err(|error| FetchFailed(resolve::reason(&error)))? {
        if body.len() + part.len() > bytes_max {
            return Err(too_large);
        }
        body.extend_from_slice(&part);
    }
    Ok(body.freeze())
}

#[cfg(test)]
mod tests;

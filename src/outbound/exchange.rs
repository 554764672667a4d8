//! How is a whole request made, by any method, to somebody an admin chose?
//!
//! The same rules hold as for a fetch: the address is judged, its name is resolved once, no redirect is followed, nothing
//! of the environment sends it elsewhere, and the body of the answer is bounded. Nothing is remembered. Why it failed is
//! told, because whoever chose the address administers this server (unlike s.S18).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, Method, StatusCode};
use reqwest::{Certificate, Client, Identity, Url};
use zeroize::Zeroizing;

use super::{Clients, FetchFailed, Outbound, Reason, address, base, read, resolve};
use crate::clock::stopwatch;
use crate::secret;
use crate::telemetry::Outcome;

/// A request.
pub struct Request {
    /// By which method.
    pub method: Method,
    /// To which address.
    pub address: String,
    /// With these headers.
    pub headers: HeaderMap,
    /// With this body; empty: none.
    pub body: Bytes,
}

/// An answer, whatever its status.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// Headers and bodies hold credentials.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("method", &self.method).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The address, or one its name has, may not be called.
    #[error("the address is not one this server may call")]
    Address,
    /// There was no connection: nobody listens, or nobody who is believed.
    #[error("no connection could be made")]
    NoConnection,
    /// The connection broke, or what came was no HTTP.
    #[error("the connection broke before there was an answer")]
    Broken,
    /// It took too long.
    #[error("the answer took too long")]
    TooSlow,
    /// The body is larger than is read.
    #[error("the answer is too large")]
    TooLarge,
    /// The body is packed, though nobody asked for that.
    #[error("the answer is packed")]
    Packed,
    /// Too many requests are under way: it was never sent.
    #[error("too many requests are under way")]
    Busy,
    /// The certificates or the key for this address cannot be used.
    #[error("the certificates or the key cannot be used")]
    Certificates,
}

impl Failure {
    /// Whether the request may have arrived: what it asked for may have been done.
    pub fn may_have_arrived(self) -> bool {
        matches!(self, Self::Broken | Self::TooSlow | Self::TooLarge | Self::Packed)
    }
}

impl From<FetchFailed> for Failure {
    fn from(failed: FetchFailed) -> Self {
        match failed.0 {
            Reason::Address => Self::Address,
            Reason::TooLarge => Self::TooLarge,
            Reason::TooSlow => Self::TooSlow,
            Reason::Busy => Self::Busy,
            Reason::Connection | Reason::Status | Reason::ContentType | Reason::NotJson => Self::Broken,
        }
    }
}

/// Whom a request believes, and who it is from, on the level of TLS.
#[derive(Clone, Default)]
pub struct Tls {
    /// Certificates (PEM, any number) that are trusted instead of the system's.
    pub trust: Option<String>,
    /// A certificate with its chain and its private key (PEM).
    pub identity: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (trust, identity) = (self.trust.is_some(), self.identity.is_some());
        f.debug_struct("Tls").field("trust", &trust).field("identity", &identity).finish()
    }
}

impl Tls {
    /// Whether there is nothing of its own.
    pub fn is_usual(&self) -> bool {
        self.trust.is_none() && self.identity.is_none()
    }

    /// Whether certificates and key can be read.
    ///
    /// # Errors
    /// [`Failure::Certificates`].
    pub fn check(&self) -> Result<(), Failure> {
        self.parts().map(drop)
    }

    fn parts(&self) -> Result<(Vec<Certificate>, Option<Identity>), Failure> {
        let trusted = match &self.trust {
            None => Vec::new(),
            Some(pem) => Certificate::from_pem_bundle(pem.as_bytes()).map_err(|_| Failure::Certificates)?,
        };
        if self.trust.is_some() && trusted.is_empty() {
            return Err(Failure::Certificates);
        }
        let identity = self.identity.as_ref().map(|pem| Identity::from_pem(pem.as_bytes())).transpose();
        Ok((trusted, identity.map_err(|_| Failure::Certificates)?))
    }

    /// The same for the same certificates.
    fn key(&self) -> String {
        let identity = self.identity.as_ref().map(|pem| pem.as_str());
        secret::hash(format!("{:?}/{identity:?}", self.trust).as_bytes()).into()
    }
}

/// How many clients with certificates of their own are kept.
pub(super) const CLIENTS_MAX: u64 = 32;

impl Outbound {
    /// Makes a request and returns its answer, whatever its status; a redirect is an answer too. The whole takes no
    /// longer than `within`, and never longer than [`super::OutboundLimits::total`].
    ///
    /// # Errors
    /// [`Failure`], when there is no answer; it says whether the request may have arrived.
    pub async fn exchange(&self, request: Request, tls: &Tls, within: Duration) -> Result<Answer, Failure> {
        let began = stopwatch();
        let shown = request.address.clone();
        let outcome = match self.judge(&request.address) {
            Err(failed) => Err(Failure::from(failed)),
            Ok(url) => self.exchanged(url, request, tls, within.min(self.limits.total)).await,
        };
        match &outcome {
            Ok(_) => self.metrics.outbound(Outcome::Accepted),
            Err(failure) => {
                let refused = *failure == Failure::Address;
                self.metrics.outbound(if refused { Outcome::Refused } else { Outcome::Failed });
                let address: String = shown.split(['?', '#']).next().unwrap_or_default().chars().take(200).collect();
                let took = began.elapsed().as_millis();
                tracing::info!(address, reason = %failure, took, "a request failed");
            }
        }
        outcome
    }

    async fn exchanged(&self, url: Url, request: Request, tls: &Tls, within: Duration) -> Result<Answer, Failure> {
        let began = stopwatch();
        let turns = async {
            let host = self.host_turns(url.host_str().unwrap_or_default());
            let host_turn = host.acquire_owned().await.map_err(|_| Failure::Busy)?;
            let turn = self.turns.acquire().await.map_err(|_| Failure::Busy)?;
            Ok::<_, Failure>((host_turn, turn, self.client_for(&url, tls).await?))
        };
        // Whoever waits for a turn in vain has sent nothing.
        let (_host_turn, _turn, client) = tokio::time::timeout(within, turns).await.map_err(|_| Failure::Busy)??;
        let sent = async {
            let Request { method, headers, body, .. } = request;
            let mut request = client.request(method, url).headers(headers);
            if !body.is_empty() {
                request = request.body(body);
            }
            let answer = request.send().await.map_err(|error| failure(&error))?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            // Nothing is unpacked, however small it looks (s.N6).
            if headers.contains_key(CONTENT_ENCODING) {
                return Err(Failure::Packed);
            }
            let body = read(answer, self.limits.body_bytes_max).await?;
            Ok(Answer { status, headers, body })
        };
        let left = within.saturating_sub(began.elapsed());
        tokio::time::timeout(left, sent).await.unwrap_or(Err(Failure::TooSlow))
    }

    async fn client_for(&self, url: &Url, tls: &Tls) -> Result<Client, Failure> {
        let Clients { tls: usual, loopback } = self.clients.get_or_try_init(|| self.clients()).await?;
        if url.scheme() != "https" {
            return Ok(loopback.clone());
        }
        if tls.is_usual() {
            return Ok(usual.clone());
        }
        let key = tls.key();
        if let Some(known) = self.own_clients.get(&key) {
            return Ok(known);
        }
        let made = self.client_with(tls).await?;
        self.own_clients.insert(key, made.clone());
        Ok(made)
    }

    /// A client for certificates of its own, made on a thread that may block. There is no way to believe anybody.
    async fn client_with(&self, tls: &Tls) -> Result<Client, Failure> {
        let (trusted, identity) = tls.parts()?;
        let (limits, guard): (_, address::Guard) = (self.limits, self.tls_guard());
        let (lookup, extra) = (Arc::clone(&self.lookup), self.certificates.clone());
        let made = tokio::task::spawn_blocking(move || {
            let mut client = base(limits, lookup, guard).https_only(true);
            client = match trusted.is_empty() {
                true => client.tls_certs_merge(extra),
                false => client.tls_certs_only(trusted),
            };
            if let Some(identity) = identity {
                client = client.identity(identity);
            }
            client.build()
        });
        made.await.map_err(|_| Failure::Certificates)?.map_err(|_| Failure::Certificates)
    }
}

/// Why a request had no answer.
fn failure(error: &reqwest::Error) -> Failure {
    match resolve::reason(error) {
        Reason::Address => Failure::Address,
        // Connecting has a time limit of its own.
        _ if error.is_connect() => Failure::NoConnection,
        Reason::TooSlow => Failure::TooSlow,
        _ => Failure::Broken,
    }
}

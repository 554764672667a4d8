//! Which addresses does a name have, and may they all be called?

use std::error::Error as StdError;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;

use super::Reason;
use super::address::Guard;

/// The addresses of a name, in the order to try them.
pub type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Resolves names.
pub trait Lookup: Send + Sync {
    /// All addresses of `name`.
    fn lookup(&self, name: &str) -> Found;
}

/// As the system does, on a thread of its own.
#[derive(Clone, Debug)]
pub struct SystemLookup {
    turns: Arc<Semaphore>,
}

/// How many look-ups run at a time. The system's cannot be called off: whoever gives up leaves its thread waiting.
const LOOKUPS_MAX: usize = 16;

impl Default for SystemLookup {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(LOOKUPS_MAX)) }
    }
}

impl Lookup for SystemLookup {
    fn lookup(&self, name: &str) -> Found {
        let (name, turns) = (name.to_owned(), Arc::clone(&self.turns));
        Box::pin(async move {
            let turn = turns.acquire_owned().await.map_err(io::Error::other)?;
            let looked_up = tokio::task::spawn_blocking(move || {
                let found = (name.as_str(), 0).to_socket_addrs();
                drop(turn);
                found
            });
            Ok(looked_up.await.map_err(io::Error::other)??.map(|address| address.ip()).collect())
        })
    }
}

/// A name whose addresses may not be called, or that has none.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the name has no address that may be called")]
pub struct Refused;

/// Hands on only what the guard admits. The connection goes to these addresses and to no others (s.S6).
pub struct Guarded {
    lookup: Arc<dyn Lookup>,
    guard: Arc<Guard>,
}

impl Guarded {
    /// Judges what `lookup` finds by `guard`.
    pub fn new(lookup: Arc<dyn Lookup>, guard: Guard) -> Self {
        Self { lookup, guard: Arc::new(guard) }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.lookup.lookup(name.as_str());
        let guard = Arc::clone(&self.guard);
        Box::pin(async move {
            let found = found.await.map_err(|_| Refused)?;
            // One address inside is reason enough: a name that points both ways is not an honest one.
            if found.is_empty() || !found.iter().all(|address| guard.admits(*address)) {
                return Err(Refused.into());
            }
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// Why a request failed.
pub fn reason(error: &reqwest::Error) -> Reason {
    if error.is_timeout() {
        return Reason::TooSlow;
    }
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<Refused>() {
            return Reason::Address;
        }
        cause = error.source();
    }
    Reason::Connection
}

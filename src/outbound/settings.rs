//! Where may the server call, and what may it cost?

use std::time::Duration;

use ipnet::IpNet;

use crate::clock::Seconds;

/// Whether documents may be fetched without TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// Never.
    #[default]
    Refused,
    /// From this machine's loopback addresses, if the allowed networks hold them as well.
    Loopback,
}

/// Where the server may call, and whom it believes there.
#[derive(Clone, Debug, Default)]
pub struct OutboundConfig {
    /// Special-use networks that may be called all the same.
    pub allowed_networks: Vec<IpNet>,
    /// Whether `http` is taken.
    pub plain_http: PlainHttp,
    /// Certificates (PEM, any number) that are trusted besides the system's.
    pub extra_ca_pem: Option<Vec<u8>>,
}

/// What one fetch, and all of them, may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboundLimits {
    /// Longest time to connect, TLS included.
    pub connect: Duration,
    /// Longest time for a fetch, waiting for its turn included.
    pub total: Duration,
    /// A fetch that failed after connecting was tried is answered no earlier than this, so that its time says nothing
    /// about what listens there (s.S18).
    pub failure: Duration,
    /// Most bytes of a document.
    pub body_bytes_max: usize,
    /// Most fetches at a time.
    pub fetches_max: usize,
    /// Most fetches at a time from one host.
    pub fetches_per_host_max: usize,
    /// Most documents remembered.
    pub documents_max: u64,
    /// Seconds a document is not fetched again, whatever it says about itself.
    pub fresh_seconds_min: Seconds,
    /// Seconds after which it is, whatever it says about itself.
    pub fresh_seconds_max: Seconds,
    /// Seconds a failure is not tried again.
    pub failure_seconds: Seconds,
}

impl Default for OutboundLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            total: Duration::from_secs(5),
            failure: Duration::from_secs(5),
            body_bytes_max: 64 * 1024,
            fetches_max: 32,
            fetches_per_host_max: 2,
            // A parsed document may take forty times its bytes.
            documents_max: 100,
            fresh_seconds_min: 60,
            fresh_seconds_max: 3600,
            failure_seconds: 10,
        }
    }
}

//! Which numbers does the server count?

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::clock::Seconds;

/// Upper bounds of the latency histogram, in seconds.
const SECONDS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
/// How many policies are counted by name; further ones are counted as `other`.
const POLICIES_MAX: usize = 50;
const SUCCEEDED: &str = "succeeded";
const FAILED: &str = "failed";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteStatus {
    route: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteName {
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Registration {
    policy: String,
    outcome: &'static str,
    rule: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Grant {
    grant: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Fetch {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Delivery {
    channel: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Channel {
    channel: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobName {
    job: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobRun {
    job: &'static str,
    outcome: &'static str,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As wished.
    Accepted,
    /// The caller was told what is wrong.
    Refused,
    /// Too many requests.
    Limited,
    /// Our own fault.
    Failed,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Limited => "limited",
            Self::Failed => "failed",
        }
    }
}

/// How a try to deliver a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// It is there.
    Sent,
    /// It is tried again.
    Delayed,
    /// It is given up.
    Failed,
}

impl Sending {
    fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delayed => "delayed",
            Self::Failed => FAILED,
        }
    }
}

/// Why a client was answered `invalid_client`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidClient {
    /// There is none with this identifier.
    Unknown,
    /// There was one; it was removed because nobody used it.
    Reaped,
    /// The secret, or the way it was shown, is wrong.
    Secret,
}

impl InvalidClient {
    fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Reaped => "reaped",
            Self::Secret => "secret",
        }
    }
}

type Histograms = Family<RouteName, Histogram, fn() -> Histogram>;

/// The numbers of one process. No label holds a client, a user or an address, so their number is bounded.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    http_requests: Family<RouteStatus, Counter>,
    http_seconds: Histograms,
    registrations: Family<Registration, Counter>,
    policies: Mutex<HashSet<String>>,
    tokens: Family<Grant, Counter>,
    invalid_clients: Family<Reason, Counter>,
    refresh_reuse: Counter,
    panics: Counter,
    fetches: Family<Fetch, Counter>,
    job_runs: Family<JobRun, Counter>,
    job_success: Family<JobName, Gauge>,
    clients_reaped: Family<Reason, Counter>,
    deliveries: Family<Delivery, Counter>,
    deliveries_waiting: Family<Channel, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero. Names are written with `_total` where they count.
    pub fn new() -> Self {
        let mut registry = Registry::default();
        let http_requests = Family::default();
        let http_seconds: Histograms = Family::new_with_constructor(|| Histogram::new(SECONDS));
        let (registrations, tokens, invalid_clients) = (Family::default(), Family::default(), Family::default());
        let (refresh_reuse, panics, fetches) = (Counter::default(), Counter::default(), Family::default());
        let (job_runs, job_success, clients_reaped) = (Family::default(), Family::default(), Family::default());
        let (deliveries, deliveries_waiting) = (Family::default(), Family::default());
        registry.register("http_requests", "Answers by route and status class", http_requests.clone());
        registry.register("http_request_duration_seconds", "Time to answer", http_seconds.clone());
        registry.register("dcr_requests", "Client registrations", registrations.clone());
        registry.register("token_requests", "Token requests", tokens.clone());
        registry.register("invalid_client", "Clients that failed to authenticate", invalid_clients.clone());
        registry.register("refresh_reuse", "Refresh tokens shown again after their rotation", refresh_reuse.clone());
        registry.register("panics", "Handlers that panicked", panics.clone());
        registry.register("outbound_requests", "Fetches by the server", fetches.clone());
        registry.register("job_runs", "Runs of jobs on this replica", job_runs.clone());
        registry.register(
            "job_last_success_timestamp_seconds",
            "When a job last ended well on this replica",
            job_success.clone(),
        );
        registry.register("clients_reaped", "Clients that ended by themselves", clients_reaped.clone());
        registry.register("deliveries", "Tries to deliver a message", deliveries.clone());
        registry.register("deliveries_waiting", "Messages of all replicas that wait", deliveries_waiting.clone());
        Self {
            registry,
            http_requests,
            http_seconds,
            registrations,
            policies: Mutex::default(),
            tokens,
            invalid_clients,
            refresh_reuse,
            panics,
            fetches,
            job_runs,
            job_success,
            clients_reaped,
            deliveries,
            deliveries_waiting,
        }
    }

    /// The counters of one route, found once so that a request only adds.
    pub fn route(&self, route: &'static str) -> RouteMetrics {
        let by_class = ["1xx", "2xx", "3xx", "4xx", "5xx"]
            .map(|status| self.http_requests.get_or_create_owned(&RouteStatus { route, status }));
        RouteMetrics { by_class, seconds: self.http_seconds.get_or_create_owned(&RouteName { route }) }
    }

    /// Counts a registration request: the policy that decided, how it ended, and the first rule it broke, or `""`.
    pub fn registration(&self, policy: &str, outcome: Outcome, rule: &'static str) {
        let policy = self.bounded(policy);
        self.registrations.get_or_create(&Registration { policy, outcome: outcome.as_str(), rule }).inc();
    }

    /// Counts a token request. `grant` is a known grant type, or `unknown`.
    pub fn token(&self, grant: &'static str, outcome: Outcome) {
        self.tokens.get_or_create(&Grant { grant, outcome: outcome.as_str() }).inc();
    }

    /// Counts a client that failed to authenticate.
    pub fn invalid_client(&self, reason: InvalidClient) {
        self.invalid_clients.get_or_create(&Reason { reason: reason.as_str() }).inc();
    }

    /// Counts a rotated refresh token that was shown again.
    pub fn refresh_reuse(&self) {
        self.refresh_reuse.inc();
    }

    /// Counts a panic.
    pub fn panic(&self) {
        self.panics.inc();
    }

    /// Counts a fetch of ours.
    pub fn outbound(&self, outcome: Outcome) {
        self.fetches.get_or_create(&Fetch { outcome: outcome.as_str() }).inc();
    }

    /// Lists a job, which has not run yet.
    pub fn job(&self, job: &'static str) {
        for outcome in [SUCCEEDED, FAILED] {
            // What exists is shown, at zero.
            drop(self.job_runs.get_or_create(&JobRun { job, outcome }));
        }
    }

    /// Counts a run of a job that ended well at `now` (seconds since 1970).
    pub fn job_succeeded(&self, job: &'static str, now: Seconds) {
        self.job_runs.get_or_create(&JobRun { job, outcome: SUCCEEDED }).inc();
        self.job_success.get_or_create(&JobName { job }).set(now);
    }

    /// Counts a run of a job that failed.
    pub fn job_failed(&self, job: &'static str) {
        self.job_runs.get_or_create(&JobRun { job, outcome: FAILED }).inc();
    }

    /// Counts clients that ended for `reason`.
    pub fn clients_reaped(&self, reason: &'static str, clients: u64) {
        self.clients_reaped.get_or_create(&Reason { reason }).inc_by(clients);
    }

    /// Counts a try to deliver a message by `channel`.
    pub fn delivery(&self, channel: &'static str, outcome: Sending) {
        self.deliveries.get_or_create(&Delivery { channel, outcome: outcome.as_str() }).inc();
    }

    /// Notes how many messages wait, of all replicas.
    pub fn deliveries_waiting(&self, channel: &'static str, waiting: i64) {
        self.deliveries_waiting.get_or_create(&Channel { channel }).set(waiting);
    }

    /// Everything, as `/metrics` answers it (OpenMetrics text, `application/openmetrics-text; version=1.0.0`).
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing into a string cannot fail.
        let _ = text::encode(&mut out, &self.registry);
        out
    }

    fn bounded(&self, policy: &str) -> String {
        let mut known = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.contains(policy) {
            if known.len() >= POLICIES_MAX {
                return "other".to_owned();
            }
            known.insert(policy.to_owned());
        }
        policy.to_owned()
    }
}

/// The numbers of one route.
#[derive(Clone, Debug)]
pub struct RouteMetrics {
    by_class: [Counter; 5],
    seconds: Histogram,
}

impl RouteMetrics {
    /// Counts one answer.
    pub fn count(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        self.by_class[class].inc();
        self.seconds.observe(took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_spelled_for_prometheus() {
        let metrics = Metrics::new();
        metrics.route("/token").count(200, Duration::from_millis(3));
        metrics.registration("open", Outcome::Refused, "R9");
        metrics.token("authorization_code", Outcome::Accepted);
        metrics.invalid_client(InvalidClient::Unknown);
        metrics.refresh_reuse();
        metrics.panic();
        metrics.outbound(Outcome::Failed);
        metrics.job("expire");
        metrics.job_succeeded("expire", 1_800_000_000);
        metrics.clients_reaped("unused", 3);
        metrics.delivery("mail", Sending::Sent);
        metrics.deliveries_waiting("webhook", 2);
        let text = metrics.text();
        for line in [
            "http_requests_total{route=\"/token\",status=\"2xx\"} 1",
            "http_request_duration_seconds_bucket{le=\"0.005\",route=\"/token\"} 1",
            "dcr_requests_total{policy=\"open\",outcome=\"refused\",rule=\"R9\"} 1",
            "token_requests_total{grant=\"authorization_code\",outcome=\"accepted\"} 1",
            "invalid_client_total{reason=\"unknown\"} 1",
            "refresh_reuse_total 1",
            "panics_total 1",
            "outbound_requests_total{outcome=\"failed\"} 1",
            "job_runs_total{job=\"expire\",outcome=\"succeeded\"} 1",
            "job_runs_total{job=\"expire\",outcome=\"failed\"} 0",
            "job_last_success_timestamp_seconds{job=\"expire\"} 1800000000",
            "clients_reaped_total{reason=\"unused\"} 3",
            "deliveries_total{channel=\"mail\",outcome=\"sent\"} 1",
            "deliveries_waiting{channel=\"webhook\"} 2",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn policies_beyond_a_bound_share_one_label() {
        let metrics = Metrics::new();
        for number in 0..POLICIES_MAX + 10 {
            metrics.registration(&format!("p{number}"), Outcome::Accepted, "");
        }
        let text = metrics.text();
        assert!(text.contains("dcr_requests_total{policy=\"other\",outcome=\"accepted\",rule=\"\"} 10"), "{text}");
    }
}

//! What does the server tell its operator? Lines of log, and numbers.

mod log;
mod metrics;

use std::time::Duration;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::clock::Clock;

pub use log::Format;
pub use metrics::{InvalidClient, Metrics, Outcome, RouteMetrics, Sending};

/// The target of the line each request leaves; switch it with a filter such as `info,registrar::request=off`.
pub const REQUEST_TARGET: &str = "registrar::request";

/// How lines of log look and which are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// For people or for machines; `None` looks whether a person is watching.
    pub format: Option<Format>,
    /// A level, or a list of `target=level` as tracing-subscriber reads it.
    pub filter: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: None, filter: "info".to_owned() }
    }
}

/// The log cannot be set up as configured.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is not one.
    #[error("log filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// It was set up before.
    #[error("the log is set up already")]
    Twice,
}

/// Writes what is still held back when it is dropped: keep it until the process ends.
#[derive(Debug)]
#[must_use]
pub struct Flush(());

impl Drop for Flush {
    fn drop(&mut self) {
        log::flush();
    }
}

/// Sets up the log, on standard error, for the whole process. Libraries are heard up to `info` only: below that they
/// write down headers and bodies, and with them secrets (s.Z1).
///
/// # Errors
/// [`LogError`] for a filter that cannot be read, and for a second call.
pub fn init(settings: &LogSettings) -> Result<Flush, LogError> {
    let filter: EnvFilter = settings.filter.parse()?;
    let sink = log::open(settings.format).ok_or(LogError::Twice)?;
    let lines = log::Lines::new(sink, Clock::system()).with_filter(tracing_subscriber::filter::filter_fn(|metadata| {
        metadata.target().starts_with("registrar") || *metadata.level() <= tracing::Level::INFO
    }));
    tracing_subscriber::registry().with(filter).with(lines).try_init().map_err(|_| LogError::Twice)?;
    std::panic::set_hook(Box::new(|panic| {
        // The message is left out: it may quote a value, and so a secret (s.Z6). The place is enough to find the defect.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
        log::flush();
    }));
    Ok(Flush(()))
}

/// What one request leaves in the log. Never its query, its headers or its body.
#[derive(Clone, Copy, Debug)]
pub struct RequestLine<'a> {
    /// Its name.
    pub request_id: &'a str,
    /// The trace it belongs to (W3C Trace Context).
    pub trace_id: Option<&'a str>,
    /// The template of its route.
    pub route: &'static str,
    /// Its method.
    pub method: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// From the last byte of its head to the first of the answer.
    pub took: Duration,
    /// The client that asked, once known.
    pub client_id: Option<&'a str>,
}

/// Whether requests leave lines in the log.
pub fn logs_requests() -> bool {
    tracing::enabled!(target: REQUEST_TARGET, tracing::Level::INFO)
}

/// Writes the line of one request. It goes past the machinery of `tracing`, which costs more than most requests do.
pub fn log_request(line: &RequestLine<'_>) {
    log::write_request(line);
}

/// An error with what lies behind it, for the log.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

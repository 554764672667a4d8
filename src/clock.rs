//! What time is it? The only place that reads the system clock.

#![allow(clippy::disallowed_methods)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970-01-01T00:00:00Z.
pub type Seconds = i64;

/// Tells the time: the system's, or one a test has set.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    fixed: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self { fixed: None }
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    pub fn fixed(now: Seconds) -> Self {
        Self { fixed: Some(Arc::new(AtomicI64::new(now))) }
    }

    /// Seconds since 1970.
    pub fn now(&self) -> Seconds {
        self.now_millis() / 1000
    }

    /// Milliseconds since 1970.
    pub fn now_millis(&self) -> i64 {
        match &self.fixed {
            Some(fixed) => fixed.load(Ordering::Relaxed) * 1000,
            None => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            }
        }
    }

    /// Moves a fixed clock by `seconds`; the system's clock stays as it is.
    pub fn advance(&self, seconds: Seconds) {
        if let Some(fixed) = &self.fixed {
            fixed.fetch_add(seconds, Ordering::Relaxed);
        }
    }
}

/// A point from which durations are measured; never decreases.
pub fn stopwatch() -> std::time::Instant {
    std::time::Instant::now()
}

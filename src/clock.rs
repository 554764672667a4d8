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

/// A moment as RFC 3339 writes it, in UTC: `2026-11-20T22:04:00Z`.
pub fn rfc3339(moment: Seconds) -> String {
    let (days, second) = (moment.div_euclid(86_400), moment.rem_euclid(86_400));
    let (year, month, day) = date(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Year, month and day of the Gregorian calendar, from days since 1970. Years begin in March here, so that the leap day is
/// the last of its year.
pub fn date(days: i64) -> (i64, i64, i64) {
    let since_year_0 = days + 719_468;
    let (era, day) = (since_year_0.div_euclid(146_097), since_year_0.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_the_internet_writes_it() {
        // C5, N26
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(rfc3339(1_795_212_240), "2026-11-20T22:04:00Z");
    }
}

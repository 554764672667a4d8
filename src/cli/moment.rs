//! How is a moment shown to people? `2026-11-21 08:30:00 UTC`; in JSON moments stay seconds since 1970.

use crate::clock::{Seconds, date};

/// A moment for a table's cell; nothing for `None`.
pub fn cell(moment: Option<Seconds>) -> String {
    moment.map(text).unwrap_or_default()
}

/// A moment, in UTC.
pub fn text(moment: Seconds) -> String {
    let (days, second) = (moment.div_euclid(86_400), moment.rem_euclid(86_400));
    let (year, month, day) = date(days);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_utc() {
        assert_eq!(text(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(text(951_827_696), "2000-02-29 12:34:56 UTC");
        assert_eq!(text(1_795_212_240), "2026-11-20 22:04:00 UTC");
        assert_eq!(text(4_107_542_399), "2100-02-28 23:59:59 UTC");
        assert_eq!(cell(None), "");
    }
}

//! How is a moment shown to people? `2026-11-21 08:30:00 UTC`; in JSON moments stay seconds since 1970.

use crate::clock::Seconds;

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

/// Year, month and day of the Gregorian calendar, from days since 1970. Years begin in March here, so that the leap day is
/// the last of its year.
fn date(days: i64) -> (i64, i64, i64) {
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
    fn a_moment_is_shown_in_utc() {
        assert_eq!(text(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(text(951_827_696), "2000-02-29 12:34:56 UTC");
        assert_eq!(text(1_795_212_240), "2026-11-20 22:04:00 UTC");
        assert_eq!(text(4_107_542_399), "2100-02-28 23:59:59 UTC");
        assert_eq!(cell(None), "");
    }
}

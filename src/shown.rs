//! How is a value shown that somebody else chose?

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// Characters of a name that are shown.
const NAME_CHARACTERS: usize = 100;
/// Characters of any other value that are shown.
const TEXT_CHARACTERS: usize = 600;

/// A value from outside, cleaned for people's eyes: one line without control, bidirectional and invisible characters,
/// not longer than a page can bear.
///
/// Inside a template it is escaped and stands in a `<bdi>`; [`Shown::plain`] is for attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    /// A name somebody gave: at most 100 characters are shown.
    pub fn name(name: &str) -> Self {
        Self(clean(name, NAME_CHARACTERS))
    }

    /// Any other value: at most 600 characters are shown.
    pub fn text(text: &str) -> Self {
        Self(clean(text, TEXT_CHARACTERS))
    }

    /// The cleaned value, not escaped.
    pub fn plain(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The letter or digit that stands for a logo, which is never fetched from elsewhere (P-10).
    pub fn initial(&self) -> String {
        self.0.chars().find(|c| c.is_alphanumeric()).map_or_else(|| "?".to_owned(), |c| c.to_uppercase().collect())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<bdi>")?;
        write_html(&self.0, f)?;
        f.write_str("</bdi>")
    }
}

impl askama::filters::HtmlSafe for Shown {}

/// Where an answer goes, in terms a person can check. Made from a redirect URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A host on the network: its A-label form (RFC 5890 §2.3.2.1), with the port if it is not the scheme's own.
    Host(Shown),
    /// An application on the person's own computer (RFC 8252 §7.3): host and port.
    Loopback(Shown),
    /// An application that claimed a URI scheme (RFC 8252 §7.1): the scheme with its colon.
    Scheme(Shown),
}

impl Destination {
    /// Where `redirect_uri` leads; none if it is not a URI.
    pub fn of(redirect_uri: &str) -> Option<Self> {
        let url = Url::parse(redirect_uri).ok()?;
        let host = match (url.scheme(), url.host()) {
            ("http" | "https", Some(host)) => host,
            _ => return Some(Self::Scheme(Shown::text(&format!("{}:", url.scheme())))),
        };
        let shown = match url.port() {
            Some(port) => Shown::text(&format!("{host}:{port}")),
            None => Shown::text(&host.to_string()),
        };
        Some(if is_loopback(&host) { Self::Loopback(shown) } else { Self::Host(shown) })
    }

    /// The host, with its port, or the scheme.
    pub fn address(&self) -> &Shown {
        match self {
            Self::Host(address) | Self::Loopback(address) | Self::Scheme(address) => address,
        }
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).to_canonical().is_loopback(),
    }
}

/// An address a person may follow: `http` or `https` only, whatever was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebLink {
    href: String,
    host: Shown,
}

impl WebLink {
    /// A link to `address`; none if it is anything but an `http` or `https` URL.
    pub fn to(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let host = Shown::text(url.host_str()?);
        Some(Self { href: url.into(), host })
    }

    /// The address itself.
    pub fn href(&self) -> &str {
        &self.href
    }

    /// The host it leads to, in A-label form.
    pub fn host(&self) -> &Shown {
        &self.host
    }
}

/// Writes `text` as HTML. What stands between U+2068 and U+2069 becomes a `<bdi>`: cleaned values hold neither.
///
/// # Errors
/// When `f` cannot be written to.
pub fn write_html(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let special = |c: char| matches!(c, '&' | '<' | '>' | '"' | '\'' | '\u{2068}' | '\u{2069}');
    let mut rest = text;
    while let Some(at) = rest.find(special) {
        f.write_str(&rest[..at])?;
        let mut characters = rest[at..].chars();
        f.write_str(match characters.next() {
            Some('&') => "&#38;",
            Some('<') => "&#60;",
            Some('>') => "&#62;",
            Some('"') => "&#34;",
            Some('\'') => "&#39;",
            Some('\u{2068}') => "<bdi>",
            _ => "</bdi>",
        })?;
        rest = characters.as_str();
    }
    f.write_str(rest)
}

/// Year, month and day, in UTC, of a moment in seconds since 1970. Years have 365.2425 days (proleptic Gregorian).
pub fn civil_day(at: i64) -> (i64, u32, u32) {
    // Counted from 0000-03-01, so that the leap day is the last day of its year.
    let days = at.div_euclid(86_400).saturating_add(719_468);
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1))
}

fn clean(text: &str, characters_max: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let mut visible = word.chars().filter(|c| !is_invisible(*c)).peekable();
        if visible.peek().is_none() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
            count += 1;
        }
        for c in visible {
            if count >= characters_max {
                out.push('…');
                return out;
            }
            out.push(c);
            count += 1;
        }
    }
    out
}

/// The format characters (general category Cf), and the fillers and selectors that look like nothing.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
        | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_name_loses_what_cannot_be_seen_or_turns_the_line_round() {
        // s.R31
        let cases = [
            ("Acme Mail", "Acme Mail"),
            ("  Acme\n\tMail\u{0} ", "Acme Mail"),
            ("evil\u{202e}liam", "evilliam"),
            ("Goo\u{200b}gle\u{feff}", "Google"),
            ("\u{2066}a\u{2069}\u{2068}", "a"),
            ("\u{e0041}\u{3164}", ""),
            ("日本 Ünïcode", "日本 Ünïcode"),
        ];
        for (given, shown) in cases {
            assert_eq!(Shown::name(given).plain(), shown);
        }
        assert_eq!(Shown::name(&"x".repeat(5000)).plain(), format!("{}…", "x".repeat(100)));
        assert_eq!(Shown::name(&"x".repeat(100)).plain(), "x".repeat(100));
    }

    #[test]
    fn markup_is_escaped_and_isolated() {
        // s.R33
        let shown = Shown::name(r#""><img onerror='x'>&"#).to_string();
        assert_eq!(shown, "<bdi>&#34;&#62;&#60;img onerror=&#39;x&#39;&#62;&#38;</bdi>");
    }

    #[test]
    fn a_logo_is_the_first_letter_or_digit() {
        let initial = |name| Shown::name(name).initial();
        assert_eq!(["acme", "<<9", "ß", "…", ""].map(initial), ["A", "9", "SS", "?", "?"]);
    }

    #[test]
    fn a_destination_says_host_own_computer_or_scheme() {
        // s.R32, s.R34
        let host = |text| Some(Destination::Host(Shown::text(text)));
        let loopback = |text| Some(Destination::Loopback(Shown::text(text)));
        let scheme = |text| Some(Destination::Scheme(Shown::text(text)));
        let cases = [
            ("https://mail.acme.example/cb?x=1", host("mail.acme.example")),
            ("https://xn--80ak6aa92e.com/cb", host("xn--80ak6aa92e.com")),
            ("https://аррӏе.com/cb", host("xn--80ak6aa92e.com")),
            ("https://good.example@evil.example:8443/", host("evil.example:8443")),
            ("http://127.0.0.1:8976/callback", loopback("127.0.0.1:8976")),
            ("http://localhost/callback", loopback("localhost")),
            ("http://[::1]:3000/", loopback("[::1]:3000")),
            ("http://localhost.evil.example/", host("localhost.evil.example")),
            ("cursor://anysphere.cursor-retrieval/oauth", scheme("cursor:")),
            ("com.example.app:/oauth2redirect", scheme("com.example.app:")),
            ("https://", None),
            ("not a uri", None),
        ];
        for (uri, expected) in cases {
            assert_eq!(Destination::of(uri), expected, "{uri}");
        }
    }

    #[test]
    fn a_link_leads_to_the_web_only() {
        assert!(WebLink::to("javascript:alert(1)").is_none());
        assert!(WebLink::to("data:text/html,x").is_none());
        assert!(WebLink::to("//evil.example").is_none());
        let link = WebLink::to("https://acme.example/terms").unwrap();
        assert_eq!((link.href(), link.host().plain()), ("https://acme.example/terms", "acme.example"));
    }

    #[test]
    fn days_are_counted_over_leap_years_and_before_1970() {
        let day = 86_400;
        let cases = [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (day * 59, (1970, 3, 1)),
            (951_782_400, (2000, 2, 29)),
            (951_782_400 + day, (2000, 3, 1)),
            (4_107_542_400, (2100, 3, 1)),
            (4_107_542_400 - 1, (2100, 2, 28)),
        ];
        for (at, date) in cases {
            assert_eq!(civil_day(at), date, "{at}");
        }
    }
}

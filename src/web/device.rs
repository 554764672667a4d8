//! Which browser is that, in words a person knows? Read from what the browser calls itself (RFC 9110 §10.1.5).

use super::shown::Shown;
use super::text::{Language, Sentence};

/// What browsers put into their names, the most telling first: all but the last pretend to be the others.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// What they put in for the system: an iPhone is also "like Mac OS X", and an Android also Linux.
const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
    ("FreeBSD", "FreeBSD"),
];

/// Browser and system of somebody; either may not be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// The browser.
    pub browser: Option<&'static str>,
    /// The system it runs on.
    pub system: Option<&'static str>,
}

impl Device {
    /// Reads what a browser calls itself.
    pub fn of(agent: &str) -> Self {
        let named =
            |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
        Self { browser: named(&BROWSERS), system: named(&SYSTEMS) }
    }

    /// It, in the words of a page.
    pub fn words(self, language: Language) -> Sentence {
        match (self.browser.map(Shown::text), self.system.map(Shown::text)) {
            (Some(browser), Some(system)) => {
                language.say("session-device").with("browser", &browser).with("system", &system)
            }
            (Some(known), None) | (None, Some(known)) => language.say("session-device-half").with("known", &known),
            (None, None) => language.say("session-device-unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_that_pretend_to_be_others_are_told_apart() {
        let cases = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox", "Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge",
                "Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
                "Safari",
                "iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome",
                "Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
                "Safari",
                "macOS",
            ),
        ];
        for (agent, browser, system) in cases {
            assert_eq!(Device::of(agent), Device { browser: Some(browser), system: Some(system) }, "{agent}");
        }
        assert_eq!(Device::of("curl/8.5.0"), Device { browser: None, system: None });
    }
}

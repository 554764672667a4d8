//! What may which application do for somebody, because they agreed to it? (U10)

use super::{Forms, Frame, Layout, page};
use crate::clock::Seconds;
use crate::web::page::PermissionGroup;
use crate::web::shown::{Destination, Shown};
use crate::web::text::Sentence;

/// Lists what somebody agreed to. Its forms post `csrf`.
#[derive(Clone, Debug)]
pub struct AgreedPage {
    /// The way around.
    pub frame: Frame,
    /// The applications, in the order of the first consent.
    pub applications: Vec<AgreedApplication>,
    /// The address of the page before this; the first page.
    pub previous: Option<String>,
    /// The address of the next.
    pub next: Option<String>,
}

/// An application with what it may do.
#[derive(Clone, Debug)]
pub struct AgreedApplication {
    /// Its name.
    pub name: Option<Shown>,
    /// Where its answers go; none where it has no redirect URI.
    pub destination: Option<Destination>,
    /// What it may do, service by service.
    pub groups: Vec<AgreedGroup>,
    /// Where it is taken back.
    pub withdraw: String,
}

/// What it may do at one place.
#[derive(Clone, Debug)]
pub struct AgreedGroup {
    /// The place, with the scopes.
    pub permissions: PermissionGroup,
    /// Agreed to then, seconds since 1970.
    pub since: Seconds,
}

page!(AgreedPage, "portal/agreed.html", Forms::Stay);

impl AgreedPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("heading-agreed")
    }
}

impl AgreedApplication {
    fn title(&self, l: &Layout) -> Sentence {
        match self.name.as_ref().filter(|name| !name.is_empty()) {
            Some(name) => l.say("application-name").with("application", name),
            None => l.say("application-nameless"),
        }
    }

    fn initial(&self) -> String {
        self.name.as_ref().map_or_else(|| "?".to_owned(), Shown::initial)
    }

    fn place(&self, l: &Layout) -> Option<Sentence> {
        Some(match self.destination.as_ref()? {
            Destination::Host(host) => l.say("requester-host").with("host", host),
            Destination::Loopback(_) => l.say("requester-loopback"),
            Destination::Scheme(scheme) => l.say("requester-scheme").with("scheme", scheme),
        })
    }
}

impl AgreedGroup {
    fn since(&self, l: &Layout) -> Sentence {
        l.say("agreed-since").with("date", &l.language.day(self.since))
    }
}

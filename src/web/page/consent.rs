//! May this application do that? The consent page (U3).

use super::{Application, Forms, Layout, Person, page};
use crate::clock::Seconds;
use crate::web::shown::{Destination, Shown, WebLink};
use crate::web::text::Sentence;

/// Asks for consent. Its form posts `request`, `csrf` and `decision`, which is `accept`, `decline` or `other_account`.
#[derive(Clone, Debug)]
pub struct ConsentPage {
    /// Where the form posts to.
    pub action: String,
    /// The authorization request, opaque.
    pub request: String,
    /// Who asks.
    pub application: Application,
    /// What is known about it.
    pub standing: Standing,
    /// Its `client_uri` (RFC 7591 §2).
    pub website: Option<WebLink>,
    /// Its `policy_uri`.
    pub privacy_policy: Option<WebLink>,
    /// Its `tos_uri`.
    pub terms: Option<WebLink>,
    /// Where the access is to be used (RFC 8707); may be empty.
    pub resources: Vec<Resource>,
    /// What it asks for.
    pub permissions: Vec<PermissionGroup>,
    /// Who is signed in.
    pub user: Person,
}

/// What is known about an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Somebody responsible for this server has checked it.
    Verified,
    /// Nobody has checked it; a person entered it.
    NotVerified,
    /// Nobody has checked it; it registered itself at this moment.
    RegisteredItself {
        /// Seconds since 1970.
        at: Seconds,
    },
}

/// A protected resource (RFC 8707 §2).
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its name, if it has one.
    pub name: Option<Shown>,
    /// Its URI.
    pub uri: Shown,
}

/// The permissions of one service.
#[derive(Clone, Debug)]
pub struct PermissionGroup {
    /// The service's name; none for the person's own account.
    pub service: Option<Shown>,
    /// What is asked for there.
    pub permissions: Vec<Permission>,
}

/// One scope, in words.
#[derive(Clone, Debug)]
pub struct Permission {
    /// The scope token (RFC 6749 §3.3).
    pub scope: Shown,
    /// What it allows, in the service's words; the scopes of OpenID Connect are described by us if this is none.
    pub description: Option<Shown>,
}

page!(ConsentPage, "consent.html", Forms::Leave);

impl ConsentPage {
    fn heading(&self, l: &Layout) -> Sentence {
        match self.application.known_name() {
            Some(name) => l.say("heading-consent").with("application", name),
            None => l.say("heading-consent-nameless"),
        }
    }

    /// What the address in large type means.
    fn destination_explained(&self, l: &Layout) -> Sentence {
        match &self.application.destination {
            Destination::Host(_) => l.say("consent-destination-host"),
            Destination::Loopback(host) => l.say("consent-destination-loopback").with("host", host),
            Destination::Scheme(_) => l.say("consent-destination-scheme"),
        }
    }

    fn is_verified(&self) -> bool {
        self.standing == Standing::Verified
    }

    fn standing_in_words(&self, l: &Layout) -> Sentence {
        match self.standing {
            Standing::Verified => l.say("standing-verified-detail").with("tenant", &l.tenant),
            Standing::NotVerified => l.say("standing-not-verified-detail").with("tenant", &l.tenant),
            Standing::RegisteredItself { at } => l.say("standing-registered-itself").with("date", &l.language.day(at)),
        }
    }

    /// `s.R34`: an application nobody checked is to be accepted only by who recognises where it leads.
    fn caution(&self, l: &Layout) -> Sentence {
        match &self.application.destination {
            Destination::Host(host) => l.say("consent-caution-host").with("host", host),
            Destination::Loopback(_) | Destination::Scheme(_) => l.say("consent-caution-computer"),
        }
    }

    fn links<'a>(&'a self, l: &Layout) -> Vec<(Sentence, &'a WebLink)> {
        let links = [
            ("consent-website", &self.website),
            ("consent-privacy-policy", &self.privacy_policy),
            ("consent-terms", &self.terms),
        ];
        links.into_iter().filter_map(|(key, link)| link.as_ref().map(|link| (l.say(key), link))).collect()
    }

    fn user_in_words(&self, l: &Layout) -> Sentence {
        l.say("signed-in-as").with("user", &self.user.email)
    }
}

impl Permission {
    /// The scope in words: the service's description, ours for a scope of OpenID Connect, or the bare token.
    pub(super) fn words(&self, l: &Layout) -> PermissionWords<'_> {
        let key = match (&self.description, self.scope.plain()) {
            (Some(description), _) if !description.is_empty() => return PermissionWords::Theirs(description),
            (_, "openid") => "scope-openid",
            (_, "profile") => "scope-profile",
            (_, "email") => "scope-email",
            (_, "address") => "scope-address",
            (_, "phone") => "scope-phone",
            (_, "offline_access") => "scope-offline-access",
            _ => return PermissionWords::Ours(l.say("scope-other").with("scope", &self.scope)),
        };
        PermissionWords::Ours(l.say(key))
    }
}

pub(super) enum PermissionWords<'a> {
    Theirs(&'a Shown),
    Ours(Sentence),
}

impl std::fmt::Display for PermissionWords<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Theirs(words) => words.fmt(f),
            Self::Ours(words) => words.fmt(f),
        }
    }
}

impl askama::filters::HtmlSafe for PermissionWords<'_> {}

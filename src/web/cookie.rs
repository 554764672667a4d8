//! What does the browser remember for us?
//!
//! Three values, none of which means anything but to this server: the session, the identifier of the browser that binds
//! forms and requests to it, and the proof that it signed in before.

use http::HeaderMap;
use http::header::{HeaderValue, SET_COOKIE};

use crate::edge::cookie::{self, SESSION};
use crate::oidc::session::session;
use crate::oidc::tenant::Tenant;
use crate::secret::Secret;

/// How identifiers of browsers begin.
const BROWSER_PREFIX: &str = "b_";
/// How long a browser is known, in seconds: half a year.
const KNOWN_SECONDS: i64 = 180 * 86_400;

/// One of our cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// Who is signed in.
    Session,
    /// Which browser it is, from the first page on.
    Browser,
    /// The account it signed in to.
    KnownBrowser,
}

impl Cookie {
    /// Its name.
    pub fn name(self, tenant: &Tenant) -> String {
        cookie::name(tenant, self.word())
    }

    /// Its value, if the browser sent one that could be ours; anything else counts as none (s.L4).
    pub fn read(self, tenant: &Tenant, headers: &HeaderMap) -> Option<Secret> {
        let prefix = match self {
            Self::Session => session::PREFIX,
            Self::Browser => BROWSER_PREFIX,
            Self::KnownBrowser => "",
        };
        cookie::read(tenant, headers, self.word(), prefix)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Session => SESSION,
            Self::Browser => "registrar-browser",
            Self::KnownBrowser => "registrar-known",
        }
    }

    /// The header that makes the browser remember `value`.
    pub fn set(self, tenant: &Tenant, value: &Secret) -> Option<HeaderValue> {
        let lifetime = match self {
            // Until the browser is closed; the server's own limits end it before.
            Self::Session | Self::Browser => String::new(),
            Self::KnownBrowser => format!("; Max-Age={KNOWN_SECONDS}"),
        };
        self.header(tenant, value.expose(), &lifetime)
    }

    /// The header that makes the browser forget it.
    pub fn forget(self, tenant: &Tenant) -> Option<HeaderValue> {
        self.header(tenant, "", "; Max-Age=0")
    }

    fn header(self, tenant: &Tenant, value: &str, lifetime: &str) -> Option<HeaderValue> {
        let secure = if tenant.is_https() { "; Secure" } else { "" };
        let name = self.name(tenant);
        HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{lifetime}")).ok()
    }
}

/// The identifier of a browser.
#[derive(Clone, Debug)]
pub enum Browser {
    /// It brought it along.
    Returning(Secret),
    /// It gets it with this answer.
    New(Secret),
}

impl Browser {
    /// The one it brought, or a new one.
    pub fn of(sent: Option<&Secret>) -> Self {
        sent.map_or_else(|| Self::New(Secret::token(BROWSER_PREFIX)), |sent| Self::Returning(sent.clone()))
    }

    /// The identifier.
    pub fn id(&self) -> &Secret {
        match self {
            Self::Returning(id) | Self::New(id) => id,
        }
    }

    /// Hands it out, if it is new.
    pub fn remember(&self, tenant: &Tenant, headers: &mut HeaderMap) {
        if let Self::New(id) = self {
            append(headers, Cookie::Browser.set(tenant, id));
        }
    }
}

/// Adds a cookie to an answer.
pub fn append(headers: &mut HeaderMap, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        headers.append(SET_COOKIE, cookie);
    }
}

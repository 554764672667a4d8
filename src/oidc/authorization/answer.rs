//! How does the answer get back to the client? (RFC 6749 §4.1.2, RFC 9207, OAuth 2.0 Form Post Response Mode)
//!
//! One file a response type says which parameters a success has; here they travel.

mod code;

use url::form_urlencoded::byte_serialize;

use super::AuthorizationRequest;
use super::advance::Current;
use crate::app::App;
use crate::oidc::Error;
use crate::oidc::client::{RegisteredRedirectUri, ResponseMode, ResponseType};
use crate::oidc::session::Session;
use crate::oidc::tenant::Tenant;

/// Where and how an answer goes: proven to be the client's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayBack {
    /// The redirect URI.
    pub to: RegisteredRedirectUri,
    /// How the parameters travel.
    pub mode: ResponseMode,
    /// What the client wants to hear again (RFC 6749 §4.1.1).
    pub state: Option<String>,
}

/// Why a request was refused, and who may hear it (RFC 6749 §4.1.2.1).
#[derive(Clone, Debug)]
pub enum AuthorizeError {
    /// Shown to the person: the client or its redirect URI is not known to us, or we failed ourselves.
    Show(Error),
    /// Sent to the client, which registered this URI.
    Redirect {
        /// Where it goes.
        back: Box<WayBack>,
        /// What it says.
        error: Error,
    },
}

/// Our own failures are for the person: the client could do nothing about them.
impl From<Error> for AuthorizeError {
    fn from(error: Error) -> Self {
        Self::Show(error)
    }
}

/// An answer on its way to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The browser is sent to this address.
    Redirect(String),
    /// The browser posts these fields to `action`.
    FormPost {
        /// The redirect URI.
        action: String,
        /// Names and values.
        fields: Vec<(String, String)>,
    },
}

/// Parameters of an answer.
pub type Fields = Vec<(&'static str, String)>;

/// The answer to a request that nothing stands against any more.
pub fn success(
    app: &App,
    tenant: &Tenant,
    request: &AuthorizationRequest,
    current: &Current,
    session: &Session,
) -> Answer {
    let fields = match request.response_type {
        ResponseType::Code => code::fields(app, tenant, request, current, session),
    };
    app.usage.used(current.client.row.id, app.clock.now());
    current.back.carry(tenant, fields)
}

impl WayBack {
    /// The answer that tells the client about `error` (RFC 6749 §4.1.2.1).
    pub fn refuse(&self, tenant: &Tenant, error: &Error) -> Answer {
        let description = printable(&error.description);
        self.carry(tenant, vec![("error", error.code.as_str().to_owned()), ("error_description", description)])
    }

    /// Adds what every answer has, `state` and `iss` (RFC 9207 §2), and sends it on its way.
    fn carry(&self, tenant: &Tenant, mut fields: Fields) -> Answer {
        if let Some(state) = &self.state {
            fields.push(("state", state.clone()));
        }
        fields.push(("iss", tenant.issuer.clone()));
        match self.mode {
            ResponseMode::Query => Answer::Redirect(with_query(self.to.as_str(), &fields)),
            ResponseMode::FormPost => Answer::FormPost {
                action: self.to.as_str().to_owned(),
                fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            },
        }
    }
}

/// `uri` with `fields` added to its query. What it has already stays as it is, byte for byte (RFC 6749 §3.1.2).
pub fn with_query(uri: &str, fields: &[(&'static str, String)]) -> String {
    let mut out = uri.to_owned();
    for (name, value) in fields {
        match out.split_once('?').map(|(_, query)| query) {
            None => out.push('?'),
            Some(query) if query.is_empty() || query.ends_with('&') => {}
            Some(_) => out.push('&'),
        }
        out.push_str(name);
        out.push('=');
        out.extend(byte_serialize(value.as_bytes()));
    }
    out
}

/// Only these characters may stand in an `error_description` (RFC 6749 §4.1.2.1).
fn printable(text: &str) -> String {
    let character = |c: char| match c {
        '"' => '\'',
        '\\' => '/',
        ' '..='~' => c,
        _ => '?',
    };
    text.chars().take(300).map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_a_redirect_uri_stays_as_it_is() {
        spec!("RFC6749-3.1.2/redirect-keeps-query");
        let fields = [("code", "a b".to_owned()), ("state", "&%é\"<".to_owned())];
        let cases = [
            ("https://c.example/cb", "https://c.example/cb?code=a+b&state=%26%25%C3%A9%22%3C"),
            ("https://c.example/cb?a=%7e&b", "https://c.example/cb?a=%7e&b&code=a+b&state=%26%25%C3%A9%22%3C"),
            ("https://c.example/cb?", "https://c.example/cb?code=a+b&state=%26%25%C3%A9%22%3C"),
            ("cursor://x/cb", "cursor://x/cb?code=a+b&state=%26%25%C3%A9%22%3C"),
        ];
        for (uri, wanted) in cases {
            assert_eq!(with_query(uri, &fields), wanted);
        }
    }

    #[test]
    fn a_description_has_no_character_that_the_rfc_forbids() {
        spec!("RFC6749-4.1.2.1/error-charset");
        assert_eq!(printable("resource \"a\\b\"\r\né is not known"), "resource 'a/b'??? is not known");
    }
}

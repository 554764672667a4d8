//! How does the answer get back to the client? (RFC 6749 §4.1.2, §4.2.2, RFC 9207, OAuth 2.0 Multiple Response Types,
//! OAuth 2.0 Form Post Response Mode)
//!
//! One file a response type says which parameters a success has; here they travel.

mod code;
mod code_id_token;
mod code_id_token_token;
mod code_token;
mod id_token;
mod id_token_token;
mod making;
mod token;

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

/// The order in which parameters stand in an answer, whoever made them (A34).
const ORDER: [&str; 10] = [
    "error",
    "error_description",
    "code",
    "access_token",
    "expires_in",
    "token_type",
    "state",
    "id_token",
    "scope",
    "iss",
];

/// The answer to a request that nothing stands against any more.
///
/// # Errors
/// When a key is missing or the database cannot be asked: then nothing was issued.
pub async fn success(
    app: &App,
    tenant: &Tenant,
    request: &AuthorizationRequest,
    current: &Current,
    session: &Session,
) -> Result<Answer, Error> {
    let making = making::Making { app, tenant, request, current, session };
    let fields = match request.response_type {
        ResponseType::Code => code::fields(&making),
        ResponseType::Token => token::fields(&making).await?,
        ResponseType::IdToken => id_token::fields(&making)?,
        ResponseType::IdTokenToken => id_token_token::fields(&making).await?,
        ResponseType::CodeIdToken => code_id_token::fields(&making)?,
        ResponseType::CodeToken => code_token::fields(&making).await?,
        ResponseType::CodeIdTokenToken => code_id_token_token::fields(&making).await?,
    };
    app.usage.used(current.client.row.id, app.clock.now());
    Ok(current.back.carry(tenant, fields))
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
        fields.sort_by_key(|(name, _)| ORDER.iter().position(|known| known == name));
        match self.mode {
            ResponseMode::Query => Answer::Redirect(with_query(self.to.as_str(), &fields)),
            ResponseMode::Fragment => Answer::Redirect(with_fragment(self.to.as_str(), &fields)),
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

/// `uri`, which has no fragment (RFC 6749 §3.1.2), with `fields` as its fragment.
///
/// A space is `%20`, not `+`: both mean the same to who reads a form, and only the first to scripts that merely decode
/// percents.
fn with_fragment(uri: &str, fields: &[(&'static str, String)]) -> String {
    let encoded = |value: &str| byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20");
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    format!("{uri}#{}", pairs.join("&"))
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
    fn a_fragment_follows_the_whole_uri() {
        spec!("portal/A18");
        let fields = [("access_token", "a.b".to_owned()), ("state", "a b+&#%é\"<".to_owned())];
        let cases = [
            ("https://c.example/cb", "https://c.example/cb#access_token=a.b&state=a%20b%2B%26%23%25%C3%A9%22%3C"),
            ("cursor://x/cb?a=%7e", "cursor://x/cb?a=%7e#access_token=a.b&state=a%20b%2B%26%23%25%C3%A9%22%3C"),
        ];
        for (uri, wanted) in cases {
            assert_eq!(with_fragment(uri, &fields), wanted);
        }
    }

    #[test]
    fn a_description_has_no_character_that_the_rfc_forbids() {
        spec!("RFC6749-4.1.2.1/error-charset");
        assert_eq!(printable("resource \"a\\b\"\r\né is not known"), "resource 'a/b'??? is not known");
    }
}

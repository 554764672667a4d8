//! Why did a provider not do what it was asked for? Told to the admin in the provider's own words, cut and cleaned (P-7).

use crate::outbound::Failure;

/// Characters of a provider's words that are repeated, at most.
const WORDS_MAX: usize = 300;

/// Why a provider cannot be set up, or did not do what it was asked for. The order is that of the checks (portal.md G38).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The initial access token is to be entered, and was not.
    TokenMissing,
    /// Members that every registration has are not for additional metadata: these.
    ClaimMappings(Vec<String>),
    /// Method or address of the renewal are none.
    RenewSecret,
    /// A trust store or key store cannot be read, and why.
    Stores(String),
    /// Its metadata could not be fetched, or cannot be used.
    Discovery(Why),
    /// It gave no initial access token.
    Token(Why),
    /// Applications are to be registered, and the tenant has no default provider.
    Missing,
    /// It failed too often lately and is left alone for a while.
    Paused {
        /// Its name.
        name: String,
        /// Seconds until it is asked again.
        retry_after: u64,
    },
    /// It said no, or was never asked: nothing was done there.
    Refused(Why),
    /// It may or may not have done it.
    Uncertain(Why),
    /// It never said where, or with which token, the client is managed.
    NotManaged,
    /// Secrets are not renewed there.
    NoRenewal,
    /// Somebody else looks after this call by now.
    TakenOver,
}

/// What went wrong between us and a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// There was no answer.
    NoAnswer(Failure),
    /// It answered with another address, which is never followed (s.N5).
    Redirected(u16),
    /// It refused.
    Status {
        /// The HTTP status.
        status: u16,
        /// Its `error`.
        error: String,
        /// Its `error_description`, or its own words where it sent no OAuth error.
        description: String,
    },
    /// The body is no JSON object.
    NotJson,
    /// Its issuer is not the one its address stands for (s.N2).
    Issuer {
        /// What it says.
        said: String,
        /// What would be right.
        wanted: String,
    },
    /// The address of its metadata has no `/.well-known/` in it.
    NotWellKnown,
    /// A member that is needed is not there.
    Missing(&'static str),
    /// A member is an address that may not be called.
    Endpoint {
        /// Which.
        member: &'static str,
        /// Its origin, which an admin may confirm; `None`: it is no address that is ever called.
        origin: Option<String>,
    },
    /// A member of its answer cannot be taken, and why.
    Answer(String),
}

impl Why {
    /// Whether it is the provider's fault in a way that passes: it counts against its health.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::NoAnswer(failure) => !matches!(failure, Failure::Certificates | Failure::Busy),
            Self::Status { status, .. } => *status >= 500,
            Self::NotJson | Self::Redirected(_) => true,
            _ => false,
        }
    }

    /// Whether what was asked for may have been done.
    pub fn is_uncertain(&self) -> bool {
        match self {
            Self::NoAnswer(failure) => failure.may_have_arrived(),
            Self::Status { status, .. } => *status >= 500 || *status == 408,
            Self::NotJson | Self::Answer(_) | Self::Missing(_) => true,
            _ => false,
        }
    }

    /// In words for the admin.
    pub fn describe(&self) -> String {
        match self {
            Self::NoAnswer(failure) => failure.to_string(),
            Self::Redirected(status) => format!("it redirects ({status}), which is not followed"),
            Self::Status { status, error, description } => match (error.as_str(), description.as_str()) {
                ("", "") => format!("it answered {status}"),
                ("", words) => format!("it answered {status}: {words}"),
                (code, "") => format!("it answered {status} {code}"),
                (code, words) => format!("it answered {status} {code}: {words}"),
            },
            Self::NotJson => "its answer is not JSON".to_owned(),
            Self::Issuer { said, wanted } => {
                format!("the issuer differs: its metadata says {said:?}, its address stands for {wanted:?}")
            }
            Self::NotWellKnown => "the address must end in /.well-known/openid-configuration, or hold \
                                   /.well-known/oauth-authorization-server"
                .to_owned(),
            Self::Missing(member) => format!("{member} is missing in its answer"),
            Self::Endpoint { member, origin: Some(origin) } => {
                format!("{member} is at {origin}, which is another origin: confirm it in endpoints_elsewhere")
            }
            Self::Endpoint { member, origin: None } => {
                format!("{member} is not an https address that this server may call")
            }
            Self::Answer(why) => why.clone(),
        }
    }
}

impl Refusal {
    /// In words for the admin, as far as portal.md G38 gives them, in these.
    pub fn describe(&self) -> String {
        match self {
            Self::TokenMissing => "the initial access token must not be empty".to_owned(),
            Self::ClaimMappings(members) => {
                format!("claim_mappings must name other members than those every registration has: {}", list(members))
            }
            Self::RenewSecret => "the renewal of client_secret is invalid. Please check the renew endpoint and use a \
                                  valid HTTP method (POST, PUT, PATCH)"
                .to_owned(),
            Self::Stores(why) => why.clone(),
            Self::Discovery(why) => format!(
                "Client Registration provider is invalid or cannot be reached, making it impossible to create an \
                 oauth-based application: {}",
                why.describe()
            ),
            Self::Token(Why::Status { status, error, description }) => {
                let told = format!("error[{error}] description[{description}]");
                format!("Unexpected response from OIDC Token endpoint: {told} (status {status})")
            }
            Self::Token(why) => format!("Unexpected response from OIDC Token endpoint: {}", why.describe()),
            Self::Missing => {
                "No Dynamic Client Registration provider has been defined, making impossible to create an \
                              oauth-based application."
                    .to_owned()
            }
            Self::Paused { name, retry_after } => {
                format!("the provider {name:?} failed several times; it is asked again in {retry_after} seconds")
            }
            Self::Refused(why) => format!("the provider did not do it: {}", why.describe()),
            Self::Uncertain(why) => {
                format!("the provider may or may not have done it: {}. It is looked into", why.describe())
            }
            Self::NotManaged => {
                "Client cannot be updated because some information are missing: the provider never said \
                                 where, or with which token, it is managed"
                    .to_owned()
            }
            Self::NoRenewal => "the provider does not renew secrets".to_owned(),
            Self::TakenOver => "it took too long and was given up: try again".to_owned(),
        }
    }

    /// Seconds after which to try again, where that may help.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Paused { retry_after, .. } => Some(*retry_after),
            Self::Refused(why) | Self::Uncertain(why) | Self::Token(why) if why.is_outage() || is_busy(why) => Some(30),
            Self::TakenOver => Some(1),
            _ => None,
        }
    }
}

fn is_busy(why: &Why) -> bool {
    *why == Why::NoAnswer(Failure::Busy)
}

fn list(members: &[String]) -> String {
    members.join(", ")
}

/// A provider's words as they may be shown: one line, no control characters, cut.
pub(super) fn words(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|c| !is_misleading(*c)).collect();
    match line.char_indices().nth(WORDS_MAX) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

/// What turns the direction of writing or cannot be seen.
fn is_misleading(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_provider_are_cut_and_cleaned() {
        // P-7, s.N7
        assert_eq!(words("a\r\nSet-Cookie: x\u{202e}b\u{0}"), "a Set-Cookie: xb");
        assert_eq!(words(&"x".repeat(1000)).chars().count(), WORDS_MAX + 1);
    }

    #[test]
    fn only_an_answer_that_says_no_is_certain() {
        let status = |status| Why::Status { status, error: String::new(), description: String::new() };
        assert!(!status(400).is_uncertain() && !status(403).is_uncertain() && status(502).is_uncertain());
        assert!(!Why::NoAnswer(Failure::NoConnection).is_uncertain() && Why::NoAnswer(Failure::TooSlow).is_uncertain());
    }

    #[test]
    fn a_refused_token_is_told_in_the_words_of_the_provider() {
        // G38
        let (error, description) = ("invalid_client".to_owned(), "who?".to_owned());
        let told = Refusal::Token(Why::Status { status: 401, error, description }).describe();
        let wanted =
            "Unexpected response from OIDC Token endpoint: error[invalid_client] description[who?] (status 401)";
        assert_eq!(told, wanted);
    }
}

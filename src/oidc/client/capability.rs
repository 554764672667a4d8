//! What can this server do for a client? The words metadata may choose from, and discovery lists.
//!
//! A word stands here if and only if the server honours it: registration takes no other, discovery shows no other.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::oidc::keys::{Algorithm, IdTokenAlgorithm};

/// A metadata value that is one word of a closed list.
pub trait Word: Copy + Eq + fmt::Debug + 'static {
    /// Every word of the list, in the order discovery shows them.
    const ALL: &'static [Self];

    /// The word as it is written on the wire.
    fn as_str(self) -> &'static str;

    /// The word with this spelling, if it is one of the list.
    fn parse(word: &str) -> Option<Self>;
}

macro_rules! words {
    ($(#[$about:meta])* $name:ident, read by $canonical:path: { $($(#[$means:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$means])* $variant),+ }

        impl $name {
            /// Every word of the list, in the order discovery shows them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it is written on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The word with this spelling, if it is one of the list.
            pub fn parse(word: &str) -> Option<Self> {
                match $canonical(word).as_ref() { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl Word for $name {
            const ALL: &'static [Self] = Self::ALL;
            fn as_str(self) -> &'static str { self.as_str() }
            fn parse(word: &str) -> Option<Self> { Self::parse(word) }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = Cow::<str>::deserialize(deserializer)?;
                Self::parse(&word).ok_or_else(|| {
                    serde::de::Error::custom(concat!("not one of the values of ", stringify!($name)))
                })
            }
        }
    };
}

fn as_written(word: &str) -> Cow<'_, str> {
    Cow::Borrowed(word)
}

/// A response type is a set: `token id_token` and `id_token token` are one (OAuth 2.0 Multiple Response Types §3).
fn ordered_set(word: &str) -> Cow<'_, str> {
    if !word.contains(' ') {
        return Cow::Borrowed(word);
    }
    let mut parts: Vec<&str> = word.split(' ').filter(|part| !part.is_empty()).collect();
    parts.sort_unstable();
    parts.dedup();
    Cow::Owned(parts.join(" "))
}

words! {
    /// How a client may ask for tokens (RFC 7591 §2 `grant_types`).
    GrantType, read by as_written: {
        /// RFC 6749 §4.1.
        AuthorizationCode = "authorization_code",
        /// RFC 6749 §4.2: only at the authorization endpoint.
        Implicit = "implicit",
        /// RFC 6749 §6.
        RefreshToken = "refresh_token",
        /// RFC 6749 §4.4.
        ClientCredentials = "client_credentials",
        /// RFC 6749 §4.3.
        Password = "password",
    }
}

words! {
    /// What the authorization endpoint may answer with (RFC 7591 §2 `response_types`); the words of a type are in
    /// alphabetical order.
    ResponseType, read by ordered_set: {
        /// RFC 6749 §4.1.
        Code = "code",
        /// OpenID Connect Core §3.2.
        IdToken = "id_token",
        /// OpenID Connect Core §3.2.
        IdTokenToken = "id_token token",
        /// RFC 6749 §4.2.
        Token = "token",
        /// OpenID Connect Core §3.3.
        CodeIdToken = "code id_token",
        /// OAuth 2.0 Multiple Response Types §5.
        CodeToken = "code token",
        /// OpenID Connect Core §3.3.
        CodeIdTokenToken = "code id_token token",
    }
}

impl ResponseType {
    /// The grant types a client needs for this response type (RFC 7591 §2.1, OpenID Connect Registration §2).
    pub fn needs(self) -> &'static [GrantType] {
        match self {
            Self::Code => &[GrantType::AuthorizationCode],
            Self::IdToken | Self::IdTokenToken | Self::Token => &[GrantType::Implicit],
            Self::CodeIdToken | Self::CodeToken | Self::CodeIdTokenToken => {
                &[GrantType::AuthorizationCode, GrantType::Implicit]
            }
        }
    }

    /// Whether the answer holds a code.
    pub fn gives_code(self) -> bool {
        self.gives("code")
    }

    /// Whether the answer holds an ID token.
    pub fn gives_id_token(self) -> bool {
        self.gives("id_token")
    }

    fn gives(self, part: &str) -> bool {
        self.as_str().split(' ').any(|word| word == part)
    }

    /// How the answer travels if the request does not say (OAuth 2.0 Multiple Response Types §2.1, §3, §5).
    pub fn usual_mode(self) -> ResponseMode {
        match self {
            Self::Code => ResponseMode::Query,
            _ => ResponseMode::Fragment,
        }
    }

    /// Whether the answer may travel by `mode`: a token never stands in a query, which ends in logs and in `Referer`
    /// (OAuth 2.0 Multiple Response Types §3, §5).
    pub fn may_travel_by(self, mode: ResponseMode) -> bool {
        self == Self::Code || mode != ResponseMode::Query
    }
}

impl GrantType {
    /// Whether this grant ends at a redirect URI, so that one must be registered (R7).
    pub fn redirects(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::Implicit)
    }
}

words! {
    /// How the answer of the authorization endpoint travels.
    ResponseMode, read by as_written: {
        /// OAuth 2.0 Multiple Response Types §2.1.
        Query = "query",
        /// OAuth 2.0 Multiple Response Types §2.1.
        Fragment = "fragment",
        /// OAuth 2.0 Form Post Response Mode.
        FormPost = "form_post",
    }
}

words! {
    /// How a client proves itself at the token endpoint (RFC 7591 §2). `none` stands first for clients that take the
    /// first method they know.
    AuthMethod, read by as_written: {
        /// A public client.
        None = "none",
        /// The secret in HTTP Basic (RFC 6749 §2.3.1).
        ClientSecretBasic = "client_secret_basic",
        /// The secret in the form (RFC 6749 §2.3.1).
        ClientSecretPost = "client_secret_post",
    }
}

impl AuthMethod {
    /// Whether the method uses a client secret.
    pub fn uses_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

impl Word for Algorithm {
    const ALL: &'static [Self] = &Self::ALL;

    fn as_str(self) -> &'static str {
        self.as_str()
    }

    fn parse(word: &str) -> Option<Self> {
        Self::parse(word)
    }
}

impl Word for IdTokenAlgorithm {
    const ALL: &'static [Self] = &Self::ALL;

    fn as_str(self) -> &'static str {
        self.as_str()
    }

    fn parse(word: &str) -> Option<Self> {
        Self::parse(word)
    }
}

words! {
    /// How a client sees a person (OpenID Connect Core §8).
    SubjectType, read by as_written: {
        /// The same `sub` for every client.
        Public = "public",
        /// Another `sub` in every sector.
        Pairwise = "pairwise",
    }
}

words! {
    /// What kind of program the client is (OpenID Connect Registration §2, and the types of API portals).
    ApplicationType, read by as_written: {
        /// A server with a web site.
        Web = "web",
        /// A program on the user's own machine.
        Native = "native",
        /// A program inside a browser.
        Browser = "browser",
        /// A server without people.
        BackendToBackend = "backend_to_backend",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn every_word_reads_back<T: Word + Serialize + for<'de> Deserialize<'de>>() {
        for word in T::ALL {
            assert_eq!(T::parse(word.as_str()), Some(*word));
            let json = serde_json::to_value(word).unwrap();
            assert_eq!(json, serde_json::Value::from(word.as_str()));
            assert_eq!(serde_json::from_value::<T>(json).unwrap(), *word);
        }
        assert_eq!(T::parse(""), None);
        assert_eq!(T::parse("telepathy"), None);
    }

    #[test]
    fn what_is_listed_is_what_is_read() {
        every_word_reads_back::<GrantType>();
        every_word_reads_back::<ResponseType>();
        every_word_reads_back::<ResponseMode>();
        every_word_reads_back::<AuthMethod>();
        every_word_reads_back::<Algorithm>();
        every_word_reads_back::<IdTokenAlgorithm>();
        every_word_reads_back::<SubjectType>();
        every_word_reads_back::<ApplicationType>();
    }

    #[test]
    fn a_response_type_is_a_set_of_words() {
        // R5
        assert_eq!(ResponseType::parse("code code"), Some(ResponseType::Code));
        assert_eq!(ResponseType::parse("token code"), Some(ResponseType::CodeToken));
        assert_eq!(ResponseType::parse("token  id_token code"), Some(ResponseType::CodeIdTokenToken));
        assert_eq!(ResponseType::parse("code none"), None);
        assert_eq!(ordered_set("token id_token token"), "id_token token");
        assert_eq!(GrantType::parse("refresh_token refresh_token"), None);
        assert_eq!(Algorithm::parse("Ed25519"), Some(Algorithm::EdDSA));
    }

    #[test]
    fn a_token_never_travels_in_a_query() {
        for response in ResponseType::ALL {
            let carries = response.as_str() != "code";
            assert_eq!(response.may_travel_by(ResponseMode::Query), !carries, "{response}");
            assert_eq!(response.usual_mode() == ResponseMode::Fragment, carries, "{response}");
            assert!(response.may_travel_by(response.usual_mode()), "{response}");
            assert!(response.may_travel_by(ResponseMode::FormPost), "{response}");
            assert_eq!(response.gives_code(), response.needs().contains(&GrantType::AuthorizationCode), "{response}");
            assert_eq!(carries, response.needs().contains(&GrantType::Implicit), "{response}");
        }
        let with_id_token = ResponseType::ALL.iter().filter(|response| response.gives_id_token()).count();
        assert_eq!(with_id_token, 4);
    }
}

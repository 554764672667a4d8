//! What stands in a token? (RFC 9068 §2.2, OpenID Connect Core §2)

use entity::id::{FamilyId, SessionId};
use entity::word::Words;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Seconds;
use crate::secret;

/// One audience as a string, several as an array (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Audience {
    /// Spells `words`.
    pub fn new(words: &Words) -> Self {
        match words.as_slice() {
            [one] => Self::One(one.clone()),
            many => Self::Many(many.to_vec()),
        }
    }

    /// The values as words.
    pub fn words(&self) -> Words {
        match self {
            Self::One(one) => Words::new([one.clone()]),
            Self::Many(many) => Words::new(many.iter().cloned()),
        }
    }
}

/// The claims of a JWT access token (RFC 9068 §2.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The issuer.
    pub iss: String,
    /// The person, or the client itself.
    pub sub: String,
    /// Whom it is for.
    pub aud: Audience,
    /// Ends, seconds since 1970.
    pub exp: Seconds,
    /// Begins, seconds since 1970.
    pub iat: Seconds,
    /// Its identifier; names the family it belongs to.
    pub jti: TokenIdentifier,
    /// The client.
    pub client_id: String,
    /// What was granted.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub scope: Words,
    /// When the person signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Seconds>,
    /// How well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
}

/// A `jti`: random, and with the family's identity and generation in front if there is one, so that no further claim is
/// needed to find out whether the token ended with its family or with a refresh.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenIdentifier(pub String);

impl TokenIdentifier {
    /// A fresh one.
    pub fn new(family: Option<(FamilyId, u32)>) -> Self {
        match family {
            Some((family, generation)) => {
                Self(format!("{}.{generation}.{}", family.0.simple(), secret::alphanumeric(12)))
            }
            None => Self(secret::alphanumeric(24)),
        }
    }

    /// The family it names.
    pub fn family(&self) -> Option<FamilyId> {
        let (family, _) = self.0.split_once('.')?;
        uuid::Uuid::try_parse(family).ok().map(FamilyId)
    }

    /// The refresh token of the family that was valid when the token was made: its number, from 0.
    pub fn generation(&self) -> u32 {
        self.0.split('.').nth(1).and_then(|generation| generation.parse().ok()).unwrap_or_default()
    }
}

/// The claims of an ID token (OpenID Connect Core §2).
#[derive(Clone, Debug, Serialize)]
pub struct IdClaims<'a> {
    /// The issuer.
    pub iss: &'a str,
    /// The person.
    pub sub: &'a str,
    /// The client.
    pub aud: &'a str,
    /// Ends, seconds since 1970.
    pub exp: Seconds,
    /// Begins, seconds since 1970.
    pub iat: Seconds,
    /// When the person signed in.
    pub auth_time: Seconds,
    /// From the authorization request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    /// How well the person signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<&'a str>,
    /// By what (RFC 8176).
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub amr: &'a [String],
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<SessionId>,
    /// Half the hash of the access token beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Half the hash of the code beside it (OpenID Connect Core §3.3.2.11).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// Half the hash of the `state` it answers (FAPI 1.0 part 2 §5.1.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s_hash: Option<String>,
    /// What is said about the person; none of its names is one of the above.
    #[serde(flatten)]
    pub about: &'a Map<String, Value>,
}

/// How and when a person signed in: what tokens of a family go on repeating.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// Seconds since 1970.
    pub auth_time: Seconds,
    /// How well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By what (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// From the authorization request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

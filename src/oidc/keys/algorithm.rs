//! Which signature algorithms are there? (RFC 7518 §3.1, RFC 8037, RFC 9864)

use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jwk::alg::ed::EdCurve;
use josekit::jws::{ES256, EdDSA, JwsSigner, JwsVerifier, PS256, RS256};
use josekit::{JoseError, jws};
use serde::{Deserialize, Serialize};

/// A signature algorithm this server signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: the default of OpenID Connect Registration §2.
    RS256,
    /// ECDSA with P-256 and SHA-256.
    ES256,
    /// Ed25519; its newer name `Ed25519` (RFC 9864) is taken too.
    #[serde(alias = "Ed25519")]
    EdDSA,
    /// RSASSA-PSS with SHA-256.
    PS256,
}

impl Algorithm {
    /// All of them, in the order in which discovery lists them.
    pub const ALL: [Self; 4] = [Self::RS256, Self::ES256, Self::EdDSA, Self::PS256];

    /// The `alg` value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
            Self::PS256 => "PS256",
        }
    }

    /// Reads an `alg` value; `Ed25519` (RFC 9864) is EdDSA here.
    pub fn parse(text: &str) -> Option<Self> {
        let text = if text == "Ed25519" { "EdDSA" } else { text };
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text)
    }

    /// A fresh private key for it. RSA takes some hundred milliseconds: never on a request worker.
    ///
    /// # Errors
    /// When the crypto library fails.
    pub fn generate(self) -> Result<Jwk, JoseError> {
        let mut key = match self {
            Self::RS256 | Self::PS256 => Jwk::generate_rsa_key(2048)?,
            Self::ES256 => Jwk::generate_ec_key(EcCurve::P256)?,
            Self::EdDSA => Jwk::generate_ed_key(EdCurve::Ed25519)?,
        };
        key.set_algorithm(self.as_str());
        key.set_key_use("sig");
        Ok(key)
    }

    /// A signer; loading one costs as much as a dozen signatures, so it is kept.
    ///
    /// # Errors
    /// When the key is not one for this algorithm.
    pub fn signer(self, key: &Jwk) -> Result<Box<dyn JwsSigner>, JoseError> {
        Ok(match self {
            Self::RS256 => Box::new(RS256.signer_from_jwk(key)?),
            Self::PS256 => Box::new(PS256.signer_from_jwk(key)?),
            Self::ES256 => Box::new(ES256.signer_from_jwk(key)?),
            Self::EdDSA => Box::new(EdDSA.signer_from_jwk(key)?),
        })
    }

    /// A verifier for the public part of `key`.
    ///
    /// # Errors
    /// When the key is not one for this algorithm.
    pub fn verifier(self, key: &Jwk) -> Result<Box<dyn JwsVerifier>, JoseError> {
        Ok(match self {
            Self::RS256 => Box::new(jws::RS256.verifier_from_jwk(key)?),
            Self::PS256 => Box::new(jws::PS256.verifier_from_jwk(key)?),
            Self::ES256 => Box::new(jws::ES256.verifier_from_jwk(key)?),
            Self::EdDSA => Box::new(jws::EdDSA.verifier_from_jwk(key)?),
        })
    }
}

/// What an ID token is signed with: one of our keys, or the client's own secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdTokenAlgorithm {
    /// A key of ours.
    Key(Algorithm),
    /// The secret of the client: `HS256` (RFC 7518 §3.2, OpenID Connect Core §10.1).
    Secret,
}

impl IdTokenAlgorithm {
    /// All of them, in the order in which discovery lists them.
    pub const ALL: [Self; 5] = [
        Self::Key(Algorithm::RS256),
        Self::Key(Algorithm::ES256),
        Self::Key(Algorithm::EdDSA),
        Self::Key(Algorithm::PS256),
        Self::Secret,
    ];

    /// The `alg` value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key(algorithm) => algorithm.as_str(),
            Self::Secret => "HS256",
        }
    }

    /// Reads an `alg` value.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "HS256" { Some(Self::Secret) } else { Algorithm::parse(text).map(Self::Key) }
    }
}

impl Serialize for IdTokenAlgorithm {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for IdTokenAlgorithm {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("no algorithm of ID tokens"))
    }
}

impl std::fmt::Display for Algorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

//! Which keys sign and verify for a tenant right now?

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use entity::signing_key::{self, KeyState};
use josekit::jwk::Jwk;
use josekit::jws::{JwsSigner, JwsVerifier};
use serde_json::{Value, json};

use super::algorithm::Algorithm;
use super::jwt::Kind;
use crate::oidc::Error;
use crate::secret::{Purpose, Sealer};

/// A key with everything prepared that a signature needs.
pub struct Key {
    kid: String,
    algorithm: Algorithm,
    signs: bool,
    signer: Box<dyn JwsSigner>,
    verifier: Box<dyn JwsVerifier>,
    access_token_header: String,
    jwt_header: String,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} {})", self.kid, self.algorithm)
    }
}

impl Key {
    fn load(sealer: &Sealer, row: &signing_key::Model) -> Result<Self, Error> {
        let algorithm = Algorithm::parse(&row.algorithm).ok_or_else(|| broken(&row.kid, "unknown algorithm"))?;
        let private = sealer
            .open_text(Purpose::SigningKey, row.kid.as_bytes(), &row.private_sealed)
            .map_err(|_| broken(&row.kid, "it was sealed with another key-encryption key"))?;
        let private = Jwk::from_bytes(&*private).map_err(|error| broken(&row.kid, &error.to_string()))?;
        let public = private.to_public_key().map_err(|error| broken(&row.kid, &error.to_string()))?;
        let header = |kind: Kind| {
            let header = json!({"alg": algorithm.as_str(), "typ": kind.typ(), "kid": row.kid});
            URL_SAFE_NO_PAD.encode(header.to_string())
        };
        Ok(Self {
            kid: row.kid.clone(),
            algorithm,
            signs: row.state == KeyState::Current,
            signer: algorithm.signer(&private).map_err(|error| broken(&row.kid, &error.to_string()))?,
            verifier: algorithm.verifier(&public).map_err(|error| broken(&row.kid, &error.to_string()))?,
            access_token_header: header(Kind::AccessToken),
            jwt_header: header(Kind::IdToken),
        })
    }

    /// Its identifier in the JWKS.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What it is for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The encoded header of tokens it signs.
    pub(super) fn header(&self, kind: Kind) -> &str {
        match kind {
            Kind::AccessToken => &self.access_token_header,
            Kind::IdToken | Kind::UserInfo => &self.jwt_header,
        }
    }

    pub(super) fn signature_bytes(&self) -> usize {
        self.signer.signature_len()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.signer.sign(message).map_err(Error::internal)
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        self.verifier.verify(message, signature).ok()
    }
}

/// The keys of a tenant and the documents made of them.
#[derive(Debug)]
pub struct KeyRing {
    keys: Vec<Key>,
    jwks: Bytes,
}

impl KeyRing {
    /// Opens the keys of `rows` and prepares their JWKS.
    ///
    /// # Errors
    /// `server_error` when a key cannot be opened: usually the key-encryption key is not the one it was sealed with.
    pub fn load(sealer: &Sealer, rows: &[signing_key::Model]) -> Result<Self, Error> {
        let keys = rows.iter().map(|row| Key::load(sealer, row)).collect::<Result<Vec<_>, _>>()?;
        let public: Vec<&Value> = rows.iter().map(|row| &row.public).collect();
        Ok(Self { keys, jwks: Bytes::from(json!({"keys": public}).to_string()) })
    }

    /// All keys a verifier may meet.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The key that signs with `algorithm`.
    ///
    /// # Errors
    /// `server_error` when there is none; the rotation job makes one for each configured algorithm.
    pub fn signing(&self, algorithm: Algorithm) -> Result<&Key, Error> {
        let mut current = self.keys.iter().filter(|key| key.signs && key.algorithm == algorithm);
        current.next().ok_or_else(|| broken(algorithm.as_str(), "no current key"))
    }

    /// The algorithms it can sign with, in the order of [`Algorithm::ALL`].
    pub fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL.into_iter().filter(|algorithm| self.signing(*algorithm).is_ok())
    }

    /// The JWKS document (RFC 7517 §5).
    pub fn jwks(&self) -> &Bytes {
        &self.jwks
    }
}

fn broken(what: &str, why: &str) -> Error {
    Error::internal(std::io::Error::other(format!("signing key {what}: {why}")))
}

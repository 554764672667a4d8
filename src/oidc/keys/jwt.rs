//! How is a token signed, and how is one of ours recognised? (RFC 7515, RFC 7519, RFC 8725)

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::algorithm::Algorithm;
use super::ring::{Key, KeyRing};
use crate::oidc::Error;
use crate::secret;

/// Longer ones are not looked at.
const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// What a JWT is for, as its `typ` header says: one kind is never taken for another (RFC 8725 §3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An access token (RFC 9068 §2.1).
    AccessToken,
    /// An ID token.
    IdToken,
    /// A signed userinfo answer (OpenID Connect Core §5.3.2).
    UserInfo,
}

impl Kind {
    /// Its `typ` value.
    pub fn typ(self) -> &'static str {
        match self {
            Self::AccessToken => "at+jwt",
            Self::IdToken | Self::UserInfo => "JWT",
        }
    }
}

/// Signs `claims`.
///
/// # Errors
/// `server_error` when the crypto library fails.
pub fn sign<C: Serialize>(key: &Key, kind: Kind, claims: &C) -> Result<String, Error> {
    let payload = serde_json::to_vec(claims).map_err(Error::internal)?;
    let mut token = String::with_capacity(128 + payload.len() * 4 / 3 + key.signature_bytes() * 4 / 3);
    token.push_str(key.header(kind));
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(&payload, &mut token);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(&signature, &mut token);
    Ok(token)
}

/// Reads a token of ours: its signature, algorithm and kind hold; its times are not looked at.
///
/// The key is found by `kid` among ours and says which algorithm is right: the header only has to agree.
pub fn verify<C: DeserializeOwned>(ring: &KeyRing, kind: Kind, token: &str) -> Option<C> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    let key = ring.keys().iter().find(|key| key.header(kind) == header)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    key.verify(signed.as_bytes(), &signature)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice(&payload).ok()
}

/// Whether the header of a token is that of one of our keys, for this kind.
pub fn is_known(ring: &KeyRing, kind: Kind, token: &str) -> bool {
    token.split_once('.').is_some_and(|(header, _)| ring.keys().iter().any(|key| key.header(kind) == header))
}

/// `at_hash` and its like: the left half of the hash that the ID token's algorithm uses (OpenID Connect Core §3.1.3.6);
/// Ed25519 uses SHA-512 (RFC 8032 §5.1).
pub fn left_half_hash(algorithm: Algorithm, value: &str) -> String {
    let value = value.as_bytes();
    match algorithm {
        Algorithm::RS256 | Algorithm::ES256 | Algorithm::PS256 => URL_SAFE_NO_PAD.encode(&secret::sha256(value)[..16]),
        Algorithm::EdDSA => URL_SAFE_NO_PAD.encode(&secret::sha512(value)[..32]),
    }
}

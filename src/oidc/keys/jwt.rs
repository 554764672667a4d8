//! How is a token signed, and how is one of ours recognised? (RFC 7515, RFC 7519, RFC 8725)

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::algorithm::{Algorithm, IdTokenAlgorithm};
use super::ring::{Key, KeyRing};
use crate::oidc::Error;
use crate::secret::{self, Secret};

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

/// The header of an ID token that is signed with a client's secret. There is no `kid`: the client knows its secret.
const SECRET_HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// Signs the claims of an ID token with the secret of its client (RFC 7518 §3.2, OpenID Connect Core §10.1).
///
/// # Errors
/// `server_error` when the claims cannot be written.
pub fn sign_with_secret<C: Serialize>(secret: &Secret, claims: &C) -> Result<String, Error> {
    let payload = serde_json::to_vec(claims).map_err(Error::internal)?;
    let mut token = URL_SAFE_NO_PAD.encode(SECRET_HEADER);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(&payload, &mut token);
    let tag = secret::hmac_sha256(secret.expose().as_bytes(), token.as_bytes());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(tag, &mut token);
    Ok(token)
}

/// Reads an ID token that was signed with `secret`; its times are not looked at. The header is compared as a whole, so
/// that no algorithm of the sender's choice is tried (RFC 8725 §3.1).
pub fn verify_with_secret<C: DeserializeOwned>(secret: &Secret, token: &str) -> Option<C> {
    let (signed, tag) = token.rsplit_once('.').filter(|_| token.len() <= TOKEN_BYTES_MAX)?;
    let (header, payload) = signed.split_once('.')?;
    let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
    let right = secret::same(&secret::hmac_sha256(secret.expose().as_bytes(), signed.as_bytes()), &tag);
    if !right || header != URL_SAFE_NO_PAD.encode(SECRET_HEADER) {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

/// What the payload of a token says, before anything is known about its signature: only for finding out whose it may be.
pub fn unverified<C: DeserializeOwned>(token: &str) -> Option<C> {
    let payload = token.split('.').nth(1).filter(|_| token.len() <= TOKEN_BYTES_MAX)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
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
pub fn left_half_hash(algorithm: IdTokenAlgorithm, value: &str) -> String {
    let value = value.as_bytes();
    match algorithm {
        IdTokenAlgorithm::Key(Algorithm::EdDSA) => URL_SAFE_NO_PAD.encode(&secret::sha512(value)[..32]),
        IdTokenAlgorithm::Key(Algorithm::RS256 | Algorithm::ES256 | Algorithm::PS256) | IdTokenAlgorithm::Secret => {
            URL_SAFE_NO_PAD.encode(&secret::sha256(value)[..16])
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_token_signed_with_a_secret_is_read_with_that_secret_only() {
        // s.A36
        let secret = Secret::new("a".repeat(64));
        let token = sign_with_secret(&secret, &json!({"sub": "ada"})).unwrap();
        assert_eq!(verify_with_secret::<Value>(&secret, &token), Some(json!({"sub": "ada"})));
        assert_eq!(verify_with_secret::<Value>(&Secret::new("b".repeat(64)), &token), None);
        let (_, rest) = token.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        for forged in [format!("{none}.{rest}"), token[..token.rfind('.').unwrap() + 1].to_owned(), String::new()] {
            assert_eq!(verify_with_secret::<Value>(&secret, &forged), None, "{forged}");
        }
    }

    #[test]
    fn half_a_hash_is_as_long_as_half_a_hash() {
        // The example of OpenID Connect Core, appendix A.3.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(left_half_hash(IdTokenAlgorithm::Secret, token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(left_half_hash(IdTokenAlgorithm::Key(Algorithm::EdDSA), token).len(), 43);
    }
}

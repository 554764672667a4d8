//! What must nobody read or guess? Random values, hashes, sealed values: the only place that rolls dice.

#![allow(clippy::disallowed_methods)]

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{constant_time, digest, hkdf, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A value that only its owner may see: it has no `Debug`, `Display` or `Serialize` that shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret that came from outside.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// A fresh one of `length` characters of `[A-Za-z0-9]`.
    pub fn alphanumeric(length: usize) -> Self {
        Self(Zeroizing::new(alphanumeric(length)))
    }

    /// A fresh token: its kind's prefix, then 256 random bits. The prefix keeps kinds apart and makes leaks findable.
    pub fn token(prefix: &str) -> Self {
        Self(Zeroizing::new(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes::<32>()))))
    }

    /// The value itself: for the one answer that hands it out, and for hashing.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn hash(&self) -> Hash {
        hash(self.0.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(Zeroizing::new(value))
    }
}

/// A SHA-256 digest, as 43 characters of base64url: how secrets of 256 random bits are stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hash(String);

impl Hash {
    /// The stored form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `stored` is this hash, in constant time.
    pub fn matches(&self, stored: &str) -> bool {
        same(self.0.as_bytes(), stored.as_bytes())
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.0
    }
}

/// SHA-256 of `value`, in base64url.
pub fn hash(value: &[u8]) -> Hash {
    Hash(URL_SAFE_NO_PAD.encode(sha256(value)))
}

/// SHA-256 of `value`.
pub fn sha256(value: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, value).as_ref());
    out
}

/// SHA-512 of `value`.
pub fn sha512(value: &[u8]) -> [u8; 64] {
    let mut out = [0; 64];
    out.copy_from_slice(digest::digest(&digest::SHA512, value).as_ref());
    out
}

/// HMAC-SHA-256 of `message` under a key that somebody else knows too: a client's secret (RFC 7518 §3.2).
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref());
    out
}

/// Whether two values are the same, in a time that depends on their lengths only.
pub fn same(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// `N` random bytes.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    fill(&mut out);
    out
}

#[allow(clippy::expect_used)] // without randomness nothing may go on
fn fill(out: &mut [u8]) {
    rand::fill(out).expect("the system has randomness");
}

/// `length` random characters of `[A-Za-z0-9]`, each equally likely.
pub fn alphanumeric(length: usize) -> String {
    let mut out = String::with_capacity(length);
    let mut pool = [0_u8; 96];
    while out.len() < length {
        fill(&mut pool);
        // 248 is the largest multiple of 62 that fits a byte: larger values would favour some letters.
        let fair = pool.iter().filter(|byte| **byte < 248);
        out.extend(fair.map(|byte| char::from(ALPHANUMERIC[usize::from(*byte) % 62])).take(length - out.len()));
    }
    out
}

/// A time-ordered identifier (UUIDv7).
pub fn new_id() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}

/// What a derived key is for. A value sealed or signed for one purpose is nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Private signing keys at rest.
    SigningKey,
    /// Client secrets at rest.
    ClientSecret,
    /// Authorization codes.
    Code,
    /// Refresh tokens.
    RefreshToken,
    /// Authorization requests on their way through login and consent.
    AuthorizationRequest,
    /// Tokens inside forms, against cross-site requests.
    Form,
    /// One-time sign-in links.
    SignInLink,
    /// Pairwise subject identifiers.
    PairwiseSubject,
    /// Proof that a database belongs to this key.
    KeyCheck,
    /// Provision keys of policies.
    ProvisionKey,
    /// What requests to webhooks are signed with.
    WebhookSecret,
    /// Answers kept for requests that are repeated.
    Answer,
    /// Where a list goes on.
    Cursor,
    /// Links in mails: a new password, an address to prove, an invitation.
    MailLink,
    /// What providers are asked with: credentials, certificates, and what they gave out.
    Provider,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::SigningKey => b"registrar/signing-key/1",
            Self::ClientSecret => b"registrar/client-secret/1",
            Self::Code => b"registrar/code/1",
            Self::RefreshToken => b"registrar/refresh-token/1",
            Self::AuthorizationRequest => b"registrar/authorization-request/1",
            Self::Form => b"registrar/form/1",
            Self::SignInLink => b"registrar/sign-in-link/1",
            Self::PairwiseSubject => b"registrar/pairwise-subject/1",
            Self::KeyCheck => b"registrar/key-check/1",
            Self::ProvisionKey => b"registrar/provision-key/1",
            Self::WebhookSecret => b"registrar/webhook-secret/1",
            Self::Answer => b"registrar/answer/1",
            Self::Cursor => b"registrar/cursor/1",
            Self::MailLink => b"registrar/mail-link/1",
            Self::Provider => b"registrar/provider/1",
        }
    }

    const ALL: [Self; 15] = [
        Self::SigningKey,
        Self::ClientSecret,
        Self::Code,
        Self::RefreshToken,
        Self::AuthorizationRequest,
        Self::Form,
        Self::SignInLink,
        Self::PairwiseSubject,
        Self::KeyCheck,
        Self::ProvisionKey,
        Self::WebhookSecret,
        Self::Answer,
        Self::Cursor,
        Self::MailLink,
        Self::Provider,
    ];
}

/// The keys everything is sealed and signed with, one per [`Purpose`], derived from the key-encryption key.
pub struct Sealer {
    keys: Vec<(LessSafeKey, hmac::Key)>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

/// A sealed value that is not ours, was altered, or was sealed for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value cannot be opened")]
pub struct Unsealable;

impl Sealer {
    /// Derives the keys (HKDF-SHA-256, RFC 5869) from 32 bytes that are kept outside the database.
    #[allow(clippy::expect_used)] // lengths are fixed: none of these can fail
    pub fn new(key_encryption_key: &[u8; 32]) -> Self {
        let pseudo_random = hkdf::Salt::new(hkdf::HKDF_SHA256, b"registrar").extract(key_encryption_key);
        let derive = |label: &[u8], use_: &[u8]| {
            let mut key = Zeroizing::new([0_u8; 32]);
            let info = [label, use_];
            let okm = pseudo_random.expand(&info, hkdf::HKDF_SHA256).expect("32 bytes is a valid length");
            okm.fill(&mut *key).expect("32 bytes is a valid length");
            key
        };
        let keys = Purpose::ALL
            .iter()
            .map(|purpose| {
                let sealing = derive(purpose.label(), b"/seal");
                let signing = derive(purpose.label(), b"/sign");
                let sealing = UnboundKey::new(&AES_256_GCM, &*sealing).expect("the key has 32 bytes");
                (LessSafeKey::new(sealing), hmac::Key::new(hmac::HMAC_SHA256, &*signing))
            })
            .collect();
        Self { keys }
    }

    fn of(&self, purpose: Purpose) -> &(LessSafeKey, hmac::Key) {
        let at = Purpose::ALL.iter().position(|known| *known == purpose).unwrap_or_default();
        &self.keys[at]
    }

    /// Encrypts and authenticates `plain` (AES-256-GCM, fresh nonce in front), bound to `context`.
    #[allow(clippy::expect_used)] // fails only beyond 64 GiB
    pub fn seal(&self, purpose: Purpose, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce = bytes::<NONCE_LEN>();
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + 16);
        sealed.extend_from_slice(&nonce);
        let mut body = plain.to_vec();
        self.of(purpose)
            .0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut body)
            .expect("the value is short enough to seal");
        sealed.append(&mut body);
        sealed
    }

    /// Opens what [`Sealer::seal`] made for the same purpose and context.
    ///
    /// # Errors
    /// [`Unsealable`], without saying why.
    pub fn open(&self, purpose: Purpose, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or(Unsealable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable)?;
        let mut body = Zeroizing::new(body.to_vec());
        let length =
            self.of(purpose).0.open_in_place(nonce, Aad::from(context), &mut body).map_err(|_| Unsealable)?.len();
        body.truncate(length);
        Ok(body)
    }

    /// [`Sealer::seal`], as base64url for URLs and text columns.
    pub fn seal_text(&self, purpose: Purpose, context: &[u8], plain: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.seal(purpose, context, plain))
    }

    /// Opens what [`Sealer::seal_text`] made.
    ///
    /// # Errors
    /// [`Unsealable`], without saying why.
    pub fn open_text(&self, purpose: Purpose, context: &[u8], sealed: &str) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| Unsealable)?;
        self.open(purpose, context, &sealed)
    }

    /// HMAC-SHA-256 of `parts`, each with its length in front so that no two lists look alike.
    pub fn sign(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.of(purpose).1);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }

    /// Whether `tag` is what [`Sealer::sign`] gives, in constant time.
    pub fn verify(&self, purpose: Purpose, parts: &[&[u8]], tag: &[u8]) -> bool {
        same(&self.sign(purpose, parts), tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_for_its_purpose_and_context() {
        let sealer = Sealer::new(&[7; 32]);
        let sealed = sealer.seal(Purpose::Code, b"tenant", b"value");
        assert_eq!(sealer.open(Purpose::Code, b"tenant", &sealed).as_deref().map(Vec::as_slice), Ok(&b"value"[..]));
        assert!(sealer.open(Purpose::Form, b"tenant", &sealed).is_err());
        assert!(sealer.open(Purpose::Code, b"other", &sealed).is_err());
        assert!(Sealer::new(&[8; 32]).open(Purpose::Code, b"tenant", &sealed).is_err());
        for cut in 0..sealed.len() {
            assert!(sealer.open(Purpose::Code, b"tenant", &sealed[..cut]).is_err());
        }
    }

    #[test]
    fn signed_parts_cannot_be_moved_across_their_border() {
        let sealer = Sealer::new(&[7; 32]);
        assert_ne!(sealer.sign(Purpose::Form, &[b"ab", b"c"]), sealer.sign(Purpose::Form, &[b"a", b"bc"]));
    }

    #[test]
    fn secrets_have_the_length_asked_for_and_do_not_show_themselves() {
        let secret = Secret::alphanumeric(64);
        assert_eq!(secret.expose().len(), 64);
        assert!(secret.expose().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert!(secret.hash().matches(hash(secret.expose().as_bytes()).as_str()));
    }
}

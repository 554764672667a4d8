//! What is a key under which a request is repeated? Common to registrations and to the management API.

use crate::clock::Seconds;
use crate::secret;

/// Seconds the answer to a request is kept for those who ask again.
pub const KEPT_SECONDS: Seconds = 86_400;
/// Characters of a key, at most.
pub const KEY_MAX: usize = 255;
/// The header that carries a key.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Whether a text is a key: 1 to [`KEY_MAX`] printable ASCII characters.
pub fn is_key(text: &str) -> bool {
    (1..=KEY_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

/// SHA-256 of `parts`, each with its length in front so that no two lists look alike.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part);
    }
    secret::hash(&all).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_request_cannot_be_moved_across_their_border() {
        assert_ne!(digest(&[b"POST", b"/a", b"b"]), digest(&[b"POST", b"/ab", b""]));
        assert_eq!(digest(&[b"POST", b"/a", b"b"]), digest(&[b"POST", b"/a", b"b"]));
    }
}

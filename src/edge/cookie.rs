//! What did the browser bring back? Our cookies, read in the same way by pages and by the APIs that pages call.

use http::HeaderMap;
use http::header::COOKIE;

use crate::oidc::tenant::{DEFAULT_SLUG, Tenant};
use crate::secret::Secret;

/// The cookie that says who is signed in.
pub const SESSION: &str = "registrar-session";
/// Longer values are none of ours.
const VALUE_BYTES_MAX: usize = 200;

/// The whole name of a cookie. Over TLS the prefix keeps it to this host, and to TLS (s.L3); each tenant of a host has its
/// own.
pub fn name(tenant: &Tenant, word: &str) -> String {
    let prefix = if tenant.is_https() { "__Host-" } else { "" };
    match tenant.slug.as_str() {
        DEFAULT_SLUG => format!("{prefix}{word}"),
        slug => format!("{prefix}{word}-{slug}"),
    }
}

/// The value of a cookie, if the browser sent one that begins with `prefix` and could be ours; anything else counts as
/// none (s.L4).
pub fn read(tenant: &Tenant, headers: &HeaderMap, word: &str, prefix: &str) -> Option<Secret> {
    let name = name(tenant, word);
    // Byte by byte: what another site of this host put into the same line, in whatever encoding, is not our concern.
    let pairs = headers.get_all(COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    let ours = pairs.filter_map(|pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    let mut values = ours.filter_map(|value| std::str::from_utf8(value).ok());
    values.find(|value| could_be(value, prefix)).map(Secret::new)
}

fn could_be(value: &str, prefix: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    value.len() > prefix.len()
        && value.len() <= VALUE_BYTES_MAX
        && value.starts_with(prefix)
        && value.bytes().all(allowed)
}

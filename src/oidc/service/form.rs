//! What may a service be called, which audience and which scopes may it have? Judged, never repaired.

use super::{Scope, canonical};
use crate::oidc::endpoint;
use crate::oidc::scope::{MANAGEMENT_SCOPES, OidcScope, REGISTRATION_SCOPES};
use crate::oidc::tenant::Tenant;

/// Bytes of an audience, at most: what all databases can index.
pub const AUDIENCE_MAX: usize = 512;
/// Bytes of one scope, at most.
pub const SCOPE_MAX: usize = 128;
/// Scopes of one service, at most.
pub const SCOPES_MAX: usize = 500;

/// What is wrong with a service's name, as a clause that follows it. A name stands in paths (security.md s.K7), and must
/// not look like an identity.
pub fn name_complaint(name: &str) -> Option<&'static str> {
    let odd = |c: char| c.is_control() || "/\\?#%".contains(c);
    if name.is_empty() || name.chars().count() > 200 || name.trim() != name || name.chars().any(odd) {
        return Some(
            "must have 1 to 200 characters, no control character, no /, \\, ?, # or %, and no space at its ends",
        );
    }
    if name == "." || name == ".." || uuid::Uuid::parse_str(name).is_ok() {
        return Some("must be neither dots alone nor a UUID");
    }
    None
}

/// What is wrong with an audience, as a clause that follows it: it is an absolute URI without a fragment (RFC 8707 §2),
/// or a name of letters, digits, `.`, `_`, `-`.
pub fn audience_complaint(audience: &str) -> Option<&'static str> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_name = !audience.is_empty() && audience.bytes().all(letter);
    let is_uri = canonical(audience).is_some() && audience.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    let fits = audience.len() <= AUDIENCE_MAX;
    (!fits || !(is_name || is_uri)).then_some(
        "must be an absolute URI without a fragment (RFC 8707 §2) or a name of letters, digits, dots, underscores and \
         hyphens; at most 512 bytes",
    )
}

/// Whether two audiences would be taken for each other in a request.
pub fn same_audience(one: &str, other: &str) -> bool {
    one == other || canonical(one).is_some_and(|one| canonical(other) == Some(one))
}

/// The addresses of this server that no service may have as its audience: a token for it would open the server.
pub fn own_audiences(tenant: &Tenant) -> Vec<String> {
    let paths = [
        "",
        endpoint::USERINFO,
        endpoint::REGISTRATION,
        endpoint::MANAGEMENT,
        endpoint::AUTHORIZATION,
        endpoint::TOKEN,
        endpoint::INTROSPECTION,
        endpoint::REVOCATION,
    ];
    let aliases = endpoint::TOKEN_ALIASES.into_iter().chain(endpoint::USERINFO_ALIASES);
    let aliases = aliases.chain(endpoint::INTROSPECTION_ALIASES).chain(endpoint::REVOCATION_ALIASES);
    paths.into_iter().chain(aliases).map(|path| tenant.url(path)).collect()
}

/// What is wrong with the scopes of a service, each as a clause that follows `scopes`.
pub fn scope_complaints(scopes: &[Scope]) -> Vec<String> {
    let mut wrong = Vec::new();
    if scopes.len() > SCOPES_MAX {
        return vec![format!("must be at most {SCOPES_MAX}")];
    }
    for (at, scope) in scopes.iter().enumerate() {
        let value = scope.value.as_str();
        if let Some(complaint) = scope_complaint(value) {
            wrong.push(complaint);
        } else if scopes.iter().take(at).any(|before| before.value == value) {
            wrong.push(format!("must not hold {value} twice"));
        }
        if scope.description.chars().count() > 1000 || scope.description.chars().any(char::is_control) {
            wrong.push(format!("must describe {value} with at most 1000 characters, none of them a control character"));
        }
    }
    wrong
}

/// What is wrong with one scope, as a clause that follows `scopes`.
pub fn scope_complaint(value: &str) -> Option<String> {
    if !is_scope_token(value) {
        let allowed = format!("printable ASCII without space, \" and \\, at most {SCOPE_MAX} bytes (RFC 6749 §3.3)");
        return Some(format!("must not hold {:?}: a scope is {allowed}", shortened(value)));
    }
    // `email` and its like may be a service's own too: it is meant where the service is named (portal.md K20).
    let steers = matches!(OidcScope::parse(value), Some(OidcScope::OpenId | OidcScope::OfflineAccess));
    let taken = steers || REGISTRATION_SCOPES.contains(&value) || MANAGEMENT_SCOPES.contains(&value);
    taken.then(|| format!("must not hold {value}: it means something else already"))
}

fn shortened(value: &str) -> String {
    value.chars().take(40).collect()
}

/// Whether `text` is a scope token (RFC 6749 §3.3).
fn is_scope_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    (1..=SCOPE_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_a_uri_or_a_name() {
        for fine in ["https://api.example/orders", "urn:example:orders", "orders", "orders-v2.eu"] {
            assert_eq!(audience_complaint(fine), None, "{fine}");
        }
        for refused in ["", "two words", "/orders", "https://api.example/#x", "https://a b/", "a\u{e4}", "a\"b"] {
            assert!(audience_complaint(refused).is_some(), "{refused}");
        }
        assert!(audience_complaint(&format!("https://api.example/{}", "x".repeat(512))).is_some());
    }

    #[test]
    fn a_scope_is_a_token_of_rfc_6749_that_means_nothing_else() {
        for fine in ["orders:read", "https://api.example/read", "<read>"] {
            assert_eq!(scope_complaint(fine), None, "{fine}");
        }
        for refused in ["", "two words", "a\"b", "ä", "openid", "dcr_admin", "services:write"] {
            assert!(scope_complaint(refused).is_some(), "{refused}");
        }
        let scope = |value: &str| Scope { value: value.to_owned(), description: String::new() };
        assert_eq!(scope_complaints(&[scope("a"), scope("b"), scope("a")]), ["must not hold a twice"]);
    }

    #[test]
    fn a_name_can_stand_in_a_path_and_is_no_identity() {
        // s.K7
        for fine in ["orders", "Orders API", "orders.v2~beta", "Bestellungen-ä"] {
            assert_eq!(name_complaint(fine), None, "{fine}");
        }
        let id = "018f3c2e-0000-7000-8000-000000000000";
        for refused in ["", ".", "..", "a/b", "a\\b", "a?b", "a#b", "%2e", " a", "a ", "a\u{0}", "a\nb", id] {
            assert!(name_complaint(refused).is_some(), "{refused:?}");
        }
        assert!(name_complaint(&"x".repeat(201)).is_some());
    }
}

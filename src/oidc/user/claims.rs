//! Which claims about a person are there, and what is their value? (OpenID Connect Core §5.1, portal.md A16, A22)

use entity::user;
use serde_json::{Map, Value};
use url::Url;

use crate::oidc::scope::OidcScope;

/// Claims that are columns, or the server's own to say.
const RESERVED: [&str; 21] = [
    "acr",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "azp",
    "c_hash",
    "client_id",
    "email",
    "email_verified",
    "exp",
    "iat",
    "iss",
    "jti",
    "name",
    "nbf",
    "nonce",
    "s_hash",
    "sid",
    "sub",
    "updated_at",
];

/// The longest name of a namespaced claim, in bytes: names stand in requests and on the consent page.
const NAME_BYTES_MAX: usize = 256;

/// What is wrong with a claim of this name among those an admin chooses for a person; `None`: nothing.
///
/// Standard claims may be chosen, and custom ones whose name has the form of a URL, so that no two applications mean
/// different things by one name (A22).
pub fn complaint(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("a claim has no name".to_owned());
    }
    if RESERVED.contains(&name) {
        return Some(format!("claim {name} is not one of those that can be chosen freely"));
    }
    (!is_standard(name) && !is_namespaced(name)).then(|| {
        format!(
            "claim {name} is neither one of OpenID Connect nor namespaced: the name of a custom claim is a URL, such as \
             https://example.com/groups"
        )
    })
}

/// The scope that gives a claim; `None` if it is no claim about a person that OpenID Connect defines.
pub fn scope_of(name: &str) -> Option<OidcScope> {
    OidcScope::ALL.into_iter().find(|scope| scope.claims().contains(&name))
}

/// Whether it is a claim about a person that OpenID Connect defines (§5.1).
pub fn is_standard(name: &str) -> bool {
    scope_of(name).is_some()
}

/// Whether `name` is that of a custom claim: a URL that could also stand in `scope` (A16, RFC 6749 §3.3).
pub fn is_namespaced(name: &str) -> bool {
    let scope_character = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    (name.starts_with("https://") || name.starts_with("http://"))
        && name.len() <= NAME_BYTES_MAX
        && name.bytes().all(scope_character)
        && Url::parse(name).is_ok_and(|url| url.has_host())
}

/// The value of a claim: some are columns, the others lie in the person's claims. One without a value is left out
/// (§5.3.2), as is an address that is no object (§5.1.1).
pub fn value(user: &user::Model, name: &str) -> Option<Value> {
    let value = match name {
        "name" => user.name.clone().map(Value::from),
        "email" => Some(Value::from(user.email.clone())),
        "email_verified" => Some(Value::from(user.email_verified)),
        "updated_at" => Some(Value::from(user.updated_at)),
        _ if RESERVED.contains(&name) => None,
        _ => user.claims.get(name).cloned(),
    };
    value.filter(|value| match value {
        Value::Null => false,
        Value::Object(members) => !members.is_empty(),
        Value::String(text) => !text.is_empty() && name != "address",
        _ => name != "address",
    })
}

/// The claims of these names that have a value. `sub` is never among them: it depends on the client.
pub fn values<'n>(user: &user::Model, names: impl IntoIterator<Item = &'n str>) -> Map<String, Value> {
    names.into_iter().filter_map(|name| Some((name.to_owned(), value(user, name)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_custom_claim_is_namespaced() {
        spec!("portal/A22");
        for fine in
            ["given_name", "address", "phone_number_verified", "https://acme.example/groups", "http://a.example/"]
        {
            assert_eq!(complaint(fine), None, "{fine}");
        }
        for odd in ["", "groups", "sub", "acr", "email", "https://", "https:/acme.example/x", "ftp://acme.example/x"] {
            assert!(complaint(odd).is_some(), "{odd}");
        }
    }

    #[test]
    fn the_name_of_a_custom_claim_could_stand_in_scope() {
        // A16
        let long = format!("https://acme.example/{}", "x".repeat(NAME_BYTES_MAX));
        for odd in
            ["https://a.example/a b", "https://a.example/\"", "https://a.example/\\", "https://ä.example/", &long]
        {
            assert!(!is_namespaced(odd), "{odd}");
        }
    }
}

//! Where does each endpoint live, below the issuer? Routes, discovery and pages take the paths from here.

/// RFC 6749 §3.1.
pub const AUTHORIZATION: &str = "/authorize";
/// RFC 6749 §3.2.
pub const TOKEN: &str = "/token";
/// The same, as other products name it.
pub const TOKEN_ALIASES: [&str; 2] = ["/oauth/token", "/oauth2/token"];
/// RFC 7662 §2.
pub const INTROSPECTION: &str = "/introspect";
/// The same, as gateways are used to (portal.md I4).
pub const INTROSPECTION_ALIASES: [&str; 4] =
    ["/oauth/introspect", "/oauth/check_token", "/oauth2/introspect", "/oidc/introspect"];
/// RFC 7009 §2.
pub const REVOCATION: &str = "/revoke";
/// The same, as other products name it.
pub const REVOCATION_ALIASES: [&str; 2] = ["/oauth/revoke", "/oauth2/revoke"];
/// OpenID Connect Core §5.3.
pub const USERINFO: &str = "/userinfo";
/// The same, as Gravitee names it.
pub const USERINFO_ALIASES: [&str; 1] = ["/oidc/userinfo"];
/// RFC 7591 §3.
pub const REGISTRATION: &str = "/oidc/register";
/// What clients may follow (portal.md G46).
pub const REGISTRATION_TEMPLATES: &str = "/oidc/register_templates";
/// The keys (RFC 7517 §5).
pub const JWKS: &str = "/.well-known/jwks.json";
/// OpenID Connect RP-Initiated Logout §2.
pub const END_SESSION: &str = "/logout";
/// OpenID Connect Discovery §4.
pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
/// RFC 8414 §3.
pub const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
/// What tokens for the management APIs are for, whichever dialect they are used with (portal.md A29).
pub const MANAGEMENT: &str = "/api/v2/";
/// The documentation of this very server.
pub const DOCUMENTATION: &str = "/docs";

/// The path under which a request is answered: aliases and a slash at the end lead to the one above.
pub fn canonical(path: &str) -> &str {
    let path = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path);
    let aliases: [(&[&str], &'static str); 5] = [
        (&TOKEN_ALIASES, TOKEN),
        (&INTROSPECTION_ALIASES, INTROSPECTION),
        (&REVOCATION_ALIASES, REVOCATION),
        (&USERINFO_ALIASES, USERINFO),
        (&["/jwks"], JWKS),
    ];
    let found = aliases.into_iter().find(|(aliases, _)| aliases.contains(&path));
    found.map_or(path, |(_, canonical)| canonical)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_leads_to_the_endpoint() {
        assert_eq!(canonical("/oauth/token"), "/token");
        assert_eq!(canonical("/token/"), "/token");
        assert_eq!(canonical("/oauth/check_token"), "/introspect");
        assert_eq!(canonical("/"), "/");
        assert_eq!(canonical("/elsewhere"), "/elsewhere");
    }
}

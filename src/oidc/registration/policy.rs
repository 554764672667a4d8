//! What may be registered here? The rules of an administrator, bound to open registration or to an initial access token.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::profile::Profile;
use crate::oidc::client::uri::Uri;
use crate::oidc::client::{AuthMethod, GrantType};
use crate::oidc::keys::Algorithm;
use crate::oidc::tenant::RegistrationSettings;

/// The rules of an administrator; `None` and empty lists restrict nothing. Stored as JSON; a rule that this release does
/// not know makes the row unreadable rather than unguarded.
///
/// Lifetimes are not here: they are never taken from a registrant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// The hosts answers may go to. With a list, loopback hosts must stand in it too, and private-use schemes in
    /// `private_schemes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_hosts: Option<Vec<HostPattern>>,
    /// Private-use schemes that are taken although they have no dot, or although hosts are restricted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub private_schemes: Vec<String>,
    /// The grant types that may be registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_types: Option<Vec<GrantType>>,
    /// The authentication methods that may be registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_methods: Option<Vec<AuthMethod>>,
    /// The algorithms that may be registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_algs: Option<Vec<Algorithm>>,
    /// The scopes that may be registered; `None` means every scope of the tenant that is not privileged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// The scopes of a client that asks for none it may have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_scopes: Vec<String>,
    /// Whether answers may go to the person's own machine: `localhost`, `127.0.0.1`, `[::1]`.
    #[serde(skip_serializing_if = "is_true")]
    pub allow_localhost: bool,
    /// Whether answers may go over `http` to other machines, where everybody on the way can read them.
    #[serde(skip_serializing_if = "is_false")]
    pub allow_http: bool,
    /// Whether answers may go to private-use schemes (RFC 8252 §7.1).
    #[serde(skip_serializing_if = "is_true")]
    pub allow_custom_scheme: bool,
    /// Members that must be there once defaults are applied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    /// Redirect and post-logout redirect URIs in one array, at most.
    pub redirect_uris_max: usize,
    /// Values in any other array, at most.
    pub values_max: usize,
    /// Bytes of one URI, at most.
    pub uri_bytes_max: usize,
}

// The shape is serde's.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_true(value: &bool) -> bool {
    *value
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !*value
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            redirect_hosts: None,
            private_schemes: Vec::new(),
            grant_types: None,
            auth_methods: None,
            signing_algs: None,
            scopes: None,
            default_scopes: Vec::new(),
            allow_localhost: true,
            allow_http: false,
            allow_custom_scheme: true,
            required: Vec::new(),
            redirect_uris_max: 50,
            values_max: 100,
            uri_bytes_max: 2000,
        }
    }
}

impl Policy {
    /// Whether answers may go to `host`.
    pub fn trusts_host(&self, host: &str) -> bool {
        self.redirect_hosts.as_ref().is_none_or(|hosts| hosts.iter().any(|pattern| pattern.matches(host)))
    }

    /// The same within what a tenant's admins let register themselves at all (portal.md G50): of the scopes, what both
    /// allow; its default where the policy has none.
    #[must_use]
    pub fn with_scopes_of(mut self, settings: &RegistrationSettings) -> Self {
        if let Some(allowed) = &settings.allowed_scopes {
            let scopes = self.scopes.take();
            let both = |mut scopes: Vec<String>| {
                scopes.retain(|scope| allowed.contains(scope));
                scopes
            };
            self.scopes = Some(scopes.map_or_else(|| allowed.clone(), both));
        }
        if self.default_scopes.is_empty() {
            self.default_scopes.clone_from(&settings.default_scopes);
        }
        self
    }

    /// The same, with what a tenant's admins say about where answers may go (portal.md G50). Only `http` is theirs to allow
    /// beyond the policy.
    #[must_use]
    pub fn with_places_of(mut self, settings: &RegistrationSettings) -> Self {
        self.allow_localhost &= settings.allow_localhost;
        self.allow_http |= settings.allow_http;
        self.allow_custom_scheme &= settings.allow_custom_scheme;
        self
    }

    /// The same for somebody who registers or updates a client by the protocol: where it lists no grant types, those count
    /// that the profile leaves to registrants (portal.md A31).
    #[must_use]
    pub fn with_grants_of(mut self, profile: &Profile) -> Self {
        self.grant_types.get_or_insert_with(|| profile.registrable_grants.to_vec());
        self
    }

    /// Those of `built` that this policy allows, by `allowed`.
    pub fn among<T: Copy + Eq>(allowed: Option<&[T]>, built: &[T]) -> Vec<T> {
        built.iter().copied().filter(|word| allowed.is_none_or(|allowed| allowed.contains(word))).collect()
    }
}

/// A host, or `*.domain` for every host below a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    host: String,
    below: bool,
}

impl HostPattern {
    /// Reads a pattern. The domain after `*.` must be one that somebody registered: `*.com` or `*.co.uk` would trust
    /// strangers.
    ///
    /// # Errors
    /// A clause that says what is wrong with it.
    pub fn parse(pattern: &str) -> Result<Self, &'static str> {
        let (host, below) = match pattern.strip_prefix("*.") {
            Some(host) => (host, true),
            None => (pattern, false),
        };
        let text = format!("https://{host}");
        let plain = Uri::parse(&text).is_ok_and(|uri| uri.host() == Some(host) && uri.path.is_empty());
        if !plain {
            return Err("is no host name in lower case, nor *. before one");
        }
        if is_public_suffix(host) || (below && !host.contains('.')) {
            return Err("is a public suffix: anybody can have a name below it");
        }
        Ok(Self { host: host.to_owned(), below })
    }

    /// Whether `host`, in lower case, is meant. `*.example.com` means neither `example.com` nor `xexample.com`.
    pub fn matches(&self, host: &str) -> bool {
        if self.below {
            host.strip_suffix(&self.host).is_some_and(|front| front.len() > 1 && front.ends_with('.'))
        } else {
            host == self.host
        }
    }
}

/// Whether anybody can register names below `host`, so that it is nobody's own (s.R15). Names of one label that are no
/// top-level domain, as intranets have them, are not meant.
pub fn is_public_suffix(host: &str) -> bool {
    psl::suffix(host.as_bytes())
        .is_some_and(|suffix| suffix.typ() == Some(psl::Type::Icann) && suffix.as_bytes().len() == host.len())
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.below { "*." } else { "" }, self.host)
    }
}

impl Serialize for HostPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HostPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pattern = String::deserialize(deserializer)?;
        Self::parse(&pattern).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_pattern_means_the_host_or_everything_below_it() {
        // registration.md §5, s.R57
        let exact = HostPattern::parse("app.example.com").unwrap();
        assert!(exact.matches("app.example.com"));
        assert!(!exact.matches("x.app.example.com") && !exact.matches("app.example.com.evil.example"));
        let below = HostPattern::parse("*.example.com").unwrap();
        assert!(below.matches("a.example.com") && below.matches("b.a.example.com"));
        for other in ["example.com", "attackerexample.com", ".example.com", "example.com.evil.example"] {
            assert!(!below.matches(other), "{other}");
        }
    }

    #[test]
    fn a_pattern_that_trusts_strangers_is_refused() {
        for pattern in
            ["*.com", "*.co.uk", "com", "*", "*.", "", "a.*.example", "Example.com", "https://a.example", "a/b", "a:1"]
        {
            assert!(HostPattern::parse(pattern).is_err(), "{pattern}");
        }
        for pattern in ["localhost", "127.0.0.1", "[::1]", "intranet", "*.corp.intranet"] {
            assert!(HostPattern::parse(pattern).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn a_policy_is_stored_as_json_and_a_rule_it_does_not_know_is_an_error() {
        let policy = Policy {
            redirect_hosts: Some(vec![HostPattern::parse("*.example.com").unwrap()]),
            grant_types: Some(vec![GrantType::AuthorizationCode]),
            ..Policy::default()
        };
        let json = serde_json::to_value(&policy).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "redirect_hosts": ["*.example.com"], "grant_types": ["authorization_code"],
                "redirect_uris_max": 50, "values_max": 100, "uri_bytes_max": 2000,
            })
        );
        assert_eq!(serde_json::from_value::<Policy>(json).unwrap(), policy);
        assert_eq!(serde_json::from_str::<Policy>("{}").unwrap(), Policy::default());
        assert!(serde_json::from_str::<Policy>(r#"{"redirect_host":["a.example"]}"#).is_err());
        assert!(serde_json::from_str::<Policy>(r#"{"redirect_hosts":["*.com"]}"#).is_err());
    }
}

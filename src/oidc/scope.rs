//! Which scopes are there, and what does each let a client see? (OpenID Connect Core §5.4)

use entity::word::Words;

/// A scope that OpenID Connect defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OidcScope {
    /// The request is one of OpenID Connect.
    OpenId,
    /// Name, picture and the like.
    Profile,
    /// The e-mail address.
    Email,
    /// The postal address.
    Address,
    /// The phone number.
    Phone,
    /// Access while the person is away (OpenID Connect Core §11).
    OfflineAccess,
}

impl OidcScope {
    /// All of them, in the order in which discovery lists them.
    pub const ALL: [Self; 6] =
        [Self::OpenId, Self::Profile, Self::Email, Self::Address, Self::Phone, Self::OfflineAccess];

    /// The scope value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::OfflineAccess => "offline_access",
        }
    }

    /// The claims it gives (OpenID Connect Core §5.4).
    pub fn claims(self) -> &'static [&'static str] {
        match self {
            Self::OpenId => &["sub"],
            Self::Profile => &[
                "name",
                "family_name",
                "given_name",
                "middle_name",
                "nickname",
                "preferred_username",
                "profile",
                "picture",
                "website",
                "gender",
                "birthdate",
                "zoneinfo",
                "locale",
                "updated_at",
            ],
            Self::Email => &["email", "email_verified"],
            Self::Address => &["address"],
            Self::Phone => &["phone_number", "phone_number_verified"],
            Self::OfflineAccess => &[],
        }
    }

    /// Reads a scope value.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// The scopes that let a client register others (registration.md §4). Never registrable: an admin grants them.
pub const REGISTRATION_SCOPES: [&str; 2] = ["dcr", "dcr_admin"];

/// The scopes of the management API: each allows some of the portal's actions. Never registrable: an admin grants them.
pub const MANAGEMENT_SCOPES: [&str; 40] = [
    "applications:read",
    "applications:read:all",
    "applications:write",
    "applications:write:all",
    "clients:read",
    "clients:write",
    "consents:read",
    "consents:write",
    "contracts:read",
    "contracts:write",
    "create:client_grants",
    "create:clients",
    "create:resource_servers",
    "delete:client_grants",
    "delete:clients",
    "delete:grants",
    "delete:resource_servers",
    "developers:read",
    "developers:write",
    "documents:write",
    "events:read",
    "initial_access_tokens:write",
    "policies:write",
    "providers:read",
    "providers:write",
    "read:client_grants",
    "read:clients",
    "read:grants",
    "read:resource_servers",
    "read:tenant_settings",
    "services:read",
    "services:write",
    "settings:read",
    "settings:write",
    "update:client_grants",
    "update:client_keys",
    "update:clients",
    "update:resource_servers",
    "update:tenant_settings",
    "webhooks:write",
];

/// The claims that `scopes` give.
pub fn claims(scopes: &Words) -> impl Iterator<Item = &'static str> {
    scopes.iter().filter_map(OidcScope::parse).flat_map(|scope| scope.claims().iter().copied())
}

//! Whom does a registration suit: portals, public clients, or the letter of the RFCs? Values only, no code by name.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::oidc::client::{ApplicationType, AuthMethod, GrantType, LoopbackPorts, ResponseType};

/// A set of choices that the specifications leave to the server. A client keeps the profile it was created under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// How it is written in configuration and rows.
    pub name: &'static str,
    /// The authentication method of a client that names none (D-11, E6).
    pub auth_method: AuthMethod,
    /// The application types that are public clients if they say their type but no authentication method (D-11).
    pub public_by_default: &'static [ApplicationType],
    /// The grant types of a client that names none (D-13).
    pub grant_types: &'static [GrantType],
    /// The response types of a client that names none, as far as its grant types are for them (D-13).
    pub response_types: &'static [ResponseType],
    /// The grant types a client may register; response types that need another are not supported for it (A31).
    pub offered_grants: &'static [GrantType],
    /// The grant types of these that registrants may give their clients where no policy lists others (A31).
    pub registrable_grants: &'static [GrantType],
    /// Whether a client with a secret may have its ID tokens signed with it (A13, A31).
    pub secret_signatures: SecretSignatures,
    /// Whether clients of open registration get a registration access token (D-12, E4).
    pub open_clients: OpenClients,
    /// What happens to metadata that contradicts itself or asks for more than there is (R8, E7).
    pub contradictions: Remedy,
    /// What happens to characters in display strings that mislead readers (R4, s.R31).
    pub misleading_text: Remedy,
    /// What a client that does not say its type is (E1).
    pub missing_type: MissingType,
    /// Where answers for a `web` client may go (R9, E1).
    pub web_redirects: WebRedirects,
    /// Which private-use schemes without a dot are taken (R9).
    pub dotless_schemes: DotlessSchemes,
    /// For which clients the loopback port is open at the authorization endpoint (R10, E9).
    pub loopback_ports: LoopbackPorts,
    /// What happens to `registration_access_token` and the other members of our answers in a PUT (R18).
    pub echoed_members: EchoedMembers,
    /// Where a client with a secret may put it (D-11, E6).
    pub secret_place: SecretPlace,
    /// Whether a native client gets a refresh token without `offline_access` (E8).
    pub native_refresh: NativeRefresh,
    /// Seconds a rotated refresh token still works (E11).
    pub refresh_grace_seconds: u32,
    /// Whether a registration without a content type is read as JSON (interop.md §4.2).
    pub missing_content_type: MissingContentType,
    /// How the identifiers of clients that register themselves begin (portal.md A31).
    pub client_id_prefix: &'static str,
    /// Which services clients get tokens for (portal.md A31).
    pub services: Services,
}

/// Which services clients get tokens for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Services {
    /// Those that are open, and those their application has an approved contract for.
    AsTheyAre,
    /// Only those their application has an approved contract for.
    ByContract,
}

/// Whether ID tokens may be signed with the secret of their client (`HS256`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretSignatures {
    /// For clients that have a secret.
    Offered,
    /// Only our own keys sign.
    NotOffered,
}

/// The grants of OAuth 2.1, which nobody is advised against.
const SOUND_GRANTS: &[GrantType] =
    &[GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::ClientCredentials];

/// Who manages a client of open registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenClients {
    /// It gets a registration access token and manages itself (RFC 7592).
    ManageThemselves,
    /// The tenant's administrators do.
    AreManaged,
}

/// What happens to a fault that has an obvious repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// It is repaired and the repaired value returned (RFC 7591 §3.2.1).
    Repair,
    /// The registration is refused.
    Refuse,
}

/// What a client without `application_type` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingType {
    /// `native` if a redirect URI is loopback or private-use, else `web` (E1).
    FollowsRedirectUris,
    /// `web` (OpenID Connect Registration §2).
    IsWeb,
}

/// Where answers for a client of type `web` may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WebRedirects {
    /// `https` only.
    Https,
    /// `http` on loopback too.
    Loopback,
    /// Loopback and private-use schemes too.
    PrivateUse,
}

/// Which private-use schemes without a dot are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DotlessSchemes {
    /// Any that is not denied everywhere, followed by `//` and a name, as editors use them (`vscode://publisher.ext/cb`).
    WithName,
    /// Those the policy lists (RFC 8252 §7.1 wants a reversed domain name).
    Listed,
}

/// What happens to members of our own answers that a client sends back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EchoedMembers {
    /// They must be equal to what we sent.
    Compared,
    /// They are refused (RFC 7592 §2.2).
    Refused,
}

/// Where a client with a secret may put it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// In HTTP Basic or in the form, whichever it registered.
    Either,
    /// Where it registered.
    AsRegistered,
}

/// When a native client gets a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NativeRefresh {
    /// With its grant alone.
    WithoutOfflineAccess,
    /// Only with the scope `offline_access`.
    WithOfflineAccess,
}

/// What a body without a content type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingContentType {
    /// JSON.
    IsJson,
    /// Refused.
    IsRefused,
}

impl Profile {
    /// For API portals: the compatibility rules of their vendors (portal.md D-11, D-12, D-13).
    pub const PERMISSIVE: Self = Self {
        name: "permissive",
        auth_method: AuthMethod::ClientSecretPost,
        public_by_default: &[ApplicationType::Browser, ApplicationType::Native],
        grant_types: &[GrantType::AuthorizationCode, GrantType::Implicit, GrantType::RefreshToken],
        response_types: &[ResponseType::Code, ResponseType::Token, ResponseType::IdToken, ResponseType::IdTokenToken],
        offered_grants: GrantType::ALL,
        registrable_grants: GrantType::ALL,
        secret_signatures: SecretSignatures::Offered,
        open_clients: OpenClients::AreManaged,
        contradictions: Remedy::Repair,
        misleading_text: Remedy::Repair,
        missing_type: MissingType::FollowsRedirectUris,
        web_redirects: WebRedirects::Loopback,
        dotless_schemes: DotlessSchemes::WithName,
        loopback_ports: LoopbackPorts::OpenForNative,
        echoed_members: EchoedMembers::Compared,
        secret_place: SecretPlace::Either,
        native_refresh: NativeRefresh::WithOfflineAccess,
        refresh_grace_seconds: 60,
        missing_content_type: MissingContentType::IsRefused,
        client_id_prefix: "",
        services: Services::AsTheyAre,
    };

    /// For open registration by MCP and other public clients: the rules E1 to E16 of interop.md.
    pub const INTEROP: Self = Self {
        name: "interop",
        auth_method: AuthMethod::ClientSecretBasic,
        public_by_default: &[ApplicationType::Browser],
        grant_types: &[GrantType::AuthorizationCode],
        response_types: &[ResponseType::Code],
        offered_grants: SOUND_GRANTS,
        registrable_grants: SOUND_GRANTS,
        secret_signatures: SecretSignatures::NotOffered,
        open_clients: OpenClients::ManageThemselves,
        contradictions: Remedy::Repair,
        misleading_text: Remedy::Repair,
        missing_type: MissingType::FollowsRedirectUris,
        web_redirects: WebRedirects::PrivateUse,
        dotless_schemes: DotlessSchemes::WithName,
        loopback_ports: LoopbackPorts::OpenForAll,
        echoed_members: EchoedMembers::Compared,
        secret_place: SecretPlace::Either,
        native_refresh: NativeRefresh::WithoutOfflineAccess,
        refresh_grace_seconds: 60,
        missing_content_type: MissingContentType::IsJson,
        client_id_prefix: "",
        services: Services::AsTheyAre,
    };

    /// The RFCs to the letter.
    pub const STRICT: Self = Self {
        name: "strict",
        auth_method: AuthMethod::ClientSecretBasic,
        public_by_default: &[],
        grant_types: &[GrantType::AuthorizationCode],
        response_types: &[ResponseType::Code],
        offered_grants: SOUND_GRANTS,
        registrable_grants: &[GrantType::AuthorizationCode, GrantType::RefreshToken],
        secret_signatures: SecretSignatures::NotOffered,
        open_clients: OpenClients::AreManaged,
        contradictions: Remedy::Refuse,
        misleading_text: Remedy::Refuse,
        missing_type: MissingType::IsWeb,
        web_redirects: WebRedirects::Https,
        dotless_schemes: DotlessSchemes::Listed,
        loopback_ports: LoopbackPorts::OpenForNative,
        echoed_members: EchoedMembers::Refused,
        secret_place: SecretPlace::AsRegistered,
        native_refresh: NativeRefresh::WithOfflineAccess,
        refresh_grace_seconds: 0,
        missing_content_type: MissingContentType::IsRefused,
        client_id_prefix: "tpc_",
        services: Services::ByContract,
    };

    /// Whether a client may register what a response type needs.
    pub fn offers(&self, response: ResponseType) -> bool {
        response.needs().iter().all(|grant| self.offered_grants.contains(grant))
    }

    /// Every profile.
    pub const ALL: [&'static Self; 3] = [&Self::PERMISSIVE, &Self::INTEROP, &Self::STRICT];

    /// The profile of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.into_iter().find(|profile| profile.name == name)
    }
}

impl Serialize for Profile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name)
            .cloned()
            .ok_or_else(|| serde::de::Error::custom("the profile is none of permissive, interop, strict"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_profile_is_written_and_read_by_its_name() {
        for profile in Profile::ALL {
            let written = serde_json::to_value(profile).unwrap();
            assert_eq!(written, serde_json::Value::from(profile.name));
            assert_eq!(&serde_json::from_value::<Profile>(written).unwrap(), profile);
        }
        assert!(serde_json::from_value::<Profile>("lenient".into()).is_err());
    }
}

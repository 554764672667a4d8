//! What may whom? Every action of the portal, the role it needs and the scopes that allow it: one table.

use entity::user::Role;

/// Something one does to a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// See the tenant's settings.
    ReadSettings,
    /// Change them.
    WriteSettings,
    /// See services with their policies, whether published or not.
    ReadServices,
    /// Add, change and remove services.
    WriteServices,
    /// Give services a policy, change and remove it.
    WritePolicies,
    /// Add, change and remove documents.
    WriteDocuments,
    /// See all applications and their clients.
    ReadApplications,
    /// Add, change and remove any of them.
    WriteApplications,
    /// See all contracts.
    ReadContracts,
    /// Approve, reject, revoke, suspend and delete them.
    DecideContracts,
    /// See developers.
    ReadDevelopers,
    /// Add, invite, approve, reject, revoke and remove them.
    WriteDevelopers,
    /// See clients that registered themselves.
    ReadClients,
    /// Add, change and remove clients, and renew their secrets.
    WriteClients,
    /// See what people agreed to.
    ReadConsents,
    /// Take it back for them.
    WriteConsents,
    /// See the audit log and what is still to be sent.
    ReadEvents,
    /// Say who is told of events, and send again.
    WriteWebhooks,
    /// Make and revoke initial access tokens.
    WriteInitialAccessTokens,
    /// See the providers where applications are registered.
    ReadProviders,
    /// Add, change and remove them.
    WriteProviders,
    /// See one's own applications, contracts and clients.
    ReadOwn,
    /// Add, change and remove them.
    WriteOwn,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::ReadSettings,
        Self::WriteSettings,
        Self::ReadServices,
        Self::WriteServices,
        Self::WritePolicies,
        Self::WriteDocuments,
        Self::ReadApplications,
        Self::WriteApplications,
        Self::ReadContracts,
        Self::DecideContracts,
        Self::ReadDevelopers,
        Self::WriteDevelopers,
        Self::ReadClients,
        Self::WriteClients,
        Self::ReadConsents,
        Self::WriteConsents,
        Self::ReadEvents,
        Self::WriteWebhooks,
        Self::WriteInitialAccessTokens,
        Self::ReadProviders,
        Self::WriteProviders,
        Self::ReadOwn,
        Self::WriteOwn,
    ];

    /// The least role that may. A publisher's reach ends at the services he looks after.
    pub fn role(self) -> Role {
        match self {
            Self::ReadOwn | Self::WriteOwn => Role::Developer,
            Self::ReadServices
            | Self::WriteServices
            | Self::WritePolicies
            | Self::WriteDocuments
            | Self::ReadContracts
            | Self::DecideContracts => Role::Publisher,
            _ => Role::Admin,
        }
    }

    /// The scopes a token may have for it: any one of them is enough. The first is our own word.
    pub fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::ReadSettings => {
                &["settings:read", "settings:write", "read:tenant_settings", "update:tenant_settings"]
            }
            Self::WriteSettings => &["settings:write", "update:tenant_settings"],
            Self::ReadServices => &["services:read", "services:write", "read:resource_servers"],
            Self::WriteServices => {
                &["services:write", "create:resource_servers", "update:resource_servers", "delete:resource_servers"]
            }
            // What other products call the settings of an API (§8.1).
            Self::WritePolicies => &["policies:write", "create:resource_servers", "update:resource_servers"],
            Self::WriteDocuments => &["documents:write"],
            Self::ReadApplications => &["applications:read:all", "applications:write:all"],
            Self::WriteApplications => &["applications:write:all"],
            Self::ReadContracts => &["contracts:read", "contracts:write", "read:client_grants"],
            Self::DecideContracts => {
                &["contracts:write", "create:client_grants", "update:client_grants", "delete:client_grants"]
            }
            Self::ReadDevelopers => &["developers:read", "developers:write"],
            Self::WriteDevelopers => &["developers:write"],
            Self::ReadClients => &["clients:read", "clients:write", "read:clients"],
            Self::WriteClients => {
                &["clients:write", "create:clients", "update:clients", "delete:clients", "update:client_keys"]
            }
            Self::ReadConsents => &["consents:read", "consents:write", "read:grants"],
            Self::WriteConsents => &["consents:write", "delete:grants"],
            Self::ReadEvents => &["events:read"],
            Self::WriteWebhooks => &["webhooks:write"],
            Self::WriteInitialAccessTokens => &["initial_access_tokens:write"],
            Self::ReadProviders => &["providers:read", "providers:write"],
            Self::WriteProviders => &["providers:write"],
            Self::ReadOwn => &["applications:read", "applications:write"],
            Self::WriteOwn => &["applications:write"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::scope::MANAGEMENT_SCOPES;

    #[test]
    fn every_scope_of_an_action_is_a_management_scope_and_the_other_way_round() {
        let used: std::collections::BTreeSet<&str> =
            Action::ALL.iter().flat_map(|action| action.scopes()).copied().collect();
        let known: std::collections::BTreeSet<&str> = MANAGEMENT_SCOPES.into_iter().collect();
        assert_eq!(used, known);
    }

    #[test]
    fn a_developer_manages_nothing_but_what_is_theirs() {
        // K6
        let may: Vec<Action> = Action::ALL.into_iter().filter(|action| action.role() <= Role::Developer).collect();
        assert_eq!(may, [Action::ReadOwn, Action::WriteOwn]);
    }
}

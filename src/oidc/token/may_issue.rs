//! May this client have a token for this target? The one issuing rule: every grant asks.

use entity::word::Words;

use crate::oidc::client::record::Client;
use crate::oidc::registration::profile::Remedy;
use crate::oidc::scope::{OidcScope, REGISTRATION_SCOPES};
use crate::oidc::service::Target;
use crate::oidc::{Code, Error};

/// Whether there is a person behind the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Somebody signed in and agreed.
    WithUser,
    /// The client speaks for itself.
    ClientAlone,
}

/// Narrows `target` to what the client may have.
///
/// # Errors
/// `invalid_scope` when scopes were asked for and none is left.
pub fn may_issue(client: &Client, asked: &Words, target: Target, flow: Flow) -> Result<Target, Error> {
    let scopes = target.scopes.only(|scope| may_have(client, scope, flow));
    if scopes.is_empty() && !asked.is_empty() {
        return Err(Error::new(Code::InvalidScope, "none of the scopes asked for may be given to this client"));
    }
    let registration = |audience: &str| audience.ends_with(crate::oidc::endpoint::REGISTRATION);
    let keeps_registration = scopes.iter().any(|scope| REGISTRATION_SCOPES.contains(&scope));
    let audience = target.audience.only(|audience| keeps_registration || !registration(audience));
    Ok(Target { scopes, audience, ..target })
}

fn may_have(client: &Client, scope: &str, flow: Flow) -> bool {
    if REGISTRATION_SCOPES.contains(&scope) {
        // Only an admin gives these, and never together with a person.
        return flow == Flow::ClientAlone && client.row.rights.contains(scope);
    }
    let policy: Option<Vec<String>> = client.policy_scopes();
    if let Some(oidc) = OidcScope::parse(scope) {
        // Without a person there is nobody to tell about.
        return flow == Flow::WithUser && (oidc != OidcScope::OfflineAccess || client.may_refresh());
    }
    let by_policy = policy.is_none_or(|scopes| scopes.iter().any(|allowed| allowed == scope));
    by_policy && (!client.is_bound_to_registered_scopes() || client.metadata.scopes().any(|known| known == scope))
}

impl Client {
    /// Whether it registered the refresh token grant.
    pub fn may_refresh(&self) -> bool {
        self.metadata.may_use(crate::oidc::client::GrantType::RefreshToken)
    }

    /// The scopes its registration policy allows; `None`: all.
    fn policy_scopes(&self) -> Option<Vec<String>> {
        self.policy.scopes.clone()
    }

    /// Registered scopes are advisory (E8), but a profile that repairs nothing takes them at their word.
    fn is_bound_to_registered_scopes(&self) -> bool {
        self.profile.contradictions == Remedy::Refuse && self.metadata.scopes().next().is_some()
    }
}

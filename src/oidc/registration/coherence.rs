//! Do grants, responses, methods and scopes fit together? What can be repaired is, and the repaired value returned (R8).

use super::draft::{COHERENCE, Draft, REDIRECTS_NEEDED, TEXT};
use super::policy::Policy;
use super::validate::Kin;
use crate::oidc::client::{ApplicationType, AuthMethod, GrantType, ResponseMode, ResponseType};

/// Scopes that rule over other clients: only a policy that names them gives them (s.R30).
const PRIVILEGED_SCOPES: [&str; 2] = ["dcr", "dcr_admin"];

/// Elements of a `scope` array: some clients ask for all that discovery lists.
const SCOPES_MAX: usize = 1000;

/// What is always a scope, whatever the policy lists, if there are refresh tokens (E8).
const OFFLINE_ACCESS: &str = "offline_access";

impl<'a> Draft<'a> {
    /// The grants asked for as far as they exist (E7), else the default of the profile.
    pub(super) fn grant_types(&mut self, application: ApplicationType) -> Vec<GrantType> {
        let offered = self.rules.profile.offered_grants;
        let allowed = Policy::among(self.rules.policy.grant_types.as_deref(), offered);
        if let Some(asked) = self.words("grant_types", offered, &allowed) {
            return asked;
        }
        let default = match (self.rules.kin, application) {
            (Kin::Follower(template), _) if template.chosen().grant_types => template.grant_types(),
            // A server without people has nobody to send to the authorization endpoint.
            (_, ApplicationType::BackendToBackend) => &[GrantType::ClientCredentials],
            _ => self.rules.profile.grant_types,
        };
        let kept = Policy::among(Some(&allowed), default);
        if kept.is_empty() { allowed } else { kept }
    }

    /// The response types asked for, reduced to what the grants allow (E7); else those of the profile that the grants
    /// are for (D-13).
    pub(super) fn response_types(&mut self, grants: &[GrantType]) -> Vec<ResponseType> {
        const MEMBER: &str = "response_types";
        let has = |response: &ResponseType| response.needs().iter().all(|grant| grants.contains(grant));
        let possible: Vec<ResponseType> = ResponseType::ALL.iter().copied().filter(has).collect();
        let max = self.rules.policy.values_max;
        let Some(sent) = self.list(MEMBER, max) else {
            return Policy::among(Some(&possible), self.rules.profile.response_types);
        };
        let mut kept = Vec::new();
        for word in &sent {
            let response = ResponseType::parse(word);
            match response.filter(|response| possible.contains(response)) {
                Some(response) if kept.contains(&response) => {}
                Some(response) => kept.push(response),
                None if self.repairs() => {}
                None => self.unusable_response(word, response),
            }
        }
        // Without a grant that ends at a redirect URI no response type can be used, so dropping them loses nothing.
        if kept.is_empty() && !possible.is_empty() && !self.is_spoilt(MEMBER) && !self.is_spoilt("grant_types") {
            let fault = self.fault(MEMBER, COHERENCE, "has no value that is supported with these grant types");
            fault.got = Some(sent.into());
            fault.allowed = super::choices::names(&possible);
        }
        kept
    }

    /// R8: a grant that only serves response types the client does not have goes, where the profile repairs.
    pub(super) fn used_grants(&self, grants: Vec<GrantType>, responses: &[ResponseType]) -> Vec<GrantType> {
        if !self.repairs() || self.sent("response_types").is_none() {
            return grants;
        }
        let serves = |grant: &GrantType| {
            !grant.redirects() || responses.is_empty() || responses.iter().any(|one| one.needs().contains(grant))
        };
        grants.into_iter().filter(serves).collect()
    }

    fn unusable_response(&mut self, word: &str, known: Option<ResponseType>) {
        let profile = self.rules.profile;
        match known.filter(|response| profile.offers(*response)) {
            Some(response) => {
                let grants = super::choices::names(response.needs()).join(", ");
                self.bad("response_types", COHERENCE, word, &format!("needs the grant type {grants}"));
            }
            None => {
                let offered = ResponseType::ALL.iter().copied().filter(|response| profile.offers(*response));
                let offered: Vec<ResponseType> = offered.collect();
                self.supported("response_types", word, &offered, &offered);
            }
        }
    }

    pub(super) fn response_modes(&mut self) -> Vec<ResponseMode> {
        self.words("response_modes", ResponseMode::ALL, ResponseMode::ALL).unwrap_or_default()
    }

    /// R7, s.R18: somebody who is sent back needs a place to be sent to.
    pub(super) fn check_redirects_needed(&mut self, grants: &[GrantType], redirects: usize) {
        let needs = grants.iter().find(|grant| grant.redirects());
        if let Some(grant) = needs
            && redirects == 0
            && !matches!(self.rules.kin, Kin::Template)
            && !self.is_spoilt("redirect_uris")
            && !self.is_spoilt("grant_types")
        {
            self.fault(
                "redirect_uris",
                REDIRECTS_NEEDED,
                format!("must hold at least one URI for the grant type {grant}"),
            );
        }
    }

    /// s.R26: a client that cannot prove itself must not act in its own name. Where the profile repairs, the grant goes
    /// if another is left (A30).
    pub(super) fn provable_grants(&mut self, method: AuthMethod, mut grants: Vec<GrantType>) -> Vec<GrantType> {
        let needs_proof = |grant: &GrantType| *grant == GrantType::ClientCredentials;
        // What a template says of itself, or will say for the client, is not judged here.
        let asked = matches!(self.rules.kin, Kin::Alone) || self.sent("grant_types").is_some();
        let acts = asked && !matches!(self.rules.kin, Kin::Template);
        if !acts || method != AuthMethod::None || !grants.iter().any(needs_proof) {
            return grants;
        }
        if self.repairs() && !grants.iter().all(needs_proof) {
            grants.retain(|grant| !needs_proof(grant));
            return grants;
        }
        let offered = self.rules.profile.offered_grants;
        let mut allowed = Policy::among(self.rules.policy.grant_types.as_deref(), offered);
        allowed.retain(|grant| !needs_proof(grant));
        let complaint = "has client_credentials, which needs an authentication method other than none";
        let fault = self.fault("grant_types", COHERENCE, complaint);
        fault.got = Some(GrantType::ClientCredentials.as_str().into());
        fault.allowed = super::choices::names(&allowed);
        grants
    }

    /// E8: the scopes the client may have of those it asked for; else the default of the policy. Unknown scopes are
    /// dropped, and the effective list is returned.
    pub(super) fn scope(&mut self, grants: &[GrantType]) -> Option<String> {
        let mut kept: Vec<&str> = Vec::new();
        for scope in self.scopes_sent() {
            if !scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)) {
                // One is told, not thousands.
                self.bad("scope", TEXT, scope, "is no scope (RFC 6749, section 3.3)");
                return None;
            }
            if !kept.contains(&scope) && self.may_have(scope, grants) {
                kept.push(scope);
            }
        }
        if kept.is_empty() {
            let defaults = self.rules.policy.default_scopes.iter().map(String::as_str);
            kept.extend(defaults.filter(|scope| self.rules.scopes.contains(*scope)));
        }
        (!kept.is_empty()).then(|| kept.join(" "))
    }

    /// A string (RFC 7591 §2), or an array as some portals send it.
    fn scopes_sent(&mut self) -> Vec<&'a str> {
        match self.sent("scope") {
            Some(serde_json::Value::Array(_)) => {
                let items = self.list("scope", SCOPES_MAX).unwrap_or_default();
                items.into_iter().flat_map(|item| item.split(' ')).filter(|scope| !scope.is_empty()).collect()
            }
            _ => {
                let text = self.text("scope").unwrap_or_default();
                text.split(' ').filter(|scope| !scope.is_empty()).collect()
            }
        }
    }

    fn may_have(&self, scope: &str, grants: &[GrantType]) -> bool {
        if scope == OFFLINE_ACCESS && grants.contains(&GrantType::RefreshToken) {
            return true;
        }
        self.rules.scopes.contains(scope)
            && match &self.rules.policy.scopes {
                Some(allowed) => allowed.iter().any(|known| known == scope),
                None => !PRIVILEGED_SCOPES.contains(&scope),
            }
    }
}

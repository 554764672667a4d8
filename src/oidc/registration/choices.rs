//! Which of the values that this server supports does the client get? (R5, R6, R17, E7)

use super::draft::{AUTH_ALG, CHOICES, Draft, UNBUILT, WORDS};
use super::policy::Policy;
use super::profile::SecretSignatures;
use crate::oidc::client::{ApplicationType, AuthMethod, SubjectType, Word};
use crate::oidc::keys::{Algorithm, IdTokenAlgorithm};

/// The signing algorithms that JOSE names: for telling a value that does not apply from one that nobody knows.
const JOSE_ALGS: [&str; 15] = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
    "ES256K", "EdDSA", "Ed25519",
];

/// The member with one value, and the member that lists what the client can do (OpenID Connect RP Metadata Choices §2).
#[derive(Clone, Copy)]
pub(super) struct Choice {
    pub(super) single: &'static str,
    pub(super) plural: &'static str,
}

const AUTH_METHOD: Choice =
    Choice { single: "token_endpoint_auth_method", plural: "token_endpoint_auth_methods_supported" };
const ID_TOKEN_ALG: Choice =
    Choice { single: "id_token_signed_response_alg", plural: "id_token_signing_alg_values_supported" };
const USERINFO_ALG: Choice =
    Choice { single: "userinfo_signed_response_alg", plural: "userinfo_signing_alg_values_supported" };
const SUBJECT_TYPE: Choice = Choice { single: "subject_type", plural: "subject_types_supported" };

impl Draft<'_> {
    /// The method the client asked for, else the default of its kind (D-11, E6).
    pub(super) fn auth_method(&mut self, application: ApplicationType) -> AuthMethod {
        let allowed = Policy::among(self.rules.policy.auth_methods.as_deref(), AuthMethod::ALL);
        if let Some(chosen) = self.one_of(AUTH_METHOD, &allowed) {
            return chosen;
        }
        let profile = self.rules.profile;
        let said_its_type = self.sent("application_type").is_some();
        let default = match said_its_type && profile.public_by_default.contains(&application) {
            true => AuthMethod::None,
            false => profile.auth_method,
        };
        if allowed.contains(&default) { default } else { allowed.first().copied().unwrap_or(default) }
    }

    /// R6: the algorithm belongs to methods that sign, so with the others it is dropped; some libraries always send it.
    pub(super) fn auth_signing_alg(&mut self) {
        const MEMBER: &str = "token_endpoint_auth_signing_alg";
        let Some(alg) = self.text(MEMBER) else { return };
        if !JOSE_ALGS.contains(&alg) {
            let complaint = "is no signing algorithm that a client may use";
            self.bad(MEMBER, AUTH_ALG, alg, complaint).allowed = JOSE_ALGS.map(str::to_owned).to_vec();
        } else if !self.repairs() {
            let complaint = "goes only with client_secret_jwt or private_key_jwt, which this server does not support";
            self.bad(MEMBER, AUTH_ALG, alg, complaint);
        }
    }

    /// The algorithm of the client's ID tokens. With its secret only where it has one: everybody could sign for a public
    /// client (s.R24).
    pub(super) fn id_token_alg(&mut self, method: AuthMethod) -> IdTokenAlgorithm {
        const RS256: IdTokenAlgorithm = IdTokenAlgorithm::Key(Algorithm::RS256);
        let policy = self.rules.policy.signing_algs.as_deref();
        let mut allowed: Vec<IdTokenAlgorithm> =
            Policy::among(policy, self.rules.signing_algs).into_iter().map(IdTokenAlgorithm::Key).collect();
        let offered = self.rules.profile.secret_signatures == SecretSignatures::Offered && policy.is_none();
        if offered && method.uses_secret() {
            allowed.push(IdTokenAlgorithm::Secret);
        } else if self.sent(ID_TOKEN_ALG.single).is_some_and(|alg| alg == IdTokenAlgorithm::Secret.as_str()) {
            let complaint = match offered {
                true => "needs a client secret, which a public client has not",
                false => "is not supported by this server",
            };
            let fault = self.bad(ID_TOKEN_ALG.single, WORDS, IdTokenAlgorithm::Secret.as_str(), complaint);
            fault.allowed = names(&allowed);
            return RS256;
        }
        let chosen = self.one_of(ID_TOKEN_ALG, &allowed);
        // OpenID Connect Registration §2: RS256 unless something else is asked for.
        let default = if allowed.contains(&RS256) { None } else { allowed.first().copied() };
        chosen.or(default).unwrap_or(RS256)
    }

    pub(super) fn userinfo_alg(&mut self) -> Option<Algorithm> {
        let allowed = Policy::among(self.rules.policy.signing_algs.as_deref(), self.rules.signing_algs);
        self.one_of(USERINFO_ALG, &allowed)
    }

    pub(super) fn subject_type(&mut self) -> SubjectType {
        self.one_of(SUBJECT_TYPE, SubjectType::ALL).unwrap_or(SubjectType::Public)
    }

    /// R17: an explicit value must be in the client's own list; without one the first of the list that is supported.
    fn one_of<T: Word>(&mut self, choice: Choice, allowed: &[T]) -> Option<T> {
        let single = self.text(choice.single);
        let plural = self.list(choice.plural, self.rules.policy.values_max);
        if let Some(value) = single {
            if plural.as_ref().is_some_and(|able| !able.contains(&value)) {
                let complaint = format!("is missing in the client's own {}", choice.plural);
                self.bad(choice.single, CHOICES, value, &complaint);
            }
            return self.supported(choice.single, value, T::ALL, allowed);
        }
        let able = plural?;
        let first = able.iter().find_map(|word| T::parse(word).filter(|word| allowed.contains(word)));
        if first.is_none() && !self.is_spoilt(choice.plural) {
            let fault = self.fault(choice.plural, CHOICES, "has no value that is supported here");
            fault.got = Some(able.into());
            fault.allowed = names(allowed);
        }
        first
    }

    /// `value` as a word that is offered to such clients and allowed; anything else is a fault.
    pub(super) fn supported<T: Word>(&mut self, member: &str, value: &str, offered: &[T], allowed: &[T]) -> Option<T> {
        match T::parse(value).filter(|word| offered.contains(word)) {
            Some(word) if allowed.contains(&word) => return Some(word),
            Some(_) => self.bad(member, super::draft::POLICY, value, "is not allowed by the policy"),
            None => self.bad(member, WORDS, value, "is not supported by this server"),
        }
        .allowed = names(allowed);
        None
    }

    /// The words of a list. What is not supported is dropped if something supported is left (E7), where the profile
    /// repairs; else it is a fault.
    pub(super) fn words<T: Word>(&mut self, member: &str, offered: &[T], allowed: &[T]) -> Option<Vec<T>> {
        let sent = self.list(member, self.rules.policy.values_max)?;
        let mut kept = Vec::new();
        for word in sent.iter().filter_map(|word| T::parse(word)).filter(|word| allowed.contains(word)) {
            if !kept.contains(&word) {
                kept.push(word);
            }
        }
        if kept.is_empty() || !self.repairs() {
            for value in sent {
                self.supported(member, value, offered, allowed);
            }
        }
        Some(kept)
    }

    /// R5: the authentication contexts that the tenant knows.
    pub(super) fn acr_values(&mut self) -> Vec<String> {
        const MEMBER: &str = "default_acr_values";
        let known = self.rules.acr_values;
        let sent = self.list(MEMBER, self.rules.policy.values_max).unwrap_or_default();
        for value in sent.iter().filter(|value| !known.iter().any(|acr| acr == **value)) {
            self.bad(MEMBER, UNBUILT, value, "is not supported by this server").allowed = known.to_vec();
        }
        sent.into_iter().map(str::to_owned).collect()
    }
}

pub(super) fn names<T: Word>(words: &[T]) -> Vec<String> {
    words.iter().map(|word| word.as_str().to_owned()).collect()
}

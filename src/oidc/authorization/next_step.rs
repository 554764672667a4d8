//! What must happen before this request can be answered? (OpenID Connect Core §3.1.2.3, §3.1.2.4)

use entity::id::SessionId;
use serde::{Deserialize, Serialize};

use super::AuthorizationRequest;
use crate::clock::Seconds;
use crate::oidc::Code;
use crate::oidc::discovery::Prompt;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The person signs in.
    Login,
    /// The person says which account to use.
    SelectAccount,
    /// The person agrees, or not.
    Consent,
    /// Nothing: the client gets what it asked for.
    Answer,
    /// The client is told no.
    Refuse(Code),
}

/// What happened in the course of one request. Each fact names the session it happened in: in another session it is
/// none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The session that began with a sign-in for this request.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub signed_in: Option<SessionId>,
    /// The session the person chose to go on with.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<SessionId>,
    /// The session the person does not want to use.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub unwanted: Option<SessionId>,
    /// The session in which the person agreed.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<SessionId>,
    /// The session in which the person declined.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub declined: Option<SessionId>,
}

/// The session of the browser, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Which.
    pub session: SessionId,
    /// When the person signed in, seconds since 1970.
    pub auth_time: Seconds,
    /// Whether it is the person the client expects.
    pub person: Person,
    /// Whether the person proved well enough who they are.
    pub proof: Proof,
}

/// Whether a sign-in meets the authentication context that a request cannot do without (OpenID Connect Core §5.5.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It does, or any will do.
    Enough,
    /// It does not.
    TooWeak,
}

/// Whether somebody is the person of an `id_token_hint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// Yes, or nobody in particular is expected.
    Expected,
    /// Somebody else is.
    Another,
}

/// What the person has agreed to before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// All that is asked for; or the client is ours, and nobody is asked.
    Given,
    /// Not, or not to all of it.
    Missing,
}

/// Decides, from nothing but its arguments.
pub fn next_step(
    request: &AuthorizationRequest,
    facts: &Facts,
    signed_in: Option<&SignedIn>,
    consent: Consent,
    now: Seconds,
) -> Step {
    let silent = request.wants(Prompt::None);
    let Some(signed_in) = signed_in else {
        return if silent { Step::Refuse(Code::LoginRequired) } else { Step::Login };
    };
    let holds = |fact: Option<SessionId>| fact == Some(signed_in.session);
    if holds(facts.declined) {
        return Step::Refuse(Code::AccessDenied);
    }
    if signed_in.person == Person::Another && holds(facts.signed_in) {
        // Asked for once, and again the wrong person: asking for ever helps nobody.
        return Step::Refuse(Code::LoginRequired);
    }
    let too_old = request.max_age.is_some_and(|seconds| now.saturating_sub(signed_in.auth_time) > seconds)
        // A sign-in of the very second would pass as none of its own.
        || request.max_age == Some(0);
    let again = request.wants(Prompt::Login) || too_old || signed_in.person == Person::Another;
    if again && !holds(facts.signed_in) {
        return if silent { Step::Refuse(Code::LoginRequired) } else { Step::Login };
    }
    if holds(facts.unwanted) {
        return Step::Login;
    }
    if signed_in.proof == Proof::TooWeak {
        return Step::Refuse(Code::UnmetAuthenticationRequirements);
    }
    if request.wants(Prompt::SelectAccount) && !holds(facts.signed_in) && !holds(facts.chosen) {
        return Step::SelectAccount;
    }
    if consent == Consent::Missing && silent {
        return Step::Refuse(Code::ConsentRequired);
    }
    if consent == Consent::Missing || request.wants(Prompt::Consent) && !holds(facts.agreed) {
        return Step::Consent;
    }
    Step::Answer
}

#[cfg(test)]
mod tests {
    use entity::id::ClientKey;
    use entity::word::Words;
    use uuid::Uuid;

    use super::*;
    use crate::oidc::authorization::claims::ClaimsRequest;
    use crate::oidc::client::{ResponseMode, ResponseType};

    const NOW: Seconds = 1_000_000;
    const HERE: SessionId = SessionId(Uuid::from_u128(1));
    const ELSEWHERE: SessionId = SessionId(Uuid::from_u128(2));

    fn request(prompt: &str, max_age: Option<Seconds>) -> AuthorizationRequest {
        AuthorizationRequest {
            client_id: "c".into(),
            client_key: ClientKey(Uuid::nil()),
            redirect_uri: "https://c.example/cb".into(),
            redirect_uri_named: true,
            response_type: ResponseType::Code,
            response_mode: ResponseMode::Query,
            state: None,
            nonce: None,
            challenge: None,
            scopes: Words::from("openid"),
            resources: Vec::new(),
            prompts: Words::from(prompt),
            max_age,
            login_hint: None,
            ui_locales: None,
            scopes_differ: false,
            claims: ClaimsRequest::default(),
            expected_sub: None,
        }
    }

    fn signed_in(seconds_ago: Seconds) -> SignedIn {
        SignedIn { session: HERE, auth_time: NOW - seconds_ago, person: Person::Expected, proof: Proof::Enough }
    }

    #[test]
    fn without_a_session_the_person_signs_in_or_the_client_hears_login_required() {
        // s.A20
        for (prompt, step) in [
            ("", Step::Login),
            ("login", Step::Login),
            ("consent", Step::Login),
            ("select_account", Step::Login),
            ("none", Step::Refuse(Code::LoginRequired)),
        ] {
            for consent in [Consent::Given, Consent::Missing] {
                assert_eq!(next_step(&request(prompt, None), &Facts::default(), None, consent, NOW), step, "{prompt}");
            }
        }
    }

    #[test]
    fn with_a_session_each_prompt_asks_once() {
        // s.A20, s.A21, s.A24
        let nothing = Facts::default();
        let signed = Facts { signed_in: Some(HERE), ..nothing };
        let chosen = Facts { chosen: Some(HERE), ..nothing };
        let agreed = Facts { agreed: Some(HERE), ..nothing };
        let cases = [
            ("", nothing, Consent::Given, Step::Answer),
            ("", nothing, Consent::Missing, Step::Consent),
            ("none", nothing, Consent::Given, Step::Answer),
            ("none", nothing, Consent::Missing, Step::Refuse(Code::ConsentRequired)),
            ("login", nothing, Consent::Given, Step::Login),
            ("login", signed, Consent::Given, Step::Answer),
            ("login", signed, Consent::Missing, Step::Consent),
            ("login", Facts { signed_in: Some(ELSEWHERE), ..nothing }, Consent::Given, Step::Login),
            ("select_account", nothing, Consent::Given, Step::SelectAccount),
            ("select_account", chosen, Consent::Given, Step::Answer),
            ("select_account", signed, Consent::Given, Step::Answer),
            ("select_account", Facts { chosen: Some(ELSEWHERE), ..nothing }, Consent::Given, Step::SelectAccount),
            ("consent", nothing, Consent::Given, Step::Consent),
            ("consent", agreed, Consent::Given, Step::Answer),
            ("consent", Facts { agreed: Some(ELSEWHERE), ..nothing }, Consent::Given, Step::Consent),
            // What was agreed to may have been taken back, or not be enough.
            ("consent", agreed, Consent::Missing, Step::Consent),
            ("", agreed, Consent::Missing, Step::Consent),
            ("login select_account consent", signed, Consent::Given, Step::Consent),
            ("", Facts { unwanted: Some(HERE), ..nothing }, Consent::Given, Step::Login),
            ("", Facts { unwanted: Some(ELSEWHERE), signed_in: Some(HERE), ..nothing }, Consent::Given, Step::Answer),
            ("", Facts { declined: Some(HERE), ..nothing }, Consent::Missing, Step::Refuse(Code::AccessDenied)),
            ("", Facts { declined: Some(ELSEWHERE), ..nothing }, Consent::Missing, Step::Consent),
        ];
        for (prompt, facts, consent, step) in cases {
            let got = next_step(&request(prompt, None), &facts, Some(&signed_in(100)), consent, NOW);
            assert_eq!(got, step, "{prompt:?} {facts:?} {consent:?}");
        }
    }

    #[test]
    fn a_sign_in_older_than_max_age_is_none() {
        let signed = Facts { signed_in: Some(HERE), ..Facts::default() };
        let cases = [
            ("", 60, 60, Facts::default(), Step::Answer),
            ("", 60, 61, Facts::default(), Step::Login),
            ("none", 60, 61, Facts::default(), Step::Refuse(Code::LoginRequired)),
            // The person signed in for this request and then took time to read the consent page.
            ("", 60, 61, signed, Step::Answer),
            ("", 0, 0, Facts::default(), Step::Login),
            ("", 0, 0, signed, Step::Answer),
        ];
        for (prompt, max_age, ago, facts, step) in cases {
            let request = request(prompt, Some(max_age));
            assert_eq!(
                next_step(&request, &facts, Some(&signed_in(ago)), Consent::Given, NOW),
                step,
                "{max_age} {ago}"
            );
        }
    }

    #[test]
    fn a_sign_in_that_proves_too_little_is_refused_once_there_is_one() {
        // OpenID Connect Core §5.5.1.1
        let weak = SignedIn { proof: Proof::TooWeak, ..signed_in(10) };
        let refused = Step::Refuse(Code::UnmetAuthenticationRequirements);
        for (prompt, signed_in, step) in
            [("", None, Step::Login), ("", Some(&weak), refused), ("none", Some(&weak), refused)]
        {
            let got = next_step(&request(prompt, None), &Facts::default(), signed_in, Consent::Missing, NOW);
            assert_eq!(got, step, "{prompt:?}");
        }
    }

    #[test]
    fn another_person_than_the_hinted_one_signs_in_or_is_refused() {
        // s.A46
        let another = SignedIn { person: Person::Another, ..signed_in(10) };
        let signed = Facts { signed_in: Some(HERE), ..Facts::default() };
        let cases = [
            ("", Facts::default(), Step::Login),
            ("none", Facts::default(), Step::Refuse(Code::LoginRequired)),
            ("", signed, Step::Refuse(Code::LoginRequired)),
        ];
        for (prompt, facts, step) in cases {
            assert_eq!(next_step(&request(prompt, None), &facts, Some(&another), Consent::Given, NOW), step);
        }
    }
}

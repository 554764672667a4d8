//! What does a client ask for at the authorization endpoint? (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1)

use std::sync::Arc;

use entity::id::ClientKey;
use entity::word::Words;
use serde::{Deserialize, Serialize};

use super::answer::{AuthorizeError, WayBack};
use super::claims::{self, ClaimsRequest};
use super::code::is_challenge;
use super::parameters::Parameters;
use super::response::{mode_of_errors, response_mode, response_type};
use super::wanted::Wanted;
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::client::record::{self, Client};
use crate::oidc::client::{AuthMethod, RegisteredRedirectUri, ResponseMode, ResponseType};
use crate::oidc::discovery::Prompt;
use crate::oidc::registration::profile::Remedy;
use crate::oidc::scope::OidcScope;
use crate::oidc::session::id_token_hint;
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};

/// The most bytes of a request as we carry it: sealed it still fits into an address.
const REQUEST_BYTES_MAX: usize = 8 * 1024;
/// The most languages that are looked at.
const UI_LOCALES_MAX: usize = 16;

/// A request that was checked against the client's registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    #[serde(rename = "c")]
    pub client_id: String,
    /// Its row: the same identifier, registered anew, is another client.
    #[serde(rename = "k")]
    pub client_key: ClientKey,
    /// Where the answer goes, as the request spelled it, or the only registered one.
    #[serde(rename = "r")]
    pub redirect_uri: String,
    /// Whether the request spelled it: then the token request must too.
    #[serde(rename = "n")]
    pub redirect_uri_named: bool,
    /// What is to be answered with.
    #[serde(rename = "t")]
    pub response_type: ResponseType,
    /// How the answer travels.
    #[serde(rename = "m")]
    pub response_mode: ResponseMode,
    /// What the client wants to hear again.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What is to stand in the ID token.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The S256 challenge (RFC 7636 §4.3).
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// The scopes asked for that the client may have.
    #[serde(rename = "z", default, skip_serializing_if = "Words::is_empty")]
    pub scopes: Words,
    /// The resources asked for, each by its audience; empty if none was.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The values of `prompt`.
    #[serde(rename = "q", default, skip_serializing_if = "Words::is_empty")]
    pub prompts: Words,
    /// How old a sign-in may be, in seconds.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Seconds>,
    /// What to write into the login form.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// The languages the person reads, best first.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub ui_locales: Option<String>,
    /// Whether fewer or more scopes are granted than were asked for: then the answer names them (RFC 6749 §3.3).
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    pub scopes_differ: bool,
    /// The claims asked for one by one.
    #[serde(rename = "e", default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
    /// The `sub` that an ID token the client sent as a hint, or its `claims`, names: that person, or nobody.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub expected_sub: Option<String>,
}

impl AuthorizationRequest {
    /// Whether `prompt` has this value.
    pub fn wants(&self, prompt: Prompt) -> bool {
        self.prompts.contains(prompt.as_str())
    }
}

/// Reads and checks a request: the pairs of its query or form, decoded.
///
/// # Errors
/// [`AuthorizeError::Show`] until the client and its redirect URI are proven, [`AuthorizeError::Redirect`] afterwards.
pub async fn read(
    app: &App,
    tenant: &Tenant,
    pairs: &[(String, String)],
) -> Result<AuthorizationRequest, AuthorizeError> {
    let parameters = Parameters::new(pairs);
    let (client, to) = prove(app, tenant, &parameters).await?;
    let state = state(&parameters);
    let back = WayBack { to, mode: mode_of_errors(&parameters, &client), state: state.clone().unwrap_or_default() };
    match check(app, tenant, &parameters, &client, &back).await {
        Ok(request) => Ok(request),
        Err(error) if error.cause.is_some() => Err(AuthorizeError::Show(error)),
        Err(error) => Err(AuthorizeError::Redirect { back: Box::new(back), error }),
    }
}

/// Who asks, and where the answer may go (s.A1, s.A2): before anything else.
async fn prove(
    app: &App,
    tenant: &Tenant,
    parameters: &Parameters,
) -> Result<(Arc<Client>, RegisteredRedirectUri), Error> {
    for name in ["client_id", "redirect_uri"] {
        if parameters.is_repeated(name) {
            return Err(invalid(format!("{name} is sent more than once")));
        }
    }
    let client_id = parameters.get("client_id").ok_or_else(|| invalid("client_id is missing"))?;
    let client = record::find(app, tenant, client_id).await?.ok_or_else(unknown_client)?;
    let asked = parameters.get("redirect_uri");
    if asked.is_none() && speaks_openid(parameters) {
        // OpenID Connect Core §3.1.2.1: required, where RFC 6749 lets it be left out.
        return Err(invalid("redirect_uri is missing"));
    }
    let to = redirect_uri(&client, asked)?;
    Ok((client, to))
}

/// Whether it is a request of OpenID Connect: it says so, or asks for an ID token, which means the same (D-14).
fn speaks_openid(parameters: &Parameters) -> bool {
    let says = |name: &str, word: &str| parameters.get(name).is_some_and(|text| text.split(' ').any(|it| it == word));
    says("scope", OidcScope::OpenId.as_str()) || says("response_type", "id_token")
}

/// No client has this identifier, or not any more.
pub(super) fn unknown_client() -> Error {
    Error::new(Code::InvalidClient, "client_id names no client that is registered here")
}

/// The redirect URI, if it is the client's.
pub(super) fn redirect_uri(client: &Client, asked: Option<&str>) -> Result<RegisteredRedirectUri, Error> {
    RegisteredRedirectUri::find(&client.metadata, asked, client.profile.loopback_ports)
        .map_err(|reason| Error::new(Code::InvalidRedirectUri, reason.to_string()))
}

async fn check(
    app: &App,
    tenant: &Tenant,
    parameters: &Parameters,
    client: &Client,
    back: &WayBack,
) -> Result<AuthorizationRequest, Error> {
    refuse_what_is_not_there(parameters)?;
    state(parameters)?;
    let response_type = response_type(parameters, client)?;
    let response_mode = response_mode(parameters, client, response_type)?;
    let challenge = challenge(parameters, pkce(client, response_type))?;
    let read = claims::read(parameters)?;
    let prompts = prompts(parameters)?;
    let max_age = max_age(parameters)?.or(client.metadata.default_max_age().map(Seconds::from));
    let hinted = hinted_sub(app, tenant, parameters, client).await?;
    let wanted = Wanted::read(app, tenant, parameters, client, response_type).await?;
    // The parameter belongs to OpenID Connect: elsewhere it is one of those that are ignored (RFC 6749 §3.1).
    let openid = wanted.scopes.contains(OidcScope::OpenId.as_str());
    let asked = if openid { read } else { claims::Asked::default() };
    let expected_sub = one_person(hinted, asked.sub)?;
    let request = AuthorizationRequest {
        client_id: client.client_id().to_owned(),
        client_key: client.row.id,
        redirect_uri: back.to.as_str().to_owned(),
        redirect_uri_named: parameters.get("redirect_uri").is_some(),
        response_type,
        response_mode,
        state: back.state.clone(),
        nonce: nonce(parameters, response_type)?,
        challenge,
        scopes: wanted.scopes,
        scopes_differ: wanted.scopes_differ,
        claims: asked.claims.with_scopes(&wanted.claims, response_type)?,
        resources: wanted.resources,
        prompts,
        max_age,
        login_hint: plain(parameters, "login_hint")?.map(|hint| hint.chars().take(320).collect()),
        ui_locales: plain(parameters, "ui_locales")?
            .map(|tags| tags.split_ascii_whitespace().take(UI_LOCALES_MAX).collect::<Vec<_>>().join(" ")),
        expected_sub,
    };
    let length = serde_json::to_vec(&request).map_err(Error::internal)?.len();
    if length > REQUEST_BYTES_MAX {
        return Err(invalid(format!(
            "the request is too long: state, nonce and the like may have {REQUEST_BYTES_MAX} bytes"
        )));
    }
    Ok(request)
}

fn refuse_what_is_not_there(parameters: &Parameters) -> Result<(), Error> {
    if let Some(name) = parameters.repeated() {
        let known = name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let name = if known { name } else { "a parameter" };
        return Err(invalid(format!("{name} is sent more than once")));
    }
    for (name, code) in [
        ("request", Code::RequestNotSupported),
        ("request_uri", Code::RequestUriNotSupported),
        ("registration", Code::RegistrationNotSupported),
    ] {
        if parameters.get(name).is_some() {
            return Err(Error::new(code, format!("the parameter {name} is not supported")));
        }
    }
    Ok(())
}

/// The value of a parameter that people or clients will see again: without control characters (s.A30).
fn plain(parameters: &Parameters, name: &str) -> Result<Option<String>, Error> {
    match parameters.get(name) {
        Some(value) if value.chars().any(char::is_control) => Err(invalid(format!("{name} has a control character"))),
        value => Ok(value.map(str::to_owned)),
    }
}

fn state(parameters: &Parameters) -> Result<Option<String>, Error> {
    plain(parameters, "state")
}

/// Whether a client must send a code challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pkce {
    Required,
    Optional,
}

/// Public clients must, and all where nothing is bent for anybody (RFC 9700 §2.1.1); but only a code can be bound.
fn pkce(client: &Client, response_type: ResponseType) -> Pkce {
    if !response_type.gives_code() {
        return Pkce::Optional;
    }
    let public = client.metadata.auth_method() == AuthMethod::None;
    let strict = client.profile.contradictions == Remedy::Refuse;
    if public || strict { Pkce::Required } else { Pkce::Optional }
}

/// RFC 7636 §4.3, with `S256` only (s.A15 to s.A17).
fn challenge(parameters: &Parameters, pkce: Pkce) -> Result<Option<String>, Error> {
    match (parameters.get("code_challenge"), parameters.get("code_challenge_method")) {
        (None, None) if pkce == Pkce::Optional => Ok(None),
        (None, _) => Err(invalid("code_challenge is missing: send the S256 challenge of a code verifier (RFC 7636)")),
        (Some(_), None) => Err(invalid("code_challenge_method is missing, which means plain: it must be S256")),
        (Some(challenge), Some("S256")) if is_challenge(challenge) => Ok(Some(challenge.to_owned())),
        (Some(_), Some("S256")) => Err(invalid("code_challenge is not 43 characters of base64url")),
        (Some(_), Some(_)) => Err(invalid("code_challenge_method must be S256")),
    }
}

/// An ID token that comes through the browser is bound to its request by the nonce (OpenID Connect Core §3.2.2.1,
/// §3.3.2.11; A21).
fn nonce(parameters: &Parameters, response_type: ResponseType) -> Result<Option<String>, Error> {
    match plain(parameters, "nonce")? {
        None if response_type.gives_id_token() => {
            Err(invalid(format!("nonce is missing: the response type {response_type} requires it")))
        }
        nonce => Ok(nonce),
    }
}

fn prompts(parameters: &Parameters) -> Result<Words, Error> {
    let Some(asked) = parameters.get("prompt") else { return Ok(Words::default()) };
    let prompts = Words::from(asked);
    if prompts.iter().any(|prompt| Prompt::parse(prompt).is_none()) {
        let known: Vec<&str> = Prompt::ALL.iter().map(|prompt| prompt.as_str()).collect();
        return Err(invalid(format!("prompt has a value that is not one of: {}", known.join(", "))));
    }
    if prompts.contains(Prompt::None.as_str()) && prompts.iter().count() > 1 {
        return Err(invalid("prompt has none and another value (OpenID Connect Core 3.1.2.1)"));
    }
    Ok(prompts)
}

fn max_age(parameters: &Parameters) -> Result<Option<Seconds>, Error> {
    let Some(asked) = parameters.get("max_age") else { return Ok(None) };
    let digits = asked.len() <= 10 && asked.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = asked.parse::<Seconds>().ok().filter(|_| digits);
    seconds.map(Some).ok_or_else(|| invalid("max_age is not a number of seconds"))
}

/// Whom the client expects (OpenID Connect Core §3.1.2.1): the hint is one of our ID tokens, made for this client.
async fn hinted_sub(
    app: &App,
    tenant: &Tenant,
    parameters: &Parameters,
    client: &Client,
) -> Result<Option<String>, Error> {
    let Some(token) = parameters.get("id_token_hint") else { return Ok(None) };
    let hint = id_token_hint::read(app, tenant, token).await?.filter(|hint| hint.client_id == client.client_id());
    hint.map(|hint| Some(hint.sub))
        .ok_or_else(|| invalid("id_token_hint is not an ID token of this server for this client"))
}

/// The hint and `claims` may both name the person, but not two (OpenID Connect Core §5.5.1).
fn one_person(hinted: Option<String>, claimed: Option<String>) -> Result<Option<String>, Error> {
    match (hinted, claimed) {
        (Some(hinted), Some(claimed)) if hinted != claimed => {
            Err(invalid("id_token_hint and claims name different persons"))
        }
        (hinted, claimed) => Ok(hinted.or(claimed)),
    }
}

fn invalid(description: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Code::InvalidRequest, description)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Parameters {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Parameters::new(&pairs)
    }

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn only_an_s256_challenge_of_43_characters_is_taken() {
        spec!("RFC7636-4.4.1/method-unsupported");
        // s.A16, s.A17
        let with = |challenge: &str, method: &str| {
            challenge_of(&[("code_challenge", challenge), ("code_challenge_method", method)])
        };
        assert_eq!(with(CHALLENGE, "S256"), Ok(Some(CHALLENGE.to_owned())));
        for method in ["plain", "S512", "s256", ""] {
            assert!(with(CHALLENGE, method).is_err(), "{method}");
        }
        for challenge in ["short", &CHALLENGE[1..], &format!("{CHALLENGE}a"), &CHALLENGE.replace('-', "+"), ""] {
            assert!(with(challenge, "S256").is_err(), "{challenge}");
        }
        assert!(challenge_of(&[("code_challenge", CHALLENGE)]).is_err());
    }

    fn challenge_of(pairs: &[(&str, &str)]) -> Result<Option<String>, String> {
        challenge(&of(pairs), Pkce::Optional).map_err(|error| error.description.into_owned())
    }

    #[test]
    fn a_challenge_may_be_left_out_only_where_it_is_optional() {
        // s.A15
        assert!(challenge(&of(&[]), Pkce::Required).is_err());
        assert!(challenge(&of(&[]), Pkce::Optional).unwrap().is_none());
    }

    #[test]
    fn prompt_none_stands_alone() {
        spec!("OIDC-Core-3.1.2.1/prompt-none-alone");
        let read = |value| prompts(&of(&[("prompt", value)])).map(|prompts| prompts.to_string()).ok();
        assert_eq!(read("login consent login"), Some("login consent".to_owned()));
        assert_eq!(read("none"), Some("none".to_owned()));
        for wrong in ["none login", "create", "Login", "none\u{0}"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn max_age_is_a_number_of_seconds() {
        let read = |value| max_age(&of(&[("max_age", value)])).ok();
        assert_eq!(read("0"), Some(Some(0)));
        assert_eq!(read("4294967295"), Some(Some(4_294_967_295)));
        assert_eq!(read(""), Some(None));
        for wrong in ["-1", "+1", "1.5", "a", "99999999999", " 1"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_request_object_is_refused_by_its_own_code() {
        // s.A35 to s.A38
        for (name, code) in [
            ("request", Code::RequestNotSupported),
            ("request_uri", Code::RequestUriNotSupported),
            ("registration", Code::RegistrationNotSupported),
        ] {
            let refused = refuse_what_is_not_there(&of(&[(name, "x")])).unwrap_err();
            assert_eq!(refused.code, code);
        }
    }

    #[test]
    fn what_is_shown_again_has_no_control_characters() {
        // s.A19, s.A30
        let read = |value| state(&of(&[("state", value)])).ok();
        assert_eq!(read("&%é\"<"), Some(Some("&%é\"<".to_owned())));
        for wrong in ["a\r\nSet-Cookie: b", "a\rb", "a\u{0}", "a\u{85}"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}

//! Which single claims does a request ask for? (OpenID Connect Core §5.5, portal.md A16, A22)

use entity::word::Words;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::parameters::Parameters;
use crate::oidc::client::ResponseType;
use crate::oidc::service::Service;
use crate::oidc::user::claims::{is_namespaced, is_standard, scope_of};
use crate::oidc::{Code, Error};

/// How deep `claims` may nest (s.A43).
const DEPTH_MAX: usize = 5;
/// The most bytes of names that we do not know, in all: they travel in the code (ADR 0002), and the person is told of
/// each.
const FOREIGN_BYTES_MAX: usize = 1024;

/// The claims a request asks for one by one, beside those that its scopes give. What nobody knows here is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// About the person, for the ID token.
    #[serde(rename = "i", default, skip_serializing_if = "Words::is_empty")]
    pub id_token: Words,
    /// About the person, for the userinfo endpoint.
    #[serde(rename = "u", default, skip_serializing_if = "Words::is_empty")]
    pub userinfo: Words,
    /// The authentication contexts of which one must be met; none: any will do (§5.5.1.1).
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub acr: Vec<String>,
}

/// What the parameter `claims` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// What is asked for.
    pub claims: ClaimsRequest,
    /// The person it must be about (§5.5.1).
    pub sub: Option<String>,
}

impl ClaimsRequest {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What the person has to agree to: the scope that a standard claim belongs to, or the custom claim by its name.
    pub fn to_agree_to(&self) -> Words {
        let names = self.id_token.iter().chain(self.userinfo.iter());
        Words::new(names.map(|name| scope_of(name).map_or(name, |scope| scope.as_str())))
    }

    /// Adds the claims that were asked for as scopes. They go where claims of scopes go: to the userinfo endpoint, or into
    /// the ID token if there is no access token to ask that endpoint with (OpenID Connect Core §5.4).
    ///
    /// # Errors
    /// `invalid_request` when the names that we do not know have more than 1024 bytes.
    pub(super) fn with_scopes(self, of_scopes: &Words, response_type: ResponseType) -> Result<Self, Error> {
        let all = match response_type {
            ResponseType::IdToken => {
                Self { id_token: self.id_token.and(of_scopes), userinfo: Words::default(), ..self }
            }
            _ => Self { userinfo: self.userinfo.and(of_scopes), ..self },
        };
        let names = all.id_token.iter().chain(all.userinfo.iter()).filter(|name| is_namespaced(name));
        let foreign: usize = names.chain(all.acr.iter().map(String::as_str)).map(str::len).sum();
        if foreign > FOREIGN_BYTES_MAX {
            return Err(invalid("the custom claims and contexts asked for have more than 1024 bytes"));
        }
        Ok(all)
    }

    /// Whether an authentication of this context is good enough.
    pub fn is_met_by(&self, acr: &str) -> bool {
        self.acr.is_empty() || self.acr.iter().any(|wanted| wanted == acr)
    }
}

/// The custom claims among the scopes of a request (A16): those that look like one and that no service knows as its own.
pub(super) fn among_scopes(scopes: &Words, services: &[Service]) -> Words {
    let known = |scope: &str| services.iter().any(|service| service.scopes.iter().any(|known| known.value == scope));
    scopes.only(|scope| is_namespaced(scope) && !known(scope))
}

/// Reads the parameter.
///
/// # Errors
/// `invalid_request` for what is not a JSON object of claims requests, nests deeper than five levels or asks for two
/// different persons.
pub(super) fn read(parameters: &Parameters) -> Result<Asked, Error> {
    let Some(text) = parameters.get("claims") else { return Ok(Asked::default()) };
    let Ok(Value::Object(members)) = serde_json::from_str(text) else { return Err(wrong()) };
    if members.values().any(|value| depth(value) >= DEPTH_MAX) {
        return Err(wrong());
    }
    let (of_id_token, of_userinfo) = (member(&members, "id_token")?, member(&members, "userinfo")?);
    let mut asked = Asked {
        claims: ClaimsRequest { id_token: of_id_token.names, userinfo: of_userinfo.names, acr: of_id_token.acr },
        sub: of_id_token.sub,
    };
    if let Some(sub) = of_userinfo.sub
        && *asked.sub.get_or_insert(sub.clone()) != sub
    {
        return Err(invalid("claims names two different persons by sub"));
    }
    Ok(asked)
}

/// One of the two members of `claims`.
#[derive(Default)]
struct Member {
    names: Words,
    sub: Option<String>,
    acr: Vec<String>,
}

fn member(members: &Map<String, Value>, name: &str) -> Result<Member, Error> {
    let requests = match members.get(name) {
        None | Some(Value::Null) => return Ok(Member::default()),
        Some(Value::Object(requests)) => requests,
        Some(_) => return Err(wrong()),
    };
    let mut out = Member::default();
    let mut names = Vec::new();
    for (claim, request) in requests {
        let request = Request::read(request)?;
        match claim.as_str() {
            "sub" => out.sub = request.one_person()?,
            // A voluntary wish is met as well as it can be, which is how it is met anyway (§5.5.1.1).
            "acr" if request.essential => out.acr = request.texts().map(str::to_owned).collect(),
            claim if is_standard(claim) || is_namespaced(claim) => names.push(claim),
            _ => {}
        }
    }
    out.names = Words::new(names);
    Ok(out)
}

/// What is said about one claim (§5.5.1).
#[derive(Default)]
struct Request<'a> {
    essential: bool,
    values: Vec<&'a Value>,
}

impl<'a> Request<'a> {
    fn read(request: &'a Value) -> Result<Self, Error> {
        let members = match request {
            Value::Null => return Ok(Self::default()),
            Value::Object(members) => members,
            _ => return Err(wrong()),
        };
        let essential = match members.get("essential") {
            None => false,
            Some(essential) => essential.as_bool().ok_or_else(wrong)?,
        };
        let several = match members.get("values") {
            None => &[][..],
            Some(values) => values.as_array().ok_or_else(wrong)?,
        };
        Ok(Self { essential, values: members.get("value").into_iter().chain(several).collect() })
    }

    fn texts(&self) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter_map(|value| value.as_str())
    }

    fn one_person(&self) -> Result<Option<String>, Error> {
        match self.values.as_slice() {
            [] => Ok(None),
            [Value::String(sub)] => Ok(Some(sub.clone())),
            _ => Err(invalid("claims asks for sub with something else than one string")),
        }
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

fn wrong() -> Error {
    invalid("claims is not a JSON object of claims requests (OpenID Connect Core 5.5)")
}

fn invalid(description: &'static str) -> Error {
    Error::new(Code::InvalidRequest, description)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(claims: &str) -> Result<Asked, Error> {
        super::read(&Parameters::new(&[("claims".to_owned(), claims.to_owned())]))
    }

    #[test]
    fn what_is_known_is_kept_and_what_is_not_is_left_out() {
        spec!("OIDC-Core-5.5/claims-parameter");
        let asked = read(
            r#"{"userinfo": {"given_name": {"essential": true}, "https://acme.example/groups": null, "colour": null},
                "id_token": {"email": {"value": "x"}, "auth_time": null, "acr": {"values": ["7"]}, "aud": null},
                "unheard_of": {"x": 1}}"#,
        );
        let claims = ClaimsRequest {
            id_token: Words::from("email"),
            userinfo: Words::from("given_name https://acme.example/groups"),
            acr: Vec::new(),
        };
        assert_eq!(claims.to_agree_to(), Words::from("email profile https://acme.example/groups"));
        assert_eq!(asked.unwrap(), Asked { claims, sub: None });
        assert!(read("{}").unwrap().claims.is_empty());
    }

    #[test]
    fn sub_names_one_person() {
        // OpenID Connect Core §5.5.1
        for fine in [
            r#"{"id_token": {"sub": {"value": "ada"}}}"#,
            r#"{"userinfo": {"sub": {"values": ["ada"]}}, "id_token": {"sub": null}}"#,
            r#"{"userinfo": {"sub": {"value": "ada"}}, "id_token": {"sub": {"value": "ada", "essential": true}}}"#,
        ] {
            assert_eq!(read(fine).unwrap(), Asked { sub: Some("ada".to_owned()), ..Asked::default() }, "{fine}");
        }
        for wrong in [
            r#"{"id_token": {"sub": {"value": 1}}}"#,
            r#"{"id_token": {"sub": {"values": ["ada", "bob"]}}}"#,
            r#"{"userinfo": {"sub": {"value": "ada"}}, "id_token": {"sub": {"value": "bob"}}}"#,
        ] {
            assert_eq!(read(wrong).unwrap_err().code, Code::InvalidRequest, "{wrong}");
        }
    }

    #[test]
    fn an_essential_context_has_to_be_met() {
        // OpenID Connect Core §5.5.1.1
        let of = |claims| read(claims).unwrap().claims;
        let essential = of(r#"{"id_token": {"acr": {"essential": true, "values": ["2", "3"]}}}"#);
        assert!(!essential.is_met_by("1") && essential.is_met_by("3"));
        let voluntary = of(r#"{"id_token": {"acr": {"values": ["2"]}}, "userinfo": {"acr": {"essential": true}}}"#);
        assert!(voluntary.is_met_by("1"));
    }

    #[test]
    fn nonsense_is_refused() {
        // s.A43
        let deep = format!(r#"{{"x":{}1{}}}"#, "[".repeat(5), "]".repeat(5));
        for wrong in [
            "[]",
            "1",
            "{",
            r#"{"userinfo":[]}"#,
            r#"{"id_token":{"acr":1}}"#,
            r#"{"id_token":{"email":{"essential":"yes"}}}"#,
            r#"{"id_token":{"email":{"values":"a"}}}"#,
            &deep,
            &"[".repeat(5000),
        ] {
            assert_eq!(read(wrong).unwrap_err().code, Code::InvalidRequest, "{wrong}");
        }
    }

    #[test]
    fn names_that_nobody_knows_here_are_short_or_few() {
        let many = Words::new((0..50).map(|n| format!("https://acme.example/claim/{n}")));
        let few = ClaimsRequest { acr: vec!["urn:example:gold".to_owned()], ..ClaimsRequest::default() };
        let with = |scopes: &Words| few.clone().with_scopes(scopes, ResponseType::Code);
        assert_eq!(with(&Words::from("https://a.example/x")).unwrap().userinfo, Words::from("https://a.example/x"));
        assert_eq!(with(&many).unwrap_err().code, Code::InvalidRequest);
        let long = ClaimsRequest { acr: vec!["x".repeat(2000)], ..ClaimsRequest::default() };
        assert!(long.with_scopes(&Words::default(), ResponseType::Code).is_err());
    }

    #[test]
    fn a_custom_claim_may_stand_in_scope() {
        spec!("portal/A16");
        let scopes = Words::from("openid email read:contacts https://acme.example/groups urn:x:y");
        assert_eq!(among_scopes(&scopes, &[]), Words::from("https://acme.example/groups"));
    }
}

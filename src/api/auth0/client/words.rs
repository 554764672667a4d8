//! What are a client's members called here? One table; what has no effect here is kept.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::api::auth0::error::Refused;
use crate::api::auth0::members::Members;
use crate::oidc::client::{ApplicationType, GrantType};
use crate::oidc::tenant::Tenant;
use crate::portal::client::registered::{Change, New, Registered};
use crate::secret::Secret;

/// Members that are metadata under another name or the same, and their type.
const METADATA: [(&str, &str, &str); 7] = [
    ("name", "client_name", "string"),
    ("callbacks", "redirect_uris", "array"),
    ("allowed_logout_urls", "post_logout_redirect_uris", "array"),
    ("grant_types", "grant_types", "array"),
    ("token_endpoint_auth_method", "token_endpoint_auth_method", "string"),
    ("logo_uri", "logo_uri", "string"),
    ("initiate_login_uri", "initiate_login_uri", "string"),
];

/// What the types are called.
const TYPES: [(&str, ApplicationType); 4] = [
    ("native", ApplicationType::Native),
    ("spa", ApplicationType::Browser),
    ("regular_web", ApplicationType::Web),
    ("non_interactive", ApplicationType::BackendToBackend),
];

/// The grants of a client that names none (portal.md A32), as far as this server has them.
const GRANTS: [&str; 4] = ["authorization_code", "implicit", "refresh_token", "client_credentials"];

/// Members that are stored and read back, and their type.
const KEPT: [(&str, &str); 30] = [
    ("addons", "object"),
    ("allowed_clients", "array"),
    ("allowed_origins", "array"),
    ("client_aliases", "array"),
    ("client_metadata", "object"),
    ("compliance_level", "string"),
    ("cross_origin_auth", "boolean"),
    ("cross_origin_authentication", "boolean"),
    ("cross_origin_loc", "string"),
    ("custom_login_page", "string"),
    ("custom_login_page_on", "boolean"),
    ("custom_login_page_preview", "string"),
    ("default_organization", "object"),
    ("encryption_key", "object"),
    ("form_template", "string"),
    ("is_token_endpoint_ip_header_trusted", "boolean"),
    ("mobile", "object"),
    ("native_social_login", "object"),
    ("oidc_backchannel_logout", "object"),
    ("oidc_conformant", "boolean"),
    ("oidc_logout", "object"),
    ("organization_require_behavior", "string"),
    ("organization_usage", "string"),
    ("refresh_token", "object"),
    ("require_proof_of_possession", "boolean"),
    ("require_pushed_authorization_requests", "boolean"),
    ("sso", "boolean"),
    ("sso_disabled", "boolean"),
    ("token_quota", "object"),
    ("web_origins", "array"),
];

/// Where it is kept that nobody said the grants: no member of Auth0's is called so.
const UNSAID: &str = "grant_types_unsaid";
/// Where what is stored of `jwt_configuration` stands.
const JWT: &str = "jwt_configuration";
/// Seconds an ID token lives in Auth0 where nothing is said.
const JWT_SECONDS: u32 = 36_000;

/// The types named by `app_type` of a list.
///
/// # Errors
/// 400 for one there is none of.
pub fn kinds(asked: Option<&str>) -> Result<Vec<ApplicationType>, Refused> {
    let names = asked.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    names
        .map(|name| kind(name).ok_or_else(|| Refused::query(format!("Query validation error: {}.", no_type()))))
        .collect()
}

fn kind(name: &str) -> Option<ApplicationType> {
    TYPES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

fn no_type() -> String {
    format!("app_type must be one of {}", TYPES.map(|(name, _)| name).join(", "))
}

/// What a body says of a client.
struct Said {
    members: Map<String, Value>,
    description: Option<Option<String>>,
    first_party: Option<bool>,
    kept: Map<String, Value>,
}

fn said(body: &mut Members) -> Said {
    let mut members = Map::new();
    for (name, own, type_) in METADATA {
        if let Some(value) = body.value(name, type_) {
            members.insert(own.to_owned(), value.unwrap_or(Value::Null));
        }
    }
    match body.text("app_type") {
        None => {}
        Some(None) => drop(members.insert("application_type".to_owned(), Value::Null)),
        Some(Some(name)) => match kind(&name) {
            Some(kind) => drop(members.insert("application_type".to_owned(), kind.as_str().into())),
            None => body.complain("app_type", &no_type()),
        },
    }
    let description = body.text("description").map(|text| text.filter(|text| !text.is_empty()));
    let first_party = body.flag("is_first_party").map(Option::unwrap_or_default);
    let mut kept = Map::new();
    for (name, type_) in KEPT {
        if let Some(value) = body.value(name, type_) {
            kept.insert(name.to_owned(), value.unwrap_or(Value::Null));
        }
    }
    if let Some(mut jwt) = body.inner(JWT) {
        if let Some(alg) = jwt.text("alg") {
            members.insert("id_token_signed_response_alg".to_owned(), alg.into());
        }
        let mut rest = Map::new();
        for (name, type_) in [("lifetime_in_seconds", "number"), ("secret_encoded", "boolean"), ("scopes", "object")] {
            if let Some(value) = jwt.value(name, type_) {
                rest.insert(name.to_owned(), value.unwrap_or(Value::Null));
            }
        }
        body.rejoin(JWT, jwt);
        kept.insert(JWT.to_owned(), Value::Object(rest));
    }
    Said { members, description, first_party, kept }
}

/// A client to be made, and all that is wrong with the body.
pub fn new(mut body: Members) -> (New, Vec<String>) {
    let mut said = said(&mut body);
    if said.members.get("client_name").is_none_or(|name| name.as_str().is_none_or(|name| name.trim().is_empty())) {
        body.missing("name");
    }
    said.members.retain(|_, value| !value.is_null());
    said.kept.retain(|_, value| !value.is_null());
    if !said.members.contains_key("grant_types") {
        said.members.insert("grant_types".to_owned(), usual_grants(&said.members));
        said.kept.insert(UNSAID.to_owned(), true.into());
    }
    let description = said.description.flatten();
    let first_party = said.first_party.unwrap_or(true);
    (New { members: said.members, description, first_party, kept: said.kept }, body.complaints())
}

/// The grants of a client that names none: those of A32 that its type and its callbacks allow.
fn usual_grants(members: &Map<String, Value>) -> Value {
    let text = |member: &str| members.get(member).and_then(Value::as_str).unwrap_or_default();
    let kind = ApplicationType::parse(text("application_type"));
    let has_callbacks =
        members.get("redirect_uris").and_then(Value::as_array).is_some_and(|callbacks| !callbacks.is_empty());
    let is_public = text("token_endpoint_auth_method") == "none"
        || matches!(kind, Some(ApplicationType::Native | ApplicationType::Browser));
    let fits = |grant: &str| match grant {
        "client_credentials" => !is_public,
        _ => has_callbacks && kind != Some(ApplicationType::BackendToBackend),
    };
    GRANTS.into_iter().filter(|grant| fits(grant) && GrantType::parse(grant).is_some()).collect()
}

/// What is to change of a client that has these metadata and of which this is kept, and all that is wrong with the body.
pub fn change(mut body: Members, before: &Map<String, Value>, kept: Option<&Value>) -> (Change, Vec<String>) {
    let mut said = said(&mut body);
    if said.members.get("client_name").is_some_and(|name| name.as_str().is_none_or(|name| name.trim().is_empty())) {
        body.complain("name", "Expected a name");
    }
    follow(&mut said, before, kept.is_some_and(|kept| kept[UNSAID] == true));
    if said.members.contains_key("grant_types") {
        // They follow from the grants.
        said.members.insert("response_types".to_owned(), Value::Null);
    }
    let Said { members, description, first_party, kept } = said;
    (Change { members, description, first_party, kept }, body.complaints())
}

/// The usual grants of a client follow what it becomes, as long as nobody said which it is to have (portal.md A32).
fn follow(said: &mut Said, known: &Map<String, Value>, unsaid: bool) {
    match said.members.get("grant_types") {
        Some(Value::Null) => {}
        Some(_) => {
            said.kept.insert(UNSAID.to_owned(), Value::Null);
            return;
        }
        None => {
            // Whoever chose others elsewhere said it, too.
            if !unsaid || grants(known.get("grant_types")) != grants(Some(&usual_grants(known))) {
                return;
            }
        }
    }
    let mut after = known.clone();
    after.extend(said.members.clone());
    said.members.insert("grant_types".to_owned(), usual_grants(&after));
    said.kept.insert(UNSAID.to_owned(), true.into());
}

fn grants(listed: Option<&Value>) -> BTreeSet<&str> {
    listed.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A client, with its secret if it is told.
pub fn told(tenant: &Tenant, registered: &Registered, secret: Option<&Secret>) -> Value {
    let client = &registered.client;
    let metadata = client.metadata.to_members();
    let kept = client.row.kept.as_ref();
    let mut all: Map<String, Value> = kept.and_then(Value::as_object).cloned().unwrap_or_default();
    all.shift_remove(UNSAID);
    let kind = TYPES.iter().find(|(_, kind)| *kind == client.metadata.application_type()).map(|(name, _)| *name);
    let mut jwt = json!({"lifetime_in_seconds": JWT_SECONDS, "secret_encoded": false});
    if let (Some(jwt), Some(Value::Object(rest))) = (jwt.as_object_mut(), all.shift_remove(JWT)) {
        jwt.extend(rest);
    }
    jwt["alg"] = metadata.get("id_token_signed_response_alg").cloned().unwrap_or_default();
    let list = |own: &str| metadata.get(own).cloned().unwrap_or_else(|| json!([]));
    let ours = [
        ("tenant", json!(tenant.slug)),
        ("global", json!(false)),
        ("client_id", json!(client.client_id())),
        ("name", json!(client.metadata.name(&[]).unwrap_or(client.client_id()))),
        ("description", json!(registered.description.as_deref().unwrap_or_default())),
        ("app_type", json!(kind)),
        ("is_first_party", json!(client.row.first_party)),
        ("callbacks", list("redirect_uris")),
        ("allowed_logout_urls", list("post_logout_redirect_uris")),
        ("grant_types", list("grant_types")),
        ("token_endpoint_auth_method", json!(client.metadata.auth_method().as_str())),
        ("third_party_security_mode", json!(client.profile.name)),
        (JWT, jwt),
    ];
    all.extend(ours.map(|(name, value)| (name.to_owned(), value)));
    for (name, default) in [("oidc_conformant", true), ("sso_disabled", false), ("cross_origin_auth", false)] {
        all.entry(name).or_insert_with(|| default.into());
    }
    for name in ["web_origins", "allowed_origins"] {
        all.entry(name).or_insert_with(|| json!([]));
    }
    for name in ["logo_uri", "initiate_login_uri"] {
        if let Some(value) = metadata.get(name) {
            all.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(secret) = secret {
        all.insert("client_secret".to_owned(), secret.expose().into());
    }
    all.sort_keys();
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn members(value: Value) -> Members {
        Members::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn a_client_that_names_no_grants_has_those_it_can_use() {
        // A32
        let grants = |body: Value| new(members(body)).0.members["grant_types"].clone();
        let known = |wanted: &[&str]| -> Value {
            wanted.iter().filter(|grant| GrantType::parse(grant).is_some()).copied().collect()
        };
        let callbacks = json!(["https://a.example/cb"]);
        assert_eq!(grants(json!({"name": "a", "callbacks": callbacks})), known(&GRANTS));
        assert_eq!(grants(json!({"name": "a", "callbacks": callbacks, "app_type": "spa"})), known(&GRANTS[..3]));
        assert_eq!(grants(json!({"name": "a", "app_type": "non_interactive"})), json!(["client_credentials"]));
        assert_eq!(grants(json!({"name": "a"})), json!(["client_credentials"]));
    }

    #[test]
    fn a_body_becomes_metadata_and_what_is_kept() {
        let body = members(json!({
            "callbacks": ["https://a.example/cb"], "logo_uri": null, "is_first_party": false, "description": "",
            "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 60}, "client_metadata": {"a": "b"},
            "grant_types": ["authorization_code"], "web_origins": null,
        }));
        let (change, wrong) = change(body, &Map::new(), None);
        assert_eq!(wrong, [] as [&str; 0]);
        let expected = json!({
            "redirect_uris": ["https://a.example/cb"], "grant_types": ["authorization_code"], "logo_uri": null,
            "id_token_signed_response_alg": "RS256", "response_types": null,
        });
        assert_eq!(Value::Object(change.members), expected);
        assert_eq!((change.first_party, change.description), (Some(false), Some(None)));
        let kept = json!({
            "client_metadata": {"a": "b"}, "web_origins": null, "jwt_configuration": {"lifetime_in_seconds": 60},
            "grant_types_unsaid": null,
        });
        assert_eq!(Value::Object(change.kept), kept);
    }
}

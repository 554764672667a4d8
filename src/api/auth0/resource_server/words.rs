//! What are a service's members called here? An API is a service with its policy.

use entity::service::Access;
use serde_json::{Map, Value, json};

use crate::api::auth0::members::Members;
use crate::app::App;
use crate::oidc::endpoint;
use crate::oidc::scope::MANAGEMENT_SCOPES;
use crate::oidc::service::{MANAGEMENT_SECONDS, is_management as names_management};
use crate::oidc::tenant::Tenant;
use crate::portal::policy;
use crate::portal::service::{Change, Scope, Service};

/// The identity of the management API.
const MANAGEMENT_ID: &str = "management-api";
/// Seconds access tokens live in Auth0 where nothing is said.
const TOKEN_SECONDS: i64 = 86_400;

/// Members that are stored and read back: name, type, and what is told where nothing is stored.
const KEPT: [(&str, &str, &str); 11] = [
    ("signing_alg", "string", r#""RS256""#),
    ("allow_offline_access", "boolean", "false"),
    ("skip_consent_for_verifiable_first_party_clients", "boolean", "true"),
    ("token_dialect", "string", r#""rfc9068_profile""#),
    ("token_lifetime_for_web", "integer", "7200"),
    ("enforce_policies", "boolean", "false"),
    ("signing_secret", "string", "null"),
    ("consent_policy", "string", "null"),
    ("authorization_details", "array", "null"),
    ("token_encryption", "object", "null"),
    ("proof_of_possession", "object", "null"),
];

/// What a body says of an API.
struct Said {
    change: Change,
    rules: policy::Change,
}

fn said(body: &mut Members) -> Said {
    let mut change = Change::default();
    let mut rules = policy::Change::default();
    if let Some(name) = body.text("name").flatten() {
        rules.display_name = Some(name.clone());
        change.name = Some(service_name(&name));
    }
    if let Some(scopes) = body.array("scopes") {
        change.scopes = Some(read_scopes(body, scopes.unwrap_or_default()));
    }
    if let Some(seconds) = body.integer("token_lifetime") {
        let seconds = seconds.unwrap_or(TOKEN_SECONDS);
        if seconds < 1 {
            body.complain("token_lifetime", "Value is less than minimum 1");
        }
        rules.token_expiration = Some(seconds);
        change.access_token_seconds = Some(Some(seconds));
    }
    if let Some(mut subjects) = body.inner("subject_type_authorization") {
        if let Some(mut user) = subjects.inner("user") {
            match user.text("policy").flatten().as_deref() {
                None => {}
                Some("allow_all") => change.access = Some(Access::People),
                Some("require_client_grant") => change.access = Some(Access::Contract),
                Some(_) => user.complain("policy", "No enum match: expected one of allow_all, require_client_grant"),
            }
            subjects.rejoin("user", user);
        }
        if let Some(mut client) = subjects.inner("client") {
            // Clients that speak for themselves always need a grant.
            match client.text("policy").flatten().as_deref() {
                None | Some("require_client_grant") => {}
                Some(_) => client.complain("policy", "No enum match: expected one of require_client_grant"),
            }
            subjects.rejoin("client", client);
        }
        body.rejoin("subject_type_authorization", subjects);
    }
    Said { change, rules }
}

fn read_scopes(body: &mut Members, items: Vec<Value>) -> Vec<Scope> {
    let mut scopes = Vec::new();
    for (at, item) in items.into_iter().enumerate() {
        let path = format!("scopes[{at}]");
        let Value::Object(members) = item else {
            body.complain(&path, "Expected type object");
            continue;
        };
        let mut inner = Members::new(members);
        let description = inner.text("description").flatten().unwrap_or_default();
        match inner.text("value").flatten() {
            Some(value) => scopes.push(Scope { value, description }),
            None => inner.missing("value"),
        }
        body.rejoin(&path, inner);
    }
    scopes
}

/// A service's name stands in paths, so some characters cannot be in it; what people see is the policy's.
fn service_name(name: &str) -> String {
    let plain = |c: char| if c.is_control() || "/\\?#%".contains(c) { '-' } else { c };
    name.trim().chars().map(plain).take(200).collect::<String>().trim().to_owned()
}

fn kept(body: &mut Members, before: Option<&Value>) -> Option<Value> {
    let mut kept = before.and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, kind, _) in KEPT {
        match body.value(name, kind) {
            None => {}
            Some(None) => drop(kept.shift_remove(name)),
            // A secret is not kept where everybody who reads the API would read it.
            Some(Some(_)) if name == "signing_secret" => {}
            Some(Some(value)) => drop(kept.insert(name.to_owned(), value)),
        }
    }
    (!kept.is_empty()).then_some(Value::Object(kept))
}

/// An API to be made, its rules, and all that is wrong with the body.
pub fn new(mut body: Members) -> (Change, policy::Change, Vec<String>) {
    let Said { mut change, mut rules } = said(&mut body);
    let identifier = body.text("identifier").flatten().filter(|identifier| !identifier.is_empty());
    let kept = kept(&mut body, None);
    match &identifier {
        Some(identifier) => {
            let name = identifier.split_once("://").map_or(identifier.as_str(), |(_, rest)| rest);
            change.name.get_or_insert_with(|| service_name(name));
            rules.display_name.get_or_insert_with(|| identifier.chars().take(200).collect());
        }
        None => {
            body.missing("identifier");
            // They would follow from it: what is missing is said once.
            change.name.get_or_insert_with(|| "API".to_owned());
            rules.display_name.get_or_insert_with(|| "API".to_owned());
        }
    }
    let change = Change {
        audience: identifier,
        access: Some(change.access.unwrap_or(Access::People)),
        kept: Some(kept),
        ..change
    };
    let rules = policy::Change {
        token_expiration: Some(rules.token_expiration.unwrap_or(TOKEN_SECONDS)),
        enable_authorization_code: Some(true),
        enable_client_credentials: Some(true),
        enable_implicit_grant: Some(true),
        ..rules
    };
    (change, rules, body.complaints())
}

/// What is to change of an API, and of its rules if it has any, and all that is wrong with the body: the identifier never
/// changes.
pub fn change(mut body: Members, before: &Service) -> (Change, Option<policy::Change>, Vec<String>) {
    let Said { mut change, rules } = said(&mut body);
    if let Some(identifier) = body.text("identifier")
        && identifier.as_deref() != Some(before.row.audience.as_str())
    {
        body.complain("identifier", "The identifier cannot be changed");
    }
    change.kept = Some(kept(&mut body, before.row.kept.as_ref()));
    let changes = rules != policy::Change::default();
    if before.policy.is_some() {
        // The policy says how long tokens live.
        change.access_token_seconds = None;
    }
    (change, changes.then_some(rules), body.complaints())
}

/// An API.
pub fn told(app: &App, service: &Service) -> Value {
    let row = &service.row;
    let configured = app.config.tokens.access_token_seconds;
    let (name, seconds) = match &service.policy {
        Some(policy) => (&policy.display_name, policy.token_expiration),
        None => (&row.name, row.access_token_seconds.unwrap_or(configured)),
    };
    let user = if row.access == Access::Contract { "require_client_grant" } else { "allow_all" };
    let mut all = Map::new();
    for (name, _, default) in KEPT {
        let kept = row.kept.as_ref().and_then(|kept| kept.get(name)).cloned();
        let value = kept.unwrap_or_else(|| serde_json::from_str(default).unwrap_or_default());
        all.extend(Some(value).filter(|value| !value.is_null()).map(|value| (name.to_owned(), value)));
    }
    let ours = [
        ("id", json!(row.id)),
        ("name", json!(name)),
        ("identifier", json!(row.audience)),
        ("is_system", json!(false)),
        ("scopes", json!(service.scopes)),
        ("token_lifetime", json!(seconds)),
        ("subject_type_authorization", json!({"user": {"policy": user}})),
    ];
    all.extend(ours.map(|(name, value)| (name.to_owned(), value)));
    all.sort_keys();
    Value::Object(all)
}

/// Whether the management API is meant.
pub fn is_management(tenant: &Tenant, id: &str) -> bool {
    id == MANAGEMENT_ID || names_management(tenant, id)
}

/// The management API.
pub fn management(tenant: &Tenant) -> Value {
    let own = MANAGEMENT_SCOPES.iter().map(|scope| json!({"value": scope, "description": ""}));
    json!({
        "allow_offline_access": false,
        "id": MANAGEMENT_ID,
        "identifier": tenant.url(endpoint::MANAGEMENT),
        "is_system": true,
        "name": "Management API",
        "scopes": own.collect::<Vec<_>>(),
        "signing_alg": "RS256",
        "skip_consent_for_verifiable_first_party_clients": false,
        "subject_type_authorization": {"user": {"policy": "require_client_grant"}},
        "token_dialect": "rfc9068_profile",
        "token_lifetime": MANAGEMENT_SECONDS,
    })
}

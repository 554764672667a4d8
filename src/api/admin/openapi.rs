//! Which scopes does each operation need? Written into the document from the one table of permissions (P-15).

use poem_openapi::{ContactObject, LicenseObject, OpenApi, OpenApiService};
use serde_json::{Map, Value, json};

use super::caller::PERSONAL_TOKEN;
use super::repeat::IDEMPOTENCY_KEY;
use crate::oidc::endpoint;
use crate::portal::Action;
use crate::portal::idempotency::KEY_MAX;

const ACCESS_TOKEN: &str = "access_token";
const DESCRIPTION: &str = "The portal in its own words, for automation. All addresses are below the issuer. Moments are \
                           seconds since 1970. Lists come in parts: `next` is the `cursor` of the part behind. What has a \
                           version has an `ETag`, and changes with `If-Match` are refused with 412 when it is another one \
                           by then. A POST with an `Idempotency-Key` happens once, however often it is sent within a day. \
                           Refusals are problem documents (RFC 9457).";

/// The service.
pub fn service() -> OpenApiService<impl OpenApi, ()> {
    OpenApiService::new(super::apis(), "Registrar, management", env!("CARGO_PKG_VERSION"))
        .description(DESCRIPTION)
        .license(LicenseObject::new("Apache-2.0").url("https://www.apache.org/licenses/LICENSE-2.0"))
        .contact(ContactObject::new().name("The maintainers of Registrar"))
}

/// The document, with what each operation needs.
pub fn document() -> String {
    let mut document: Value = serde_json::from_str(&service().spec()).unwrap_or_default();
    document["components"]["securitySchemes"][ACCESS_TOKEN] = access_token();
    document["servers"] = json!([{ "url": super::PREFIX }]);
    let (mut none, mut problems) = (Map::new(), Map::new());
    for item in document["paths"].as_object_mut().unwrap_or(&mut none).values_mut() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            complete(method, operation);
            gather(operation, &mut problems);
        }
    }
    document["components"]["responses"] = problems.into();
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn complete(method: &str, operation: &mut Value) {
    let Some(needs) = operation["operationId"].as_str().and_then(needs) else { return };
    let mut security = vec![json!({ PERSONAL_TOKEN: [] })];
    let mut scopes: Vec<&str> = needs.iter().flat_map(|action| action.scopes()).copied().collect();
    scopes.dedup();
    security.extend(scopes.iter().map(|scope| json!({ ACCESS_TOKEN: [scope] })));
    if needs.is_empty() {
        security.push(json!({ ACCESS_TOKEN: [] }));
    }
    operation["security"] = security.into();
    let own: Vec<String> = needs.iter().filter_map(|action| Some(format!("`{}`", action.scopes().first()?))).collect();
    let told = match own.is_empty() {
        true => "Needs a token, whatever its scopes.".to_owned(),
        false => format!("Needs {}.", own.join(" or ")),
    };
    let before = operation["description"].as_str().map(|text| format!("{text}\n\n")).unwrap_or_default();
    operation["description"] = format!("{before}{told}").into();
    if method == "post" {
        let header = json!({
            "name": IDEMPOTENCY_KEY, "in": "header", "required": false, "deprecated": false,
            "description": "A fresh value for each request: one that is sent again gets the first answer again.",
            "schema": {"type": "string", "minLength": 1, "maxLength": KEY_MAX},
        });
        match operation["parameters"].as_array_mut() {
            Some(parameters) => parameters.push(header),
            None => operation["parameters"] = json!([header]),
        }
    }
}

/// Refusals are the same everywhere: each is described once.
fn gather(operation: &mut Value, problems: &mut Map<String, Value>) {
    let mut none = Map::new();
    for (status, response) in operation["responses"].as_object_mut().unwrap_or(&mut none) {
        if status.starts_with('4') || status.starts_with('5') {
            let name = format!("Problem{status}");
            let reference = json!({"$ref": format!("#/components/responses/{name}")});
            problems.insert(name, std::mem::replace(response, reference));
        }
    }
}

fn access_token() -> Value {
    let known = Action::ALL.iter().flat_map(|action| action.scopes());
    let scopes: Map<String, Value> = known.map(|scope| ((*scope).to_owned(), "".into())).collect();
    json!({
        "type": "oauth2",
        "description": "An access token for the management API, its `audience` the issuer and `/api/v2/`.",
        "flows": {"clientCredentials": {"tokenUrl": endpoint::TOKEN, "scopes": scopes}},
    })
}

/// The actions one of which an operation needs; none: any token is good. `None`: there is no such operation.
pub fn needs(operation: &str) -> Option<&'static [Action]> {
    offered(operation).or_else(|| registered(operation)).or_else(|| administered(operation))
}

fn offered(operation: &str) -> Option<&'static [Action]> {
    use Action::*;
    Some(match operation {
        "read_settings" => &[ReadSettings],
        "change_settings" => &[WriteSettings],
        "list_services" | "read_service" | "read_policy" | "list_documents" | "read_document" => &[ReadServices],
        "create_service" | "change_service" | "remove_service" => &[WriteServices],
        "put_policy" | "change_policy" | "remove_policy" | "read_provision_key" | "rotate_provision_key" => {
            &[WritePolicies]
        }
        "create_document" | "change_document" | "remove_document" | "link_document" | "unlink_document" => {
            &[WriteDocuments]
        }
        "list_catalog" | "read_catalog" | "list_personal_tokens" => &[ReadOwn],
        _ => return None,
    })
}

fn registered(operation: &str) -> Option<&'static [Action]> {
    use Action::*;
    Some(match operation {
        "list_application_types"
        | "list_applications"
        | "read_application"
        | "list_members"
        | "read_application_mails" => &[ReadOwn, ReadApplications],
        "create_application"
        | "change_application"
        | "archive_application"
        | "transfer_application"
        | "add_member"
        | "change_member"
        | "remove_member"
        | "change_application_mails" => &[WriteOwn, WriteApplications],
        "restore_application" => &[WriteApplications],
        "list_application_clients" => &[ReadOwn, ReadApplications],
        "read_client" | "list_client_secrets" => &[ReadOwn, ReadApplications, ReadClients],
        "create_client" => &[WriteOwn, WriteApplications],
        "change_client"
        | "remove_client"
        | "create_client_secret"
        | "regenerate_client_secret"
        | "change_client_secret"
        | "remove_client_secret" => &[WriteOwn, WriteApplications, WriteClients],
        "list_contracts" | "read_contract" => &[ReadOwn, ReadContracts],
        "create_contract" | "unregister_contract" => &[WriteOwn, WriteApplications],
        "change_contract" | "delete_contract" | "approve_contract" | "reject_contract" | "revoke_contract"
        | "suspend_contract" | "resume_contract" => &[DecideContracts],
        _ => return None,
    })
}

fn administered(operation: &str) -> Option<&'static [Action]> {
    use Action::*;
    Some(match operation {
        "list_developers" | "read_developer" => &[ReadDevelopers],
        "change_developer" => &[WriteDevelopers, WriteOwn],
        "create_developer" | "invite_developer" | "remove_developer" | "approve_developer" | "reject_developer"
        | "revoke_developer" => &[WriteDevelopers],
        "list_clients" | "read_any_client" | "list_templates" | "read_template" => &[ReadClients],
        "remove_any_client"
        | "disable_client"
        | "enable_client"
        | "trust_client"
        | "distrust_client"
        | "grant_client_right"
        | "withdraw_client_right"
        | "follow_template"
        | "leave_template"
        | "create_template"
        | "change_template"
        | "remove_template" => &[WriteClients],
        "list_consents" => &[ReadConsents],
        "remove_consent" => &[WriteConsents],
        "create_personal_token" | "revoke_personal_token" => &[WriteOwn],
        "list_initial_access_tokens" | "create_initial_access_token" | "revoke_initial_access_token" => {
            &[WriteInitialAccessTokens]
        }
        "list_webhooks" | "read_webhook" => &[ReadEvents, WriteWebhooks],
        "create_webhook"
        | "change_webhook"
        | "remove_webhook"
        | "ping_webhook"
        | "rotate_webhook_secret"
        | "retry_delivery" => &[WriteWebhooks],
        "list_deliveries" | "read_delivery" | "list_events" | "read_event" => &[ReadEvents],
        "read_me" => &[],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_says_what_it_needs() {
        // P-15
        let document: Value = serde_json::from_str(&document()).unwrap_or_default();
        let mut known = 0;
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let id = operation["operationId"].as_str().unwrap_or_default();
                assert!(needs(id).is_some(), "{method} {path}: {id}");
                assert!(operation["description"].as_str().is_some_and(|text| text.contains("Needs ")), "{id}");
                known += 1;
            }
        }
        assert!(known > 70, "{known}");
    }
}

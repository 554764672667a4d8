//! Registrations of real clients, judged by the rules alone: what is accepted, refused and echoed in `interop`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use registrar::oidc::Error;
use registrar::oidc::client::{AuthMethod, Metadata, SecretNeed};
use registrar::oidc::registration::json::{self, Limits};
use registrar::oidc::registration::profile::OpenClients;
use registrar::oidc::registration::{Policy, Profile, Rules, validate};
use serde_json::{Map, Value};

/// Cases whose feature belongs to a later issue. The list may only shrink.
const NOT_BUILT_YET: [(&str, &str); 2] = [
    ("fapi-private-key-jwt-jwks", "private_key_jwt, pushed authorization requests and DPoP"),
    ("kong-konnect-http-dcr-create", "client_secret_jwt"),
];

/// Members of the answer that no rule decides: the server makes them for every client.
const MADE_FOR_ALL: [&str; 2] = ["client_id", "client_id_issued_at"];

/// Every case of the corpus, by its id.
fn corpus() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let files = std::fs::read_dir(folder).expect("tests/corpus is there");
    let cases: BTreeMap<String, Value> = files
        .map(|file| file.expect("the folder can be listed").path())
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("the case can be read");
            let case = serde_json::from_str(&text).expect("the case is JSON");
            (path.file_stem().expect("the file has a name").to_string_lossy().into_owned(), case)
        })
        .collect();
    assert_eq!(cases.len(), 92);
    cases
}

fn judge(body: &str) -> Result<Metadata, Error> {
    let scopes: BTreeSet<String> = ["openid", "profile", "email", "address", "phone", "offline_access", "mcp:read"]
        .into_iter()
        .map(str::to_owned)
        .collect();
    let wanted = json::object(body.as_bytes(), Limits::REGISTRATION)?;
    let rules = Rules {
        profile: &Profile::INTEROP,
        policy: &Policy::default(),
        scopes: &scopes,
        signing_algs: &registrar::oidc::keys::Algorithm::ALL,
        acr_values: &[],
        kin: registrar::oidc::registration::Kin::Alone,
    };
    validate(&wanted, &rules)
}

fn sent_body(register: &Value) -> String {
    match register.get("raw_body") {
        Some(raw) => raw.as_str().expect("raw_body is text").to_owned(),
        None => register["body"].to_string(),
    }
}

fn has_hole(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().any(has_hole),
        Value::Object(members) => members.values().any(has_hole),
        _ => false,
    }
}

fn will_be_present(member: &str, metadata: &Metadata, members: &Map<String, Value>) -> bool {
    match member {
        "client_secret" | "client_secret_expires_at" => metadata.secret_need() == SecretNeed::Issue,
        "registration_access_token" | "registration_client_uri" => {
            Profile::INTEROP.open_clients == OpenClients::ManageThemselves
        }
        _ => MADE_FOR_ALL.contains(&member) || members.contains_key(member),
    }
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// What the answer differs in from what is expected.
fn differences(case: &Value, verdict: &Result<Metadata, Error>) -> Vec<String> {
    let expected = &case["expect"]["register"];
    let statuses: Vec<u64> = match &expected["status"] {
        Value::Array(several) => several.iter().filter_map(Value::as_u64).collect(),
        one => one.as_u64().into_iter().collect(),
    };
    let status = verdict.as_ref().map_or_else(|error| u64::from(error.code.status()), |_| 201);
    let mut wrong = Vec::new();
    if !statuses.contains(&status) {
        wrong.push(format!("status {status}, expected {statuses:?}: {verdict:?}"));
        return wrong;
    }
    let equals = expected["body"]["equals"].as_object().into_iter().flatten();
    match verdict {
        Err(error) => {
            for (_, code) in equals.filter(|(member, _)| *member == "error") {
                if code.as_str() != Some(error.code.as_str()) {
                    wrong.push(format!("error {}, expected {code}", error.code.as_str()));
                }
            }
            if error.description.is_empty() {
                wrong.push("no error_description".to_owned());
            }
        }
        Ok(metadata) => {
            let members = metadata.to_members();
            if has_hole(&Value::Object(members.clone())) {
                wrong.push(format!("null or an empty string in {members:?}"));
            }
            let present = texts(&expected["body"]["present"]).map(|member| (member, true));
            let absent = texts(&expected["body"]["absent"]).map(|member| (member, false));
            for (member, wanted) in present.chain(absent) {
                if will_be_present(member, metadata, &members) != wanted {
                    wrong.push(format!("{member}: presence should be {wanted}"));
                }
            }
            for (member, value) in equals {
                let value = if value == "=request" { &case["register"]["body"][member] } else { value };
                let made = matches!(member.as_str(), "client_secret_expires_at");
                if !made && value != "superset-allowed" && members.get(member) != Some(value) {
                    wrong.push(format!("{member} is {:?}, expected {value}", members.get(member)));
                }
            }
        }
    }
    wrong
}

#[test]
fn every_registration_of_the_corpus_is_judged_as_its_client_expects() {
    let mut judged = 0;
    let mut wrong = Vec::new();
    for (id, case) in corpus() {
        let register = &case["register"];
        // What a method or a preflight gets is not decided here.
        if register["method"] != "POST" || case["expect"]["register"].is_null() || case["mode"] != "interop" {
            continue;
        }
        judged += 1;
        let verdict = judge(&sent_body(register));
        let differs = differences(&case, &verdict);
        match NOT_BUILT_YET.iter().find(|(unbuilt, _)| *unbuilt == id) {
            Some((_, feature)) => {
                assert!(!differs.is_empty(), "{id} passes: take it off the list");
                let error = verdict.expect_err("an unbuilt feature is refused");
                assert!(error.description.contains("not supported by this server"), "{id} ({feature}): {error}");
            }
            None => wrong.extend(differs.into_iter().map(|difference| format!("{id}: {difference}"))),
        }
    }
    assert!(judged >= 60, "only {judged} cases were judged");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn registrations_whose_answer_is_not_recorded_are_accepted_too() {
    for (id, case) in corpus() {
        if case["register"]["method"] == "POST" && case["expect"]["register"].is_null() {
            let metadata = judge(&sent_body(&case["register"])).unwrap_or_else(|error| panic!("{id}: {error}"));
            assert_eq!(metadata.auth_method(), AuthMethod::None, "{id}");
        }
    }
}

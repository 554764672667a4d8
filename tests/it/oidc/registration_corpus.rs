//! Does every real client get the answer it expects? The corpus, sent as those clients send it.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::initial_access_token::{delegate_token, ticket};
use crate::harness::{Answer, TestApp};

/// Cases whose feature belongs to a later issue. The list may only shrink.
const NOT_BUILT_YET: [(&str, &str); 1] =
    [("fapi-private-key-jwt-jwks", "private_key_jwt, pushed authorization requests and DPoP")];

/// Cases that speak to another endpoint, or to a server in another mode. The list may only shrink.
const ELSEWHERE: [(&str, &str); 2] = [
    ("brazil-open-finance-ssa", "a mode for ecosystems with software statements"),
    ("kong-konnect-http-dcr-create", "the address that a Konnect portal calls"),
];

fn corpus() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let cases = std::fs::read_dir(folder).unwrap().map(|file| {
        let path = file.unwrap().path();
        let case: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        (case["id"].as_str().unwrap().to_owned(), case)
    });
    cases.collect()
}

/// A server as the corpus supposes it, and the credentials its requests leave open.
struct Supposed {
    app: TestApp,
    blanks: Vec<(&'static str, String)>,
}

impl Supposed {
    async fn start() -> Self {
        let app = TestApp::open().await;
        app.service("https://mcp.example", &["mcp:read"]).await;
        let invited = ticket(&app, None).await;
        let manager = delegate_token(&app, "dcr dcr_admin", "dcr_admin").await;
        let blanks = vec![
            ("{{INITIAL_ACCESS_TOKEN}}", invited.clone()),
            ("{{CREDENTIALS}}", invited),
            ("{{ACCESS_TOKEN of a manager client}}", manager),
        ];
        Self { app, blanks }
    }

    fn filled(&self, text: &str) -> String {
        let text = self.blanks.iter().fold(text.to_owned(), |text, (blank, value)| text.replace(blank, value));
        assert!(!text.contains("{{"), "{text} has a blank that nobody fills");
        text
    }

    /// Sends one leg of a case with its own headers and no others of its kind.
    async fn send(&self, leg: &Value, path: &str) -> Answer {
        let mut request = self.app.http.request(leg["method"].as_str().unwrap(), path);
        for (name, value) in leg["headers"].as_object().into_iter().flatten() {
            request = request.header(name, self.filled(value.as_str().unwrap()));
        }
        match (&leg["raw_body"], &leg["body"]) {
            (Value::String(raw), _) if raw.is_empty() => {}
            (Value::String(raw), _) => request = request.body(raw.clone()),
            (_, Value::Null) => {}
            (_, body) => request = request.body(body.to_string()),
        }
        self.app.http.send(request).await
    }
}

fn statuses(expected: &Value) -> Vec<u64> {
    match expected {
        Value::Array(several) => several.iter().filter_map(Value::as_u64).collect(),
        one => one.as_u64().into_iter().collect(),
    }
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Where a value has a `null` or an empty string.
fn holes(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Null => vec![format!("null at {at}")],
        Value::String(text) if text.is_empty() => vec![format!("an empty string at {at}")],
        Value::Array(items) => items.iter().flat_map(|item| holes(item, &format!("{at}[]"))).collect(),
        Value::Object(members) => members.iter().flat_map(|(name, it)| holes(it, &format!("{at}/{name}"))).collect(),
        _ => Vec::new(),
    }
}

/// How an answer is spelled, whatever it says.
fn unhygienic(method: &str, answer: &Answer) -> Vec<String> {
    let mut wrong = Vec::new();
    if answer.status >= 500 {
        wrong.push(format!("status {}", answer.status));
    }
    if answer.status == 405 && answer.header("allow").is_empty() {
        wrong.push("405 without Allow".to_owned());
    }
    if method == "OPTIONS" {
        return wrong;
    }
    if answer.header("content-type") != "application/json" {
        wrong.push(format!("content-type {:?}", answer.header("content-type")));
    }
    if method == "POST" && answer.header("cache-control") != "no-store" {
        wrong.push(format!("cache-control {:?}", answer.header("cache-control")));
    }
    let body = answer.json();
    if answer.status >= 400 {
        for member in ["error", "error_description"] {
            if body[member].as_str().is_none_or(str::is_empty) {
                wrong.push(format!("no {member}"));
            }
        }
    } else {
        wrong.extend(holes(&body, ""));
        for member in ["client_id_issued_at", "client_secret_expires_at"] {
            if body.get(member).is_some_and(|at| at.as_i64().is_none()) {
                wrong.push(format!("{member} is no whole number"));
            }
        }
    }
    wrong
}

/// What an accepted registration lacks, has too much, or has otherwise.
fn unexpected(expected: &Value, sent: &Value, told: &Map<String, Value>) -> Vec<String> {
    let mut wrong = Vec::new();
    let present = texts(&expected["present"]).map(|member| (member, true));
    let absent = texts(&expected["absent"]).map(|member| (member, false));
    for (member, wanted) in present.chain(absent) {
        if told.contains_key(member) != wanted {
            wrong.push(format!("{member}: presence should be {wanted}"));
        }
    }
    for (member, value) in expected["equals"].as_object().into_iter().flatten() {
        let value = if value == "=request" { &sent[member] } else { value };
        if value != "superset-allowed" && told.get(member) != Some(value) {
            wrong.push(format!("{member} is {:?}, expected {value}", told.get(member)));
        }
    }
    wrong
}

/// What of the answer the caller chose, although only the server may.
fn chosen(sent: &Value, told: &Value) -> Vec<String> {
    let given = |member: &&str| sent[member].as_str().is_some_and(|text| !text.is_empty());
    let members = ["client_id", "client_secret", "registration_access_token"];
    let chosen = members.into_iter().filter(given).filter(|member| told[member] == sent[member]);
    chosen.map(|member| format!("the caller chose {member}")).collect()
}

fn not_shared(expected: &Value, answer: &Answer) -> Vec<String> {
    let mut wrong = Vec::new();
    if answer.header("access-control-allow-origin") != "*" {
        wrong.push("no access-control-allow-origin".to_owned());
    }
    for (member, header) in
        [("allow_headers", "access-control-allow-headers"), ("allow_methods", "access-control-allow-methods")]
    {
        let allowed: Vec<String> = answer.header(header).split(", ").map(str::to_lowercase).collect();
        let lacking = texts(&expected[member]).filter(|wanted| !allowed.contains(&wanted.to_lowercase()));
        wrong.extend(lacking.map(|wanted| format!("{header} lacks {wanted}")));
    }
    wrong
}

/// Everything about an answer that the case did not expect: its status, its spelling and its content.
fn differences(expected: &Value, leg: &Value, answer: &Answer) -> Vec<String> {
    let mut wrong = unhygienic(leg["method"].as_str().unwrap(), answer);
    let wanted = statuses(&expected["status"]);
    if !wanted.is_empty() && !wanted.contains(&u64::from(answer.status)) {
        wrong.push(format!("status {}, expected {wanted:?}: {}", answer.status, answer.text));
        return wrong;
    }
    for (name, value) in expected["headers"].as_object().into_iter().flatten() {
        if answer.header(name) != value {
            wrong.push(format!("{name} is {:?}, expected {value}", answer.header(name)));
        }
    }
    if !expected["cors"].is_null() {
        wrong.extend(not_shared(&expected["cors"], answer));
    }
    if (200..300).contains(&answer.status) && !answer.text.is_empty() {
        wrong.extend(unexpected(&expected["body"], &leg["body"], answer.json().as_object().unwrap()));
    }
    if let (400..500, Some(code)) = (answer.status, expected["body"]["equals"]["error"].as_str())
        && answer.json()["error"] != code
    {
        wrong.push(format!("error {}, expected {code}", answer.json()["error"]));
    }
    wrong
}

#[tokio::test]
async fn every_client_of_the_corpus_gets_the_answer_it_expects() {
    spec!("RFC7591-3/open-registration", "OIDC-Registration-3/open");
    let supposed = Supposed::start().await;
    let (mut sent, mut wrong) = (0, Vec::new());
    for (id, case) in corpus() {
        let leg = &case["register"];
        if leg.is_null() {
            continue;
        }
        if ELSEWHERE.iter().any(|(elsewhere, _)| *elsewhere == id) {
            assert!(case["mode"] != "interop" || leg["path"].is_string(), "{id} can be sent: take it off the list");
            continue;
        }
        sent += 1;
        let answer = supposed.send(leg, "/oidc/register").await;
        let expected = &case["expect"]["register"];
        let mut differs = differences(expected, leg, &answer);
        if answer.status == 201 {
            differs.extend(chosen(&leg["body"], &answer.json()));
        }
        match NOT_BUILT_YET.iter().find(|(unbuilt, _)| *unbuilt == id) {
            Some((_, feature)) => {
                assert!(!differs.is_empty(), "{id} passes: take it off the list");
                assert_eq!(answer.refusal(), (400, "invalid_client_metadata".to_owned()), "{id} ({feature})");
                assert!(answer.text.contains("not supported by this server"), "{id}: {}", answer.text);
            }
            None => wrong.extend(differs.into_iter().map(|difference| format!("{id}: {difference}"))),
        }
        // Where nothing is expected of the answer, it is where the client's story begins: it registers.
        if expected.is_null() && answer.status != 201 {
            wrong.push(format!("{id}: {} {}", answer.status, answer.text));
        }
    }
    assert_eq!(sent, 80, "every case with a registration is sent");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn gravitee_updates_renews_and_deletes_what_it_registered() {
    let supposed = Supposed::start().await;
    let cases = corpus();
    let path = "/oidc/register";
    let mut known = supposed.send(&cases["gravitee-apim-register"]["register"], path).await.expect(201);
    let steps = [("gravitee-apim-update", "update"), ("gravitee-apim-renew-secret", "renew")];
    for (id, name) in steps {
        let (leg, expected) = (&cases[id][name], &cases[id]["expect"][name]);
        let client_id = known["client_id"].as_str().unwrap().to_owned();
        let text = leg
            .to_string()
            .replace("{{REGISTRATION_ACCESS_TOKEN}}", known["registration_access_token"].as_str().unwrap())
            .replace("{{REGISTRATION_CLIENT_URI}}", known["registration_client_uri"].as_str().unwrap())
            .replace("{{REGISTRATION_ENDPOINT}}", path)
            .replace("{{CLIENT_ID}}", &client_id);
        let leg: Value = serde_json::from_str(&text).unwrap();
        let answer = supposed.send(&leg, leg["path"].as_str().unwrap()).await;
        assert_eq!(differences(expected, &leg, &answer), [""; 0], "{id}");
        let told = answer.json();
        assert_eq!(told["client_secret"] == known["client_secret"], name == "update");
        assert_eq!(told["client_name"], "My web app (renamed)");
        known = told;
    }
    let (uri, token) = (known["registration_client_uri"].as_str().unwrap(), &known["registration_access_token"]);
    let headers = json!({"authorization": format!("Bearer {}", token.as_str().unwrap())});
    let expected = &cases["rfc7592-delete-and-dead-token"]["expect"]["delete"];
    let gone = supposed.send(&json!({"method": "DELETE", "headers": headers}), uri).await;
    assert_eq!((u64::from(gone.status), gone.text.as_str()), (expected["status"].as_u64().unwrap(), ""));
    // A second deletion finds the token dead.
    let again = supposed.send(&json!({"method": "DELETE", "headers": headers}), uri).await;
    assert_eq!(again.refusal(), (401, "invalid_token".to_owned()));
}

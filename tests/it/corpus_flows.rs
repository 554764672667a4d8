//! Whole flows of real clients: registration, the pages, and the token forms byte for byte as they sent them.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use url::form_urlencoded::{self, Serializer};

use crate::harness::http::pkce;
use crate::harness::{Answer, Browser, TestApp};
use crate::web::jwt;

/// Cases whose feature belongs to a later issue. The list may only shrink.
const NOT_BUILT_YET: [(&str, &str); 4] = [
    ("claude-code-cimd", "client ID metadata documents"),
    ("codex-cimd", "client ID metadata documents"),
    ("inspector-cimd", "client ID metadata documents"),
    ("mcp-remote-device-code", "the device authorization grant"),
];

/// The cases with an authorization request, and those not built.
fn cases() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let read = |file: std::io::Result<std::fs::DirEntry>| {
        let path = file.unwrap().path();
        let case: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        (path.file_stem().unwrap().to_string_lossy().into_owned(), case)
    };
    let all = std::fs::read_dir(folder).unwrap().map(read);
    all.filter(|(id, case)| case.get("authorize").is_some() || is_built(id).is_err()).collect()
}

fn is_built(id: &str) -> Result<(), &'static str> {
    NOT_BUILT_YET.iter().find(|(unbuilt, _)| *unbuilt == id).map_or(Ok(()), |(_, feature)| Err(feature))
}

/// One installation of a client: what it keeps between its requests.
struct Installation<'a> {
    app: &'a TestApp,
    case: &'a Value,
    email: &'a str,
    /// What stands for `{{NAME}}` in the file.
    known: BTreeMap<&'static str, String>,
    /// The redirect URI of the file, and the one of this run: some listen on another port each time.
    redirect_uri: (String, String),
    registered: Value,
}

impl<'a> Installation<'a> {
    async fn register(app: &'a TestApp, case: &'a Value, email: &'a str, redirect_uri: &str) -> Self {
        let of_the_file = case["authorize"]["query"]["redirect_uri"].as_str().unwrap().to_owned();
        let known = BTreeMap::from([("RESOURCE", resource(case))]);
        let redirect_uri = (of_the_file, redirect_uri.to_owned());
        let mut this = Self { app, case, email, known, redirect_uri, registered: Value::Null };
        let register = &case["register"];
        let body = this.filled(&register["body"].to_string());
        let request = with_headers(app.http.request("POST", "/oidc/register"), &register["headers"], &this);
        this.registered = app.http.send(request.body(body)).await.expect(201);
        let member = |name: &str| this.registered[name].as_str().unwrap_or_default().to_owned();
        let (client_id, secret) = (member("client_id"), member("client_secret"));
        this.identify(&client_id, &secret);
        this
    }

    fn identify(&mut self, client_id: &str, secret: &str) {
        use base64::Engine as _;
        let credentials = base64::engine::general_purpose::STANDARD.encode(format!("{client_id}:{secret}"));
        let known = [("CLIENT_ID", client_id), ("CLIENT_SECRET", secret), ("CREDENTIALS", &credentials)];
        self.known.extend(known.map(|(name, value)| (name, value.to_owned())));
    }

    /// `text` of the file with everything in its place.
    fn filled(&self, text: &str) -> String {
        let named = |text: String, (name, value): (&&str, &String)| text.replace(&format!("{{{{{name}}}}}"), value);
        self.known.iter().fold(text.replace(&self.redirect_uri.0, &self.redirect_uri.1), named)
    }

    /// The authorization request of the file, with a PKCE pair and a state of its own.
    fn authorization(&mut self) -> String {
        let (verifier, challenge) = pkce();
        let state = registrar::secret::alphanumeric(32);
        self.known.extend([("VERIFIER", verifier), ("CHALLENGE", challenge), ("STATE", state)]);
        let query = self.case["authorize"]["query"].as_object().unwrap();
        let pairs = query.iter().map(|(name, value)| (name, self.filled(value.as_str().unwrap())));
        format!("/authorize?{}", Serializer::new(String::new()).extend_pairs(pairs).finish())
    }

    /// Goes through the pages and keeps the code; the answer is what the file expects.
    async fn authorize(&mut self, browser: &mut Browser) {
        let request = self.authorization();
        let location = browser.authorize(&request, self.email).await;
        let (to, query) = location.split_once('?').unwrap();
        assert_eq!(to, self.redirect_uri.1, "never rewritten");
        let mut answer: BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(answer.remove("iss").as_deref(), Some(self.app.issuer.as_str()));
        let sends_state = self.case["authorize"]["query"].get("state").is_some();
        assert_eq!(answer.remove("state"), sends_state.then(|| self.known["STATE"].clone()));
        self.known.insert("CODE", answer.remove("code").unwrap_or_else(|| panic!("no code in {location}")));
        assert!(answer.is_empty(), "{answer:?}");
    }

    /// Sends a token request of the file.
    async fn send(&self, step: &Value) -> Answer {
        let fields = step["form"].as_object().unwrap().iter();
        let fields = fields.map(|(name, value)| (name, self.filled(value.as_str().unwrap())));
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = with_headers(self.app.http.request("POST", "/token"), &step["headers"], self);
        self.app.http.send(request.body(body)).await
    }

    /// Keeps the tokens of an answer that is what the file expects.
    fn take(&mut self, answer: &Answer) {
        let body = answer.expect(200);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        for member in ["access_token", "token_type", "expires_in", "scope"] {
            assert!(body.get(member).is_some(), "{member} in {body}");
        }
        assert!(body.as_object().unwrap().values().all(|value| !value.is_null()), "{body}");
        assert_eq!(words(&body["scope"]), words(&self.case["authorize"]["query"]["scope"]));
        let audience = &jwt(&body["access_token"], 1)["aud"];
        let meant = audience == &self.known["RESOURCE"]
            || audience.as_array().is_some_and(|all| all.contains(&self.known["RESOURCE"].as_str().into()));
        assert!(meant, "{audience}");
        match body["refresh_token"].as_str() {
            Some(token) => drop(self.known.insert("REFRESH_TOKEN", token.to_owned())),
            None => assert!(!words(&body["scope"]).contains(&"offline_access"), "{body}"),
        }
    }

    /// The registration ends behind the client's back.
    async fn delete(&self) {
        let uri = self.registered["registration_client_uri"].as_str().unwrap();
        let token = self.registered["registration_access_token"].as_str().unwrap();
        assert_eq!(self.app.http.bearer("DELETE", uri, token).await.status, 204);
    }

    /// Checks that nothing of this client is known any more: a page for people, `invalid_client` for the client.
    async fn is_unknown(&mut self, step: &Value) {
        let status = self.case["expect"]["authorize"]["unknown_client_status"].as_u64().unwrap_or(400);
        let refused = self.send(step).await;
        assert_eq!(refused.refusal(), (401, "invalid_client".to_owned()));
        let request = self.authorization();
        let page = Browser::new(&self.app.http).get(&request).await;
        assert_eq!((u64::from(page.status), page.header("location")), (status, ""));
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    }
}

fn with_headers(
    request: reqwest::RequestBuilder,
    headers: &Value,
    installation: &Installation<'_>,
) -> reqwest::RequestBuilder {
    let headers = headers.as_object().unwrap().iter();
    headers.fold(request, |request, (name, value)| request.header(name, installation.filled(value.as_str().unwrap())))
}

fn words(value: &Value) -> Vec<&str> {
    let mut words: Vec<&str> = value.as_str().unwrap().split(' ').collect();
    words.sort_unstable();
    words
}

fn resource(case: &Value) -> String {
    format!("https://mcp.example/{}", case["id"].as_str().unwrap())
}

/// A person and the service that the client is for.
async fn prepare(app: &TestApp, case: &Value) -> String {
    let scopes: Vec<&str> = case["as_profile"]["scopes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    app.service(&resource(case), &scopes).await;
    let email = format!("{}@example.org", case["id"].as_str().unwrap());
    app.person(&email).await;
    email
}

/// Sends a refresh of the file, after what happened before it when it was recorded.
async fn refresh(client: &mut Installation<'_>, step: &Value) {
    let expect = &client.case["expect"];
    if !expect["token_unknown_client"].is_null() {
        client.delete().await;
        client.is_unknown(step).await;
    } else if !expect["token_expired_refresh"].is_null() {
        let token = client.known["REFRESH_TOKEN"].clone();
        let revoked = [("token", token.as_str()), ("client_id", client.known["CLIENT_ID"].as_str())];
        let answer = client.app.http.form("/revoke", crate::harness::http::Auth::None, &revoked).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(client.send(step).await.refusal(), (400, "invalid_grant".to_owned()));
    } else {
        let answer = client.send(step).await;
        client.take(&answer);
    }
}

async fn play(app: &TestApp, case: &Value) {
    let email = prepare(app, case).await;
    let expect = &case["expect"];
    let of_the_file = case["authorize"]["query"]["redirect_uri"].as_str().unwrap();
    let mut client = Installation::register(app, case, &email, of_the_file).await;
    let mut browser = Browser::new(&app.http);
    if expect["authorize"].get("preflight").is_some() {
        let request = client.authorization();
        let looked = app.http.get(&request).await;
        assert!(matches!(looked.status, 200 | 302 | 303 | 307 | 308), "{}", looked.status);
    }
    for step in case["token"].as_array().unwrap() {
        let form = &step["form"];
        if form["grant_type"] == "refresh_token" {
            refresh(&mut client, step).await;
            continue;
        }
        // Another port is another run of the client, which registers anew.
        let (named, wrong) = match form["redirect_uri"].as_str().unwrap().split_once("?invalid") {
            Some((named, _)) => (named, true),
            None => (form["redirect_uri"].as_str().unwrap(), false),
        };
        if named != client.redirect_uri.1 && named != of_the_file {
            client = Installation::register(app, case, &email, named).await;
        }
        client.authorize(&mut browser).await;
        if wrong {
            assert_eq!(client.send(step).await.refusal(), (400, "invalid_grant".to_owned()), "{step}");
            continue;
        }
        if !expect["token_unknown_client"].is_null() && case["token"].as_array().unwrap().len() == 1 {
            client.delete().await;
            client.is_unknown(step).await;
            continue;
        }
        if !expect["token_replay"].is_null() {
            // Refused twice, the same way; what was not redeemed is not harmed.
            let code = client.known.insert("CODE", "another".to_owned()).unwrap();
            for _ in 0..2 {
                assert_eq!(client.send(step).await.refusal(), (400, "invalid_grant".to_owned()));
            }
            client.known.insert("CODE", code);
        }
        let answer = client.send(step).await;
        client.take(&answer);
    }
    if !expect["authorize"]["prompt_consent"].is_null() {
        let request = client.authorization();
        let first = browser.get(&request).await;
        let page = browser.follow(first).await;
        assert!(page.text.contains("value=\"accept\""), "asked again: {}", page.text);
    }
    // Somebody forgot the client, or it kept an identifier of another server.
    client.identify("nosuch", "secret");
    client.is_unknown(&case["token"][0]).await;
}

/// The registered redirect URIs as their clients use them: on loopback with a port of the moment (RFC 8252 §7.3).
fn used(registered: &str) -> String {
    let mut url = url::Url::parse(registered).unwrap();
    if url.scheme() != "http" {
        return registered.to_owned();
    }
    url.set_port(Some(50123)).unwrap();
    url.to_string()
}

#[tokio::test]
async fn a_client_whose_request_is_not_recorded_is_answered_at_each_of_its_redirect_uris() {
    let app = TestApp::open().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    for id in ["cursor-dcr", "gemini-cli-dcr", "vscode-dcr"] {
        let case: Value =
            serde_json::from_str(&std::fs::read_to_string(folder.join(format!("{id}.json"))).unwrap()).unwrap();
        assert!(case.get("authorize").is_none(), "{id} has a flow of its own");
        let email = format!("{id}@example.org");
        app.person(&email).await;
        let client = app.register(case["register"]["body"].clone()).await;
        let exact = case["expect"]["authorize"]["exact"].as_array().into_iter().flatten();
        let registered = client["redirect_uris"].as_array().unwrap();
        assert!(exact.clone().all(|uri| registered.contains(uri)), "{client}");
        let mut browser = Browser::new(&app.http);
        for registered in registered {
            let uri = used(registered.as_str().unwrap());
            let (_, challenge) = pkce();
            let parameters = [
                ("response_type", "code"),
                ("client_id", client["client_id"].as_str().unwrap()),
                ("redirect_uri", &uri),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
                ("state", "st"),
            ];
            let query = Serializer::new(String::new()).extend_pairs(parameters).finish();
            let location = browser.authorize(&format!("/authorize?{query}"), &email).await;
            assert!(location.starts_with(&format!("{uri}?code=")), "{id}: {location}");
            assert!(location.contains("&state=st&iss="), "{id}: {location}");
        }
    }
}

#[tokio::test]
async fn every_client_of_the_corpus_gets_its_tokens() {
    let app = TestApp::open().await;
    let mut played = 0;
    for (id, case) in cases() {
        if is_built(&id).is_ok() {
            println!("{id}"); // Which one fails is said by the last line.
            play(&app, &case).await;
            played += 1;
        }
    }
    assert!(played >= 14, "only {played} cases were played");
}

#[tokio::test]
async fn what_is_not_built_is_refused_as_such() {
    let app = TestApp::open().await;
    let mut refused = 0;
    for (id, case) in cases() {
        let Err(feature) = is_built(&id) else { continue };
        refused += 1;
        if let Some(query) = case["authorize"]["query"].as_object() {
            // A URL is no identifier that was given out here.
            let pairs = query.iter().map(|(name, value)| (name, value.as_str().unwrap()));
            let request = format!("/authorize?{}", Serializer::new(String::new()).extend_pairs(pairs).finish());
            let page = Browser::new(&app.http).get(&request).await;
            assert_eq!((page.status, page.header("location")), (400, ""), "{id} ({feature})");
            let document = app.http.get("/.well-known/oauth-authorization-server").await.expect(200);
            assert_ne!(document["client_id_metadata_document_supported"], Value::Bool(true));
        } else {
            let document = app.http.get("/.well-known/oauth-authorization-server").await.expect(200);
            assert_eq!(document.get("device_authorization_endpoint"), None, "{id} passes: take it off the list");
            let grants = document["grant_types_supported"].as_array().unwrap();
            assert!(!grants.contains(&"urn:ietf:params:oauth:grant-type:device_code".into()), "{feature}");
        }
    }
    assert_eq!(refused, NOT_BUILT_YET.len());
}

//! What was answered is there after kill -9 (Q1, Q2, promises 6 and 14).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::process::Server;
use crate::harness::grant::Grant;
use crate::harness::http::{Answer, Auth, Http};
use crate::harness::party::text;
use crate::harness::{TestApp, database};

const ROUNDS: u64 = 3;
const CODES: usize = 60;
const CLIENTS_MAX: usize = 60;

/// What was acknowledged. It lives in this process, which is not the one that dies.
#[derive(Default)]
struct Journal {
    clients: Vec<Value>,
    redeemed: HashMap<String, u32>,
}

async fn register(http: &Http) -> Option<Answer> {
    let metadata = json!({
        "redirect_uris": ["https://client.example/cb"],
        "grant_types": ["authorization_code", "client_credentials"],
    });
    let request = http.request("POST", "/oidc/register").header("content-type", "application/json");
    read(request.body(metadata.to_string())).await
}

async fn redeem(http: &Http, grant: &Grant) -> Option<Answer> {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*grant.code),
        ("redirect_uri", &*grant.redirect_uri),
        ("code_verifier", &*grant.verifier),
    ];
    let request = http.request("POST", "/token").form(&fields);
    read(request.basic_auth(&grant.client_id, grant.client_secret.as_deref())).await
}

/// `None`: the connection was cut, so nothing was acknowledged.
async fn read(request: reqwest::RequestBuilder) -> Option<Answer> {
    let answer = request.send().await.ok()?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Some(Answer { status, headers, text: answer.text().await.ok()? })
}

async fn load(http: Http, grants: Arc<Vec<Grant>>, journal: Arc<Mutex<Journal>>) {
    let registering = (0..4).map(|_| async {
        while journal.lock().unwrap().clients.len() < CLIENTS_MAX {
            let Some(answer) = register(&http).await else { return };
            assert_eq!(answer.status, 201, "{}", answer.text);
            journal.lock().unwrap().clients.push(answer.json());
        }
    });
    let redeeming = (0..4).map(|worker| {
        let (http, grants, journal) = (&http, &grants, &journal);
        async move {
            for grant in grants.iter().skip(worker).step_by(4) {
                let Some(answer) = redeem(http, grant).await else { return };
                assert_eq!(answer.status, 200, "{}", answer.text);
                *journal.lock().unwrap().redeemed.entry(grant.code.clone()).or_default() += 1;
            }
        }
    });
    tokio::join!(join_all(registering), join_all(redeeming));
}

/// The client exists, whole: its secret and its registration token work.
async fn is_whole(http: &Http, client: &Value) {
    let (id, secret) = (text(client, "client_id"), text(client, "client_secret"));
    let path = format!("/oidc/register/{id}");
    let read = http.bearer("GET", &path, text(client, "registration_access_token")).await;
    assert_eq!(read.expect(200)["client_id"], json!(id));
    let token = http.form("/token", Auth::Basic(id, secret), &[("grant_type", "client_credentials")]).await;
    assert_eq!(token.status, 200, "{}", token.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_kill_9_and_no_code_is_redeemed_twice() {
    let database = database::Fresh::make().await;
    let set = [("server.issuer", super::process::ISSUER), ("registration.profile", "interop")];
    let clock = registrar::clock::Clock::system();
    let app = TestApp::on(database.again(), &set, clock).await.opened().await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    for round in 0..ROUNDS {
        let grants = Arc::new(join_all((0..CODES).map(|_| app.grant(&client, &person, "openid"))).await);
        let journal = Arc::new(Mutex::new(Journal::default()));
        let server = Server::start(&database).await;
        let loading = tokio::spawn(load(server.http.clone(), grants.clone(), journal.clone()));
        // A moment of the load, another one each time.
        let random = u64::from(registrar::secret::bytes::<1>()[0]);
        tokio::time::sleep(Duration::from_millis(40 + 60 * round + random / 2)).await;
        server.kill().await;
        loading.await.unwrap();

        let server = Server::start(&database).await;
        let mut journal = std::mem::take(&mut *journal.lock().unwrap());
        println!("round {round}: {} clients, {} codes answered", journal.clients.len(), journal.redeemed.len());
        join_all(journal.clients.iter().map(|client| is_whole(&server.http, client))).await;
        let again = join_all(grants.iter().map(|grant| redeem(&server.http, grant))).await;
        for (grant, answer) in grants.iter().zip(again) {
            let answer = answer.unwrap();
            let times = journal.redeemed.entry(grant.code.clone()).or_default();
            match answer.status {
                200 => *times += 1,
                _ => assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned())),
            }
            assert!(*times <= 1, "a code was redeemed twice");
        }
        server.kill().await;
    }
}

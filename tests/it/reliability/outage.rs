//! The database is away, and comes back (Q5, promise 15). SQLite is a file of this machine: it is never away.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::harness::http::{Answer, Auth};
use crate::harness::party::text;
use crate::harness::{TestApp, database};

/// What the line to the database does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Fine,
    /// Every connection is cut, and new ones too.
    Cut,
}

/// A line to a database server that can be cut.
async fn line(to: String) -> (u16, watch::Sender<Line>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (switch, state) = watch::channel(Line::Fine);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let (to, mut state) = (to.clone(), state.clone());
            tokio::spawn(async move {
                let whole = async {
                    let mut far = TcpStream::connect(&to).await?;
                    tokio::io::copy_bidirectional(&mut near, &mut far).await
                };
                tokio::select! {
                    _ = whole => {}
                    _ = state.wait_for(|line| *line == Line::Cut) => {}
                }
            });
        }
    });
    (port, switch)
}

fn asks_to_come_back(answer: &Answer, took: Duration) {
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".to_owned()));
    assert_eq!(answer.header("retry-after"), "1");
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_the_server_says_so_and_it_recovers_alone() {
    spec!("RFC7009-2.2.1/unavailable");
    // s.I9
    let database = database::Fresh::make().await;
    if database.is_sqlite() {
        return;
    }
    let url = url::Url::parse(&database.url).unwrap();
    let (port, switch) = line(format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())).await;
    let set = [("registration.profile", "interop"), ("database.acquire_timeout_seconds", "1")];
    let clock = registrar::clock::Clock::system();
    let app = TestApp::on(database.by_port(port), &set, clock).await.opened().await;
    let client = app.web_client().await;
    let (grant, tokens) = app.signed_in(&client, "openid offline_access").await;
    let (token, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let auth = Auth::Basic(text(&client, "client_id"), text(&client, "client_secret"));
    let waiting = app.grant(&client, &app.person("ada@example.org").await, "openid").await;
    assert_eq!(app.http.get("/health/ready").await.status, 200);
    // What is cached is forgotten, so that every request needs the database.
    tokio::time::sleep(Duration::from_millis(1100)).await;

    switch.send(Line::Cut).unwrap();
    for _ in 0..2 {
        for (path, fields) in [
            ("/token", vec![("grant_type", "client_credentials")]),
            ("/token", vec![("grant_type", "refresh_token"), ("refresh_token", refresh)]),
            ("/introspect", vec![("token", token)]),
            ("/revoke", vec![("token", token)]),
            ("/revoke", vec![("token", refresh)]),
        ] {
            let began = Instant::now();
            asks_to_come_back(&app.http.form(path, auth, &fields).await, began.elapsed());
        }
        let began = Instant::now();
        asks_to_come_back(&app.http.bearer("GET", "/userinfo", token).await, began.elapsed());
        let began = Instant::now();
        let metadata = json!({"redirect_uris": ["https://client.example/cb"]});
        asks_to_come_back(&app.http.post_json("/oidc/register", &metadata).await, began.elapsed());
        let ready = app.http.get("/health/ready").await;
        assert_eq!((ready.status, ready.header("retry-after")), (503, "1"));
        for path in ["/.well-known/openid-configuration", "/.well-known/jwks.json", "/health/live"] {
            assert_eq!(app.http.get(path).await.status, 200, "{path}");
        }
    }

    switch.send(Line::Fine).unwrap();
    let back = Instant::now();
    while app.http.get("/health/ready").await.status != 200 {
        assert!(back.elapsed() < Duration::from_secs(5), "it does not recover");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    while app.http.form("/introspect", auth, &[("token", token)]).await.status == 503 {
        assert!(back.elapsed() < Duration::from_secs(5), "a dead connection is kept");
    }
    assert_eq!(app.introspect(&client, token).await["active"], json!(true), "nothing was revoked");
    assert_eq!(app.exchange(&waiting).await.status, 200, "no code was spent");
    assert_eq!(app.refresh(&grant, refresh).await.status, 200);
    app.http.form("/revoke", auth, &[("token", refresh)]).await.expect(200);
    assert_eq!(app.introspect(&client, token).await, json!({"active": false}), "and it is still revocable");
}

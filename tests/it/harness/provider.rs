//! A provider that does what a test says: a small honest one, unless it is told to lie, to wait or to break off; and a
//! gate in front of a real one that loses answers.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a provider does with a request instead of answering it honestly.
#[derive(Clone, Debug)]
pub enum Does {
    /// It answers with this status and JSON.
    Says(u16, Value),
    /// It sends these bytes.
    Sends(String),
    /// It does what was asked, and breaks off before the answer.
    Loses,
    /// It says nothing.
    Waits,
    /// It never stops.
    Floods,
}

/// A request that was heard.
#[derive(Clone, Debug)]
pub struct Heard {
    /// `POST /register`
    pub line: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

#[derive(Default)]
struct State {
    script: HashMap<String, Does>,
    metadata: Value,
    heard: Vec<Heard>,
    clients: BTreeMap<String, Value>,
    given: HashMap<String, Value>,
    number: usize,
}

/// A provider on this machine.
#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    state: Arc<Mutex<State>>,
}

impl Provider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self { issuer: issuer.clone(), state: Arc::default() };
        provider.state.lock().unwrap().metadata = json!({
            "issuer": issuer,
            "token_endpoint": format!("{issuer}/token"),
            "registration_endpoint": format!("{issuer}/register"),
        });
        let answering = provider.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let provider = answering.clone();
                tokio::spawn(async move { provider.serve(stream).await });
            }
        });
        provider
    }

    /// From now on `line`, such as `POST /register`, is met so.
    pub fn does(&self, line: &str, does: Does) {
        self.state.lock().unwrap().script.insert(line.to_owned(), does);
    }

    /// From now on everything is honest again.
    pub fn is_honest(&self) {
        self.state.lock().unwrap().script.clear();
    }

    /// Its metadata has this member.
    pub fn tells(&self, member: &str, value: impl Into<Value>) {
        self.state.lock().unwrap().metadata[member] = value.into();
    }

    pub fn heard(&self, line: &str) -> Vec<Heard> {
        let state = self.state.lock().unwrap();
        state.heard.iter().filter(|heard| heard.line.starts_with(line)).cloned().collect()
    }

    /// The clients it has.
    pub fn clients(&self) -> Vec<Value> {
        self.state.lock().unwrap().clients.values().cloned().collect()
    }

    /// Somebody changes a client there.
    pub fn edit(&self, client_id: &str, member: &str, value: impl Into<Value>) {
        self.state.lock().unwrap().clients.get_mut(client_id).unwrap()[member] = value.into();
    }

    pub fn discovery(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.issuer)
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some(heard) = read(&mut stream).await else { return };
        let (line, scripted) = {
            let mut state = self.state.lock().unwrap();
            state.heard.push(heard.clone());
            (heard.line.clone(), state.script.get(&heard.line).cloned())
        };
        let answer = match scripted {
            None => self.honest(&heard),
            Some(Does::Says(status, body)) => spelled(status, &body),
            Some(Does::Sends(bytes)) => bytes,
            Some(Does::Loses) => {
                self.honest(&heard);
                return;
            }
            Some(Does::Waits) => {
                tokio::time::sleep(Duration::from_secs(30)).await;
                return;
            }
            Some(Does::Floods) => {
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
                let _ = stream.write_all(head.as_bytes()).await;
                let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
                while stream.write_all(chunk.as_bytes()).await.is_ok() {}
                return;
            }
        };
        drop(line);
        let _ = stream.write_all(answer.as_bytes()).await;
    }

    fn honest(&self, heard: &Heard) -> String {
        let mut state = self.state.lock().unwrap();
        let (method, path) = heard.line.split_once(' ').unwrap();
        match (method, path) {
            ("GET", "/.well-known/openid-configuration") => spelled(200, &state.metadata),
            ("POST", "/token") => {
                state.number += 1;
                let token = format!("iat-{}", state.number);
                spelled(200, &json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600}))
            }
            ("POST", "/register") => {
                let key = heard.header("idempotency-key").to_owned();
                if let (Some(given), Some(Value::Bool(true))) =
                    (state.given.get(&key), state.metadata.get("registration_idempotency_key_supported"))
                {
                    return spelled(201, given);
                }
                let made = self.made(&mut state, heard.json());
                state.given.insert(key, made.clone());
                spelled(201, &made)
            }
            _ => self.managed(&mut state, method, path, heard),
        }
    }

    fn made(&self, state: &mut State, mut body: Value) -> Value {
        state.number += 1;
        let id = format!("remote-{}", state.number);
        let kind = body["application_type"].as_str().unwrap_or_default();
        let public = body["token_endpoint_auth_method"] == "none" || matches!(kind, "browser" | "native");
        body["client_id"] = id.clone().into();
        body["client_id_issued_at"] = 1_700_000_000.into();
        body["client_secret_expires_at"] = Value::Null;
        if !public {
            body["client_secret"] = format!("secret-{id}").into();
            body["client_secret_expires_at"] = 0.into();
        }
        body["registration_access_token"] = format!("rat-{id}").into();
        body["registration_client_uri"] = format!("{}/register/{id}", self.issuer).into();
        state.clients.insert(id, body.clone());
        body
    }

    fn managed(&self, state: &mut State, method: &str, path: &str, heard: &Heard) -> String {
        let mut segments = path.trim_start_matches("/register/").split('/');
        let id = segments.next().unwrap_or_default().to_owned();
        let renews = segments.next() == Some("renew_secret");
        let Some(client) = state.clients.get(&id).cloned() else {
            return spelled(401, &json!({"error": "invalid_token"}));
        };
        if heard.header("authorization") != format!("Bearer {}", client["registration_access_token"].as_str().unwrap())
        {
            return spelled(401, &json!({"error": "invalid_token"}));
        }
        state.number += 1;
        let rotated = format!("rat-{id}-{}", state.number);
        let mut next = match method {
            "DELETE" => {
                state.clients.remove(&id);
                return "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned();
            }
            "GET" => return spelled(200, &client),
            "PUT" => heard.json(),
            _ => client.clone(),
        };
        for member in ["client_id", "registration_client_uri", "client_secret", "client_id_issued_at"] {
            if let Some(value) = client.get(member) {
                next[member] = value.clone();
            }
        }
        next["registration_access_token"] = rotated.into();
        if renews {
            next["client_secret"] = format!("renewed-{}", state.number).into();
        }
        state.clients.insert(id, next.clone());
        spelled(200, &next)
    }
}

fn spelled(status: u16, body: &Value) -> String {
    let body = body.to_string();
    let head = format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\n");
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
}

async fn read(stream: &mut TcpStream) -> Option<Heard> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&part[..read]),
            _ => return None,
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let mut lines = head.lines();
        let line = lines.next()?.rsplit_once(' ')?.0.to_owned();
        let headers: HashMap<String, String> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        if body.len() >= length {
            return Some(Heard { line, headers, body: body.to_owned() });
        }
    }
}

/// A gate in front of a server that hands requests on and loses the answers to some.
pub struct Gate {
    /// Where it is reached: the issuer of the server behind.
    pub url: String,
    listener: Option<TcpListener>,
    loses: Arc<Mutex<Option<String>>>,
    lost: Arc<AtomicUsize>,
}

impl Gate {
    pub async fn make() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self { url, listener: Some(listener), loses: Arc::default(), lost: Arc::default() }
    }

    /// Opens it: this is what is behind.
    pub fn leads_to(&mut self, behind: SocketAddr) {
        let listener = self.listener.take().unwrap();
        let (loses, lost) = (self.loses.clone(), self.lost.clone());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(pass(near, behind, loses.clone(), lost.clone()));
            }
        });
    }

    /// The answer to the next request that begins so is lost.
    pub fn loses(&self, line: &str) {
        *self.loses.lock().unwrap() = Some(line.to_owned());
    }

    /// How many answers were lost.
    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }
}

/// Whether this is the request whose answer is to be lost; there is one.
fn is_it(loses: &Mutex<Option<String>>, request: &[u8]) -> bool {
    let mut line = loses.lock().unwrap();
    let is_it = line.as_ref().is_some_and(|line| request.starts_with(line.as_bytes()));
    if is_it {
        *line = None;
    }
    is_it
}

async fn pass(mut near: TcpStream, behind: SocketAddr, loses: Arc<Mutex<Option<String>>>, lost: Arc<AtomicUsize>) {
    let mut far = TcpStream::connect(behind).await.unwrap();
    let (mut request, mut answer) = ([0; 65_536], [0; 65_536]);
    let mut losing = false;
    loop {
        tokio::select! {
            read = near.read(&mut request) => match read {
                Ok(read) if read > 0 => {
                    losing |= is_it(&loses, &request[..read]);
                    if far.write_all(&request[..read]).await.is_err() { return }
                }
                _ => return,
            },
            read = far.read(&mut answer) => match read {
                Ok(read) if read > 0 => {
                    if losing {
                        // It was done; nobody hears of it.
                        lost.fetch_add(1, Ordering::SeqCst);
                        return;
                    }
                    if near.write_all(&answer[..read]).await.is_err() { return }
                }
                _ => return,
            },
        }
    }
}

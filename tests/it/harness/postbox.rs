//! A mail server that says what a test wants, and keeps what it was given.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// The address of the envelope.
    pub to: String,
    /// Header and body, lines ended by `\n`, soft line breaks taken out.
    pub text: String,
}

/// The server. It ends with the test.
pub struct Postbox {
    port: u16,
    state: Arc<Mutex<State>>,
    serving: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    replies: VecDeque<&'static str>,
    conversations: usize,
}

impl Drop for Postbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Postbox {
    /// A server that takes everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&shared)));
            }
        });
        Self { port, state, serving }
    }

    /// Settings with which a server sends its mails here.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("mail.host", "127.0.0.1".to_owned()),
            ("mail.port", self.port.to_string()),
            ("mail.tls", "none".to_owned()),
            ("mail.from_address", "registrar@id.example".to_owned()),
            ("mail.timeout_seconds", "5".to_owned()),
        ]
    }

    /// What the next mails are answered, one after the other; `drop` cuts the connection, `hang` says
    /// nothing more. Then all are taken.
    pub fn answers(&self, replies: &[&'static str]) {
        self.state.lock().unwrap().replies.extend(replies);
    }

    /// The mails that were taken.
    pub fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().received.clone()
    }

    /// How many mails it was shown, taken or not.
    pub fn conversations(&self) -> usize {
        self.state.lock().unwrap().conversations
    }
}

async fn converse(stream: TcpStream, state: Arc<Mutex<State>>) {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let mut to = String::new();
    writing.write_all(b"220 postbox\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let upper = line.to_ascii_uppercase();
        let reply = match upper.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250-postbox\r\n250-8BITMIME\r\n250 SMTPUTF8",
            "MAIL" => "250 ok",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                "250 ok"
            }
            "DATA" => {
                writing.write_all(b"354 go on\r\n").await.unwrap();
                let mut text = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push('\n');
                }
                // Two who send the same mail have time to meet.
                tokio::time::sleep(Duration::from_millis(20)).await;
                let reply = {
                    let mut state = state.lock().unwrap();
                    state.conversations += 1;
                    state.replies.pop_front().unwrap_or("250 taken")
                };
                match reply {
                    "drop" => return,
                    "hang" => return std::future::pending().await,
                    _ => {}
                }
                let mut state = state.lock().unwrap();
                if reply.starts_with('2') {
                    let text = text.replace("=\n", "");
                    state.received.push(Received { to: std::mem::take(&mut to), text });
                }
                reply
            }
            "QUIT" => {
                let _ = writing.write_all(b"221 bye\r\n").await;
                return;
            }
            _ => "250 ok",
        };
        if writing.write_all(format!("{reply}\r\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

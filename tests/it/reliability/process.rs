//! The program itself, as a process that can be killed.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::harness::{Http, KEY, database};

/// What the issuer of such a server is, wherever it listens.
pub const ISSUER: &str = "http://127.0.0.1:1";

/// A server in a process of its own; it is killed when dropped.
pub struct Server {
    pub http: Http,
    child: Child,
}

impl Server {
    /// Starts `registrar serve` on a database and waits until it is ready.
    pub async fn start(database: &database::Fresh) -> Self {
        Self::with(database, &[]).await
    }

    /// The same, with some settings set.
    pub async fn with(database: &database::Fresh, set: &[(&str, String)]) -> Self {
        for _ in 0..5 {
            if let Some(server) = Self::try_start(database, set).await {
                return server;
            }
        }
        panic!("no port was free five times");
    }

    /// `None`: somebody else took the port in between.
    async fn try_start(database: &database::Fresh, set: &[(&str, String)]) -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_registrar"));
        command.arg("serve").env_clear().kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        for (key, value) in [
            ("server.issuer", ISSUER),
            ("server.listen", &format!("127.0.0.1:{port}")),
            ("server.metrics_listen", ""),
            ("kong_admin.listen", ""),
            ("database.url", &database.url),
            ("database.connections_max", "4"),
            ("secrets.key_encryption_key", KEY),
            ("registration.profile", "interop"),
            ("registration.per_source_per_minute", "0"),
            ("registration.global_per_minute", "0"),
            ("log.level", "error"),
        ] {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        for (key, value) in set {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        let mut child = command.spawn().unwrap();
        let http = Http::new(&format!("http://127.0.0.1:{port}"));
        let began = Instant::now();
        loop {
            if let Ok(answer) = http.request("GET", "/health/ready").send().await
                && answer.status() == 200
            {
                return Some(Self { http, child });
            }
            if let Some(status) = child.try_wait().unwrap() {
                let mut said = String::new();
                child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
                assert!(said.contains("server.listen"), "it ended with {status}: {said}");
                return None;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "it is not ready after a minute");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// SIGKILL: no chance to finish anything.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

//! Do unmodified client libraries get along with the server? Each of them, on each database.
//!
//! The scripts are `tests/clients/*.mjs`; what they need of npm is pinned there. The server is the one the workspace
//! builds, started on a free port with an empty database, open registration, and one person who can sign in.

use std::fmt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::databases::{Cluster, Engine, Folder, free_port, password};
use crate::mails;
use crate::process::{
    Failure, OrFail as _, cargo, command, succeed, succeed_quietly, tail, target, wait_until, workspace,
};
use crate::providers;

const SCRIPTS: [&str; 2] = ["openid-client.mjs", "mcp-sdk.mjs"];
const PERSON: &str = "ada@example.org";
const PATIENCE: Duration = Duration::from_secs(60);

/// `cargo xtask clients [sqlite|postgres|mariadb]…`
pub(crate) async fn run(arguments: &[String]) -> Result<(), Failure> {
    let named = arguments.iter().map(|name| Store::parse(name)).collect::<Result<Vec<_>, _>>()?;
    let here = workspace().join("tests/clients");
    succeed_quietly(command("npm", &["ci", "--no-audit", "--no-fund"]).current_dir(&here)).await?;
    succeed(&mut cargo(&["build", "--workspace", "--quiet"])).await?;
    for store in if named.is_empty() { Store::ALL.to_vec() } else { named } {
        let server = Server::start(store).await?;
        for script in SCRIPTS {
            println!("── {script} on {store}");
            let mut run = command("node", &[]);
            run.arg(here.join(script)).args([&server.issuer, PERSON, &server.password]);
            let ran = succeed(&mut run).await;
            ran.map_err(|failure| {
                Failure::new(format!("{failure}\nthe server's last words:\n{}", server.last_words()))
            })?;
        }
    }
    mails::run(&here).await?;
    providers::run(&here).await
}

/// Where the server under test remembers.
#[derive(Clone, Copy)]
enum Store {
    Sqlite,
    Cluster(Engine),
}

impl Store {
    const ALL: [Self; 3] = [Self::Sqlite, Self::Cluster(Engine::Postgres), Self::Cluster(Engine::MariaDb)];

    fn parse(name: &str) -> Result<Self, Failure> {
        if name == "sqlite" { Ok(Self::Sqlite) } else { Engine::parse(name).map(Self::Cluster) }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite => f.write_str("SQLite"),
            Self::Cluster(engine) => engine.fmt(f),
        }
    }
}

/// A running server; dropping it stops it, then its database, and removes their files.
struct Server {
    issuer: String,
    password: String,
    // Dropped in this order.
    _process: Child,
    _cluster: Option<Cluster>,
    folder: Folder,
}

impl Server {
    async fn start(store: Store) -> Result<Self, Failure> {
        let folder = Folder::make("clients")?;
        let cluster = match store {
            Store::Sqlite => None,
            Store::Cluster(engine) => Some(Cluster::start(engine).await?),
        };
        let sqlite = || format!("sqlite://{}", folder.path().join("registrar.db").display());
        let database = cluster.as_ref().map_or_else(sqlite, |cluster| cluster.url().to_owned());
        let (listen, metrics, password) = (free_port()?, free_port()?, password()?);
        let secret = folder.write("password", &password)?;
        let issuer = format!("http://127.0.0.1:{listen}");
        // Any 32 bytes will do as the key that seals this database: 43 characters of base64url.
        let key = format!("{}{}", password, &"A".repeat(43)[password.len()..]);
        let registrar = |arguments: &[&str]| {
            let mut registrar = command(target().join("debug/registrar"), arguments);
            registrar.env("REGISTRAR_DATABASE_URL", &database).env("REGISTRAR_KEY_ENCRYPTION_KEY", &key);
            registrar.env("REGISTRAR_ISSUER", &issuer).env("REGISTRAR_LISTEN", format!("127.0.0.1:{listen}"));
            registrar.env("REGISTRAR__SERVER__METRICS_LISTEN", format!("127.0.0.1:{metrics}"));
            registrar.env("REGISTRAR_BOOTSTRAP_ADMIN_EMAIL", PERSON);
            registrar.env("REGISTRAR_BOOTSTRAP_ADMIN_PASSWORD_FILE", &secret).current_dir(folder.path());
            registrar
        };
        succeed_quietly(&mut registrar(&["migrate"])).await?;
        let open = ["tenant", "set", "--open-registration", "on", "--profile", "interop"];
        succeed_quietly(&mut registrar(&open)).await?;
        let mut process = spawn(registrar(&["serve"]), &folder.path().join("log"))?;
        let started = tokio::select! {
            ready = wait_until("the server", PATIENCE, || answers(listen)) => ready,
            _ = process.wait() => Err(Failure::new("the server ended")),
        };
        started.map_err(|failure| Failure::new(format!("{failure}\n{}", tail(&folder.path().join("log")))))?;
        Ok(Self { issuer, password, _process: process, _cluster: cluster, folder })
    }

    fn last_words(&self) -> String {
        tail(&self.folder.path().join("log"))
    }
}

fn spawn(mut server: Command, log: &Path) -> Result<Child, Failure> {
    let output = std::fs::File::create(log).or_fail("write the server's log")?;
    let errors = output.try_clone().or_fail("write the server's log")?;
    server.stdin(Stdio::null()).stdout(output).stderr(errors).spawn().or_fail("start the server")
}

/// Whether somebody listens; the server opens its port when it is ready to answer.
async fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).await.is_ok()
}

//! How is the server under measurement started, watched and stopped?

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::http::{Connection, Site};
use crate::databases::{Cluster, Engine, Folder, free_port, password};
use crate::process::{Failure, OrFail as _, command, tail, target};

const PATIENCE: Duration = Duration::from_secs(60);
/// The unit of `/proc/PID/stat`: a hundredth of a second on every Linux (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);
/// Who signs in.
pub(super) const PERSON: &str = "ada@example.org";

/// What a measurement needs switched off or made longer. Everything else is as delivered, durable commits included.
const SETTINGS: [(&str, &str); 12] = [
    ("registration.profile", "interop"),
    ("registration.per_source_per_minute", "0"),
    ("registration.global_per_minute", "0"),
    ("registration.wrong_token_per_minute", "0"),
    ("tokens.wrong_secrets_per_minute", "0"),
    ("registration.open_clients_max", "0"),
    ("login.per_source_per_minute", "0"),
    ("tokens.code_seconds", "600"),
    ("log.level", "warn"),
    ("log.format", "text"),
    ("server.metrics_listen", ""),
    ("kong_admin.listen", ""),
];

/// Where the server keeps what it remembers, from one start to the next.
pub(super) struct Place {
    database: String,
    key: String,
    pub(super) password: String,
    pub(super) site: Site,
    /// Whether `taskset` can give the server a core of its own.
    pub(super) pinned: bool,
    // Dropped in this order.
    cluster: Option<Cluster>,
    folder: Folder,
}

impl Place {
    /// Makes an empty place; without an engine it is an SQLite file.
    ///
    /// # Errors
    /// When the database server cannot be started.
    pub(super) async fn make(engine: Option<Engine>) -> Result<Self, Failure> {
        let folder = Folder::make("bench")?;
        let cluster = match engine {
            None => None,
            Some(engine) => Some(Cluster::start(engine).await?),
        };
        let sqlite = || format!("sqlite://{}", folder.path().join("registrar.db").display());
        let database = cluster.as_ref().map_or_else(sqlite, |cluster| cluster.url().to_owned());
        let password = password()?;
        // Any 32 bytes will do as the key that seals this database: 43 characters of base64url.
        let key = format!("{}{}", password, &"A".repeat(43)[password.len()..]);
        let pinned = std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1)
            && command("taskset", &["-c", "0", "true"]).status().await.is_ok_and(|status| status.success());
        Ok(Self { database, key, password, site: Site { port: free_port()? }, pinned, cluster, folder })
    }

    /// Runs a command of the server's own tool and returns what it prints.
    ///
    /// # Errors
    /// When it fails; the failure contains what it said.
    pub(super) async fn registrar(&self, arguments: &[&str], input: &str) -> Result<String, Failure> {
        let mut tool = self.with_settings(command(program(), arguments));
        if !input.is_empty() {
            tool.stdin(std::fs::File::open(self.folder.write("input", input)?).or_fail("read the input")?);
        }
        let output = tool.output().await.or_fail("start registrar")?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(said);
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(Failure::new(format!("registrar {} failed\n{said}{complaint}", arguments.join(" "))))
    }

    /// Starts the server and waits for its first answer.
    ///
    /// # Errors
    /// When it ends, or does not answer within a minute; the failure contains the end of its log.
    pub(super) async fn start(&self, settings: &[&str]) -> Result<Server, Failure> {
        let log = self.folder.path().join("log");
        let output = std::fs::File::create(&log).or_fail("write the server's log")?;
        let errors = output.try_clone().or_fail("write the server's log")?;
        let mut serve = self.serving();
        for setting in settings {
            serve.args(["--set", setting]);
        }
        serve.stdin(Stdio::null()).stdout(output).stderr(errors);
        let started = Instant::now();
        let mut process = serve.spawn().or_fail("start the server")?;
        let pid = process.id().ok_or_else(|| Failure::new("the server ended at once"))?;
        let ready = tokio::select! {
            ready = tokio::time::timeout(PATIENCE, first_answer(&self.site)) => ready.or_fail("reach the server"),
            _ = process.wait() => Err(Failure::new("the server ended")),
        };
        let cold_start = started.elapsed();
        ready.map_err(|failure| Failure::new(format!("{failure}\n{}", tail(&log))))?;
        Ok(Server { site: self.site.clone(), cold_start, process, pid, log })
    }

    fn serving(&self) -> Command {
        let program = program();
        self.with_settings(if self.pinned {
            let mut serve = command("taskset", &["-c", "0"]);
            serve.arg(program).arg("serve");
            serve
        } else {
            command(program, &["serve"])
        })
    }

    fn with_settings(&self, mut registrar: Command) -> Command {
        registrar.env("REGISTRAR_DATABASE_URL", &self.database).env("REGISTRAR_KEY_ENCRYPTION_KEY", &self.key);
        registrar.env("REGISTRAR_ISSUER", self.site.url());
        registrar.env("REGISTRAR_LISTEN", format!("127.0.0.1:{}", self.site.port)).current_dir(self.folder.path());
        for (key, value) in SETTINGS {
            registrar.arg("--set").arg(format!("{key}={value}"));
        }
        registrar
    }

    /// The size of the database in bytes, while the server is stopped; `None` unless it is a file.
    pub(super) fn database_bytes(&self) -> Option<u64> {
        if self.cluster.is_some() {
            return None;
        }
        let size = |name: &str| std::fs::metadata(self.folder.path().join(name)).map_or(0, |file| file.len());
        Some(size("registrar.db") + size("registrar.db-wal"))
    }
}

/// Gives this process the second core, so that the server has the first one for itself.
///
/// # Errors
/// When `taskset` fails.
pub(super) async fn move_aside() -> Result<(), Failure> {
    let this = std::process::id().to_string();
    crate::process::succeed_quietly(&mut command("taskset", &["-c", "-p", "1", &this])).await
}

fn program() -> PathBuf {
    target().join("release/registrar")
}

async fn first_answer(site: &Site) {
    let request = site.get("/.well-known/openid-configuration", &[]);
    let answers = async || -> Result<bool, Failure> {
        let mut connection = Connection::open(site.port).await?;
        Ok(connection.ask_patiently(&request).await?.status == 200)
    };
    while !matches!(answers().await, Ok(true)) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// How much memory a process holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    pub(super) all_kib: u64,
    /// That part of it which shows files, the program's and the database's: the system takes it back when it needs it.
    pub(super) files_kib: u64,
}

/// A running server; dropping it kills it.
pub(super) struct Server {
    pub(super) site: Site,
    /// From the start of the process to the first 200.
    pub(super) cold_start: Duration,
    process: Child,
    pid: u32,
    log: PathBuf,
}

impl Server {
    /// User and system time it has used, threads that have ended included.
    ///
    /// # Errors
    /// When it is not running any more; the failure contains the end of its log.
    pub(super) fn cpu(&self) -> Result<Duration, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).map_err(|_| self.gone())?;
        cpu(&stat).ok_or_else(|| self.gone())
    }

    /// Resident memory.
    ///
    /// # Errors
    /// As [`Server::cpu`].
    pub(super) fn memory(&self) -> Result<Memory, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).map_err(|_| self.gone())?;
        let kib = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
            line.trim().strip_suffix(" kB")?.parse().ok()
        };
        let memory = || Some(Memory { all_kib: kib("VmRSS")?, files_kib: kib("RssFile")? });
        memory().ok_or_else(|| self.gone())
    }

    fn gone(&self) -> Failure {
        Failure::new(format!("the server has ended\n{}", self.last_words()))
    }

    /// The end of its log.
    pub(super) fn last_words(&self) -> String {
        tail(&self.log)
    }

    /// Lets it finish as an operator would, so that its database is complete on the disk.
    ///
    /// # Errors
    /// When it does not end within a minute; it is killed then.
    pub(super) async fn stop(mut self) -> Result<(), Failure> {
        crate::process::succeed_quietly(&mut command("kill", &["-TERM", &self.pid.to_string()])).await?;
        let ended = tokio::time::timeout(PATIENCE, self.process.wait()).await.or_fail("stop the server")?;
        let ended = ended.or_fail("wait for the server's end")?;
        if ended.success() { Ok(()) } else { Err(Failure::new(format!("the server ended with {ended}"))) }
    }
}

/// Fields 14 and 15 of `/proc/PID/stat`; the second field, the name, may contain anything but ends with the last `)`.
fn cpu(stat: &str) -> Option<Duration> {
    let (_, rest) = stat.rsplit_once(')')?;
    let ticks: Option<Vec<u32>> = rest.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse().ok()).collect();
    Some(TICK * ticks?.iter().sum::<u32>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_process_is_read_whatever_its_name_is() {
        let stat = "42 (a b) c) S 1 2 3 4 5 6 7 8 9 10 150 50 7 7 20 0";
        assert_eq!(cpu(stat), Some(Duration::from_secs(2)));
        assert_eq!(cpu("nonsense"), None);
    }
}

//! Where do the tests find PostgreSQL and MariaDB? In private clusters that live as long as a value.
//!
//! Nothing is installed and nothing of the system's own servers is touched: data, socket and log are in a temporary
//! folder, the port is a free one on 127.0.0.1, the password is random. The servers keep the settings of a fresh
//! installation (durable commits included), because that is what is tested.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as StdCommand, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::ci::TEST_DATABASE;
use crate::process::{Failure, OrFail as _, command, succeed, succeed_quietly, tail, wait_until};

/// Neither server starts as root; Debian's packages make these users.
const POSTGRES_USER: &str = "postgres";
const MARIADB_USER: &str = "mysql";

const PATIENCE: Duration = Duration::from_secs(60);
/// Test threads times pool size, with room.
const CONNECTIONS_MAX: u32 = 500;

/// A database server the tests run against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Postgres,
    MariaDb,
}

impl Engine {
    pub(crate) const ALL: [Self; 2] = [Self::Postgres, Self::MariaDb];

    /// The engine of that name on the command line.
    ///
    /// # Errors
    /// For any other name.
    pub(crate) fn parse(name: &str) -> Result<Self, Failure> {
        match name {
            "postgres" => Ok(Self::Postgres),
            "mariadb" => Ok(Self::MariaDb),
            other => Err(Failure::new(format!("there is no database {other:?}; there are postgres and mariadb"))),
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
        })
    }
}

/// `cargo xtask databases [postgres|mariadb]… -- CMD…`
pub(crate) async fn run(arguments: &[String]) -> Result<(), Failure> {
    let mut parts = arguments.splitn(2, |argument| argument == "--");
    let names = parts.next().unwrap_or_default();
    let Some([program, rest @ ..]) = parts.next() else {
        return Err(Failure::new("which command? cargo xtask databases [postgres|mariadb]… -- CMD…"));
    };
    let named = names.iter().map(|name| Engine::parse(name)).collect::<Result<Vec<_>, _>>()?;
    for engine in if named.is_empty() { Engine::ALL.to_vec() } else { named } {
        let cluster = Cluster::start(engine).await?;
        println!("── {engine}");
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        succeed(command(program, &rest).stdin(Stdio::inherit()).env(TEST_DATABASE, cluster.url())).await?;
    }
    Ok(())
}

/// A running database server of our own; dropping it stops the server and removes its files.
pub(crate) struct Cluster {
    url: String,
    // Dropped in this order: the server before its files.
    _server: Server,
    _folder: Folder,
}

impl Cluster {
    /// Makes and starts a server with an empty database `registrar` and a user who may create further ones.
    ///
    /// # Errors
    /// When the engine is not installed, or does not answer within a minute.
    pub(crate) async fn start(engine: Engine) -> Result<Self, Failure> {
        let password = password()?;
        let port = free_port()?;
        match engine {
            Engine::Postgres => postgres(&password, port).await,
            Engine::MariaDb => mariadb(&password, port).await,
        }
    }

    /// How a client connects to it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

enum Server {
    Postgres { pg_ctl: PathBuf, data: PathBuf },
    MariaDb(Child),
}

impl Drop for Server {
    fn drop(&mut self) {
        // The data is about to be removed, so nothing is gained by a clean stop.
        match self {
            Self::Postgres { pg_ctl, data } => {
                let mut stop = as_user(POSTGRES_USER, pg_ctl);
                stop.arg("stop").args(["--mode", "immediate", "--silent", "--pgdata"]).arg(data.as_path());
                if !matches!(stop.status(), Ok(status) if status.success()) {
                    eprintln!("xtask: the PostgreSQL server in {} could not be stopped", data.display());
                }
            }
            Self::MariaDb(child) => {
                if child.kill().and_then(|()| child.wait()).is_err() {
                    eprintln!("xtask: the MariaDB server (process {}) could not be stopped", child.id());
                }
            }
        }
    }
}

async fn postgres(password: &str, port: u16) -> Result<Cluster, Failure> {
    let programs = postgres_programs()?;
    let folder = Folder::make("postgres")?;
    let (data, log) = (folder.path.join("data"), folder.path.join("log"));
    let secret = folder.write("password", password)?;
    folder.give_to(POSTGRES_USER).await?;

    let mut initdb = as_user(POSTGRES_USER, &programs.join("initdb"));
    initdb.args([
        "--username",
        "registrar",
        "--auth",
        "scram-sha-256",
        "--encoding",
        "UTF8",
        "--no-locale",
        "--no-sync",
    ]);
    initdb.arg("--pwfile").arg(&secret).arg("--pgdata").arg(&data);
    succeed_quietly(&mut Command::from(initdb)).await?;

    let socket = folder.path.display();
    let settings = format!("-p {port} -c listen_addresses=127.0.0.1 -k {socket} -c max_connections={CONNECTIONS_MAX}");
    let pg_ctl = programs.join("pg_ctl");
    let mut start = as_user(POSTGRES_USER, &pg_ctl);
    start.args(["start", "--wait", "--silent", "--options", &settings]);
    start.arg("--timeout").arg(PATIENCE.as_secs().to_string()).arg("--log").arg(&log).arg("--pgdata").arg(&data);
    // The server inherits standard output: a pipe would never end.
    start.stdout(Stdio::null()).stderr(Stdio::null());
    // From here on a failure or an interruption must stop the server, started or half started.
    let server = Server::Postgres { pg_ctl, data };
    let started = Command::from(start).status().await.or_fail("start pg_ctl")?;
    if !started.success() {
        return Err(Failure::new(format!("PostgreSQL did not start\n{}", tail(&log))));
    }
    let mut create =
        command(programs.join("createdb"), &["--host", "127.0.0.1", "--username", "registrar", "registrar"]);
    succeed_quietly(create.env("PGPORT", port.to_string()).env("PGPASSWORD", password)).await?;
    let url = format!("postgres://registrar:{password}@127.0.0.1:{port}/registrar");
    Ok(Cluster { url, _server: server, _folder: folder })
}

/// Debian keeps the server's programs per version, outside the search path.
fn postgres_programs() -> Result<PathBuf, Failure> {
    let version = |programs: &Path| -> Option<u32> { programs.parent()?.file_name()?.to_str()?.parse().ok() };
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|entry| entry.path().join("bin")).max_by_key(|programs| version(programs));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let searched = debian.into_iter().chain(std::env::split_paths(&path));
    let found = searched.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists());
    found.ok_or_else(|| Failure::new("PostgreSQL is not installed: Debian's package is postgresql"))
}

async fn mariadb(password: &str, port: u16) -> Result<Cluster, Failure> {
    let (install, mariadbd) = (mariadb_program("mariadb-install-db")?, mariadb_program("mariadbd")?);
    let folder = Folder::make("mariadb")?;
    let (data, log) = (folder.path.join("data"), folder.path.join("log"));
    // Read by the server before it accepts connections.
    let first_words = format!(
        "CREATE USER registrar@'127.0.0.1' IDENTIFIED BY '{password}';\n\
         GRANT ALL PRIVILEGES ON *.* TO registrar@'127.0.0.1' WITH GRANT OPTION;\n\
         CREATE DATABASE registrar;\n"
    );
    let init_file = folder.write("init.sql", &first_words)?;
    folder.give_to(MARIADB_USER).await?;

    let mut installing = as_user(MARIADB_USER, &install);
    installing.args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"]);
    installing.arg(option("--datadir=", &data));
    succeed_quietly(&mut Command::from(installing)).await?;

    let mut start = StdCommand::new(mariadbd);
    start.args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve"]);
    start.arg(format!("--port={port}")).arg(format!("--max-connections={CONNECTIONS_MAX}"));
    // As Debian configures it: the collation ignores case, which the server under test must not rely on.
    start.args(["--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci"]);
    start.arg(option("--datadir=", &data)).arg(option("--socket=", &folder.path.join("socket")));
    start.arg(option("--pid-file=", &folder.path.join("pid"))).arg(option("--init-file=", &init_file));
    if is_root() {
        start.arg(format!("--user={MARIADB_USER}"));
    }
    let output = std::fs::File::create(&log).or_fail("write the log of MariaDB")?;
    let errors = output.try_clone().or_fail("write the log of MariaDB")?;
    own_group(&mut start).env("TMPDIR", scratch()).stdin(Stdio::null()).stdout(output).stderr(errors);
    let server = Server::MariaDb(start.spawn().or_fail("start mariadbd")?);
    let ready = wait_until("MariaDB", PATIENCE, || mariadb_greets(port)).await;
    ready.map_err(|failure| Failure::new(format!("{failure}\n{}", tail(&log))))?;
    let url = format!("mysql://registrar:{password}@127.0.0.1:{port}/registrar");
    Ok(Cluster { url, _server: server, _folder: folder })
}

fn mariadb_program(name: &str) -> Result<PathBuf, Failure> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // A user's search path often lacks the folder of system programs.
    let searched = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/libexec")]);
    let found = searched.map(|folder| folder.join(name)).find(|program| program.exists());
    found.ok_or_else(|| Failure::new("MariaDB is not installed: Debian's package is mariadb-server"))
}

/// Whether the server speaks first, as its protocol says: a packet's four bytes of header, then protocol version 10.
async fn mariadb_greets(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else { return false };
    let mut greeting = [0; 5];
    stream.read_exact(&mut greeting).await.is_ok() && greeting[4] == 10
}

/// A temporary folder that is removed when dropped.
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes a folder that only this user may enter. Its path is short: that of a socket has at most 107 bytes.
    pub(crate) fn make(name: &str) -> Result<Self, Failure> {
        use std::os::unix::fs::DirBuilderExt as _;
        let path = scratch().join(format!("registrar-{name}-{}", &password()?[..12]));
        std::fs::DirBuilder::new().mode(0o700).create(&path).or_fail(format!("make {}", path.display()))?;
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file into it that only this user may read.
    pub(crate) fn write(&self, name: &str, content: &str) -> Result<PathBuf, Failure> {
        use std::os::unix::fs::PermissionsExt;
        let file = self.path.join(name);
        let attempt = || format!("write {}", file.display());
        std::fs::write(&file, content).or_fail(attempt())?;
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).or_fail(attempt())?;
        Ok(file)
    }

    async fn give_to(&self, user: &str) -> Result<(), Failure> {
        if is_root() {
            succeed_quietly(command("chown", &["-R", user]).arg(&self.path)).await?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(cause) = std::fs::remove_dir_all(&self.path) {
            eprintln!("xtask: {} could not be removed: {cause}", self.path.display());
        }
    }
}

/// A program run by `user` if we are root, which the servers refuse to be; otherwise by ourselves.
fn as_user(user: &str, program: &Path) -> StdCommand {
    let mut command = if is_root() {
        let mut command = StdCommand::new("runuser");
        command.args(["-u", user, "--"]).arg(program);
        command
    } else {
        StdCommand::new(program)
    };
    // The user may not be allowed into the folder we are in.
    own_group(&mut command).current_dir(scratch()).env("TMPDIR", scratch()).stdin(Stdio::null());
    command
}

/// Keeps the terminal's Ctrl-C from the servers: they are stopped by us, after those who use them.
fn own_group(command: &mut StdCommand) -> &mut StdCommand {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0)
}

/// Where temporary folders go: as root, where the servers' users may go too.
fn scratch() -> PathBuf {
    if is_root() { PathBuf::from("/tmp") } else { std::env::temp_dir() }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0)
}

fn option(name: &str, path: &Path) -> std::ffi::OsString {
    let mut option = std::ffi::OsString::from(name);
    option.push(path);
    option
}

/// A port of 127.0.0.1 on which nobody listens just now.
pub(crate) fn free_port() -> Result<u16, Failure> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).or_fail("find a free port")?;
    Ok(listener.local_addr().or_fail("find a free port")?.port())
}

/// 128 random bits as hexadecimal digits, which need no quoting in a URL or in SQL.
pub(crate) fn password() -> Result<String, Failure> {
    use std::io::Read as _;
    let mut bytes = [0; 16];
    let mut source = std::fs::File::open("/dev/urandom").or_fail("open /dev/urandom")?;
    source.read_exact(&mut bytes).or_fail("read /dev/urandom")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

//! How does a task run another program, and say what went wrong with it?

use std::fmt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// Why a task did not succeed, as one sentence for the terminal.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Says what could not be done when an operation of the system fails.
pub(crate) trait OrFail<T> {
    /// The value, or a failure that begins with `attempt` ("start the server", "read x").
    fn or_fail(self, attempt: impl fmt::Display) -> Result<T, Failure>;
}

impl<T, E: fmt::Display> OrFail<T> for Result<T, E> {
    fn or_fail(self, attempt: impl fmt::Display) -> Result<T, Failure> {
        self.map_err(|cause| Failure::new(format!("cannot {attempt}: {cause}")))
    }
}

/// The root of the workspace, whatever folder the task was started in.
pub(crate) fn workspace() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().map_or(manifest.clone(), PathBuf::from)
}

/// The folder that Cargo builds into.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), |set| workspace().join(set))
}

/// A command in the workspace's root, with no input, that ends when it is dropped.
pub(crate) fn command(program: impl Into<PathBuf>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program.into());
    command.args(arguments).current_dir(workspace()).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// A `cargo` command: the one that started this task.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    command(std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from), arguments)
}

/// Runs a command whose output goes to the terminal.
///
/// # Errors
/// When it cannot be started or does not end with success.
pub(crate) async fn succeed(command: &mut Command) -> Result<(), Failure> {
    let shown = shown(command);
    let status = command.status().await.or_fail(format!("start {shown}"))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("{shown} failed ({status})"))) }
}

/// Runs a command whose output is of interest only when it fails.
///
/// # Errors
/// When it cannot be started or does not end with success; the failure contains the output.
pub(crate) async fn succeed_quietly(command: &mut Command) -> Result<(), Failure> {
    let shown = shown(command);
    let output = command.output().await.or_fail(format!("start {shown}"))?;
    if output.status.success() {
        return Ok(());
    }
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(Failure::new(format!("{shown} failed ({})\n{out}{err}", output.status)))
}

/// Waits until `ready` says so, asking every tenth of a second.
///
/// # Errors
/// When that takes longer than `patience`.
pub(crate) async fn wait_until<F>(what: &str, patience: Duration, mut ready: impl FnMut() -> F) -> Result<(), Failure>
where
    F: Future<Output = bool>,
{
    let asking = async {
        while !ready().await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let late = || Failure::new(format!("{what} was not ready after {} s", patience.as_secs()));
    tokio::time::timeout(patience, asking).await.map_err(|_| late())
}

/// The last lines of a log file, for a failure's text.
pub(crate) fn tail(log: &std::path::Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

fn shown(command: &Command) -> String {
    let command = command.as_std();
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or_default();
    command.get_args().fold(program.to_owned(), |line, argument| format!("{line} {}", argument.to_string_lossy()))
}

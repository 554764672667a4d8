//! Does a provider that others wrote get along with a portal of ours? The one of npm, in a process of its own.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::time::timeout;

use crate::process::{Failure, OrFail as _, cargo, command, succeed};

const PATIENCE: Duration = Duration::from_secs(30);

/// Starts the provider of `clients`, where its packages are installed, and runs the tests that wait for it.
pub(crate) async fn run(clients: &Path) -> Result<(), Failure> {
    println!("── provider.mjs");
    let mut provider = command("node", &[]);
    provider.arg(clients.join("provider.mjs"));
    let mut provider = provider.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().or_fail("start the provider")?;
    let output = provider.stdout.take().ok_or_else(|| Failure::new("the provider is silent"))?;
    let mut lines = BufReader::new(output).lines();
    let line = timeout(PATIENCE, lines.next_line()).await.map_err(|_| Failure::new("the provider does not start"))?;
    let line = line.or_fail("read where the provider is")?.ok_or_else(|| Failure::new("the provider ended"))?;
    let mut test = cargo(&["test", "--workspace", "--quiet", "--test", "it", "portal::providers::foreign", "--"]);
    test.arg("--ignored").env("REGISTRAR_TEST_PROVIDER", line.trim());
    succeed(&mut test).await
}

//! Does a mail server that others wrote get along with ours? The one of npm, in a process of its own.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::time::timeout;

use crate::databases::Folder;
use crate::process::{Failure, OrFail as _, cargo, command, succeed, succeed_quietly};

const PATIENCE: Duration = Duration::from_secs(30);

/// Starts the mail server of `clients`, where its packages are installed, and runs the tests that wait for it.
pub(crate) async fn run(clients: &Path) -> Result<(), Failure> {
    println!("── mailbox.mjs");
    let folder = Folder::make("mails")?;
    certificates(&folder).await?;
    let path = |name: &str| folder.path().join(name);
    let mails = folder.write("mails", "")?;
    let mut mailbox = command("node", &[]);
    mailbox.arg(clients.join("mailbox.mjs")).args([path("server.key"), path("server.pem"), mails.clone()]);
    let mut mailbox = mailbox.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().or_fail("start the mail server")?;
    let output = mailbox.stdout.take().ok_or_else(|| Failure::new("the mail server is silent"))?;
    let mut lines = BufReader::new(output).lines();
    let port =
        timeout(PATIENCE, lines.next_line()).await.map_err(|_| Failure::new("the mail server does not start"))?;
    let port = port.or_fail("read the mail server's port")?.ok_or_else(|| Failure::new("the mail server ended"))?;
    let mut test = cargo(&["test", "--workspace", "--quiet", "--test", "it", "mail::real_server", "--", "--ignored"]);
    test.env("REGISTRAR_TEST_SMTP_PORT", port.trim()).env("REGISTRAR_TEST_SMTP_MAILS", mails);
    test.env("REGISTRAR_TEST_SMTP_CA", path("ca.pem"));
    succeed(&mut test).await
}

/// An authority of our own, and a certificate of it for this machine.
async fn certificates(folder: &Folder) -> Result<(), Failure> {
    let new = ["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let authority = ["-subj", "/CN=mails", "-keyout", "ca.key", "-out", "ca.pem"];
    let server = [
        ["-subj", "/CN=localhost"],
        ["-CA", "ca.pem"],
        ["-CAkey", "ca.key"],
        ["-addext", "subjectAltName=DNS:localhost"],
        ["-addext", "basicConstraints=critical,CA:FALSE"],
        ["-keyout", "server.key"],
        ["-out", "server.pem"],
    ];
    for rest in [authority.as_slice(), server.as_flattened()] {
        succeed_quietly(command("openssl", &new).args(rest).current_dir(folder.path())).await?;
    }
    Ok(())
}

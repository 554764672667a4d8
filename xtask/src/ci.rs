//! Does everything hold that must? The steps of `cargo xtask ci`, in the order in which they fail fastest.

use std::time::Instant;

use tokio::process::Command;

use crate::databases::{Cluster, Engine};
use crate::process::{Failure, cargo, command, succeed, target};

pub(crate) async fn run() -> Result<(), Failure> {
    step("format", cargo(&["fmt", "--all", "--check"])).await?;
    step("lints", cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])).await?;
    step("documentation", documentation()).await?;
    step("tests on SQLite", tests(&["test", "--workspace"])).await?;
    openapi().await?;
    for engine in Engine::ALL {
        let cluster = Cluster::start(engine).await?;
        let mut tests = tests(&["test", "--workspace", "--test", "it"]);
        tests.env(TEST_DATABASE, cluster.url());
        step(&format!("tests on {engine}"), tests).await?;
    }
    println!("everything holds");
    Ok(())
}

/// A run of the tests, with the real components that are installed.
fn tests(arguments: &[&str]) -> Command {
    let mut tests = cargo(arguments);
    if std::path::Path::new(NGINX).exists() {
        tests.env("REGISTRAR_TEST_NGINX", NGINX);
    }
    tests
}

/// Where Debian's package puts it, outside the search path of people.
const NGINX: &str = "/usr/sbin/nginx";

/// The variable that tells the tests which database server to use; without it they use SQLite.
pub(crate) const TEST_DATABASE: &str = "REGISTRAR_TEST_DATABASE";

/// `--no-deps`, or the documentation of five hundred crates would be made.
fn documentation() -> Command {
    let mut documentation = cargo(&["doc", "--workspace", "--no-deps", "--quiet"]);
    documentation.env("RUSTDOCFLAGS", "-D warnings");
    documentation
}

/// Compares the documents the server would generate with those that are checked in.
///
/// The server is built with `--workspace` and run by its path: `cargo run --package` would select other features and
/// compile half the tree again.
async fn openapi() -> Result<(), Failure> {
    succeed(&mut cargo(&["build", "--workspace", "--quiet"])).await?;
    step("OpenAPI", command(target().join("debug/registrar"), &["openapi", "--check", "openapi"])).await
}

async fn step(name: &str, mut command: Command) -> Result<(), Failure> {
    println!("── {name}");
    let started = Instant::now();
    succeed(&mut command).await?;
    println!("── {name}: {:.0} s", started.elapsed().as_secs_f32());
    Ok(())
}

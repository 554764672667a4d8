//! What does a developer run beside `cargo run` and `cargo test`?
//!
//! `cargo xtask <task>`: each task is a file of its own; [`databases`] and [`process`] are what they stand on.

// A command-line tool speaks on its terminal and measures time; the rules for the server do not apply to it.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::disallowed_methods)]

mod bench;
mod ci;
mod clients;
mod databases;
mod mails;
mod process;
mod providers;
mod spec;

use std::process::ExitCode;

use process::Failure;
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
usage: cargo xtask <task>

  bench [--quick] [--database postgres|mariadb]
                                          what each endpoint costs the server, beside its target: a table, and
                                          target/bench.json
  ci                                      everything that must hold: format, lints, documentation, OpenAPI, tests on
                                          SQLite, PostgreSQL and MariaDB
  clients [sqlite|postgres|mariadb]…      the JavaScript client libraries against a running server, on each database,
                                          and a mail server that takes its mails
  databases [postgres|mariadb]… -- CMD…   runs CMD once per database server, with REGISTRAR_TEST_DATABASE set to a
                                          private cluster that is removed afterwards
  spec [PREFIX]…                          every requirement with the number of tests that name it; fails if one that
                                          is built has none";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Dropping the task's future stops its children and clusters, so an interruption leaves nothing behind.
    let done = tokio::select! {
        done = run(&arguments) => done,
        name = interrupted() => Err(Failure::new(format!("interrupted by {name}"))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &[String]) -> Result<(), Failure> {
    let (task, rest) = match arguments.split_first() {
        Some((task, rest)) => (task.as_str(), rest),
        None => ("help", arguments),
    };
    match task {
        "bench" => bench::run(rest).await,
        "ci" => ci::run().await,
        "clients" => clients::run(rest).await,
        "databases" => databases::run(rest).await,
        "spec" => spec::run(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(Failure::new(format!("there is no task {other:?}\n\n{USAGE}"))),
    }
}

/// The name of the signal that asked this process to end.
async fn interrupted() -> &'static str {
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
        _ = hangup.recv() => "SIGHUP",
    }
}

//! What can be asked of the program from a shell?

pub mod args;
pub mod client;
pub mod config;
pub mod first_start;
pub mod health;
pub mod iat;
pub mod keys;
pub mod migrate;
pub mod moment;
pub mod openapi;
pub mod output;
pub mod password;
pub mod personal_token;
pub mod serve;
pub mod service;
pub mod shell;
pub mod tenant;
pub mod user;
pub mod words;

use clap::Parser as _;

use args::{Cli, Command};
use output::{Exit, Output};
use shell::{Failure, Shell};

/// Does what the command line asks for. Leaves the process at once, with exit code 2, if it cannot be understood.
pub fn run() -> Exit {
    let cli = Cli::parse();
    let shell = Shell::new(&cli.global);
    let output = shell.output;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.failure(&format!("no threads: {error}")),
    };
    runtime.block_on(dispatch(cli.asked(), &shell)).unwrap_or_else(|failure| output.failure(&failure.0))
}

async fn dispatch(command: Command, shell: &Shell) -> Result<Exit, Failure> {
    match command {
        Command::Serve => serve::run(shell).await,
        Command::Migrate => migrate::run(shell).await,
        Command::Openapi { dir, check } => openapi::run(shell, &dir, openapi::Task::chosen(check)),
        Command::Config(command) => Ok(config::run(&command, &shell.sources, shell.output)),
        Command::User(command) => user::run(shell, command).await,
        Command::Iat(command) => iat::run(shell, command).await,
        Command::PersonalToken(command) => personal_token::run(shell, command).await,
        Command::Client(command) => client::run(shell, command).await,
        Command::Keys(command) => keys::run(shell, command).await,
        Command::Tenant(command) => tenant::run(shell, command).await,
        Command::Service(command) => service::run(shell, command).await,
        Command::Health { url } => health::run(shell, url.as_deref()).await,
    }
}

/// Who did it, in the audit log.
pub const ACTOR: &str = "cli";

impl Output {
    /// Prints what a command changed: one line for people.
    pub fn changed(self, value: &impl serde::Serialize, line: &str) -> Exit {
        self.result(value, || output::printable(line))
    }
}

//! `registrar config`: what is in force, a new key, the reference.

use super::args::ConfigCommand;
use super::output::{Exit, Output};
use crate::config::show::Report;
use crate::config::{self, KeyEncryptionKey, Sources, key_file, reference};

/// Runs one of the commands.
pub fn run(command: &ConfigCommand, sources: &Sources, output: Output) -> Exit {
    match command {
        ConfigCommand::Check => check(sources, output),
        ConfigCommand::MakeKey { path: None } => output.plain(KeyEncryptionKey::random().to_text().expose()),
        ConfigCommand::MakeKey { path: Some(path) } => match key_file::make(path) {
            Ok(_) => {
                let written = serde_json::json!({ "key_file": path });
                output.result(&written, || format!("{} holds a new key; keep a copy of it", path.display()))
            }
            Err(error) => output.failure(&error.to_string()),
        },
        ConfigCommand::Reference => output.plain(reference::markdown().trim_end()),
    }
}

fn check(sources: &Sources, output: Output) -> Exit {
    match config::load(sources) {
        Ok(loaded) => {
            let report = Report::sound(&loaded.settings);
            output.result(&report, || report.text())
        }
        Err(faults) if output == Output::Json => {
            let report = Report::faulty(&faults);
            output.result(&report, || report.text());
            Exit::Failed
        }
        Err(faults) => output.failure(&faults.to_string()),
    }
}

//! `registrar openapi`: writes the OpenAPI documents, or says which of those in a folder are not what would be written.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::output::Exit;
use super::shell::{Failure, Shell};
use crate::app::routes::documents;

/// What to do with the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Write them.
    Write,
    /// Compare them.
    Check,
}

impl Task {
    /// As `--check` was given or not.
    pub fn chosen(check: bool) -> Self {
        if check { Self::Check } else { Self::Write }
    }
}

/// Does it.
///
/// # Errors
/// When a document cannot be written, or differs.
pub fn run(shell: &Shell, folder: &Path, task: Task) -> Result<Exit, Failure> {
    match task {
        Task::Write => write(shell, folder),
        Task::Check => check(shell, folder),
    }
}

fn write(shell: &Shell, folder: &Path) -> Result<Exit, Failure> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut written = Vec::new();
    for (name, text) in documents() {
        let path = folder.join(name);
        fs::write(&path, ended(&text)).map_err(|error| format!("{}: {error}", path.display()))?;
        written.push(path);
    }
    let names = || written.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join("\n");
    Ok(shell.output.result(&json!({ "written": written }), names))
}

fn check(shell: &Shell, folder: &Path) -> Result<Exit, Failure> {
    let differs = |(name, text): &(&'static str, String)| {
        fs::read_to_string(folder.join(name)).is_ok_and(|found| found == ended(text)).then_some(()).is_none()
    };
    let drifted: Vec<String> =
        documents().iter().filter(|document| differs(document)).map(|(name, _)| name.to_string()).collect();
    if drifted.is_empty() {
        let fine = json!({ "differs": drifted });
        return Ok(shell.output.result(&fine, || "The documents are what would be written.".to_owned()));
    }
    let (names, folder) = (drifted.join(", "), folder.display());
    Err(Failure(format!("in {folder}, missing or not what would be written: {names}; run registrar openapi {folder}")))
}

/// Text files end with a line's end.
fn ended(text: &str) -> String {
    format!("{}\n", text.trim_end())
}

//! `registrar migrate`: brings the database's tables up to date, and nothing else.

use std::path::Path;

use serde_json::json;

use super::output::Exit;
use super::shell::{Failure, Shell};
use crate::app::db_settings;
use crate::db::migrate;

/// Runs the migrations that have not run, under the lock that servers take when they start.
///
/// # Errors
/// When the database cannot be reached, or a migration fails.
pub async fn run(shell: &Shell) -> Result<Exit, Failure> {
    let config = shell.config()?;
    if let Some(folder) = config.database.url.sqlite_path().and_then(Path::parent) {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let settings = db_settings(&config);
    let applied = migrate::locked(&settings, async |connection| {
        let pending = migrate::pending(connection).await?;
        migrate::run(connection).await?;
        Ok::<_, sea_orm::DbErr>(pending)
    });
    let applied = applied.await?;
    Ok(shell.output.result(&json!({ "applied": applied }), || {
        if applied.is_empty() {
            return "The tables were up to date.".to_owned();
        }
        format!("The tables are up to date now. Applied: {}", applied.join(", "))
    }))
}

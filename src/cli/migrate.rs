//! `registrar migrate`: brings the database's tables up to date, and nothing else.

use serde_json::json;

use super::output::Exit;
use super::shell::{Failure, Shell};
use crate::app::db_settings;
use crate::app::settings::make_file;
use crate::db::migrate;

/// Runs the migrations that have not run, under the lock that servers take when they start.
///
/// # Errors
/// When the database cannot be reached, or a migration fails.
pub async fn run(shell: &Shell) -> Result<Exit, Failure> {
    let config = shell.config()?;
    // A database without its key would look like one whose key was lost.
    config.secrets.key.obtain().map_err(|error| error.to_string())?;
    make_file(&config.database.url).map_err(|error| format!("the database file: {error}"))?;
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

//! Which clients end because nobody uses them? (registration.md §6)

use crate::app::App;
use crate::oidc::Error;
use crate::oidc::registration::retire;

/// Ends clients that registered without a token longer ago than `registration.unused_ttl_days` and were never used.
///
/// # Errors
/// When the database cannot be asked; those ended before stay ended.
pub async fn run(app: &App) -> Result<(), Error> {
    let retired = retire::retire_unused(app).await?;
    if retired > 0 {
        app.metrics.clients_reaped("unused", retired);
        tracing::info!(clients = retired, "clients that nobody used have ended");
    }
    Ok(())
}

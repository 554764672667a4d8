//! Which clients end because nobody uses them?

use crate::app::App;
use crate::oidc::Error;
use crate::oidc::client::{unused, usage};

const CLIENTS_PER_TRANSACTION: u64 = 100;

/// Ends clients that registered without a token longer ago than `registration.unused_ttl_days` and were never used.
///
/// # Errors
/// When the database cannot be asked; those ended before stay ended.
pub async fn run(app: &App) -> Result<(), Error> {
    let Some(ttl) = app.config.registration.unused_ttl_seconds else { return Ok(()) };
    // A client that was used just now must be seen as used.
    usage::write_down(app).await?;
    let mut retired = 0;
    loop {
        let ended = unused::end(app, app.clock.now() - ttl, CLIENTS_PER_TRANSACTION).await?;
        retired += ended;
        if ended < CLIENTS_PER_TRANSACTION {
            break;
        }
    }
    if retired > 0 {
        app.metrics.clients_reaped(unused::REASON, retired);
        tracing::info!(clients = retired, "clients that nobody used have ended");
    }
    Ok(())
}

//! When were clients last used? What each replica noted, written down every few seconds and when it stops.

use crate::app::App;
use crate::oidc::Error;
use crate::oidc::client::usage;

/// Writes down what was noted since the last time.
///
/// # Errors
/// When the database cannot be asked.
pub async fn run(app: &App) -> Result<(), Error> {
    Ok(usage::write_down(app).await?)
}

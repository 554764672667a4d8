//! What have other replicas and the command line changed? Asked each second: tenants, their settings and their keys.

use crate::app::App;
use crate::oidc::Error;

/// Brings the tenants up to date.
///
/// # Errors
/// When the database cannot be asked: the tenants stay as they were, so discovery and keys still answer.
pub async fn run(app: &App) -> Result<(), Error> {
    app.tenants.refresh(app).await
}

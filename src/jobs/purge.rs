//! Which archived applications are gone for good? (portal.md D-16)

use crate::app::App;
use crate::oidc::Error;
use crate::portal::{self, application};

/// Removes applications that were put away longer ago than their tenant keeps them.
///
/// # Errors
/// When the database cannot be asked; those removed before are gone.
pub async fn run(app: &App) -> Result<(), Error> {
    let purged = application::purge_archived(app).await.map_err(|error| match error {
        portal::Error::Internal(cause) => {
            Error { cause: Some(cause), ..Error::internal(std::io::Error::other("purge")) }
        }
        error => Error::internal(error),
    })?;
    if purged > 0 {
        tracing::info!(applications = purged, "archived applications are removed");
    }
    Ok(())
}

//! What is still to be asked of the providers where applications are registered, and are they well?

use crate::app::App;
use crate::oidc::Error;
use crate::portal;
use crate::portal::provider;

/// Looks after calls whose end nobody noted.
///
/// # Errors
/// When the database cannot be asked; what was claimed is tried again later.
pub async fn calls(app: &App) -> Result<(), Error> {
    provider::reconcile(app).await.map_err(ours)
}

/// Compares clients with what their providers say of them.
///
/// # Errors
/// When the database cannot be asked.
pub async fn drift(app: &App) -> Result<(), Error> {
    provider::compare_all(app).await.map_err(ours)
}

/// Looks whether the providers answer.
///
/// # Errors
/// When the database cannot be asked.
pub async fn health(app: &App) -> Result<(), Error> {
    provider::look_at_all(app).await.map_err(ours)
}

fn ours(error: portal::Error) -> Error {
    Error::internal(error)
}

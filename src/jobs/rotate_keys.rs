//! Which signing keys are due to be made, to sign, to go? Those of all tenants, each hour.

use std::time::Duration;

use crate::app::{App, settings};
use crate::oidc::Error;
use crate::oidc::keys::rotation::{self, When};

/// The name of its lease, which `registrar keys rotate` takes too.
pub const NAME: &str = "rotate_keys";
/// A key of each algorithm for each of many tenants takes a while.
pub const PATIENCE: Duration = Duration::from_secs(600);

/// Takes every tenant's keys one step on where it is time.
///
/// # Errors
/// When the database cannot be asked, or a key cannot be made; tenants before that one have been served.
pub async fn run(app: &App) -> Result<(), Error> {
    let lifetimes = settings::key_lifetimes(&app.config);
    for tenant in app.tenants.all().iter() {
        let algorithms = &app.config.keys.algorithms;
        let done = rotation::rotate(app, tenant.id, algorithms, lifetimes, When::Due, "system").await?;
        if !done.is_nothing() {
            let (made, promoted, removed) = (done.made.len(), done.promoted.len(), done.removed);
            tracing::info!(tenant = tenant.slug, made, promoted, removed, "signing keys moved on");
        }
    }
    app.tenants.refresh(app).await
}

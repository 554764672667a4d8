//! Is the server alive, and ready?

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::time::timeout;

use crate::app::App;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether the server is about to stop.
#[derive(Debug, Default)]
pub struct Lifecycle {
    stopping: AtomicBool,
}

impl Lifecycle {
    /// From now on it is not ready: no more requests should be sent to it.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Whether it is about to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}

/// One thing that must be so before requests are sent here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// It is.
    Ok,
    /// It is not.
    Failed,
}

impl From<bool> for Check {
    fn from(fine: bool) -> Self {
        if fine { Self::Ok } else { Self::Failed }
    }
}

/// Whether requests should be sent here, and why not. Says nothing that helps an attacker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// The database answered within a second.
    pub database: Check,
    /// Its tables are up to date; looked at when the server starts, and it does not start otherwise.
    pub migrations: Check,
    /// Every tenant has keys that sign.
    pub keys: Check,
    /// The server is not about to stop.
    pub running: Check,
}

impl Readiness {
    /// Whether all is well.
    pub fn is_ready(&self) -> bool {
        [self.database, self.migrations, self.keys, self.running].iter().all(|check| *check == Check::Ok)
    }
}

/// Looks whether requests should be sent here. Takes a second at most.
pub async fn readiness(app: &App) -> Readiness {
    let stopping = app.lifecycle.is_stopping();
    let database = !stopping && timeout(PATIENCE, app.db.ping()).await.is_ok_and(|answer| answer.is_ok());
    let tenants = app.tenants.all();
    let signs = tenants.iter().all(|tenant| tenant.keys.signing(app.config.keys.access_token_alg).is_ok());
    Readiness {
        database: Check::from(database || stopping),
        migrations: Check::Ok,
        keys: Check::from(!tenants.is_empty() && signs),
        running: Check::from(!stopping),
    }
}

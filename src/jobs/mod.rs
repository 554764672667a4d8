//! What happens without a request? Each job at its interval, on every replica or on one at a time.

pub mod deliver;
pub mod expire;
pub mod lease;
pub mod purge;
pub mod retire_clients;
pub mod rotate_keys;
#[cfg(test)]
mod tests;
pub mod usage;
pub mod watch;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::watch as signal;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::app::App;
use crate::oidc::Error;
use crate::secret;

/// Who does a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Every replica for itself.
    Everywhere,
    /// One replica for all, once an interval: see [`lease`].
    Anywhere,
}

/// One job. A run that takes longer than `patience` is given up; what it did stays done.
struct Job {
    name: &'static str,
    every: Duration,
    patience: Duration,
    place: Place,
    run: fn(Arc<App>) -> BoxFuture<'static, Result<(), Error>>,
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const JOBS: [Job; 10] = [
    Job {
        name: "watch",
        every: seconds(1),
        patience: seconds(5),
        place: Place::Everywhere,
        run: |app| Box::pin(async move { watch::run(&app).await }),
    },
    Job {
        name: "usage",
        every: seconds(5),
        patience: seconds(30),
        place: Place::Everywhere,
        run: |app| Box::pin(async move { usage::run(&app).await }),
    },
    Job {
        name: "mails",
        every: seconds(2),
        patience: seconds(600),
        // Rows are claimed one by one: replicas share the work.
        place: Place::Everywhere,
        run: |app| Box::pin(async move { deliver::mails(&app).await }),
    },
    Job {
        name: "webhooks",
        every: seconds(2),
        patience: seconds(600),
        place: Place::Everywhere,
        run: |app| Box::pin(async move { deliver::webhooks(&app).await }),
    },
    Job {
        name: "outbox",
        every: seconds(15),
        patience: seconds(30),
        place: Place::Everywhere,
        run: |app| Box::pin(async move { deliver::count(&app).await }),
    },
    Job {
        name: "expire",
        every: seconds(60),
        patience: seconds(300),
        place: Place::Anywhere,
        run: |app| Box::pin(async move { expire::run(&app).await }),
    },
    Job {
        name: "sweep",
        every: seconds(3600),
        patience: seconds(900),
        place: Place::Anywhere,
        run: |app| Box::pin(async move { expire::sweep(&app).await }),
    },
    Job {
        name: "retire_clients",
        every: seconds(600),
        patience: seconds(300),
        place: Place::Anywhere,
        run: |app| Box::pin(async move { retire_clients::run(&app).await }),
    },
    Job {
        name: "purge",
        every: seconds(3600),
        patience: seconds(900),
        place: Place::Anywhere,
        run: |app| Box::pin(async move { purge::run(&app).await }),
    },
    Job {
        name: rotate_keys::NAME,
        every: seconds(3600),
        patience: rotate_keys::PATIENCE,
        place: Place::Anywhere,
        run: |app| Box::pin(async move { rotate_keys::run(&app).await }),
    },
];

/// The jobs under way. Dropping them cuts them off; [`Jobs::stop`] lets them finish.
#[derive(Debug)]
pub struct Jobs {
    stop: signal::Sender<()>,
    tasks: JoinSet<()>,
}

impl Jobs {
    /// Starts all of them.
    pub fn start(app: &Arc<App>) -> Self {
        let (stop, _) = signal::channel(());
        let mut tasks = JoinSet::new();
        // The replica's name in leases; a replica that starts again is another one.
        let holder: Arc<str> = secret::alphanumeric(16).into();
        for job in JOBS {
            app.metrics.job(job.name);
            tasks.spawn(job.repeat(Arc::clone(app), Arc::clone(&holder), stop.subscribe()));
        }
        Self { stop, tasks }
    }

    /// Lets runs that have begun finish, for at most `patience`, and starts no more.
    pub async fn stop(mut self, patience: Duration) {
        self.stop.send_replace(());
        let finished = timeout(patience, async { while self.tasks.join_next().await.is_some() {} }).await;
        if finished.is_err() {
            tracing::warn!("a job did not finish in time and was cut off");
        }
    }
}

impl Job {
    async fn repeat(self, app: Arc<App>, holder: Arc<str>, mut stop: signal::Receiver<()>) {
        let mut ticks = interval(self.every.min(LOOK_EVERY_MAX));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut health = Health::Well;
        loop {
            tokio::select! {
                biased;
                _ = stop.changed() => return,
                _ = ticks.tick() => {}
            }
            health = self.turn(&app, &holder, health).await;
        }
    }

    async fn turn(&self, app: &Arc<App>, holder: &str, before: Health) -> Health {
        let work = AssertUnwindSafe(timeout(self.patience, self.run_once(app, holder))).catch_unwind();
        let outcome = match work.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err("it took too long".to_owned()),
            Err(_) => {
                app.metrics.panic();
                Err("it panicked".to_owned())
            }
        };
        match (outcome, before) {
            (Ok(Ran::No), before) => return before,
            (Ok(Ran::Yes), Health::Well) => {}
            (Ok(Ran::Yes), Health::Failing) => tracing::info!(job = self.name, "the job works again"),
            // Said once, not each second, until it works again.
            (Err(cause), Health::Well) => {
                tracing::error!(job = self.name, cause, "a job failed; it is tried again");
                app.metrics.job_failed(self.name);
                return Health::Failing;
            }
            (Err(_), Health::Failing) => {
                app.metrics.job_failed(self.name);
                return Health::Failing;
            }
        }
        app.metrics.job_succeeded(self.name, app.clock.now());
        Health::Well
    }

    async fn run_once(&self, app: &Arc<App>, holder: &str) -> Result<Ran, String> {
        let told = |error: Error| crate::telemetry::causes(&error);
        if self.place == Place::Everywhere {
            return (self.run)(Arc::clone(app)).await.map(|()| Ran::Yes).map_err(told);
        }
        let every = i64::try_from(self.every.as_secs()).unwrap_or(i64::MAX);
        let held_for = i64::try_from(self.patience.as_secs()).unwrap_or(i64::MAX);
        let lease = lease::take(app, self.name, holder, held_for, every).await.map_err(|error| error.to_string())?;
        let Some(lease) = lease else { return Ok(Ran::No) };
        let outcome = (self.run)(Arc::clone(app)).await.map_err(told);
        let left = match outcome {
            Ok(()) => lease.succeeded(app).await,
            Err(_) => lease.failed(app).await,
        };
        outcome?;
        left.map(|()| Ran::Yes).map_err(|error| error.to_string())
    }
}

/// How often a replica looks whether a rare job is due: if the one that did it last is gone, another takes over soon.
const LOOK_EVERY_MAX: Duration = seconds(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ran {
    Yes,
    /// It is not due, or another replica does it.
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Well,
    Failing,
}

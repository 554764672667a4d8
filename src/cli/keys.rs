//! `registrar keys`: list, rotate.

use std::time::Duration;

use entity::signing_key::{self, KeyState};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::args::KeysCommand;
use super::output::{Exit, Table};
use super::shell::{Failure, House, Shell};
use super::{ACTOR, moment};
use crate::app::settings;
use crate::clock::stopwatch;
use crate::jobs::{lease, rotate_keys};
use crate::oidc::keys::Algorithm;
use crate::oidc::keys::rotation::{self, Rotated, When};
use crate::secret;

/// How long to wait for a replica that is rotating keys now.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs one of the commands.
///
/// # Errors
/// What the rule refuses with.
pub async fn run(shell: &Shell, command: KeysCommand) -> Result<Exit, Failure> {
    let house = shell.open().await?;
    match command {
        KeysCommand::List => list(shell, &house).await,
        KeysCommand::Rotate { alg, at_once } => {
            let algorithms = chosen(&house, alg.as_deref())?;
            let done = rotate(&house, &algorithms, if at_once { When::Leaked } else { When::Now }).await?;
            let waiting = done.waiting.iter().map(|(alg, from)| json!({"alg": alg, "signs_from": from}));
            let value = json!({
                "published": done.made,
                "promoted": done.promoted,
                "waiting": waiting.collect::<Vec<_>>(),
                "removed": done.removed,
            });
            Ok(shell.output.result(&value, || told(&done)))
        }
    }
}

fn chosen(house: &House, alg: Option<&str>) -> Result<Vec<Algorithm>, Failure> {
    let configured = &house.app.config.keys.algorithms;
    let Some(text) = alg else { return Ok(configured.clone()) };
    match Algorithm::parse(text).filter(|algorithm| configured.contains(algorithm)) {
        Some(algorithm) => Ok(vec![algorithm]),
        None => {
            let names: Vec<&str> = configured.iter().map(|algorithm| algorithm.as_str()).collect();
            Err(Failure(format!("{text:?} is not a configured algorithm (keys.algorithms: {})", names.join(", "))))
        }
    }
}

/// Under the lease of the job that does the same, so that only one of them does.
async fn rotate(house: &House, algorithms: &[Algorithm], when: When) -> Result<Rotated, Failure> {
    let app = &house.app;
    let (began, holder) = (stopwatch(), secret::alphanumeric(16));
    let held_for = i64::try_from(rotate_keys::PATIENCE.as_secs()).unwrap_or(i64::MAX);
    let lease = loop {
        if let Some(lease) = lease::take(app, rotate_keys::NAME, &holder, held_for, 0).await? {
            break lease;
        }
        if began.elapsed() > PATIENCE {
            return Err(Failure("a server is rotating keys at this moment; try again in a minute".to_owned()));
        }
        sleep(Duration::from_millis(200)).await;
    };
    let lifetimes = settings::key_lifetimes(&app.config);
    let done = rotation::rotate(app, house.tenant.id, algorithms, lifetimes, when, ACTOR).await;
    // The job itself has not run: it stays due.
    lease.failed(app).await?;
    Ok(done?)
}

fn told(done: &Rotated) -> String {
    let names =
        |algorithms: &[Algorithm]| algorithms.iter().map(|algorithm| algorithm.as_str()).collect::<Vec<_>>().join(", ");
    let mut lines = Vec::new();
    if !done.promoted.is_empty() {
        lines.push(format!("New keys sign from now on: {}.", names(&done.promoted)));
    }
    let signing: Vec<Algorithm> =
        done.made.iter().copied().filter(|made| !done.waiting.iter().any(|(waiting, _)| waiting == made)).collect();
    if !signing.is_empty() {
        lines.push(format!("New keys were made and sign from now on: {}.", names(&signing)));
    }
    if done.removed > 0 {
        lines.push(format!("Keys that are not published any more: {}. Tokens they signed are void.", done.removed));
    }
    if !done.waiting.is_empty() {
        lines.push("Published, so that every verifier knows them before they sign:".to_owned());
        let waits =
            |(algorithm, from): &(Algorithm, i64)| format!("  {algorithm} may sign from {}", moment::text(*from));
        lines.extend(done.waiting.iter().map(waits));
        lines.push("Run this command again then; or let the server do it when the current keys are due.".to_owned());
    }
    if lines.is_empty() { "Nothing to do.".to_owned() } else { lines.join("\n") }
}

async fn list(shell: &Shell, house: &House) -> Result<Exit, Failure> {
    let keys = rotation::published(house.app.db.pool(), house.tenant.id).await?;
    let values: Vec<Value> = keys.iter().map(shown).collect();
    Ok(shell.output.result(&values, || {
        let mut table = Table::new(["kid", "alg", "state", "published", "signs from", "leaves"]);
        for key in &keys {
            let lifetimes = settings::key_lifetimes(&house.app.config);
            let signs_from = match key.state {
                KeyState::Next => {
                    format!("{} at the earliest", moment::text(key.published_at + lifetimes.published_before))
                }
                _ => moment::cell(key.signs_from),
            };
            let (published, leaves) = (moment::text(key.published_at), moment::cell(key.retires_at));
            table.row([&key.kid, &key.algorithm, state(key.state), &published, &signs_from, &leaves]);
        }
        table.text()
    }))
}

fn state(state: KeyState) -> &'static str {
    match state {
        KeyState::Next => "next",
        KeyState::Current => "current",
        KeyState::Retiring => "retiring",
    }
}

fn shown(key: &signing_key::Model) -> Value {
    json!({
        "kid": key.kid,
        "alg": key.algorithm,
        "state": key.state,
        "published_at": key.published_at,
        "signs_from": key.signs_from,
        "retires_at": key.retires_at,
    })
}

//! What does a request cost the server? Each endpoint under load, with few and with many stored clients, beside what was
//! aimed at.
//!
//! `cargo xtask bench` builds the server for release and puts a release build of this very program in its own place,
//! so that the generator is no slower than it must be. The server runs as a process of its own with a database of its
//! own; where `taskset` exists, it has one core and the generator another. Nothing leaves this machine, every load is
//! bounded in count and time, and the server ends with this program.

mod contracts;
mod http;
mod load;
mod loads;
mod person;
mod report;
mod server;
mod target;
mod traffic;

use std::os::unix::process::CommandExt as _;
use std::time::Duration;

use loads::Stored;
use report::{Figure, Report};
use server::{PERSON, Place, Server};

use crate::databases::Engine;
use crate::process::{Failure, OrFail as _, cargo, command, succeed, target as build_folder};

/// The first argument with which the program made for release takes over.
const MEASURE: &str = "measure";
const COLD_STARTS: usize = 5;

/// `cargo xtask bench [--quick] [--database postgres|mariadb]`
pub(crate) async fn run(arguments: &[String]) -> Result<(), Failure> {
    match arguments.split_first() {
        Some((first, rest)) if first == MEASURE => measure(Plan::parse(rest)?).await,
        _ => {
            Plan::parse(arguments)?;
            succeed(&mut cargo(&["build", "--release", "--workspace"])).await?;
            let mut release = command(build_folder().join("release/xtask"), &["bench", MEASURE]);
            // Taking this process's place keeps the terminal's signals with the one who has something to stop.
            Err(release.args(arguments).as_std_mut().exec()).or_fail("start target/release/xtask")
        }
    }
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    engine: Option<Engine>,
    /// Stored clients: first few, then many.
    clients: [usize; 2],
    /// The longest one load takes.
    time: Duration,
    /// How many codes are made and exchanged, and tokens revoked.
    grants: usize,
    /// How many clients are registered under measurement.
    registrations: usize,
}

impl Plan {
    const WHOLE: Self = Self {
        engine: None,
        clients: [1000, 100_000],
        time: Duration::from_secs(4),
        grants: 8000,
        registrations: 10_000,
    };
    const QUICK: Self = Self {
        clients: [1000, 10_000],
        time: Duration::from_secs(1),
        grants: 2000,
        registrations: 3000,
        ..Self::WHOLE
    };

    fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let quick = arguments.iter().any(|argument| argument == "--quick");
        let mut plan = if quick { Self::QUICK } else { Self::WHOLE };
        let mut rest = arguments.iter().filter(|argument| *argument != "--quick");
        while let Some(argument) = rest.next() {
            let named = argument.strip_prefix("--database=").or(match argument.as_str() {
                "--database" => rest.next().map(String::as_str),
                _ => None,
            });
            plan.engine = match named {
                Some("sqlite") => None,
                Some(engine) => Some(Engine::parse(engine)?),
                None => return Err(Failure::new(format!("bench does not know what {argument:?} means"))),
            };
        }
        Ok(plan)
    }
}

async fn measure(plan: Plan) -> Result<(), Failure> {
    let place = Place::make(plan.engine).await?;
    let mut report = Report { conditions: conditions(plan, &place), ..Report::default() };
    if place.pinned {
        server::move_aside().await?;
    }
    furnish(&place).await?;
    let initial_access_token = initial_access_token(&place).await;
    let admin_token = contracts::admin_token(&place).await;
    let server = place.start(&[]).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    report.figures.extend(Figure::idle_memory(server.memory()?));
    let initial_access_token = initial_access_token.map_err(|failure| report.failures.push(failure.to_string())).ok();
    let admin_token = admin_token.map_err(|failure| report.failures.push(failure.to_string())).ok();
    let mut stored = Stored::new(initial_access_token, admin_token, place.password.clone());
    server.stop().await?;
    for clients in plan.clients {
        let server = fill(&place, &mut stored, clients, &mut report).await?;
        say(&format!("loads with {} stored clients", stored.clients.len()));
        let outcome = loads::all(&server, &mut stored, plan, clients, &mut report).await;
        outcome.map_err(|failure| Failure::new(format!("{failure}\n{}", server.last_words())))?;
        report.figures.extend(Figure::memory(clients, server.memory()?));
        server.stop().await?;
    }
    let many = plan.clients[1];
    for (aim, algorithm) in [(target::CLIENT_CREDENTIALS_EDDSA, "EdDSA"), (target::CLIENT_CREDENTIALS_RS256, "RS256")] {
        let server = place.start(&[&format!("keys.access_token_alg={algorithm}")]).await?;
        loads::client_credentials(&server, &stored, plan, aim, many, &mut report).await?;
        server.stop().await?;
    }
    tell(&report)
}

fn conditions(plan: Plan, place: &Place) -> Vec<String> {
    let database = plan.engine.map_or_else(|| "SQLite (WAL, synchronous=FULL)".to_owned(), |engine| engine.to_string());
    let cores = if place.pinned {
        "server pinned to core 0, generator to core 1"
    } else {
        "server and generator share all cores (no taskset, or one core)"
    };
    let settings = "release build, no TLS, log level warn, no metrics, no rate limits, profile interop";
    let load = format!(
        "{} keep-alive connections on loopback; each load ≤ {} s after a warm-up, by {} of the stored clients",
        load::CONNECTIONS,
        plan.time.as_secs(),
        loads::WORKING_SET
    );
    vec![format!("{database}; {cores}"), settings.to_owned(), load]
}

/// Makes the tables, the tenant's settings, a service and a person.
async fn furnish(place: &Place) -> Result<(), Failure> {
    place.registrar(&["migrate"], "").await?;
    place.registrar(&["tenant", "set", "--open-registration", "on", "--profile", "interop"], "").await?;
    let scopes = ["--scope", "orders:read=Read orders", "--scope", "orders:write=Place orders"];
    let service = ["service", "add", "Orders", "--audience", "https://orders.example"];
    place.registrar(&[&service[..], &scopes].concat(), "").await?;
    let person = ["user", "add", PERSON, "--name", "Ada Lovelace", "--email-verified", "--password-stdin"];
    place.registrar(&person, &place.password).await.map(|_| ())
}

/// An initial access token for any number of registrations.
async fn initial_access_token(place: &Place) -> Result<String, Failure> {
    let made = place.registrar(&["iat", "create", "--name", "bench", "--json"], "").await?;
    traffic::member(&made, "initial_access_token")
}

/// Registers clients until there are `clients`; the server that is returned has just been started.
async fn fill(place: &Place, stored: &mut Stored, clients: usize, report: &mut Report) -> Result<Server, Failure> {
    let (bytes, before) = (place.database_bytes(), stored.clients.len());
    let server = place.start(&[]).await?;
    say(&format!("registering until there are {clients} clients"));
    stored.fill(&server, clients).await?;
    server.stop().await?;
    let added = stored.clients.len().saturating_sub(before);
    if let (Some(before), Some(now)) = (bytes, place.database_bytes())
        && added > 10_000
    {
        report.figures.push(Figure::client_size(now.saturating_sub(before) as f64 / added as f64));
    }
    let mut starts = Vec::new();
    for _ in 1..COLD_STARTS {
        let server = place.start(&[]).await?;
        starts.push(server.cold_start);
        server.stop().await?;
    }
    let server = place.start(&[]).await?;
    starts.push(server.cold_start);
    starts.sort_unstable();
    let median = starts[starts.len() / 2];
    report.figures.push(Figure::cold_start(clients, median.as_secs_f64()));
    Ok(server)
}

fn tell(report: &Report) -> Result<(), Failure> {
    println!("{}", report.markdown());
    let file = build_folder().join("bench.json");
    let text = serde_json::to_string_pretty(&report.json()).or_fail("write the report")?;
    std::fs::write(&file, text + "\n").or_fail(format!("write {}", file.display()))?;
    match report.failures.len() {
        0 => Ok(()),
        failures => Err(Failure::new(format!("{failures} loads could not be run"))),
    }
}

/// Progress goes where it does not get into a table.
fn say(what: &str) {
    eprintln!("── {what}");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(line: &str) -> Result<Plan, Failure> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Plan::parse(&arguments)
    }

    #[test]
    fn the_options_may_come_in_any_order_and_nothing_else_may_come() {
        assert_eq!(parse("").unwrap().clients, [1000, 100_000]);
        let plan = parse("--database postgres --quick").unwrap();
        assert_eq!((plan.engine, plan.clients[1]), (Some(Engine::Postgres), 10_000));
        assert_eq!(parse("--quick --database=mariadb").unwrap().engine, Some(Engine::MariaDb));
        assert!(parse("--fast").is_err());
        assert!(parse("--database").is_err());
    }
}

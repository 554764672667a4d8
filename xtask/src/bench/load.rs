//! What happens when many connections ask as fast as they are answered? One load, bounded in count and time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::http::{Answer, Connection};
use super::server::Server;
use crate::process::{Failure, OrFail as _};

/// How many connections ask at the same time.
pub(super) const CONNECTIONS: usize = 32;
/// Beyond its time, how long a load may take to hear its last answers.
const GRACE: Duration = Duration::from_secs(20);

/// Makes requests and looks at the answers.
pub(super) trait Traffic: Send + 'static {
    /// Puts the next request into `request`, which is empty, and returns a number to recognise its answer by; `None`
    /// when nothing is left to ask.
    fn next(&mut self, request: &mut Vec<u8>) -> Option<usize>;

    /// Takes the answer.
    ///
    /// # Errors
    /// When it is not what the load is about; that ends the load.
    fn answered(&mut self, number: usize, answer: &Answer<'_>) -> Result<(), Failure>;
}

/// When a load ends, whichever comes first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) requests: usize,
    pub(super) time: Duration,
}

/// What a load cost.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) requests: usize,
    pub(super) elapsed: Duration,
    /// User and system time of the server's process.
    pub(super) cpu: Duration,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
}

impl Measured {
    pub(super) fn per_second(&self) -> f64 {
        per(self.requests as f64, self.elapsed.as_secs_f64())
    }

    /// Microseconds of the server's CPU per request.
    pub(super) fn cpu_us(&self) -> f64 {
        per(self.cpu.as_secs_f64() * 1e6, self.requests as f64)
    }

    /// How many cores the server kept busy: well below 1 means that it waited, for a disk or for the generator.
    pub(super) fn busy(&self) -> f64 {
        per(self.cpu.as_secs_f64(), self.elapsed.as_secs_f64())
    }
}

fn per(amount: f64, unit: f64) -> f64 {
    if unit > 0.0 { amount / unit } else { 0.0 }
}

/// Runs `traffic` until `bounds`; a first part of it, not measured, lets caches and connections get warm.
///
/// # Errors
/// At the first answer that `traffic` does not accept.
pub(super) async fn run<T: Traffic>(server: &Server, traffic: T, bounds: Bounds) -> Result<(Measured, T), Failure> {
    let warming = Bounds { requests: (bounds.requests / 10).min(3000), time: bounds.time / 8 };
    let (_, traffic) = stretch(server, traffic, warming).await?;
    stretch(server, traffic, bounds).await
}

/// The same without a warm-up.
///
/// # Errors
/// As [`run`].
pub(super) async fn stretch<T: Traffic>(server: &Server, traffic: T, bounds: Bounds) -> Result<(Measured, T), Failure> {
    let mut connections = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(server.site.port).await?);
    }
    let shared = Arc::new(Mutex::new(Shared { traffic, left: bounds.requests, latencies: Vec::new() }));
    let (cpu, started) = (server.cpu()?, Instant::now());
    let ends = started + bounds.time;
    let mut asking = JoinSet::new();
    for connection in connections {
        asking.spawn(ask(connection, shared.clone(), ends));
    }
    let all = async {
        while let Some(done) = asking.join_next().await {
            done.or_fail("run a load")??;
        }
        Ok(())
    };
    let late = |_| Failure::new("the server does not answer any more");
    tokio::time::timeout(bounds.time + GRACE, all).await.map_err(late)??;
    let (elapsed, cpu) = (started.elapsed(), server.cpu()?.saturating_sub(cpu));
    // Those that failed have returned above and taken their reference with them.
    drop(asking);
    let shared = Arc::try_unwrap(shared).map_err(|_| Failure::new("a load did not end"))?;
    let Shared { traffic, mut latencies, .. } = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    latencies.sort_unstable();
    let [p50, p99] = [50, 99].map(|percent| percentile(&latencies, percent));
    Ok((Measured { requests: latencies.len(), elapsed, cpu, p50, p99 }, traffic))
}

struct Shared<T> {
    traffic: T,
    left: usize,
    latencies: Vec<Duration>,
}

async fn ask<T: Traffic>(
    mut connection: Connection,
    shared: Arc<Mutex<Shared<T>>>,
    ends: Instant,
) -> Result<(), Failure> {
    let mut request = Vec::with_capacity(2048);
    loop {
        request.clear();
        let number = {
            let mut shared = lock(&shared);
            if shared.left == 0 || Instant::now() >= ends {
                return Ok(());
            }
            let Some(number) = shared.traffic.next(&mut request) else { return Ok(()) };
            shared.left -= 1;
            number
        };
        let asked = Instant::now();
        let answer = connection.ask(&request).await?;
        let latency = asked.elapsed();
        let mut shared = lock(&shared);
        shared.latencies.push(latency);
        shared.traffic.answered(number, &answer)?;
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_smallest_value_that_so_many_do_not_exceed() {
        let sorted: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&sorted, 50), Duration::from_millis(100));
        assert_eq!(percentile(&sorted, 99), Duration::from_millis(198));
        assert_eq!(percentile(&[], 99), Duration::ZERO);
    }

    #[test]
    fn the_cost_of_a_request_is_the_time_of_the_server_not_of_the_clock() {
        let [p50, p99] = [Duration::ZERO; 2];
        let (elapsed, cpu) = (Duration::from_secs(2), Duration::from_secs(1));
        let measured = Measured { requests: 10_000, elapsed, cpu, p50, p99 };
        assert_eq!((measured.per_second(), measured.cpu_us(), measured.busy()), (5000.0, 100.0, 0.5));
    }
}

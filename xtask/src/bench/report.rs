//! What did it cost? The table for people, and the same as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::load::Measured;
use super::server::Memory;
use super::target::{Aim, COLD_START_MS, FULL_MEMORY_MB, GROWTH, IDLE_MEMORY_MB};

/// Everything that was measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    /// Where and how, one sentence each.
    pub(super) conditions: Vec<String>,
    pub(super) rows: Vec<Row>,
    pub(super) figures: Vec<Figure>,
    /// Loads that could not be run, and why.
    pub(super) failures: Vec<String>,
}

/// One load with one number of stored clients.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) aim: Aim,
    pub(super) clients: usize,
    pub(super) measured: Measured,
}

/// A number that is not about requests.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    pub(super) what: String,
    pub(super) unit: &'static str,
    pub(super) value: f64,
    pub(super) target: Option<f64>,
}

impl Figure {
    pub(super) fn idle_memory(memory: Memory) -> [Self; 2] {
        Self::of_memory("memory, idle", memory, Some(IDLE_MEMORY_MB))
    }

    /// After the loads, so with warm caches.
    pub(super) fn memory(clients: usize, memory: Memory) -> [Self; 2] {
        let what = format!("memory after the loads with {clients} clients");
        Self::of_memory(&what, memory, (clients >= 100_000).then_some(FULL_MEMORY_MB))
    }

    fn of_memory(what: &str, memory: Memory, target: Option<f64>) -> [Self; 2] {
        let megabytes = |kib: u64| kib as f64 * 1024.0 / 1e6;
        let files = format!("{what}: of it, pages of files");
        [
            Self { what: what.to_owned(), unit: "MB", value: megabytes(memory.all_kib), target },
            Self { what: files, unit: "MB", value: megabytes(memory.files_kib), target: None },
        ]
    }

    pub(super) fn cold_start(clients: usize, seconds: f64) -> Self {
        let what = format!("cold start to the first 200, {clients} clients");
        Self { what, unit: "ms", value: seconds * 1000.0, target: Some(COLD_START_MS) }
    }

    pub(super) fn client_size(bytes: f64) -> Self {
        let what = "database file per client, its event included".into();
        Self { what, unit: "bytes", value: bytes, target: None }
    }
}

impl Report {
    /// The tables, in Markdown.
    pub(super) fn markdown(&self) -> String {
        let mut text = String::new();
        for condition in &self.conditions {
            let _ = writeln!(text, "- {condition}");
        }
        text += "\n| Load | | clients | requests | /s | p50 ms | p99 ms | cores busy | CPU µs/request | target | ceiling \
                 | ÷ target | growth |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n";
        for row in &self.rows {
            let Measured { requests, p50, p99, .. } = &row.measured;
            let [p50, p99] = [p50, p99].map(|latency| latency.as_secs_f64() * 1000.0);
            let (per_second, busy, cpu) = (row.measured.per_second(), row.measured.busy(), row.measured.cpu_us());
            let Aim { id, what, target, ceiling } = row.aim;
            let target = target.map_or_else(|| "–".to_owned(), |target| format!("≤ {target:.0}"));
            let ceiling = ceiling.map_or_else(|| "–".to_owned(), |(least, most)| span(least, most));
            let (ratio, growth) = (times(row.ratio()), times(self.growth(row)));
            let clients = row.clients;
            let _ = writeln!(
                text,
                "| {id} | {what} | {clients} | {requests} | {per_second:.0} | {p50:.2} | {p99:.2} | {busy:.2} | \
                 **{cpu:.1}** | {target} | {ceiling} | {ratio} | {growth} |"
            );
        }
        text += "\n| Figure | value | target | ÷ target |\n|---|---:|---:|---:|\n";
        for Figure { what, unit, value, target } in &self.figures {
            let shown = target.map_or_else(|| "–".to_owned(), |target| format!("≤ {target} {unit}"));
            let _ = writeln!(text, "| {what} | {value:.1} {unit} | {shown} | {} |", times(target.map(|it| value / it)));
        }
        let _ = writeln!(text, "\nGrowth: CPU per request against the smallest number of clients; target ≤ {GROWTH}.");
        for failure in &self.failures {
            let _ = writeln!(text, "\nFAILED {failure}");
        }
        text
    }

    /// The same for programs: times in the units of the table.
    pub(super) fn json(&self) -> Value {
        let row = |row: &Row| {
            let Measured { requests, elapsed, p50, p99, .. } = &row.measured;
            json!({
                "load": row.aim.id, "what": row.aim.what, "clients": row.clients, "requests": requests,
                "seconds": elapsed.as_secs_f64(), "requests_per_second": row.measured.per_second(),
                "p50_ms": p50.as_secs_f64() * 1000.0, "p99_ms": p99.as_secs_f64() * 1000.0,
                "cores_busy": row.measured.busy(), "cpu_us_per_request": row.measured.cpu_us(),
                "target_us": row.aim.target, "ceiling_us": row.aim.ceiling, "times_target": row.ratio(),
                "growth": self.growth(row),
            })
        };
        let figure = |figure: &Figure| {
            let Figure { what, unit, value, target } = figure;
            json!({"what": what, "unit": unit, "value": value, "target": target})
        };
        json!({
            "conditions": self.conditions,
            "loads": self.rows.iter().map(row).collect::<Vec<_>>(),
            "figures": self.figures.iter().map(figure).collect::<Vec<_>>(),
            "growth_target": GROWTH,
            "failures": self.failures,
        })
    }

    /// How much more it costs than with the smallest number of clients.
    fn growth(&self, row: &Row) -> Option<f64> {
        let first = self.rows.iter().find(|first| first.aim == row.aim)?;
        (first.clients < row.clients).then(|| row.measured.cpu_us() / first.measured.cpu_us())
    }
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        self.aim.target.map(|target| self.measured.cpu_us() / target)
    }
}

fn times(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}×"))
}

fn span(least: f64, most: f64) -> String {
    if least < most { format!("{least:.0}–{most:.0}") } else { format!("{least:.0}") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::target::{DISCOVERY, JWKS};
    use super::*;

    fn row(aim: Aim, clients: usize, cpu: u64) -> Row {
        let [p50, p99] = [Duration::from_micros(250), Duration::from_millis(2)];
        let (elapsed, cpu) = (Duration::from_secs(1), Duration::from_millis(cpu));
        Row { aim, clients, measured: Measured { requests: 10_000, elapsed, cpu, p50, p99 } }
    }

    #[test]
    fn a_load_stands_beside_its_target_and_beside_itself_with_fewer_clients() {
        let rows = vec![row(DISCOVERY, 1000, 140), row(JWKS, 1000, 70), row(DISCOVERY, 100_000, 280)];
        let report = Report { rows, ..Report::default() };
        let text = report.markdown();
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("| D")).collect();
        assert_eq!(
            lines,
            [
                "| D1 | discovery | 1000 | 10000 | 10000 | 0.25 | 2.00 | 0.14 | **14.0** | ≤ 14 | 5–12 | 1.00× | – |",
                "| D2 | JWKS | 1000 | 10000 | 10000 | 0.25 | 2.00 | 0.07 | **7.0** | ≤ 14 | 5–12 | 0.50× | – |",
                "| D1 | discovery | 100000 | 10000 | 10000 | 0.25 | 2.00 | 0.28 | **28.0** | ≤ 14 | 5–12 | 2.00× | 2.00× |",
            ]
        );
        assert_eq!(report.json()["loads"][2]["growth"], 2.0);
    }
}

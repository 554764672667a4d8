//! How does a line of log look, and how does it get out?

use std::fmt::{self, Write as _};
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::{REQUEST_TARGET, RequestLine};
use crate::clock::{self, Clock};

/// Who reads the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// People: `time LEVEL target message name=value`.
    Text,
    /// Machines: one JSON object a line, with `ts`, `level`, `target`, `msg` and the fields.
    Json,
}

/// Parts of field names whose values are never written (s.Z1).
const SECRET_NAMES: [&str; 8] =
    ["secret", "token", "password", "authorization", "cookie", "assertion", "verifier", "statement"];
const HOLD_BACK: Duration = Duration::from_millis(100);
const HELD_BYTES_MAX: usize = 32 * 1024;

/// Where lines go. A person sees each at once; otherwise they are held back a tenth of a second and written together.
pub struct Sink {
    format: Format,
    out: fn(&[u8]),
    hold: Hold,
    held: Mutex<Vec<u8>>,
    some_held: Condvar,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    Back,
    Nothing,
}

static SINK: OnceLock<Sink> = OnceLock::new();

fn to_standard_error(bytes: &[u8]) {
    // Nobody is left to tell if even this fails.
    let _ = std::io::stderr().write_all(bytes);
}

/// Opens the log; `None` if it is open.
pub fn open(format: Option<Format>) -> Option<&'static Sink> {
    let watched = std::io::stderr().is_terminal();
    let format = format.unwrap_or(if watched { Format::Text } else { Format::Json });
    let hold = if watched { Hold::Nothing } else { Hold::Back };
    SINK.set(Sink::new(format, hold, to_standard_error)).ok()?;
    let sink = SINK.get()?;
    if hold == Hold::Back {
        // Without its thread the log still works: it is written when enough is held.
        let _ = std::thread::Builder::new().name("log".to_owned()).spawn(|| sink.write_now_and_then());
    }
    Some(sink)
}

/// Writes what is held back.
pub fn flush() {
    if let Some(sink) = SINK.get() {
        sink.flush();
    }
}

/// Writes the line of one request.
pub fn write_request(line: &RequestLine<'_>) {
    if let Some(sink) = SINK.get() {
        sink.write(&request_line(sink.format, Clock::system().now_millis(), line), Level::INFO);
    }
}

impl Sink {
    fn new(format: Format, hold: Hold, out: fn(&[u8])) -> Self {
        Self { format, out, hold, held: Mutex::default(), some_held: Condvar::new() }
    }

    fn write(&self, line: &str, level: Level) {
        let mut held = self.held();
        let was_empty = held.is_empty();
        held.extend_from_slice(line.as_bytes());
        if self.hold == Hold::Nothing || level == Level::ERROR || held.len() > HELD_BYTES_MAX {
            (self.out)(&held);
            held.clear();
        } else if was_empty {
            self.some_held.notify_one();
        }
    }

    fn flush(&self) {
        let mut held = self.held();
        (self.out)(&held);
        held.clear();
    }

    fn write_now_and_then(&self) {
        loop {
            let mut held = self.held();
            while held.is_empty() {
                held = self.some_held.wait(held).unwrap_or_else(PoisonError::into_inner);
            }
            drop(held);
            std::thread::sleep(HOLD_BACK);
            self.flush();
        }
    }

    fn held(&self) -> MutexGuard<'_, Vec<u8>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Turns events into lines.
pub struct Lines {
    sink: &'static Sink,
    clock: Clock,
}

impl Lines {
    /// Lines for this sink.
    pub fn new(sink: &'static Sink, clock: Clock) -> Self {
        Self { sink, clock }
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let mut line = Line::begin(self.sink.format, self.clock.now_millis(), *metadata.level(), metadata.target());
        event.record(&mut line);
        self.sink.write(&line.end(), *metadata.level());
    }
}

fn request_line(format: Format, now_millis: i64, request: &RequestLine<'_>) -> String {
    let mut line = Line::begin(format, now_millis, Level::INFO, REQUEST_TARGET);
    line.message.push_str("request");
    line.text("request_id", request.request_id);
    if let Some(trace_id) = request.trace_id {
        line.text("trace_id", trace_id);
    }
    line.text("method", request.method);
    line.text("route", request.route);
    line.bare("status", format_args!("{}", request.status));
    let micros = request.took.as_micros();
    line.bare("ms", format_args!("{}.{:03}", micros / 1000, micros % 1000));
    if let Some(client_id) = request.client_id {
        line.text("client_id", client_id);
    }
    line.end()
}

/// One line in the making.
struct Line {
    format: Format,
    head: String,
    message: String,
    fields: String,
}

impl Line {
    fn begin(format: Format, now_millis: i64, level: Level, target: &str) -> Self {
        let mut head = String::with_capacity(320);
        match format {
            Format::Text => {
                timestamp(&mut head, now_millis);
                // Writing into a string cannot fail, here and below.
                let _ = write!(head, " {level:>5} {target} ");
            }
            Format::Json => {
                head.push_str("{\"ts\":\"");
                timestamp(&mut head, now_millis);
                let _ = write!(head, "\",\"level\":\"{}\",\"target\":\"{target}\"", lower(level));
            }
        }
        Self { format, head, message: String::new(), fields: String::with_capacity(160) }
    }

    fn text(&mut self, name: &str, value: &str) {
        match self.format {
            Format::Text if value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"') && !value.is_empty() => {
                self.bare(name, format_args!("{value}"));
            }
            Format::Text => self.bare(name, format_args!("{value:?}")),
            Format::Json => {
                let _ = write!(self.fields, ",\"{name}\":");
                quoted(&mut self.fields, value);
            }
        }
    }

    /// A value that needs no quotes in either format.
    fn bare(&mut self, name: &str, value: fmt::Arguments<'_>) {
        let _ = match self.format {
            Format::Text => write!(self.fields, " {name}={value}"),
            Format::Json => write!(self.fields, ",\"{name}\":{value}"),
        };
    }

    fn field(&mut self, name: &str, value: &str) {
        if name == "message" {
            self.message.push_str(value);
        } else if is_secret(name) {
            self.text(name, "…");
        } else {
            self.text(name, value);
        }
    }

    fn end(self) -> String {
        let mut line = self.head;
        match self.format {
            // A line break inside a message would let a caller forge a line.
            Format::Text if self.message.contains(char::is_control) => {
                let _ = write!(line, "{}", self.message.escape_debug());
                line.push_str(&self.fields);
                line.push('\n');
            }
            Format::Text => {
                line.push_str(&self.message);
                line.push_str(&self.fields);
                line.push('\n');
            }
            Format::Json => {
                line.push_str(",\"msg\":");
                quoted(&mut line, &self.message);
                line.push_str(&self.fields);
                line.push_str("}\n");
            }
        }
        line
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field.name(), format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field.name(), format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field.name(), format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.field(field.name(), &format!("{value:?}"));
    }
}

fn is_secret(name: &str) -> bool {
    name == "code" || SECRET_NAMES.iter().any(|part| name.contains(part))
}

fn lower(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// A JSON string (RFC 8259 §7).
fn quoted(out: &mut String, value: &str) {
    out.push('"');
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

/// RFC 3339 with milliseconds, in UTC.
fn timestamp(out: &mut String, now_millis: i64) {
    let (seconds, millis) = (now_millis.div_euclid(1000), now_millis.rem_euclid(1000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = clock::date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn at(millis: i64) -> String {
        let mut out = String::new();
        timestamp(&mut out, millis);
        out
    }

    const REQUEST: RequestLine<'static> = RequestLine {
        request_id: "r-1",
        trace_id: None,
        route: "/register/{client_id}",
        method: "GET",
        status: 200,
        took: Duration::from_micros(1042),
        client_id: Some("abc"),
    };

    #[test]
    fn a_moment_is_written_as_rfc_3339() {
        assert_eq!(at(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(951_827_696_789), "2000-02-29T12:34:56.789Z");
        assert_eq!(at(1_795_212_240_001), "2026-11-20T22:04:00.001Z");
        assert_eq!(at(4_107_542_399_999), "2100-02-28T23:59:59.999Z");
    }

    #[test]
    fn a_request_leaves_one_line_for_machines() {
        assert_eq!(
            request_line(Format::Json, 0, &REQUEST),
            "{\"ts\":\"1970-01-01T00:00:00.000Z\",\"level\":\"info\",\"target\":\"registrar::request\",\
             \"msg\":\"request\",\"request_id\":\"r-1\",\"method\":\"GET\",\"route\":\"/register/{client_id}\",\
             \"status\":200,\"ms\":1.042,\"client_id\":\"abc\"}\n"
        );
    }

    #[test]
    fn a_request_leaves_one_line_for_people() {
        let traced = RequestLine { trace_id: Some("t1"), client_id: None, ..REQUEST };
        assert_eq!(
            request_line(Format::Text, 0, &traced),
            "1970-01-01T00:00:00.000Z  INFO registrar::request request request_id=r-1 trace_id=t1 method=GET \
             route=/register/{client_id} status=200 ms=1.042\n"
        );
    }

    #[test]
    fn a_value_can_neither_break_a_line_nor_leave_its_quotes() {
        let mut line = Line::begin(Format::Json, 0, Level::WARN, "t");
        line.field("message", "a\nb");
        line.field("name", "x\",\"level\":\"error\\");
        let line = line.end();
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["msg"], "a\nb");
        assert_eq!(read["name"], "x\",\"level\":\"error\\");
        assert_eq!(line.matches('\n').count(), 1);
        let mut line = Line::begin(Format::Text, 0, Level::WARN, "t");
        line.field("message", "a\nb");
        line.field("name", "x y\n");
        assert_eq!(line.end(), "1970-01-01T00:00:00.000Z  WARN t a\\nb name=\"x y\\n\"\n");
    }

    #[test]
    fn an_event_becomes_a_line_and_errors_are_written_at_once() {
        static WRITTEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());
        let out = |bytes: &[u8]| WRITTEN.lock().unwrap().extend_from_slice(bytes);
        let sink: &'static Sink = Box::leak(Box::new(Sink::new(Format::Json, Hold::Back, out)));
        let lines = Lines::new(sink, Clock::fixed(0));
        let subscriber = tracing_subscriber::layer::SubscriberExt::with(tracing_subscriber::registry(), lines);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "t", number = 7, yes = true, client_secret = "canary", "held back");
            assert!(WRITTEN.lock().unwrap().is_empty());
            tracing::error!(target: "t", name = "a b", error = %std::fmt::Error, "written");
        });
        let head = "{\"ts\":\"1970-01-01T00:00:00.000Z\",\"level\":";
        let first = "\"target\":\"t\",\"msg\":\"held back\",\"number\":7,\"yes\":true,\"client_secret\":\"…\"}";
        let second =
            format!("\"target\":\"t\",\"msg\":\"written\",\"name\":\"a b\",\"error\":\"{}\"}}", std::fmt::Error);
        let wanted = format!("{head}\"info\",{first}\n{head}\"error\",{second}\n");
        assert_eq!(String::from_utf8_lossy(&WRITTEN.lock().unwrap()), wanted);
    }

    #[test]
    fn a_field_that_is_named_like_a_secret_is_not_written() {
        // s.Z1
        let mut line = Line::begin(Format::Text, 0, Level::INFO, "t");
        for name in ["client_secret", "access_token", "code", "http.authorization", "set-cookie", "password"] {
            line.field(name, "canary");
        }
        line.field("error_code", "visible");
        let line = line.end();
        assert!(!line.contains("canary") && line.contains("visible"), "{line}");
    }
}

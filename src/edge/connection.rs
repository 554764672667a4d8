//! How long may one connection keep us waiting?
//!
//! hyper has a timer for slow heads in HTTP/1 only, armed anew for each request. One timer per connection does more: it
//! wakes when the earliest deadline could have passed, and looks.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::Version;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::clock::stopwatch;

/// The deadlines of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// From the first byte of a head to its last, and from the connection to its first head.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// Without the peer taking a byte that we have for it; also the time left to one that is asked to go.
    pub write: Duration,
}

/// What the timer decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is well; look again after this time.
    Wait(Duration),
    /// Nothing is going on: ask it to go.
    Leave,
    /// A deadline has passed: cut it off.
    Cut,
}

/// What happens on one connection. Moments are milliseconds since it began, plus one; zero is "never".
#[derive(Debug)]
pub struct Activity {
    began: Instant,
    in_flight: AtomicU32,
    head_since: AtomicU64,
    idle_since: AtomicU64,
    stuck_since: AtomicU64,
    version: AtomicU32,
}

const NOTHING_YET: u32 = 0;
const HTTP_1: u32 = 1;
const HTTP_2: u32 = 2;

impl Activity {
    /// A connection that begins now.
    pub fn new() -> Self {
        Self {
            began: stopwatch(),
            in_flight: AtomicU32::new(0),
            head_since: AtomicU64::new(0),
            idle_since: AtomicU64::new(0),
            stuck_since: AtomicU64::new(0),
            version: AtomicU32::new(NOTHING_YET),
        }
    }

    /// A whole head has arrived; its answer is being made until the guard is dropped.
    pub fn request(&self, version: Version) -> InFlight<'_> {
        let version = if version == Version::HTTP_2 { HTTP_2 } else { HTTP_1 };
        self.version.store(version, Ordering::Relaxed);
        self.head_since.store(0, Ordering::Relaxed);
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self)
    }

    /// Whether a deadline has passed.
    pub fn verdict(&self, patience: Patience) -> Verdict {
        let now = self.now();
        let since = |moment: &AtomicU64| match moment.load(Ordering::Relaxed) {
            0 => None,
            moment => Some(Duration::from_millis(now.saturating_sub(moment))),
        };
        let left = |limit: Duration, spent: Duration| limit.saturating_sub(spent);
        let mut wait = patience.head;
        if let Some(stuck) = since(&self.stuck_since) {
            if stuck >= patience.write {
                return Verdict::Cut;
            }
            wait = wait.min(left(patience.write, stuck));
        }
        if self.in_flight.load(Ordering::Relaxed) > 0 {
            return Verdict::Wait(wait);
        }
        let version = self.version.load(Ordering::Relaxed);
        let head = match version {
            NOTHING_YET => Some(Duration::from_millis(now)),
            HTTP_1 => since(&self.head_since),
            // Any frame looks like the beginning of a head; `idle` bounds those that never become one.
            _ => None,
        };
        if let Some(spent) = head {
            if spent >= patience.head {
                return Verdict::Cut;
            }
            return Verdict::Wait(wait.min(left(patience.head, spent)).max(Duration::from_millis(1)));
        }
        let idle = since(&self.idle_since).unwrap_or_default();
        if idle >= patience.idle {
            return Verdict::Leave;
        }
        Verdict::Wait(wait.min(left(patience.idle, idle)).max(Duration::from_millis(1)))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn has_read(&self) {
        if self.in_flight.load(Ordering::Relaxed) == 0 && self.head_since.load(Ordering::Relaxed) == 0 {
            self.head_since.store(self.now(), Ordering::Relaxed);
        }
    }

    fn has_written(&self) {
        if self.stuck_since.load(Ordering::Relaxed) != 0 {
            self.stuck_since.store(0, Ordering::Relaxed);
        }
    }

    fn cannot_write(&self) {
        if self.stuck_since.load(Ordering::Relaxed) == 0 {
            self.stuck_since.store(self.now(), Ordering::Relaxed);
        }
    }
}

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}

/// One request whose answer is being made.
#[derive(Debug)]
pub struct InFlight<'a>(&'a Activity);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.idle_since.store(self.0.now(), Ordering::Relaxed);
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream that notes when bytes move.
#[derive(Debug)]
pub struct Watched<S, A> {
    stream: S,
    activity: A,
}

impl<S, A> Watched<S, A> {
    /// Watches `stream`.
    pub fn new(stream: S, activity: A) -> Self {
        Self { stream, activity }
    }
}

impl<S: AsyncRead + Unpin, A: AsRef<Activity> + Unpin> AsyncRead for Watched<S, A> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.activity.as_ref().has_read();
        }
        outcome
    }
}

impl<S, A: AsRef<Activity>> Watched<S, A> {
    fn note<T>(&self, outcome: &Poll<io::Result<T>>) {
        match outcome {
            Poll::Pending => self.activity.as_ref().cannot_write(),
            Poll::Ready(_) => self.activity.as_ref().has_written(),
        }
    }
}

impl<S: AsyncWrite + Unpin, A: AsRef<Activity> + Unpin> AsyncWrite for Watched<S, A> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.note(&outcome);
        outcome
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.note(&outcome);
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

//! How does a connection come in, and how many may there be?

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::uri::Scheme;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use ipnet::IpNet;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Endpoint};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::clock::stopwatch;
use crate::edge::connection::{Activity, Patience, Verdict, Watched};
use crate::limit::Source;

/// Bounds of the listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerLimits {
    /// Longest time for the head of a request, and from a connection to its first request.
    pub head: Duration,
    /// Longest time between two requests on one connection.
    pub idle: Duration,
    /// Longest time in which a peer takes nothing of what is ready for it.
    pub write: Duration,
    /// Longest time open requests get to finish once the server stops.
    pub stop: Duration,
    /// Most bytes of a head; at least 8 KiB. It has at most 100 lines, which hyper keeps for itself.
    pub head_bytes_max: usize,
    /// Most connections.
    pub connections_max: usize,
    /// Most connections of one source: an IPv4 address or an IPv6 /64.
    pub connections_per_source_max: usize,
    /// Networks whose connections are not counted per source: trusted proxies, and this machine.
    pub uncounted: Vec<IpNet>,
    /// Most requests at a time on one HTTP/2 connection.
    pub http2_streams_max: u32,
}

impl Default for ListenerLimits {
    fn default() -> Self {
        let loopback_v4 = ipnet::Ipv4Net::new_assert(std::net::Ipv4Addr::LOCALHOST, 8);
        let loopback_v6 = ipnet::Ipv6Net::new_assert(std::net::Ipv6Addr::LOCALHOST, 128);
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            write: Duration::from_secs(30),
            stop: Duration::from_secs(25),
            head_bytes_max: 32 * 1024,
            connections_max: 8192,
            connections_per_source_max: 256,
            uncounted: vec![loopback_v4.into(), loopback_v6.into()],
            http2_streams_max: 100,
        }
    }
}

impl ListenerLimits {
    fn patience(&self) -> Patience {
        Patience { head: self.head, idle: self.idle, write: self.write }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    Stopping,
    Closed,
}

/// Serves `endpoint` on `listener` until `stop` is done, HTTP/1.1 and HTTP/2 without TLS (RFC 9113 §3.3). Then takes no
/// more connections, lets open requests finish within `limits.stop`, and returns.
///
/// # Errors
/// None today: what goes wrong with one connection ends that connection, and what goes wrong with accepting is waited
/// out, because it passes (too many open files).
pub async fn serve(
    listener: TcpListener,
    endpoint: impl Endpoint + 'static,
    limits: ListenerLimits,
    stop: impl Future,
) -> io::Result<()> {
    let (phase, _) = watch::channel(Phase::Open);
    let deadline = limits.stop;
    let shared = Arc::new(Shared::new(endpoint, limits));
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            biased;
            _ = stop.as_mut() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => shared.admit(stream, peer, &phase),
                Err(error) => {
                    // EMFILE comes back at once until a file is closed: do not spin.
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
    drop(listener);
    phase.send_replace(Phase::Stopping);
    if timeout(deadline, phase.closed()).await.is_err() {
        phase.send_replace(Phase::Closed);
        phase.closed().await;
    }
    Ok(())
}

struct Shared<E> {
    endpoint: E,
    http: auto::Builder<TokioExecutor>,
    limits: ListenerLimits,
    seats: Arc<Seats>,
}

impl<E: Endpoint + 'static> Shared<E> {
    fn new(endpoint: E, limits: ListenerLimits) -> Self {
        let mut http = auto::Builder::new(TokioExecutor::new());
        // Deadlines are kept in `connection`, for both versions.
        http.http1().header_read_timeout(None).max_buf_size(limits.head_bytes_max.max(8 * 1024));
        // Rapid reset, floods of CONTINUATION and of empty frames: s.X7. h2 bounds the last by itself.
        http.http2()
            .max_concurrent_streams(limits.http2_streams_max)
            .max_pending_accept_reset_streams(20)
            .max_local_error_reset_streams(100)
            .max_header_list_size(u32::try_from(limits.head_bytes_max).unwrap_or(u32::MAX))
            .initial_stream_window_size(64 * 1024)
            .initial_connection_window_size(512 * 1024)
            .max_send_buf_size(64 * 1024);
        let seats = Arc::new(Seats::default());
        Self { endpoint, http, limits, seats }
    }

    fn admit(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, phase: &watch::Sender<Phase>) {
        let Some(seat) = self.seats.take(peer.ip().to_canonical(), &self.limits) else {
            self.seats.turn_away(stream);
            return;
        };
        let (shared, phase) = (Arc::clone(self), phase.subscribe());
        tokio::spawn(async move {
            shared.drive(stream, peer, phase).await;
            drop(seat);
        });
    }

    /// Serves one connection to its end.
    async fn drive(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, mut phase: watch::Receiver<Phase>) {
        // Both fail only on a connection that is gone already.
        let _ = stream.set_nodelay(true);
        let Ok(local) = stream.local_addr() else { return };
        let activity = Arc::new(Activity::new());
        let service = {
            let (shared, activity) = (Arc::clone(&self), Arc::clone(&activity));
            service_fn(move |request: http::Request<Incoming>| {
                let (shared, activity) = (Arc::clone(&shared), Arc::clone(&activity));
                async move {
                    let _in_flight = activity.request(request.version());
                    let (local, peer) = (LocalAddr(Addr::from(local)), RemoteAddr(Addr::from(peer)));
                    let request = poem::Request::from((request, local, peer, Scheme::HTTP));
                    let response: http::Response<_> = shared.endpoint.get_response(request).await.into();
                    Ok::<_, Infallible>(response)
                }
            })
        };
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
        let mut connection = pin!(self.http.serve_connection(io, service));
        let mut look = pin!(sleep(self.limits.head));
        let mut leaving = *phase.borrow_and_update() != Phase::Open;
        loop {
            tokio::select! {
                biased;
                // An error here is the peer's doing, and there is nobody left to tell.
                _ = connection.as_mut() => return,
                () = look.as_mut() => {
                    let wait = match activity.verdict(self.limits.patience()) {
                        Verdict::Cut => return,
                        Verdict::Leave if leaving => return,
                        Verdict::Leave => {
                            leaving = true;
                            connection.as_mut().graceful_shutdown();
                            self.limits.write
                        }
                        Verdict::Wait(wait) => wait,
                    };
                    look.as_mut().reset(Instant::from_std(stopwatch() + wait));
                }
                changed = phase.changed() => match changed.map(|()| *phase.borrow_and_update()) {
                    Ok(Phase::Stopping) if !leaving => {
                        leaving = true;
                        connection.as_mut().graceful_shutdown();
                    }
                    Ok(Phase::Open | Phase::Stopping) => {}
                    Ok(Phase::Closed) | Err(_) => return,
                }
            }
        }
    }
}

/// Who is connected.
#[derive(Debug, Default)]
struct Seats {
    taken: AtomicUsize,
    refusing: AtomicUsize,
    by_source: Mutex<HashMap<Source, usize>>,
}

/// A place in the house, free again when dropped.
struct Seat {
    seats: Arc<Seats>,
    source: Option<Source>,
}

/// How many refusals may be on their way at a time; beyond that connections are closed without a word.
const REFUSALS_MAX: usize = 64;
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: 98\r\n\
    retry-after: 1\r\ncache-control: no-store\r\nconnection: close\r\n\r\n\
    {\"error\":\"temporarily_unavailable\",\"error_description\":\"the server has too many open connections\"}";

impl Seats {
    fn take(self: &Arc<Self>, peer: IpAddr, limits: &ListenerLimits) -> Option<Seat> {
        if self.taken.fetch_add(1, Ordering::Relaxed) >= limits.connections_max {
            self.taken.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let counted = !limits.uncounted.iter().any(|network| network.contains(&peer));
        let mut seat = Seat { seats: Arc::clone(self), source: None };
        if !counted {
            return Some(seat);
        }
        let source = Source::from(peer);
        let mut by_source = self.by_source();
        let taken = by_source.entry(source).or_default();
        if *taken >= limits.connections_per_source_max {
            // `seat` goes, and with it the count in total.
            return None;
        }
        *taken += 1;
        drop(by_source);
        seat.source = Some(source);
        Some(seat)
    }

    /// Says 503 and closes. The request is read and thrown away for a moment: closing with unread bytes would reset the
    /// connection, and the peer would never see why.
    fn turn_away(self: &Arc<Self>, mut stream: TcpStream) {
        if self.refusing.fetch_add(1, Ordering::Relaxed) >= REFUSALS_MAX {
            self.refusing.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        let seats = Arc::clone(self);
        tokio::spawn(async move {
            let farewell = async {
                stream.write_all(BUSY).await?;
                stream.shutdown().await?;
                let mut rest = [0; 1024];
                while stream.read(&mut rest).await? > 0 {}
                io::Result::Ok(())
            };
            // Whether the peer listened to it changes nothing.
            let _ = timeout(Duration::from_millis(500), farewell).await;
            seats.refusing.fetch_sub(1, Ordering::Relaxed);
        });
    }

    fn by_source(&self) -> MutexGuard<'_, HashMap<Source, usize>> {
        self.by_source.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.taken.fetch_sub(1, Ordering::Relaxed);
        let Some(source) = self.source else { return };
        let mut by_source = self.seats.by_source();
        if let Some(taken) = by_source.get_mut(&source) {
            *taken -= 1;
            if *taken == 0 {
                by_source.remove(&source);
            }
        }
    }
}

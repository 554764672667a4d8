//! What does every request pass through?
//!
//! [`listener::serve`] brings the request in, [`tenancy`] finds out whose it is, [`protect`] wraps the router. The order,
//! from outside in:
//!
//! 1. name: a request id, answered as `X-Request-Id` ([`requests`])
//! 2. look up the route: its name, methods, audience and body limit ([`routes`])
//! 3. refuse nonsense: `Host`, length of the address, number of parameters ([`requests::check`])
//! 4. methods: `OPTIONS` answered, anything not taken is 405 ([`methods::answer`])
//! 5. read the body within its limit and deadline ([`body`])
//! 6. refuse with 503 if too many requests are being worked on already
//! 7. the handler, with [`ClientAddress`] and [`Visit`] in the request's extensions; a panic becomes a 500
//! 8. spell what came back as an error ([`methods::spelled`])
//! 9. add what every answer carries: CORS ([`cors`]), security headers ([`headers`]), the request id
//! 10. count it, and write one line of log

pub mod answer;
pub mod authorization_header;
pub mod body;
pub mod connection;
pub mod cookie;
pub mod cors;
pub mod headers;
pub mod listener;
pub mod methods;
pub mod requests;
pub mod routes;
pub mod tenancy;
pub mod workspace;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt as _;
use http::header::CONNECTION;
use http::{HeaderValue, Method, StatusCode};
use poem::{Endpoint, IntoResponse, Request, Response};

use crate::clock::stopwatch;
use crate::limit::Rate;
use crate::oidc::{Code, Error};
use crate::telemetry::{self, Metrics, RequestLine, RouteMetrics};

use answer::Cause;
use body::BodyLimit;
use cors::Audience;
use headers::Transport;
use requests::{CameByTls, ClientAddress, RequestId, RequestIds, TrustedProxies};
use routes::{At, Route, Routes, Speller};

static PANICS: AtomicU64 = AtomicU64::new(0);

/// How many handlers have panicked since the process started. Anything but zero is a defect.
pub fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// What the door needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The addresses there are.
    pub routes: Routes,
    /// How people reach the issuer.
    pub transport: Transport,
    /// Whose word about the client's address is taken.
    pub proxies: TrustedProxies,
    /// What a body may cost, where its route says nothing else.
    pub body: BodyLimit,
    /// Most requests handlers work on at a time; one more is told to come back, at once, instead of making all wait.
    pub open_requests_max: usize,
    /// How long a handler may take: what it waits for (a database that hangs) may never come.
    pub answer_within: Duration,
    /// Where requests are counted.
    pub metrics: Arc<Metrics>,
}

/// One request on its way through: what a handler may read of it and note on it. In the request's extensions.
#[derive(Clone, Debug)]
pub struct Visit(Arc<Noted>);

#[derive(Debug)]
struct Noted {
    id: RequestId,
    client_id: OnceLock<String>,
    rate: OnceLock<Rate>,
}

impl Visit {
    fn new(id: RequestId) -> Self {
        Self(Arc::new(Noted { id, client_id: OnceLock::new(), rate: OnceLock::new() }))
    }

    /// The name of the request.
    pub fn request_id(&self) -> &str {
        self.0.id.as_str()
    }

    /// Notes for the log which client asked, once it is known. The first note stands.
    pub fn note_client_id(&self, client_id: impl Into<String>) {
        // A second note would be about the same request and the same client.
        let _ = self.0.client_id.set(client_id.into());
    }

    /// Notes what is left of the limit this request was counted in: its answer will say so. The first note stands.
    pub fn note_rate(&self, rate: Rate) {
        // As above: a second note would say nothing new.
        let _ = self.0.rate.set(rate);
    }
}

/// Wraps a router in everything a request passes, in the order this module's page lists.
pub fn protect<E: Endpoint>(endpoint: E, settings: Settings) -> Door<E> {
    let counts = settings.routes.iter().map(|route| settings.metrics.route(route.template())).collect();
    let elsewhere = settings.metrics.route(ELSEWHERE);
    Door { endpoint, settings, counts, elsewhere, ids: RequestIds::default(), open: AtomicUsize::new(0) }
}

/// The name in logs and metrics of all addresses that are not in the table.
const ELSEWHERE: &str = "other";

/// A router behind the door: see [`protect`].
#[derive(Debug)]
pub struct Door<E> {
    endpoint: E,
    settings: Settings,
    counts: Vec<RouteMetrics>,
    elsewhere: RouteMetrics,
    ids: RequestIds,
    open: AtomicUsize,
}

/// A request a handler works on, until dropped.
struct Open<'a>(&'a AtomicUsize);

impl<'a> Open<'a> {
    fn one_more(open: &'a AtomicUsize, max: usize) -> Option<Self> {
        let counted = Self(open);
        (open.fetch_add(1, Ordering::Relaxed) < max).then_some(counted)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<E: Endpoint> Endpoint for Door<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let began = stopwatch();
        let visit = Visit::new(self.ids.name(request.headers()));
        let found = self.settings.routes.find(request.uri().path());
        let method = request.method().clone();
        let logged = telemetry::logs_requests();
        let trace_id = if logged { requests::trace_id(request.headers()).map(str::to_owned) } else { None };

        let route = found.map(|(_, route)| route);
        let mut request = request;
        if let Some((at, _)) = found {
            request.extensions_mut().insert(At(at));
        }
        let mut response = self.answer(request, route, &visit).await;
        if let Some(Cause(cause)) = response.extensions().get() {
            let causes = telemetry::causes(&**cause);
            tracing::error!(request_id = visit.request_id(), cause = causes, "a request could not be answered");
        }
        self.dress(&mut response, route, &visit);

        let took = began.elapsed();
        found.map_or(&self.elsewhere, |(at, _)| &self.counts[at]).count(response.status().as_u16(), took);
        if logged {
            write_line(&visit, trace_id.as_deref(), route, &method, response.status(), took);
        }
        Ok(response)
    }
}

impl<E: Endpoint> Door<E> {
    async fn answer(&self, mut request: Request, route: Option<&Route>, visit: &Visit) -> Response {
        let speller = route.map_or(answer::refusal as Speller, Route::speller);
        let refused = |error: &Error| speller(error, visit.request_id());
        if let Err(error) = requests::check(request.version(), request.uri(), request.headers()) {
            let mut response = refused(&error);
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            return response;
        }
        if let Some(response) = methods::answer(request.method(), route, visit.request_id()) {
            return response;
        }
        let body = request.take_body();
        if !body.is_empty() {
            let usual = self.settings.body;
            let bytes_max = route.and_then(Route::body_bytes).unwrap_or(usual.bytes_max);
            match body::read(request.headers(), body, BodyLimit { bytes_max, ..usual }).await {
                Ok(bytes) => request.set_body(bytes),
                Err(error) => return refused(&error),
            }
        }
        let Some(_open) = Open::one_more(&self.open, self.settings.open_requests_max) else {
            let busy = Error::new(Code::TemporarilyUnavailable, "the server is busy, try again");
            return refused(&Error { retry_after: Some(1), ..busy });
        };
        let client: ClientAddress = self.settings.proxies.client(&request);
        let came_by_tls = self.settings.proxies.came_by_tls(&request).map(CameByTls);
        request.extensions_mut().insert(client);
        if let Some(came_by_tls) = came_by_tls {
            request.extensions_mut().insert(came_by_tls);
        }
        request.extensions_mut().insert(visit.clone());
        let handled = AssertUnwindSafe(self.endpoint.call(request)).catch_unwind();
        match tokio::time::timeout(self.settings.answer_within, handled).await {
            Ok(Ok(Ok(output))) => output.into_response(),
            Ok(Ok(Err(error))) => methods::spelled(error, visit.request_id(), speller),
            Ok(Err(_)) => self.panicked(visit, speller),
            Err(_) => given_up(visit, speller),
        }
    }

    /// s.X17. What was thrown is not looked at: it may quote anything, a secret as well (s.Z6).
    fn panicked(&self, visit: &Visit, speller: Speller) -> Response {
        PANICS.fetch_add(1, Ordering::Relaxed);
        self.settings.metrics.panic();
        tracing::error!(request_id = visit.request_id(), "a handler panicked");
        let text = "the server failed; the request id names the entry in its log";
        speller(&Error::new(Code::ServerError, text), visit.request_id())
    }

    fn dress(&self, response: &mut Response, route: Option<&Route>, visit: &Visit) {
        let headers = response.headers_mut();
        headers::protect(headers, self.settings.transport);
        if let Some(rate) = visit.0.rate.get() {
            headers::tell_rate(headers, *rate);
        }
        if route.is_some_and(|route| route.audience() == Audience::Public) {
            cors::share(headers);
        }
        headers.insert(requests::X_REQUEST_ID, visit.0.id.header());
    }
}

/// What the handler had begun to write may still be written: the caller is told to ask again, not that it failed.
fn given_up(visit: &Visit, speller: Speller) -> Response {
    tracing::error!(request_id = visit.request_id(), "a request was not answered in time");
    let late = Error::new(Code::TemporarilyUnavailable, "the server cannot answer right now, try again");
    speller(&Error { retry_after: Some(1), ..late }, visit.request_id())
}

fn write_line(
    visit: &Visit,
    trace_id: Option<&str>,
    route: Option<&Route>,
    method: &Method,
    status: StatusCode,
    took: Duration,
) {
    telemetry::log_request(&RequestLine {
        request_id: visit.request_id(),
        trace_id,
        route: route.map_or(ELSEWHERE, Route::template),
        method: method.as_str(),
        status: status.as_u16(),
        took,
        client_id: visit.0.client_id.get().map(String::as_str),
    });
}

#[cfg(test)]
mod tests;

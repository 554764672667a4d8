//! `registrar serve`: from an empty machine to a server, and to a server that has stopped in good order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use poem::endpoint::make_sync;
use poem::{Endpoint, Response};
use sea_orm::{DbErr, RuntimeErr};
use serde_json::json;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::first_start::{self, Admin};
use super::output::{Exit, Output};
use super::shell::{Failure, Shell};
use crate::app::{App, StartError, routes, settings};
use crate::clock::{Clock, stopwatch};
use crate::config::{Config, LogFormat};
use crate::edge::listener;
use crate::jobs::{self, Jobs};
use crate::oidc::endpoint;
use crate::oidc::tenant::DEFAULT_SLUG;
use crate::telemetry::{self, Format, LogSettings, Metrics};

/// A database that starts together with the server is waited for, for so long.
const DATABASE_PATIENCE: Duration = Duration::from_secs(30);
const DATABASE_RETRY: Duration = Duration::from_millis(500);
/// Jobs and the last notes get so long when the server stops.
const JOBS_PATIENCE: Duration = Duration::from_secs(5);
/// Connections the system keeps for us while we do not take them.
const BACKLOG: u32 = 1024;

/// Serves until SIGTERM or SIGINT, then finishes what is under way. A second signal cuts that short.
///
/// # Errors
/// When the configuration, the database or the address cannot be used.
pub async fn run(shell: &Shell) -> Result<Exit, Failure> {
    let config = shell.config()?;
    let _flush = telemetry::init(&log_settings(&config)).map_err(|error| error.to_string())?;
    let mut signals = Signals::new().map_err(|error| error.to_string())?;
    // Before the database: an address that is taken must not leave a first start behind that nobody saw.
    let listen = config.server.listen;
    let socket = bind(listen).map_err(|error| format!("server.listen {listen} cannot be used: {error}"))?;
    let started = tokio::select! {
        started = start(config) => started?,
        () = signals.asked() => return Ok(Exit::Done),
    };
    let (app, admin) = started;
    let listening =
        socket.listen(BACKLOG).map_err(|error| format!("server.listen {listen} cannot be used: {error}"))?;
    let jobs = Jobs::start(&app);
    let metrics = metrics(&app);
    let kong_admin = kong_admin(&app);
    announce(&app, shell.output, admin.as_ref(), kong_admin.as_ref().map(|(address, _)| *address));

    let (stop, stopped) = oneshot::channel();
    let serving = listener::serve(listening, routes::endpoint(app.clone()), settings::listener(&app.config), stopped);
    let exit = until_stopped(&app, serving, stop, &mut signals).await;
    jobs.stop(JOBS_PATIENCE).await;
    if !matches!(timeout(JOBS_PATIENCE, jobs::usage::run(&app)).await, Ok(Ok(()))) {
        tracing::warn!("when clients were last used could not be written down");
    }
    for beside in metrics.into_iter().chain(kong_admin.map(|(_, serving)| serving)) {
        beside.abort();
    }
    tracing::info!("stopped");
    Ok(exit)
}

async fn until_stopped(
    app: &App,
    serving: impl Future<Output = io::Result<()>>,
    stop: oneshot::Sender<()>,
    signals: &mut Signals,
) -> Exit {
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        _ = serving.as_mut() => return Exit::Failed,
        () = signals.asked() => {}
    }
    tracing::info!("stopping: requests under way are finished, no new ones are taken");
    // Readiness first: what still arrives on open connections is told.
    app.lifecycle.stop();
    // The listener is there until it is told.
    let _ = stop.send(());
    tokio::select! {
        _ = serving => Exit::Done,
        () = signals.asked() => {
            tracing::warn!("told twice to stop: requests under way are cut off");
            Exit::Failed
        }
    }
}

/// What ends the server.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn log_settings(config: &Config) -> LogSettings {
    let format = match config.log.format {
        LogFormat::Auto => None,
        LogFormat::Text => Some(Format::Text),
        LogFormat::Json => Some(Format::Json),
    };
    LogSettings { format, filter: config.log.level.clone() }
}

/// Takes the address without listening yet: until the server is ready, connections are refused rather than kept waiting.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Starts the house; a database that is not there yet is waited for.
async fn start(config: Config) -> Result<(Arc<App>, Option<Admin>), Failure> {
    let began = stopwatch();
    let mut told = false;
    loop {
        match App::start(config.clone(), Clock::system()).await {
            Ok((app, first)) => {
                let admin = first_start::admin(&config, first);
                return Ok((app, admin));
            }
            Err(error) if began.elapsed() < DATABASE_PATIENCE && may_come(&error) => {
                if !told {
                    tracing::warn!(%error, seconds = DATABASE_PATIENCE.as_secs(), "waiting for the database");
                    told = true;
                }
                sleep(DATABASE_RETRY).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether waiting may help: the database does not answer, or says itself that it is starting. A wrong password or a
/// wrong name stays wrong (Q24).
fn may_come(error: &StartError) -> bool {
    let cause = match error {
        StartError::Database(cause) => cause,
        StartError::Setup(error) => match error.cause.as_ref().and_then(|cause| cause.downcast_ref()) {
            Some(cause) => cause,
            None => return false,
        },
        _ => return false,
    };
    match cause {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => match cause.as_database_error() {
            // PostgreSQL: starting or stopping, too many connections. MySQL: too many connections.
            Some(told) => told.code().is_some_and(|code| code.starts_with("57P") || code == "53300" || code == "08004"),
            None => matches!(**cause, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Protocol(_)),
        },
        _ => false,
    }
}

type Serving = tokio::task::JoinHandle<io::Result<()>>;

/// Serves `/metrics`. Optional: what goes wrong is logged and does not stop the start.
fn metrics(app: &Arc<App>) -> Option<Serving> {
    let address = app.config.server.metrics_listen?;
    beside(app, address, "server.metrics_listen", metrics_endpoint(app.metrics.clone()))
}

/// Serves Kong's Admin API on its own address, as optionally: scripts find it below the issuer, too.
fn kong_admin(app: &Arc<App>) -> Option<(SocketAddr, Serving)> {
    let address = app.config.kong_admin.listen?;
    let serving = beside(app, address, "kong_admin.listen", routes::kong_admin_endpoint(app.clone()))?;
    Some((address, serving))
}

fn beside(app: &App, address: SocketAddr, setting: &str, endpoint: impl Endpoint + 'static) -> Option<Serving> {
    let listening = bind(address).and_then(|socket| socket.listen(BACKLOG));
    let listening: TcpListener = match listening {
        Ok(listening) => listening,
        Err(error) => {
            tracing::warn!(%address, %error, "{setting} cannot be used: nothing is served there");
            return None;
        }
    };
    let limits = settings::listener(&app.config);
    Some(tokio::spawn(listener::serve(listening, endpoint, limits, std::future::pending::<()>())))
}

fn metrics_endpoint(metrics: Arc<Metrics>) -> impl Endpoint + 'static {
    make_sync(move |request| {
        if request.uri().path() != "/metrics" {
            return Response::builder().status(StatusCode::NOT_FOUND).finish();
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Response::builder().status(StatusCode::METHOD_NOT_ALLOWED).header("Allow", "GET, HEAD").finish();
        }
        let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        Response::builder().header(CONTENT_TYPE, media_type).body(metrics.text())
    })
}

/// Says where to look, and what the first start made. On standard output only: a link is never in the log.
fn announce(app: &App, output: Output, admin: Option<&Admin>, kong_admin: Option<SocketAddr>) {
    let issuer = app.tenants.by_slug(DEFAULT_SLUG).map(|tenant| tenant.issuer.clone());
    let issuer = issuer.unwrap_or_else(|| app.config.server.issuer.as_str().to_owned());
    let documentation = format!("{issuer}{}", endpoint::DOCUMENTATION);
    let discovery = format!("{issuer}{}", endpoint::OPENID_CONFIGURATION);
    let open: Vec<String> = app
        .tenants
        .all()
        .iter()
        .filter(|tenant| tenant.settings.registration.open)
        .map(|tenant| tenant.slug.clone())
        .collect();
    tracing::info!(listen = %app.config.server.listen, issuer, "serving");
    if !open.is_empty() {
        tracing::warn!(tenants = open.join(","), "open registration is on: whoever reaches the server may register");
    }
    let value = json!({
        "issuer": issuer,
        "documentation": documentation,
        "discovery": discovery,
        "kong_admin": kong_admin.map(|address| format!("http://{address}")),
        "open_registration": open,
        "first_admin": admin.map(|admin| json!({
            "email": admin.email,
            "sign_in_link": admin.link.expose(),
            "sign_in_link_file": admin.file,
        })),
    });
    let text = || {
        let mut text =
            format!("Registrar serves {issuer}\n\n  Documentation  {documentation}\n  Discovery      {discovery}\n");
        if let Some(address) = kong_admin {
            text.push_str(&format!("  Kong admin     http://{address}\n"));
        }
        if !open.is_empty() {
            let tenants = open.join(", ");
            text.push_str(&format!(
                "\nOpen registration is on ({tenants}): whoever reaches the server may register applications.\n"
            ));
        }
        if let Some(admin) = admin {
            text.push_str(&format!("\n{}\n", admin.text(&app.config)));
        }
        text
    };
    // A closed standard output does not stop a server.
    let _ = output.result(&value, text);
}

//! `registrar health`: is a running server ready? For a container's HEALTHCHECK, which has no other program to ask with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde_json::{Value, json};

use super::output::Exit;
use super::shell::{Failure, Shell};
use crate::api::health::READY;
use crate::telemetry::causes;

const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the server at `url`, or at the configured address.
///
/// # Errors
/// When it is not ready, or does not answer.
pub async fn run(shell: &Shell, url: Option<&str>) -> Result<Exit, Failure> {
    let url = match url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}", reachable(shell.config()?.server.listen)),
    };
    let failed = |error: reqwest::Error| Failure(format!("{url} does not answer: {}", causes(&error.without_url())));
    // The operator names the address, no client does.
    #[allow(clippy::disallowed_methods)]
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .build()
        .map_err(failed)?;
    let answer = client.get(format!("{url}{READY}")).send().await.map_err(failed)?;
    let status = answer.status();
    let body: Value = answer.json().await.unwrap_or_default();
    if status.is_success() && body["status"] == "ready" {
        return Ok(shell.output.result(&json!({"url": url, "ready": true}), || format!("{url} is ready")));
    }
    let checks = body["checks"].as_object().map(|checks| {
        let failed = checks.iter().filter(|(_, state)| *state != "ok").map(|(name, _)| name.as_str());
        failed.collect::<Vec<_>>().join(", ")
    });
    let why = checks.unwrap_or_else(|| format!("it answered {}", status.as_u16()));
    Err(Failure(format!("{url} is not ready: {why}")))
}

/// A server that listens everywhere is asked on this machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_this_machine() {
        let reachable = |text: &str| super::reachable(text.parse().unwrap()).to_string();
        assert_eq!(reachable("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(reachable("[::]:8080"), "[::1]:8080");
        assert_eq!(reachable("10.0.0.7:80"), "10.0.0.7:80");
    }
}

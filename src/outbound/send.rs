//! How is a message sent to an address that somebody chose?

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{FetchFailed, Outbound, Reason, resolve};
use crate::clock::stopwatch;
use crate::telemetry::Outcome;

impl Outbound {
    /// Whether an address may be called, as far as can be said before its name is resolved. What resolving it says is
    /// for [`Outbound::post`] alone, at the time of the call.
    pub fn admits(&self, address: &str) -> bool {
        self.judge(address).is_ok()
    }

    /// Posts `body` and says with which status it was answered; what else the answer holds is not read.
    ///
    /// The same rules hold as for a fetch: the address is judged, its name is resolved once, no redirect is followed, and
    /// the whole takes no longer than [`super::OutboundLimits::total`].
    ///
    /// # Errors
    /// [`FetchFailed`] for an address that may not be called, and when there was no answer.
    pub async fn post(&self, address: &str, headers: HeaderMap, body: Bytes) -> Result<StatusCode, FetchFailed> {
        let began = stopwatch();
        let url = self.judge(address).inspect_err(|failed| self.note(address, *failed))?;
        let busy = FetchFailed(Reason::Busy);
        let called = async {
            let host = self.host_turns(url.host_str().unwrap_or_default());
            let _host_turn = host.acquire().await.map_err(|_| busy)?;
            let _turn = self.turns.acquire().await.map_err(|_| busy)?;
            let clients = self.clients.get_or_try_init(|| self.clients()).await?;
            let client = if url.scheme() == "https" { &clients.tls } else { &clients.loopback };
            let request = client.post(url.clone()).headers(headers).body(body);
            let answer = request.send().await.map_err(|error| FetchFailed(resolve::reason(&error)))?;
            Ok(answer.status())
        };
        let left = self.limits.total.saturating_sub(began.elapsed());
        let outcome = tokio::time::timeout(left, called).await.unwrap_or(Err(FetchFailed(Reason::TooSlow)));
        match &outcome {
            Ok(_) => self.metrics.outbound(Outcome::Accepted),
            Err(failed) => self.note(address, *failed),
        }
        outcome
    }
}

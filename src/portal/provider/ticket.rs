//! With which initial access token do we register at a provider? One an admin entered, or one it gives for client
//! credentials, kept until shortly before it ends (portal.md G40, D-22).

use std::sync::Arc;

use entity::id::ProviderId;
use entity::provider::{Model, TicketFrom};
use serde_json::Value;
use tokio::sync::Mutex;
use url::form_urlencoded;

use super::discovery::Metadata;
use super::line::{As, Line};
use super::refusal::Why;
use super::store;
use crate::app::App;
use crate::clock::Seconds;
use crate::secret::Secret;

/// Seconds before its end from which on a token is not used any more.
const EARLY_SECONDS: Seconds = 30;
/// Seconds a token is kept that does not say when it ends.
const UNSAID_SECONDS: Seconds = 60;
/// Characters of a token, at most.
const LENGTH_MAX: usize = 8 * 1024;
const PROVIDERS_MAX: u64 = 1000;

/// Tokens that providers gave: one for each version of each provider, never shared between two (s.N13).
pub struct Tickets(moka::sync::Cache<(ProviderId, i64), Arc<Slot>>);

/// Whoever holds the lock fetches; all others wait and find the result.
type Slot = Mutex<Option<Held>>;

struct Held {
    token: Secret,
    good_until: Seconds,
}

impl Default for Tickets {
    fn default() -> Self {
        Self(moka::sync::Cache::new(PROVIDERS_MAX))
    }
}

impl std::fmt::Debug for Tickets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tickets(…)")
    }
}

/// The token for registrations at a provider. `refused` is one the provider refused a moment ago: another is fetched
/// unless somebody did already.
pub(super) async fn obtain(
    line: &Line<'_>,
    provider: &Model,
    metadata: &Metadata,
    refused: Option<&Secret>,
) -> Result<Secret, Why> {
    let credentials = match provider.ticket_from {
        TicketFrom::InitialAccessToken => return entered(line.app, provider),
        TicketFrom::ClientCredentials => Credentials::of(line.app, provider)?,
    };
    let slot = line.app.tickets.0.get_with((provider.id, provider.version), Arc::default);
    let mut held = slot.lock().await;
    let now = line.app.clock.now();
    if let Some(held) = held.as_ref()
        && held.good_until > now
        && Some(&held.token) != refused
    {
        return Ok(held.token.clone());
    }
    let (token, seconds) = fetch(line, metadata, &credentials).await?;
    *held = Some(Held { token: token.clone(), good_until: now.saturating_add(seconds) });
    Ok(token)
}

/// Puts a token that was fetched for a provider about to be stored where the first registration finds it.
pub(super) async fn keep(app: &App, provider: &Model, token: Secret, seconds: Seconds) {
    let slot = app.tickets.0.get_with((provider.id, provider.version), Arc::default);
    *slot.lock().await = Some(Held { token, good_until: app.clock.now().saturating_add(seconds) });
}

fn entered(app: &App, provider: &Model) -> Result<Secret, Why> {
    store::open(app, provider.id, "initial_access_token", provider.initial_access_token_sealed.as_deref())
        .ok_or_else(|| Why::Answer("the initial access token cannot be opened: enter it again".to_owned()))
}

/// What a token is given for.
pub(super) struct Credentials {
    pub client_id: String,
    pub secret: Secret,
    pub scopes: Vec<String>,
}

impl Credentials {
    fn of(app: &App, provider: &Model) -> Result<Self, Why> {
        let secret = store::open(app, provider.id, "client_secret", provider.client_secret_sealed.as_deref());
        match (&provider.client_id, secret) {
            (Some(client_id), Some(secret)) => {
                Ok(Self { client_id: client_id.clone(), secret, scopes: provider.scopes.as_slice().to_vec() })
            }
            _ => Err(Why::Answer("the client secret cannot be opened: enter it again".to_owned())),
        }
    }
}

/// Fetches a token for client credentials (RFC 6749 §4.4), and says for how many seconds it is good.
pub(super) async fn fetch(
    line: &Line<'_>,
    metadata: &Metadata,
    credentials: &Credentials,
) -> Result<(Secret, Seconds), Why> {
    let endpoint = metadata.token_endpoint.as_deref().ok_or(Why::Missing("token_endpoint"))?;
    let who = As::Basic(&credentials.client_id, &credentials.secret);
    let answer = line.form(endpoint, who, form(&credentials.scopes)).await?.object(&[200])?;
    let token = answer.get("access_token").and_then(Value::as_str).ok_or(Why::Missing("access_token"))?;
    if !is_token(token) {
        return Err(Why::Answer("access_token is no token that can be sent in a header".to_owned()));
    }
    let lives = match answer.get("expires_in") {
        Some(Value::Number(seconds)) => seconds.as_f64().map(|seconds| seconds as Seconds),
        Some(Value::String(seconds)) => seconds.parse().ok(),
        _ => None,
    };
    let seconds = lives.map_or(UNSAID_SECONDS, |seconds: Seconds| seconds.saturating_sub(EARLY_SECONDS));
    Ok((Secret::new(token), seconds.clamp(0, 86_400)))
}

fn form(scopes: &[String]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    if !scopes.is_empty() {
        form.append_pair("scope", &scopes.join(" "));
    }
    form.finish()
}

/// Whether a text is a token: visible characters of ASCII, not too many.
pub(super) fn is_token(text: &str) -> bool {
    (1..=LENGTH_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

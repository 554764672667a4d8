//! How is a provider spoken to? Within a time, with its certificates, and so that its state is noted.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use entity::provider::Model;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value};

use super::health;
use super::refusal::{Refusal, Why, words};
use super::tls;
use crate::app::App;
use crate::clock::stopwatch;
use crate::outbound::{Answer, Failure, Request, Tls};
use crate::portal::Error;
use crate::secret::Secret;

/// Everything that is asked of a provider for one request of ours ends within this: before the request does.
const WITHIN: Duration = Duration::from_secs(8);
/// The levels of a provider's answer that are read are few: more are no metadata.
const DEPTH_MAX: usize = 16;
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A provider, for as long as one request of ours takes.
pub(super) struct Line<'a> {
    pub app: &'a App,
    tls: Tls,
    began: Instant,
}

/// Who asks.
#[derive(Clone, Copy)]
pub(super) enum As<'a> {
    Bearer(&'a Secret),
    /// Identifier and secret as they are, not encoded (portal.md G40).
    Basic(&'a str, &'a Secret),
}

impl<'a> Line<'a> {
    /// A line to a provider that is set up.
    ///
    /// # Errors
    /// [`Refusal::Paused`] for one that failed too often lately (s.N11).
    pub fn open(app: &'a App, provider: &Model) -> Result<Self, Error> {
        if let Some(until) = provider.paused_until
            && until > app.clock.now()
        {
            let retry_after = until.saturating_sub(app.clock.now()).unsigned_abs();
            return Err(Refusal::Paused { name: provider.name.clone(), retry_after }.into());
        }
        Self::try_open(app, provider)
    }

    /// A line to a provider, however it is.
    ///
    /// # Errors
    /// When its certificates were sealed with another key.
    pub fn try_open(app: &'a App, provider: &Model) -> Result<Self, Error> {
        Ok(Self::with(app, tls::of(app, provider)?))
    }

    /// A line to one that is not stored yet.
    pub fn with(app: &'a App, tls: Tls) -> Self {
        Self { app, tls, began: stopwatch() }
    }

    pub async fn get(&self, address: &str, who: Option<As<'_>>) -> Result<Reply, Why> {
        self.ask(Method::GET, address, who, HeaderMap::new(), Bytes::new()).await
    }

    pub async fn json(&self, method: Method, address: &str, who: As<'_>, body: &Value) -> Result<Reply, Why> {
        self.json_with(method, address, who, HeaderMap::new(), body).await
    }

    pub async fn json_with(
        &self,
        method: Method,
        address: &str,
        who: As<'_>,
        mut headers: HeaderMap,
        body: &Value,
    ) -> Result<Reply, Why> {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.ask(method, address, Some(who), headers, Bytes::from(body.to_string())).await
    }

    pub async fn form(&self, address: &str, who: As<'_>, form: String) -> Result<Reply, Why> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        self.ask(Method::POST, address, Some(who), headers, Bytes::from(form)).await
    }

    pub async fn ask(
        &self,
        method: Method,
        address: &str,
        who: Option<As<'_>>,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Reply, Why> {
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(who) = who {
            headers.insert(AUTHORIZATION, authorization(who)?);
        }
        let request = Request { method, address: address.to_owned(), headers, body };
        let left = WITHIN.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            return Err(Why::NoAnswer(Failure::Busy));
        }
        let answer = self.app.outbound.exchange(request, &self.tls, left).await.map_err(Why::NoAnswer)?;
        if answer.status.is_redirection() {
            return Err(Why::Redirected(answer.status.as_u16()));
        }
        Ok(Reply::read(answer))
    }
}

fn authorization(who: As<'_>) -> Result<HeaderValue, Why> {
    let text = match who {
        As::Bearer(token) => format!("Bearer {}", token.expose()),
        As::Basic(id, secret) => format!("Basic {}", STANDARD.encode(format!("{id}:{}", secret.expose()))),
    };
    let mut value =
        HeaderValue::from_str(&text).map_err(|_| Why::Answer("the token cannot be sent in a header".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Notes how it went with a provider.
///
/// # Errors
/// When the database cannot be asked.
pub(super) async fn noted<T>(app: &App, provider: &Model, outcome: Result<T, Why>) -> Result<Result<T, Why>, Error> {
    match &outcome {
        Err(why) if why.is_outage() => health::failed(app, provider, why).await?,
        Err(_) => {}
        Ok(_) => health::well(app, provider).await?,
    }
    Ok(outcome)
}

/// What a provider answered.
pub(super) struct Reply {
    pub status: u16,
    /// Its body, if it is one JSON object.
    json: Option<Map<String, Value>>,
    /// Its body, as far as it can be repeated.
    text: String,
}

impl Reply {
    fn read(answer: Answer) -> Self {
        let json = match serde_json::from_slice(&answer.body) {
            Ok(Value::Object(members)) if members.values().all(|value| is_shallow(value, DEPTH_MAX)) => Some(members),
            _ => None,
        };
        let is_text = answer.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
        let text = if is_text { String::from_utf8_lossy(&answer.body).into_owned() } else { String::new() };
        Self { status: answer.status.as_u16(), json, text }
    }

    /// The object it holds, if its status is one of these.
    ///
    /// # Errors
    /// What it says instead.
    pub fn object(self, expected: &[u16]) -> Result<Map<String, Value>, Why> {
        if !expected.contains(&self.status) {
            return Err(self.refusal());
        }
        self.json.ok_or(Why::NotJson)
    }

    /// As a refusal, in its own words (P-7).
    pub fn refusal(&self) -> Why {
        let of = |member: &str| self.json.as_ref()?.get(member)?.as_str().map(words);
        let error = of("error").or_else(|| of("technicalCode")).unwrap_or_default();
        let description = of("error_description").or_else(|| of("message")).unwrap_or_else(|| words(&self.text));
        Why::Status { status: self.status, error, description }
    }
}

fn is_shallow(value: &Value, left: usize) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) if left == 0 => false,
        Value::Array(values) => values.iter().all(|value| is_shallow(value, left - 1)),
        Value::Object(members) => members.values().all(|value| is_shallow(value, left - 1)),
        _ => true,
    }
}

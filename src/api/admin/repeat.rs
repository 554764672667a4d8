//! Does a request that is made twice happen once? `Idempotency-Key` on every POST.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use poem::{Endpoint, Request, Response};

use super::caller::Caller;
use super::problem::Problem;
use crate::edge::Visit;
use crate::edge::answer::Cause;
use crate::portal::idempotency::{self, ANSWER_BYTES_MAX, Answer, Begun, KEY_MAX, Key, UnderWay};
use crate::portal::{Error, Rule};

/// The header with the key that a caller chose.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The headers of an answer that are kept with it.
const KEPT: [HeaderName; 4] = [CONTENT_TYPE, CACHE_CONTROL, ETAG, LOCATION];

/// Answers a request that was made before, with the same key and by the same caller, as it was answered then. What
/// changed nothing is not kept: it is judged anew.
///
/// # Errors
/// What `endpoint` fails with.
pub async fn once<E: Endpoint<Output = Response>>(endpoint: Arc<E>, mut request: Request) -> poem::Result<Response> {
    if *request.method() != Method::POST || !request.headers().contains_key(IDEMPOTENCY_KEY) {
        return endpoint.call(request).await;
    }
    let request_id = request.data::<Visit>().map_or_else(String::new, |visit| visit.request_id().to_owned());
    let refused = |problem: Problem| problem.response(&request_id);
    // Whoever is nobody is told so by the handler.
    let Ok(caller) = Caller::of(&request).await else { return endpoint.call(request).await };
    let Ok(body) = request.take_body().into_bytes().await else {
        return Ok(refused(Problem::wrong("", Rule::Form, "cannot be read")));
    };
    request.set_body(body.clone());
    let Some(key) = key(&caller, &request, &body) else {
        let complaint = format!("must be one header of 1 to {KEY_MAX} printable ASCII characters");
        return Ok(refused(Problem::wrong(IDEMPOTENCY_KEY, Rule::Form, complaint)));
    };
    let under_way = match idempotency::begin(&caller.app, &caller.tenant, &key).await {
        Ok(Begun::First(under_way)) => under_way,
        Ok(Begun::Again(answer)) => return Ok(again(answer)),
        Ok(Begun::Running { retry_after }) => return Ok(refused(Problem::under_way(retry_after))),
        Ok(Begun::Other) => return Ok(refused(Problem::key_reused())),
        Err(error) => return Ok(refused(error.into())),
    };
    match endpoint.call(request).await {
        Ok(response) if response.status().is_success() => keep(&caller, &under_way, response).await,
        refused => {
            note(idempotency::release(&caller.app, &under_way).await);
            refused
        }
    }
}

fn key(caller: &Caller, request: &Request, body: &[u8]) -> Option<Key> {
    let mut sent = request.headers().get_all(IDEMPOTENCY_KEY).iter();
    let (Some(text), None) = (sent.next(), sent.next()) else { return None };
    let target = request.original_uri().path_and_query().map_or("", |target| target.as_str());
    let made = [request.method().as_str().as_bytes(), target.as_bytes(), body];
    Key::new(&caller.tenant, &caller.actor, text.to_str().ok()?, made)
}

/// Keeps an answer, and sends it.
async fn keep(caller: &Caller, under_way: &UnderWay, mut response: Response) -> poem::Result<Response> {
    let body = response.take_body().into_bytes().await?;
    let kept = if body.len() <= ANSWER_BYTES_MAX { String::from_utf8(body.to_vec()).ok() } else { None };
    let header = |name: &HeaderName| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    };
    let headers = KEPT.iter().filter_map(header).collect();
    let answer = Answer { status: response.status().as_u16(), headers, body: kept.unwrap_or_default() };
    // It is done: whoever asks again hears so at the latest when the row is given up.
    note(idempotency::finish(&caller.app, under_way, &answer).await);
    response.set_body(body);
    Ok(response)
}

/// The answer of then.
fn again(answer: Answer) -> Response {
    let mut response = Response::from(Bytes::from(answer.body));
    response.set_status(StatusCode::from_u16(answer.status).unwrap_or_default());
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// What failed beside the answer is written down.
fn note(outcome: Result<(), Error>) {
    if let Err(Error::Internal(cause) | Error::NotNow { cause: Some(cause), .. }) = outcome {
        tracing::error!(cause = crate::telemetry::causes(&*Cause(cause).0), "an answer could not be kept");
    }
}

//! `GET /health/live` and `/health/ready`: for orchestrators, load balancers and a container's own health check.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use poem::web::Data;
use poem::{Response, handler};
use serde_json::{Value, json};

use crate::app::App;
use crate::edge::routes::Route;
use crate::health;

/// Whether the process works.
pub const LIVE: &str = "/health/live";
/// Whether requests should be sent here.
pub const READY: &str = "/health/ready";
/// [`LIVE`], as Kubernetes' own components name it.
pub const LIVE_ALIAS: &str = "/healthz";
/// [`READY`], as Kubernetes' own components name it.
pub const READY_ALIAS: &str = "/readyz";

/// What the door knows of these addresses.
pub fn addresses() -> Vec<Route> {
    [LIVE, READY, LIVE_ALIAS, READY_ALIAS].map(|path| Route::private(path, "GET")).into()
}

/// Puts the handlers below `router`.
pub fn mount(router: poem::Route) -> poem::Route {
    router
        .at(LIVE, poem::get(live))
        .at(LIVE_ALIAS, poem::get(live))
        .at(READY, poem::get(ready))
        .at(READY_ALIAS, poem::get(ready))
}

/// The process answers, and that is all there is to it: a database that is away is no reason to start it again.
#[handler]
pub fn live() -> Response {
    answer(StatusCode::OK, &json!({"status": "live"}))
}

/// 503 while the database is away, keys are missing, or the server is about to stop.
#[handler]
pub async fn ready(app: Data<&Arc<App>>) -> Response {
    let readiness = health::readiness(&app).await;
    if readiness.is_ready() {
        return answer(StatusCode::OK, &json!({"status": "ready", "checks": readiness}));
    }
    let mut response = answer(StatusCode::SERVICE_UNAVAILABLE, &json!({"status": "not_ready", "checks": readiness}));
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn answer(status: StatusCode, body: &Value) -> Response {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json")
        .header(CACHE_CONTROL, "no-store")
        .body(body.to_string())
}

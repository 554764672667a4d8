//! The Admin API on an address of its own (portal.md C2, C3; security.md s.K1, s.K2).

use std::net::SocketAddr;

use registrar::app::{routes, settings};
use registrar::edge::listener;
use registrar::oidc::tenant::manage::{self, Home};
use serde_json::json;

use super::{Kong, PLUGIN};
use crate::harness::{Http, TestApp};

async fn served(app: &TestApp) -> (Http, tokio::task::JoinHandle<std::io::Result<()>>) {
    let listening = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listening.local_addr().unwrap();
    let endpoint = routes::kong_admin_endpoint(app.app.clone());
    let limits = settings::listener(&app.app.config);
    let serving = tokio::spawn(listener::serve(listening, endpoint, limits, std::future::pending::<()>()));
    (Http::new(&format!("http://{address}")), serving)
}

#[tokio::test]
async fn the_seeds_curl_works_without_a_prefix_and_with_a_workspace() {
    spec!("portal/K23");
    let kong = Kong::start().await;
    let (http, serving) = served(&kong.app).await;
    manage::create(&kong.app.app, "admin", "neighbour", &Home::Path, &manage::Change::default()).await.unwrap();
    let send = async |method: &str, path: &str, form: &'static str| {
        let request = http.request(method, path).header("Kong-Admin-Token", &kong.token);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        http.send(request).await
    };
    send("POST", "/services", "name=billing&url=http://billing.internal").await.expect(201);
    send("POST", "/services/billing", PLUGIN).await.expect(201);
    send("GET", "/default/services/billing/plugins", "").await.expect(200);
    assert_eq!(send("GET", "/", "").await.expect(200)["edition"], "enterprise");
    assert_eq!(send("GET", "/nothing", "").await.expect(404), json!({"message": "Not found"}));
    // Another workspace is another tenant, where this token is none.
    send("GET", "/neighbour/services", "").await.expect(401);
    serving.abort();
}

#[tokio::test]
async fn nobody_comes_in_without_a_token_or_by_a_foreign_page() {
    // s.K1, s.K2
    spec!("portal/C3");
    let kong = Kong::start().await;
    let (http, serving) = served(&kong.app).await;
    assert_eq!(http.get("/services").await.status, 401);
    for (name, value) in [("host", "evil.test"), ("origin", "http://evil.test"), ("origin", "null")] {
        let request = http.request("GET", "/services").header("Kong-Admin-Token", &kong.token).header(name, value);
        assert_eq!(http.send(request).await.status, 403, "{name}: {value}");
    }
    serving.abort();
}

#[tokio::test]
async fn where_nobody_is_asked_whoever_comes_is_the_operator() {
    let app = TestApp::with(&[("kong_admin.listen", "127.0.0.1:8001"), ("kong_admin.auth", "false")]).await;
    let (http, serving) = served(&app).await;
    let made = http.form("/services", crate::harness::http::Auth::None, &[("name", "x"), ("host", "x.internal")]).await;
    made.expect(201);
    let request = http.request("GET", "/services").header("origin", "http://evil.test");
    assert_eq!(http.send(request).await.status, 403);
    // Below the issuer a token is needed all the same.
    assert_eq!(app.http.get("/kong/admin/services").await.status, 401);
    serving.abort();
}

#[tokio::test]
async fn a_workspace_is_named_below_the_prefix_too() {
    spec!("portal/C2");
    let kong = Kong::start().await;
    manage::create(&kong.app.app, "admin", "neighbour", &Home::Path, &manage::Change::default()).await.unwrap();
    kong.call("POST", "/default/services", super::Body::Form("name=billing&host=x.internal")).await.expect(201);
    assert_eq!(kong.get("/default/services/billing").await["name"], "billing");
    assert_eq!(kong.get("/services?size=1").await["data"][0]["name"], "billing");
    assert_eq!(kong.get("/default").await["edition"], "enterprise");
    assert_eq!(kong.get("/default/").await["edition"], "enterprise");
    // Another workspace is another tenant, where this token is none.
    assert_eq!(kong.call("GET", "/neighbour/services", super::Body::None).await.status, 401);
    let nothing = kong.call("GET", "/nothing/services", super::Body::None).await;
    assert_eq!(nothing.expect(404), json!({"message": "Not found"}));
    // From another tenant's own address nobody gets anywhere else.
    let token = super::token_of_tenant(&kong.app, "neighbour", "n@example.org").await;
    let there = async |path: &str| kong.app.http.bearer("GET", &format!("/t/neighbour/kong/admin{path}"), &token).await;
    there("/services").await.expect(200);
    there("/neighbour/services").await.expect(200);
    there("/default/services").await.expect(404);
    // The tenant is reached by its name in the workspace's place as well.
    kong.app.http.bearer("GET", "/kong/admin/neighbour/services", &token).await.expect(200);
}

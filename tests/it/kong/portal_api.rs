//! The Portal API: what developers do by themselves (portal.md K5, K31 to K35, K73; security.md s.B1, s.B5, s.B10).

use serde_json::{Value, json};

use super::{Body, Kong, PLUGIN, text};
use crate::harness::{Answer, PASSWORD};

struct Session<'k> {
    kong: &'k Kong,
    cookie: String,
}

impl<'k> Session<'k> {
    async fn begin(kong: &'k Kong, email: &str) -> Self {
        let request = kong.app.http.request("GET", "/kong/portal/auth").basic_auth(email, Some(PASSWORD));
        let answer = kong.app.http.send(request).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        let cookie = answer.header("set-cookie").to_owned();
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
        Self { kong, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    async fn call_with(&self, method: &str, path: &str, body: Body<'_>, header: Option<(&str, &str)>) -> Answer {
        let http = &self.kong.app.http;
        let mut request = http.request(method, &format!("/kong/portal{path}")).header("cookie", &self.cookie);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        http.send(body.in_request(request)).await
    }

    async fn call(&self, method: &str, path: &str, body: Body<'_>) -> Answer {
        self.call_with(method, path, body, None).await
    }
}

#[tokio::test]
async fn a_developer_signs_in_makes_an_application_and_asks_for_a_service() {
    spec!("portal/K73", "portal/K5");
    let kong = Kong::start().await;
    let (service, _) = kong.billing(PLUGIN).await;
    kong.post("/services", "name=hidden&host=x.internal").await.expect(201);
    kong.post("/developers", "email=wally@example.org&password=correct+horse+battery&status=0").await.expect(200);
    kong.app.http.get("/kong/portal/applications").await.expect(401);
    let session = Session::begin(&kong, "wally@example.org").await;
    assert_eq!(session.call("GET", "/developer", Body::None).await.expect(200)["email"], "wally@example.org");
    let services = session.call("GET", "/application_services", Body::None).await.expect(200);
    let config = json!({"auto_approve": false, "description": null, "display_name": "my_service_display_name",
        "show_issuer": false});
    let wanted = json!({"data": [{"app_registration_config": config, "id": service["id"], "name": "billing"}],
        "next": null, "total": 1});
    assert_eq!(services, wanted);
    let form = "name=shop&redirect_uri=https://shop.example/cb";
    let application = session.call("POST", "/applications", Body::Form(form)).await.expect(201);
    let base = format!("/applications/{}", text(&application, "id"));
    assert_eq!(session.call("GET", &base, Body::None).await.expect(200), application);
    // s.B5: whoever asks cannot decide.
    let instances = format!("{base}/application_instances");
    let form = format!("service.id={}", text(&service, "id"));
    let eager = session.call("POST", &instances, Body::Form(&format!("{form}&status=0"))).await.expect(400);
    assert_eq!(eager["fields"], json!({"status": "unknown field"}));
    let made = session.call("POST", &instances, Body::Form(&form)).await.expect(201);
    assert_eq!(made["status"], 1);
    let one = format!("{instances}/{}", text(&made, "id"));
    assert_eq!(session.call("PATCH", &one, Body::Form("status=0")).await.status, 405);
    assert_eq!(session.call("DELETE", &one, Body::None).await.status, 204);
    let credential = session.call("POST", &format!("{base}/credentials"), Body::None).await.expect(201);
    assert_eq!(text(&credential, "client_secret").len(), 64);
    let all = session.call("GET", &format!("{base}/credentials"), Body::None).await.expect(200);
    assert_eq!(all["total"], 2);
    let path = format!("{base}/credentials/{}", text(&credential, "id"));
    assert_eq!(session.call("DELETE", &path, Body::None).await.status, 204);
    let out = session.call("DELETE", "/auth?session_logout=true", Body::None).await;
    assert!(out.status == 204 && out.header("set-cookie").contains("Max-Age=0"), "{:?}", out.headers);
    session.call("GET", "/developer", Body::None).await.expect(401);
}

#[tokio::test]
async fn wrong_passwords_foreign_pages_and_foreign_applications_get_nowhere() {
    // s.B1, s.B2, s.B3, s.B10, s.L10
    spec!("portal/K73");
    let kong = Kong::start().await;
    kong.app.settings(json!({"users": {"default_application": false}})).await;
    let (_, theirs) = kong.application("wally@example.org").await;
    kong.post("/developers", "email=eve@example.org&password=correct+horse+battery&status=0").await.expect(200);
    for (email, password) in [("eve@example.org", "wrong"), ("nobody@example.org", PASSWORD)] {
        let request = kong.app.http.request("GET", "/kong/portal/auth").basic_auth(email, Some(password));
        assert_eq!(kong.app.http.send(request).await.expect(401), json!({"message": "Unauthorized"}));
    }
    let session = Session::begin(&kong, "eve@example.org").await;
    let form = Body::Form("name=x&redirect_uri=https://x.example/cb");
    for foreign in [("origin", "https://evil.test"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        session.call_with("POST", "/applications", form, Some(foreign)).await.expect(403);
    }
    let own = ("origin", kong.app.issuer.as_str());
    let mine = session.call_with("POST", "/applications", form, Some(own)).await.expect(201);
    session.call("POST", "/applications", Body::Typed("text/plain", "{}")).await.expect(415);
    let theirs = format!("/applications/{}", text(&theirs, "id"));
    for (method, path) in [
        ("GET", theirs.clone()),
        ("PATCH", theirs.clone()),
        ("DELETE", theirs.clone()),
        ("GET", format!("{theirs}/application_instances")),
        ("GET", format!("{theirs}/credentials")),
        ("POST", format!("{theirs}/credentials")),
    ] {
        let refused = session.call(method, &path, Body::None).await;
        assert_eq!((refused.status, refused.json()), (404, json!({"message": "Not found"})), "{method} {path}");
    }
    let all = session.call("GET", "/applications", Body::None).await.expect(200);
    assert_eq!((all["total"].as_u64(), &all["data"][0]["id"]), (Some(1), &mine["id"]));
}

#[tokio::test]
async fn signing_up_says_the_same_to_everybody() {
    // s.L12
    spec!("portal/K73");
    let kong = Kong::start().await;
    let ask = async |email: &str| {
        let meta = json!({"full_name": "W"}).to_string();
        let body = json!({"email": email, "password": PASSWORD, "meta": meta});
        kong.app.http.post_json("/kong/portal/register", &body).await
    };
    let first = ask("new@example.org").await;
    let answer: Value = first.expect(200);
    assert_eq!(
        answer,
        json!({"developer": {"email": "new@example.org", "meta": "{\"full_name\":\"W\"}", "status": 1}})
    );
    assert_eq!(ask("new@example.org").await.expect(200), answer);
}

//! How is one let in, and what is said to what cannot be understood? In the shape of each of the two APIs.

use serde_json::json;

use super::{HOME, PORTAL, Script, code, coded, portal_refusal, refusal, simple, wrong};
use crate::harness::http::Auth;
use crate::harness::{PASSWORD, TestApp};

#[tokio::test]
async fn nobody_and_a_wrong_token_are_told_to_sign_in() {
    spec!("portal/G6");
    let app = TestApp::start().await;
    app.developer("dev@example.org").await;
    let told = "You must be authenticated to access this resource";
    let expected = json!({"message": told, "http_status": 401, "technicalCode": "unauthorized"});
    let paths = ["/applications", "/settings", "/apis", "/configuration/applications/registration/providers"];
    for path in paths.map(|path| format!("{HOME}{path}")) {
        let basic = |secret: &str| app.http.request("GET", &path).basic_auth("dev@example.org", Some(secret));
        for answer in [
            app.http.get(&path).await,
            app.http.bearer("GET", &path, "pt_wrong").await,
            app.http.send(basic("wrong")).await,
            app.http.send(basic("pt_wrong")).await,
        ] {
            assert_eq!((answer.status, answer.json()), (401, expected.clone()), "{path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"registrar\"");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
    let answer = app.http.get(&format!("{PORTAL}/applications")).await;
    let error = json!({"status": "401", "message": told, "code": "errors.unauthorized"});
    assert_eq!((answer.status, answer.json()), (401, json!({"errors": [error]})));
}

#[tokio::test]
async fn a_password_and_a_personal_token_are_good_as_basic_and_a_login_gives_a_token_for_an_hour() {
    let app = TestApp::at_a_standstill().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let other = Script::developer(&app, "other@example.org").await;
    let path = format!("{HOME}/applications");
    let basic = async |email: &str, secret: &str| {
        app.http.send(app.http.request("GET", &path).basic_auth(email, Some(secret))).await.status
    };
    assert_eq!(basic("dev@example.org", PASSWORD).await, 200);
    assert_eq!(basic("DEV@example.org", &dev.token).await, 200);
    assert_eq!(basic("dev@example.org", &other.token).await, 401, "a token of somebody else");

    for login in ["/management/organizations/DEFAULT/user/login", "/portal/environments/DEFAULT/auth/login"] {
        let told = app.http.form(login, Auth::Basic("dev@example.org", PASSWORD), &[]).await.expect(200);
        assert_eq!(told["type"], "BEARER");
        let token = told["token"].as_str().unwrap();
        assert_eq!(app.http.bearer("GET", &path, token).await.status, 200);
        app.app.clock.advance(3601);
        assert_eq!(app.http.bearer("GET", &path, token).await.status, 401, "it was good for an hour");
    }
}

#[tokio::test]
async fn passwords_are_not_guessed_here_either() {
    // s.L5 to s.L7
    let app = TestApp::start().await;
    app.developer("dev@example.org").await;
    let mut last = 401;
    for _ in 0..40 {
        let request = app.http.request("GET", &format!("{HOME}/applications"));
        let answer = app.http.send(request.basic_auth("dev@example.org", Some("wrong"))).await;
        last = answer.status;
        if last == 429 {
            assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
            break;
        }
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn an_environment_is_called_default_or_as_the_tenant() {
    let app = TestApp::start().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let slug = app.tenant().slug.clone();
    for (org, env) in [("DEFAULT", "DEFAULT"), (&*slug, &*slug), ("DEFAULT", &*slug)] {
        let path = format!("/management/organizations/{org}/environments/{env}/applications");
        assert_eq!(dev.get(&path).await.expect(200), json!([]));
    }
    for (org, env) in [("OTHER", "DEFAULT"), ("DEFAULT", "OTHER"), ("default ", "DEFAULT")] {
        let path = format!("/management/organizations/{org}/environments/{env}/applications");
        assert_eq!(code(&dev.get(&path.replace(' ', "%20")).await), coded(404, "environment.notFound"));
    }
    let (status, told, _) = portal_refusal(&dev.get("/portal/environments/OTHER/applications").await);
    assert_eq!((status, told.as_str()), (404, "errors.environment.notFound"));
}

#[tokio::test]
async fn what_cannot_be_understood_is_refused_in_the_shape_of_its_api() {
    // s.X
    let app = TestApp::start().await;
    let dev = Script::developer(&app, "dev@example.org").await;
    let send = async |method: &str, path: &str, kind: &str, body: &str| {
        let request = app.http.request(method, path).bearer_auth(&dev.token).header("content-type", kind);
        app.http.send(request.body(body.to_owned())).await
    };
    let (management, portal) = (format!("{HOME}/applications"), format!("{PORTAL}/applications"));
    let good = simple("Shop", None).to_string();
    for (kind, body, status) in [
        ("application/json", "{", 400),
        ("application/json", "[]", 400),
        ("application/json", r#"{"name":"a","name":"b"}"#, 400),
        ("text/plain", &*good, 415),
        ("application/x-www-form-urlencoded", "name=x", 415),
    ] {
        assert_eq!(refusal(&send("POST", &management, kind, body).await).0, status, "{body}");
        assert_eq!(portal_refusal(&send("POST", &portal, kind, body).await).0, status, "{body}");
    }
    let verb = send("PATCH", &management, "application/json", "{}").await;
    assert_eq!((refusal(&verb).0, verb.header("allow")), (405, "GET, HEAD, POST, OPTIONS"));
    assert_eq!(portal_refusal(&send("PATCH", &portal, "application/json", "{}").await).0, 405);
    for path in ["/management", "/management/organizations/DEFAULT/unheard/of", &format!("{HOME}/unheard")] {
        assert_eq!(refusal(&send("GET", path, "application/json", "").await).0, 404, "{path}");
    }
    assert_eq!(portal_refusal(&send("GET", &format!("{PORTAL}/unheard"), "application/json", "").await).0, 404);
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(600 * 1024));
    assert_eq!(refusal(&send("POST", &management, "application/json", &large).await).0, 413);
    let missing = dev.post(&format!("{PORTAL}/applications"), json!({})).await;
    assert_eq!(
        (missing.status, missing.json()),
        (
            400,
            json!({"errors": [
                {"status": "400", "message": "name must not be null", "code": "name"},
                {"status": "400", "message": "description must not be null", "code": "description"},
            ]})
        )
    );
    assert_eq!(
        wrong(&dev.post("/applications", json!({"name": [], "description": null})).await),
        ["description", "name"]
    );
}

#[tokio::test]
async fn a_person_who_is_no_developer_and_one_who_waits_have_no_business_here() {
    let app = TestApp::start().await;
    let plain = app.with_role("plain@example.org", entity::user::Role::User).await;
    let plain = Script::of(&app, &plain).await;
    for path in ["/applications", "/apis", "/settings"] {
        assert_eq!(code(&plain.get(path).await), coded(403, "forbidden"), "{path}");
    }
    let user = plain.get(&format!("{PORTAL}/user")).await;
    assert_eq!(portal_refusal(&user).1, "errors.forbidden");
    let reads = app.management_token("applications:read").await;
    let body = simple("x", None);
    let refused = app.http.json("POST", &format!("{HOME}/applications"), Auth::Bearer(&reads), &body).await;
    assert_eq!(code(&refused), coded(403, "forbidden"));
}

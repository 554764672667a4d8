//! What this dialect says to what it does not take.

use serde_json::json;

use super::{Managed, refused};
use crate::harness::TestApp;

#[tokio::test]
async fn the_door_refuses_in_the_words_of_the_dialect() {
    spec!("portal/A28");
    let server = Managed::start().await;
    let nothing = server.get("/nothing").await.expect(404);
    assert_eq!(nothing, refused(404, "Not Found", "Nothing lives at this address", "not_found"));
    let put = server.app.http.bearer("PUT", "/api/v2/clients", &server.token).await;
    let message = "This address takes GET, HEAD, POST, OPTIONS";
    assert_eq!(put.header("allow"), "GET, HEAD, POST, OPTIONS");
    assert_eq!(put.expect(405), refused(405, "Method Not Allowed", message, "method_not_allowed"));
    let request = server.app.http.request("POST", "/api/v2/clients").bearer_auth(&server.token);
    let form = server.app.http.send(request.form(&[("name", "x")])).await;
    let message = "The body must be application/json";
    assert_eq!(form.expect(415), refused(415, "Unsupported Media Type", message, "invalid_body"));
    for body in ["{", "[]", "", r#"{"name":"a","name":"b"}"#] {
        let request = server.app.http.request("POST", "/api/v2/clients").bearer_auth(&server.token);
        let answer = server.app.http.send(request.header("content-type", "application/json").body(body)).await;
        assert_eq!((answer.status, &answer.json()["errorCode"]), (400, &json!("invalid_body")), "{body}");
    }
    let page = server.get("/clients?page=x").await;
    let message = "Query validation error: 'The parameter is missing or not valid' on property page.";
    assert_eq!(page.expect(400), refused(400, "Bad Request", message, "invalid_query_string"));
}

#[tokio::test]
async fn people_without_the_role_and_other_tenants_reach_nothing() {
    // s.B1
    spec!("portal/A25");
    let server = Managed::start().await;
    let other = TestApp::start().await;
    let answer = other.http.bearer("GET", "/api/v2/clients", &server.token).await;
    assert_eq!(answer.expect(401), refused(401, "Unauthorized", "Invalid token", "invalid_token"));
}

//! What the server says of itself.

use serde_json::json;

use crate::harness::TestApp;

#[tokio::test]
async fn both_documents_name_the_issuer_and_what_is_there() {
    let app = TestApp::start().await;
    let openid = app.http.get("/.well-known/openid-configuration").await;
    let oauth = app.http.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(openid.text, oauth.text);
    let document = openid.expect(200);
    assert_eq!(document["issuer"], json!(app.issuer));
    assert_eq!(document["registration_endpoint"], json!(app.url("/oidc/register")));
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(openid.header("cache-control"), "public, max-age=300");
    assert_eq!(openid.header("access-control-allow-origin"), "*");
    let known =
        app.http.request("GET", "/.well-known/openid-configuration").header("if-none-match", openid.header("etag"));
    assert_eq!(app.http.send(known).await.status, 304);
}

#[tokio::test]
async fn without_a_way_in_no_registration_endpoint_is_named() {
    // P-12, D-10
    let app = TestApp::start().await;
    app.settings(json!({"registration": {"open": false, "with_token": false}})).await;
    let document = app.http.get("/.well-known/openid-configuration").await.expect(200);
    assert_eq!(document.get("registration_endpoint"), None);
}

#[tokio::test]
async fn an_unknown_well_known_address_is_404_in_json() {
    let app = TestApp::start().await;
    for path in ["/.well-known/does-not-exist", "/.well-known/oauth-authorization-server/nope", "/nope"] {
        assert_eq!(app.http.get(path).await.refusal(), (404, "not_found".to_owned()), "{path}");
    }
}

//! Does the code belong to whoever asked for it? (RFC 7636)

use serde_json::json;

use super::{CALLBACK, Flow, metadata, parameters};

#[tokio::test]
async fn a_code_is_for_the_verifier_of_its_challenge() {
    spec!(
        "RFC7636-4.1/verifier-form",
        "RFC7636-4.4/challenge-with-code",
        "RFC7636-4.6/wrong-verifier",
        "RFC7636-4.6/missing-verifier",
        "RFC7636-4.6/right-verifier",
    );
    let flow = Flow::start().await;
    let mut browser = flow.browser();
    let long = "a".repeat(129);
    for verifier in ["", "too-short", &long, &"é".repeat(50), &"b".repeat(43), &flow.verifier.to_lowercase()] {
        let answer = flow.agreed(&mut browser, &[]).await;
        let refused = flow.exchange(&answer, &[("code_verifier", verifier)]).await;
        assert_eq!(refused.refusal(), (400, "invalid_grant".to_owned()), "{verifier:?}");
    }
    let answer = flow.agreed(&mut browser, &[]).await;
    flow.exchange(&answer, &[]).await.expect(200);
}

#[tokio::test]
async fn the_challenge_cannot_be_read_out_of_the_code() {
    spec!("RFC7636-4.4/challenge-not-readable");
    let flow = Flow::start().await;
    let answer = flow.agreed(&mut flow.browser(), &[]).await;
    let code = answer["code"].as_bytes();
    assert!(!answer["code"].contains(&flow.challenge));
    let opened = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, code).unwrap();
    let holds = |text: &str| opened.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(!holds(&flow.challenge) && !holds(CALLBACK), "sealed");
}

#[tokio::test]
async fn a_public_client_must_send_an_s256_challenge() {
    spec!("RFC7636-4.4.1/required-missing", "RFC7636-4.4.1/method-unsupported", "RFC7636-7.2/no-plain", "portal/G22");
    let mut flow = Flow::start().await;
    let mut browser = flow.browser();
    let none: &[(&str, &str)] = &[("code_challenge", ""), ("code_challenge_method", "")];
    for more in [none, &[("code_challenge_method", "plain")], &[("code_challenge_method", "")]] {
        let refused = browser.get(&flow.request(more)).await;
        let answer = parameters(refused.header("location"));
        assert_eq!((refused.status, answer["error"].as_str()), (303, "invalid_request"), "{more:?}");
        assert!(answer["error_description"].contains("code_challenge"), "{answer:?}");
    }
    let document = flow.app.http.get("/.well-known/openid-configuration").await.expect(200);
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    // A confidential client may go without, and then no verifier is taken (RFC 9700 §4.8.2).
    flow.client = flow.app.register(metadata(json!({"token_endpoint_auth_method": "client_secret_basic"}))).await;
    let answer = flow.agreed(&mut browser, none).await;
    let downgraded = flow.exchange(&answer, &[]).await;
    assert_eq!(downgraded.refusal(), (400, "invalid_grant".to_owned()));
    let answer = flow.agreed(&mut browser, none).await;
    flow.exchange(&answer, &[("code_verifier", "")]).await.expect(200);
}

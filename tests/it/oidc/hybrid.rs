//! What comes back beside a code? (OpenID Connect Core §3.3, OAuth 2.0 Multiple Response Types §5)

use serde_json::json;

use crate::harness::front::{EMAIL, Front, fragment, half_hash};
use crate::harness::http::Auth;
use crate::harness::party::{claims, text};

const HYBRIDS: [&str; 3] = ["code id_token", "code token", "code id_token token"];

async fn front() -> Front {
    let members = json!({
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "implicit", "refresh_token"],
        "response_types": HYBRIDS,
    });
    Front::with(members, json!({})).await
}

#[tokio::test]
async fn each_part_is_there_and_bound_to_the_others() {
    spec!("OIDC-Core-3.3.2.11/hashes", "OIDC-Core-3.3.3.6/same-subject", "portal/A18");
    let front = front().await;
    for response in HYBRIDS {
        let answer = front.answer(response, &[("scope", "openid email")]).await;
        let has = |name: &str| answer.contains_key(name);
        let wants = |part: &str| response.split(' ').any(|word| word == part);
        assert_eq!((has("code"), has("access_token"), has("id_token")), (true, wants("token"), wants("id_token")));
        assert_eq!((answer["state"].as_str(), &answer["iss"], has("refresh_token")), ("st", &front.app.issuer, false));
        let tokens = front.exchange(&answer).await;
        let bought = claims(text(&tokens, "id_token"));
        assert_eq!((&bought["nonce"], bought.get("c_hash")), (&json!("n-1"), None));
        if let Some(token) = answer.get("id_token") {
            let said = claims(token);
            assert_eq!(said["c_hash"], half_hash(&answer["code"]));
            assert_eq!(said.get("at_hash").cloned(), answer.get("access_token").map(|token| half_hash(token)));
            assert_eq!(said["s_hash"], half_hash("st"));
            assert_eq!(
                [&said["iss"], &said["sub"], &said["nonce"]],
                [&bought["iss"], &bought["sub"], &bought["nonce"]]
            );
        }
        for token in answer.get("access_token").map(String::as_str).into_iter().chain([text(&tokens, "access_token")]) {
            let userinfo = front.app.http.bearer("GET", "/userinfo", token).await.expect(200);
            assert_eq!((&userinfo["sub"], &userinfo["email"]), (&bought["sub"], &json!(EMAIL)));
        }
    }
}

#[tokio::test]
async fn the_code_of_a_hybrid_is_as_well_guarded_as_any() {
    spec!("portal/A21");
    let front = front().await;
    for response in HYBRIDS {
        for (more, code) in [
            (("code_challenge", ""), "invalid_request"),
            (("code_challenge_method", "plain"), "invalid_request"),
            (("response_mode", "query"), "invalid_request"),
            (("prompt", "none"), "login_required"),
        ] {
            assert_eq!(front.refused(response, &[more]).await["error"], code, "{response} {more:?}");
        }
        let missing = [("nonce", ""), ("prompt", "none")];
        let code = if response == "code token" { "login_required" } else { "invalid_request" };
        assert_eq!(front.refused(response, &missing).await["error"], code, "{response}");
    }
    // Not registered: the answers without a code, and the code alone.
    for response in ["token", "id_token", "id_token token"] {
        assert_eq!(front.refused(response, &[]).await["error"], "unauthorized_client", "{response}");
    }
}

#[tokio::test]
async fn the_code_buys_a_refresh_token_and_ends_without_its_neighbour() {
    let front = front().await;
    let mut browser = front.browser();
    let request = front.request("code token", &[("scope", "openid offline_access")]);
    let answer = fragment(&browser.authorize(&request, EMAIL).await);
    let tokens = front.exchange(&answer).await;
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&tokens, "refresh_token")),
        ("client_id", text(&front.client, "client_id")),
    ];
    let refreshed = front.app.http.form("/token", Auth::None, &fields).await.expect(200);
    assert_eq!(claims(text(&refreshed, "id_token")).get("nonce"), None);
    let revoked = [("token", text(&refreshed, "refresh_token")), ("client_id", text(&front.client, "client_id"))];
    assert_eq!(front.app.http.form("/revoke", Auth::None, &revoked).await.status, 200);
    let bought = front.app.http.bearer("GET", "/userinfo", text(&refreshed, "access_token")).await;
    let beside = front.app.http.bearer("GET", "/userinfo", &answer["access_token"]).await;
    assert_eq!((bought.status, beside.status), (401, 200), "{}", beside.text);
}

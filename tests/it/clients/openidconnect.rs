//! The crate `openidconnect`: discovery, registration, code flow, ID token, refresh, userinfo, introspection, revocation.

use std::future::Future;
use std::pin::Pin;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreClientRegistrationRequest, CoreGrantType,
    CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType, CoreRevocableToken, CoreUserInfoClaims,
};
use openidconnect::registration::EmptyAdditionalClientMetadata;
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientName, CsrfToken, HttpRequest, HttpResponse, IntrospectionUrl, IssuerUrl,
    Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, ResponseTypes, RevocationUrl, Scope,
    TokenIntrospectionResponse as _, TokenResponse as _,
};
use url::Url;

use crate::harness::{Browser, TestApp};

type Answering = Pin<Box<dyn Future<Output = Result<HttpResponse, reqwest::Error>> + Send>>;

/// The crate's requests, sent with the client of these tests.
fn http() -> impl Fn(HttpRequest) -> Answering {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    move |request: HttpRequest| -> Answering {
        let client = client.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let request = client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
            let answer = request.send().await?;
            let mut response = http::Response::builder().status(answer.status());
            *response.headers_mut().unwrap() = answer.headers().clone();
            Ok(response.body(answer.bytes().await?.to_vec()).unwrap())
        })
    }
}

async fn whole_life(app: &TestApp, algorithm: CoreJwsSigningAlgorithm, method: CoreClientAuthMethod) {
    let http = http();
    let person = app.person("ada@example.org").await;
    let issuer = IssuerUrl::new(app.issuer.clone()).unwrap();
    let provider = CoreProviderMetadata::discover_async(issuer, &http).await.unwrap();
    let redirect = RedirectUrl::new("https://client.example/cb".to_owned()).unwrap();
    let name = ClientName::new("A test of the crate".to_owned());
    let registered = CoreClientRegistrationRequest::new(vec![redirect.clone()], EmptyAdditionalClientMetadata {})
        .set_client_name(Some([(None, name)].into_iter().collect()))
        .set_response_types(Some(vec![ResponseTypes::new(vec![CoreResponseType::Code])]))
        .set_grant_types(Some(vec![CoreGrantType::AuthorizationCode, CoreGrantType::RefreshToken]))
        .set_token_endpoint_auth_method(Some(method))
        .set_id_token_signed_response_alg(Some(algorithm.clone()))
        .register_async(provider.registration_endpoint().unwrap(), &http)
        .await
        .unwrap();
    assert!(registered.registration_access_token().is_some());
    let client = CoreClient::from_provider_metadata(
        provider.clone(),
        registered.client_id().clone(),
        registered.client_secret().cloned(),
    )
    .set_redirect_uri(redirect)
    .set_introspection_url(IntrospectionUrl::new(app.url("/introspect")).unwrap())
    .set_revocation_url(RevocationUrl::new(app.url("/revoke").replace("http://", "https://")).unwrap());

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["email", "profile", "offline_access"].map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    let location = Browser::new(&app.http).authorize(url.as_str(), &person.email).await;
    let answer = Url::parse(&location).unwrap();
    let parameter = |name: &str| answer.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!(parameter("state").as_ref(), Some(state.secret()));
    assert_eq!(parameter("iss"), Some(app.issuer.clone()));

    let code = AuthorizationCode::new(parameter("code").unwrap_or_else(|| panic!("no code in {location}")));
    let tokens = client.exchange_code(code).unwrap().set_pkce_verifier(verifier).request_async(&http).await.unwrap();
    let id_token = tokens.id_token().unwrap();
    let id_verifier = client.id_token_verifier();
    let claims = id_token.claims(&id_verifier, &nonce).unwrap();
    assert_eq!(claims.subject().as_str(), person.id.to_string());
    assert_eq!(id_token.signing_alg().unwrap(), &algorithm);
    let signing_key = id_token.signing_key(&id_verifier).unwrap();
    let expected = AccessTokenHash::from_token(tokens.access_token(), id_token.signing_alg().unwrap(), signing_key);
    assert_eq!(claims.access_token_hash(), Some(&expected.unwrap()));

    let userinfo: CoreUserInfoClaims =
        client.user_info(tokens.access_token().clone(), None).unwrap().request_async(&http).await.unwrap();
    assert_eq!(userinfo.email().map(|email| email.as_str()), Some("ada@example.org"));

    let refreshed =
        client.exchange_refresh_token(tokens.refresh_token().unwrap()).unwrap().request_async(&http).await.unwrap();
    assert_ne!(refreshed.access_token().secret(), tokens.access_token().secret());
    let known = client.introspect(refreshed.access_token()).request_async(&http).await.unwrap();
    assert!(known.active());
    assert_eq!(known.client_id(), Some(registered.client_id()));

    // The crate revokes over https only: the request goes where it should in plain text, on this machine.
    let plain = |request: HttpRequest| {
        let (mut parts, body) = request.into_parts();
        parts.uri = parts.uri.to_string().replace("https://", "http://").parse().unwrap();
        http(HttpRequest::from_parts(parts, body))
    };
    let revocable: CoreRevocableToken = refreshed.refresh_token().unwrap().clone().into();
    client.revoke_token(revocable).unwrap().request_async(&plain).await.unwrap();
    let known = client.introspect(refreshed.access_token()).request_async(&http).await.unwrap();
    assert!(!known.active());
}

#[tokio::test]
async fn a_client_lives_its_whole_life_with_rs256_and_basic() {
    spec!("OIDC-Core-15.1/rs256", "OIDC-Core-15.2/discovery", "OIDC-Core-15.2/registration");
    let app = TestApp::open().await;
    whole_life(&app, CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreClientAuthMethod::ClientSecretBasic).await;
}

#[tokio::test]
async fn a_client_lives_its_whole_life_with_es256_and_post() {
    let app = TestApp::open().await;
    whole_life(&app, CoreJwsSigningAlgorithm::EcdsaP256Sha256, CoreClientAuthMethod::ClientSecretPost).await;
}

#[tokio::test]
async fn a_client_lives_its_whole_life_with_eddsa() {
    let app = TestApp::open().await;
    whole_life(&app, CoreJwsSigningAlgorithm::EdDsa, CoreClientAuthMethod::ClientSecretBasic).await;
}

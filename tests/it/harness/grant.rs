//! Authorization codes without the pages: sealed as the authorization endpoint seals them.

use entity::word::Words;
use registrar::oidc::authorization::claims::ClaimsRequest;
use registrar::oidc::authorization::code::AuthorizationCode;
use registrar::oidc::client::record;
use registrar::oidc::token::claims::Authentication;
use serde_json::Value;

use super::TestApp;
use super::http::{Answer, Auth, pkce};

/// A code with what is needed to spend it.
#[derive(Clone, Debug)]
pub struct Grant {
    pub client_id: String,
    pub client_secret: Option<String>,
    pub code: String,
    pub verifier: String,
    pub redirect_uri: String,
}

impl TestApp {
    /// A code for a registered client (the answer of its registration) and a person.
    pub async fn grant(&self, client: &Value, person: &entity::user::Model, scope: &str) -> Grant {
        self.grant_for(client, person, scope, &[]).await
    }

    /// A code that was asked for with these resources.
    pub async fn grant_for(
        &self,
        client: &Value,
        person: &entity::user::Model,
        scope: &str,
        resources: &[&str],
    ) -> Grant {
        self.grant_with(client, person, scope, |code| {
            code.resources = resources.iter().map(|resource| (*resource).to_owned()).collect();
        })
        .await
    }

    /// A code that differs from the usual one.
    pub async fn grant_with(
        &self,
        client: &Value,
        person: &entity::user::Model,
        scope: &str,
        change: impl FnOnce(&mut AuthorizationCode),
    ) -> Grant {
        let client_id = client["client_id"].as_str().unwrap().to_owned();
        let record = record::find(&self.app, &self.tenant(), &client_id).await.unwrap().unwrap();
        let (verifier, challenge) = pkce();
        let redirect_uri = client["redirect_uris"][0].as_str().unwrap().to_owned();
        let now = self.app.clock.now();
        let mut code = AuthorizationCode {
            family_id: AuthorizationCode::new_identity(),
            client_key: record.row.id,
            user_id: person.id,
            session_id: None,
            redirect_uri: redirect_uri.clone(),
            redirect_uri_named: true,
            challenge: Some(challenge),
            scopes: Words::from(scope),
            resources: Vec::new(),
            audience: None,
            claims: ClaimsRequest::default(),
            authentication: Authentication {
                auth_time: now,
                acr: None,
                amr: vec!["pwd".to_owned()],
                nonce: Some("n-0S6_WzA2Mj".to_owned()),
            },
            expires_at: now + self.app.config.tokens.code_seconds,
        };
        change(&mut code);
        let code = code.seal(&self.app, &self.tenant()).expose().to_owned();
        let client_secret = client["client_secret"].as_str().map(str::to_owned);
        Grant { client_id, client_secret, code, verifier, redirect_uri }
    }

    /// Spends a code.
    pub async fn exchange(&self, grant: &Grant) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &grant.code),
            ("redirect_uri", &grant.redirect_uri),
            ("code_verifier", &grant.verifier),
        ];
        self.token(&grant.client_id, grant.client_secret.as_deref(), &fields).await
    }

    /// Uses a refresh token.
    pub async fn refresh(&self, grant: &Grant, refresh_token: &str) -> Answer {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        self.token(&grant.client_id, grant.client_secret.as_deref(), &fields).await
    }

    /// Sends a token request; a client without a secret names itself in the form.
    pub async fn token(&self, client_id: &str, client_secret: Option<&str>, fields: &[(&str, &str)]) -> Answer {
        match client_secret {
            Some(secret) => self.http.form("/token", Auth::Basic(client_id, secret), fields).await,
            None => {
                let fields = [fields, &[("client_id", client_id)]].concat();
                self.http.form("/token", Auth::None, &fields).await
            }
        }
    }

    /// Introspects a token as a confidential client.
    pub async fn introspect(&self, client: &Value, token: &str) -> Value {
        let (id, secret) = (client["client_id"].as_str().unwrap(), client["client_secret"].as_str().unwrap());
        self.http.form("/introspect", Auth::Basic(id, secret), &[("token", token)]).await.expect(200)
    }
}

//! `POST /token` (RFC 6749 §3.2).

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::Part;
use super::credentials::ClientHeader;
use super::error::Refused;
use super::form::{FromParameters, Parameters};
use super::form_or_json::FormOrJson;
use super::payload::Spelled;
use crate::app::App;
use crate::edge::Visit;
use crate::oidc::Error;
use crate::oidc::client::authenticate::authenticate;
use crate::oidc::tenant::Tenant;
use crate::oidc::token::{self, Issued, TokenRequest};

/// The endpoint that issues tokens.
#[derive(Debug)]
pub struct TokenApi;

#[OpenApi(tag = "Part::Tokens")]
impl TokenApi {
    /// Issue tokens.
    ///
    /// Exchanges an authorization code, a refresh token, the client's own credentials or, where the tenant allows it, a
    /// person's password for tokens (RFC 6749 §4.1.3, §6, §4.4, §4.3). Public clients send `client_id`; others
    /// authenticate with Basic or in the body. The body is a form, or the same parameters as one JSON object.
    #[oai(path = "/token", method = "post", operation_id = "issue_token")]
    async fn token(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        header: ClientHeader,
        form: FormOrJson<TokenForm>,
    ) -> Result<Spelled<TokenAnswer>, Refused> {
        let mut form = form.0;
        let presented = header.with(form.client_id, form.client_secret);
        let refuse = ClientHeader::refuse(&presented);
        let client = authenticate(&app, &tenant, &presented).await.map_err(&refuse)?;
        visit.note_client_id(client.client.client_id());
        form.request.from = presented.from;
        let issued = token::answer(&app, &tenant, &client, &form.request).await.map_err(&refuse)?;
        Ok(Spelled::new(&Answer::from(&issued)))
    }
}

/// The parameters of a token request.
#[derive(Debug, Object)]
#[oai(rename = "TokenRequest")]
pub struct TokenFormDocument {
    /// `authorization_code`, `refresh_token`, `client_credentials` or `password`.
    grant_type: String,
    /// The authorization code.
    code: Option<String>,
    /// The redirect URI of the authorization request.
    redirect_uri: Option<String>,
    /// What the `code_challenge` was made of (RFC 7636 §4.5).
    code_verifier: Option<String>,
    /// The refresh token.
    refresh_token: Option<String>,
    /// With the grant type `password`, the e-mail address the person signs in with.
    username: Option<String>,
    /// The person's password. The grant is off by default, and only for the operator's own applications.
    password: Option<String>,
    /// In the place of a password: the provision key of a service, whose holder vouches for the person.
    provision_key: Option<String>,
    /// Whom the holder of the provision key vouches for: whatever it calls them.
    authenticated_userid: Option<String>,
    /// Scopes separated by spaces; at most those granted before.
    scope: Option<String>,
    /// The API the token is for (RFC 8707); may be repeated, and may be called `audience`.
    resource: Option<Vec<String>>,
    /// The client's identifier, if it is not in the Authorization header.
    client_id: Option<String>,
    /// The client's secret, if it is not in the Authorization header.
    client_secret: Option<String>,
}

/// A token request as it was sent.
#[derive(Debug, Default)]
pub struct TokenForm {
    client_id: Option<String>,
    client_secret: Option<crate::secret::Secret>,
    request: TokenRequest,
}

super::form::documented_by!(TokenForm, TokenFormDocument);

impl FromParameters for TokenForm {
    fn from_parameters(mut parameters: Parameters) -> Result<Self, Error> {
        Ok(Self {
            client_id: parameters.take("client_id"),
            client_secret: parameters.take_secret("client_secret"),
            request: TokenRequest {
                grant_type: parameters.take("grant_type"),
                code: parameters.take_secret("code"),
                redirect_uri: parameters.take("redirect_uri"),
                code_verifier: parameters.take_secret("code_verifier"),
                refresh_token: parameters.take_secret("refresh_token"),
                username: parameters.take("username"),
                password: parameters.take_secret("password"),
                provision_key: parameters.take_secret("provision_key"),
                authenticated_userid: parameters.take("authenticated_userid"),
                scope: parameters.take("scope"),
                resources: parameters.take_resources(),
                ..TokenRequest::default()
            },
        })
    }
}

/// The tokens (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Debug, Object)]
#[oai(rename = "TokenResponse")]
pub struct TokenAnswer {
    /// The access token.
    access_token: String,
    /// `Bearer`.
    token_type: String,
    /// Seconds the access token lives; absent if it does not end.
    expires_in: Option<i64>,
    /// A refresh token, if the client may refresh.
    refresh_token: Option<String>,
    /// Who signed in, if `openid` was granted.
    id_token: Option<String>,
    /// What was granted.
    scope: Option<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    access_token: &'a str,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<&'a str>,
    #[serde(skip_serializing_if = "entity::word::Words::is_empty")]
    scope: &'a entity::word::Words,
}

impl<'a> From<&'a Issued> for Answer<'a> {
    fn from(issued: &'a Issued) -> Self {
        Self {
            access_token: issued.access_token.expose(),
            token_type: "Bearer",
            expires_in: issued.expires_in,
            refresh_token: issued.refresh_token.as_ref().map(|token| token.expose()),
            id_token: issued.id_token.as_ref().map(|token| token.expose()),
            scope: &issued.scope,
        }
    }
}

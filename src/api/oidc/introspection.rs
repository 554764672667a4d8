//! `POST /introspect` (RFC 7662 §2.1), and `GET` for gateways that know no better (portal.md I4).

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{Object, OpenApi};

use super::Part;
use super::credentials::ClientHeader;
use super::error::Refused;
use super::form::{Parameters, is_form};
use super::payload::Spelled;
use crate::app::App;
use crate::edge::Visit;
use crate::oidc::client::authenticate::{Presented, authenticate};
use crate::oidc::introspection;
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret::Secret;

/// The endpoint that says whether a token is good.
#[derive(Debug)]
pub struct IntrospectionApi;

#[OpenApi(tag = "Part::Tokens")]
impl IntrospectionApi {
    /// Check a token.
    ///
    /// Says whether a token is good at this moment and what it is good for (RFC 7662). The caller authenticates as a
    /// client; it learns about its own tokens, and about those of the services it may introspect for. About every other
    /// token it learns that it is not active. Parameters go in the form; those of gateways that use the address are read
    /// there too.
    #[oai(path = "/introspect", method = "post", operation_id = "introspect_token")]
    async fn post(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        header: ClientHeader,
        request: &poem::Request,
        body: poem::Body,
    ) -> Result<Spelled<IntrospectionAnswer>, Refused> {
        let body = body.into_bytes().await.map_err(|_| unreadable())?;
        if !body.is_empty() && !is_form(request) {
            let why = "the body must be a form: Content-Type: application/x-www-form-urlencoded";
            return Err(Error::new(Code::UnsupportedMediaType, why).into());
        }
        let mut form = Parameters::read(&body)?;
        let mut query = Parameters::read(request.uri().query().unwrap_or_default().as_bytes())?;
        let token = form.take_secret("token").or_else(|| query.take_secret("token"));
        // Only the token may come by the address: credentials never do (RFC 6749 §2.3.1).
        let presented = header.with(form.take("client_id"), form.take_secret("client_secret"));
        answer(&app, &tenant, &visit, &presented, token).await
    }

    /// Check a token, for gateways that use GET.
    ///
    /// As the other method, with the token in the address and the client in the Authorization header. Can be switched
    /// off; addresses are never logged.
    #[oai(path = "/introspect", method = "get", operation_id = "introspect_token_by_get")]
    async fn get(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        header: ClientHeader,
        request: &poem::Request,
    ) -> Result<Spelled<IntrospectionAnswer>, Refused> {
        if !tenant.settings.introspection.allow_get.unwrap_or(app.config.introspection.allow_get) {
            return Err(Refused::method("introspection by GET is switched off: use POST", "POST, OPTIONS"));
        }
        let mut query = Parameters::read(request.uri().query().unwrap_or_default().as_bytes())?;
        let token = query.take_secret("token");
        answer(&app, &tenant, &visit, &header.with(None, None), token).await
    }
}

async fn answer(
    app: &App,
    tenant: &Tenant,
    visit: &Visit,
    presented: &Presented,
    token: Option<Secret>,
) -> Result<Spelled<IntrospectionAnswer>, Refused> {
    let refuse = ClientHeader::refuse(presented);
    let caller = authenticate(app, tenant, presented).await.map_err(&refuse)?;
    visit.note_client_id(caller.client.client_id());
    let token = token.ok_or_else(|| Error::new(Code::InvalidRequest, "token is missing"))?;
    let said = introspection::introspect(app, tenant, &caller, &token).await.map_err(&refuse)?;
    Ok(Spelled::new(&said))
}

fn unreadable() -> Refused {
    Error::new(Code::InvalidRequest, "the body cannot be read").into()
}

/// What is known about a token (RFC 7662 §2.2).
#[derive(Debug, Object)]
#[oai(rename = "Introspection")]
pub struct IntrospectionAnswer {
    /// Whether the token is good at this moment. If it is not, nothing else is said.
    active: bool,
    /// The client it was issued to.
    client_id: Option<String>,
    /// `Bearer`; absent for a refresh token.
    token_type: Option<String>,
    /// What was granted.
    scope: Option<String>,
    /// The person as the client sees them, or the client itself.
    sub: Option<String>,
    /// The e-mail address the person signs in with.
    username: Option<String>,
    /// Whom it is for: a string, or an array of several.
    aud: Option<serde_json::Value>,
    /// Who issued it.
    iss: Option<String>,
    /// When it was issued, seconds since 1970.
    iat: Option<i64>,
    /// When it ends, seconds since 1970; absent if it does not end.
    exp: Option<i64>,
    /// Its identifier.
    jti: Option<String>,
    /// When the person signed in, seconds since 1970.
    auth_time: Option<i64>,
    /// How well the person signed in.
    acr: Option<String>,
}

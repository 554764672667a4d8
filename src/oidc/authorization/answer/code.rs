//! What does `response_type=code` answer with? (RFC 6749 §4.1.2)

use super::Fields;
use crate::app::App;
use crate::oidc::authorization::AuthorizationRequest;
use crate::oidc::authorization::advance::Current;
use crate::oidc::authorization::code::AuthorizationCode;
use crate::oidc::session::Session;
use crate::oidc::tenant::Tenant;
use crate::oidc::token::claims::Authentication;

pub(super) fn fields(
    app: &App,
    tenant: &Tenant,
    request: &AuthorizationRequest,
    current: &Current,
    session: &Session,
) -> Fields {
    let code = AuthorizationCode {
        family_id: AuthorizationCode::new_identity(),
        client_key: current.client.row.id,
        user_id: session.row.user_id,
        session_id: Some(session.row.id),
        redirect_uri: current.back.to.as_str().to_owned(),
        redirect_uri_named: request.redirect_uri_named,
        challenge: request.challenge.clone(),
        scopes: current.target.scopes.clone(),
        resources: request.resources.clone(),
        audience: Some(current.target.audience.clone()),
        authentication: Authentication {
            auth_time: session.row.auth_time,
            acr: Some(session.acr().to_owned()),
            amr: session.row.amr.iter().map(str::to_owned).collect(),
            nonce: request.nonce.clone(),
        },
        expires_at: app.clock.now() + app.config.tokens.code_seconds,
    };
    vec![("code", code.seal(app, tenant).expose().to_owned())]
}

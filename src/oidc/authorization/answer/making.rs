//! What may an answer of the authorization endpoint be made of? A code, an access token, an ID token.

use serde_json::{Map, Value};

use super::Fields;
use crate::app::App;
use crate::db::Rows;
use crate::oidc::Error;
use crate::oidc::authorization::AuthorizationRequest;
use crate::oidc::authorization::advance::Current;
use crate::oidc::authorization::code::AuthorizationCode;
use crate::oidc::client::{GrantType, ResponseType};
use crate::oidc::scope;
use crate::oidc::service::Life;
use crate::oidc::session::Session;
use crate::oidc::tenant::Tenant;
use crate::oidc::token::claims::Authentication;
use crate::oidc::token::family::{Beginning, Detail, Refresh};
use crate::oidc::token::issue::{self, Beside, Person};
use crate::oidc::token::may_issue::Flow;
use crate::oidc::user::claims;
use crate::secret::Secret;
use crate::telemetry::Outcome;

/// A request that nothing stands against, and who agreed to it.
pub(super) struct Making<'a> {
    pub app: &'a App,
    pub tenant: &'a Tenant,
    pub request: &'a AuthorizationRequest,
    pub current: &'a Current,
    pub session: &'a Session,
}

/// An access token that is good, and the parameters that carry it (RFC 6749 §4.2.2).
pub(super) struct Access {
    pub token: Secret,
    pub fields: Fields,
}

impl Making<'_> {
    fn authentication(&self) -> Authentication {
        let session = self.session;
        Authentication {
            auth_time: session.row.auth_time,
            acr: Some(session.acr().to_owned()),
            amr: session.row.amr.iter().map(str::to_owned).collect(),
            nonce: self.request.nonce.clone(),
        }
    }

    /// A code for the token endpoint (RFC 6749 §4.1.2).
    pub fn code(&self) -> Secret {
        let (request, current, session) = (self.request, self.current, self.session);
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
            claims: current.claims.clone(),
            authentication: self.authentication(),
            expires_at: self.app.clock.now() + self.app.config.tokens.code_seconds,
        };
        code.seal(self.app, self.tenant)
    }

    /// An access token in a family of its own, which no refresh token prolongs (RFC 6749 §4.2.2, K19).
    ///
    /// # Errors
    /// When a key is missing or the database cannot be asked: then there is no token.
    pub async fn access_token(&self) -> Result<Access, Error> {
        let (app, current, session) = (self.app, self.current, self.session);
        let authentication = Authentication { nonce: None, ..self.authentication() };
        let target = &current.target;
        let detail = Detail {
            flow: Some(Flow::Implicit),
            authentication: authentication.clone(),
            audience: Some(target.audience.clone()),
            claims: current.claims.clone(),
            ..Detail::default()
        };
        let beginning = Beginning {
            id: AuthorizationCode::new_identity(),
            user_id: session.row.user_id,
            session_id: Some(session.row.id),
            scopes: target.scopes.clone(),
            resources: self.request.resources.clone(),
            detail,
            refresh: Refresh::No,
            life: Life::default(),
        };
        let person = Person {
            user_id: beginning.user_id,
            family_id: beginning.id,
            generation: 0,
            session_id: beginning.session_id,
            authentication: &authentication,
            claims: &Map::new(),
        };
        let made = issue::access_token(app, self.tenant, &current.client, target, Some(person))?;
        let family = beginning.row(app, &current.client)?;
        let rows = Rows { token_families: vec![family], tokens: made.row.into_iter().collect(), ..Rows::default() };
        app.db.insert(rows).await?;
        app.metrics.token(GrantType::Implicit.as_str(), Outcome::Accepted);
        let mut fields = vec![("access_token", made.value.expose().to_owned()), ("token_type", "Bearer".to_owned())];
        fields.extend(made.expires_in.map(|seconds| ("expires_in", seconds.to_string())));
        if self.request.scopes_differ || target.scopes != self.request.scopes {
            fields.push(("scope", target.scopes.to_string()));
        }
        Ok(Access { token: made.value, fields })
    }

    /// An ID token that is bound to what travels `beside` it, and to the request's `state`.
    ///
    /// # Errors
    /// When a key or the client's secret is missing.
    pub fn id_token(&self, beside: Beside<'_>) -> Result<(&'static str, String), Error> {
        let person = Person {
            user_id: self.session.row.user_id,
            family_id: AuthorizationCode::new_identity(),
            generation: 0,
            session_id: Some(self.session.row.id),
            authentication: &self.authentication(),
            claims: &self.about_the_person(),
        };
        let beside = Beside { state: self.request.state.as_deref(), ..beside };
        let token = issue::id_token(self.app, self.tenant, &self.current.client, person, beside)?;
        Ok(("id_token", token.expose().to_owned()))
    }

    /// What an ID token says that passes through the browser: all there is to say if the client has nothing else to ask
    /// with (OpenID Connect Core §5.4), nothing if the token endpoint will say it (§3.3.3.6).
    fn about_the_person(&self) -> Map<String, Value> {
        let (user, request) = (&self.session.user, &self.current.claims);
        match self.request.response_type {
            ResponseType::IdToken => {
                let mut about = claims::values(user, scope::claims(&self.current.target.scopes));
                about.append(&mut claims::values(user, request.id_token.iter()));
                about
            }
            ResponseType::IdTokenToken => claims::values(user, request.id_token.iter()),
            _ => Map::new(),
        }
    }
}

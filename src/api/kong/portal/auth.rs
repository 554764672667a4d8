//! `/auth`: signing in and out (portal.md K73; security.md s.L5 to s.L13).

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use http::StatusCode;
use http::header::{SET_COOKIE, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use poem::web::Data;
use poem::{IntoResponse, Request, Response};
use poem_openapi::param::Query;
use poem_openapi::registry::{MetaResponses, Registry};
use poem_openapi::{ApiResponse, OpenApi};

use super::session;
use crate::api::kong::Refusal;
use crate::api::kong::admin::Part;
use crate::api::kong::answer::described;
use crate::app::App;
use crate::edge::authorization_header::{self, Authorization, Pair};
use crate::edge::requests::ClientAddress;
use crate::oidc::session::sign_in::{Attempt, NotSignedIn, sign_in};
use crate::oidc::session::{Arrival, session as sessions};
use crate::oidc::tenant::Tenant;
use crate::portal::application::welcome;

/// Signing in and out.
#[derive(Debug)]
pub struct AuthApi;

#[OpenApi(prefix_path = "/kong/portal", tag = "Part::Portal")]
impl AuthApi {
    /// Sign in with the e-mail address and the password in `Authorization: Basic`; the answer sets a cookie.
    #[oai(path = "/auth", method = "get", operation_id = "sign_in_to_portal")]
    async fn sign_in(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        request: &Request,
    ) -> Result<Remembered, Refusal> {
        let pair = basic(request.headers())?;
        let attempt = Attempt {
            email: &pair.id,
            password: &pair.secret,
            arrival: arrival(request),
            known_browser: None,
            previous: None,
        };
        match sign_in(&app, &tenant, attempt).await {
            Ok(signed_in) => {
                welcome(&app, &tenant, &signed_in.session.user).await;
                Ok(Remembered(session::cookie(&tenant, Some(&signed_in.cookie))))
            }
            Err(NotSignedIn::Refused) => Err(Refusal::wrong_password()),
            Err(NotSignedIn::Throttled { wait_seconds }) => Err(Refusal::too_many_attempts(wait_seconds)),
            Err(NotSignedIn::Failed(error)) => Err(error.into()),
        }
    }

    /// Sign out: the session ends, and the cookie is forgotten.
    #[oai(path = "/auth", method = "delete", operation_id = "sign_out_of_portal")]
    async fn sign_out(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        request: &Request,
        /// Kong's own callers send `true`.
        #[allow(unused_variables)]
        session_logout: Query<Option<bool>>,
    ) -> Result<Remembered, Refusal> {
        if let Some(session) = session::find(&app, &tenant, request).await? {
            sessions::end(&app, &session, &arrival(request)).await?;
        }
        Ok(Remembered(session::cookie(&tenant, None)))
    }
}

/// The e-mail address and the password, as they were sent: nothing is form-encoded here (RFC 7617 §2).
fn basic(headers: &HeaderMap) -> Result<Pair, Refusal> {
    match authorization_header::read(headers) {
        Ok(Some(Authorization::Basic(basic))) => basic.readings().last().cloned().ok_or_else(Refusal::wrong_password),
        _ => Err(Refusal::wrong_password()),
    }
}

fn arrival(request: &Request) -> Arrival<'_> {
    let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    Arrival {
        address: request.extensions().get::<ClientAddress>().map_or(unknown, |address| address.0),
        agent: request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()),
    }
}

/// 204, with what is to be remembered or forgotten.
#[derive(Debug)]
pub struct Remembered(Option<HeaderValue>);

impl IntoResponse for Remembered {
    fn into_response(self) -> Response {
        let mut response = StatusCode::NO_CONTENT.into_response();
        if let Some(cookie) = self.0 {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
        response
    }
}

impl ApiResponse for Remembered {
    fn meta() -> MetaResponses {
        MetaResponses { responses: vec![described(204, "Done: see `Set-Cookie`.", Vec::new())] }
    }

    fn register(_: &mut Registry) {}
}

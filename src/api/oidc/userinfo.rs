//! `GET` and `POST /userinfo` (OpenID Connect Core §5.3).

use std::sync::Arc;

use poem::web::Data;
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaResponses, Registry};
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Part;
use super::credentials::BearerToken;
use super::error::{Challenge, Refused, no_store};
use super::form::{Parameters, is_form};
use super::payload::Spelled;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::oidc::userinfo::{self, UserInfo};
use crate::oidc::{Code, Error};
use crate::secret::Secret;

/// The endpoint that says who signed in.
#[derive(Debug)]
pub struct UserInfoApi;

#[OpenApi(tag = "Part::Tokens")]
impl UserInfoApi {
    /// Who signed in.
    ///
    /// The claims about the person that the scopes of the access token let the client know (OpenID Connect Core §5.3.2).
    #[oai(path = "/userinfo", method = "get", operation_id = "get_userinfo")]
    async fn get(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        bearer: BearerToken,
    ) -> Result<Claims, Refused> {
        answer(&app, &tenant, &bearer.required()?).await
    }

    /// Who signed in, with the token in the header or in a form.
    ///
    /// As the other method. The token may be the form parameter `access_token` instead (RFC 6750 §2.2).
    #[oai(path = "/userinfo", method = "post", operation_id = "post_userinfo")]
    async fn post(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        bearer: BearerToken,
        request: &poem::Request,
        body: poem::Body,
    ) -> Result<Claims, Refused> {
        let body = body.into_bytes().await.map_err(|_| Error::new(Code::InvalidRequest, "the body cannot be read"))?;
        let in_form = if is_form(request) { Parameters::read(&body)?.take_secret("access_token") } else { None };
        let token = match (bearer.0, in_form) {
            (Some(_), Some(_)) => {
                // RFC 6750 §2: not more than one way.
                return Err(Error::new(Code::InvalidRequest, "the access token is there twice").into());
            }
            (token, None) => BearerToken(token).required()?,
            (None, Some(token)) => token,
        };
        answer(&app, &tenant, &token).await
    }
}

async fn answer(app: &App, tenant: &Tenant, token: &Secret) -> Result<Claims, Refused> {
    match userinfo::userinfo(app, tenant, token).await {
        Ok(info) => Ok(Claims(info)),
        Err(error) => Err(Refused::with(error, Challenge::Bearer)),
    }
}

/// The claims, plain or signed.
#[derive(Debug)]
pub struct Claims(UserInfo);

impl IntoResponse for Claims {
    fn into_response(self) -> Response {
        match self.0 {
            UserInfo::Claims(claims) => Spelled::<ClaimsDocument>::new(&claims).into_response(),
            UserInfo::Signed(token) => {
                let mut response = Response::builder().content_type("application/jwt").body(token);
                no_store(response.headers_mut());
                response
            }
        }
    }
}

impl ApiResponse for Claims {
    fn meta() -> MetaResponses {
        Spelled::<ClaimsDocument>::meta()
    }

    fn register(registry: &mut Registry) {
        Spelled::<ClaimsDocument>::register(registry);
    }
}

/// Claims about a person (OpenID Connect Core §5.1), as far as the scopes go. A client that registered
/// `userinfo_signed_response_alg` gets them in a JWT.
#[derive(Debug, Object)]
#[oai(rename = "UserInfo")]
pub struct ClaimsDocument {
    /// The person as the client sees them.
    sub: String,
    /// Full name (scope `profile`).
    name: Option<String>,
    /// E-mail address (scope `email`).
    email: Option<String>,
    /// Whether the address was verified (scope `email`).
    email_verified: Option<bool>,
    /// When the person's data last changed, seconds since 1970 (scope `profile`).
    updated_at: Option<i64>,
    /// Further standard claims, as the scopes give them.
    #[oai(flatten)]
    further: std::collections::HashMap<String, serde_json::Value>,
}

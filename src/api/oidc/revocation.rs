//! `POST /revoke` (RFC 7009 §2.1).

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Part;
use super::credentials::ClientHeader;
use super::error::Refused;
use super::form::{FromParameters, OAuthForm, Parameters};
use crate::app::App;
use crate::edge::Visit;
use crate::oidc::client::authenticate::authenticate;
use crate::oidc::revocation;
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret::Secret;

/// The endpoint that takes tokens back.
#[derive(Debug)]
pub struct RevocationApi;

#[OpenApi(tag = "Part::Tokens")]
impl RevocationApi {
    /// Revoke a token.
    ///
    /// Ends a token of the calling client: an access token alone, a refresh token with everything issued from the same
    /// grant (RFC 7009). A token nobody knows is as good as revoked.
    #[oai(path = "/revoke", method = "post", operation_id = "revoke_token")]
    async fn revoke(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        header: ClientHeader,
        form: OAuthForm<RevocationForm>,
    ) -> Result<Revoked, Refused> {
        let form = form.0;
        let presented = header.with(form.client_id, form.client_secret);
        let refuse = ClientHeader::refuse(&presented);
        let client = authenticate(&app, &tenant, &presented).await.map_err(&refuse)?;
        visit.note_client_id(client.client.client_id());
        revocation::revoke(&app, &tenant, &client, &form.token).await.map_err(&refuse)?;
        Ok(Revoked::Done)
    }
}

/// The token is not good any more.
#[derive(Debug, ApiResponse)]
pub enum Revoked {
    /// The token is not good any more. The answer has no body and no media type: some clients stumble over either.
    #[oai(status = 200)]
    Done,
}

/// The parameters of a revocation.
#[derive(Debug, Object)]
#[oai(rename = "RevocationRequest")]
pub struct RevocationFormDocument {
    /// The token.
    token: String,
    /// `access_token` or `refresh_token`; not needed, and never wrong.
    token_type_hint: Option<String>,
    /// The client's identifier, if it is not in the Authorization header.
    client_id: Option<String>,
    /// The client's secret, if it is not in the Authorization header.
    client_secret: Option<String>,
}

/// A revocation as it was sent.
#[derive(Debug)]
pub struct RevocationForm {
    token: Secret,
    client_id: Option<String>,
    client_secret: Option<Secret>,
}

super::form::documented_by!(RevocationForm, RevocationFormDocument);

impl FromParameters for RevocationForm {
    fn from_parameters(mut parameters: Parameters) -> Result<Self, Error> {
        let missing = || Error::new(Code::InvalidRequest, "token is missing");
        Ok(Self {
            token: parameters.take_secret("token").ok_or_else(missing)?,
            client_id: parameters.take("client_id"),
            client_secret: parameters.take_secret("client_secret"),
        })
    }
}

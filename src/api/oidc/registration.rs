//! `POST /oidc/register` and what hangs below it (RFC 7591 §3, RFC 7592 §2).

use std::sync::Arc;

use http::HeaderValue;
use http::header::LOCATION;
use poem::web::Data;
use poem::{IntoResponse, Request, RequestBody, Response};
use poem_openapi::param::{Path, Query};
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions, Object, OpenApi};

use super::Part;
use super::client_metadata::{ClientDocument, MetadataBody, MetadataDocument, ReplacementDocument};
use super::credentials::BearerToken;
use super::error::Refused;
use super::payload::Spelled;
use crate::app::App;
use crate::edge::Visit;
use crate::edge::requests::ClientAddress;
use crate::oidc::registration::admission::{Caller, rate};
use crate::oidc::registration::information::ClientInformation;
use crate::oidc::registration::register::{Intent, register};
use crate::oidc::registration::replace::{Extent, update};
use crate::oidc::registration::{delete, manage, renew, template};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};

/// The endpoint where applications register themselves.
#[derive(Debug)]
pub struct RegistrationApi;

#[OpenApi(tag = "Part::Registration")]
impl RegistrationApi {
    /// Register a client.
    ///
    /// Where the tenant is open, nobody needs a token; else an initial access token, or an access token with the scope
    /// `dcr` or `dcr_admin`, goes into the Authorization header (RFC 7591 §3). A wrong token is refused even where none
    /// is needed. The answer repeats what was registered, with every value the server chose or repaired; a refusal lists
    /// every broken rule in `violations`.
    ///
    /// With `dry_run=true` nothing is stored: the answer is 200 with what would be registered, without identifier and
    /// credentials.
    #[oai(path = "/oidc/register", method = "post", operation_id = "register_client")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn register(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        from: Data<&ClientAddress>,
        token: TokenIfNeeded,
        /// Say what would be registered, and store nothing.
        dry_run: Query<Option<bool>>,
        body: MetadataBody<MetadataDocument>,
    ) -> Result<Registered, Refused> {
        let intent = if dry_run.0 == Some(true) { Intent::DryRun } else { Intent::Register };
        let caller = caller(&token.0, &from);
        let registered = register(&app, &tenant, caller, body.read(), intent).await;
        if let Some(rate) = rate(&app, &tenant, caller) {
            visit.note_rate(rate);
        }
        let information = registered?;
        if let Some(client_id) = &information.client_id {
            visit.note_client_id(client_id.as_str());
        }
        Ok(Registered::new(&information, intent))
    }

    /// List what clients may follow.
    ///
    /// For whoever may register with a token: an initial access token, or an access token with the scope `dcr` or
    /// `dcr_admin`. A registration that names one as its `software_id` follows it. With an initial access token that is
    /// bound to one, that one.
    #[oai(path = "/oidc/register_templates", method = "get", operation_id = "list_registration_templates")]
    async fn templates(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        from: Data<&ClientAddress>,
        token: BearerToken,
    ) -> Result<Spelled<Vec<RegistrationTemplate>>, Refused> {
        Ok(Spelled::new(&template::offered(&app, &tenant, caller(&token, &from)).await?))
    }

    /// Read a registration.
    ///
    /// With the registration access token of the client, or an access token with the scope `dcr_admin` (RFC 7592 §2.1).
    /// A token of another client, and a client that does not exist, are one answer.
    #[oai(path = "/oidc/register/:client_id", method = "get", operation_id = "read_client")]
    async fn read(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        from: Data<&ClientAddress>,
        token: BearerToken,
        /// The identifier of the client.
        client_id: Path<String>,
    ) -> Result<Spelled<ClientDocument>, Refused> {
        let information = manage::read(&app, &tenant, caller(&token, &from), &client_id).await?;
        visit.note_client_id(client_id.0);
        Ok(Spelled::new(&information))
    }

    /// Replace a registration.
    ///
    /// What is left out is removed (RFC 7592 §2.2). `client_id` must be sent and equal; `client_secret` may be sent if it
    /// is equal. The result is judged like a new registration. The answer carries a new registration access token; the
    /// one before stays valid until the new one is first used, so that a lost answer locks nobody out. Of several
    /// changes at the same moment one wins, the others are answered 409.
    #[oai(path = "/oidc/register/:client_id", method = "put", operation_id = "replace_client")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn replace(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        from: Data<&ClientAddress>,
        token: BearerToken,
        /// The identifier of the client.
        client_id: Path<String>,
        body: MetadataBody<ReplacementDocument>,
    ) -> Result<Spelled<ClientDocument>, NotChanged> {
        let caller = caller(&token, &from);
        let information = update(&app, &tenant, caller, &client_id, body.read(), Extent::Whole).await?;
        visit.note_client_id(client_id.0);
        Ok(Spelled::new(&information))
    }

    /// Change a registration.
    ///
    /// Only the members that are sent change, and `null` removes one (JSON Merge Patch, RFC 7396). All else is as with
    /// PUT.
    #[oai(path = "/oidc/register/:client_id", method = "patch", operation_id = "change_client")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn change(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        from: Data<&ClientAddress>,
        token: BearerToken,
        /// The identifier of the client.
        client_id: Path<String>,
        body: MetadataBody<MetadataDocument>,
    ) -> Result<Spelled<ClientDocument>, NotChanged> {
        let caller = caller(&token, &from);
        let information = update(&app, &tenant, caller, &client_id, body.read(), Extent::Part).await?;
        visit.note_client_id(client_id.0);
        Ok(Spelled::new(&information))
    }

    /// Delete a client.
    ///
    /// Its secrets, consents, grants and tokens end with it (RFC 7592 §2.3), and its registration access token too.
    #[oai(path = "/oidc/register/:client_id", method = "delete", operation_id = "delete_client")]
    async fn delete(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        from: Data<&ClientAddress>,
        token: BearerToken,
        /// The identifier of the client.
        client_id: Path<String>,
    ) -> Result<Deleted, Refused> {
        delete::delete(&app, &tenant, caller(&token, &from), &client_id).await?;
        visit.note_client_id(client_id.0);
        Ok(Deleted::Done)
    }

    /// Renew the secret of a client.
    ///
    /// The old secret is refused from now on. The answer is the whole registration with the new secret and a new
    /// registration access token. A body is not needed, and not looked at.
    #[oai(path = "/oidc/register/:client_id/renew_secret", method = "post", operation_id = "renew_client_secret")]
    async fn renew_secret(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        visit: Data<&Visit>,
        from: Data<&ClientAddress>,
        token: BearerToken,
        /// The identifier of the client.
        client_id: Path<String>,
    ) -> Result<Spelled<ClientDocument>, NotChanged> {
        let information = renew::renew_secret(&app, &tenant, caller(&token, &from), &client_id).await?;
        visit.note_client_id(client_id.0);
        Ok(Spelled::new(&information))
    }
}

/// What a client may follow.
#[derive(Debug, Object)]
struct RegistrationTemplate {
    /// What a registration names to follow it.
    software_id: String,
    /// What it is called.
    description: String,
}

fn caller<'r>(token: &'r BearerToken, from: &ClientAddress) -> Caller<'r> {
    Caller { token: token.0.as_ref(), from: from.0 }
}

/// The token of a registration, where one is needed.
#[derive(Debug)]
pub struct TokenIfNeeded(BearerToken);

impl<'a> ApiExtractor<'a> for TokenIfNeeded {
    const TYPES: &'static [ApiExtractorType] = BearerToken::TYPES;

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        BearerToken::register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        BearerToken::security_schemes()
    }

    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        BearerToken::from_request(request, body, options).await.map(Self)
    }
}

/// Why a registration was not changed: as every refusal, or because somebody else was faster.
#[derive(Debug)]
pub struct NotChanged(Refused);

impl From<Error> for NotChanged {
    fn from(error: Error) -> Self {
        Self(error.into())
    }
}

impl From<NotChanged> for poem::Error {
    fn from(refused: NotChanged) -> Self {
        refused.0.into()
    }
}

impl ApiResponse for NotChanged {
    fn meta() -> MetaResponses {
        let mut meta = Refused::meta();
        let content = meta.responses.first().map(|first| {
            let one = |media: &MetaMediaType| MetaMediaType {
                content_type: media.content_type,
                schema: media.schema.clone(),
            };
            first.content.iter().map(one).collect()
        });
        meta.responses.push(MetaResponse {
            description: "Another change came first: read the registration and try again.",
            status: Some(Code::Conflict.status()),
            status_range: None,
            content: content.unwrap_or_default(),
            headers: Vec::new(),
        });
        meta
    }

    fn register(registry: &mut Registry) {
        Refused::register(registry);
    }
}

/// The client is gone.
#[derive(Debug, ApiResponse)]
pub enum Deleted {
    /// The client is gone, with everything it could do.
    #[oai(status = 204)]
    Done,
}

/// The answer to a registration.
#[derive(Debug)]
pub enum Registered {
    /// A client was registered; where it is managed, if it may be.
    Created(Spelled<ClientDocument, 201>, Option<HeaderValue>),
    /// What would be registered.
    Rehearsed(Spelled<MetadataDocument>),
}

impl Registered {
    fn new(information: &ClientInformation, intent: Intent) -> Self {
        let managed_at = information.registration_client_uri.as_deref();
        match intent {
            Intent::Register => {
                Self::Created(Spelled::new(information), managed_at.and_then(|uri| HeaderValue::from_str(uri).ok()))
            }
            Intent::DryRun => Self::Rehearsed(Spelled::new(information)),
        }
    }
}

impl IntoResponse for Registered {
    fn into_response(self) -> Response {
        match self {
            Self::Rehearsed(spelled) => spelled.into_response(),
            Self::Created(spelled, managed_at) => {
                let mut response = spelled.into_response();
                if let Some(uri) = managed_at {
                    response.headers_mut().insert(LOCATION, uri);
                }
                response
            }
        }
    }
}

impl ApiResponse for Registered {
    fn meta() -> MetaResponses {
        let answer = |status, description, schema| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType { content_type: "application/json", schema }],
            headers: Vec::new(),
        };
        let mut created = answer(201, "The client is registered.", ClientDocument::schema_ref());
        created.headers.push(MetaHeader {
            name: "Location".to_owned(),
            description: Some("Where the client is managed, if it may manage itself.".to_owned()),
            required: false,
            deprecated: false,
            schema: String::schema_ref(),
        });
        let rehearsed =
            answer(200, "`dry_run`: what would be registered. Nothing is stored.", MetadataDocument::schema_ref());
        MetaResponses { responses: vec![created, rehearsed] }
    }

    fn register(registry: &mut Registry) {
        ClientDocument::register(registry);
        MetadataDocument::register(registry);
    }
}

//! What does a registration look like on the wire? Its documented members, and its body as it was sent.

use std::marker::PhantomData;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::{Example, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, Object};
use serde_json::{Value, json};

use super::error::Refused;
use crate::oidc::registration::body::{Body, Media};
use crate::oidc::{Code, Error};

/// The body of a registration or an update: documented as `D`, handed on as it was sent, because only the rules know how
/// to read it so that no second reader could understand it differently.
#[derive(Debug)]
pub struct MetadataBody<D> {
    media: Media,
    bytes: Bytes,
    document: PhantomData<fn() -> D>,
}

impl<D> MetadataBody<D> {
    /// The body for the rules.
    pub fn read(&self) -> Body<'_> {
        Body { media: self.media, bytes: &self.bytes }
    }
}

impl<'a, D: Type> ApiExtractor<'a> for MetadataBody<D> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        D::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: "application/json", schema: D::schema_ref() }];
        Some(MetaRequest { description: Some("One JSON object of at most 64 KiB."), content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let unreadable = |_| Refused::from(Error::new(Code::InvalidRequest, "the body cannot be read"));
        let bytes = <Bytes as FromRequest>::from_request(request, body).await.map_err(unreadable)?;
        let mut types = request.headers().get_all(CONTENT_TYPE).iter();
        let media = match (types.next(), types.next()) {
            (None, _) => Media::Unsaid,
            (Some(said), None) => said.to_str().map_or(Media::Other, Media::of),
            (Some(_), Some(_)) => Media::Other,
        };
        Ok(Self { media, bytes, document: PhantomData })
    }
}

/// Client metadata (RFC 7591 §2, OpenID Connect Registration §2). `null`, `""` and `[]` are as good as nothing; members
/// that are not listed here are ignored. `client_name`, `client_uri`, `logo_uri`, `policy_uri` and `tos_uri` may have
/// variants per language, such as `client_name#de`.
#[derive(Debug, Default, Object)]
#[oai(rename = "ClientMetadata", skip_serializing_if_is_none, example)]
pub struct MetadataDocument {
    /// Where answers may go. Needed for the grant types `authorization_code` and `implicit`.
    redirect_uris: Option<Vec<String>>,
    /// `web`, `native`, `browser` or `backend_to_backend`.
    application_type: Option<String>,
    /// How the client may ask for tokens: `authorization_code`, `refresh_token`, `client_credentials`; under the profile
    /// `permissive` also `implicit` and `password`. Those that are not supported are dropped if one is left.
    grant_types: Option<Vec<String>>,
    /// What the client may ask the authorization endpoint for: `code`; under the profile `permissive` also `token`,
    /// `id_token` and their combinations.
    response_types: Option<Vec<String>>,
    /// How its answers may travel: `query`, `fragment`, `form_post`; none: any way.
    response_modes: Option<Vec<String>>,
    /// How the client proves who it is: `none`, `client_secret_basic` or `client_secret_post`.
    token_endpoint_auth_method: Option<String>,
    /// What people call it.
    client_name: Option<String>,
    /// Its home page.
    client_uri: Option<String>,
    /// Its picture.
    logo_uri: Option<String>,
    /// What it does with people's data.
    policy_uri: Option<String>,
    /// Its terms of service.
    tos_uri: Option<String>,
    /// E-mail addresses of those who answer for it.
    contacts: Option<Vec<String>>,
    /// Scopes, separated by spaces; an array is taken too. Unknown ones are dropped.
    scope: Option<Value>,
    /// Its public keys (RFC 7517); not together with `jwks_uri`.
    jwks: Option<Value>,
    /// Where its public keys are.
    jwks_uri: Option<String>,
    /// How it sees people: `public` or `pairwise`.
    subject_type: Option<String>,
    /// A document that joins redirect URIs of several hosts into one sector. It is fetched now.
    sector_identifier_uri: Option<String>,
    /// What its ID tokens are signed with.
    id_token_signed_response_alg: Option<String>,
    /// What its userinfo answers are signed with; none: plain JSON.
    userinfo_signed_response_alg: Option<String>,
    /// Seconds after which people must sign in again.
    default_max_age: Option<u32>,
    /// Its ID tokens always say when the person signed in.
    require_auth_time: Option<bool>,
    /// The authentication contexts it wants.
    default_acr_values: Option<Vec<String>>,
    /// Where a sign-in that was started elsewhere is sent.
    initiate_login_uri: Option<String>,
    /// Where people may be sent after signing out.
    post_logout_redirect_uris: Option<Vec<String>>,
    /// The software it is a copy of.
    software_id: Option<String>,
    /// The version of that software.
    software_version: Option<String>,
}

impl Example for MetadataDocument {
    fn example() -> Self {
        Self {
            redirect_uris: Some(vec!["http://127.0.0.1:33418/callback".to_owned()]),
            application_type: Some("native".to_owned()),
            grant_types: Some(vec!["authorization_code".to_owned(), "refresh_token".to_owned()]),
            response_types: Some(vec!["code".to_owned()]),
            token_endpoint_auth_method: Some("none".to_owned()),
            client_name: Some("Example Editor".to_owned()),
            scope: Some(json!("openid offline_access")),
            ..Self::default()
        }
    }
}

/// A whole registration, as it shall be from now on (RFC 7592 §2.2).
#[derive(Debug, Object)]
#[oai(rename = "ClientReplacement", skip_serializing_if_is_none, example)]
pub struct ReplacementDocument {
    /// The identifier of the client: it cannot be changed.
    client_id: String,
    /// If it is sent, the secret the client has.
    client_secret: Option<String>,
    /// What is registered.
    #[oai(flatten)]
    metadata: MetadataDocument,
}

impl Example for ReplacementDocument {
    fn example() -> Self {
        Self {
            client_id: "B6rNn3mQ0yTgVf2kXw8sLd5uHc1jZa7P".to_owned(),
            client_secret: None,
            metadata: MetadataDocument::example(),
        }
    }
}

/// A registered client (RFC 7591 §3.2.1, RFC 7592 §3): what the server issued, and what was registered. Members without a
/// value are left out.
#[derive(Debug, Object)]
#[oai(rename = "ClientInformation", skip_serializing_if_is_none, example)]
pub struct ClientDocument {
    /// The identifier of the client.
    client_id: String,
    /// When it was registered, seconds since 1970.
    client_id_issued_at: i64,
    /// Its secret, if its authentication method uses one.
    client_secret: Option<String>,
    /// When the secret ends, seconds since 1970; 0: never. There if and only if there is a secret.
    client_secret_expires_at: Option<i64>,
    /// What the client manages its registration with. After an update or a renewal it is a new one.
    registration_access_token: Option<String>,
    /// Where the client is managed.
    registration_client_uri: Option<String>,
    /// What is registered.
    #[oai(flatten)]
    metadata: MetadataDocument,
}

impl Example for ClientDocument {
    fn example() -> Self {
        let client_id = "B6rNn3mQ0yTgVf2kXw8sLd5uHc1jZa7P";
        Self {
            client_id: client_id.to_owned(),
            client_id_issued_at: 1_800_000_000,
            client_secret: None,
            client_secret_expires_at: None,
            registration_access_token: Some("rat_v3rYr4nd0mV4lu3v3rYr4nd0mV4lu3v3rYr4nd0mV4l".to_owned()),
            registration_client_uri: Some(format!("https://id.example/oidc/register/{client_id}")),
            metadata: MetadataDocument::example(),
        }
    }
}

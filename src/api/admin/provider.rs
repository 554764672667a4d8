//! `/providers`: where are the portal's applications registered? (portal.md §3.2)

use std::collections::BTreeMap;

use entity::id::ProviderId;
use entity::provider::{Model, Place, TicketFrom};
use poem::Request;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Enum, Object, OpenApi};
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::body::Body;
use super::caller::Caller;
use super::nullable::Nullable;
use super::page::{Asked, Page};
use super::precondition::Seen;
use super::problem::Problem;
use crate::portal::provider::{self as rule, Change, Metadata, New, Store, Stores};
use crate::secret::Secret;

/// The providers of the tenant.
#[derive(Debug)]
pub struct ProviderApi;

/// Where a provider is.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "ProviderPlace", rename_all = "snake_case")]
enum PlaceWord {
    /// This server.
    Here,
    /// Another one.
    Elsewhere,
}

/// Where the initial access token comes from.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "ProviderTicket", rename_all = "snake_case")]
enum TicketWord {
    /// The provider's token endpoint.
    ClientCredentials,
    /// It is entered.
    InitialAccessToken,
}

impl From<TicketWord> for TicketFrom {
    fn from(word: TicketWord) -> Self {
        match word {
            TicketWord::ClientCredentials => Self::ClientCredentials,
            TicketWord::InitialAccessToken => Self::InitialAccessToken,
        }
    }
}

/// A provider. Secrets, tokens and stores are never told.
#[derive(Debug, Object)]
struct Provider {
    /// Identity.
    id: Uuid,
    /// Name shown to people.
    name: String,
    /// What it is.
    description: Nullable<String>,
    /// Where it is.
    place: PlaceWord,
    /// Applications are registered there.
    default: bool,
    /// The address of its metadata.
    discovery_endpoint: String,
    /// Where the initial access token comes from.
    ticket_from: TicketWord,
    /// The client it knows this server as.
    client_id: Nullable<String>,
    /// The scopes asked for with client credentials.
    scopes: Vec<String>,
    /// The template there that clients follow.
    software_id: Nullable<String>,
    /// Whether secrets are renewed there.
    renew_secret: bool,
    /// Where.
    renew_secret_endpoint: Nullable<String>,
    /// By which method.
    renew_secret_method: Nullable<String>,
    /// Which of an application's additional metadata goes into which member of a registration.
    claim_mappings: BTreeMap<String, String>,
    /// Origins other than its own that its metadata may lead to.
    endpoints_elsewhere: Vec<String>,
    /// Whether it has a trust store or a key store of its own.
    stores: bool,
    /// Since when it has not answered as it should, seconds since 1970; `null`: it does.
    failed_at: Nullable<i64>,
    /// What went wrong last.
    failure: Nullable<String>,
    /// It is left alone until then, seconds since 1970.
    paused_until: Nullable<i64>,
    /// Counts the changes; the `ETag` is `"v"` and this number.
    version: i64,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970.
    updated_at: i64,
}

/// A file of certificates, and of a key.
#[derive(Debug, Object)]
#[oai(rename = "ProviderStore")]
struct StoreBody {
    /// `PEM` or `PKCS12`.
    #[oai(rename = "type")]
    kind: String,
    /// A PEM text, or a PKCS #12 file in base64.
    content: String,
    /// What a PKCS #12 file is opened with.
    password: Option<String>,
}

impl From<StoreBody> for Store {
    fn from(body: StoreBody) -> Self {
        Self { kind: body.kind, content: Secret::new(body.content), password: body.password.map(Secret::new) }
    }
}

/// A provider to be set up.
#[derive(Debug, Object)]
struct NewProvider {
    /// Name shown to people: 3 to 100 characters.
    name: String,
    /// What it is.
    description: Option<String>,
    /// The address of its metadata (OpenID Connect Discovery 1.0 §4, RFC 8414 §3).
    discovery_endpoint: String,
    /// Where the initial access token comes from.
    ticket_from: TicketWord,
    /// The client it knows this server as, for client credentials.
    client_id: Option<String>,
    /// That client's secret.
    client_secret: Option<String>,
    /// The scopes to ask for with client credentials.
    scopes: Option<Vec<String>>,
    /// The initial access token, where it is entered.
    initial_access_token: Option<String>,
    /// The template there that clients follow.
    software_id: Option<String>,
    /// Whether secrets are renewed there.
    renew_secret: Option<bool>,
    /// Where, with `{#client_id}`, `{#token_endpoint}` and `{#registration_endpoint}` to be filled in.
    renew_secret_endpoint: Option<String>,
    /// By which method: `POST`, `PUT` or `PATCH`.
    renew_secret_method: Option<String>,
    /// Which of an application's additional metadata goes into which member of a registration.
    claim_mappings: Option<BTreeMap<String, String>>,
    /// Origins other than its own that its metadata may lead to.
    endpoints_elsewhere: Option<Vec<String>>,
    /// Who is believed there, instead of those the system trusts.
    trust_store: Option<StoreBody>,
    /// Who this server is to it.
    key_store: Option<StoreBody>,
}

/// What is to change of a provider; what is left out stays.
#[derive(Debug, Object)]
struct ProviderChange {
    /// Name shown to people.
    name: Option<String>,
    /// What it is.
    description: Nullable<String>,
    /// The address of its metadata.
    discovery_endpoint: Option<String>,
    /// Where the initial access token comes from.
    ticket_from: Option<TicketWord>,
    /// The client it knows this server as.
    client_id: Nullable<String>,
    /// That client's secret.
    client_secret: Nullable<String>,
    /// The scopes to ask for.
    scopes: Option<Vec<String>>,
    /// The initial access token.
    initial_access_token: Nullable<String>,
    /// The template there.
    software_id: Nullable<String>,
    /// Whether secrets are renewed there.
    renew_secret: Option<bool>,
    /// Where.
    renew_secret_endpoint: Nullable<String>,
    /// By which method.
    renew_secret_method: Nullable<String>,
    /// Which additional metadata goes into which member.
    claim_mappings: Option<BTreeMap<String, String>>,
    /// Origins other than its own.
    endpoints_elsewhere: Option<Vec<String>>,
    /// Who is believed there.
    trust_store: Nullable<StoreBody>,
    /// Who this server is to it.
    key_store: Nullable<StoreBody>,
}

/// What a provider says about itself now.
#[derive(Debug, Object)]
struct ProviderMetadata {
    /// Who it is.
    issuer: String,
    /// Where tokens are.
    token_endpoint: Nullable<String>,
    /// Where clients register.
    registration_endpoint: String,
    /// A registration whose answer is lost can be asked for again.
    repeats_registrations: bool,
}

impl From<Metadata> for ProviderMetadata {
    fn from(metadata: Metadata) -> Self {
        Self {
            issuer: metadata.issuer,
            token_endpoint: metadata.token_endpoint.into(),
            registration_endpoint: metadata.registration_endpoint,
            repeats_registrations: metadata.repeats,
        }
    }
}

impl From<Model> for Provider {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.0,
            name: row.name,
            description: row.description.into(),
            place: match row.place {
                Place::Here => PlaceWord::Here,
                Place::Elsewhere => PlaceWord::Elsewhere,
            },
            default: row.default_key.is_some(),
            discovery_endpoint: row.discovery_endpoint,
            ticket_from: match row.ticket_from {
                TicketFrom::ClientCredentials => TicketWord::ClientCredentials,
                TicketFrom::InitialAccessToken => TicketWord::InitialAccessToken,
            },
            client_id: row.client_id.into(),
            scopes: row.scopes.as_slice().to_vec(),
            software_id: row.software_id.into(),
            renew_secret: row.renew_secret,
            renew_secret_endpoint: row.renew_secret_endpoint.into(),
            renew_secret_method: row.renew_secret_method.into(),
            claim_mappings: serde_json::from_value(row.claim_mappings).unwrap_or_default(),
            endpoints_elsewhere: row.endpoints_elsewhere.as_slice().to_vec(),
            stores: row.tls_sealed.is_some(),
            failed_at: row.failed_at.into(),
            failure: row.failure.into(),
            paused_until: row.paused_until.into(),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<NewProvider> for New {
    fn from(body: NewProvider) -> Self {
        Self {
            name: body.name,
            description: body.description,
            discovery_endpoint: body.discovery_endpoint,
            ticket_from: body.ticket_from.into(),
            client_id: body.client_id,
            client_secret: body.client_secret.map(Secret::new),
            scopes: body.scopes.unwrap_or_default(),
            initial_access_token: body.initial_access_token.map(Secret::new),
            software_id: body.software_id,
            renew_secret: body.renew_secret.unwrap_or_default(),
            renew_secret_endpoint: body.renew_secret_endpoint,
            renew_secret_method: body.renew_secret_method,
            claim_mappings: body.claim_mappings.unwrap_or_default(),
            endpoints_elsewhere: body.endpoints_elsewhere.unwrap_or_default(),
            tls: Stores { trust: body.trust_store.map(Into::into), key: body.key_store.map(Into::into) },
        }
    }
}

impl ProviderChange {
    fn change(self, version: Option<i64>) -> Change {
        let secret = |sent: Nullable<String>| sent.change().map(|value| value.map(Secret::new));
        let store = |sent: Nullable<StoreBody>| sent.change().map(|value| value.map(Store::from));
        Change {
            name: self.name,
            description: self.description.change(),
            discovery_endpoint: self.discovery_endpoint,
            ticket_from: self.ticket_from.map(Into::into),
            client_id: self.client_id.change(),
            client_secret: secret(self.client_secret),
            scopes: self.scopes,
            initial_access_token: secret(self.initial_access_token),
            software_id: self.software_id.change(),
            renew_secret: self.renew_secret,
            renew_secret_endpoint: self.renew_secret_endpoint.change(),
            renew_secret_method: self.renew_secret_method.change(),
            claim_mappings: self.claim_mappings,
            endpoints_elsewhere: self.endpoints_elsewhere,
            trust_store: store(self.trust_store),
            key_store: store(self.key_store),
            version,
        }
    }
}

fn told(row: Model) -> Told<Provider> {
    let version = row.version;
    Told::new(&row.into()).version(version)
}

#[OpenApi(tag = "Part::Providers")]
impl ProviderApi {
    /// List providers.
    #[oai(path = "/providers", method = "get", operation_id = "list_providers")]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
    ) -> Result<Told<Page<Provider>>, Problem> {
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &[])?;
        let listed = rule::list(&caller.app, &caller.tenant, &caller.actor, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, Provider::from))
    }

    /// Set up a provider.
    ///
    /// Its metadata is fetched and an initial access token obtained at once: if that fails nothing is stored. The first
    /// one becomes the default.
    #[oai(path = "/providers", method = "post", operation_id = "create_provider")]
    async fn create(&self, caller: Caller, body: Body<NewProvider>) -> Result<Told<Provider, 201>, Problem> {
        let row = rule::create(&caller.app, &caller.tenant, &caller.actor, body.0.into()).await?;
        let (at, version) = (caller.url(&format!("/providers/{}", row.id)), row.version);
        Ok(Told::new(&row.into()).version(version).at(&at))
    }

    /// Use this server.
    ///
    /// Applications are registered here from now on.
    #[oai(path = "/providers/use-this-server", method = "post", operation_id = "use_this_server")]
    async fn use_this_server(&self, caller: Caller) -> Result<Told<Provider>, Problem> {
        Ok(told(rule::use_this_server(&caller.app, &caller.tenant, &caller.actor).await?))
    }

    /// Read a provider.
    #[oai(path = "/providers/:provider", method = "get", operation_id = "read_provider")]
    async fn read(&self, caller: Caller, provider: Path<Uuid>) -> Result<Told<Provider>, Problem> {
        Ok(told(rule::find(&caller.app, &caller.tenant, &caller.actor, ProviderId(provider.0)).await?))
    }

    /// Change a provider.
    ///
    /// It is tried as it is to be before anything is stored.
    #[oai(path = "/providers/:provider", method = "patch", operation_id = "change_provider")]
    async fn change(
        &self,
        caller: Caller,
        provider: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<ProviderChange>,
    ) -> Result<Told<Provider>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let change = body.0.change(seen.version()?);
        let changed = rule::change(&caller.app, &caller.tenant, &caller.actor, ProviderId(provider.0), change).await;
        changed.map(told).map_err(|error| seen.refuse(error))
    }

    /// Remove a provider.
    ///
    /// Nothing may be registered there any more.
    #[oai(path = "/providers/:provider", method = "delete", operation_id = "remove_provider")]
    async fn remove(
        &self,
        caller: Caller,
        provider: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<Gone, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (id, expected) = (ProviderId(provider.0), seen.version()?);
        let removed = rule::remove(&caller.app, &caller.tenant, &caller.actor, id, expected).await;
        removed.map(|()| Gone::Done).map_err(|error| seen.refuse(error))
    }

    /// Make a provider the default.
    ///
    /// Applications are registered there from now on.
    #[oai(path = "/providers/:provider/default", method = "post", operation_id = "make_default_provider")]
    async fn make_default(&self, caller: Caller, provider: Path<Uuid>) -> Result<Told<Provider>, Problem> {
        let id = ProviderId(provider.0);
        Ok(told(rule::make_default(&caller.app, &caller.tenant, &caller.actor, id).await?))
    }

    /// Try a provider.
    ///
    /// Its metadata is fetched and an initial access token obtained, both anew.
    #[oai(path = "/providers/:provider/test", method = "post", operation_id = "test_provider")]
    async fn test(&self, caller: Caller, provider: Path<Uuid>) -> Result<Told<ProviderMetadata>, Problem> {
        let id = ProviderId(provider.0);
        Ok(Told::new(&rule::test(&caller.app, &caller.tenant, &caller.actor, id).await?.into()))
    }
}

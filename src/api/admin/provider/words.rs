//! How is a provider spelled, and how are its settings read?

use std::collections::BTreeMap;

use entity::provider::{Model, Place, TicketFrom};
use poem_openapi::{Enum, Object};
use uuid::Uuid;

use crate::api::admin::nullable::Nullable;
use crate::portal::provider::{Change, Metadata, New, Store, Stores};
use crate::secret::Secret;

/// Where a provider is.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "ProviderPlace", rename_all = "snake_case")]
pub(super) enum PlaceWord {
    /// This server.
    Here,
    /// Another one.
    Elsewhere,
}

/// Where the initial access token comes from.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "ProviderTicket", rename_all = "snake_case")]
pub(super) enum TicketWord {
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
pub(super) struct Provider {
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
pub(super) struct StoreBody {
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
pub(super) struct NewProvider {
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
pub(super) struct ProviderChange {
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
pub(super) struct ProviderMetadata {
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
    pub(super) fn change(self, version: Option<i64>) -> Change {
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

//! `configuration/applications/registration/providers`: where are applications registered? (portal.md G36 to G39)

use entity::id::ProviderId;
use entity::provider::{Model, TicketFrom};
use poem_openapi::param::Path;
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

use super::address;
use crate::api::gravitee::answer::{Gone, Made, Told, millis};
use crate::api::gravitee::body::{Fields, Sent};
use crate::api::gravitee::caller::ConsoleCaller;
use crate::api::gravitee::refusal::{About, Concerning, Refusal};
use crate::api::gravitee::refused::Refused;
use crate::api::gravitee::voice::{Management, Part};
use crate::portal::list::Wanted;
use crate::portal::provider::{self, Change, New, Store, Stores};
use crate::secret::Secret;

/// Where they are, below an environment.
const PATH: &str = "configuration/applications/registration/providers";
/// So many providers are listed: more than anybody has.
const PROVIDERS_MAX: u64 = 1000;

/// Providers.
#[derive(Debug)]
pub struct ProvidersApi;

/// A provider, as lists have it.
#[derive(Debug, Object)]
#[oai(rename = "ClientRegistrationProviderListItem", skip_serializing_if_is_none)]
pub struct Listed {
    /// Identity.
    id: String,
    /// Name.
    name: String,
    /// What it is.
    description: Option<String>,
    /// Milliseconds since 1970.
    created_at: i64,
    /// Milliseconds since 1970.
    updated_at: i64,
}

/// A provider. What is secret of it is never told.
#[derive(Debug, Object)]
#[oai(rename = "ClientRegistrationProviderEntity", skip_serializing_if_is_none)]
pub struct Provider {
    /// Identity.
    id: String,
    /// Name.
    name: String,
    /// What it is.
    description: Option<String>,
    /// The address of its metadata.
    discovery_endpoint: String,
    /// `CLIENT_CREDENTIALS` or `INITIAL_ACCESS_TOKEN`.
    initial_access_token_type: String,
    /// The client it knows us as.
    client_id: Option<String>,
    /// The scopes we ask for with client credentials.
    scopes: Vec<String>,
    /// Whether secrets can be renewed there.
    renew_client_secret_support: bool,
    /// Where.
    renew_client_secret_endpoint: Option<String>,
    /// By which method.
    renew_client_secret_method: Option<String>,
    /// The template there that our clients follow.
    software_id: Option<String>,
    /// Which of an application's additional metadata goes into which member of a registration.
    claim_mappings: Any<Value>,
    /// `NONE`, if nothing is different; absent if something is: that is not told.
    trust_store: Option<StoreDocument>,
    /// `NONE`, if nothing is different; absent if something is: that is not told.
    key_store: Option<StoreDocument>,
    /// Origins other than its own that its metadata may send us to.
    endpoints_elsewhere: Vec<String>,
    /// Whether applications are registered there.
    default: bool,
    /// Milliseconds since 1970.
    created_at: i64,
    /// Milliseconds since 1970.
    updated_at: i64,
}

/// A provider to be set up or changed: everything becomes what is sent, but secrets and stores that are not sent stay.
#[derive(Debug, Object)]
#[oai(rename = "NewClientRegistrationProviderEntity", skip_serializing_if_is_none)]
struct WishDocument {
    /// Name: 3 to 100 characters.
    name: String,
    /// What it is.
    description: Option<String>,
    /// The address of its metadata.
    discovery_endpoint: String,
    /// `CLIENT_CREDENTIALS` or `INITIAL_ACCESS_TOKEN`.
    initial_access_token_type: String,
    /// The client it knows us as.
    client_id: Option<String>,
    /// That client's secret.
    client_secret: Option<String>,
    /// The scopes we ask for with client credentials.
    scopes: Option<Vec<String>>,
    /// The initial access token, for `INITIAL_ACCESS_TOKEN`.
    initial_access_token: Option<String>,
    /// Whether secrets can be renewed there.
    renew_client_secret_support: Option<bool>,
    /// Where, with `{#client_id}`, `{#token_endpoint}` and `{#registration_endpoint}` to be filled in.
    renew_client_secret_endpoint: Option<String>,
    /// `POST`, `PUT` or `PATCH`.
    renew_client_secret_method: Option<String>,
    /// The template there that our clients follow.
    software_id: Option<String>,
    /// Which of an application's additional metadata goes into which member of a registration.
    claim_mappings: Option<Any<Value>>,
    /// Who is believed there.
    trust_store: Option<StoreDocument>,
    /// Who we are to it.
    key_store: Option<StoreDocument>,
    /// Origins other than its own that its metadata may send us to.
    endpoints_elsewhere: Option<Vec<String>>,
}

/// Certificates, and perhaps a key.
#[derive(Debug, Default, Object)]
#[oai(rename = "StoreEntity", skip_serializing_if_is_none)]
struct StoreDocument {
    /// `NONE`, `PKCS12` or `PEM`.
    #[oai(rename = "type")]
    kind: String,
    /// The file, in base64; a PEM text as it is.
    content: Option<String>,
    /// What the file is opened with.
    password: Option<String>,
}

#[OpenApi(
    prefix_path = "/management/organizations/:organizationId/environments/:envId/configuration/applications/registration",
    tag = "Part::Configuration"
)]
impl ProvidersApi {
    /// List providers.
    #[oai(path = "/providers", method = "get", operation_id = "list_providers")]
    async fn list(&self, caller: ConsoleCaller) -> Result<Told<Vec<Listed>>, Refused<Management>> {
        let wanted = Wanted::first(PROVIDERS_MAX);
        let listed = provider::list(&caller.app, &caller.tenant, &caller.actor, &wanted).await?;
        Ok(Told(listed.items.into_iter().map(Listed::from).collect()))
    }

    /// Set up a provider.
    ///
    /// Its metadata is fetched and an initial access token obtained at once; nothing is stored if one of them fails.
    #[oai(path = "/providers", method = "post", operation_id = "create_provider")]
    async fn create(
        &self,
        caller: ConsoleCaller,
        body: Sent<WishDocument>,
    ) -> Result<Made<Provider>, Refused<Management>> {
        caller.actor.may(crate::portal::Action::WriteProviders)?;
        let wish = Wish::read(body.fields()?)?;
        let made = provider::create(&caller.app, &caller.tenant, &caller.actor, wish.into_new()).await?;
        let at = address(&caller.tenant, &format!("{PATH}/{}", made.id));
        Ok(Made { told: made.into(), at })
    }

    /// Read a provider.
    #[oai(path = "/providers/:providerId", method = "get", operation_id = "get_provider")]
    async fn read(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "providerId")] provider_id: Path<String>,
    ) -> Result<Told<Provider>, Refused<Management>> {
        let about = About::Provider(&provider_id);
        let id = known(&provider_id)?;
        Ok(Told(provider::find(&caller.app, &caller.tenant, &caller.actor, id).await.about(about)?.into()))
    }

    /// Change a provider, after it was tried as it is to be.
    #[oai(path = "/providers/:providerId", method = "put", operation_id = "update_provider")]
    async fn change(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "providerId")] provider_id: Path<String>,
        body: Sent<WishDocument>,
    ) -> Result<Told<Provider>, Refused<Management>> {
        let about = About::Provider(&provider_id);
        let (app, tenant, actor) = (&caller.app, &caller.tenant, &caller.actor);
        actor.may(crate::portal::Action::WriteProviders)?;
        let id = known(&provider_id)?;
        provider::find(app, tenant, actor, id).await.about(about)?;
        let wish = Wish::read(body.fields()?)?;
        Ok(Told(provider::change(app, tenant, actor, id, wish.into_change()).await.about(about)?.into()))
    }

    /// Remove a provider where nothing is registered.
    #[oai(path = "/providers/:providerId", method = "delete", operation_id = "delete_provider")]
    async fn remove(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "providerId")] provider_id: Path<String>,
    ) -> Result<Gone, Refused<Management>> {
        let about = About::Provider(&provider_id);
        let id = known(&provider_id)?;
        provider::remove(&caller.app, &caller.tenant, &caller.actor, id, None).await.about(about)?;
        Ok(Gone::Done)
    }
}

fn known(named: &str) -> Result<ProviderId, Refusal> {
    crate::api::gravitee::id(named, About::Provider(named))
}

/// A provider that is asked for.
struct Wish {
    new: New,
    /// What stands in `trust_store` and `key_store`, if they were sent.
    stores: [Option<Option<Store>>; 2],
}

impl Wish {
    fn read(mut fields: Fields) -> Result<Self, Refusal> {
        for name in ["name", "discovery_endpoint", "initial_access_token_type"] {
            fields.need(name);
        }
        let ticket_from = match fields.text("initial_access_token_type").as_deref() {
            Some("INITIAL_ACCESS_TOKEN") => TicketFrom::InitialAccessToken,
            Some("CLIENT_CREDENTIALS") | None => TicketFrom::ClientCredentials,
            Some(_) => {
                let complaint = "must be CLIENT_CREDENTIALS or INITIAL_ACCESS_TOKEN";
                fields.refuse("initial_access_token_type", complaint);
                TicketFrom::ClientCredentials
            }
        };
        let stores = ["trust_store", "key_store"].map(|name| store(&mut fields, name));
        let [trust, key] = stores.clone().map(Option::flatten);
        let new = New {
            name: fields.text("name").unwrap_or_default(),
            description: fields.text("description"),
            discovery_endpoint: fields.text("discovery_endpoint").unwrap_or_default(),
            ticket_from,
            client_id: fields.filled("client_id"),
            client_secret: fields.filled("client_secret").map(Secret::new),
            scopes: fields.texts("scopes").unwrap_or_default(),
            initial_access_token: fields.filled("initial_access_token").map(Secret::new),
            software_id: fields.filled("software_id"),
            renew_secret: fields.flag("renew_client_secret_support").unwrap_or(false),
            renew_secret_endpoint: fields.filled("renew_client_secret_endpoint"),
            renew_secret_method: fields.filled("renew_client_secret_method"),
            claim_mappings: fields.map("claim_mappings").unwrap_or_default(),
            endpoints_elsewhere: fields.texts("endpoints_elsewhere").unwrap_or_default(),
            tls: Stores { trust, key },
        };
        fields.done()?;
        Ok(Self { new, stores })
    }

    fn into_new(self) -> New {
        self.new
    }

    /// Everything, but of what is secret only what was sent.
    fn into_change(self) -> Change {
        let Self { new, stores: [trust_store, key_store] } = self;
        Change {
            name: Some(new.name),
            description: Some(new.description),
            discovery_endpoint: Some(new.discovery_endpoint),
            ticket_from: Some(new.ticket_from),
            client_id: Some(new.client_id),
            client_secret: new.client_secret.map(Some),
            scopes: Some(new.scopes),
            initial_access_token: new.initial_access_token.map(Some),
            software_id: Some(new.software_id),
            renew_secret: Some(new.renew_secret),
            renew_secret_endpoint: Some(new.renew_secret_endpoint),
            renew_secret_method: Some(new.renew_secret_method),
            claim_mappings: Some(new.claim_mappings),
            endpoints_elsewhere: Some(new.endpoints_elsewhere),
            trust_store,
            key_store,
            version: None,
        }
    }
}

/// A store that was sent; the inner `None`: there is to be none.
fn store(fields: &mut Fields, name: &str) -> Option<Option<Store>> {
    let mut store = fields.inner(name)?;
    let kind = store.text("type").unwrap_or_else(|| "NONE".to_owned());
    if store.filled("path").is_some() {
        store.refuse("path", "must be left out: files of this server are not read; send the content");
    }
    let content = store.filled("content");
    if kind != "NONE" && content.is_none() {
        store.refuse("content", "must not be empty");
    }
    let password = store.filled("password").map(Secret::new);
    let content = Secret::new(content.unwrap_or_default());
    fields.join(store);
    Some((kind != "NONE").then_some(Store { kind, content, password }))
}

impl From<Model> for Listed {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            description: row.description,
            created_at: millis(row.created_at),
            updated_at: millis(row.updated_at),
        }
    }
}

impl From<Model> for Provider {
    fn from(row: Model) -> Self {
        let none = || row.tls_sealed.is_none().then(|| StoreDocument { kind: "NONE".to_owned(), ..Default::default() });
        let (trust_store, key_store) = (none(), none());
        let kind = match row.ticket_from {
            TicketFrom::ClientCredentials => "CLIENT_CREDENTIALS",
            TicketFrom::InitialAccessToken => "INITIAL_ACCESS_TOKEN",
        };
        Self {
            id: row.id.to_string(),
            name: row.name,
            description: row.description,
            discovery_endpoint: row.discovery_endpoint,
            initial_access_token_type: kind.to_owned(),
            client_id: row.client_id,
            scopes: row.scopes.as_slice().to_vec(),
            renew_client_secret_support: row.renew_secret,
            renew_client_secret_endpoint: row.renew_secret_endpoint,
            renew_client_secret_method: row.renew_secret_method,
            software_id: row.software_id,
            claim_mappings: Any(row.claim_mappings),
            trust_store,
            key_store,
            endpoints_elsewhere: row.endpoints_elsewhere.as_slice().to_vec(),
            default: row.default_key.is_some(),
            created_at: millis(row.created_at),
            updated_at: millis(row.updated_at),
        }
    }
}

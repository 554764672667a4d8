//! `/applications/{application}/clients`: what does an application prove who it is with?

use entity::id::{ApplicationId, ClientSecretId};
use poem::Request;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};
use serde_json::Value;
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::application::grants;
use super::body::Body;
use super::caller::Caller;
use super::nullable::Nullable;
use super::page::{Asked, Page};
use super::precondition::Seen;
use super::problem::Problem;
use super::word::{ClientState, GrantType};
use crate::oidc::client::record;
use crate::portal::client::{self as rule, Change, Given, New, NewSecret, SecretInfo, Which, secret};
use crate::portal::list::Listed;
use crate::secret::Secret;

/// The clients of applications.
#[derive(Debug)]
pub struct ClientApi;

/// The OAuth identity of an application.
#[derive(Clone, Debug, Object)]
pub struct Client {
    /// Identity.
    id: Uuid,
    /// The identifier in the protocol.
    client_id: String,
    /// The application it belongs to.
    application_id: Nullable<Uuid>,
    /// The template it follows, by its identity.
    template_id: Nullable<Uuid>,
    /// Name shown to people.
    name: Nullable<String>,
    /// What it registered (RFC 7591 §2).
    metadata: Value,
    /// What it may do beyond its own tokens.
    rights: Vec<String>,
    /// Ours: people are not asked for consent.
    first_party: bool,
    /// Whether it may do anything.
    state: ClientState,
    /// How many secrets it has.
    secrets: u32,
    /// Seconds since 1970; coarse.
    last_used_at: Nullable<i64>,
    /// Counts the changes of its metadata; the `ETag` is `"v"` and this number.
    version: i64,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970.
    updated_at: i64,
}

impl From<&record::Client> for Client {
    fn from(client: &record::Client) -> Self {
        let row = &client.row;
        Self {
            id: row.id.0,
            client_id: row.client_id.clone(),
            application_id: row.application_id.map(|id| id.0).into(),
            template_id: row.template_id.map(|id| id.0).into(),
            name: row.name.clone().into(),
            metadata: row.metadata.clone(),
            rights: row.rights.iter().map(str::to_owned).collect(),
            first_party: row.first_party,
            state: row.state.into(),
            secrets: u32::try_from(client.secrets.len()).unwrap_or(u32::MAX),
            last_used_at: row.last_used_at.into(),
            version: row.metadata_version,
            created_at: row.issued_at,
            updated_at: row.updated_at,
        }
    }
}

/// A client that was made.
#[derive(Debug, Object)]
struct MadeClient {
    /// It.
    #[oai(flatten)]
    client: Client,
    /// Its secret, told this once; `null` for a public client.
    client_secret: Nullable<String>,
}

/// A client to be made.
#[derive(Debug, Object)]
struct NewClient {
    /// Name shown to people; else that of the application.
    name: Option<String>,
    /// Where authorization answers may go; else where those of the application's first client may.
    redirect_uris: Option<Vec<String>>,
    /// How it may ask for tokens; else as clients of its type usually do.
    grant_types: Option<Vec<GrantType>>,
    /// An identifier that is known elsewhere already; else a fresh one.
    client_id: Option<String>,
    /// A secret that is known elsewhere already; else a fresh one.
    client_secret: Option<String>,
}

/// What is to change of a client; what is left out stays.
#[derive(Debug, Object)]
struct ClientChange {
    /// Name shown to people.
    name: Option<String>,
    /// Where authorization answers may go.
    redirect_uris: Option<Vec<String>>,
    /// How it may ask for tokens.
    grant_types: Option<Vec<GrantType>>,
}

/// A secret, without its value.
#[derive(Debug, Object)]
struct ClientSecret {
    /// Identity.
    id: Uuid,
    /// What it is for.
    name: Nullable<String>,
    /// Its last four characters.
    hint: String,
    /// Seconds since 1970; 0: never.
    expires_at: i64,
    /// Seconds since 1970.
    created_at: i64,
}

/// A secret with its value, told this once.
#[derive(Debug, Object)]
struct MadeSecret {
    /// It.
    #[oai(flatten)]
    about: ClientSecret,
    /// Its value.
    client_secret: String,
}

/// What a secret is called.
#[derive(Debug, Object)]
struct SecretName {
    /// What it is for: 1 to 200 characters.
    name: Nullable<String>,
}

impl From<SecretInfo> for ClientSecret {
    fn from(info: SecretInfo) -> Self {
        Self {
            id: info.id.0,
            name: info.name.into(),
            hint: info.hint,
            expires_at: info.expires_at,
            created_at: info.created_at,
        }
    }
}

impl From<NewSecret> for MadeSecret {
    fn from(made: NewSecret) -> Self {
        Self { client_secret: made.value.expose().to_owned(), about: made.info.into() }
    }
}

/// All that there are, cut into parts: there are few.
fn parts<T>(asked: &Asked, all: Vec<T>, id: impl Fn(&T) -> Uuid) -> Listed<T> {
    crate::portal::list::part(all, asked.wanted(), id)
}

fn which<'a>(application: &Path<Uuid>, client: &'a Path<String>) -> Which<'a> {
    Which::of(ApplicationId(application.0), client)
}

#[OpenApi(tag = "Part::Applications")]
impl ClientApi {
    /// List the clients of an application.
    #[oai(path = "/applications/:application/clients", method = "get", operation_id = "list_application_clients")]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        application: Path<Uuid>,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
    ) -> Result<Told<Page<Client>>, Problem> {
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &[])?;
        let id = ApplicationId(application.0);
        let all = rule::list(&caller.app, &caller.tenant, &caller.actor, id).await?;
        let listed = parts(&asked, all, |client| client.row.id.0);
        Ok(asked.page(&caller, listed, |client| Client::from(&*client)))
    }

    /// Add a client to an application.
    ///
    /// Its secret is told this once.
    #[oai(path = "/applications/:application/clients", method = "post", operation_id = "create_client")]
    async fn create(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        body: Body<NewClient>,
    ) -> Result<Told<MadeClient, 201>, Problem> {
        let NewClient { name, redirect_uris, grant_types, client_id, client_secret } = body.0;
        let given = Given { client_id, secret: client_secret.map(Secret::new) };
        let new = New { name, redirect_uris, grants: grants(grant_types), given };
        let id = ApplicationId(application.0);
        let added = rule::add(&caller.app, &caller.tenant, &caller.actor, id, new).await?;
        let at = caller.url(&format!("/applications/{id}/clients/{}", added.client.client_id()));
        let made = MadeClient {
            client: Client::from(&*added.client),
            client_secret: added.secret.map(|secret| secret.expose().to_owned()).into(),
        };
        Ok(Told::new(&made).version(added.client.row.metadata_version).at(&at))
    }

    /// Read a client of an application.
    #[oai(path = "/applications/:application/clients/:client", method = "get", operation_id = "read_client")]
    async fn read(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        /// Its identity, or its `client_id`.
        client: Path<String>,
    ) -> Result<Told<Client>, Problem> {
        let found = rule::find(&caller.app, &caller.tenant, &caller.actor, which(&application, &client)).await?;
        Ok(Told::new(&Client::from(&*found)).version(found.row.metadata_version))
    }

    /// Change a client of an application.
    #[oai(path = "/applications/:application/clients/:client", method = "patch", operation_id = "change_client")]
    async fn change(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        /// Its identity, or its `client_id`.
        client: Path<String>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<ClientChange>,
    ) -> Result<Told<Client>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let ClientChange { name, redirect_uris, grant_types } = body.0;
        let change = Change { name, redirect_uris, grants: grant_types.map(|wanted| grants(Some(wanted))) };
        let (which, expected) = (which(&application, &client), seen.version()?);
        let changed = rule::change_version(&caller.app, &caller.tenant, &caller.actor, which, expected, change).await;
        let changed = changed.map_err(|error| seen.refuse(error))?;
        Ok(Told::new(&Client::from(&*changed)).version(changed.row.metadata_version))
    }

    /// Remove a client from an application.
    ///
    /// Its secrets and its tokens end with it.
    #[oai(path = "/applications/:application/clients/:client", method = "delete", operation_id = "remove_client")]
    async fn remove(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        /// Its identity, or its `client_id`.
        client: Path<String>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<Gone, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (which, expected) = (which(&application, &client), seen.version()?);
        let removed = rule::remove_version(&caller.app, &caller.tenant, &caller.actor, which, expected).await;
        removed.map(|()| Gone::Done).map_err(|error| seen.refuse(error))
    }

    /// List the secrets of a client.
    ///
    /// Without their values.
    #[oai(
        path = "/applications/:application/clients/:client/secrets",
        method = "get",
        operation_id = "list_client_secrets"
    )]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list_secrets(
        &self,
        caller: Caller,
        request: &Request,
        application: Path<Uuid>,
        /// Its identity, or its `client_id`.
        client: Path<String>,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
    ) -> Result<Told<Page<ClientSecret>>, Problem> {
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &[])?;
        let all = secret::list(&caller.app, &caller.tenant, &caller.actor, which(&application, &client)).await?;
        let listed = parts(&asked, all, |secret| secret.id.0);
        Ok(asked.page(&caller, listed, ClientSecret::from))
    }

    /// Add a secret to a client.
    ///
    /// The others stay good. Its value is told this once.
    #[oai(
        path = "/applications/:application/clients/:client/secrets",
        method = "post",
        operation_id = "create_client_secret"
    )]
    async fn add_secret(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        /// Its identity, or its `client_id`.
        client: Path<String>,
        body: Body<SecretName>,
    ) -> Result<Told<MadeSecret, 201>, Problem> {
        let (which, name) = (which(&application, &client), body.0.name.value());
        let made = secret::add(&caller.app, &caller.tenant, &caller.actor, which, name).await?;
        Ok(Told::new(&made.into()))
    }

    /// Exchange the only secret of a client.
    ///
    /// The old one is refused from now on. The value of the new one is told this once.
    #[oai(
        path = "/applications/:application/clients/:client/regenerate-secret",
        method = "post",
        operation_id = "regenerate_client_secret"
    )]
    async fn regenerate_secret(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        /// Its identity, or its `client_id`.
        client: Path<String>,
    ) -> Result<Told<MadeSecret>, Problem> {
        let which = which(&application, &client);
        let made = secret::regenerate(&caller.app, &caller.tenant, &caller.actor, which).await?;
        Ok(Told::new(&made.into()))
    }

    /// Give a secret another name.
    #[oai(
        path = "/applications/:application/clients/:client/secrets/:secret",
        method = "patch",
        operation_id = "change_client_secret"
    )]
    async fn rename_secret(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        /// Its identity, or its `client_id`.
        client: Path<String>,
        secret: Path<Uuid>,
        body: Body<SecretName>,
    ) -> Result<Told<ClientSecret>, Problem> {
        let (which, id) = (which(&application, &client), ClientSecretId(secret.0));
        let Some(name) = body.0.name.change() else {
            let all = secret::list(&caller.app, &caller.tenant, &caller.actor, which).await?;
            let known = all.into_iter().find(|secret| secret.id == id).ok_or_else(Problem::not_found)?;
            return Ok(Told::new(&known.into()));
        };
        let renamed = secret::rename(&caller.app, &caller.tenant, &caller.actor, which, id, name).await?;
        Ok(Told::new(&renamed.into()))
    }

    /// Remove a secret.
    ///
    /// It is refused from now on. The only one cannot be removed.
    #[oai(
        path = "/applications/:application/clients/:client/secrets/:secret",
        method = "delete",
        operation_id = "remove_client_secret"
    )]
    async fn remove_secret(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        /// Its identity, or its `client_id`.
        client: Path<String>,
        secret: Path<Uuid>,
    ) -> Result<Gone, Problem> {
        let (which, id) = (which(&application, &client), ClientSecretId(secret.0));
        secret::remove(&caller.app, &caller.tenant, &caller.actor, which, id).await?;
        Ok(Gone::Done)
    }
}

//! `…/credentials/oauth2`, and `/oauth2` for those who show an application to its users (portal.md K67, K72).

use std::collections::HashMap;

use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use serde_json::{Value, json};

use super::{Part, applications};
use crate::api::kong::answer::{Answer, Gone, Many, One};
use crate::api::kong::call::{Admin, Call};
use crate::api::kong::credential::{self as words, CredentialBody, CredentialEntity};
use crate::api::kong::error::portal::Entity;
use crate::api::kong::{KongBody, Refusal};
use crate::oidc::client::record::Client;
use crate::portal::application::Application;
use crate::portal::client::{self, Copies, New, Which, complaints};
use crate::portal::{Action, Error};

/// Credentials.
#[derive(Debug)]
pub struct CredentialsApi;

type Shown<const STATUS: u16 = 200> = Answer<One<CredentialEntity>, STATUS>;

#[OpenApi(prefix_path = "/kong/admin", tag = "Part::Credentials")]
impl CredentialsApi {
    /// Find a credential by its `client_id`.
    #[oai(path = "/oauth2", method = "get", operation_id = "find_credential")]
    async fn lookup(
        &self,
        call: Admin,
        /// The identifier of the client.
        client_id: Query<Option<String>>,
    ) -> Result<Answer<Many<CredentialEntity>>, Refusal> {
        call.actor.may(Action::ReadClients).map_err(call.refuse(Entity::Credential))?;
        let named = client_id.0.filter(|client_id| !client_id.is_empty());
        let named = named.ok_or_else(|| Refusal::invalid_option("client_id", "required field missing"))?;
        let found = match client::find(&call.app, &call.tenant, &call.actor, Which::anywhere(&named)).await {
            // The identity of a row is no client_id.
            Ok(client) if client.client_id() == named => vec![shown(&call, &client).await?],
            Ok(_) | Err(Error::NotFound) => Vec::new(),
            Err(error) => return Err(call.refuse(Entity::Credential)(error)),
        };
        Ok(Answer::new(&json!({"data": found, "next": null})))
    }

    /// List the credentials of an application.
    #[oai(
        path = "/developers/:developer/applications/:application/credentials/oauth2",
        method = "get",
        operation_id = "list_credentials"
    )]
    async fn list(
        &self,
        call: Admin,
        developer: Path<String>,
        application: Path<String>,
    ) -> Result<Answer<Many<CredentialEntity>>, Refusal> {
        let application = applications::find(&call, Some(&developer), &application).await?;
        Ok(Answer::new(&all(&call, &application).await?))
    }

    /// Add a credential to an application.
    #[oai(
        path = "/developers/:developer/applications/:application/credentials/oauth2",
        method = "post",
        operation_id = "create_credential"
    )]
    async fn create(
        &self,
        call: Admin,
        developer: Path<String>,
        application: Path<String>,
        body: KongBody<CredentialBody>,
    ) -> Result<Shown<201>, Refusal> {
        let application = applications::find(&call, Some(&developer), &application).await?;
        let (new, copies, wrong) = words::new(body.tree);
        if !wrong.is_empty() {
            let rules = complaints::of_new(&call.app, &call.tenant, &call.actor, application.row.id, new).await;
            let rules = rules.map_err(call.refuse(Entity::Credential))?;
            return Err(Refusal::of_both(Entity::Credential, wrong, &rules));
        }
        Ok(Answer::new(&create(&call, &application, new, copies).await?))
    }

    /// Read a credential of an application, by its id or `client_id`.
    #[oai(
        path = "/developers/:developer/applications/:application/credentials/oauth2/:credential",
        method = "get",
        operation_id = "read_credential"
    )]
    async fn read(
        &self,
        call: Admin,
        developer: Path<String>,
        application: Path<String>,
        credential: Path<String>,
    ) -> Result<Shown, Refusal> {
        let application = applications::find(&call, Some(&developer), &application).await?;
        let found = find(&call, &application, &credential).await?;
        Ok(Answer::new(&found))
    }

    /// Remove a credential from an application.
    #[oai(
        path = "/developers/:developer/applications/:application/credentials/oauth2/:credential",
        method = "delete",
        operation_id = "delete_credential"
    )]
    async fn delete(
        &self,
        call: Admin,
        developer: Path<String>,
        application: Path<String>,
        credential: Path<String>,
    ) -> Result<Gone, Refusal> {
        let application = applications::find(&call, Some(&developer), &application).await?;
        remove(&call, &application, &credential).await
    }
}

/// The credentials of an application: there are few, so they are one page.
pub(in crate::api::kong) async fn all(call: &Call, application: &Application) -> Result<Value, Refusal> {
    let clients = client::list(&call.app, &call.tenant, &call.actor, application.row.id).await;
    let clients = clients.map_err(call.refuse(Entity::Credential))?;
    let id = application.row.id;
    let secrets = match client::secret::reveal_all(&call.app, &call.tenant, &call.actor, id, &clients).await {
        Err(Error::NotAllowed(_)) => HashMap::new(),
        secrets => secrets.map_err(call.refuse(Entity::Credential))?,
    };
    let shown = clients.iter().map(|client| words::shown(client, secrets.get(&client.row.id)));
    let data: Vec<Value> = shown.collect();
    Ok(json!({"total": data.len(), "data": data, "next": null}))
}

/// Adds a credential.
pub(in crate::api::kong) async fn create(
    call: &Call,
    application: &Application,
    new: New,
    copies: Copies,
) -> Result<Value, Refusal> {
    let id = application.row.id;
    let added = client::add_keeping(&call.app, &call.tenant, &call.actor, id, new, copies).await;
    let added = added.map_err(call.refuse(Entity::Credential))?;
    Ok(words::shown(&added.client, added.secret.as_ref()))
}

/// A credential of an application (s.B2).
pub(in crate::api::kong) async fn find(call: &Call, application: &Application, named: &str) -> Result<Value, Refusal> {
    let which = Which::of(application.row.id, named);
    let found = client::find(&call.app, &call.tenant, &call.actor, which).await;
    let found = found.map_err(call.refuse(Entity::Credential))?;
    shown(call, &found).await
}

/// Removes a credential of an application (s.B2).
pub(in crate::api::kong) async fn remove(call: &Call, application: &Application, named: &str) -> Result<Gone, Refusal> {
    let which = Which::of(application.row.id, named);
    let removed = client::remove(&call.app, &call.tenant, &call.actor, which).await;
    removed.map(|()| Gone).map_err(call.refuse(Entity::Credential))
}

/// A credential with its secret, for those who may exchange it anyway.
async fn shown(call: &Call, found: &Client) -> Result<Value, Refusal> {
    let which = Which::anywhere(found.client_id());
    match client::secret::reveal(&call.app, &call.tenant, &call.actor, which).await {
        Ok(secret) => Ok(words::shown(found, secret.as_ref())),
        Err(Error::NotAllowed(_)) => Ok(words::shown(found, None)),
        Err(error) => Err(call.refuse(Entity::Credential)(error)),
    }
}

//! `/api/v3/applications/{id}/credentials`: which secrets has an application, and how are they exchanged? (portal.md N25)

use entity::id::ClientSecretId;
use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

use super::Part;
use super::answer::{Gone, Page, Told};
use super::applications::{first_client, known};
use super::body::Sent;
use super::caller::Developer;
use super::error::Problem;
use super::page::Asked;
use super::shape::{Credential, id};
use crate::portal::client::{Which, secret};

/// The rule's own limit of a name, in characters.
const NAME_MAX: usize = 200;

/// The secrets of applications.
#[derive(Debug)]
pub struct CredentialsApi;

/// A secret to be made.
#[derive(Debug, Object)]
#[oai(rename = "CreateCredential")]
struct NewDocument {
    /// What it is for.
    display_name: Option<String>,
}

/// What is to change of a secret.
#[derive(Debug, Object)]
#[oai(rename = "UpdateCredential")]
struct ChangeDocument {
    /// What it is for.
    display_name: String,
}

/// A fresh secret.
#[derive(Debug, Object)]
pub struct Regenerated {
    /// The identifier of the client.
    client_id: String,
    /// Its secret, told this once.
    client_secret: String,
}

#[OpenApi(tag = "Part::Credentials")]
impl CredentialsApi {
    /// List the secrets of an application, without their values.
    #[oai(path = "/api/v3/applications/:application_id/credentials", method = "get", operation_id = "list_credentials")]
    async fn list(
        &self,
        caller: Developer,
        request: &Request,
        application_id: Path<String>,
        #[oai(name = "page[number]")] number: Query<Option<u64>>,
        #[oai(name = "page[size]")] size: Query<Option<u64>>,
    ) -> Result<Told<Page<Credential>>, Problem> {
        let asked = Asked::read(request, *number, *size, &[])?;
        let application = known(&application_id)?;
        let client = first_client(&caller, application).await?;
        let Developer { app, tenant, actor } = &caller;
        let all = secret::list(app, tenant, actor, Which::of(application, client.client_id())).await?;
        Ok(Told(asked.page(asked.of_all(all), |info| Credential::of(client.client_id(), &info))))
    }

    /// Add a secret.
    ///
    /// The others stay good. Its value is told this once.
    #[oai(
        path = "/api/v3/applications/:application_id/credentials",
        method = "post",
        operation_id = "create_credential"
    )]
    async fn create(
        &self,
        caller: Developer,
        application_id: Path<String>,
        body: Sent<NewDocument>,
    ) -> Result<Told<Credential, 201>, Problem> {
        let application = known(&application_id)?;
        let client = first_client(&caller, application).await?;
        let mut fields = body.fields();
        let name = fields.text_or_null("display_name", NAME_MAX).flatten();
        fields.done()?;
        let Developer { app, tenant, actor } = &caller;
        let made = secret::add(app, tenant, actor, Which::of(application, client.client_id()), name).await?;
        Ok(Told(Credential::new(client.client_id(), &made)))
    }

    /// Give a secret another name.
    #[oai(
        path = "/api/v3/applications/:application_id/credentials/:credential_id",
        method = "put",
        operation_id = "update_credential"
    )]
    async fn rename(
        &self,
        caller: Developer,
        application_id: Path<String>,
        credential_id: Path<String>,
        body: Sent<ChangeDocument>,
    ) -> Result<Told<Credential>, Problem> {
        let application = known(&application_id)?;
        let client = first_client(&caller, application).await?;
        let mut fields = body.fields();
        fields.need("display_name");
        let name = fields.text("display_name", NAME_MAX);
        fields.done()?;
        let Developer { app, tenant, actor } = &caller;
        let which = Which::of(application, client.client_id());
        let renamed = secret::rename(app, tenant, actor, which, credential(&credential_id)?, name).await?;
        Ok(Told(Credential::of(client.client_id(), &renamed)))
    }

    /// Remove a secret.
    ///
    /// It is refused from now on. The last one stays: exchange it instead.
    #[oai(
        path = "/api/v3/applications/:application_id/credentials/:credential_id",
        method = "delete",
        operation_id = "delete_credential"
    )]
    async fn remove(
        &self,
        caller: Developer,
        application_id: Path<String>,
        credential_id: Path<String>,
    ) -> Result<Gone, Problem> {
        let application = known(&application_id)?;
        let client = first_client(&caller, application).await?;
        let Developer { app, tenant, actor } = &caller;
        let which = Which::of(application, client.client_id());
        secret::remove(app, tenant, actor, which, credential(&credential_id)?).await?;
        Ok(Gone::Done)
    }

    /// Exchange the only secret of an application.
    ///
    /// The old one is refused from now on. With several secrets this is a conflict: add and remove them instead.
    #[oai(
        path = "/api/v3/applications/:application_id/regenerate-secret",
        method = "post",
        operation_id = "regenerate_application_secret"
    )]
    async fn regenerate(
        &self,
        caller: Developer,
        application_id: Path<String>,
    ) -> Result<Told<Regenerated, 201>, Problem> {
        let application = known(&application_id)?;
        let client = first_client(&caller, application).await?;
        let Developer { app, tenant, actor } = &caller;
        let made = secret::regenerate(app, tenant, actor, Which::of(application, client.client_id())).await?;
        let client_id = client.client_id().to_owned();
        Ok(Told(Regenerated { client_id, client_secret: made.value.expose().to_owned() }))
    }
}

fn credential(text: &str) -> Result<ClientSecretId, Problem> {
    id(text).ok_or_else(Problem::not_found)
}

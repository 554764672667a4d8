//! `/applications` and what hangs below them (portal.md K31 to K35, K40, K73; security.md s.B1 to s.B3).

use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};

use crate::api::kong::admin::{Part, application_instances as instances, applications, credentials};
use crate::api::kong::answer::{Answer, Gone, Many, One};
use crate::api::kong::application::{ApplicationBody, ApplicationEntity, ApplicationPatch};
use crate::api::kong::call::Developer;
use crate::api::kong::credential::CredentialEntity;
use crate::api::kong::error::portal::Entity;
use crate::api::kong::instance::{self as words, InstanceBody, InstanceEntity};
use crate::api::kong::{KongBody, Refusal};
use crate::portal::{Error, client, contract, service};

/// A developer's own applications.
#[derive(Debug)]
pub struct ApplicationsApi;

#[OpenApi(prefix_path = "/kong/portal", tag = "Part::Portal")]
impl ApplicationsApi {
    /// List one's own applications.
    #[oai(path = "/applications", method = "get", operation_id = "list_own_applications")]
    async fn list(&self, call: Developer) -> Result<Answer<Many<ApplicationEntity>>, Refusal> {
        applications::page(&call, &applications::mine()).await
    }

    /// Make an application, with a first credential.
    #[oai(path = "/applications", method = "post", operation_id = "create_own_application")]
    async fn create(
        &self,
        call: Developer,
        body: KongBody<ApplicationBody>,
    ) -> Result<Answer<One<ApplicationEntity>, 201>, Refusal> {
        Ok(Answer::new(&applications::create(&call, body.tree, None).await?))
    }

    /// Read an application.
    #[oai(path = "/applications/:application", method = "get", operation_id = "read_own_application")]
    async fn read(
        &self,
        call: Developer,
        application: Path<String>,
    ) -> Result<Answer<One<ApplicationEntity>>, Refusal> {
        let found = applications::find(&call, None, &application).await?;
        Ok(Answer::new(&applications::shown(&call, &found).await?))
    }

    /// Change an application.
    #[oai(path = "/applications/:application", method = "patch", operation_id = "update_own_application")]
    async fn update(
        &self,
        call: Developer,
        application: Path<String>,
        body: KongBody<ApplicationPatch>,
    ) -> Result<Answer<One<ApplicationEntity>>, Refusal> {
        let found = applications::find(&call, None, &application).await?;
        Ok(Answer::new(&applications::update(&call, &found, body.tree).await?))
    }

    /// Put an application away.
    #[oai(path = "/applications/:application", method = "delete", operation_id = "delete_own_application")]
    async fn delete(&self, call: Developer, application: Path<String>) -> Result<Gone, Refusal> {
        let found = applications::find(&call, None, &application).await?;
        applications::archive(&call, &found).await
    }

    /// List the contracts of an application.
    #[oai(
        path = "/applications/:application/application_instances",
        method = "get",
        operation_id = "list_own_instances"
    )]
    async fn instances(
        &self,
        call: Developer,
        application: Path<String>,
        /// 0: approved; 1: requested access; 2: rejected; 3: revoked.
        status: Query<Option<String>>,
    ) -> Result<Answer<Many<InstanceEntity>>, Refusal> {
        let found = applications::find(&call, None, &application).await?;
        instances::page_of(&call, &found, status.0.as_deref()).await
    }

    /// Ask to use a service.
    #[oai(
        path = "/applications/:application/application_instances",
        method = "post",
        operation_id = "create_own_instance"
    )]
    async fn request(
        &self,
        call: Developer,
        application: Path<String>,
        body: KongBody<InstanceBody>,
    ) -> Result<Answer<One<InstanceEntity>, 201>, Refusal> {
        let found = applications::find(&call, None, &application).await?;
        let key = words::requested(body.tree)?;
        let service = match service::shown(&call.app, &call.tenant, &call.actor, &key.reference()).await {
            Ok(service) => service.id,
            Err(Error::NotFound) => return Err(Refusal::foreign_key_missing("service", key.value(), "services")),
            Err(error) => return Err(call.refuse(Entity::Instance)(error)),
        };
        Ok(Answer::new(&instances::request(&call, &found, service).await?))
    }

    /// Read a contract of an application.
    #[oai(
        path = "/applications/:application/application_instances/:instance",
        method = "get",
        operation_id = "read_own_instance"
    )]
    async fn instance(
        &self,
        call: Developer,
        application: Path<String>,
        instance: Path<String>,
    ) -> Result<Answer<One<InstanceEntity>>, Refusal> {
        let found = applications::find(&call, None, &application).await?;
        Ok(Answer::new(&words::shown(&instances::find(&call, &found, &instance).await?)))
    }

    /// Do without a service.
    #[oai(
        path = "/applications/:application/application_instances/:instance",
        method = "delete",
        operation_id = "delete_own_instance"
    )]
    async fn unregister(
        &self,
        call: Developer,
        application: Path<String>,
        instance: Path<String>,
    ) -> Result<Gone, Refusal> {
        let found = applications::find(&call, None, &application).await?;
        let contract = instances::find(&call, &found, &instance).await?;
        let ended = contract::unregister(&call.app, &call.tenant, &call.actor, contract.row.id).await;
        ended.map(|()| Gone).map_err(call.refuse(Entity::Instance))
    }

    /// List the credentials of an application.
    #[oai(path = "/applications/:application/credentials", method = "get", operation_id = "list_own_credentials")]
    async fn credentials(
        &self,
        call: Developer,
        application: Path<String>,
    ) -> Result<Answer<Many<CredentialEntity>>, Refusal> {
        let found = applications::find(&call, None, &application).await?;
        Ok(Answer::new(&credentials::all(&call, &found).await?))
    }

    /// Generate one more credential; nothing has to be sent.
    #[oai(path = "/applications/:application/credentials", method = "post", operation_id = "create_own_credential")]
    async fn add_credential(
        &self,
        call: Developer,
        application: Path<String>,
    ) -> Result<Answer<One<CredentialEntity>, 201>, Refusal> {
        let found = applications::find(&call, None, &application).await?;
        Ok(Answer::new(&credentials::create(&call, &found, client::New::default(), client::Copies::Kept).await?))
    }

    /// Read a credential of an application.
    #[oai(
        path = "/applications/:application/credentials/:credential",
        method = "get",
        operation_id = "read_own_credential"
    )]
    async fn credential(
        &self,
        call: Developer,
        application: Path<String>,
        credential: Path<String>,
    ) -> Result<Answer<One<CredentialEntity>>, Refusal> {
        let found = applications::find(&call, None, &application).await?;
        Ok(Answer::new(&credentials::find(&call, &found, &credential).await?))
    }

    /// Remove a credential from an application.
    #[oai(
        path = "/applications/:application/credentials/:credential",
        method = "delete",
        operation_id = "delete_own_credential"
    )]
    async fn remove_credential(
        &self,
        call: Developer,
        application: Path<String>,
        credential: Path<String>,
    ) -> Result<Gone, Refusal> {
        let found = applications::find(&call, None, &application).await?;
        credentials::remove(&call, &found, &credential).await
    }
}

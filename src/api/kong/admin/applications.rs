//! `/developers/{developer}/applications` and `/applications` (portal.md K70).

use entity::id::{ApplicationId, UserId};
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use serde_json::Value;

use super::{Part, developers};
use crate::api::kong::answer::{Answer, Gone, Many, One};
use crate::api::kong::application::{
    self as words, ApplicationBody, ApplicationEntity, ApplicationFields, ApplicationPatch,
};
use crate::api::kong::call::{Admin, Call, id};
use crate::api::kong::error::portal::Entity;
use crate::api::kong::{KongBody, Refusal, Tree};
use crate::oidc::client::ApplicationType;
use crate::portal::application::{self, Application, Change, Filter, New, Whose};
use crate::portal::client::{self, Which};
use crate::portal::{Error, Wrong};

/// Applications.
#[derive(Debug)]
pub struct ApplicationsApi;

type Shown<const STATUS: u16 = 200> = Answer<One<ApplicationEntity>, STATUS>;

#[OpenApi(prefix_path = "/kong/admin", tag = "Part::Applications")]
impl ApplicationsApi {
    /// List all applications.
    #[oai(path = "/applications", method = "get", operation_id = "list_applications")]
    async fn list(&self, call: Admin) -> Result<Answer<Many<ApplicationEntity>>, Refusal> {
        page(&call, &Filter::default()).await
    }

    /// Read an application.
    #[oai(path = "/applications/:application", method = "get", operation_id = "read_application")]
    async fn read(&self, call: Admin, application: Path<String>) -> Result<Shown, Refusal> {
        Ok(Answer::new(&shown(&call, &find(&call, None, &application).await?).await?))
    }

    /// Change an application.
    #[oai(path = "/applications/:application", method = "patch", operation_id = "update_application")]
    async fn update(
        &self,
        call: Admin,
        application: Path<String>,
        body: KongBody<ApplicationPatch>,
    ) -> Result<Shown, Refusal> {
        let found = find(&call, None, &application).await?;
        Ok(Answer::new(&update(&call, &found, body.tree).await?))
    }

    /// Put an application away.
    #[oai(path = "/applications/:application", method = "delete", operation_id = "delete_application")]
    async fn delete(&self, call: Admin, application: Path<String>) -> Result<Gone, Refusal> {
        let found = find(&call, None, &application).await?;
        archive(&call, &found).await
    }

    /// List the applications of a developer.
    #[oai(
        path = "/developers/:developer/applications",
        method = "get",
        operation_id = "list_applications_of_developer"
    )]
    async fn list_of_developer(
        &self,
        call: Admin,
        developer: Path<String>,
    ) -> Result<Answer<Many<ApplicationEntity>>, Refusal> {
        let owner = developers::find(&call, &developer).await?;
        page(&call, &Filter { owner: Some(owner.id), ..Filter::default() }).await
    }

    /// Make an application for a developer, with a first credential.
    #[oai(
        path = "/developers/:developer/applications",
        method = "post",
        operation_id = "create_application_of_developer"
    )]
    async fn create(
        &self,
        call: Admin,
        developer: Path<String>,
        body: KongBody<ApplicationBody>,
    ) -> Result<Shown<201>, Refusal> {
        let owner = developers::find(&call, &developer).await?;
        Ok(Answer::new(&create(&call, body.tree, Some(owner.id)).await?))
    }

    /// Read an application of a developer.
    #[oai(
        path = "/developers/:developer/applications/:application",
        method = "get",
        operation_id = "read_application_of_developer"
    )]
    async fn read_of_developer(
        &self,
        call: Admin,
        developer: Path<String>,
        application: Path<String>,
    ) -> Result<Shown, Refusal> {
        Ok(Answer::new(&shown(&call, &find(&call, Some(&developer), &application).await?).await?))
    }

    /// Change an application of a developer.
    #[oai(
        path = "/developers/:developer/applications/:application",
        method = "patch",
        operation_id = "update_application_of_developer"
    )]
    async fn update_of_developer(
        &self,
        call: Admin,
        developer: Path<String>,
        application: Path<String>,
        body: KongBody<ApplicationPatch>,
    ) -> Result<Shown, Refusal> {
        let found = find(&call, Some(&developer), &application).await?;
        Ok(Answer::new(&update(&call, &found, body.tree).await?))
    }

    /// Put an application of a developer away.
    #[oai(
        path = "/developers/:developer/applications/:application",
        method = "delete",
        operation_id = "delete_application_of_developer"
    )]
    async fn delete_of_developer(
        &self,
        call: Admin,
        developer: Path<String>,
        application: Path<String>,
    ) -> Result<Gone, Refusal> {
        let found = find(&call, Some(&developer), &application).await?;
        archive(&call, &found).await
    }
}

/// The application that a path names; below a developer it must be theirs (s.B2).
pub(in crate::api::kong) async fn find(
    call: &Call,
    developer: Option<&str>,
    application: &str,
) -> Result<Application, Refusal> {
    let owner: Option<UserId> = match developer {
        Some(developer) => Some(developers::find(call, developer).await?.id),
        None => None,
    };
    let wanted: ApplicationId = id(application)?;
    let found = application::find(&call.app, &call.tenant, &call.actor, wanted).await;
    let found = found.map_err(call.refuse(Entity::Application))?;
    if owner.is_some() && found.row.primary_owner_id != owner { Err(Refusal::not_found()) } else { Ok(found) }
}

/// A page of applications.
pub(in crate::api::kong) async fn page(
    call: &Call,
    filter: &Filter,
) -> Result<Answer<Many<ApplicationEntity>>, Refusal> {
    let asked = call.page()?;
    let found = application::list(&call.app, &call.tenant, &call.actor, filter, &asked.part()).await;
    let found = found.map_err(call.refuse(Entity::Application))?;
    let ids: Vec<ApplicationId> = found.items.iter().map(|application| application.row.id).collect();
    let first = client::first_of(&call.app, &call.tenant, &ids).await.map_err(call.refuse(Entity::Application))?;
    let shown = |application: Application| {
        let uri = first.get(&application.row.id).and_then(|client| client.metadata.redirect_uris().first());
        words::shown(&application, uri.map(String::as_str))
    };
    Ok(Answer::new(&asked.counted(found.map(shown))))
}

/// Only one's own, and those one is a member of.
pub(in crate::api::kong) fn mine() -> Filter {
    Filter { whose: Whose::Mine, ..Filter::default() }
}

/// Makes an application; `owner`: for whom, where it is not the caller.
pub(in crate::api::kong) async fn create(call: &Call, tree: Tree, owner: Option<UserId>) -> Result<Value, Refusal> {
    let (fields, wrong) = ApplicationFields::whole(tree);
    if !wrong.is_empty() {
        let (uris, name) = (Vec::from_iter(fields.redirect_uri), fields.name.as_deref().unwrap_or_default());
        let of = (name, ApplicationType::Web);
        let rules = client::complaints::of_first(&call.app, &call.tenant, &call.actor, of, &uris).await;
        let rules = rules.map_err(call.refuse(Entity::Application))?;
        return Err(Refusal::of_both(Entity::Application, wrong, &rules));
    }
    let new = New {
        description: fields.description.flatten(),
        redirect_uris: fields.redirect_uri.clone().into_iter().collect(),
        custom_id: fields.custom_id.flatten(),
        owner,
        ..New::named(fields.name.unwrap_or_default(), ApplicationType::Web)
    };
    let created = application::create(&call.app, &call.tenant, &call.actor, new).await;
    let created = created.map_err(call.refuse(Entity::Application))?;
    let uri = created.client.as_ref().and_then(|client| client.metadata.redirect_uris().first());
    Ok(words::shown(&created.application, uri.map(String::as_str)))
}

/// Changes an application.
pub(in crate::api::kong) async fn update(call: &Call, found: &Application, tree: Tree) -> Result<Value, Refusal> {
    let (fields, wrong) = ApplicationFields::part(tree);
    if !wrong.is_empty() {
        let rules = complaints_of_client(call, found, fields.redirect_uri).await;
        let rules = rules.map_err(call.refuse(Entity::Application))?;
        return Err(Refusal::of_both(Entity::Application, wrong, &rules));
    }
    let change = Change {
        name: fields.name,
        description: fields.description,
        redirect_uris: fields.redirect_uri.map(|uri| vec![uri]),
        custom_id: fields.custom_id,
        ..Change::default()
    };
    let changed = application::change(&call.app, &call.tenant, &call.actor, found.row.id, None, change).await;
    shown(call, &changed.map_err(call.refuse(Entity::Application))?).await
}

/// What is wrong with another redirect URI of the first client of an application.
async fn complaints_of_client(call: &Call, found: &Application, uri: Option<String>) -> Result<Vec<Wrong>, Error> {
    let Some(uri) = uri else { return Ok(Vec::new()) };
    let first = client::first_of(&call.app, &call.tenant, &[found.row.id]).await?;
    let Some(first) = first.get(&found.row.id) else { return Ok(Vec::new()) };
    let change = client::Change { redirect_uris: Some(vec![uri]), ..client::Change::default() };
    let which = Which::of(found.row.id, first.client_id());
    client::change::complaints(&call.app, &call.tenant, &call.actor, which, &change).await
}

/// Puts an application away.
pub(in crate::api::kong) async fn archive(call: &Call, found: &Application) -> Result<Gone, Refusal> {
    let archived = application::archive(&call.app, &call.tenant, &call.actor, found.row.id).await;
    archived.map(|()| Gone).map_err(call.refuse(Entity::Application))
}

/// An application with the redirect URI of its first client.
pub(in crate::api::kong) async fn shown(call: &Call, application: &Application) -> Result<Value, Refusal> {
    let first = client::first_of(&call.app, &call.tenant, &[application.row.id]).await;
    let first = first.map_err(call.refuse(Entity::Application))?.into_values().next();
    let uri = first.as_ref().and_then(|client| client.metadata.redirect_uris().first());
    Ok(words::shown(application, uri.map(String::as_str)))
}

//! `/api/v3/applications`: what does a developer's application look like, and how does it change? (portal.md N23, N25)

use std::sync::Arc;

use entity::id::ApplicationId;
use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

use super::Part;
use super::answer::{Gone, Page, Told};
use super::body::{Fields, Sent};
use super::caller::Developer;
use super::error::Problem;
use super::page::{Asked, either};
use super::shape::{Application, AuthStrategy, id};
use crate::oidc::client::ApplicationType;
use crate::oidc::client::record::Client;
use crate::portal::application::{self, Change, Filter, New, Whose};
use crate::portal::{client, contract};

/// How long Konnect lets its texts be, in characters.
const TEXT_MAX: usize = 255;
/// How long an address may be; the rules of registration say more.
const ADDRESS_MAX: usize = 2048;

/// The applications of developers.
#[derive(Debug)]
pub struct ApplicationsApi;

/// An application to be made.
#[derive(Debug, Object)]
#[oai(rename = "CreateApplication")]
struct NewDocument {
    /// Name: 1 to 255 characters.
    name: String,
    /// What it does: at most 255 characters.
    description: Option<String>,
    /// Where authorization answers may go.
    redirect_uri: Option<String>,
    /// What it is called elsewhere: 1 to 200 characters, unique.
    reference_id: Option<String>,
    /// An identifier for its client that is known elsewhere already; none: a fresh one.
    client_id: Option<String>,
    /// The auth strategy: there is one.
    auth_strategy_id: Option<String>,
    /// Always empty: scopes come with registrations.
    scopes: Option<Vec<String>>,
    /// Always `null`: there are no teams.
    team_id: Option<String>,
}

/// What is to change of an application.
#[derive(Debug, Object)]
#[oai(rename = "UpdateApplication")]
struct ChangeDocument {
    /// Name: 1 to 255 characters.
    name: Option<String>,
    /// What it does; `null`: nothing is said.
    description: Option<String>,
    /// Where authorization answers may go; `null`: nowhere.
    redirect_uri: Option<String>,
    /// What it is called elsewhere; `null`: nothing is said.
    reference_id: Option<String>,
    /// The identifier it has: it cannot be changed.
    client_id: Option<String>,
    /// Always empty: scopes come with registrations.
    scopes: Option<Vec<String>>,
    /// Always `null`: there are no teams.
    team_id: Option<String>,
}

/// The scopes an application was granted.
#[derive(Debug, Object)]
pub struct GrantedScopes {
    /// Those of the APIs it is registered for, where that was approved.
    scopes: Vec<String>,
}

#[OpenApi(tag = "Part::Applications")]
impl ApplicationsApi {
    /// List applications.
    ///
    /// Those the caller owns or is a member of, the oldest first.
    #[oai(path = "/api/v3/applications", method = "get", operation_id = "list_applications")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: Developer,
        request: &Request,
        #[oai(name = "page[number]")] number: Query<Option<u64>>,
        #[oai(name = "page[size]")] size: Query<Option<u64>>,
        /// Part of the name.
        #[oai(name = "filter[name][contains]")]
        contains: Query<Option<String>>,
    ) -> Result<Told<Page<Application>>, Problem> {
        let asked = Asked::read(request, *number, *size, &["filter[name][contains]"])?;
        let Developer { app, tenant, actor } = &caller;
        let filter = Filter { whose: Whose::Mine, search: either(contains.0, None), ..Filter::default() };
        let listed = application::list(app, tenant, actor, &filter, &asked.wanted()).await?;
        let ids: Vec<ApplicationId> = listed.items.iter().map(|item| item.row.id).collect();
        let clients = client::first_of(app, tenant, &ids).await?;
        let told = |item: application::Application| {
            Application::of(tenant, &item, clients.get(&item.row.id).map(|client| &**client))
        };
        Ok(Told(asked.page(listed, told)))
    }

    /// Make an application.
    ///
    /// With a client, whose secret is told this once.
    #[oai(path = "/api/v3/applications", method = "post", operation_id = "create_application")]
    async fn create(&self, caller: Developer, body: Sent<NewDocument>) -> Result<Told<Application, 201>, Problem> {
        let Developer { app, tenant, actor } = &caller;
        let mut fields = body.fields();
        fields.need("name");
        let mut new = New::named(fields.text("name", TEXT_MAX).unwrap_or_default(), ApplicationType::Web);
        new.description = fields.text("description", TEXT_MAX);
        new.redirect_uris = fields.text_or_null("redirect_uri", ADDRESS_MAX).flatten().into_iter().collect();
        new.custom_id = fields.text_or_null("reference_id", TEXT_MAX).flatten();
        new.given.client_id = fields.text_or_null("client_id", TEXT_MAX).flatten();
        let strategy = fields.text_or_null("auth_strategy_id", TEXT_MAX).flatten();
        if strategy.is_some_and(|strategy| strategy != AuthStrategy::of(tenant).id) {
            fields.refuse("auth_strategy_id", "missing_reference", "is no auth strategy of this portal");
        }
        refuse_what_is_not_here(&mut fields);
        fields.done()?;
        let created = application::create(app, tenant, actor, new).await?;
        let client_secret = created.secret.map(|secret| secret.expose().to_owned());
        let told = Application::of(tenant, &created.application, created.client.as_deref());
        Ok(Told(Application { client_secret, ..told }))
    }

    /// Read an application.
    #[oai(path = "/api/v3/applications/:application_id", method = "get", operation_id = "get_application")]
    async fn read(&self, caller: Developer, application_id: Path<String>) -> Result<Told<Application>, Problem> {
        Ok(Told(self.told(&caller, &application_id).await?))
    }

    /// Change an application.
    ///
    /// What is not sent stays.
    #[oai(path = "/api/v3/applications/:application_id", method = "patch", operation_id = "update_application")]
    async fn change(
        &self,
        caller: Developer,
        application_id: Path<String>,
        body: Sent<ChangeDocument>,
    ) -> Result<Told<Application>, Problem> {
        let before = self.told(&caller, &application_id).await?;
        let mut fields = body.fields();
        let name = fields.text("name", TEXT_MAX);
        let description = fields.text_or_null("description", TEXT_MAX);
        let address = fields.text_or_null("redirect_uri", ADDRESS_MAX);
        let custom_id = fields.text_or_null("reference_id", TEXT_MAX);
        let client_id = fields.text_or_null("client_id", TEXT_MAX).flatten();
        if client_id.is_some() && client_id != before.client_id {
            fields.refuse("client_id", "invalid", "cannot be changed");
        }
        refuse_what_is_not_here(&mut fields);
        fields.done()?;
        let redirect_uris = address.map(|address| address.into_iter().collect());
        let change = Change { name, description, redirect_uris, custom_id, ..Change::default() };
        let Developer { app, tenant, actor } = &caller;
        application::change(app, tenant, actor, known(&application_id)?, None, change).await?;
        Ok(Told(self.told(&caller, &application_id).await?))
    }

    /// Remove an application.
    ///
    /// With its registrations, secrets and tokens.
    #[oai(path = "/api/v3/applications/:application_id", method = "delete", operation_id = "delete_application")]
    async fn remove(&self, caller: Developer, application_id: Path<String>) -> Result<Gone, Problem> {
        let Developer { app, tenant, actor } = &caller;
        application::archive(app, tenant, actor, known(&application_id)?).await?;
        Ok(Gone::Done)
    }

    /// List the scopes an application was granted.
    #[oai(
        path = "/api/v3/applications/:application_id/granted-scopes",
        method = "get",
        operation_id = "get_application_granted_scopes"
    )]
    async fn granted_scopes(
        &self,
        caller: Developer,
        application_id: Path<String>,
    ) -> Result<Told<GrantedScopes>, Problem> {
        let Developer { app, tenant, actor } = &caller;
        let found = application::find(app, tenant, actor, known(&application_id)?).await?;
        let scopes = contract::granted_scopes(app, tenant, found.row.id).await?;
        Ok(Told(GrantedScopes { scopes }))
    }

    /// List the auth strategies: there is one.
    #[oai(
        path = "/api/v3/application-auth-strategies",
        method = "get",
        operation_id = "list_application_auth_strategies"
    )]
    async fn strategies(
        &self,
        caller: Developer,
        request: &Request,
        #[oai(name = "page[number]")] number: Query<Option<u64>>,
        #[oai(name = "page[size]")] size: Query<Option<u64>>,
    ) -> Result<Told<Page<AuthStrategy>>, Problem> {
        let asked = Asked::read(request, *number, *size, &[])?;
        caller.actor.may(crate::portal::Action::ReadOwn)?;
        Ok(Told(asked.page(asked.of_all(vec![AuthStrategy::of(&caller.tenant)]), |strategy| strategy)))
    }
}

impl ApplicationsApi {
    async fn told(&self, caller: &Developer, application_id: &str) -> Result<Application, Problem> {
        let Developer { app, tenant, actor } = caller;
        let found = application::find(app, tenant, actor, known(application_id)?).await?;
        let first = client::first_of(app, tenant, &[found.row.id]).await?.into_values().next();
        Ok(Application::of(tenant, &found, first.as_deref()))
    }
}

/// The application that a path names.
///
/// # Errors
/// 404 for what is no identity.
pub(super) fn known(application_id: &str) -> Result<ApplicationId, Problem> {
    id(application_id).ok_or_else(Problem::not_found)
}

/// The first client of an application that the caller may see: the one whose secrets are its credentials.
///
/// # Errors
/// 404 for an application the caller may not know of, and for one without a client.
pub(super) async fn first_client(caller: &Developer, application_id: ApplicationId) -> Result<Arc<Client>, Problem> {
    let Developer { app, tenant, actor } = caller;
    application::find(app, tenant, actor, application_id).await?;
    let first = client::first_of(app, tenant, &[application_id]).await?;
    first.into_values().next().ok_or_else(Problem::not_found)
}

/// Teams and scopes of an application's own are refused and never swallowed.
fn refuse_what_is_not_here(fields: &mut Fields) {
    if fields.any("team_id").is_some_and(|team| !team.is_null()) {
        fields.refuse("team_id", "missing_reference", "there are no teams here");
    }
    let scopes = fields.any("scopes").unwrap_or_default();
    if !scopes.is_null() && scopes.as_array().map(Vec::as_slice) != Some(&[] as &[Value]) {
        fields.refuse("scopes", "invalid", "must be empty: scopes come with registrations");
    }
}

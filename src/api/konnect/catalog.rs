//! `/api/v3/apis` and `/api/v3/developer/me`: what can a developer register for, and who are they? (portal.md N5, N6)

use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

use super::Part;
use super::answer::{Page, Told};
use super::caller::Developer;
use super::error::Problem;
use super::page::{Asked, either};
use super::shape::Api;
use crate::clock::rfc3339;
use crate::portal::service::{Filter, catalog, shown};
use crate::portal::{Action, Error};

/// The catalog, and the developer who looks at it.
#[derive(Debug)]
pub struct CatalogApi;

/// A developer.
#[derive(Debug, Object)]
#[oai(rename = "Developer")]
pub struct Me {
    /// Identity.
    id: String,
    /// E-mail address.
    email: String,
    /// Full name.
    full_name: String,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
}

/// What one may do with an API.
#[derive(Debug, Object)]
pub struct Actions {
    /// What.
    actions: ActionsOfApi,
}

/// What one may do with an API.
#[derive(Debug, Object)]
pub struct ActionsOfApi {
    /// See it.
    view: bool,
    /// Register an application for it.
    register: bool,
    /// Read its documentation.
    view_documentation: bool,
}

#[OpenApi(tag = "Part::Catalog")]
impl CatalogApi {
    /// List the APIs of the catalog.
    #[oai(path = "/api/v3/apis", method = "get", operation_id = "list_apis")]
    async fn list(
        &self,
        caller: Developer,
        request: &Request,
        #[oai(name = "page[number]")] number: Query<Option<u64>>,
        #[oai(name = "page[size]")] size: Query<Option<u64>>,
        /// Part of the name, the description or a tag.
        #[oai(name = "filter[name][contains]")]
        contains: Query<Option<String>>,
    ) -> Result<Told<Page<Api>>, Problem> {
        let asked = Asked::read(request, *number, *size, &["filter[name][contains]"])?;
        let Developer { app, tenant, actor } = &caller;
        let filter = Filter { search: either(contains.0, None), ..Filter::default() };
        let listed = catalog(app, tenant, actor, &filter, &asked.wanted()).await?;
        Ok(Told(asked.page(listed, |service| Api::of(tenant, service))))
    }

    /// Read an API.
    #[oai(path = "/api/v3/apis/:api_id_or_slug", method = "get", operation_id = "fetch_api")]
    async fn read(&self, caller: Developer, api_id_or_slug: Path<String>) -> Result<Told<Api>, Problem> {
        let service = shown(&caller.app, &caller.tenant, &caller.actor, &api_id_or_slug).await?;
        Ok(Told(Api::of(&caller.tenant, service)))
    }

    /// Say what one may do with an API.
    #[oai(path = "/api/v3/apis/:api_id_or_slug/actions", method = "get", operation_id = "get_api_actions")]
    async fn actions(&self, caller: Developer, api_id_or_slug: Path<String>) -> Result<Told<Actions>, Problem> {
        let service = shown(&caller.app, &caller.tenant, &caller.actor, &api_id_or_slug).await?;
        let register = service.registration.is_some() && caller.actor.can(Action::WriteOwn);
        Ok(Told(Actions { actions: ActionsOfApi { view: true, register, view_documentation: true } }))
    }

    /// Say who is signed in.
    #[oai(path = "/api/v3/developer/me", method = "get", operation_id = "get_developer_me")]
    async fn me(&self, caller: Developer) -> Result<Told<Me>, Problem> {
        let Some(user) = &caller.actor.user else { return Err(Error::NotAllowed(Action::ReadOwn).into()) };
        Ok(Told(Me {
            id: user.id.to_string(),
            email: user.email.clone(),
            full_name: user.name.clone().unwrap_or_default(),
            created_at: rfc3339(user.created_at),
            updated_at: rfc3339(user.updated_at),
        }))
    }
}

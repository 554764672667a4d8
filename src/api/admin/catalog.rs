//! `/catalog`: what can developers register for? (portal.md K7, K30)

use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::Part;
use super::answer::Told;
use super::caller::Caller;
use super::nullable::Nullable;
use super::page::{Asked, Page, said, words};
use super::problem::Problem;
use super::service::Scope;
use super::word::Access;
use crate::portal::service::{self as rule, Filter, Shown, Tags, Which};

/// What developers see of the services.
#[derive(Debug)]
pub struct CatalogApi;

/// A service as developers see it.
#[derive(Debug, Object)]
struct CatalogService {
    /// Identity.
    id: Uuid,
    /// Its name, as paths name it.
    name: String,
    /// Its name in the portal.
    title: String,
    /// What it is.
    description: Nullable<String>,
    /// What requests name as `audience` or `resource`.
    audience: String,
    /// What one may ask for.
    scopes: Vec<Scope>,
    /// Words to find it by.
    tags: Vec<String>,
    /// Who gets tokens for it.
    access: Access,
    /// Whether an application can ask for a contract.
    registrable: bool,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970.
    updated_at: i64,
}

impl From<Shown> for CatalogService {
    fn from(shown: Shown) -> Self {
        let scope = |scope: rule::Scope| Scope { value: scope.value, description: scope.description };
        Self {
            id: shown.id.0,
            name: shown.name,
            title: shown.title,
            description: shown.description.into(),
            audience: shown.audience,
            scopes: shown.scopes.into_iter().map(scope).collect(),
            tags: shown.tags,
            access: shown.access.into(),
            registrable: shown.registration.is_some(),
            created_at: shown.created_at,
            updated_at: shown.updated_at,
        }
    }
}

#[OpenApi(tag = "Part::Applications")]
impl CatalogApi {
    /// List the services that developers see.
    #[oai(path = "/catalog", method = "get", operation_id = "list_catalog")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
        /// Occurs in the name, the display name, the description, the audience or a tag.
        search: Query<Option<String>>,
        /// All of these tags, separated by commas.
        tags: Query<Option<String>>,
        /// `true`: only those an application can ask for.
        registrable: Query<Option<bool>>,
    ) -> Result<Told<Page<CatalogService>>, Problem> {
        let filters = ["search", "tags", "registrable"];
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &filters)?;
        let tags = words(tags.0);
        let filter = Filter {
            search: said(search.0),
            tags: if tags.is_empty() { Tags::Any } else { Tags::AllOf(tags) },
            which: if registrable.0 == Some(true) { Which::Registrable } else { Which::Published },
        };
        let listed = rule::catalog(&caller.app, &caller.tenant, &caller.actor, &filter, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, CatalogService::from))
    }

    /// Read a service as developers see it.
    #[oai(path = "/catalog/:service", method = "get", operation_id = "read_catalog")]
    async fn read(
        &self,
        caller: Caller,
        /// Its identity, or its name.
        service: Path<String>,
    ) -> Result<Told<CatalogService>, Problem> {
        Ok(Told::new(&rule::shown(&caller.app, &caller.tenant, &caller.actor, &service).await?.into()))
    }
}

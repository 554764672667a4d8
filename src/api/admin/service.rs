//! `/services`: which services are there, and how do they change?

use entity::id::UserId;
use poem::Request;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};
use serde_json::Value;
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::body::Body;
use super::caller::Caller;
use super::nullable::Nullable;
use super::page::{Asked, Page, said, words};
use super::policy::Policy;
use super::precondition::Seen;
use super::problem::Problem;
use super::word::{Access, TokenFormat};
use crate::portal::service::{self as rule, Change, Filter, Tags, Which};

/// The services of the tenant.
#[derive(Debug)]
pub struct ServiceApi;

/// A scope of a service.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Scope")]
pub struct Scope {
    /// As it stands in requests and tokens.
    pub value: String,
    /// What it lets a client do, in words for people.
    #[oai(default)]
    pub description: String,
}

/// A service: what applications get tokens for.
#[derive(Debug, Object)]
struct Service {
    /// Identity.
    id: Uuid,
    /// Name in lists and paths.
    name: String,
    /// One sentence for people.
    description: Nullable<String>,
    /// What stands in `aud` of its tokens.
    audience: String,
    /// Tokens are issued for it.
    enabled: bool,
    /// Who gets tokens for it.
    access: Access,
    /// Shown in the catalog.
    published: bool,
    /// The publisher who looks after it.
    owner_id: Nullable<Uuid>,
    /// Where it runs; kept for those who manage gateways.
    upstream: Nullable<Value>,
    /// Words to find it by.
    tags: Nullable<Vec<String>>,
    /// The scopes it knows.
    scopes: Vec<Scope>,
    /// What its access tokens look like.
    token_format: TokenFormat,
    /// Seconds its access tokens live, 0: for ever; `null`: as its policy or the configuration says.
    access_token_seconds: Nullable<i64>,
    /// Its policy.
    policy: Nullable<Policy>,
    /// Counts the changes; the `ETag` is `"v"` and this number.
    version: i64,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970.
    updated_at: i64,
}

/// A service to be made.
#[derive(Debug, Object)]
struct NewService {
    /// Name in lists and paths; unique in the tenant.
    name: String,
    /// What is said of it.
    #[oai(flatten)]
    more: ServiceMembers,
}

/// What is to change of a service; what is left out stays (RFC 7396).
#[derive(Debug, Object)]
struct ServiceChange {
    /// Name in lists and paths; unique in the tenant.
    name: Option<String>,
    /// What is said of it.
    #[oai(flatten)]
    more: ServiceMembers,
}

/// What can be said of a service.
#[derive(Debug, Object)]
struct ServiceMembers {
    /// One sentence for people.
    description: Nullable<String>,
    /// What stands in `aud` of its tokens: an absolute URI without a fragment, or a plain name; unique in the tenant.
    audience: Option<String>,
    /// Tokens are issued for it.
    enabled: Option<bool>,
    /// Who gets tokens for it.
    access: Option<Access>,
    /// Shown in the catalog.
    published: Option<bool>,
    /// The publisher who looks after it.
    owner_id: Nullable<Uuid>,
    /// Where it runs: an object of at most 16 KiB.
    upstream: Nullable<Value>,
    /// Words to find it by.
    tags: Nullable<Vec<String>>,
    /// The scopes it knows.
    scopes: Option<Vec<Scope>>,
    /// What its access tokens look like.
    token_format: Option<TokenFormat>,
    /// Seconds its access tokens live, 0: for ever; `null`: as its policy or the configuration says.
    access_token_seconds: Nullable<i64>,
}

impl ServiceMembers {
    fn change(self, name: Option<String>) -> Change {
        let scope = |scope: Scope| rule::Scope { value: scope.value, description: scope.description };
        Change {
            name,
            description: self.description.change(),
            audience: self.audience,
            enabled: self.enabled,
            access: self.access.map(Into::into),
            published: self.published,
            owner_id: self.owner_id.change().map(|owner| owner.map(UserId)),
            upstream: self.upstream.change(),
            tags: self.tags.change(),
            scopes: self.scopes.map(|scopes| scopes.into_iter().map(scope).collect()),
            token_format: self.token_format.map(Into::into),
            access_token_seconds: self.access_token_seconds.change(),
            kept: None,
        }
    }
}

impl From<rule::Service> for Service {
    fn from(service: rule::Service) -> Self {
        let rule::Service { row, scopes, policy } = service;
        let scope = |scope: &rule::Scope| Scope { value: scope.value.clone(), description: scope.description.clone() };
        let policy =
            policy.map(|policy| Policy::from(crate::portal::policy::Policy { row: policy, service: row.clone() }));
        Self {
            id: row.id.0,
            description: row.description.into(),
            audience: row.audience,
            enabled: row.enabled,
            access: row.access.into(),
            published: row.published,
            owner_id: row.owner_id.map(|owner| owner.0).into(),
            upstream: row.upstream.into(),
            tags: row.tags.as_ref().map(|tags| rule::find::tags(Some(tags))).into(),
            scopes: scopes.iter().map(scope).collect(),
            token_format: row.token_format.into(),
            access_token_seconds: row.access_token_seconds.into(),
            policy: policy.into(),
            name: row.name,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

fn told(service: rule::Service) -> Told<Service> {
    let version = service.row.version;
    Told::new(&service.into()).version(version)
}

#[OpenApi(tag = "Part::Services")]
impl ServiceApi {
    /// List services.
    ///
    /// The oldest first. Publishers see all of them, and change those they look after.
    #[oai(path = "/services", method = "get", operation_id = "list_services")]
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
        /// Only those that developers see, or that they do not.
        registrable: Query<Option<bool>>,
    ) -> Result<Told<Page<Service>>, Problem> {
        let filters = ["search", "tags", "registrable"];
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &filters)?;
        let tags = words(tags.0);
        let filter = Filter {
            search: said(search.0),
            tags: if tags.is_empty() { Tags::Any } else { Tags::AllOf(tags) },
            which: if registrable.0 == Some(true) { Which::Registrable } else { Which::All },
        };
        let listed = rule::list(&caller.app, &caller.tenant, &caller.actor, &filter, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, Service::from))
    }

    /// Make a service.
    #[oai(path = "/services", method = "post", operation_id = "create_service")]
    async fn create(&self, caller: Caller, body: Body<NewService>) -> Result<Told<Service, 201>, Problem> {
        let change = body.0.more.change(Some(body.0.name));
        let made = rule::create(&caller.app, &caller.tenant, &caller.actor, None, change).await?;
        let (at, version) = (caller.url(&format!("/services/{}", made.row.id)), made.row.version);
        Ok(Told::new(&made.into()).version(version).at(&at))
    }

    /// Read a service.
    #[oai(path = "/services/:service", method = "get", operation_id = "read_service")]
    async fn read(
        &self,
        caller: Caller,
        /// Its identity, or its name.
        service: Path<String>,
    ) -> Result<Told<Service>, Problem> {
        Ok(told(rule::find(&caller.app, &caller.tenant, &caller.actor, &service).await?))
    }

    /// Change a service.
    ///
    /// Another audience ends the tokens for the old one.
    #[oai(path = "/services/:service", method = "patch", operation_id = "change_service")]
    async fn change(
        &self,
        caller: Caller,
        /// Its identity, or its name.
        service: Path<String>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<ServiceChange>,
    ) -> Result<Told<Service>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (expected, change) = (seen.version()?, body.0.more.change(body.0.name));
        let changed = rule::change(&caller.app, &caller.tenant, &caller.actor, &service, expected, change).await;
        changed.map(told).map_err(|error| seen.refuse(error))
    }

    /// Remove a service.
    ///
    /// With its policy, its documents and its contracts. Tokens for it are not good from then on.
    #[oai(path = "/services/:service", method = "delete", operation_id = "remove_service")]
    async fn remove(
        &self,
        caller: Caller,
        /// Its identity, or its name.
        service: Path<String>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<Gone, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let removed = rule::remove(&caller.app, &caller.tenant, &caller.actor, &service, seen.version()?).await;
        removed.map(|()| Gone::Done).map_err(|error| seen.refuse(error))
    }
}

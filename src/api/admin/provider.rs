//! `/providers`: where are the portal's applications registered? (portal.md §3.2)

mod words;

use entity::id::ProviderId;
use entity::provider::Model;
use poem::Request;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::body::Body;
use super::caller::Caller;
use super::page::{Asked, Page};
use super::precondition::Seen;
use super::problem::Problem;
use crate::portal::provider as rule;
use words::{NewProvider, Provider, ProviderChange, ProviderMetadata};

/// The providers of the tenant.
#[derive(Debug)]
pub struct ProviderApi;

fn told(row: Model) -> Told<Provider> {
    let version = row.version;
    Told::new(&row.into()).version(version)
}

#[OpenApi(tag = "Part::Providers")]
impl ProviderApi {
    /// List providers.
    #[oai(path = "/providers", method = "get", operation_id = "list_providers")]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
    ) -> Result<Told<Page<Provider>>, Problem> {
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &[])?;
        let listed = rule::list(&caller.app, &caller.tenant, &caller.actor, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, Provider::from))
    }

    /// Set up a provider.
    ///
    /// Its metadata is fetched and an initial access token obtained at once: if that fails nothing is stored. The first
    /// one becomes the default.
    #[oai(path = "/providers", method = "post", operation_id = "create_provider")]
    async fn create(&self, caller: Caller, body: Body<NewProvider>) -> Result<Told<Provider, 201>, Problem> {
        let row = rule::create(&caller.app, &caller.tenant, &caller.actor, body.0.into()).await?;
        let (at, version) = (caller.url(&format!("/providers/{}", row.id)), row.version);
        Ok(Told::new(&row.into()).version(version).at(&at))
    }

    /// Use this server.
    ///
    /// Applications are registered here from now on.
    #[oai(path = "/providers/use-this-server", method = "post", operation_id = "use_this_server")]
    async fn use_this_server(&self, caller: Caller) -> Result<Told<Provider>, Problem> {
        Ok(told(rule::use_this_server(&caller.app, &caller.tenant, &caller.actor).await?))
    }

    /// Read a provider.
    #[oai(path = "/providers/:provider", method = "get", operation_id = "read_provider")]
    async fn read(&self, caller: Caller, provider: Path<Uuid>) -> Result<Told<Provider>, Problem> {
        Ok(told(rule::find(&caller.app, &caller.tenant, &caller.actor, ProviderId(provider.0)).await?))
    }

    /// Change a provider.
    ///
    /// It is tried as it is to be before anything is stored.
    #[oai(path = "/providers/:provider", method = "patch", operation_id = "change_provider")]
    async fn change(
        &self,
        caller: Caller,
        provider: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<ProviderChange>,
    ) -> Result<Told<Provider>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let change = body.0.change(seen.version()?);
        let changed = rule::change(&caller.app, &caller.tenant, &caller.actor, ProviderId(provider.0), change).await;
        changed.map(told).map_err(|error| seen.refuse(error))
    }

    /// Remove a provider.
    ///
    /// Nothing may be registered there any more.
    #[oai(path = "/providers/:provider", method = "delete", operation_id = "remove_provider")]
    async fn remove(
        &self,
        caller: Caller,
        provider: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<Gone, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (id, expected) = (ProviderId(provider.0), seen.version()?);
        let removed = rule::remove(&caller.app, &caller.tenant, &caller.actor, id, expected).await;
        removed.map(|()| Gone::Done).map_err(|error| seen.refuse(error))
    }

    /// Make a provider the default.
    ///
    /// Applications are registered there from now on.
    #[oai(path = "/providers/:provider/default", method = "post", operation_id = "make_default_provider")]
    async fn make_default(&self, caller: Caller, provider: Path<Uuid>) -> Result<Told<Provider>, Problem> {
        let id = ProviderId(provider.0);
        Ok(told(rule::make_default(&caller.app, &caller.tenant, &caller.actor, id).await?))
    }

    /// Try a provider.
    ///
    /// Its metadata is fetched and an initial access token obtained, both anew.
    #[oai(path = "/providers/:provider/test", method = "post", operation_id = "test_provider")]
    async fn test(&self, caller: Caller, provider: Path<Uuid>) -> Result<Told<ProviderMetadata>, Problem> {
        let id = ProviderId(provider.0);
        Ok(Told::new(&rule::test(&caller.app, &caller.tenant, &caller.actor, id).await?.into()))
    }
}

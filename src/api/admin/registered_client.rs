//! `/clients`: which clients does the tenant have, those that registered themselves among them, and what may they do?

use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

use super::Part;
use super::answer::{Gone, Told};
use super::body::Body;
use super::caller::Caller;
use super::client::Client;
use super::nullable::Nullable;
use super::page::{Asked, Page, said};
use super::problem::Problem;
use super::word::{ClientState, Source};
use crate::oidc::client::rights::Change;
use crate::portal::client::standing::{self as rule, Filter, Known};
use crate::portal::template;

/// The clients of the tenant, whoever made them.
#[derive(Debug)]
pub struct RegisteredClientApi;

/// A client, and how it came to be.
#[derive(Debug, Object)]
struct RegisteredClient {
    /// It.
    #[oai(flatten)]
    client: Client,
    /// How its application came to be; `null`: it has none.
    source: Nullable<Source>,
}

/// What a client may do beyond its own tokens.
#[derive(Debug, Object)]
struct ClientRight {
    /// `dcr` or `dcr_admin` to register others, `introspect:any` or `introspect:` and an audience, or a scope of this API.
    right: String,
}

/// What a client is to follow.
#[derive(Debug, Object)]
struct FollowedTemplate {
    /// The identity of a template, or its `software_id`.
    template: String,
}

impl From<Known> for RegisteredClient {
    fn from(known: Known) -> Self {
        Self { client: Client::from(&*known.client), source: known.source.map(Source::from).into() }
    }
}

fn told(known: Known) -> Told<RegisteredClient> {
    let version = known.client.row.metadata_version;
    Told::new(&known.into()).version(version)
}

async fn change(caller: &Caller, client: &str, change: Change) -> Result<Told<RegisteredClient>, Problem> {
    Ok(told(rule::change(&caller.app, &caller.tenant, &caller.actor, client, change).await?))
}

#[OpenApi(tag = "Part::Clients")]
impl RegisteredClientApi {
    /// List all clients.
    ///
    /// The oldest first.
    #[oai(path = "/clients", method = "get", operation_id = "list_clients")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
        /// Whose application came to be so: `open` and `iat` registered themselves.
        source: Query<Option<Source>>,
        /// In this state.
        state: Query<Option<ClientState>>,
        /// Occurs in the name, or is the `client_id`.
        search: Query<Option<String>>,
    ) -> Result<Told<Page<RegisteredClient>>, Problem> {
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &["source", "state", "search"])?;
        let filter = Filter {
            sources: source.0.map(Into::into).into_iter().collect(),
            state: state.0.map(Into::into),
            search: said(search.0),
        };
        let listed = rule::list(&caller.app, &caller.tenant, &caller.actor, &filter, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, RegisteredClient::from))
    }

    /// Read any client.
    #[oai(path = "/clients/:client", method = "get", operation_id = "read_any_client")]
    async fn read(
        &self,
        caller: Caller,
        /// Its identity, or its `client_id`.
        client: Path<String>,
    ) -> Result<Told<RegisteredClient>, Problem> {
        Ok(told(rule::find(&caller.app, &caller.tenant, &caller.actor, &client).await?))
    }

    /// Remove any client.
    #[oai(path = "/clients/:client", method = "delete", operation_id = "remove_any_client")]
    async fn remove(
        &self,
        caller: Caller,
        /// Its identity, or its `client_id`.
        client: Path<String>,
    ) -> Result<Gone, Problem> {
        rule::remove(&caller.app, &caller.tenant, &caller.actor, &client).await?;
        Ok(Gone::Done)
    }

    /// Take a client out of service.
    ///
    /// It gets no tokens, and those it has are not good.
    #[oai(path = "/clients/:client/disable", method = "post", operation_id = "disable_client")]
    async fn disable(&self, caller: Caller, client: Path<String>) -> Result<Told<RegisteredClient>, Problem> {
        change(&caller, &client, Change::Disable).await
    }

    /// Put a client back into service.
    #[oai(path = "/clients/:client/enable", method = "post", operation_id = "enable_client")]
    async fn enable(&self, caller: Caller, client: Path<String>) -> Result<Told<RegisteredClient>, Problem> {
        change(&caller, &client, Change::Enable).await
    }

    /// Make a client one of ours.
    ///
    /// People are not asked for consent.
    #[oai(path = "/clients/:client/trust", method = "post", operation_id = "trust_client")]
    async fn trust(&self, caller: Caller, client: Path<String>) -> Result<Told<RegisteredClient>, Problem> {
        change(&caller, &client, Change::Trust).await
    }

    /// Make a client one of others.
    ///
    /// People are asked for consent.
    #[oai(path = "/clients/:client/distrust", method = "post", operation_id = "distrust_client")]
    async fn distrust(&self, caller: Caller, client: Path<String>) -> Result<Told<RegisteredClient>, Problem> {
        change(&caller, &client, Change::Distrust).await
    }

    /// Grant a client a right.
    ///
    /// A scope of this API only by a caller who has it.
    #[oai(path = "/clients/:client/grant-right", method = "post", operation_id = "grant_client_right")]
    async fn grant(
        &self,
        caller: Caller,
        client: Path<String>,
        body: Body<ClientRight>,
    ) -> Result<Told<RegisteredClient>, Problem> {
        let right = rule::right(&body.0.right)?;
        change(&caller, &client, Change::Grant(right)).await
    }

    /// Withdraw a right from a client.
    #[oai(path = "/clients/:client/withdraw-right", method = "post", operation_id = "withdraw_client_right")]
    async fn withdraw(
        &self,
        caller: Caller,
        client: Path<String>,
        body: Body<ClientRight>,
    ) -> Result<Told<RegisteredClient>, Problem> {
        let right = rule::right(&body.0.right)?;
        change(&caller, &client, Change::Withdraw(right)).await
    }

    /// Make a client follow a template.
    ///
    /// It is then what the template makes of it, and changes with it.
    #[oai(path = "/clients/:client/follow-template", method = "post", operation_id = "follow_template")]
    async fn follow(
        &self,
        caller: Caller,
        client: Path<String>,
        body: Body<FollowedTemplate>,
    ) -> Result<Told<RegisteredClient>, Problem> {
        template::follow(&caller.app, &caller.tenant, &caller.actor, &client, &body.0.template).await?;
        Ok(told(rule::find(&caller.app, &caller.tenant, &caller.actor, &client).await?))
    }

    /// Make a client follow no template.
    ///
    /// Refused while it would lack what it has from there.
    #[oai(path = "/clients/:client/leave-template", method = "post", operation_id = "leave_template")]
    async fn leave(&self, caller: Caller, client: Path<String>) -> Result<Told<RegisteredClient>, Problem> {
        template::leave(&caller.app, &caller.tenant, &caller.actor, &client).await?;
        Ok(told(rule::find(&caller.app, &caller.tenant, &caller.actor, &client).await?))
    }
}

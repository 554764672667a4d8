//! `/templates`: what do clients follow? (portal.md G18, D-6)

use std::collections::BTreeMap;

use poem::Request;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::body::Body;
use super::caller::Caller;
use super::nullable::Nullable;
use super::page::{Asked, Page};
use super::precondition::Seen;
use super::problem::Problem;
use super::word::TokenFormat;
use crate::portal::template::{self as rule, Change, New};

/// The templates of the tenant.
#[derive(Debug)]
pub struct TemplateApi;

/// A client that gets no tokens: others follow it.
#[derive(Debug, Object)]
struct Template {
    /// Identity.
    id: Uuid,
    /// What clients name to follow it when they register.
    software_id: String,
    /// What it says of those who follow it (RFC 7591 §2). What it leaves out, they say.
    metadata: BTreeMap<String, Value>,
    /// Those who follow it and whom an admin let in are ours: people are not asked for consent.
    first_party: bool,
    /// What their access tokens look like; `null`: as each service wants.
    token_format: Nullable<TokenFormat>,
    /// How many clients follow it: a change of it changes them immediately.
    clients: u64,
    /// Counts the changes; the `ETag` is `"v"` and this number.
    version: i64,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970.
    updated_at: i64,
}

/// A template to be made.
#[derive(Debug, Object)]
struct NewTemplate {
    /// What it says of those who follow it, as a registration would (RFC 7591 §2). `grant_types`, `response_types` and
    /// `scope` bound them; names, addresses and keys are theirs where they have none.
    metadata: BTreeMap<String, Value>,
    /// Those who follow it and whom an admin let in are ours; else `false`.
    first_party: Option<bool>,
    /// What their access tokens look like; else as each service wants.
    token_format: Nullable<TokenFormat>,
}

/// What is to change of a template; what is left out stays.
#[derive(Debug, Object)]
struct TemplateChange {
    /// Members of what it says; `null` takes one away (RFC 7396).
    metadata: Option<BTreeMap<String, Value>>,
    /// Those who follow it and whom an admin let in are ours.
    first_party: Option<bool>,
    /// What their access tokens look like; `null`: as each service wants.
    token_format: Nullable<TokenFormat>,
}

impl From<rule::Template> for Template {
    fn from(template: rule::Template) -> Self {
        let row = template.row;
        Self {
            id: row.id.0,
            software_id: row.client_id,
            metadata: template.members.into_iter().collect(),
            first_party: row.first_party,
            token_format: row.token_format.map(TokenFormat::from).into(),
            clients: template.clients,
            version: row.metadata_version,
            created_at: row.issued_at,
            updated_at: row.updated_at,
        }
    }
}

fn members(sent: BTreeMap<String, Value>) -> Map<String, Value> {
    sent.into_iter().collect()
}

#[OpenApi(tag = "Part::Clients")]
impl TemplateApi {
    /// List templates.
    ///
    /// The oldest first.
    #[oai(path = "/templates", method = "get", operation_id = "list_templates")]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
    ) -> Result<Told<Page<Template>>, Problem> {
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &[])?;
        let listed = rule::list(&caller.app, &caller.tenant, &caller.actor, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, Template::from))
    }

    /// Make a template.
    #[oai(path = "/templates", method = "post", operation_id = "create_template")]
    async fn create(&self, caller: Caller, body: Body<NewTemplate>) -> Result<Told<Template, 201>, Problem> {
        let NewTemplate { metadata, first_party, token_format } = body.0;
        let new = New {
            members: members(metadata),
            first_party: first_party.unwrap_or_default(),
            token_format: token_format.value().map(Into::into),
        };
        let made = rule::create(&caller.app, &caller.tenant, &caller.actor, new).await?;
        let (version, at) = (made.row.metadata_version, caller.url(&format!("/templates/{}", made.row.client_id)));
        Ok(Told::new(&made.into()).version(version).at(&at))
    }

    /// Read a template.
    #[oai(path = "/templates/:template", method = "get", operation_id = "read_template")]
    async fn read(
        &self,
        caller: Caller,
        /// Its identity, or its `software_id`.
        template: Path<String>,
    ) -> Result<Told<Template>, Problem> {
        let found = rule::find(&caller.app, &caller.tenant, &caller.actor, &template).await?;
        let version = found.row.metadata_version;
        Ok(Told::new(&found.into()).version(version))
    }

    /// Change a template.
    ///
    /// All clients that follow it change with it: their next token is what it says now.
    #[oai(path = "/templates/:template", method = "patch", operation_id = "change_template")]
    async fn change(
        &self,
        caller: Caller,
        /// Its identity, or its `software_id`.
        template: Path<String>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<TemplateChange>,
    ) -> Result<Told<Template>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let TemplateChange { metadata, first_party, token_format } = body.0;
        let change = Change {
            members: members(metadata.unwrap_or_default()),
            first_party,
            token_format: token_format.change().map(|format| format.map(Into::into)),
        };
        let (app, expected) = (&caller.app, seen.version()?);
        let changed = rule::change(app, &caller.tenant, &caller.actor, &template, expected, change).await;
        let changed = changed.map_err(|error| seen.refuse(error))?;
        let version = changed.row.metadata_version;
        Ok(Told::new(&changed.into()).version(version))
    }

    /// Remove a template.
    ///
    /// Only one that nobody follows.
    #[oai(path = "/templates/:template", method = "delete", operation_id = "remove_template")]
    async fn remove(
        &self,
        caller: Caller,
        /// Its identity, or its `software_id`.
        template: Path<String>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<Gone, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let removed = rule::remove(&caller.app, &caller.tenant, &caller.actor, &template, seen.version()?).await;
        removed.map(|()| Gone::Done).map_err(|error| seen.refuse(error))
    }
}

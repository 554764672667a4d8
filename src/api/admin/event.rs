//! `/events`: what happened? The audit log (security.md s.B18).

use entity::id::EventId;
use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde_json::Value;
use uuid::Uuid;

use super::Part;
use super::answer::Told;
use super::caller::Caller;
use super::nullable::Nullable;
use super::page::{Asked, Page, said};
use super::problem::Problem;
use crate::portal::audit::{self, Filter};

/// The audit log.
#[derive(Debug)]
pub struct EventApi;

/// Something that happened.
#[derive(Debug, Object)]
struct Event {
    /// Identity.
    id: Uuid,
    /// What happened, e.g. `client_registered`.
    kind: String,
    /// Who did it, e.g. `user:…`, `client:…`, `anonymous`, `system`.
    actor: String,
    /// What it was done to, e.g. `application:…`.
    target: String,
    /// More about it; never a secret.
    data: Value,
    /// Where the request came from.
    address: Nullable<String>,
    /// Seconds since 1970.
    at: i64,
}

impl From<entity::event::Model> for Event {
    fn from(row: entity::event::Model) -> Self {
        Self {
            id: row.id.0,
            kind: row.kind,
            actor: row.actor,
            target: row.target,
            data: row.data,
            address: row.address.into(),
            at: row.at,
        }
    }
}

#[OpenApi(tag = "Part::Events")]
impl EventApi {
    /// List events.
    ///
    /// The newest first.
    #[oai(path = "/events", method = "get", operation_id = "list_events")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
        /// Of this kind.
        kind: Query<Option<String>>,
        /// By them, e.g. `user:…`.
        actor: Query<Option<String>>,
        /// About this, e.g. `application:…`.
        target: Query<Option<String>>,
        /// At that moment or later, seconds since 1970.
        since: Query<Option<i64>>,
        /// Before that moment, seconds since 1970.
        until: Query<Option<i64>>,
    ) -> Result<Told<Page<Event>>, Problem> {
        let filters = ["kind", "actor", "target", "since", "until"];
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &filters)?;
        let filter =
            Filter { kind: said(kind.0), actor: said(actor.0), target: said(target.0), since: since.0, until: until.0 };
        let listed = audit::list(&caller.app, &caller.tenant, &caller.actor, &filter, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, Event::from))
    }

    /// Read an event.
    #[oai(path = "/events/:event", method = "get", operation_id = "read_event")]
    async fn read(&self, caller: Caller, event: Path<Uuid>) -> Result<Told<Event>, Problem> {
        let row = audit::find(&caller.app, &caller.tenant, &caller.actor, EventId(event.0)).await?;
        Ok(Told::new(&row.into()))
    }
}
